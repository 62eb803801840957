"""Styles and page setup of the sheets, and cells that hold text as text."""

from __future__ import annotations

import re

from openpyxl.cell.cell import Cell
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

SHEET = "责任分解表"
DUE = "到期清单"

# A cell that begins with one of these is run as a formula (CSV injection); programs also accept the full-width forms. A sign alone is none.
FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r](?=.)", re.DOTALL)

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


LINE_HEIGHT = 14.5  # points, for the body font
HIGHEST_ROW = 409.0  # points; the limit of the format

_LINE = Side(style="thin", color="808080")
BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
TITLE_FONT = Font(name="宋体", size=18, bold=True)
HEADER_FONT = Font(name="宋体", size=11, bold=True)
BODY_FONT = Font(name="仿宋", size=10.5)
HEADER_FILL = PatternFill("solid", fgColor="E8ECF2")


def heading(title: str) -> str:
    """The title above the table, which may be a list of its own: 2026年12月到期清单."""
    return title if title.endswith((SHEET, "清单")) else f"{title}{SHEET}"


def sheet_name(title: str) -> str:
    """What the sheet under a title is called: 到期清单, else 责任分解表."""
    return DUE if title.endswith(DUE) else SHEET


def printable(text: str) -> str:
    """The text without the characters that XML does not allow."""
    return _NOT_IN_XML.sub("", text)


def write_text(sheet: Worksheet, at: tuple[int, int], text: str) -> Cell:
    """The cell at row and column (from 1), holding the text as text."""
    cell = sheet.cell(*at)
    if not isinstance(cell, Cell):
        raise TypeError(f"{cell.coordinate} is hidden by a merged cell")
    cell.value = printable(text)
    cell.data_type = "s"  # openpyxl would store a text that begins with = as a formula
    cell.quotePrefix = bool(FORMULA.match(text))  # a spreadsheet program would do so once the cell is edited
    return cell


def set_up_page(sheet: Worksheet, column: str, header: int) -> None:
    """Print on A4 landscape, one page wide; rows down to ``header`` and columns before ``column`` are frozen, and the header row is repeated."""
    sheet.freeze_panes = f"{column}{header + 1}"
    sheet.print_title_rows = f"{header}:{header}"
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
