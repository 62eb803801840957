"""The knowledge base seen from above: targets as a table, units against tasks, who works with whom, what is due."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.downloads import CSV, XLSX, Form, download, table_files
from api.parameters import KB, AskedDates, AskedTargets, Limit, Offset, Page
from api.problems import ASKED, NAMED, responses
from kb import export
from kb.errors import InvalidQuery
from kb.messages import Message
from kb.models import DueClause, Matrix, Network, Overview, Tally, TargetRow, TargetTallies

_MOST_ROWS = 10_000  # of a file: a workbook takes a second for each thousand or so


Within = Annotated[
    str,
    Query(description="只看这个文件 (document id)", examples=["xiangtan-jichu-jiaoyu"]),
]
Units = Annotated[int, Query(ge=1, le=200, description="最多多少个单位 (most units)", examples=[40])]

router = APIRouter(prefix="/api/v1")


@router.get(
    "/targets", tags=["指标"], summary="Quantified targets with due date and responsible units", responses=ASKED
)
def targets(kb: KB, asked: AskedTargets, limit: Limit = 50, offset: Offset = 0) -> Page[TargetRow]:
    """指标, narrowed and in the order asked for; what has no value in the column sorted by stands at the end."""
    total, items = kb.aggregations.targets(asked, limit, offset)
    return Page(total, offset, limit, items)


@router.get("/targets/tallies", tags=["指标"], summary="How targets spread", responses=ASKED)
def target_tallies(kb: KB, asked: AskedTargets) -> TargetTallies:
    """How many of the targets asked for are due in each year, and the units, documents and measures that have most of them."""
    return kb.aggregations.target_tallies(asked)


@router.get(
    "/targets/table.{form}",
    tags=["指标"],
    summary="Targets as a file",
    response_class=Response,
    responses=NAMED | table_files("指标清单"),
)
def target_table(kb: KB, asked: AskedTargets, form: Form) -> Response:
    """指标清单 of the targets asked for, 10,000 at most: a workbook whose values sort as numbers, or comma-separated text."""
    total, _ = kb.aggregations.targets(asked, limit=1)
    if total > _MOST_ROWS:
        raise InvalidQuery("text", Message("too-many-targets", count=total, most=_MOST_ROWS))
    rows = kb.aggregations.all_targets(asked)
    names = export.TARGETS, "targets"
    if form == "csv":
        return download(export.write_targets_csv(rows), CSV, names, form)
    return download(export.write_targets_xlsx(export.TARGETS, rows), XLSX, names, form)


@router.get("/overview", tags=["总览"], summary="How much there is, and how good it is", responses=responses(500, 503))
def overview(kb: KB) -> Overview:
    """总览: counts, documents by year, kind and issuer, and what is damaged or unsettled."""
    return kb.aggregations.overview()


@router.get("/matrix", tags=["总览"], summary="Units against documents, or against the clauses of one", responses=ASKED)
def matrix(kb: KB, document_id: Within = "", units: Units = 40, limit: Limit = 50, offset: Offset = 0) -> Matrix:
    """责任矩阵: the busiest units across; documents that name most of them down, or the clauses of one in reading order."""
    return kb.aggregations.matrix(document_id, units, limit, offset)


@router.get("/network", tags=["总览"], summary="Which units work together", responses=ASKED)
def network(kb: KB, document_id: Within = "", units: Units = 40) -> Network:
    """协作网络: the busiest units, and in how many clauses any two of them are named together."""
    return kb.aggregations.network(document_id, units)


@router.get("/deadlines", tags=["总览"], summary="Clauses by the date that something of them is due", responses=ASKED)
def deadlines(
    kb: KB,
    asked: AskedDates,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[DueClause]:
    """时限, the earliest first unless asked otherwise, each with the clause and who answers for it; a year without a month ends in December."""
    total, items = kb.aggregations.due(asked, limit, offset)
    return Page(total, offset, limit, items)


@router.get("/deadlines/months", tags=["总览"], summary="How many clauses are due in each month", responses=ASKED)
def months(kb: KB, document_id: Within = "") -> tuple[Tally, ...]:
    """Months ("2025-12") in order, with how many clauses have something due in each."""
    return kb.aggregations.due_by_month(document_id)
