"""Routes of responsibility ledgers (责任分解表) of a document, a unit and a search: as rows, as a workbook, as CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.downloads import LedgerForm, ledger_file, ledger_files
from api.parameters import KB, KEPT, WHOLE, AskedTasks, DocumentId, HitSort, Narrowed, Question, UnitId
from api.problems import NAMED
from kb import export
from kb.models import LedgerRow

MOST_ROWS = 10_000  # of a file
MOST_CHOSEN = 200  # clauses: what an address can name
_FILES = ledger_files("责任分解表")

Rows = Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多多少行 (most rows)", examples=[100]), WHOLE]
Chosen = Annotated[
    list[str],
    Query(
        min_length=1,
        max_length=MOST_CHOSEN,
        description="条款编号，可以有多个 (ids of clauses)",
        examples=[["xiangtan-jichu-jiaoyu#二.一.2"]],
    ),
]

router = APIRouter(prefix="/api/v1")


@router.get(
    "/ledger.{form}",
    tags=["Search"],
    summary="Responsibility ledger of chosen clauses as a file",
    response_class=Response,
    responses=NAMED | _FILES,
)
def chosen_ledger(kb: KB, form: LedgerForm, clause: Chosen) -> Response:
    """责任分解表 of the clauses of these ids, in their order."""
    return ledger_file("所选任务", export.ledger_of(kb.answering(clause)), form)


@router.get(
    "/units/{unit_id:path}/ledger.{form}",
    tags=["Units"],
    summary="Responsibility ledger of a unit as a file",
    response_class=Response,
    responses=NAMED | _FILES,
)
def unit_ledger(kb: KB, unit_id: UnitId, form: LedgerForm, query: AskedTasks) -> Response:
    """责任分解表 of all documents; the workbook (A4 landscape) has the matrix of the units that share its tasks on a second sheet."""
    organization = kb.only_organization(unit_id)
    return ledger_file(
        organization.name, export.ledger_of(task.facts for task in kb.tasks(organization.id, query)), form
    )


@router.get(
    "/search/ledger.{form}",
    tags=["Search"],
    summary="Responsibility ledger of what is found, as a file",
    response_class=Response,
    responses=NAMED | _FILES,
)
def search_ledger(
    kb: KB, form: LedgerForm, q: Question, narrowed: Narrowed, sort: HitSort = "relevance", limit: Rows = MOST_ROWS
) -> Response:
    """责任分解表 of all relevant hits, best first, with the units that answer for each."""
    return ledger_file(q, export.ledger_of(kb.answering_hits(q, narrowed, limit, sort)), form)


@router.get(
    "/documents/{document_id:path}/ledger.{form}",
    tags=["Documents"],
    summary="Responsibility ledger of a document as a file",
    response_class=Response,
    responses=NAMED | _FILES,
)
def document_ledger(kb: KB, document_id: DocumentId, form: LedgerForm) -> Response:
    """责任分解表: a workbook to print on A4 landscape, or UTF-8 text with a byte order mark, as Excel wants it."""
    parsed = kb.document(document_id)
    return ledger_file(parsed.document.title or document_id, export.ledger(parsed), form)


@router.get(
    "/documents/{document_id:path}/ledger",
    tags=["Documents"],
    summary="Responsibility ledger as rows",
    responses=NAMED,
    dependencies=KEPT,
)
def document_ledger_rows(kb: KB, document_id: DocumentId) -> tuple[LedgerRow, ...]:
    """责任分解表: one row for each clause that makes somebody responsible."""
    return export.ledger(kb.document(document_id))
