"""Who answers for a clause, said once; and from clauses that were found to the units that answer, and whether documents agree.

A clause is answered for by its own marks (责任单位：…); where it has none by those of the nearest clause above it; where none has any
by a declaration for the whole document; where there is none by duties in prose (市财政局要…), its own before those of a clause above.
What comes from above does not hide whom the clause itself names: units with a duty in its prose answer beside those.
A build settles for every clause which clause answers (``answered_by``); whatever reads responsibilities afterwards asks ``answering``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from kb.facts import facts_by_clause
from kb.models import (
    ROLES,
    Clause,
    ClauseFacts,
    Directness,
    Hit,
    Organization,
    ParsedDocument,
    Responsibility,
    UnitAnswer,
)


def _prevailing(responsibilities: Sequence[Responsibility]) -> tuple[Responsibility, ...]:
    """Of the responsibilities of one clause the marks; without any the declarations; without any the duties in prose."""
    return next(filter(None, _by_strength(responsibilities)), ())


def answering(own: Sequence[Responsibility], above: Sequence[Responsibility] = ()) -> tuple[Responsibility, ...]:
    """The responsibilities that answer for a clause, given its own and those of the clause above that answers for it, if one does."""
    if not above:
        return _prevailing(own)
    inherited = _prevailing(above)
    units = {r.organization_id or r.unit for r in inherited}
    return *inherited, *(r for r in own if r.prose and (r.organization_id or r.unit) not in units)


def answered_by(clauses: Sequence[Clause], responsibilities: Sequence[Responsibility]) -> tuple[int | None, ...]:
    """For each clause the place (in ``clauses``) of the clause whose responsibilities answer for it, None when nobody answers."""
    held = [{r.clause_id for r in alike} for alike in _by_strength(responsibilities)]
    place = {clause.id: i for i, clause in enumerate(clauses)}
    return tuple(
        next((place[c.id] for ids in held for c in _upwards(clause, clauses, place) if c.id in ids), None)
        for clause in clauses
    )


def answering_facts(parsed: ParsedDocument) -> Iterator[ClauseFacts]:
    """The clauses of a document that make somebody responsible, in reading order, each with the responsibilities that answer for it."""
    facts = tuple(facts_by_clause(parsed))
    for own, by in zip(facts, answered_by(parsed.clauses, parsed.responsibilities), strict=True):
        if own.responsibilities and by is not None:
            above = () if facts[by] is own else facts[by].responsibilities
            yield replace(own, responsibilities=answering(own.responsibilities, above))


def _by_strength(responsibilities: Sequence[Responsibility]) -> tuple[tuple[Responsibility, ...], ...]:
    """Marks, declarations, duties in prose."""
    return (
        tuple(r for r in responsibilities if not r.prose and r.implied_by is None),
        tuple(r for r in responsibilities if not r.prose and r.implied_by is not None),
        tuple(r for r in responsibilities if r.prose),
    )


def _upwards(clause: Clause, clauses: Sequence[Clause], place: dict[str, int]) -> Iterable[Clause]:
    """The clause and the clauses above it."""
    seen: Clause | None = clause
    while seen is not None:
        yield seen
        seen = clauses[place[seen.parent_id]] if seen.parent_id in place else None


def answering_units(
    hits: Sequence[Hit], answers: Sequence[Sequence[Responsibility]], known: Mapping[str, Organization]
) -> tuple[UnitAnswer, ...]:
    """Each unit once, with the clause that fits best and its official name; clause by clause, lead first; none when nobody answers."""
    units: dict[str, UnitAnswer] = {}
    for hit, responsibilities in zip(hits, answers, strict=False):
        for r in sorted(responsibilities, key=lambda r: ROLES.index(r.role)):
            organization = known[r.organization_id]
            answer = UnitAnswer(
                *(r.unit, r.organization_id, r.role, hit.score, r.clause_id, r.start, r.end),
                organization=organization.name,
                directness="group" if organization.members else directness(r, hit.facts.clause.id),
            )
            units.setdefault(r.unit, answer)
    return tuple(units.values())


def directness(responsibility: Responsibility, clause_id: str) -> Directness:
    """How plainly the responsibility is said of the clause: by a mark in it or above it, once for the whole document, or in prose."""
    if responsibility.prose:
        return "prose"
    if responsibility.implied_by is not None:
        return "declared"
    return "mark" if responsibility.clause_id == clause_id else "inherited"


def leads_differ(answers: Sequence[Sequence[Responsibility]], known: Mapping[str, Organization]) -> bool:
    """Whether two documents name different leads of one place: a province's lead and a city's are no contradiction."""
    leads: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for r in (r for responsibilities in answers for r in responsibilities if r.role == "lead"):
        organization = known[r.organization_id]
        place = organization.level, organization.jurisdiction
        leads[place][r.clause_id.rpartition("#")[0]].add(organization.id)
    return any(
        one.isdisjoint(other) for by_document in leads.values() for one, other in combinations(by_document.values(), 2)
    )
