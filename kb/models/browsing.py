"""What helps a person to find the way: suggestions while typing, facets of a result, what a unit has to do at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kb.models.aggregations import Lack, Tally
from kb.models.answers import TaskOrder
from kb.models.documents import Level, Role

HitOrder = Literal["relevance", "date", "due"]  # 相关程度 | 成文日期，新的在前 | 时限，早的在前
SuggestionKind = Literal["unit", "document", "topic"]  # 单位 | 文件 | 任务


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody who types this may mean: a unit or a document by its id, or a task that clauses are headed by."""

    kind: SuggestionKind
    id: str  # of the unit or document; "" for a topic
    name: str
    also: str  # the other name of it that was typed, when it is not ``name``
    count: int  # clauses: that the unit answers for, that the document has, that are headed so


@dataclass(frozen=True, slots=True)
class Facets:
    """How the relevant clauses of a search spread over what they can be narrowed by.

    Each list is what one would get by narrowing by that alone, with the other filters as they are; the largest first, years in order.
    """

    query: str
    total: int  # relevant clauses; all that were found when none is
    with_targets: int
    units: tuple[Tally, ...]
    roles: tuple[Tally, ...]
    documents: tuple[Tally, ...]
    issuers: tuple[Tally, ...]
    years: tuple[Tally, ...]  # 成文年份
    levels: tuple[Tally, ...]  # 发文机关层级
    due: tuple[Tally, ...]  # 时限年份


DocumentOrder = Literal["id", "date"]  # 按编号 | 按成文日期，新的在前
UnitOrder = Literal["tasks", "lead", "name"]  # 按任务多少 | 按牵头多少 | 按名称


@dataclass(frozen=True, slots=True)
class DocumentQuery:
    """Which documents, in which order; an empty field does not narrow."""

    text: str = ""  # stands in title, number or id
    issuer: str = ""  # part of the name of one
    year: str = ""  # of its date
    level: Level = ""  # of government that the issuer belongs to
    lacking: Lack | Literal[""] = ""
    order: DocumentOrder = "id"


@dataclass(frozen=True, slots=True)
class UnitQuery:
    """Which units, in which order; an empty field does not narrow."""

    name: str = ""  # part of any name, or of its pinyin initials
    level: Level = ""
    only_unresolved: bool = False
    order: UnitOrder = "tasks"


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks of a unit, in which order; an empty field does not narrow."""

    role: Role | Literal[""] = ""
    document_id: str = ""
    due_after: str = ""  # ISO; with a target or deadline due on or after it
    due_before: str = ""  # ISO; … on or before it
    order: TaskOrder = "document"


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """What a unit has to do, at a glance."""

    organization_id: str
    partners: tuple[Tally, ...]  # units that are named in the same clauses, the most frequent first
    documents: tuple[Tally, ...]  # where its tasks stand, the most first
    due: tuple[Tally, ...]  # clauses by the month that something is due, "2025-12", in order
