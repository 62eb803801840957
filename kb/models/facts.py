"""What is read out of a text, a kind of fact each with its noun; and documents and clauses with their facts.

To add a kind: its noun, and its line in ``Facts``; see docs/add-a-fact-kind.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args, get_type_hints

from kb.models.documents import IN_FORCE, Clause, Document, Span, Validity
from kb.models.fields import CLAUSE, END, ISSUED_ON, NUMBER, PLAN_TITLE, ROLE, START, UNIT, VALIDITY, doc

__all__ = [
    "FACT_KINDS",
    "ROLES",
    "SIGNS",
    "Citation",
    "ClauseFacts",
    "Comparator",
    "Deadline",
    "Fact",
    "FactKind",
    "Facts",
    "ParsedDocument",
    "Relation",
    "Responsibility",
    "Role",
    "Target",
]

Role = Literal["lead", "responsible", "support"]
ROLES: tuple[Role, ...] = get_args(Role)  # the order in which they are listed
Comparator = Literal["=", ">=", "<=", ">", "<", "~"]
SIGNS: Mapping[Comparator, str] = {"=": "＝", ">=": "≥", "<=": "≤", ">": "＞", "<": "＜", "~": "约"}
Relation = Literal["based_on", "implements", "amends", "repeals", "mentions"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What all kinds of facts say: which clause states it, and by which characters of the document."""

    clause_id: str = field(metadata=doc("id of the clause that the fact stands in", CLAUSE))
    text: str = field(metadata=doc("the characters of the source", "全市公办幼儿园在园幼儿占比超过60%"))
    start: int = field(metadata=START)
    end: int = field(metadata=END)
    rule: str = field(metadata=doc("name of the rule that read it", "mark"))


@dataclass(frozen=True, slots=True)
class Responsibility(Fact):
    """责任: one unit made responsible for a clause."""

    unit: str = field(
        metadata=doc(
            "name of the unit as the document has it, completed: 园区管委会 for 园区和示范区管委会", "市教育局"
        )
    )
    role: Role = field(metadata=ROLE)
    organization_id: str = field(default="", metadata=doc("id of the unit behind the name", UNIT))
    implied_by: Span | None = field(
        default=None, metadata=doc("where the document says once who answers for all that follows (下同)")
    )
    prose: bool = field(
        default=False, metadata=doc("true: subject of a duty in running text; false: named by a mark", False)
    )


@dataclass(frozen=True, slots=True)
class Target(Fact):
    """指标: a quantity that the clause commits somebody to (MeasEval: quantity, measured property, qualifier)."""

    indicator: str = field(metadata=doc("指标: what is measured", "全市公办幼儿园在园幼儿占比"))
    comparator: Comparator = field(metadata=doc("how the quantity compares: = >= <= > < ~", ">"))
    value: float | None = field(
        metadata=doc("the number; null when it is lost in the source or the goal has none", 60.0)
    )
    unit: str = field(metadata=doc("计量单位", "%"))
    upper: float | None = field(default=None, metadata=doc("upper bound of a range (3~5名: 5)"))
    baseline: float | None = field(default=None, metadata=doc("the value it starts from (由A提高到B: A)"))
    per: str = field(default="", metadata=doc("for each of what: 每年, 每个乡镇", ""))
    due: str = field(default="", metadata=doc("ISO date as precise as printed, or a recurrence (每年)", "2025-12"))
    damaged: bool = field(
        default=False, metadata=doc("the source has lost digits here; the value is not guessed", False)
    )
    qualitative: bool = field(default=False, metadata=doc("a goal without a number", False))

    def __post_init__(self) -> None:
        if self.value is None and not (self.damaged or self.qualitative):
            raise ValueError(f"a target without a value is damaged or qualitative: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Deadline(Fact):
    """时限: until when, or how often, something is to be done."""

    due: str = field(default="", metadata=doc("ISO date as precise as printed", "2025-12"))
    recurrence: str = field(default="", metadata=doc("how often: 每年, 长期坚持", "每年"))
    damaged: bool = field(
        default=False, metadata=doc("the source has lost the year here (到年底); it is not guessed", False)
    )


@dataclass(frozen=True, slots=True)
class Citation(Fact):
    """引用: another document named in a clause."""

    title: str = field(metadata=doc("标题 of the cited document", PLAN_TITLE))
    document_number: str = field(default="", metadata=doc("发文字号 of the cited document", "湘政发〔2021〕4号"))
    relation: Relation = field(
        default="mentions", metadata=doc("what the clause does with the cited document", "based_on")
    )
    document_id: str = field(default="", metadata=doc("id of the cited document when the knowledge base holds it", ""))
    issued_on: str = field(
        default="",
        metadata=doc("when the cited document was issued or last revised, when the clause says so", ""),
    )
    since: str = field(default="", metadata=doc("from when it repeals or amends, when the clause says so", ""))
    damaged: bool = field(
        default=False,
        metadata=doc("the source has lost digits of the number (潭市发〔〕4号); they are not guessed", False),
    )


def _kind(chinese: str, english: str, description: str) -> Mapping[str, Any]:
    return {**doc(description), "chinese": chinese, "english": english}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of a text: for each kind a tuple, in the order of the text."""

    responsibilities: tuple[Responsibility, ...] = field(
        default=(), metadata=_kind("责任", "Responsible", "责任: units and their roles")
    )
    targets: tuple[Target, ...] = field(default=(), metadata=_kind("目标", "Targets", "指标: quantities committed to"))
    deadlines: tuple[Deadline, ...] = field(default=(), metadata=_kind("时限", "Due", "时限: until when, or how often"))
    citations: tuple[Citation, ...] = field(
        default=(), metadata=_kind("引用", "Cites", "引用: other documents named here")
    )


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact: the name of its field in ``Facts`` and of its table, its noun, and what people call it."""

    name: str
    noun: type[Fact]
    chinese: str
    english: str

    def of(self, facts: Facts) -> tuple[Fact, ...]:
        """The facts of this kind."""
        several: tuple[Fact, ...] = getattr(facts, self.name)
        return several


def _kinds() -> Iterator[FactKind]:
    hints = get_type_hints(Facts)
    for each in fields(Facts):
        noun, _ = get_args(hints[each.name])
        yield FactKind(each.name, noun, each.metadata["chinese"], each.metadata["english"])


FACT_KINDS = tuple(_kinds())


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDocument(Facts):
    """One document with everything that was read out of it, clauses in reading order, facts by position."""

    document: Document = field(metadata=doc("公文: header and text"))
    clauses: tuple[Clause, ...] = field(metadata=doc("条款, in reading order; parent_id makes the tree"))
    validity: Validity = field(default=IN_FORCE, metadata=VALIDITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseFacts(Facts):
    """A clause with the facts that stand in its own text."""

    clause: Clause = field(metadata=doc("条款: the clause"))
    document_title: str = field(metadata=doc("标题 of the document", PLAN_TITLE))
    validity: Validity = field(default=IN_FORCE, metadata=VALIDITY)
    document_number: str = field(default="", metadata=NUMBER)
    issued_on: str = field(default="", metadata=ISSUED_ON)
