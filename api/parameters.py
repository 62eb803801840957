"""What addresses under /api/v1 may say, and how lists come back: what several of them share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query, Request
from pydantic import StringConstraints
from starlette.responses import Response

from api.current import CurrentIndex
from api.workers import ANSWERS, Workers
from kb.knowledge_base import KnowledgeBase
from kb.models import (
    DocumentOrder,
    DocumentQuery,
    Filters,
    HitOrder,
    Lack,
    Role,
    TaskOrder,
    TaskQuery,
    UnitOrder,
    UnitQuery,
)

T = TypeVar("T")

Year = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
LevelName = Literal["national", "province", "city", "county", "town"]

ISO = r"^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list: ``items`` from ``offset`` on, at most ``limit`` of ``total``."""

    total: int
    offset: int
    limit: int
    items: tuple[T, ...]


# What costs next to nothing is done where the request is received: to hand it to a thread would cost more.


async def knowledge_base(request: Request) -> AsyncIterator[KnowledgeBase]:
    """The generation in use, kept open for the length of a request."""
    current: CurrentIndex = request.app.state.current
    if current.has_changed():
        await run_sync(current.refresh)
    with current.lending() as opened:
        yield opened


KB = Annotated[KnowledgeBase, Depends(knowledge_base)]


async def asking(request: Request) -> Callable[..., Response]:
    """Asks one of ``ANSWERS``: a process of its own, else the knowledge base itself."""
    workers: Workers = request.app.state.workers
    current: CurrentIndex = request.app.state.current

    def ask(question: str, *asked: Any) -> Response:
        found = workers.ask(question, *asked)
        if found is None:
            with current.reading() as opened:
                found = ANSWERS[question](opened, *asked)
        return Response(found, media_type="application/json")

    return ask


async def filters(
    document_id: Annotated[
        str, Query(description="只看这个文件 (document id)", examples=["xiangtan-jichu-jiaoyu"])
    ] = "",
    unit: Annotated[
        str, Query(description="只看这个单位负责的条款 (any name of the unit)", examples=["市教育局"])
    ] = "",
    role: Annotated[
        Literal[Role, ""],
        Query(description="单位的角色: lead 牵头, responsible 责任, support 配合", examples=["responsible"]),
    ] = "",
    has_targets: Annotated[
        bool, Query(description="只看有指标的条款 (clauses with a target)", examples=[True])
    ] = False,
    due_before: Annotated[
        str,
        Query(
            description="目标或时限不晚于这一天 (ISO date, as precise as you like)",
            pattern=ISO,
            examples=["2025-12"],
        ),
    ] = "",
    due_after: Annotated[
        str,
        Query(description="目标或时限不早于这一天 (ISO date, as precise as you like)", pattern=ISO, examples=["2025"]),
    ] = "",
    issuer: Annotated[
        tuple[str, ...], Query(description="只看这些机关发的文件 (issuers)", examples=[["湘潭市人民政府办公室"]])
    ] = (),
    year: Annotated[
        tuple[Year, ...], Query(description="只看这些年份成文的文件 (years of the documents)", examples=[["2021"]])
    ] = (),
    level: Annotated[
        tuple[LevelName, ...],
        Query(description="只看这些层级的机关发的文件 (levels of the issuers)", examples=[["city"]]),
    ] = (),
    in_force: Annotated[
        bool, Query(description="只看现行有效的文件 (only documents that are in force today)", examples=[True])
    ] = False,
) -> Filters:
    """Filters as they stand in an address; those that may be repeated let through what fits one of their values."""
    return Filters(document_id, unit, role, has_targets, due_before, due_after, issuer, year, level, in_force)


def tasks(
    role: Annotated[
        Literal[Role, ""], Query(description="只看这一角色的任务 (tasks in this role)", examples=["lead"])
    ] = "",
    document_id: Annotated[
        str, Query(description="只看这个文件里的任务 (document id)", examples=["xiangtan-jichu-jiaoyu"])
    ] = "",
    due_after: Annotated[
        str, Query(description="目标或时限不早于这一天 (ISO date)", pattern=ISO, examples=["2025"])
    ] = "",
    due_before: Annotated[
        str, Query(description="目标或时限不晚于这一天 (ISO date)", pattern=ISO, examples=["2025-12"])
    ] = "",
    sort: Annotated[
        TaskOrder,
        Query(description="排序: document 按文件, role 按角色, due 按时限 (order of the tasks)", examples=["due"]),
    ] = "document",
) -> TaskQuery:
    """Which tasks of a unit an address asks for."""
    return TaskQuery(role, document_id, due_after, due_before, sort)


def documents(
    text: Annotated[
        str, Query(max_length=200, description="标题或文号的一部分 (part of title or number)", examples=["教育"])
    ] = "",
    issuer: Annotated[
        str, Query(max_length=100, description="发文机关的一部分 (part of an issuer's name)", examples=["湘潭市"])
    ] = "",
    year: Annotated[Year | Literal[""], Query(description="成文年份 (year of its date)", examples=["2024"])] = "",
    level: Annotated[
        LevelName | Literal[""], Query(description="发文机关层级 (level of the issuer)", examples=["city"])
    ] = "",
    lacking: Annotated[
        Literal[Lack, ""],
        Query(description="只看没有写明 units 责任单位、date 成文日期的 (documents that lack it)", examples=["date"]),
    ] = "",
    sort: Annotated[
        DocumentOrder, Query(description="排序: id 按编号, date 按成文日期，新的在前", examples=["date"])
    ] = "id",
) -> DocumentQuery:
    """Which documents an address asks for."""
    return DocumentQuery(text, issuer, year, level, lacking, sort)


def units(
    name: Annotated[
        str,
        Query(
            max_length=100,
            description="名称、简称的一部分或拼音首字母 (part of any name, or pinyin initials)",
            examples=["教育"],
        ),
    ] = "",
    level: Annotated[LevelName | Literal[""], Query(description="层级 (level)", examples=["city"])] = "",
    unresolved: Annotated[
        bool, Query(description="只看未能识别或有歧义的 (only those not known for sure)", examples=[True])
    ] = False,
    sort: Annotated[
        UnitOrder, Query(description="排序: tasks 按任务多少, lead 按牵头多少, name 按名称", examples=["lead"])
    ] = "tasks",
) -> UnitQuery:
    """Which units an address asks for."""
    return UnitQuery(name, level, unresolved, sort)


Asking = Annotated[Callable[..., Response], Depends(asking)]
Narrowed = Annotated[Filters, Depends(filters)]
AskedDocuments = Annotated[DocumentQuery, Depends(documents)]
AskedUnits = Annotated[UnitQuery, Depends(units)]
AskedTasks = Annotated[TaskQuery, Depends(tasks)]
HitSort = Annotated[
    HitOrder,
    Query(
        description="排序: relevance 按相关程度, date 按成文日期, due 按时限 (order of the hits)",
        examples=["relevance"],
    ),
]
Question = Annotated[
    str,
    Query(
        min_length=1,
        max_length=10_000,
        pattern=r"\S",
        description="要查的内容，词语或整句 (words or a sentence)",
        examples=["学前教育普惠发展"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=100, description="一页多少条 (items on a page)", examples=[10])]
Offset = Annotated[int, Query(ge=0, lt=2**31, description="从第几条开始，首条为 0 (items to skip)", examples=[0])]
DocumentId = Annotated[str, Path(description="文件编号 (document id)", examples=["xiangtan-jichu-jiaoyu"])]
ClauseId = Annotated[
    str,
    Path(
        description="条款编号 (clause id), percent-encoded: # is %23",
        examples=["xiangtan-jichu-jiaoyu#二.一.2"],
    ),
]
UnitId = Annotated[str, Path(description="单位编号或任一名称 (id or any name of a unit)", examples=["市教育局"])]
