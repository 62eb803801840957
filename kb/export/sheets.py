"""A ledger as a printable workbook, and as comma-separated text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kb.models import LedgerRow

SHEET = "责任分解表"
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
)
_CONTENT = 2

# A spreadsheet program runs a cell that begins with one of these as a formula (full-width forms: East Asian input methods).
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r]")

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xlsx(title: str, rows: Sequence[LedgerRow]) -> bytes:
    """The ledger as a workbook: A4 landscape, one page wide, header on every printed page, every cell text; ``title`` heads it."""
    book = Workbook()
    book.properties.title = _printable(title)
    book.properties.creator = ""
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = SHEET
    _write_head(sheet, _heading(title))
    table = [_cells(row) for row in rows]
    widths = _widths(table)
    for at, cells in enumerate(table, start=_HEAD_ROW + 1):
        for index, text in enumerate(cells):
            _write_body(sheet, (at, index + 1), text)
        sheet.row_dimensions[at].height = _height(cells, widths)
    for index, width in enumerate(widths):
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    _set_up_page(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_csv(rows: Sequence[LedgerRow]) -> bytes:
    """The ledger as UTF-8 text with a byte order mark (Excel needs it), CRLF line ends, no cell that runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.title for column in _COLUMNS])
    for row in rows:
        writer.writerow([_inert(text) for text in _cells(row)])
    return out.getvalue().encode("utf-8-sig")


def _cells(row: LedgerRow) -> tuple[str, ...]:
    units = (row.lead, row.responsible, row.support)
    return (
        str(row.number),
        row.task,
        row.content,
        *("、".join(names) for names in units),
        "；".join(row.targets),
        "；".join(row.deadlines),
    )


def _inert(text: str) -> str:
    """The text with a quotation mark before it when a spreadsheet program would run it."""
    return f"'{text}" if _FORMULA.match(text) else text


_LINE_HEIGHT = 14.5  # points, for the body font
_HIGHEST_ROW = 409.0  # points: the most that a workbook can say

_LINE = Side(style="thin", color="808080")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TITLE_FONT = Font(name="宋体", size=18, bold=True)
_HEAD_FONT = Font(name="宋体", size=11, bold=True)
_BODY_FONT = Font(name="仿宋", size=10.5)
_HEAD_FILL = PatternFill("solid", fgColor="E8ECF2")


def _heading(title: str) -> str:
    return title if title.endswith(SHEET) else f"{title}{SHEET}"


def _printable(text: str) -> str:
    """The text without the characters that XML, and so a workbook, cannot hold."""
    return _NOT_IN_XML.sub("", text)


def _write_text(sheet: Worksheet, at: tuple[int, int], text: str) -> Cell:
    """The cell at row and column (from 1), holding the text as text."""
    cell = sheet.cell(*at)
    if not isinstance(cell, Cell):
        raise TypeError(f"{cell.coordinate} is hidden by a merged cell")
    cell.value = _printable(text)
    cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
    cell.quotePrefix = bool(_FORMULA.match(text))  # and so would the program once the cell is edited
    return cell


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
    return min(_LINE_HEIGHT * lines + 6, _HIGHEST_ROW)


def _write_head(sheet: Worksheet, heading: str) -> None:
    sheet.merge_cells(start_row=_TITLE_ROW, end_row=_TITLE_ROW, start_column=1, end_column=len(_COLUMNS))
    title = _write_text(sheet, (_TITLE_ROW, 1), heading)
    title.font = _TITLE_FONT
    title.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    # A merged cell does not grow with its text: a character of 18 points is as wide as 3.5 of the default font.
    lines = 1 + int(3.5 * len(heading) / sum(column.width for column in _COLUMNS))
    sheet.row_dimensions[_TITLE_ROW].height = 14 + 26 * lines
    for number, column in enumerate(_COLUMNS, start=1):
        cell = _write_text(sheet, (_HEAD_ROW, number), column.title)
        cell.font, cell.border, cell.fill = _HEAD_FONT, _BORDER, _HEAD_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[_HEAD_ROW].height = 24


def _write_body(sheet: Worksheet, at: tuple[int, int], text: str) -> None:
    column = _COLUMNS[at[1] - 1]
    cell = _write_text(sheet, at, text)
    if column.numeric:
        cell.value = int(text)
    cell.font, cell.border = _BODY_FONT, _BORDER
    cell.alignment = Alignment(horizontal="center" if column.centred else "left", vertical="center", wrap_text=True)


def _set_up_page(sheet: Worksheet) -> None:
    sheet.freeze_panes = f"C{_HEAD_ROW + 1}"
    sheet.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.footer = 0.6, 0.7, 0.3
    sheet.print_options.horizontalCentered = True
    footer = HeaderFooterItem()
    footer.center.text = "第 &P 页 共 &N 页"
    sheet.HeaderFooter.oddFooter = footer
