"""Routes of responsibility ledgers (责任分解表) of a document, a unit and a search: as rows, as a workbook, as CSV."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from api.downloads import CSV, XLSX, Form, download, table_files
from api.parameters import KB, AskedTasks, DocumentId, HitSort, Limit, Narrowed, Question, UnitId
from api.problems import NAMED
from kb import export
from kb.models import LedgerRow

_FILES = table_files("责任分解表")

router = APIRouter(prefix="/api/v1")


@router.get(
    "/units/{unit_id:path}/ledger.{form}",
    tags=["Units"],
    summary="Responsibility ledger of a unit as a file",
    response_class=Response,
    responses=NAMED | _FILES,
)
def unit_ledger(kb: KB, unit_id: UnitId, form: Form, query: AskedTasks) -> Response:
    """责任分解表 of all documents; the workbook (A4 landscape) has the matrix of the units that share its tasks on a second sheet."""
    organization = kb.only_organization(unit_id)
    return _download(organization.name, export.ledger_of(task.facts for task in kb.tasks(organization.id, query)), form)


@router.get(
    "/search/ledger.{form}",
    tags=["Search"],
    summary="Responsibility ledger of what is found, as a file",
    response_class=Response,
    responses=NAMED | _FILES,
)
def search_ledger(
    kb: KB, form: Form, q: Question, narrowed: Narrowed, sort: HitSort = "relevance", limit: Limit = 50
) -> Response:
    """责任分解表 of the relevant hits, best first, with the units that answer for each."""
    return _download(q, export.ledger_of(kb.answering_hits(q, narrowed, limit, sort)), form)


@router.get(
    "/documents/{document_id:path}/ledger.{form}",
    tags=["Documents"],
    summary="Responsibility ledger of a document as a file",
    response_class=Response,
    responses=NAMED | _FILES,
)
def document_ledger(kb: KB, document_id: DocumentId, form: Form) -> Response:
    """责任分解表: a workbook to print on A4 landscape, or UTF-8 text with a byte order mark, as Excel wants it."""
    parsed = kb.document(document_id)
    return _download(parsed.document.title or document_id, export.ledger(parsed), form)


@router.get(
    "/documents/{document_id:path}/ledger", tags=["Documents"], summary="Responsibility ledger as rows", responses=NAMED
)
def document_ledger_rows(kb: KB, document_id: DocumentId) -> tuple[LedgerRow, ...]:
    """责任分解表: one row for each clause that makes somebody responsible."""
    return export.ledger(kb.document(document_id))


def _download(title: str, rows: Sequence[LedgerRow], form: str) -> Response:
    names = f"{title}{export.SHEET}", "ledger"
    if form == "csv":
        return download(export.write_csv(rows), CSV, names, form)
    return download(export.write_xlsx(title, rows), XLSX, names, form)
