"""A ledger as a printable workbook, and as comma-separated text."""

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
    SHEET,
    TITLE_FONT,
    heading,
    printable,
    set_up_page,
    write_text,
)
from kb.export.matrix import add_matrix
from kb.models import LedgerRow

_TITLE_ROW, _HEAD_ROW = 1, 2


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    width: float  # in characters of the default font, a Chinese character counts two
    narrow: float  # when no row has anything to say here
    centred: bool = False
    numeric: bool = False


_COLUMNS = (
    _Column("序号", 5.5, 5.5, centred=True, numeric=True),
    _Column("任务", 18, 18),
    _Column("内容", 50, 50),
    _Column("牵头单位", 16, 9),
    _Column("责任单位", 26, 9),
    _Column("配合单位", 18, 9),
    _Column("目标", 26, 9),
    _Column("时限", 12, 9, centred=True),
    _Column("依据", 12, 12, centred=True),
)
_CONTENT = 2


def write_xlsx(title: str, rows: Sequence[LedgerRow]) -> bytes:
    """The ledger as a workbook: A4 landscape, one page wide, header on every printed page, every cell text; ``title`` heads it."""
    book = Workbook()
    book.properties.title = printable(title)
    book.properties.creator = ""
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = SHEET
    _write_head(sheet, heading(title))
    several = _several_documents(rows)
    table = [_cells(row, several) for row in rows]
    widths = _widths(table)
    for at, cells in enumerate(table, start=_HEAD_ROW + 1):
        for index, text in enumerate(cells):
            _write_body(sheet, (at, index + 1), text)
        sheet.row_dimensions[at].height = _height(cells, widths)
    for index, width in enumerate(widths):
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    set_up_page(sheet, "C", _HEAD_ROW)
    add_matrix(book, title, rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_csv(rows: Sequence[LedgerRow]) -> bytes:
    """The ledger as UTF-8 text with a byte order mark (Excel needs it), CRLF line ends, no cell that runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.title for column in _COLUMNS])
    several = _several_documents(rows)
    for row in rows:
        writer.writerow([_inert(text) for text in _cells(row, several)])
    return out.getvalue().encode("utf-8-sig")


def _cells(row: LedgerRow, several_documents: bool) -> tuple[str, ...]:
    units = (row.lead, row.responsible, row.support)
    return (
        str(row.number),
        row.task,
        row.content,
        *("、".join(names) for names in units),
        "；".join(row.targets),
        "；".join(row.deadlines),
        _source(row, several_documents),
    )


def _source(row: LedgerRow, several_documents: bool) -> str:
    """Where the task stands: the numbers of its clause, behind the document's title when there are several documents."""
    place = row.clause_id.partition("#")[2]
    return f"《{row.document_title}》{place}" if several_documents else place


def _several_documents(rows: Sequence[LedgerRow]) -> bool:
    return len({row.clause_id.partition("#")[0] for row in rows}) > 1


def _inert(text: str) -> str:
    """The text with a quotation mark before it when a spreadsheet program would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def _widths(table: Sequence[tuple[str, ...]]) -> tuple[float, ...]:
    """Column widths in characters; what columns without content do not need goes to the content column."""
    used = [not table or any(cells[index] for cells in table) for index in range(len(_COLUMNS))]
    widths = [column.width if filled else column.narrow for column, filled in zip(_COLUMNS, used, strict=True)]
    widths[_CONTENT] += sum(column.width for column in _COLUMNS) - sum(widths)
    return tuple(widths)


def _height(cells: Sequence[str], widths: Sequence[float]) -> float:
    """Points that the highest cell of a row needs: not every program grows a row with wrapped text on opening."""
    lengths = [sum(1 if character.isascii() else 2 for character in text) for text in cells]
    lines = max(1 + int(length / (width - 2)) for length, width in zip(lengths, widths, strict=True))
    return min(LINE_HEIGHT * lines + 6, HIGHEST_ROW)


def _write_head(sheet: Worksheet, title: str) -> None:
    sheet.merge_cells(start_row=_TITLE_ROW, end_row=_TITLE_ROW, start_column=1, end_column=len(_COLUMNS))
    cell = write_text(sheet, (_TITLE_ROW, 1), title)
    cell.font = TITLE_FONT
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    # A merged cell does not grow with its text: a character of 18 points is as wide as 3.5 of the default font.
    lines = 1 + int(3.5 * len(title) / sum(column.width for column in _COLUMNS))
    sheet.row_dimensions[_TITLE_ROW].height = 14 + 26 * lines
    for number, column in enumerate(_COLUMNS, start=1):
        cell = write_text(sheet, (_HEAD_ROW, number), column.title)
        cell.font, cell.border, cell.fill = HEAD_FONT, BORDER, HEAD_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[_HEAD_ROW].height = 24


def _write_body(sheet: Worksheet, at: tuple[int, int], text: str) -> None:
    column = _COLUMNS[at[1] - 1]
    cell = write_text(sheet, at, text)
    if column.numeric:
        cell.value = int(text)
    cell.font, cell.border = BODY_FONT, BORDER
    cell.alignment = Alignment(horizontal="center" if column.centred else "left", vertical="center", wrap_text=True)
