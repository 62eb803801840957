"""A table as a printable workbook and as CSV, for ledgers and lists of targets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from kb.export.cells import (
    BODY_FONT,
    BORDER,
    FORMULA,
    HEADER_FILL,
    HEADER_FONT,
    HIGHEST_ROW,
    LINE_HEIGHT,
    TITLE_FONT,
    printable,
    set_up_page,
    write_text,
)

_TITLE_ROW, _HEADER_ROW = 1, 2
_PART = 1 << 16  # characters of CSV that are handed on at once


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """The header and format of one column of a table."""

    title: str
    width: float  # in characters of the default font; a Chinese character counts two
    narrow: float  # the width when the column is empty
    centred: bool = False
    numeric: bool = False  # cells that hold a number are numbers
    takes_rest: bool = False  # takes the width that empty columns leave


@dataclass(frozen=True, slots=True)
class Table:
    """A table to write: the name of the sheet, its title, its columns, and rows with one text per column."""

    name: str
    title: str
    columns: tuple[ColumnFormat, ...]
    rows: tuple[tuple[str, ...], ...]


def workbook(table: Table, parted: Sequence[int] = ()) -> Workbook:
    """A workbook of one sheet: A4 landscape, one page wide, header on every printed page, all cells text except numbers.

    A page ends before each of the rows in ``parted``, counted from 0.
    """
    book = Workbook()
    book.properties.title = printable(table.title)
    book.properties.creator = ""
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = table.name
    _write_header(sheet, table)
    widths = widths_of(table)
    for at, cells in enumerate(table.rows, start=_HEADER_ROW + 1):
        for index, text in enumerate(cells):
            _write_body(sheet, (at, index + 1), text, table.columns[index])
        sheet.row_dimensions[at].height = _height(cells, widths)
    for index, width in enumerate(widths):
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    last = get_column_letter(len(table.columns))
    sheet.auto_filter.ref = f"A{_HEADER_ROW}:{last}{_HEADER_ROW + len(table.rows)}"
    for at in parted:
        sheet.row_breaks.append(Break(id=_HEADER_ROW + at))  # behind the row of that number
    set_up_page(sheet, "C", _HEADER_ROW)
    return book


def to_bytes(book: Workbook) -> bytes:
    """The workbook as the bytes of an xlsx file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_parts(columns: Sequence[ColumnFormat], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark (Excel needs it) and CRLF line ends, some rows at a time; no cell is run as a formula."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow([column.title for column in columns])
    for cells in rows:
        writer.writerow(
            [text if column.numeric else _escape_formula(text) for text, column in zip(cells, columns, strict=True)]
        )
        if out.tell() > _PART:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _escape_formula(text: str) -> str:
    """The text, preceded by an apostrophe when a spreadsheet program would run it as a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def widths_of(table: Table) -> tuple[float, ...]:
    """Column widths in characters; the width left by empty columns goes to the column that takes the rest."""
    used = [not table.rows or any(cells[index] for cells in table.rows) for index in range(len(table.columns))]
    widths = [column.width if filled else column.narrow for column, filled in zip(table.columns, used, strict=True)]
    left = sum(column.width for column in table.columns) - sum(widths)
    return tuple(width + left * column.takes_rest for width, column in zip(widths, table.columns, strict=True))


def _height(cells: Sequence[str], widths: Sequence[float]) -> float:
    """The height in points of the highest cell of a row; not every program adjusts the height of wrapped text on opening."""
    lengths = [sum(1 if character.isascii() else 2 for character in text) for text in cells]
    lines = max(1 + int(length / (width - 2)) for length, width in zip(lengths, widths, strict=True))
    return min(LINE_HEIGHT * lines + 6, HIGHEST_ROW)


def _write_header(sheet: Worksheet, table: Table) -> None:
    title, columns = table.title, table.columns
    sheet.merge_cells(start_row=_TITLE_ROW, end_row=_TITLE_ROW, start_column=1, end_column=len(columns))
    cell = write_text(sheet, (_TITLE_ROW, 1), title)
    cell.font = TITLE_FONT
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    # The height of a merged cell is not adjusted to its text; a character of 18 points is as wide as 3.5 of the default font.
    lines = 1 + int(3.5 * len(title) / sum(column.width for column in columns))
    sheet.row_dimensions[_TITLE_ROW].height = 14 + 26 * lines
    for number, column in enumerate(columns, start=1):
        cell = write_text(sheet, (_HEADER_ROW, number), column.title)
        cell.font, cell.border, cell.fill = HEADER_FONT, BORDER, HEADER_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[_HEADER_ROW].height = 24


def _write_body(sheet: Worksheet, at: tuple[int, int], text: str, column: ColumnFormat) -> None:
    cell = write_text(sheet, at, text)
    if column.numeric and text:
        value = float(text)
        cell.value = int(value) if value.is_integer() else value
    cell.font, cell.border = BODY_FONT, BORDER
    cell.alignment = Alignment(horizontal="center" if column.centred else "left", vertical="center", wrap_text=True)
