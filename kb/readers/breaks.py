"""Line breaks inside a paragraph (soft breaks): those that only wrap a sentence, and those that part one line from the next."""

from __future__ import annotations

import re

_NUMBER = r"(?:[（(]?[一二三四五六七八九十\d]{1,4}(?:[）)、]|[.．](?!\d))|第[一二三四五六七八九十百\d]{1,5}[条章节])"
_NUMBER_ALONE = re.compile(rf"\s*{_NUMBER}\s*")
_GOES_ON = re.compile(r"[，、（〔“《—]$")
# A sentence has begun, a title or a name has not.
_RUNNING = re.compile(r"[^，。；]*[，。；]|\D*+\d.*[\u4e00-\u9fff]{8}")
_TAIL = 60  # characters at the end of a line, which tell whether it goes on
_FULL = 25  # characters of a line that its margin ends
_ENDS = re.compile(r"[。；：！？…）)》”]$")
_BEGINS = re.compile(
    rf"\s*(?:{_NUMBER}|[①-⑳]|附[件表]|\d{{4}}年\d{{1,2}}月\d{{1,2}}日|[（(【〔]|[^，。；：]{{2,10}}：)"
)


def paragraph_lines(text: str) -> list[str]:
    """The lines of a paragraph with line breaks in it, those put together that one sentence, or a number and its text, are wrapped over.

    "（一）\\n新建水厂3座，由市水务局\\n牵头。\\n（责任单位：…）" → "（一）新建水厂3座，由市水务局牵头。", "（责任单位：…）"
    """
    lines: list[list[str]] = []
    above, runs = "", False
    for piece in text.split("\n"):
        if lines and piece.strip() and _is_wrapped(above, piece, runs=runs):
            lines[-1][-1] = lines[-1][-1].rstrip()
            lines[-1].append(piece.lstrip())
            above += piece.strip()
            runs = runs or _RUNNING.match(above) is not None
        else:
            lines.append([piece])
            above = piece.rstrip()
            runs = _RUNNING.match(above) is not None
        above = above[-_TAIL:]
    return ["".join(pieces) for pieces in lines]


def _is_wrapped(above: str, below: str, *, runs: bool) -> bool:
    """Whether a line, of which the end is given and whether a sentence runs in it, goes on below."""
    if _NUMBER_ALONE.fullmatch(above):
        return not _NUMBER_ALONE.match(below)
    if _GOES_ON.search(above):
        return True
    is_open = runs and not _ENDS.search(above)
    is_rest = len(above) >= _FULL or _RUNNING.match(below) is not None
    return is_open and is_rest and not _BEGINS.match(below)
