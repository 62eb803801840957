"""From clauses that were found to the units that answer for them, how directly each does, and whether documents agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import get_args

from kb.models import Directness, Hit, Organization, Responsibility, Role, UnitAnswer

ROLE_ORDER = {role: place for place, role in enumerate(get_args(Role))}


def answering_units(
    hits: Sequence[Hit], answering: Sequence[Sequence[Responsibility]], known: Mapping[str, Organization]
) -> tuple[UnitAnswer, ...]:
    """Each unit once, with the clause that fits best and its official name; clause by clause, lead first; none when nobody answers."""
    units: dict[str, UnitAnswer] = {}
    for hit, responsibilities in zip(hits, answering, strict=False):
        for r in sorted(responsibilities, key=lambda r: ROLE_ORDER[r.role]):
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


def leads_differ(answering: Sequence[Sequence[Responsibility]], known: Mapping[str, Organization]) -> bool:
    """Whether two documents name different leads of one place: a province's lead and a city's are no contradiction."""
    leads: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for r in (r for responsibilities in answering for r in responsibilities if r.role == "lead"):
        organization = known[r.organization_id]
        place = organization.level, organization.jurisdiction
        leads[place][r.clause_id.partition("#")[0]].add(organization.id)
    return any(
        one.isdisjoint(other) for by_document in leads.values() for one, other in combinations(by_document.values(), 2)
    )
