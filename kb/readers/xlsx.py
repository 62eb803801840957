"""Workbooks (xlsx): each sheet as a table."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import openpyxl
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from kb.errors import UnreadableDocument
from kb.lexicon import KINDS
from kb.messages import Message
from kb.models import SourceText
from kb.readers.package import BROKEN, open_package, transitional
from kb.readers.shown import shown
from kb.readers.table_heads import Below, Beside
from kb.readers.tables import rows_of, table_lines, without_heads

_UNNAMED = re.compile(r"(?:Sheet|工作表)\s?\d*", re.IGNORECASE)
# A title above the table says more than the name of its sheet: 滨江市2026年重点任务责任分解表
_TITLE = re.compile(rf"[^\t。；：]{{2,80}}(?:表|清单|台账|任务书|{'|'.join(KINDS)})(?:[（(][^（）()]{{1,20}}[）)])?")
_MOST_CELLS = 500_000  # a task table has a few thousand
_CELL = re.compile(rb"<(?:\w+:)?(?:c|si)\b")  # cells of a sheet, entries of the shared strings
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")


def read(path: Path, data: bytes) -> SourceText:
    """One row per line; UnreadableDocument when the file is broken, too large or empty."""
    with open_package(path, data) as package:
        _check_size(path, package)
        try:
            book = openpyxl.load_workbook(io.BytesIO(transitional(package, data)), data_only=True)
        except (InvalidFileException, LookupError, TypeError, AttributeError, SyntaxError, *BROKEN) as error:
            raise UnreadableDocument(path, Message("broken-file", format="xlsx")) from error
    lines: list[str] = []
    printed: list[str] = []
    for sheet in book.worksheets:
        rows = list(_rows(path, sheet)) if sheet.sheet_state == "visible" else []
        body = table_lines(rows, are_marked=True)
        if body:
            printed += ("".join(cell.split()) for row in rows for cell in row if type(cell) is str)
            is_named = not (_UNNAMED.fullmatch(sheet.title) or sheet.title in body[0] or _TITLE.fullmatch(body[0]))
            lines += [sheet.title] * is_named + body
    text = "\n".join(lines)
    if not text.strip():
        raise UnreadableDocument(path, Message("no-text"))
    return SourceText(
        path.name,
        text,
        hashlib.sha256(data).hexdigest(),
        rows=rows_of(lines),
        printed=without_heads("".join(printed), lines),
    )


def _check_size(path: Path, package: ZipFile) -> None:
    """UnreadableDocument when cells, shared strings or merged ranges are so many that loading them would exhaust the memory."""
    try:
        parts = [package.read(name) for name in package.namelist() if name.startswith("xl/") and name.endswith(".xml")]
    except BROKEN as error:
        raise UnreadableDocument(path, Message("broken-file", format="xlsx")) from error
    for part in parts:
        merged = sum(map(_area, _MERGED.finditer(part)))
        if max(len(_CELL.findall(part)), merged) > _MOST_CELLS:
            raise UnreadableDocument(path, Message("too-many-cells", most=_MOST_CELLS))


def _area(merged: re.Match[bytes]) -> int:
    """The number of cells in a merged range."""
    left, top, right, bottom = (group.decode() for group in merged.groups())
    columns = column_index_from_string(right) - column_index_from_string(left) + 1
    return max(columns, 0) * max(int(bottom) - int(top) + 1, 0)


def _rows(path: Path, sheet: Worksheet) -> Iterator[list[str]]:
    """The displayed cells of a sheet; the text of a merged cell is repeated in its whole range."""
    if sheet.max_row * sheet.max_column > _MOST_CELLS:
        raise UnreadableDocument(path, Message("too-many-cells", most=_MOST_CELLS))
    merged = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
    columns = [at for at in range(1, sheet.max_column + 1) if not _is_hidden(sheet, at)]
    for row in range(1, sheet.max_row + 1):
        if sheet.row_dimensions[row].hidden:
            continue
        yield [_displayed(sheet, (row, column), merged.get((row, column), (row, column))) for column in columns]


def _is_hidden(sheet: Worksheet, column: int) -> bool:
    """Whether a column is hidden; one entry may speak of several columns."""
    return any(one.hidden and (one.min or 0) <= column <= (one.max or 0) for one in sheet.column_dimensions.values())


def _displayed(sheet: Worksheet, place: tuple[int, int], source: tuple[int, int]) -> str:
    """What a cell shows, marked where it repeats that of a merged range."""
    cell = sheet.cell(*source)
    text = shown(cell.value, cell.number_format)
    return text if place == source else Beside(text) if place[1] > source[1] else Below(text)
