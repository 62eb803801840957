"""Rows of tables in plain text: those of task tables are read as sentences with their responsibility marks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kb.models import PrintedRow, Span
from kb.parsing.furniture import is_page_number
from kb.parsing.lines import TextLine
from kb.text import normalise
from kb.text.plain_tables import TextTable, begins_header, find_tables
from kb.text.tables import Column, is_numbered, row_pieces

_SAYS = re.compile(r"[\w%‰]")


def with_rows(text: str, lines: Sequence[TextLine]) -> tuple[list[TextLine], list[Span], list[PrintedRow]]:
    """The lines, those in tables known as rows, the spans of what says nothing between them, and the places of rows of tasks.

    A row without a number of its own is part of the row above it.

    "序号\\t任务\\t责任单位", "1\\t新建公园3个\\t市城管局" → the second is read as "1.新建公园3个。（责任单位：市城管局）"
    """
    tables = find_tables(text, [Span(line.start, line.end) for line in lines])
    if not tables:
        return list(lines), [], []
    rows = [(table, row) for table in tables for row in (table.header, *table.rows)]
    starts = [row[0].start for _, row in rows]
    kept, left_out, places = list[TextLine](), list[Span](), list[PrintedRow]()
    for line in lines:
        at = bisect_left(starts, line.end) - 1
        table, row = rows[at]
        begins = at >= 0 and starts[at] >= line.start
        if at < 0 or not (begins or line.start < row[-1].end):
            kept.append(line)
        elif row is table.header:
            kept.append(replace(line, is_row=True))
        elif begins and _says_nothing(text, table, row):
            left_out.append(Span(line.start, line.end))
        elif begins:
            read, silent = _read(text, table, row, line)
            kept.append(read)
            left_out += silent
            if read.sentence:
                start = places.pop().start if places and _shares_number(text, table, row) else read.start
                places.append(PrintedRow(start, read.end, (), ()))
    return kept, left_out, places


def _read(text: str, table: TextTable, row: Sequence[Span], line: TextLine) -> tuple[TextLine, list[Span]]:
    """The line that a row begins as it is read, and the spans of what says nothing in it."""
    is_task = table.is_task_table and len(row) > 1
    silent = list[Span]()
    if is_task:  # the bars at both ends
        silent += [Span(line.start, row[0].start), Span(min(row[-1].end, line.end), line.end)]
    sentence = tuple(_sentence(text, table, row, line.start)) if is_task else ()
    if sentence:  # what says nothing is not in it
        said = [cell for cell in row if _says(text, cell)]
        silent += [cell for cell in row if cell.start < cell.end and cell not in said]
        silent += [Span(row[0].start, said[0].start), Span(said[-1].end, row[-1].end)]
    last = max(line.end, row[-1].end)  # further on where each cell has a line
    read = replace(line, end=last, is_row=True, sentence=sentence)
    return read, [one for one in silent if text[one.start : one.end].strip()]


def lines_in_tables(text: str, lines: Sequence[TextLine]) -> set[int]:
    """The indices of lines of tables, where the number of a row looks like that of a page; none of a page's own (— 3 —)."""
    if not any(begins_header(line.text) for line in lines):
        return set()
    of_pages = {i for i, line in enumerate(lines) if is_page_number(line.text)}
    tables = find_tables(text, [Span(line.start, line.end) for i, line in enumerate(lines) if i not in of_pages])
    starts, ends = ([bound(table) for table in tables] for bound in (_first, _last))
    inside = {
        i for i, line in enumerate(lines) if (at := bisect_right(starts, line.start)) and line.end <= ends[at - 1]
    }
    return inside - of_pages


def _first(table: TextTable) -> int:
    return table.header[0].start


def _last(table: TextTable) -> int:
    return table.rows[-1][-1].end


def _says(text: str, cell: Span) -> bool:
    return _SAYS.search(text, cell.start, cell.end) is not None


def _says_nothing(text: str, table: TextTable, row: Sequence[Span]) -> bool:
    """Whether a row is a rule (|---|---|), the second row of the header, or the header once more."""
    if table.has_second_header and row is table.rows[0]:
        return True
    cells = [text[cell.start : cell.end] for cell in row]
    return not _SAYS.search("".join(cells)) or cells == [text[cell.start : cell.end] for cell in table.header]


def _shares_number(text: str, table: TextTable, row: Sequence[Span]) -> bool:
    """Whether the number of a row, merged with that of the row above, stands there only."""
    columns = zip(table.columns, row, strict=False)
    return any(column.kind == "number" and not _says(text, cell) for column, cell in columns)


def _sentence(text: str, table: TextTable, row: Sequence[Span], start: int) -> Iterator[tuple[str, int]]:
    """The characters of a row's sentence with their places; what is put between cells has the place of the sign between them,
    none before ``start``, where the line begins.

    Nothing when its cells cannot be told apart.
    """
    columns = table.columns
    numbered = columns[0].kind == "number" and text[row[0].start : row[0].end].isdigit()
    gap = text[row[0].end : row[1].start]
    # A row that begins with its number may lack its last cells; else nothing tells which cell it lacks.
    if len(row) > len(columns) or (len(row) < len(columns) and not (numbered and gap.strip(" \u3000"))):
        return
    cells: list[tuple[Column, Span]] = [
        (column, cell) for column, cell in zip(columns, row, strict=False) if _says(text, cell)
    ]
    words = [(column, normalise(text[cell.start : cell.end])) for column, cell in cells]
    between, last = max(row[0].start - 1, start), row[-1].end - 1
    if words and not words[0][0].kind and is_numbered(words[0][1]):  # 一、民生 beside the first of its rows
        (_, chapter), (_, cell) = words.pop(0), cells.pop(0)
        between = cell.end + 1
        yield from zip(chapter + "\n", range(cell.start, between), strict=True)
    for piece in row_pieces(words):
        if piece.column < 0:
            yield from ((character, min(between, last)) for character in piece.text)
            continue
        begin = cells[piece.column][1].start
        between = begin + len(piece.text)
        yield from zip(piece.text, range(begin, between), strict=True)
