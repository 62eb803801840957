"""Facts of a document by the clause that they stand in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from kb.models import (
    Citation,
    ClauseFacts,
    Deadline,
    ParsedDocument,
    Responsibility,
    Target,
)

Fact = TypeVar("Fact", Responsibility, Target, Deadline, Citation)


def by_clause(facts: Iterable[Fact]) -> defaultdict[str, list[Fact]]:
    """The facts of each clause, under its id, in their order."""
    grouped: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.clause_id].append(fact)
    return grouped


def facts_by_clause(parsed: ParsedDocument) -> Iterator[ClauseFacts]:
    """Every clause, in reading order, with the facts that stand in it."""
    responsibilities = by_clause(parsed.responsibilities)
    targets = by_clause(parsed.targets)
    deadlines = by_clause(parsed.deadlines)
    citations = by_clause(parsed.citations)
    for clause in parsed.clauses:
        yield ClauseFacts(
            clause,
            parsed.document.title,
            tuple(responsibilities[clause.id]),
            tuple(targets[clause.id]),
            tuple(deadlines[clause.id]),
            tuple(citations[clause.id]),
            document_number=parsed.document.document_number,
            issued_on=parsed.document.issued_on,
        )
