"""What helps a person to find the way: suggestions while typing, what a unit has to do at a glance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kb.models.fields import UNIT, doc
from kb.models.queries import Tally

__all__ = [
    "AskedList",
    "Suggestion",
    "SuggestionKind",
    "UnitProfile",
]

SuggestionKind = Literal["unit", "document", "topic"]  # 单位 | 文件 | 任务


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody who types this may mean: a unit or a document by its id, or a task that clauses are headed by."""

    kind: SuggestionKind = field(metadata=doc("unit 单位, document 文件, topic 任务", "unit"))
    id: str = field(metadata=doc("of the unit or document; empty for a task", UNIT))
    name: str = field(metadata=doc("name of the unit, title of the document, or the task", UNIT))
    also: str = field(
        metadata=doc(
            "the other name of it that was typed, a short name or 发文字号; empty when it was the name itself",
            "市教育局",
        )
    )
    count: int = field(
        metadata=doc("clauses: that the unit answers for, that the document has, that are headed so", 10)
    )


@dataclass(frozen=True, slots=True)
class AskedList:
    """What a question asks for that a list answers better than clauses, or that no document tells."""

    kind: Literal["due", "progress"] = field(
        metadata=doc(
            "due 到期清单 from since to until, of a unit or of all; progress 进展, which documents do not tell", "due"
        )
    )
    since: str = field(default="", metadata=doc("ISO date as precise as asked", "2026-12"))
    until: str = field(default="", metadata=doc("ISO date as precise as asked", "2026-12"))
    unit: str = field(default="", metadata=doc("name of the unit, as asked", "市住建局"))
    matter: str = field(default="", metadata=doc("whose progress is asked for", "老旧小区改造"))


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """What a unit has to do, at a glance."""

    organization_id: str = field(metadata=doc("id of the unit", UNIT))
    partners: tuple[Tally, ...] = field(metadata=doc("units named in the same clauses, the most frequent first"))
    documents: tuple[Tally, ...] = field(metadata=doc("文件 where its tasks stand, the most first"))
    due: tuple[Tally, ...] = field(metadata=doc("时限: clauses by the month that something is due, in order"))
