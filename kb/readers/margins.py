"""Lines outside the text of printed pages: running heads and feet, page numbers, footnotes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from statistics import median

from kb.readers.printed import WIDE, PlacedLine

EDGE = 0.14  # of the height of a page, above and below its text (GB/T 9704: 37 and 35 of 297 mm)
_SAME_PLACE = 0.012  # of the height of a page
_OFTEN, _FEW_PAGES = 3, 4  # so many times the same text; in a document of a few pages, twice
_LONGEST = 60  # characters of a running head
_SMALL = 0.88  # of the height of the text: footnotes are set in a smaller font
# What is no running head although several pages begin with it.
_HEADING = re.compile(r"附[件表图录]|第.{1,4}[章节条]|[一二三四五六七八九十]+、|（|\d+[.、]")
_DASH = r"[-—–―─－_·•∙.．~～〜*|｜]*"
_NUMBER = re.compile(
    rf"""
    {_DASH}(?P<bare>\d{{1,4}}){_DASH}                                  # 3, — 3 —, · 3 ·
    | [(（\[【](?P<bracketed>\d{{1,4}})[)）\]】]                          # （3）
    | {_DASH}第?(?P<of>\d{{1,4}})[页頁]?[/／,，、|共]*共?\d{{1,4}}[页頁]?{_DASH}   # 3/6, 第3页/共6页, 第3页共6页
    | {_DASH}第?(?P<page>\d{{1,4}})[页頁]{_DASH}                         # 第3页, 3页
    | {_DASH}共\d{{1,4}}[页頁][/／,，、]?第(?P<last>\d{{1,4}})[页頁]{_DASH}   # 共6页 第3页
    | (?:[Pp](?:age|\.)?)(?P<english>\d{{1,4}})(?:(?:of|/)\d{{1,4}})?     # Page 3 of 6
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"\d{1,4}|[(（\[【]\d{1,4}[)）\]】]")  # may be something else than a page number
_BY_NUMBER = re.compile(
    rf"(?P<before>.*?)(?:{WIDE}|\s)+(?P<number>[^\s].{{0,12}})|(?P<first>.{{1,12}}?)(?:{WIDE}|\s)+(?P<after>.*)"
)
_NOTE = re.compile(r"[①-⑳]|[\[〔【]\d{1,2}[\]〕】]|\d{1,2}(?=[^\d.、．年月日%％/-])|[*※]")


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line near the top or the bottom of a page."""

    at: int  # among all lines
    page: int
    is_top: bool
    place: float  # share of the height of the page
    text: str


def margins(
    lines: Sequence[PlacedLine], heights: Sequence[float], note_rules: Sequence[float | None]
) -> tuple[set[int], set[int]]:
    """The indices of heads, feet and page numbers, and those of footnotes, given the heights of the pages and of rules above footnotes."""
    edges = list(_edges(lines, heights))
    found = _numbers(edges, len(heights)) | _running(edges, len(heights))
    outside = set(_outermost(lines, found))
    if len(outside) == len(lines):  # a page with nothing but a number
        return set(), set()
    return outside, set(_footnotes(lines, outside, heights, note_rules))


def _outermost(lines: Sequence[PlacedLine], found: set[int]) -> Iterator[int]:
    """Those found that no other line parts from the edge of their page."""
    for _, several in groupby(range(len(lines)), key=lambda at: lines[at].page):
        ordered = sorted(several, key=lambda at: lines[at].line.middle)
        yield from takewhile(found.__contains__, ordered)
        yield from takewhile(found.__contains__, reversed(ordered))


def _edges(lines: Sequence[PlacedLine], heights: Sequence[float]) -> Iterator[_Edge]:
    for at, placed in enumerate(lines):
        height = heights[placed.page]
        place = placed.line.middle / height if height else 0.5
        if not placed.line.is_row and not EDGE < place < 1 - EDGE:
            yield _Edge(at, placed.page, place <= EDGE, place, placed.line.text)


def _numbers(edges: Sequence[_Edge], pages: int) -> set[int]:
    """Page numbers alone on a line: in a form that says so, or counting the pages."""
    found = [(edge, int(number)) for edge in edges if (number := page_number(edge.text))]
    offsets = Counter(number - edge.page for edge, number in found)
    return {
        edge.at
        for edge, number in found
        if not _PLAIN.fullmatch(_compact(edge.text))
        or offsets[number - edge.page] > 1
        or (pages == 1 and number == 1 and not edge.is_top)
    }


def page_number(text: str) -> str:
    """The page number that a text is, "" when it is none."""
    match = _NUMBER.fullmatch(_compact(text))
    return next(filter(None, match.groups()), "") if match else ""


def _compact(text: str) -> str:
    return "".join(text.split())


def _running(edges: Sequence[_Edge], pages: int) -> set[int]:
    """Lines that stand in the same place on several pages, but for a page number at one end."""
    groups: dict[tuple[bool, str], list[_Edge]] = defaultdict(list)
    for edge in edges:
        text = _without_number(edge)
        if len(text) <= _LONGEST and not _HEADING.match(text) and not text.isdigit():
            groups[edge.is_top, text].append(edge)
    least = 2 if pages <= _FEW_PAGES else _OFTEN
    outside = set[int]()
    for group in groups.values():
        usual = median(edge.place for edge in group)
        same = [edge for edge in group if abs(edge.place - usual) <= _SAME_PLACE]
        if len({edge.page for edge in same}) >= least:
            outside |= {edge.at for edge in same}
    return outside


def _without_number(edge: _Edge) -> str:
    """The text of a line without the page number at one end of it: "公报编辑部  — 2 —" → "公报编辑部" """
    match = _BY_NUMBER.fullmatch(edge.text.strip())
    if match:
        if match["number"] and page_number(match["number"]):
            return _compact(match["before"])
        if match["first"] and page_number(match["first"]):
            return _compact(match["after"])
    return _compact(edge.text)


def _footnotes(
    lines: Sequence[PlacedLine], outside: set[int], heights: Sequence[float], note_rules: Sequence[float | None]
) -> Iterator[int]:
    """Lines below a short rule, or in a smaller font, at the foot of a page, from one that begins with the sign of a note."""
    pages: dict[int, list[int]] = defaultdict(list)
    for at, placed in enumerate(lines):
        if at not in outside:
            pages[placed.page].append(at)
    sizes = [lines[at].line.height for several in pages.values() for at in several if not lines[at].line.is_row]
    small = _SMALL * median(sizes) if sizes else 0.0
    for page, several in pages.items():
        ordered = sorted(several, key=lambda at: lines[at].line.middle)
        rule, note = note_rules[page], list[int]()
        below = [at for at in ordered if rule is not None and lines[at].line.middle > rule]
        if below and _NOTE.match(lines[below[0]].line.text) and not any(lines[at].line.is_row for at in below):
            yield from below
            continue
        for at in reversed(ordered):
            line = lines[at].line
            if line.is_row or line.height > small or line.middle < heights[page] / 2:
                break
            note.append(at)
            if _NOTE.match(line.text):
                yield from note
                note = []
