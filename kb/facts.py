"""Facts of a document by the clause that they stand in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from kb.models import FACT_KINDS, ClauseFacts, Fact, Facts, ParsedDocument

F = TypeVar("F", bound=Fact)


def every_fact(facts: Facts) -> Iterator[Fact]:
    """All facts, kind by kind."""
    return (fact for kind in FACT_KINDS for fact in kind.of(facts))


def by_clause(facts: Iterable[F]) -> defaultdict[str, list[F]]:
    """The facts of each clause, under its id, in their order."""
    grouped: defaultdict[str, list[F]] = defaultdict(list)
    for fact in facts:
        grouped[fact.clause_id].append(fact)
    return grouped


def facts_by_clause(parsed: ParsedDocument) -> Iterator[ClauseFacts]:
    """Every clause, in reading order, with the facts that stand in it."""
    document = parsed.document
    grouped = {kind.name: by_clause(kind.of(parsed)) for kind in FACT_KINDS}
    for clause in parsed.clauses:
        own: dict[str, Any] = {name: tuple(facts[clause.id]) for name, facts in grouped.items()}
        yield ClauseFacts(
            clause=clause,
            document_title=document.title,
            document_number=document.document_number,
            issued_on=document.issued_on,
            **own,
        )
