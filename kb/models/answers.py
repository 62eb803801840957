"""What is asked of the knowledge base, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kb.models.documents import (
    IN_FORCE,
    Citation,
    Clause,
    Deadline,
    Level,
    Organization,
    Recognition,
    Responsibility,
    Role,
    Span,
    Target,
    Validity,
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrow a search; an empty field does not narrow."""

    document_id: str = ""
    unit: str = ""  # any name of the organisation
    role: Role | Literal[""] = ""
    has_targets: bool = False
    due_before: str = ""  # ISO; clauses with a target or deadline due on or before it
    due_after: str = ""  # ISO; … on or after it
    issuers: tuple[str, ...] = ()  # of the document; one of these, as of the next two
    years: tuple[str, ...] = ()  # of the document's date
    levels: tuple[Level, ...] = ()  # of government that the issuer belongs to
    in_force: bool = False  # only documents that are in force today


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class ClauseFacts:
    """A clause with the facts that stand in its own text."""

    clause: Clause
    document_title: str
    responsibilities: tuple[Responsibility, ...] = ()
    targets: tuple[Target, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    citations: tuple[Citation, ...] = ()
    validity: Validity = IN_FORCE  # of the document
    document_number: str = ""
    issued_on: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Official wordings that a query was widened by, because it is near to something that people say."""

    spoken: str  # what people say, as the thesaurus has it
    official: tuple[str, ...]
    weight: float  # 0..1: how near the query is to it


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause that answers a query, and why."""

    facts: ClauseFacts
    score: float  # 0..1
    word_score: float
    vector_score: float
    expansion_score: float
    highlights: tuple[Span, ...]  # offsets into ``facts.clause.text``
    matched: tuple[str, ...]  # words of the query that stand in the clause or in what it stands under
    expansions: tuple[Expansion, ...]  # those with a wording that stands there
    same_as: str = ""  # a better hit that says nearly the same, in another version of the document
    rerank_score: float | None = None  # None: no cross-encoder read it
    weak: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of hits, in the order asked for; ``total`` counts all of them."""

    query: str
    total: int
    offset: int
    limit: int
    hits: tuple[Hit, ...]
    relevant: int = 0  # so many of all are not weak


# 标注 | 上级条款的标注 | 全文统一规定 | 正文中的主语 | 通过单位群体; the strongest first
Directness = Literal["mark", "inherited", "declared", "prose", "group"]


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """A unit that answers "who is responsible", with the clause that says so."""

    unit: str
    organization_id: str
    role: Role
    score: float
    clause_id: str
    start: int
    end: int
    organization: str = ""  # official name
    directness: Directness = "mark"  # "group": a name for several, such as 各县市区人民政府


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is responsible: no units means that the knowledge base holds no answer."""

    query: str
    units: tuple[UnitAnswer, ...]
    evidence: tuple[Hit, ...]  # the clauses the units come from, best first; the nearest hits when there are no units
    leads_differ: bool = False  # two documents of one place name different leads (牵头) for it


@dataclass(frozen=True, slots=True)
class OrganizationSummary:
    """An organisation and how many clauses it answers for, by role."""

    organization: Organization
    lead: int
    responsible: int
    support: int


TaskOrder = Literal["document", "role", "due"]  # in reading order, lead first, earliest first


@dataclass(frozen=True, slots=True)
class Task:
    """One clause that an organisation answers for."""

    role: Role
    facts: ClauseFacts
    through: str = ""  # id of the group that it is in, or of whom it took over from, when the clause names that


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text, and what it holds."""

    id: str
    title: str
    document_number: str
    issuers: tuple[str, ...]
    issued_on: str
    kind: str
    source: str
    clauses: int
    responsibilities: int
    targets: int
    validity: Validity = IN_FORCE


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target with the clause and document it stands in and the units that answer for it."""

    target: Target
    document_id: str
    document_title: str
    path: tuple[str, ...]
    responsibilities: tuple[Responsibility, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """A document of which pages are pictures: how much text recognition (文字识别) read, and what nothing could read."""

    document_id: str
    source: str  # file name
    recognised_pages: int
    doubtful_lines: int
    unread_pages: tuple[int, ...]  # from 1


@dataclass(frozen=True, slots=True)
class Status:
    """What the generation in use holds and was built with."""

    generation: str
    built_at: str  # ISO, UTC
    code_version: str
    model: str
    documents: int
    clauses: int
    responsibilities: int
    targets: int
    organizations: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of a 责任分解表: a clause as a task, who answers for it, what is to be reached and until when."""

    number: int  # 序号
    clause_id: str
    task: str  # 任务: the heading, or the first sentence
    content: str  # 内容: the clause's own words after its number and heading
    lead: tuple[str, ...]  # 牵头单位
    responsible: tuple[str, ...]  # 责任单位
    support: tuple[str, ...]  # 配合单位
    targets: tuple[str, ...]  # 目标, in the words of the source
    deadlines: tuple[str, ...]  # 时限
    document_title: str = ""  # 文件
    page: int = 0  # 页码, from 1; 0 in a format without pages
    ocr: Recognition = ""  # how the clause was recognised, where it was read from a picture


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause that differs between two versions of a document; ``old`` is None for an added one, ``new`` for a removed one."""

    kind: Literal["added", "removed", "changed"]
    old: Clause | None
    new: Clause | None
    responsibilities_added: tuple[Responsibility, ...] = ()
    responsibilities_removed: tuple[Responsibility, ...] = ()
    targets_added: tuple[Target, ...] = ()
    targets_removed: tuple[Target, ...] = ()
    words_added: tuple[Span, ...] = ()  # offsets into ``new.text``
    words_removed: tuple[Span, ...] = ()  # offsets into ``old.text``

    @property
    def has_facts(self) -> bool:
        """Whether a unit or a target has come or gone."""
        facts = (self.responsibilities_added, self.responsibilities_removed, self.targets_added, self.targets_removed)
        return any(facts)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What has changed from one document to another, in the order of the newer one."""

    old_id: str
    new_id: str
    changes: tuple[ClauseChange, ...]
