"""The clauses that a search finds, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kb.models.documents import Span
from kb.models.facts import ClauseFacts, Role
from kb.models.fields import MISSING, QUERY, doc

__all__ = ["Expansion", "Hit", "SearchResult"]


@dataclass(frozen=True, slots=True)
class Expansion:
    """Official wordings that a query was widened by, because it is near to something that people say."""

    spoken: str = field(metadata=doc("what people say, as the thesaurus has it", "上幼儿园太贵"))
    official: tuple[str, ...] = field(
        metadata=doc("official wordings; at a hit those that stand there", ["普惠性幼儿园"])
    )
    weight: float = field(metadata=doc("0 to 1: how near the query is to what people say", 0.72))


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause that answers a query, and why."""

    facts: ClauseFacts = field(metadata=doc("the clause with its facts"))
    score: float = field(metadata=doc("0 to 1", 0.91))
    word_score: float = field(metadata=doc("part of the score from words", 0.95))
    vector_score: float = field(metadata=doc("part of the score from meaning", 0.88))
    expansion_score: float = field(metadata=doc("part of the score from official wordings for what people say", 0.31))
    document_score: float = field(metadata=doc("part of the score from the words of the whole document", 0.52))
    context_score: float | None = field(
        metadata=doc("part of the score from the contextual model, from 0 on; null: it has not read this", 0.64)
    )
    highlights: tuple[Span, ...] = field(metadata=doc("what matched: spans in clause.text"))
    matched: tuple[str, ...] = field(
        metadata=doc("words of the query that stand in the clause or in what it stands under", ["学前教育"])
    )
    expansions: tuple[Expansion, ...] = field(
        metadata=doc("official wordings that stand here and belong to what people say")
    )
    same_as: str = field(
        default="",
        metadata=doc("id of a better hit that says the same, with the same figures, dates and units", ""),
    )
    earlier_of: str = field(
        default="",
        metadata=doc(
            "id of the hit that says this in a newer version of the document or for a later year",
            "",
        ),
    )
    rerank_score: float | None = field(
        default=None, metadata=doc("what a cross-encoder says, 0 to 1; null: none has read it")
    )
    weak: bool = field(default=False, metadata=doc("true: near, but hardly an answer", False))
    document_named: bool = field(
        default=False, metadata=doc("the query names the document, by number or title: it comes first", False)
    )
    provision_named: bool = field(
        default=False,
        metadata=doc("the query names this very article or item (第九条, 三、（二）): it is the first hit", False),
    )
    elsewhere: bool = field(
        default=False, metadata=doc("the document is from another place than the query names: it is set back", False)
    )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of hits, in the order asked for; ``total`` counts all of them."""

    query: str = field(metadata=QUERY)
    total: int = field(metadata=doc("how many there are in all", 1))
    offset: int = field(metadata=doc("hits before this page", 0))
    limit: int = field(metadata=doc("most hits on a page", 10))
    hits: tuple[Hit, ...] = field(metadata=doc("clauses, best first unless asked otherwise"))
    relevant: int = field(default=0, metadata=doc("so many of all are not weak", 12))
    missing: str = field(default="", metadata=MISSING)
    tasks_of: tuple[str, ...] = field(
        default=(), metadata=doc("ids of the units whose tasks are asked for: the hits are some of these", [])
    )
    did_you_mean: str = field(
        default="",
        metadata=doc("the query as it may be meant: clauses hold clearly more of it; empty: nothing is odd", ""),
    )
    tasks_role: Role | Literal[""] = field(
        default="", metadata=doc("the role in which the tasks of `tasks_of` are asked for; empty: any", "")
    )
