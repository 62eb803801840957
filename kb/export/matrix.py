"""The responsibility assignment matrix (责任矩阵), second sheet of a ledger: tasks as rows, units as columns, roles as signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kb.export.cells import (
    BODY_FONT,
    BORDER,
    HEADER_FILL,
    HEADER_FONT,
    LINE_HEIGHT,
    SHEET,
    TITLE_FONT,
    set_up_page,
    write_text,
)
from kb.models import LedgerRow

MATRIX = "责任矩阵"
LEAD, RESPONSIBLE, SUPPORT = "●", "○", "△"
_LEGEND = f"{LEAD}牵头　{RESPONSIBLE}责任　{SUPPORT}配合"

_TITLE_ROW, _LEGEND_ROW, _HEADER_ROW = 1, 2, 3
_TASK_WIDTH, _UNIT_WIDTH = 44, 4.6
_A4_UNITS = 26  # with more units the signs get too small on A4
_MOST_UNITS, _MOST_TASKS = 40, 100  # what still can be read, on A3, within five pages


def units_of(rows: Sequence[LedgerRow]) -> tuple[str, ...]:
    """The units of all rows, those with the most tasks first."""
    counted = Counter(name for row in rows for name in (*row.lead, *row.responsible, *row.support))
    return tuple(name for name, _ in counted.most_common())


def sign(row: LedgerRow, unit: str) -> str:
    """The sign of the strongest role of a unit in a task: ● lead, ○ responsible, △ support, "" none."""
    roles = ((row.lead, LEAD), (row.responsible, RESPONSIBLE), (row.support, SUPPORT))
    return next((sign for names, sign in roles if unit in names), "")


def add_matrix(book: Workbook, title: str, rows: Sequence[LedgerRow]) -> None:
    """Add the matrix as a sheet that prints one page wide, under ``title``."""
    sheet = book.create_sheet(MATRIX)
    all_units = units_of(rows)
    units = all_units[:_MOST_UNITS]
    shown = rows[:_MOST_TASKS]
    _write_header(sheet, f"{title}{MATRIX}", units)
    write_text(sheet, (_LEGEND_ROW, 1), _LEGEND + _left_out(len(all_units) - len(units), len(rows) - len(shown)))
    for at, row in enumerate(shown, start=_HEADER_ROW + 1):
        write_text(sheet, (at, 1), str(row.number)).value = row.number
        write_text(sheet, (at, 2), row.task)
        for column, unit in enumerate(units, start=3):
            write_text(sheet, (at, column), sign(row, unit))
        for column in range(1, 3 + len(units)):
            cell = sheet.cell(at, column)
            cell.font, cell.border = BODY_FONT, BORDER
            side = "left" if column == 2 else "center"
            cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
        lines = 1 + 2 * len(row.task) // _TASK_WIDTH
        sheet.row_dimensions[at].height = LINE_HEIGHT * lines + 6
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 5.5, _TASK_WIDTH
    for column in range(3, 3 + len(units)):
        sheet.column_dimensions[get_column_letter(column)].width = _UNIT_WIDTH
    set_up_page(sheet, "C", _HEADER_ROW)
    if len(units) > _A4_UNITS:
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A3


def _left_out(units: int, tasks: int) -> str:
    parts = ((units, "个任务较少的单位"), (tasks, "项排在后面的任务"))
    said = "、".join(f"{count} {what}" for count, what in parts if count)
    return f"　（未列 {said}，见{SHEET}）" if said else ""


def _write_header(sheet: Worksheet, title: str, units: Sequence[str]) -> None:
    width = max(3, 2 + len(units))
    for at, text, font, height in ((_TITLE_ROW, title, TITLE_FONT, 40), (_LEGEND_ROW, _LEGEND, BODY_FONT, 20)):
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=width)
        cell = write_text(sheet, (at, 1), text)
        cell.font, cell.alignment = font, Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.row_dimensions[at].height = height
    for column, text in enumerate(("序号", "任务", *units), start=1):
        cell = write_text(sheet, (_HEADER_ROW, column), text)
        cell.font, cell.border, cell.fill = HEADER_FONT, BORDER, HEADER_FILL
        rotation = 255 if column > 2 else 0  # one character below the other
        cell.alignment = Alignment(
            horizontal="center", vertical="center", wrap_text=column <= 2, text_rotation=rotation
        )
    longest = max(map(len, units), default=2)
    sheet.row_dimensions[_HEADER_ROW].height = min(16 * longest + 12, 400)
