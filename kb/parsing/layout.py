"""The layout of a text: which lines are read, which make a paragraph together, what is left out."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from kb.models import PrintedRow, SourceText, Span
from kb.parsing.copies import second_copy
from kb.parsing.furniture import deduplicate, metadata_box, page_furniture, page_numbers_inside, strip_head, strip_tail
from kb.parsing.lines import TextLine, lines_of
from kb.parsing.rows import lines_in_tables, with_rows
from kb.parsing.wrapping import MARKER_START, unwrap
from kb.text import Reading
from kb.text.blanks import plain


@dataclass(frozen=True, slots=True)
class Layout:
    """The reading of a text (paragraphs separated by newlines), the spans left out, and the fields of metadata boxes."""

    reading: Reading
    boilerplate: tuple[Span, ...]
    metadata: tuple[tuple[str, str], ...]
    rows: tuple[PrintedRow, ...] = ()  # of task tables, in order; without labels where the text itself has them
    copied: int = 0  # characters of a second copy of the text


# Wide blanks in place of a line break that a scrape has lost.
_BREAK_INSIDE = re.compile("\u3000{2,}|(?<=[。！？；：）])[ \u3000\xa0\u2003]{2,}")
# 责 任 单 位：, letter-spaced or with a blank before the colon
_SPREAD_LABEL = re.compile(
    r"[牵责配主协承落实负督完办整时][ \u3000]*(?:[头任合办成结改限][ \u3000]*)?(?:单[ \u3000]*位|部[ \u3000]*门|领[ \u3000]*导|时[ \u3000]*限|时[ \u3000]*间|期[ \u3000]*限|人)[ \u3000]*[：:]"
)
# No line break inside a heading with spaced letters: "第一章　　总　　则".
_SPREAD_BEFORE = re.compile(rf"(?:^|[\n \u3000])(?:{MARKER_START.pattern})?[\u4e00-\u9fff]?$")
_SPREAD_AFTER = re.compile("[\u4e00-\u9fff](?:[\\s\u3000]|$)")


def read_layout(source: SourceText) -> Layout:
    """The layout of a text; its characters are kept or skipped, never changed.

    "当前位置：首页 >> 公告\\n一、总体要求" → reading "一、总体要求", one boilerplate span
    """
    text = source.text
    lines, head, page_metadata = strip_head(_without(source.margins, lines_of(text)))
    metadata, boxed = metadata_box(lines)
    left_out = boxed | (page_furniture(lines) - lines_in_tables(text, lines))
    kept, repeated = [line for i, line in enumerate(lines) if i not in left_out], list[Span]()
    if source.pages or not source.printed:  # printed, or taken out of a file by some program
        kept, repeated = deduplicate(kept)
    kept, tail = strip_tail(kept)
    kept, rules, rows = with_rows(text, kept)
    rows += source.rows
    reading = _join_paragraphs(text, unwrap(kept, source.continued))
    skipped = [Span(lines[i].start, lines[i].end) for i in left_out] + head + repeated + tail + rules
    skipped += source.margins
    skipped += [Span(line.start - line.markdown, line.start) for line in lines if line.markdown]
    if inside := page_numbers_inside(reading.text):
        skipped += [Span(reading.offsets[one.start], reading.offsets[one.end - 1] + 1) for one in inside]
        reading = reading.without(inside)
    copy = second_copy(reading.text)
    copied = 0
    if copy is not None:
        copied = copy.end - copy.start
        skipped.append(Span(reading.offsets[copy.start], reading.offsets[copy.end - 1] + 1))
        reading = reading.without([copy])
    skipped.sort(key=attrgetter("start"))
    rows.sort(key=attrgetter("start"))
    return Layout(reading, tuple(skipped), page_metadata + metadata, tuple(rows), copied)


def _without(margins: Sequence[Span], lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines outside the margins of printed pages."""
    starts = [margin.start for margin in margins]
    return [line for line in lines if not (at := bisect_right(starts, line.start)) or line.start >= margins[at - 1].end]


def _join_paragraphs(text: str, paragraphs: Sequence[Sequence[TextLine]]) -> Reading:
    """The reading of the paragraphs, with one newline in place of the white space between them."""
    pieces: list[str] = []
    offsets = array("i")
    for paragraph in paragraphs:
        if pieces:
            # The newline after the previous paragraph: behind its last character or after trailing blanks.
            at = text.find("\n", offsets[-1] + 1, paragraph[0].start)
            pieces.append("\n")
            offsets.append(at if at >= 0 else paragraph[0].start - 1)
        for line in paragraph:
            if line.sentence:
                pieces += [character for character, _ in line.sentence]
                offsets.extend(place for _, place in line.sentence)
                continue
            label = _SPREAD_LABEL.match(text, line.start, line.end)
            if label:
                kept = [at for at in range(line.start, label.end()) if not text[at].isspace()]
                pieces += [text[at] for at in kept]
                offsets.extend(kept)
            rest = replace(line, start=label.end()) if label else line
            for start, end, broken in _line_segments(text, rest):
                pieces.append(text[start:end] + "\n" * broken)
                offsets.extend(range(start, end + broken))
    return plain(text, "".join(pieces), offsets)


def _line_segments(text: str, line: TextLine) -> Iterator[tuple[int, int, bool]]:
    """The segments of a line between wide blanks that replace line breaks, and whether a break follows."""
    start = line.start
    for gap in () if line.is_row else _BREAK_INSIDE.finditer(text, line.start, line.end):
        is_spread = _SPREAD_BEFORE.search(text[max(start, gap.start() - 10) : gap.start()])
        if not is_spread and not _SPREAD_AFTER.match(text, gap.end(), line.end):
            yield start, gap.start(), True
            start = gap.end()
    yield start, line.end, False
