"""What the knowledge base answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from kb.models.documents import IN_FORCE, Clause, Organization, Recognition, Span, Validity
from kb.models.facts import ClauseFacts, Deadline, Responsibility, Role, Target
from kb.models.fields import (
    CLAUSE,
    END,
    ISSUED_ON,
    MISSING,
    NUMBER,
    OCR,
    PAGE,
    PATH,
    PLAN,
    PLAN_TITLE,
    QUERY,
    RECEIVED_ON,
    ROLE,
    SOURCE,
    START,
    TITLE,
    UNIT,
    UNREAD_PAGES,
    VALIDITY,
    doc,
)
from kb.models.hits import Hit

__all__ = [
    "Answer",
    "ClauseChange",
    "Comparison",
    "Directness",
    "DocumentSummary",
    "LedgerRow",
    "OrganizationSummary",
    "Page",
    "Scan",
    "Status",
    "TargetRow",
    "Task",
    "UnitAnswer",
    "UnitTasks",
]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list: ``items`` from ``offset`` on, at most ``limit`` of ``total``."""

    total: int = field(metadata=doc("how many there are in all", 1))
    offset: int = field(metadata=doc("items before this page", 0))
    limit: int = field(metadata=doc("most items on a page", 10))
    items: tuple[T, ...] = field(metadata=doc("this page of the list"))


# 标注 | 上级条款的标注 | 全文统一规定 | 正文中的主语 | 通过单位群体 | 同一条款中负责别的事 | 违规时由其处罚; the strongest first
Directness = Literal["mark", "inherited", "declared", "prose", "group", "beside", "penal"]


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """A unit that answers "who is responsible", with the clause that says so."""

    unit: str = field(metadata=doc("name of the unit as the document has it", "市教育局"))
    organization_id: str = field(metadata=doc("id of the unit behind the name", UNIT))
    role: Role = field(metadata=ROLE)
    score: float = field(metadata=doc("0 to 1", 0.91))
    clause_id: str = field(metadata=doc("id of the clause that says so", CLAUSE))
    start: int = field(metadata=START)
    end: int = field(metadata=END)
    organization: str = field(default="", metadata=doc("official name", UNIT))
    directness: Directness = field(
        default="mark",
        metadata=doc(
            "by a mark in the clause, one above it, a declaration for the whole document, in prose, or as one of a group;"
            " beside: the clause gives it something else than what is asked; penal: it punishes a breach",
            "mark",
        ),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is responsible: no units means that the knowledge base holds no answer."""

    query: str = field(metadata=QUERY)
    units: tuple[UnitAnswer, ...] = field(
        metadata=doc("units that answer for it; empty: the knowledge base holds no answer")
    )
    evidence: tuple[Hit, ...] = field(
        metadata=doc("clauses the units come from, best first; the nearest clauses when there are no units")
    )
    leads_differ: bool = field(
        default=False, metadata=doc("two documents of one place name different leads (牵头) for it", False)
    )
    missing: str = field(default="", metadata=MISSING)


@dataclass(frozen=True, slots=True)
class OrganizationSummary:
    """An organisation and how many clauses it answers for, by role."""

    organization: Organization = field(metadata=doc("the unit"))
    lead: int = field(metadata=doc("how many clauses it leads (牵头)", 0))
    responsible: int = field(metadata=doc("how many clauses it answers for (责任)", 10))
    support: int = field(metadata=doc("how many clauses it supports (配合)", 0))


@dataclass(frozen=True, slots=True)
class Task:
    """One clause that an organisation answers for."""

    role: Role = field(metadata=ROLE)
    facts: ClauseFacts = field(metadata=doc("the clause with its facts"))
    through: str = field(
        default="",
        metadata=doc("id of the group that it is in, or of whom it took over from, when the clause names that", ""),
    )


@dataclass(frozen=True, slots=True)
class UnitTasks:
    """A unit, the number of its tasks by role, and a page of them."""

    unit: OrganizationSummary = field(metadata=doc("the unit and how many clauses it answers for"))
    tasks: Page[Task] = field(metadata=doc("clauses it answers for"))
    namesakes: tuple[str, ...] = field(
        default=(), metadata=doc("ids of the other units of the name that was asked for", [])
    )


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text, and what it holds."""

    id: str = field(metadata=doc("id of the document: file stem, with the folder where another has the same", PLAN))
    title: str = field(metadata=TITLE)
    document_number: str = field(metadata=NUMBER)
    issuers: tuple[str, ...] = field(metadata=doc("发文机关", ["湘潭市人民政府办公室"]))
    issued_on: str = field(metadata=ISSUED_ON)
    kind: str = field(metadata=doc("文种", "实施方案"))
    source: str = field(metadata=SOURCE)
    received_on: str = field(metadata=RECEIVED_ON)
    clauses: int = field(metadata=doc("how many clauses", 21))
    responsibilities: int = field(metadata=doc("how many units are named", 81))
    targets: int = field(metadata=doc("how many targets", 20))
    validity: Validity = field(default=IN_FORCE, metadata=VALIDITY)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target with the clause and document it stands in and the units that answer for it."""

    target: Target = field(metadata=doc("指标"))
    document_id: str = field(
        metadata=doc("id of the document: file stem, with the folder where another has the same", PLAN)
    )
    document_title: str = field(metadata=doc("标题 of the document", PLAN_TITLE))
    path: tuple[str, ...] = field(metadata=PATH)
    responsibilities: tuple[Responsibility, ...] = field(
        metadata=doc("责任: units that answer for it, and their roles")
    )


@dataclass(frozen=True, slots=True)
class Scan:
    """A document with pages that are pictures, or lines in doubt: how much text recognition (文字识别) read, and what nothing could read."""

    document_id: str = field(
        metadata=doc("id of the document: file stem, with the folder where another has the same", PLAN)
    )
    source: str = field(metadata=SOURCE)
    recognised_pages: int = field(metadata=doc("pages that were read by OCR", 2))
    doubtful_lines: int = field(
        metadata=doc(
            "lines that OCR was not sure of, or whose quotes do not close in a csv file; compare them with the original",
            1,
        )
    )
    unread_pages: tuple[int, ...] = field(metadata=UNREAD_PAGES)


@dataclass(frozen=True, slots=True)
class Status:
    """What the generation in use holds and was built with."""

    generation: str = field(metadata=doc("name of the generation in use", "20251124T030000000000Z"))
    built_at: str = field(metadata=doc("when the index was built (ISO, UTC)", "2025-11-24T03:00:00Z"))
    code_version: str = field(metadata=doc("hash of the program that built the index", "1f0c9a2e"))
    model: str = field(metadata=doc("the encoder the index was built with", "embedded:1a2b3c4d"))
    documents: int = field(metadata=doc("how many documents", 1))
    clauses: int = field(metadata=doc("how many clauses", 21))
    responsibilities: int = field(metadata=doc("how many units are named", 81))
    targets: int = field(metadata=doc("how many targets", 20))
    organizations: int = field(metadata=doc("how many units", 24))
    contextual: int | None = field(
        default=None,
        metadata=doc("clauses that the contextual model has read (语义向量); null: the model in use has none", 21),
    )
    verified: bool = field(
        default=False,
        metadata=doc("whether all files have been compared with their checksums; false while that is under way", True),
    )


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of a 责任分解表: a clause as a task, who answers for it, what is to be reached and until when."""

    number: int = field(metadata=doc("序号, from 1", 2))
    clause_id: str = field(metadata=doc("id of the clause", CLAUSE))
    task: str = field(metadata=doc("任务: heading or first sentence", "推进学前教育普惠发展"))
    content: str = field(
        metadata=doc(
            "内容: the clause's own words after number and heading",
            "加大公办园建设力度,确保每个乡镇(街道)有1所公办幼儿园…",
        )
    )
    lead: tuple[str, ...] = field(metadata=doc("牵头单位", []))
    responsible: tuple[str, ...] = field(metadata=doc("责任单位", ["各县市区人民政府", "市教育局", "市财政局"]))
    support: tuple[str, ...] = field(metadata=doc("配合单位", []))
    targets: tuple[str, ...] = field(
        metadata=doc("目标, in the words of the source", ["全市公办幼儿园在园幼儿占比超过60%"])
    )
    deadlines: tuple[str, ...] = field(metadata=doc("时限, as staff write it", ["2025年12月"]))
    document_title: str = field(default="", metadata=doc("标题 of the document", PLAN_TITLE))
    page: int = field(default=0, metadata=PAGE)
    ocr: Recognition = field(default="", metadata=OCR)


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause that differs between two versions of a document; ``old`` is None for an added one, ``new`` for a removed one."""

    kind: Literal["added", "removed", "changed"] = field(metadata=doc("added, removed or changed", "changed"))
    old: Clause | None = field(metadata=doc("the clause in the older version; null when it is new"))
    new: Clause | None = field(metadata=doc("the clause in the newer version; null when it was removed"))
    responsibilities_added: tuple[Responsibility, ...] = field(
        default=(), metadata=doc("units that the newer version names and the older does not")
    )
    responsibilities_removed: tuple[Responsibility, ...] = field(
        default=(), metadata=doc("units that the older version names and the newer does not")
    )
    targets_added: tuple[Target, ...] = field(
        default=(), metadata=doc("targets of the newer version that the older does not have")
    )
    targets_removed: tuple[Target, ...] = field(
        default=(), metadata=doc("targets of the older version that the newer does not have")
    )
    deadlines_added: tuple[Deadline, ...] = field(
        default=(), metadata=doc("dates of the newer version that the older does not have")
    )
    deadlines_removed: tuple[Deadline, ...] = field(
        default=(), metadata=doc("dates of the older version that the newer does not have")
    )
    words_added: tuple[Span, ...] = field(default=(), metadata=doc("what has come: spans in new.text"))
    words_removed: tuple[Span, ...] = field(default=(), metadata=doc("what is gone: spans in old.text"))

    @property
    def has_facts(self) -> bool:
        """Whether a unit, a target or a date has come or gone."""
        units = (self.responsibilities_added, self.responsibilities_removed)
        goals = (self.targets_added, self.targets_removed, self.deadlines_added, self.deadlines_removed)
        return any((*units, *goals))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What has changed from one document to another, in the order of the newer one."""

    old_id: str = field(metadata=doc("id of the older document", PLAN))
    new_id: str = field(metadata=doc("id of the newer document", PLAN))
    changes: tuple[ClauseChange, ...] = field(metadata=doc("what has changed, in the order of the newer document"))
