"""A table as a printable workbook, and as comma-separated text: what ledgers and lists of targets have in common."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kb.export.cells import (
    BODY_FONT,
    BORDER,
    FORMULA,
    HEAD_FILL,
    HEAD_FONT,
    HIGHEST_ROW,
    LINE_HEIGHT,
    TITLE_FONT,
    printable,
    set_up_page,
    write_text,
)

_TITLE_ROW, _HEAD_ROW = 1, 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its head and how it looks."""

    title: str
    width: float  # in characters of the default font, a Chinese character counts two
    narrow: float  # when no row has anything to say here
    centred: bool = False
    numeric: bool = False  # cells that hold a number are numbers
    takes_rest: bool = False  # the width that empty columns do not need


@dataclass(frozen=True, slots=True)
class Table:
    """What is written: a name for the sheet, a title above it, columns, and rows of as many texts."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def workbook(table: Table) -> Workbook:
    """A workbook of one sheet: A4 landscape, one page wide, head on every printed page, every cell but numbers text."""
    book = Workbook()
    book.properties.title = printable(table.title)
    book.properties.creator = ""
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = table.name
    _write_head(sheet, table)
    widths = _widths(table)
    for at, cells in enumerate(table.rows, start=_HEAD_ROW + 1):
        for index, text in enumerate(cells):
            _write_body(sheet, (at, index + 1), text, table.columns[index])
        sheet.row_dimensions[at].height = _height(cells, widths)
    for index, width in enumerate(widths):
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    set_up_page(sheet, "C", _HEAD_ROW)
    return book


def saved(book: Workbook) -> bytes:
    """The bytes of its file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def separated(table: Table) -> bytes:
    """UTF-8 text with a byte order mark (Excel needs it), CRLF line ends, no cell that runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.title for column in table.columns])
    for cells in table.rows:
        writer.writerow(
            [text if column.numeric else _inert(text) for text, column in zip(cells, table.columns, strict=True)]
        )
    return out.getvalue().encode("utf-8-sig")


def _inert(text: str) -> str:
    """The text with a quotation mark before it when a spreadsheet program would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def _widths(table: Table) -> tuple[float, ...]:
    """Column widths in characters; what columns without content do not need goes to the one that takes the rest."""
    used = [not table.rows or any(cells[index] for cells in table.rows) for index in range(len(table.columns))]
    widths = [column.width if filled else column.narrow for column, filled in zip(table.columns, used, strict=True)]
    left = sum(column.width for column in table.columns) - sum(widths)
    return tuple(width + left * column.takes_rest for width, column in zip(widths, table.columns, strict=True))


def _height(cells: Sequence[str], widths: Sequence[float]) -> float:
    """Points that the highest cell of a row needs: not every program grows a row with wrapped text on opening."""
    lengths = [sum(1 if character.isascii() else 2 for character in text) for text in cells]
    lines = max(1 + int(length / (width - 2)) for length, width in zip(lengths, widths, strict=True))
    return min(LINE_HEIGHT * lines + 6, HIGHEST_ROW)


def _write_head(sheet: Worksheet, table: Table) -> None:
    title, columns = table.title, table.columns
    sheet.merge_cells(start_row=_TITLE_ROW, end_row=_TITLE_ROW, start_column=1, end_column=len(columns))
    cell = write_text(sheet, (_TITLE_ROW, 1), title)
    cell.font = TITLE_FONT
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    # A merged cell does not grow with its text: a character of 18 points is as wide as 3.5 of the default font.
    lines = 1 + int(3.5 * len(title) / sum(column.width for column in columns))
    sheet.row_dimensions[_TITLE_ROW].height = 14 + 26 * lines
    for number, column in enumerate(columns, start=1):
        cell = write_text(sheet, (_HEAD_ROW, number), column.title)
        cell.font, cell.border, cell.fill = HEAD_FONT, BORDER, HEAD_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[_HEAD_ROW].height = 24


def _write_body(sheet: Worksheet, at: tuple[int, int], text: str, column: Column) -> None:
    cell = write_text(sheet, at, text)
    if column.numeric and text:
        value = float(text)
        cell.value = int(value) if value.is_integer() else value
    cell.font, cell.border = BODY_FONT, BORDER
    cell.alignment = Alignment(horizontal="center" if column.centred else "left", vertical="center", wrap_text=True)
