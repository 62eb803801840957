"""Who answers for a clause, said once; and from clauses that were found to the units that answer, and whether documents agree.

A clause is answered for by its own marks (责任单位：…) and the units that a declaration adds to every mark (均需各县落实，不再列出); where
it has none by those of the nearest clause above it; where none has any by duties in prose (市财政局要…), its own before those of a
clause above.
Its own mark is the whole list: with units of its prose beside it judged questions were answered less exactly. What comes from above
speaks of all that hangs below it, so units to which the clause's own prose gives a duty answer beside it, and a unit leads or supports
that leads or supports there.
A build settles this for every clause (``answers``), and whatever asks who answers reads what it settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from kb.facts import by_clause, facts_by_clause
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


def answers(
    clauses: Sequence[Clause], responsibilities: Sequence[Responsibility]
) -> tuple[tuple[Responsibility, ...], ...]:
    """For each clause of a document the responsibilities that answer for it, () when nobody answers."""
    own = by_clause(responsibilities)
    held = [{r.clause_id for r in alike} for alike in _by_strength(responsibilities)]
    place = {clause.id: i for i, clause in enumerate(clauses)}
    sources = (
        next((c.id for ids in held for c in _upwards(clause, clauses, place) if c.id in ids), clause.id)
        for clause in clauses
    )
    return tuple(
        _prevailing(own[clause.id]) if source == clause.id else _beside(own[clause.id], _prevailing(own[source]))
        for clause, source in zip(clauses, sources, strict=True)
    )


def _prevailing(responsibilities: Sequence[Responsibility]) -> tuple[Responsibility, ...]:
    """Of the responsibilities of one clause the marks with what is declared; without any the duties in prose."""
    return next(filter(None, _by_strength(responsibilities)), ())


def _beside(own: Sequence[Responsibility], above: Sequence[Responsibility]) -> tuple[Responsibility, ...]:
    """Those from above, and what the clause's own prose adds: further units, and the role of one that leads or supports."""
    prose = [r for r in own if r.prose]
    sharper = {_unit(r) for r in prose if r.role != "responsible"}
    inherited = [r for r in above if _unit(r) not in sharper]
    named = {_unit(r) for r in inherited}
    return *inherited, *(r for r in prose if _unit(r) not in named)


def _unit(responsibility: Responsibility) -> str:
    return responsibility.organization_id or responsibility.unit


def answering_facts(parsed: ParsedDocument) -> Iterator[ClauseFacts]:
    """The tasks of a document in reading order, each with the responsibilities that answer for it.

    A task is a clause that names somebody, or that counts or dates something and is answered for from above.
    """
    answered = answers(parsed.clauses, parsed.responsibilities)
    for facts, responsibilities in zip(facts_by_clause(parsed), answered, strict=True):
        if responsibilities and (facts.responsibilities or facts.targets or facts.deadlines):
            yield replace(facts, responsibilities=responsibilities)


def _by_strength(responsibilities: Sequence[Responsibility]) -> tuple[tuple[Responsibility, ...], ...]:
    """Marks with what a declaration adds to each, duties in prose."""
    return tuple(r for r in responsibilities if not r.prose), tuple(r for r in responsibilities if r.prose)


def _upwards(clause: Clause, clauses: Sequence[Clause], place: dict[str, int]) -> Iterable[Clause]:
    """The clause and the clauses above it."""
    seen: Clause | None = clause
    while seen is not None:
        yield seen
        seen = clauses[place[seen.parent_id]] if seen.parent_id in place else None


def answering_units(
    hits: Sequence[Hit],
    answers: Sequence[Sequence[Responsibility]],
    known: Mapping[str, Organization],
    apart: Mapping[Responsibility, Directness],
) -> tuple[UnitAnswer, ...]:
    """Each unit once, with the clause that fits best and its official name; clause by clause, lead first; none when nobody answers.

    Those that their clause names for something else than what is asked (``apart``) come behind all others.
    """
    units: dict[str, UnitAnswer] = {}
    said = [(hit, r) for hit, several in zip(hits, answers, strict=False) for r in sorted(several, key=_role)]
    for hit, r in sorted(said, key=lambda pair: pair[1] in apart):
        organization = known[r.organization_id]
        answer = UnitAnswer(
            *(r.unit, r.organization_id, r.role, hit.score, r.clause_id, r.start, r.end),
            organization=organization.name,
            directness=apart.get(r) or ("group" if organization.members else directness(r, hit.facts.clause.id)),
        )
        units.setdefault(r.unit, answer)
    return tuple(units.values())


def _role(responsibility: Responsibility) -> int:
    return ROLES.index(responsibility.role)


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
