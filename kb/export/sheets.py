"""A ledger as a printable workbook, as a Word document and as CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kb.export.cells import SHEET, heading, sheet_name
from kb.export.matrix import add_matrix
from kb.export.tables import ColumnFormat, Table, csv_parts, to_bytes, workbook
from kb.export.word import to_docx
from kb.models import LedgerRow

_COLUMNS = (
    ColumnFormat("序号", 5.5, 5.5, centred=True, numeric=True),
    ColumnFormat("任务", 18, 18),
    ColumnFormat("内容", 46, 46, takes_rest=True),
    ColumnFormat("牵头单位", 16, 9),
    ColumnFormat("责任单位", 26, 9),
    ColumnFormat("配合单位", 18, 9),
    ColumnFormat("目标", 26, 9),
    ColumnFormat("时限", 12, 9, centred=True),
    ColumnFormat("依据", 20, 20),
)
_PAGE = ColumnFormat("页码", 8, 8, centred=True)  # where a document has pages
_FILLS_A_PAGE = 20  # rows of one document
_TO_WRITE_IN = (ColumnFormat("完成情况", 14, 14), ColumnFormat("备注", 10, 10))  # empty, for who goes on with it


def write_xlsx(title: str, rows: Sequence[LedgerRow]) -> bytes:
    """The ledger as a workbook to print on A4 landscape, with the matrix of tasks and units on a second sheet, which a list of dates has not.

    A document with many of the tasks begins on a page of its own.
    """
    table = _to_write_in(_table(title, rows))
    book = workbook(table, _parted(rows))
    if table.name == SHEET:
        add_matrix(book, title, rows)
    return to_bytes(book)


def _parted(rows: Sequence[LedgerRow]) -> tuple[int, ...]:
    """The rows, from 0, before which a page ends: where a document begins or ends that fills about a page, so that it can be handed on."""
    documents = [row.clause_id.rpartition("#")[0] for row in rows]
    counts = Counter(documents)
    turns = (at for at in range(1, len(rows)) if documents[at] != documents[at - 1])
    return tuple(at for at in turns if max(counts[documents[at]], counts[documents[at - 1]]) >= _FILLS_A_PAGE)


def write_docx(title: str, rows: Sequence[LedgerRow]) -> bytes:
    """The ledger as a Word document to print on A4 landscape."""
    return to_docx(_to_write_in(_table(title, rows)))


def write_csv(rows: Sequence[LedgerRow]) -> bytes:
    """The ledger as CSV that Excel opens."""
    table = _table("", rows)
    return b"".join(csv_parts(table.columns, table.rows))


def _table(title: str, rows: Sequence[LedgerRow]) -> Table:
    cells = tuple(_cells(row) for row in rows)
    if not any(row.page for row in rows):
        return Table(sheet_name(title), heading(title), _COLUMNS, cells)
    paged = tuple((*before, _page(row)) for before, row in zip(cells, rows, strict=True))
    return Table(sheet_name(title), heading(title), (*_COLUMNS, _PAGE), paged)


def _to_write_in(table: Table) -> Table:
    """The table with empty columns for what is written by hand."""
    empty = ("",) * len(_TO_WRITE_IN)
    return replace(table, columns=(*table.columns, *_TO_WRITE_IN), rows=tuple((*cells, *empty) for cells in table.rows))


def _page(row: LedgerRow) -> str:
    """The page number, with a note when the text comes from text recognition and must be checked against the page."""
    note = {"": "", "sure": "（文字识别）", "doubtful": "（存疑）"}[row.ocr]
    return f"{row.page or ''}{note}"


def _cells(row: LedgerRow) -> tuple[str, ...]:
    units = (row.lead, row.responsible, row.support)
    return (
        str(row.number),
        row.task,
        row.content,
        *("、".join(names) for names in units),
        "；".join(row.targets),
        "；".join(row.deadlines),
        _source(row),
    )


def _source(row: LedgerRow) -> str:
    """The document, by its id where it has no title, and the number of the clause."""
    document_id, _, number = row.clause_id.rpartition("#")
    return f"《{row.document_title}》{number}" if row.document_title else f"{document_id} {number}"
