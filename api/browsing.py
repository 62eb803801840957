"""Routes for finding the way: suggestions while typing, facets of a search, the profile of a unit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.parameters import KB, WHOLE, Asking, Narrowed, Question, UnitId
from api.problems import ASKED, NAMED
from kb.models import AskedList, Facets, Suggestion, UnitProfile

router = APIRouter(prefix="/api/v1")


@router.get("/suggest", tags=["Search"], summary="Completions of what is typed", responses=ASKED)
def suggest(
    kb: KB,
    q: Annotated[
        str, Query(max_length=100, description="已输入的字、拼音或拼音首字母 (what is typed)", examples=["jyj"])
    ] = "",
    limit: Annotated[int, Query(ge=1, le=20, description="最多几条 (most suggestions)", examples=[8]), WHOLE] = 8,
) -> tuple[Suggestion, ...]:
    """Units, tasks and documents by a part of a name, by pinyin or its initials; the most frequent when nothing is typed."""
    return kb.suggestions(q, limit)


@router.get(
    "/search/facets",
    tags=["Search"],
    summary="Counts of the relevant clauses of a search by unit, role, document and more",
    response_model=Facets,
    responses=ASKED,
)
async def facets(asking: Asking, narrowed: Narrowed, q: Question) -> Response:
    """分面: for each value of a filter the number of relevant clauses with it, the other filters unchanged."""
    return await asking("facets", q, narrowed)


@router.get("/search/list", tags=["Search"], summary="The list that answers a question", responses=ASKED)
def list_of_question(kb: KB, q: Question) -> AskedList | None:
    """到期清单 for 12月份要完成的任务 or 市住建局今年有哪些任务; progress for …进展到哪一步了, which no document tells; null for any other question."""
    return kb.asked_list(q)


@router.get(
    "/units/{unit_id:path}/profile",
    tags=["Units"],
    summary="Whom a unit works with, in which documents, and when something is due",
    responses=NAMED,
)
def unit_profile(kb: KB, unit_id: UnitId) -> UnitProfile:
    """Partners, documents and months, each with the number of clauses."""
    return kb.profile(unit_id)
