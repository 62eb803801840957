"""Routes of aggregations: the table of targets, matrix and network of units, due dates, the overview."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.downloads import CSV, ICS, XLSX, Form, LedgerForm, download, ledger_file, ledger_files, page_of, table_files
from api.parameters import KB, KEPT, WHOLE, AskedDates, AskedTargets, Limit, Offset
from api.problems import ASKED, NAMED, responses
from kb import export
from kb.errors import InvalidQuery
from kb.knowledge_base import KnowledgeBase
from kb.messages import Message
from kb.models import DueClause, DueQuery, DueTallies, Matrix, Network, Overview, Page, Tally, TargetRow, TargetTallies

_MOST_ROWS = 10_000  # of a workbook, which takes about a second for each thousand
_STILL_SHOWN = timedelta(days=31)  # what was due is still in a calendar for so long


Within = Annotated[
    str,
    Query(description="只看这个文件 (document id)", examples=["xiangtan-jichu-jiaoyu"]),
]
Units = Annotated[int, Query(ge=1, le=200, description="最多多少个单位 (most units)", examples=[40]), WHOLE]

router = APIRouter(prefix="/api/v1")


@router.get(
    "/targets",
    tags=["Targets"],
    summary="Quantified targets with due date and responsible units",
    responses=ASKED,
    dependencies=KEPT,
)
def targets(kb: KB, query: AskedTargets, limit: Limit = 50, offset: Offset = 0) -> Page[TargetRow]:
    """指标, filtered and in the requested order; targets without a value in the sorted column come last."""
    total, items = kb.aggregations.targets(query, limit, offset)
    return Page(total, offset, limit, items)


@router.get(
    "/targets/tallies",
    tags=["Targets"],
    summary="Counts of targets by year, unit, document and measure",
    responses=ASKED,
    dependencies=KEPT,
)
def target_tallies(kb: KB, query: AskedTargets) -> TargetTallies:
    """The number of targets of the query due in each year, and the units, documents and measures with most of them."""
    return kb.aggregations.target_tallies(query)


@router.get(
    "/targets/table.{form}",
    tags=["Targets"],
    summary="Targets as a file",
    response_class=Response,
    responses=NAMED | table_files("指标清单"),
)
def target_table(kb: KB, query: AskedTargets, form: Form) -> Response:
    """指标清单 of the query: a workbook of 10,000 targets at most, whose values sort as numbers, or CSV of any number."""
    total, _ = kb.aggregations.targets(query, limit=1)
    if total > _MOST_ROWS and form == "xlsx":
        raise InvalidQuery("text", Message("too-many-targets", count=total, most=_MOST_ROWS))
    rows = kb.aggregations.all_targets(query)
    names = export.TARGETS, "targets"
    if form == "csv":
        return download(export.write_targets_csv(rows), CSV, names, form)
    return download(export.write_targets_xlsx(export.TARGETS, rows), XLSX, names, form)


@router.get(
    "/overview",
    tags=["Overview"],
    summary="Counts and quality of the knowledge base",
    responses=responses(500, 503),
)
def overview(kb: KB) -> Overview:
    """总览: counts, documents by year, kind and issuer, damaged and doubtful readings."""
    return kb.aggregations.overview()


@router.get(
    "/matrix",
    tags=["Overview"],
    summary="Units by documents, or by the clauses of one document",
    responses=ASKED,
    dependencies=KEPT,
)
def matrix(kb: KB, document_id: Within = "", units: Units = 40, limit: Limit = 50, offset: Offset = 0) -> Matrix:
    """责任矩阵: columns are the units with most tasks; rows are the documents that name most of them, or the clauses of one document."""
    return kb.aggregations.matrix(document_id, units, limit, offset)


@router.get("/network", tags=["Overview"], summary="Which units work together", responses=ASKED, dependencies=KEPT)
def network(kb: KB, document_id: Within = "", units: Units = 40) -> Network:
    """协作网络: the units with most tasks, and the number of clauses in which two of them are named together."""
    return kb.aggregations.network(document_id, units)


@router.get("/deadlines", tags=["Overview"], summary="Tasks by due date", responses=ASKED, dependencies=KEPT)
def deadlines(
    kb: KB,
    query: AskedDates,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[DueClause]:
    """到期清单, by default the earliest first: each task once, with its units; a year without a month ends in December.

    A plan's own aims (总体目标) for which nobody answers are no tasks.
    """
    total, items = kb.aggregations.due(query, limit, offset)
    return Page(total, offset, limit, items)


@router.get(
    "/deadlines/months",
    tags=["Overview"],
    summary="Number of tasks due in each month",
    responses=ASKED,
    dependencies=KEPT,
)
def deadline_months(kb: KB, query: AskedDates) -> tuple[Tally, ...]:
    """Months ("2025-12") in order, each with the number of tasks that have a due date in it."""
    return kb.aggregations.due_by_month(query)


@router.get(
    "/deadlines/tallies",
    tags=["Overview"],
    summary="Counts of due tasks by unit, place and document",
    responses=ASKED,
)
def deadline_tallies(kb: KB, query: AskedDates) -> DueTallies:
    """The units, places and documents with most of the tasks of the query."""
    return kb.aggregations.due_tallies(query)


@router.get(
    "/deadlines/table.{form}",
    tags=["Overview"],
    summary="Due tasks as a ledger",
    response_class=Response,
    responses=NAMED | ledger_files("到期清单"),
)
def deadline_table(kb: KB, query: AskedDates, form: LedgerForm) -> Response:
    """到期清单 of the query as a 责任分解表, by date, 10,000 tasks at most."""
    rows = export.ledger_of_dates(_all_due(kb, query))
    return ledger_file(export.title_of_dates(query), rows, form)


@router.get(
    "/deadlines/calendar.ics",
    tags=["Overview"],
    summary="Due tasks as a calendar to open or subscribe to",
    response_class=Response,
    responses=ASKED | {200: {"description": "iCalendar (RFC 5545)", "content": {"text/calendar": {}}}},
)
def deadline_calendar(request: Request, kb: KB, query: AskedDates) -> Response:
    """到期清单 as events of a day, then what comes back (每月25日前) by rules; without ``since`` and ``until`` from a month ago on."""
    now = datetime.now(UTC)
    since = query.since or ("" if query.until else str(now.date() - _STILL_SHOWN))
    dated = [] if query.recurring else _all_due(kb, replace(query, since=since, descending=False))
    tasks = [*dated, *_all_due(kb, replace(query, recurring=True))]
    name = "·".join(filter(None, (export.CALENDAR, query.place, query.unit)))

    def link(clause_id: str) -> str:
        return page_of(request, clause_id.rpartition("#")[0], clause_id)

    return download(export.write_ics(name, tasks, now, link), ICS, (name, "due"), "ics")


def _all_due(kb: KnowledgeBase, query: DueQuery) -> list[DueClause]:
    total, _ = kb.aggregations.due(query, limit=1)
    if total > _MOST_ROWS:
        raise InvalidQuery("until", Message("too-many-tasks", count=total, most=_MOST_ROWS))
    return list(kb.aggregations.all_due(query))
