"""What an AI assistant is told: short enough for a model to read, each statement with the characters of the source and their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kb.models.answers import DocumentSummary, UnitAnswer
from kb.models.documents import Standing
from kb.models.facts import Comparator, Role
from kb.models.fields import CLAUSE, END, ISSUED_ON, NUMBER, PAGE, PATH, PLAN, PLAN_TITLE, QUERY, ROLE, START, UNIT, doc

__all__ = [
    "DocumentList",
    "DocumentPassage",
    "DueList",
    "FoundClause",
    "FoundClauses",
    "FoundUnits",
    "OutlineEntry",
    "Quotation",
    "QuotedChange",
    "QuotedClause",
    "QuotedDeadline",
    "QuotedDueClause",
    "QuotedPage",
    "QuotedTarget",
    "QuotedTask",
    "QuotedUnit",
    "StatedTarget",
    "TargetList",
    "TaskList",
    "VersionChanges",
]

_DOCUMENT = doc("文件编号 id of the document", PLAN)
_CLAUSE = doc("条款编号 id of the clause", CLAUSE)
_QUOTATION = doc("原文 the characters of the source, verbatim", "全市公办幼儿园在园幼儿占比超过60%")
_FOLLOWED = doc("id of the document for a later year, in the same series (年度系列); empty for none", "")
_DUE = doc("时限 ISO date as precise as printed, or a recurrence", "2025-12")
_ANSWERED = doc("false: 知识库没有答案 the knowledge base holds no answer; do not make one up", True)
_NOTE = doc("how to read the result, in Chinese and English; empty: as it stands", "")


@dataclass(frozen=True, slots=True)
class Quotation:
    """引文: characters of the source, and where they stand."""

    text: str = field(metadata=_QUOTATION)
    start: int = field(metadata=START)
    end: int = field(metadata=END)


@dataclass(frozen=True, slots=True)
class QuotedUnit(Quotation):
    """责任: a unit that answers for a clause, and where the document says so."""

    unit: str = field(metadata=doc("单位 name as the document has it", "市教育局"))
    role: Role = field(metadata=ROLE)
    organization_id: str = field(metadata=doc("id of the unit behind the name", UNIT))


@dataclass(frozen=True, slots=True)
class QuotedTarget(Quotation):
    """指标: a quantity that a clause commits somebody to, and where it stands."""

    indicator: str = field(metadata=doc("指标 what is measured", "全市公办幼儿园在园幼儿占比"))
    comparator: Comparator = field(metadata=doc("= >= <= > < ~", ">"))
    value: float | None = field(
        metadata=doc("null: the source has lost the number, or the goal has none; do not guess it", 60.0)
    )
    upper: float | None = field(metadata=doc("upper bound of a range"))
    measure: str = field(metadata=doc("计量单位", "%"))
    due: str = field(metadata=_DUE)


@dataclass(frozen=True, slots=True)
class QuotedDeadline(Quotation):
    """时限: until when, or how often, something is to be done, and where it stands."""

    due: str = field(metadata=_DUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedClause:
    """条款: a clause with its place, its document and its facts."""

    clause_id: str = field(metadata=_CLAUSE)
    document_id: str = field(metadata=_DOCUMENT)
    document_title: str = field(metadata=doc("标题 of the document", PLAN_TITLE))
    document_number: str = field(metadata=NUMBER)
    issued_on: str = field(metadata=ISSUED_ON)
    standing: Standing = field(
        metadata=doc("效力 in_force, pending, amended, superseded, repealed, expired", "in_force")
    )
    followed_by: str = field(metadata=_FOLLOWED)
    path: tuple[str, ...] = field(metadata=PATH)
    text: str = field(metadata=doc("原文 the clause's own words, without its sub-clauses", "2.推进学前教育普惠发展。…"))
    is_cut: bool = field(metadata=doc("text is only the beginning; read the clause as a resource for the rest", False))
    start: int = field(metadata=START)
    end: int = field(metadata=END)
    page: int = field(metadata=PAGE)
    units: tuple[QuotedUnit, ...] = field(metadata=doc("责任单位 units that answer for it"))
    targets: tuple[QuotedTarget, ...] = field(metadata=doc("指标 quantities committed to"))
    deadlines: tuple[QuotedDeadline, ...] = field(metadata=doc("时限 until when, or how often"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundClause(QuotedClause):
    """A clause that was found, and how well it answers."""

    score: float = field(metadata=doc("0 to 1", 0.91))
    weak: bool = field(metadata=doc("near, but hardly an answer", False))
    elsewhere: bool = field(metadata=doc("from another place than the query names", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundClauses:
    """Clauses that answer a query, best first."""

    query: str = field(metadata=QUERY)
    answered: bool = field(metadata=_ANSWERED)
    note: str = field(metadata=_NOTE)
    relevant: int = field(metadata=doc("so many clauses answer", 12))
    next_offset: int | None = field(metadata=doc("offset of the next page; null: there is none", 5))
    clauses: tuple[FoundClause, ...] = field(metadata=doc("this page of them, best first"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUnits:
    """谁负责: units responsible for what is asked, with the clauses that say so."""

    query: str = field(metadata=QUERY)
    answered: bool = field(metadata=_ANSWERED)
    note: str = field(metadata=_NOTE)
    units: tuple[UnitAnswer, ...] = field(metadata=doc("units, each with the clause that names it"))
    evidence: tuple[FoundClause, ...] = field(
        metadata=doc("the clauses that say so; the nearest ones without an answer")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPage:
    """A part of a list."""

    total: int = field(metadata=doc("how many fit what was asked", 20))
    next_offset: int | None = field(metadata=doc("offset of the next page; null: there is none", 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedTask(QuotedClause):
    """A clause that a unit answers for."""

    role: Role = field(metadata=ROLE)
    through: str = field(metadata=doc("id of the group or predecessor that the clause names instead", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskList(QuotedPage):
    """The tasks of a unit."""

    organization_id: str = field(metadata=doc("id of the unit", UNIT))
    aliases: tuple[str, ...] = field(metadata=doc("other names that documents use", ["市教育局"]))
    lead: int = field(metadata=doc("clauses it leads (牵头) in all", 0))
    responsible: int = field(metadata=doc("clauses it answers for (责任) in all", 10))
    support: int = field(metadata=doc("clauses it supports (配合) in all", 0))
    tasks: tuple[QuotedTask, ...] = field(metadata=doc("this page of them"))
    namesakes: tuple[str, ...] = field(
        default=(),
        metadata=doc("ids of other units of the name that was asked for: ask which is meant, then use its id", []),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTarget:
    """A target with its clause, its document and the units that answer for it."""

    clause_id: str = field(metadata=_CLAUSE)
    document_id: str = field(metadata=_DOCUMENT)
    document_title: str = field(metadata=doc("标题 of the document", PLAN_TITLE))
    path: tuple[str, ...] = field(metadata=PATH)
    target: QuotedTarget = field(metadata=doc("指标"))
    units: tuple[QuotedUnit, ...] = field(metadata=doc("责任单位"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetList(QuotedPage):
    """Targets of all documents."""

    targets: tuple[StatedTarget, ...] = field(metadata=doc("this page of them"))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedDueClause(QuotedClause):
    """A clause and one date by which something of it is due."""

    due: str = field(metadata=_DUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList(QuotedPage):
    """What is due, by date."""

    clauses: tuple[QuotedDueClause, ...] = field(metadata=doc("this page of them"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList(QuotedPage):
    """Documents of the knowledge base."""

    documents: tuple[DocumentSummary, ...] = field(metadata=doc("this page of them"))


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A line of the outline of a document."""

    clause_id: str = field(metadata=_CLAUSE)
    parent_id: str | None = field(metadata=doc("id of the clause above; null at the top"))
    num: str = field(metadata=doc("number as printed", "2."))
    heading: str = field(metadata=doc("heading after the number", "推进学前教育普惠发展"))
    start: int = field(metadata=START)
    end: int = field(metadata=END)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPassage:
    """A document: its header, its outline, and a passage of its text."""

    document_id: str = field(metadata=_DOCUMENT)
    title: str = field(metadata=doc("标题", PLAN_TITLE))
    document_number: str = field(metadata=NUMBER)
    issuers: tuple[str, ...] = field(metadata=doc("发文机关", ["湘潭市人民政府办公室"]))
    issued_on: str = field(metadata=ISSUED_ON)
    standing: Standing = field(metadata=doc("效力", "in_force"))
    followed_by: str = field(metadata=_FOLLOWED)
    outline: tuple[OutlineEntry, ...] = field(metadata=doc("条款, in reading order"))
    text: str = field(metadata=doc("原文 from start to end, verbatim", "…"))
    start: int = field(metadata=START)
    end: int = field(metadata=END)
    characters: int = field(metadata=doc("characters of the whole text", 6000))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedChange:
    """What has become of one clause between two versions."""

    kind: Literal["added", "removed", "changed"] = field(metadata=doc("added, removed or changed", "changed"))
    old_clause_id: str = field(metadata=doc("id in the older version; empty: it is new", CLAUSE))
    new_clause_id: str = field(metadata=doc("id in the newer version; empty: it was removed", CLAUSE))
    old_text: str = field(metadata=doc("原文 in the older version"))
    new_text: str = field(metadata=doc("原文 in the newer version"))
    units_added: tuple[str, ...] = field(metadata=doc("units that have come", ["市财政局"]))
    units_removed: tuple[str, ...] = field(metadata=doc("units that are gone", []))
    targets_added: tuple[str, ...] = field(metadata=doc("targets that have come, in the words of the source", []))
    targets_removed: tuple[str, ...] = field(metadata=doc("targets that are gone, in the words of the source", []))


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChanges(QuotedPage):
    """What has changed from one version of a document to another."""

    old_id: str = field(metadata=doc("id of the older version", PLAN))
    new_id: str = field(metadata=doc("id of the newer version", PLAN))
    changes: tuple[QuotedChange, ...] = field(metadata=doc("this page of them, in the order of the newer version"))
