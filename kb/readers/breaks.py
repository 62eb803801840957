"""Line breaks inside a paragraph (soft breaks): those that only wrap a sentence, and those that part one line from the next."""

from __future__ import annotations

import re

_NUMBER = r"(?:[（(]?[一二三四五六七八九十\d]{1,4}(?:[）)、]|[.．](?!\d))|第[一二三四五六七八九十百\d]{1,5}[条章节])"
_NUMBER_ALONE = re.compile(rf"\s*{_NUMBER}\s*")
_GOES_ON = re.compile(r"[，、（〔“《—]$")
_RUNNING = re.compile(r"[，。；]|\d.*[\u4e00-\u9fff]{8}")  # a sentence has begun, a title or a name has not
_FULL = 25  # characters of a line that its margin ends
_ENDS = re.compile(r"[。；：！？…）)》”]$")
_BEGINS = re.compile(
    rf"\s*(?:{_NUMBER}|[①-⑳]|附[件表]|\d{{4}}年\d{{1,2}}月\d{{1,2}}日|[（(【〔]|[^，。；：]{{2,10}}：)"
)


def paragraph_lines(text: str) -> list[str]:
    """The lines of a paragraph with line breaks in it, those put together that one sentence, or a number and its text, are wrapped over.

    "（一）\\n新建水厂3座，由市水务局\\n牵头。\\n（责任单位：…）" → "（一）新建水厂3座，由市水务局牵头。", "（责任单位：…）"
    """
    lines: list[str] = []
    for piece in text.split("\n"):
        if lines and piece.strip() and _is_wrapped(lines[-1].rstrip(), piece):
            lines[-1] = lines[-1].rstrip() + piece.lstrip()
        else:
            lines.append(piece)
    return lines


def _is_wrapped(above: str, below: str) -> bool:
    if _NUMBER_ALONE.fullmatch(above):
        return not _NUMBER_ALONE.match(below)
    if _GOES_ON.search(above):
        return True
    is_open = _RUNNING.search(above) is not None and not _ENDS.search(above)
    is_rest = len(above) >= _FULL or _RUNNING.search(below) is not None
    return is_open and is_rest and not _BEGINS.match(below)
