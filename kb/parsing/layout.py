"""How a text lies on its page: which lines are read, which belong together, what is left out."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.models import Span
from kb.parsing.copies import second_copy
from kb.parsing.furniture import furniture, metadata_box, undoubled, without_tail
from kb.parsing.lines import Line, lines_of
from kb.parsing.wrapping import MARKER_START, joined
from kb.text import Reading, normalise


@dataclass(frozen=True, slots=True)
class Layout:
    """The reading of a text (a newline ends each paragraph), what was left out, and what a metadata box said."""

    reading: Reading
    boilerplate: tuple[Span, ...]
    metadata: tuple[tuple[str, str], ...]


# Blanks that stand for a line break which a scrape has lost.
_BREAK_INSIDE = re.compile("\u3000{2,}|(?<=[。！？；：）])[ \u3000\xa0\u2003]{2,}")
# None where a heading is spread: "第一章　　总　　则".
_SPREAD_BEFORE = re.compile(rf"(?:^|[\n \u3000])(?:{MARKER_START.pattern})?[\u4e00-\u9fff]?$")
_SPREAD_AFTER = re.compile("[\u4e00-\u9fff](?:[\\s\u3000]|$)")


def read_layout(text: str) -> Layout:
    """Decide line by line what is read; nothing of the text is changed, only skipped.

    "当前位置：首页 >> 公告\\n一、总体要求" → reading "一、总体要求", one boilerplate span
    """
    lines = lines_of(text)
    metadata, boxed = metadata_box(lines)
    left_out = boxed | furniture(lines)
    kept, repeated = undoubled([line for i, line in enumerate(lines) if i not in left_out])
    kept, tail = without_tail(kept)
    reading = _reading(text, joined(kept))
    skipped = [Span(lines[i].start, lines[i].end) for i in left_out] + repeated + tail
    skipped += [Span(line.start - line.mark, line.start) for line in lines if line.mark]
    copy = second_copy(reading.text)
    if copy is not None:
        skipped.append(Span(reading.offsets[copy.start], reading.offsets[copy.end - 1] + 1))
        kept_reading = (reading.cut(0, copy.start), reading.cut(copy.end, len(reading)))
        reading = Reading(
            text, "".join(r.text for r in kept_reading), kept_reading[0].offsets + kept_reading[1].offsets
        )
    return Layout(reading, tuple(sorted(skipped, key=lambda span: span.start)), metadata)


def _reading(text: str, paragraphs: Sequence[Sequence[Line]]) -> Reading:
    """Characters of the paragraphs with the white space at their ends as the one newline between them."""
    pieces: list[str] = []
    offsets = array("i")
    for paragraph in paragraphs:
        if pieces:
            # The line break that ended the paragraph before stands right behind its last character or a few blanks later.
            at = text.find("\n", offsets[-1] + 1, paragraph[0].start)
            pieces.append("\n")
            offsets.append(at if at >= 0 else paragraph[0].start - 1)
        for line in paragraph:
            for start, end, broken in _stretches(text, line):
                pieces.append(text[start:end] + "\n" * broken)
                offsets.extend(range(start, end + broken))
    return Reading(text, normalise("".join(pieces)), offsets)


def _stretches(text: str, line: Line) -> Iterator[tuple[int, int, bool]]:
    """The stretches of a line between the breaks that its wide blanks stand for; whether a break follows."""
    start = line.start
    for gap in _BREAK_INSIDE.finditer(text, line.start, line.end):
        is_spread = _SPREAD_BEFORE.search(text[max(start, gap.start() - 10) : gap.start()])
        if not is_spread and not _SPREAD_AFTER.match(text, gap.end(), line.end):
            yield start, gap.start(), True
            start = gap.end()
    yield start, line.end, False
