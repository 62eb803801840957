"""Printed pages → text: running heads and feet, footnotes, tables that go on, and which lines make a paragraph, seen across pages."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kb.models import PrintedRow, SourceText, Span
from kb.readers.grid import Table
from kb.readers.margins import EDGE, margins
from kb.readers.paragraphs import paragraphs
from kb.readers.printed import PlacedLine, TextRun
from kb.readers.table_heads import Row, header_rows, number_column, stripped_rows
from kb.readers.tables import TableRow, continued_lines, without, without_heads
from kb.text.tables import is_numbered

INDENT = "\u3000\u3000"
_SAME_COLUMN = 6.0  # points
_FINISHED = "。；！？"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its lines in reading order, those of tables left out, and its tables."""

    height: float
    lines: tuple[TextRun, ...]
    tables: tuple[Table, ...] = ()
    is_recognised: bool = False  # by OCR
    is_unread: bool = False  # a picture, or in characters that nobody can read
    printed: str = ""  # the characters on the page, white space left out
    note_rule: float | None = None  # height of the short rule that may part footnotes from the text

    @property
    def last_table(self) -> Table | None:
        """The table that ends the page, but for its foot; None where text does."""
        table = self.tables[-1] if self.tables else None
        foot = self.height * (1 - EDGE)
        if table is None or any(table.bottom < line.middle < foot for line in self.lines):
            return None
        return table


def source_of(path: Path, data: bytes, sheets: Sequence[Sheet]) -> SourceText:
    """The text of all pages as that of the file with these bytes."""
    placed = [
        PlacedLine(number, line)
        for number, (sheet, tables) in enumerate(zip(sheets, _lines_of_tables(sheets), strict=True))
        for line in _merged(sheet, tables)
    ]
    edges, notes = margins(placed, [sheet.height for sheet in sheets], [sheet.note_rule for sheet in sheets])
    outside = edges | notes
    body = [at for at in range(len(placed)) if at not in outside]
    layout = paragraphs([placed[at] for at in body])
    indented = {body[at] for at in layout.indented}
    spans, texts = list[Span](), list[str]()
    length = 0
    for at, one in enumerate(placed):
        texts.append(INDENT * (at in indented) + one.line.text)
        spans.append(Span(length, length + len(texts[-1])))
        length += len(texts[-1]) + 1
    text = "\n".join(texts)
    starts = [bisect_left(placed, number, key=lambda one: one.page) for number in range(len(sheets) + 1)]
    pages = [spans[at].start if at < len(spans) else len(text) for at in starts]
    return SourceText(
        path.name,
        text,
        hashlib.sha256(data).hexdigest(),
        pages=tuple(pages[:-1]),
        rows=tuple(
            PrintedRow(span.start, span.end, one.line.text.labels, one.line.text.cells)
            for span, one in zip(spans, placed, strict=True)
            if isinstance(one.line.text, TableRow) and one.line.text.labels
        ),
        recognised=tuple(
            Span(spans[first].start, spans[last - 1].end)
            for sheet, first, last in zip(sheets, starts, starts[1:], strict=False)
            if sheet.is_recognised and first < last
        ),
        doubtful=tuple(span for span, one in zip(spans, placed, strict=True) if not one.line.sure),
        unread_pages=tuple(number for number, sheet in enumerate(sheets, 1) if sheet.is_unread),
        margins=tuple(spans[at] for at in sorted(outside)),
        continued=None if layout.continued is None else tuple(spans[body[at]].start for at in sorted(layout.continued)),
        printed=without_heads(
            without("".join(sheet.printed for sheet in sheets), (texts[at] for at in edges)),
            (one.line.text for one in placed),
        ),
    )


def _merged(sheet: Sheet, tables: Sequence[Sequence[TextRun]]) -> Iterator[TextRun]:
    """The lines of a page with those of each table in the place of the table."""
    waiting = list(zip(sheet.tables, tables, strict=True))
    for line in sheet.lines:
        while waiting and waiting[0][0].bottom <= line.middle and _is_beside(line, waiting[0][0]):
            yield from waiting.pop(0)[1]
        yield line
    for _, lines in waiting:
        yield from lines


def _is_beside(line: TextRun, table: Table) -> bool:
    """Whether a line and a table share a part of the width of the page."""
    return min(line.right, table.right) > max(line.left, table.left)


def _lines_of_tables(sheets: Sequence[Sheet]) -> list[list[list[TextRun]]]:
    """For each page and each table on it the lines of the table."""
    tables = _continued_rows(sheets)
    found: list[list[list[TextRun]]] = []
    header: Sequence[Row] = ()
    for sheet, rows_of in zip(sheets, tables, strict=True):
        found.append([])
        for table, rows in zip(sheet.tables, rows_of, strict=True):
            lines, header = continued_lines(rows, header, are_marked=True)
            found[-1].append([_row(table, line) for line in lines])
        if sheet.lines and not sheet.tables:
            header = ()
    return found


def _row(table: Table, text: str) -> TextRun:
    return TextRun(table.left, table.top, table.right, table.bottom, text, table.sure, is_row=True)


def _continued_rows(sheets: Sequence[Sheet]) -> list[list[list[Row]]]:
    """The rows of all tables, page by page; a row that a page break parts stands on the page where it begins."""
    tables = [[list[Row](table.rows) for table in sheet.tables] for sheet in sheets]
    header: Sequence[Row] = ()
    for number, (sheet, after) in enumerate(pairwise(sheets)):
        if not (sheet.tables and after.tables):
            continue
        last, first = sheet.tables[-1], after.tables[0]
        rows, more = tables[number][-1], tables[number + 1][0]
        header = header_rows(rows) or header
        again = header_rows(more)  # the head once more
        at = len(again)
        if not _is_same_table(last, first) or len(more) <= at or len(rows) < 2:
            continue
        if again and not again == stripped_rows(more[:at]) == header:
            continue
        if _is_rest(rows[-1], more[at], number_column(header)):
            rows[-1] = [_together(above, below) for above, below in zip(rows[-1], more.pop(at), strict=True)]
    return tables


def _is_same_table(one: Table, other: Table) -> bool:
    """Whether the columns of two tables stand in the same places."""
    return len(one.columns) == len(other.columns) and all(
        abs(left - right) < _SAME_COLUMN for left, right in zip(one.columns, other.columns, strict=True)
    )


def _is_rest(above: Row, below: Row, number: int | None) -> bool:
    """Whether the first row of a page is the rest of the last one of the page before: without a number, or in mid-sentence."""
    if number is not None:
        return not below[number].strip() and any(below)
    pairs = [(above[at], cell) for at, cell in enumerate(below) if cell.strip()]
    # 5.门急诊服务对 | 核查诊疗 · 象中签约占比 | 人次: a label that the page break parts, beside cells that it leaves whole
    is_label = is_numbered(above[0]) and not is_numbered(below[0]) and 1 < len(pairs) < len(below)
    is_open = bool(pairs) and all(cell and cell[-1] not in _FINISHED for cell, _ in pairs)
    return is_open and (is_label or not below[0].strip())


def _together(above: str, below: str) -> str:
    return type(above)(above if above == below else above + below)
