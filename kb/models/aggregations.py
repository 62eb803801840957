"""The knowledge base seen from above: how targets spread, units against tasks, who works with whom, what is due, what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field

from kb.models.answers import Status
from kb.models.facts import ClauseFacts
from kb.models.fields import CLAUSE, PLAN_TITLE, UNIT, doc
from kb.models.queries import Tally

__all__ = [
    "DueClause",
    "DueTallies",
    "Link",
    "Matrix",
    "MatrixCell",
    "MatrixRow",
    "Network",
    "Overview",
    "Quality",
    "TargetTallies",
]


@dataclass(frozen=True, slots=True)
class TargetTallies:
    """How the targets of a query spread; each list the largest first, years in their order."""

    by_year: tuple[Tally, ...] = field(metadata=doc("years of the due date in their order, with how many; none last"))
    by_unit: tuple[Tally, ...] = field(metadata=doc("units that answer for most of them"))
    by_document: tuple[Tally, ...] = field(metadata=doc("documents that have most of them"))
    by_measure: tuple[Tally, ...] = field(metadata=doc("计量单位 that most of them have"))


@dataclass(frozen=True, slots=True)
class Quality:
    """What a reader should know before relying on the knowledge base: how often the source or the reading falls short."""

    damaged_targets: int = field(metadata=doc("指标: numbers that the source has lost", 11))
    damaged_deadlines: int = field(metadata=doc("时限: years that the source has lost", 12))
    damaged_citations: int = field(metadata=doc("引用: numbers of documents that the source has lost digits of", 1))
    unresolved_units: int = field(metadata=doc("names of units that no known unit stands behind for sure", 3))
    documents_without_units: int = field(metadata=doc("documents that name no responsible unit", 0))
    documents_without_date: int = field(metadata=doc("documents whose 成文日期 could not be read whole", 1))
    documents_without_text: int = field(
        metadata=doc("documents of which pages, or more than a tenth of the text, could not be read", 0)
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """总览: how much there is, of which years, kinds and issuers, and what is doubtful in it."""

    counts: Status = field(metadata=doc("what the index in use holds"))
    lead: int = field(metadata=doc("clauses that somebody leads (牵头)", 0))
    responsible: int = field(metadata=doc("clauses that somebody answers for (责任)", 11))
    support: int = field(metadata=doc("clauses that somebody supports (配合)", 0))
    by_year: tuple[Tally, ...] = field(metadata=doc("documents by the year of their date, in order"))
    by_kind: tuple[Tally, ...] = field(metadata=doc("documents by 文种, the most frequent first"))
    by_issuer: tuple[Tally, ...] = field(metadata=doc("documents by the first of their issuers, the busiest first"))
    quality: Quality = field(metadata=doc("what is damaged in the sources or could not be settled"))


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A line of a matrix: a document, or one clause of a document."""

    id: str = field(metadata=doc("id of the document or clause", CLAUSE))
    title: str = field(
        metadata=doc("标题 of the document, or number and heading of the clause", "2.推进学前教育普惠发展")
    )
    above: str = field(
        metadata=doc("heading of the clause above; empty for a document and at the top", "加大资源供给,促进优质均衡")
    )
    units: int = field(metadata=doc("how many units it names, shown or not", 8))


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Where a line and a unit meet: for how many clauses the unit leads, answers or supports."""

    row: int = field(metadata=doc("place in rows, from 0", 0))
    column: int = field(metadata=doc("place in units, from 0", 0))
    lead: int = field(metadata=doc("clauses that the unit leads here (牵头 ●)", 0))
    responsible: int = field(metadata=doc("clauses that the unit answers for here (责任 ○)", 1))
    support: int = field(metadata=doc("clauses that the unit supports here (配合 △)", 0))


@dataclass(frozen=True, slots=True)
class Matrix:
    """责任矩阵: the busiest units across, documents (or the clauses of one) down; only cells that hold something."""

    title: str = field(
        metadata=doc("标题 of the document whose clauses stand in the lines; empty for documents", PLAN_TITLE)
    )
    total_units: int = field(metadata=doc("units in all", 25))
    total_rows: int = field(metadata=doc("lines in all", 11))
    offset: int = field(metadata=doc("lines before these", 0))
    units: tuple[Tally, ...] = field(metadata=doc("the busiest units, with how many clauses name each"))
    rows: tuple[MatrixRow, ...] = field(metadata=doc("lines: documents, or clauses of one document"))
    cells: tuple[MatrixCell, ...] = field(metadata=doc("where a line and a unit meet; only what holds something"))


@dataclass(frozen=True, slots=True)
class Link:
    """Two units that are named in the same clauses."""

    one: str = field(metadata=doc("id of a unit", UNIT))
    other: str = field(metadata=doc("id of another unit", "湘潭市财政局"))
    clauses: int = field(metadata=doc("how many clauses name both", 9))


@dataclass(frozen=True, slots=True)
class Network:
    """协作网络: the busiest units (``count`` clauses each) and which of them work together, the closest first."""

    units: tuple[Tally, ...] = field(metadata=doc("the busiest units, with how many clauses name each"))
    links: tuple[Link, ...] = field(metadata=doc("pairs of units named together, the closest first"))


@dataclass(frozen=True, slots=True)
class DueClause:
    """A clause and the date by which something of it is due, or how often it comes back."""

    due: str = field(metadata=doc("ISO date as precise as printed; empty for what comes back", "2025-12"))
    facts: ClauseFacts = field(metadata=doc("the clause, with the units that answer for it, named there or above"))
    recurrence: str = field(default="", metadata=doc("how often, in the words of the source", "每月25日前"))


@dataclass(frozen=True, slots=True)
class DueTallies:
    """How the tasks of a query spread; each list the largest first."""

    by_unit: tuple[Tally, ...] = field(metadata=doc("units that answer for most of them"))
    by_place: tuple[Tally, ...] = field(metadata=doc("places whose documents have most of them"))
    by_document: tuple[Tally, ...] = field(metadata=doc("documents that have most of them"))
