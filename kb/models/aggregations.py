"""The knowledge base seen from above: targets as a table, units against tasks, who works with whom, what is due, what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kb.models.answers import ClauseFacts, Filters, Status
from kb.models.documents import Comparator

# 按文件 | 按指标 | 按数值 | 按计量单位 | 按时限
TargetOrder = Literal["document", "indicator", "value", "measure", "due"]
Lack = Literal["units", "date"]  # 责任单位 | 成文日期
TargetState = Literal["stated", "damaged", "qualitative"]  # 有数 | 原文数字缺失 | 定性


@dataclass(frozen=True, slots=True)
class TargetQuery:
    """Which targets, in which order; an empty field does not narrow."""

    within: Filters = field(default_factory=Filters)  # document, unit and role of who answers, due_before
    text: str = ""  # stands in the indicator or in the words of the source
    due_year: str = ""  # "2025"; "none": without a date
    measure: str = ""  # 计量单位, "%"
    comparator: Comparator | Literal[""] = ""
    state: TargetState | Literal[""] = ""
    order: TargetOrder = "document"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are of one kind; ``id`` is what a filter takes, ``name`` what people read."""

    id: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class TargetTallies:
    """How the targets of a query spread; each list the largest first, years in their order."""

    by_year: tuple[Tally, ...]  # of the due date, "none" last
    by_unit: tuple[Tally, ...]  # the units that answer for them
    by_document: tuple[Tally, ...]
    by_measure: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """What a reader should know before relying on the knowledge base: how often the source or the reading falls short."""

    damaged_targets: int  # 指标数字缺失
    damaged_deadlines: int  # 时限年份缺失
    damaged_citations: int  # 引用文号缺失
    unresolved_units: int  # 名称对不上的单位
    documents_without_units: int  # 未写明责任单位的文件
    documents_without_date: int  # 未读到成文日期的文件


@dataclass(frozen=True, slots=True)
class Overview:
    """总览: how much there is, of which years, kinds and issuers, and what is doubtful in it."""

    counts: Status
    lead: int  # clauses that somebody leads
    responsible: int
    support: int
    by_year: tuple[Tally, ...]  # documents by the year of their date
    by_kind: tuple[Tally, ...]
    by_issuer: tuple[Tally, ...]
    quality: Quality


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A line of a matrix: a document, or one clause of a document."""

    id: str
    title: str
    above: str  # heading of the clause above; "" for a document and at the top
    units: int  # how many units it names, shown or not


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Where a line and a unit meet: for how many clauses the unit leads, answers or supports."""

    row: int  # place in ``rows``
    column: int  # place in ``units``
    lead: int
    responsible: int
    support: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """责任矩阵: the busiest units across, documents (or the clauses of one) down; only cells that hold something."""

    title: str  # of the document whose clauses these are; "" when documents stand in the lines
    total_units: int
    total_rows: int
    offset: int
    units: tuple[Tally, ...]
    rows: tuple[MatrixRow, ...]
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Two units that are named in the same clauses."""

    one: str  # id of a unit
    other: str
    clauses: int  # how many


@dataclass(frozen=True, slots=True)
class Network:
    """协作网络: the busiest units (``count`` clauses each) and which of them work together, the closest first."""

    units: tuple[Tally, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class DueQuery:
    """Which dates; an empty field does not narrow."""

    document_id: str = ""
    since: str = ""  # ISO, as precise as one likes
    until: str = ""
    descending: bool = False  # the latest first


@dataclass(frozen=True, slots=True)
class DueClause:
    """A clause and one date by which something of it is due."""

    due: str  # ISO, as precise as printed
    facts: ClauseFacts  # with who answers for it, named in the clause or above it
