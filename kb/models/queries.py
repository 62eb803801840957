"""What is asked of the knowledge base. A field that is empty does not narrow.

Each field says how it is called in an address and in a command, what it takes, and what counts its values; the parameters of HTTP, the
options of ``kb`` and the checks are made from that. Its condition in SQL stands in ``kb.index.store.filters``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kb.models.documents import GovernmentLevel
from kb.models.facts import Comparator, Role
from kb.models.fields import DATE, NUMERAL, PLAN, YEAR, YEAR_OR_NONE, doc, parameter

__all__ = [
    "ALL_TASKS",
    "EVERYTHING",
    "EVERY_DATE",
    "EVERY_DOCUMENT",
    "EVERY_TARGET",
    "EVERY_UNIT",
    "DocumentOrder",
    "DocumentQuery",
    "DueQuery",
    "Facets",
    "Filters",
    "HitOrder",
    "Lack",
    "Tally",
    "TargetOrder",
    "TargetQuery",
    "TargetState",
    "TaskOrder",
    "TaskQuery",
    "UnitOrder",
    "UnitQuery",
]

HitOrder = Literal["relevance", "date", "due"]
TaskOrder = Literal["document", "role", "due"]  # in reading order, lead first, earliest first
DocumentOrder = Literal["id", "date", "received"]
UnitOrder = Literal["tasks", "lead", "name"]
TargetOrder = Literal["document", "indicator", "value", "measure", "due"]
Lack = Literal["units", "date", "text"]  # 责任单位 | 成文日期 | 没读出来的页或文字
TargetState = Literal["stated", "damaged", "qualitative"]

_DOCUMENT_ID = parameter("只看这个文件（编号）", "only this document, by its id", PLAN, option="document")
_DUE_BEFORE = parameter(
    "目标或时限不晚于这一天",
    "a target or deadline due on or before this ISO date, as precise as you like",
    "2025-12",
    pattern=DATE,
)
_DUE_AFTER = parameter(
    "目标或时限不早于这一天",
    "a target or deadline due on or after this ISO date, as precise as you like",
    "2025",
    pattern=DATE,
)


_PLACE = parameter(
    "只看这个地方（含下辖）的文件", "only documents of this place and of what lies in it", "湘潭市", max_length=100
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrow a search."""

    document_id: str = field(default="", metadata={**_DOCUMENT_ID, "facet": "documents"})
    unit: str = field(
        default="",
        metadata=parameter(
            "只看这个单位负责的条款", "only what this unit answers for, by any of its names", "市教育局", facet="units"
        ),
    )
    role: Role | Literal[""] = field(
        default="",
        metadata=parameter(
            "单位的角色：lead 牵头，responsible 责任，support 配合", "role of the unit", "responsible", facet="roles"
        ),
    )
    has_targets: bool = field(
        default=False, metadata=parameter("只看有指标的条款", "only clauses with a target", True, facet="with_targets")
    )
    due_before: str = field(default="", metadata={**_DUE_BEFORE, "facet": "due"})
    due_after: str = field(default="", metadata={**_DUE_AFTER, "facet": "due"})
    # Of the next three one value must fit, where several are given.
    issuers: tuple[str, ...] = field(
        default=(),
        metadata=parameter(
            "只看这些机关发的文件",
            "only documents of these issuers",
            ["湘潭市人民政府办公室"],
            name="issuer",
            facet="issuers",
        ),
    )
    years: tuple[str, ...] = field(
        default=(),
        metadata=parameter(
            "只看这些年份成文的文件",
            "only documents of these years",
            ["2021"],
            name="year",
            pattern=YEAR,
            facet="years",
        ),
    )
    levels: tuple[GovernmentLevel, ...] = field(
        default=(),
        metadata=parameter(
            "只看这些层级的机关发的文件",
            "only documents of issuers of these levels",
            ["city"],
            name="level",
            facet="levels",
        ),
    )
    place: str = field(default="", metadata=_PLACE)
    in_force: bool = field(
        default=False, metadata=parameter("只看现行有效的文件", "only documents that are in force today", True)
    )


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are of one kind; ``id`` is what a filter takes, ``name`` what people read."""

    id: str = field(metadata=doc("what a filter takes", "2025"))
    name: str = field(metadata=doc("what people read", "2025"))
    count: int = field(metadata=doc("how many", 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How the relevant clauses of a search spread over what they can be narrowed by.

    Each list is what one would get by narrowing by that alone, with the other filters as they are; the largest first, years in order.
    """

    query: str = field(metadata=doc("what was asked", "学前教育普惠发展"))
    total: int = field(metadata=doc("relevant clauses; all that were found when none is", 12))
    with_targets: int = field(metadata=doc("clauses with a target", 8))
    units: tuple[Tally, ...] = field(metadata=doc("units named in most of the clauses"))
    roles: tuple[Tally, ...] = field(metadata=doc("roles of the units in the clauses"))
    documents: tuple[Tally, ...] = field(metadata=doc("文件 with most of the clauses"))
    issuers: tuple[Tally, ...] = field(metadata=doc("发文机关 with most of the clauses"))
    years: tuple[Tally, ...] = field(metadata=doc("成文年份, the latest first"))
    levels: tuple[Tally, ...] = field(metadata=doc("发文机关层级"))
    due: tuple[Tally, ...] = field(metadata=doc("时限: years that something is due, in order"))


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks of a unit, in which order."""

    role: Role | Literal[""] = field(
        default="",
        metadata=parameter(
            "只看这一角色的任务：lead 牵头，responsible 责任，support 配合", "only tasks in this role", "lead"
        ),
    )
    document_id: str = field(default="", metadata=_DOCUMENT_ID)
    due_after: str = field(default="", metadata=_DUE_AFTER)
    due_before: str = field(default="", metadata=_DUE_BEFORE)
    order: TaskOrder = field(
        default="document",
        metadata=parameter("排序：document 按文件，role 按角色，due 按时限", "order of the tasks", "due", name="sort"),
    )


@dataclass(frozen=True, slots=True)
class DocumentQuery:
    """Which documents, in which order."""

    text: str = field(
        default="",
        metadata=parameter("标题、文号或编号的一部分", "part of title, number or id", "教育", max_length=200),
    )
    issuer: str = field(
        default="", metadata=parameter("发文机关的一部分", "part of an issuer's name", "湘潭市", max_length=100)
    )
    year: str = field(default="", metadata=parameter("成文年份", "year of its date", "2024", pattern=YEAR))
    level: GovernmentLevel | Literal[""] = field(
        default="", metadata=parameter("发文机关层级", "level of the issuer", "city")
    )
    lacking: Lack | Literal[""] = field(
        default="",
        metadata=parameter(
            "只看没有写明 units 责任单位、date 成文日期的，或有 text 没读出来的", "documents that lack it", "date"
        ),
    )
    order: DocumentOrder = field(
        default="id",
        metadata=parameter("排序：id 按编号，date 按成文、received 按收入日期，新的在前", "order", "date", name="sort"),
    )


@dataclass(frozen=True, slots=True)
class UnitQuery:
    """Which units, in which order."""

    name: str = field(
        default="",
        metadata=parameter(
            "名称、简称的一部分或拼音首字母", "part of any name, or pinyin initials", "教育", max_length=100
        ),
    )
    level: GovernmentLevel | Literal[""] = field(default="", metadata=parameter("层级", "level", "city"))
    only_unresolved: bool = field(
        default=False,
        metadata=parameter("只看未能识别或有歧义的", "only those not known for sure", True, name="unresolved"),
    )
    order: UnitOrder = field(
        default="tasks",
        metadata=parameter(
            "排序：tasks 按任务多少，lead 按牵头多少，name 按名称", "order of the units", "lead", name="sort"
        ),
    )


@dataclass(frozen=True, slots=True)
class TargetQuery:
    """Which targets, in which order."""

    within: Filters = EVERYTHING  # the due dates are those of the target itself
    text: str = field(
        default="",
        metadata=parameter("指标或原文中含有的文字", "words of the indicator or the source", "幼儿园", max_length=200),
    )
    due_year: str = field(
        default="",
        metadata=parameter(
            "时限在哪一年，none 为未写时限", "year of the due date, or none", "none", pattern=YEAR_OR_NONE
        ),
    )
    measure: str = field(default="", metadata=parameter("计量单位", "unit of measure", "%", max_length=40))
    comparator: Comparator | Literal[""] = field(
        default="", metadata=parameter("比较关系", "how the quantity compares", ">")
    )
    state: TargetState | Literal[""] = field(
        default="",
        metadata=parameter("stated 有数，damaged 原文数字缺失，qualitative 定性", "state of the number", "stated"),
    )
    least: str = field(default="", metadata=parameter("目标值不低于", "value of at least", "90", pattern=NUMERAL))
    order: TargetOrder = field(
        default="document",
        metadata=parameter(
            "排序：document 按文件，indicator 按指标，value 按数值，measure 按计量单位，due 按时限",
            "order of the targets",
            "value",
            name="sort",
        ),
    )
    descending: bool = field(default=False, metadata=parameter("从大到小", "largest or latest first", True))


@dataclass(frozen=True, slots=True)
class DueQuery:
    """Which dates, in which order."""

    document_id: str = field(default="", metadata=_DOCUMENT_ID)
    unit: str = field(
        default="",
        metadata=parameter(
            "只看这个单位负责的任务", "only what this unit answers for, by any of its names", "市水利局", max_length=100
        ),
    )
    place: str = field(default="", metadata=_PLACE)
    in_force: bool = field(
        default=False, metadata=parameter("只看现行有效的文件", "only documents that are in force today", True)
    )
    recurring: bool = field(
        default=False,
        metadata=parameter(
            "不看日期，看定期任务（每月25日前、每季度末）",
            "instead of dates what comes back: every month, every year",
            True,
        ),
    )
    since: str = field(default="", metadata=parameter("不早于", "ISO date", "2020", pattern=DATE))
    until: str = field(default="", metadata=parameter("不晚于", "ISO date", "2035-12", pattern=DATE))
    descending: bool = field(default=False, metadata=parameter("从晚到早", "latest first", False))


ALL_TASKS, EVERY_DOCUMENT, EVERY_UNIT, EVERY_TARGET, EVERY_DATE = (
    TaskQuery(),
    DocumentQuery(),
    UnitQuery(),
    TargetQuery(),
    DueQuery(),
)
