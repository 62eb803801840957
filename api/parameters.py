"""What addresses under /api/v1 may say, and how lists come back: what several of them share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from fastapi import Depends, Path, Query, Request

from kb.models import Filters, Role
from kb.search import KnowledgeBase

T = TypeVar("T")

ISO = r"^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list: ``items`` from ``offset`` on, at most ``limit`` of ``total``."""

    total: int
    offset: int
    limit: int
    items: tuple[T, ...]


def knowledge_base(request: Request) -> Iterator[KnowledgeBase]:
    """The generation in use, kept open for the length of a request."""
    with request.app.state.current.reading() as opened:
        yield opened


def filters(
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
) -> Filters:
    """Filters as they stand in an address."""
    return Filters(document_id=document_id, unit=unit, role=role, has_targets=has_targets, due_before=due_before)


KB = Annotated[KnowledgeBase, Depends(knowledge_base)]
Narrowed = Annotated[Filters, Depends(filters)]
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
