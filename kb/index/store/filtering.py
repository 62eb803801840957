"""Filters as SQL conditions; every value goes in as a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kb.index.store.standing import OUT_OF_FORCE
from kb.index.store.tables import comparable, period_end
from kb.models import Filters, TargetQuery

WITHOUT = "none"  # instead of a year: without a date
# Organisations of no known function, of an unknown place, or that could be another as well.
UNRESOLVED = "(function = '' OR candidates != '[]' OR (jurisdiction = '' AND level NOT IN ('', 'national')))"

_DATED_FACTS = "targets", "deadlines"  # facts that have a date

_NAMED = "SELECT 1 FROM responsibilities r WHERE r.row >= d.first_clause AND r.row < d.first_clause + d.clauses"
DATED = "issued_on GLOB '[0-9][0-9][0-9][0-9]*'"
# Documents ``d`` that lack something; all of them lack "".
LACKING = {"": "1", "units": f"NOT EXISTS ({_NAMED})", "date": f"NOT ({DATED})"}


@dataclass(frozen=True, slots=True)
class Condition:
    """The text behind WHERE and the values of its parameters."""

    sql: str
    values: tuple[str, ...]


def contains(text: str) -> str:
    """The LIKE pattern (with ``ESCAPE '\\'``) of everything that contains the text, whatever characters it has."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def documents_where(filters: Filters, today: date) -> Condition:
    """In which documents a search may find clauses; ``c`` has the columns ``document_row`` and ``document_id``."""
    return together([_document(filters), _standing(filters, today), _issued(filters)])


def rows_asked(filters: Filters) -> tuple[Condition, ...]:
    """Questions whose rows are those of the clauses that a search may find: they must be in the answer to each.

    A unit and a role must belong to the same responsibility.
    """
    asked = []
    if filters.unit or filters.role:
        where = _named(filters)
        asked.append(Condition(f"SELECT r.row FROM responsibilities r WHERE {where.sql}", where.values))
    if filters.has_targets:
        asked.append(Condition("SELECT row FROM targets", ()))
    if filters.due_after or filters.due_before:
        due = _due("f", filters.due_after, filters.due_before)
        dated = (f"SELECT f.row FROM {table} f WHERE {due.sql}" for table in _DATED_FACTS)
        asked.append(Condition(" UNION ALL ".join(dated), due.values * len(_DATED_FACTS)))
    return tuple(asked)


def due_within(row: str, after: str, before: str) -> Condition:
    """Whether one target or deadline of the clause in that row is due between the dates, which may be empty."""
    if not (after or before):
        return Condition("1", ())
    due = _due("f", after, before)
    dated = (f"EXISTS (SELECT 1 FROM {table} f WHERE f.row = {row} AND {due.sql})" for table in _DATED_FACTS)
    return Condition(f"({' OR '.join(dated)})", due.values * len(_DATED_FACTS))


def _due(fact: str, after: str, before: str) -> Condition:
    """Whether the fact has a date between these, which may be empty."""
    sql = f"{fact}.due_end != '' AND {fact}.due_end >= ? AND {fact}.due_end <= ?"
    return Condition(sql, (after, period_end(before) or "9999"))


_STATES = {
    "stated": "NOT t.damaged AND NOT t.qualitative",
    "damaged": "t.damaged",
    "qualitative": "t.qualitative",
}


def targets_where(asked: TargetQuery, today: date) -> Condition:
    """Which targets ``t`` of clauses ``c`` are listed; the dates are about the target itself."""
    filters = asked.within
    parts = [_document(filters), _standing(filters, today), _issued(filters)]
    parts.append(_responsibility(filters, "coalesce(c.answered_by, c.row)"))
    if filters.due_before or filters.due_after:
        parts.append(_due("t", filters.due_after, filters.due_before))
    if asked.text:
        found = contains(asked.text)
        parts.append(Condition("(t.indicator LIKE ? ESCAPE '\\' OR t.text LIKE ? ESCAPE '\\')", (found, found)))
    if asked.due_year:
        year = "" if asked.due_year == WITHOUT else asked.due_year
        parts.append(Condition("substr(t.due_end, 1, 4) = ?", (year,)))
    if asked.measure:
        parts.append(Condition("t.unit = ?", (asked.measure,)))
    if asked.comparator:
        parts.append(Condition("t.comparator = ? AND NOT t.damaged AND NOT t.qualitative", (asked.comparator,)))
    if asked.state:
        parts.append(Condition(_STATES[asked.state], ()))
    return together(parts)


def _document(filters: Filters) -> Condition:
    return Condition("c.document_id = ?", (filters.document_id,)) if filters.document_id else Condition("1", ())


def _standing(filters: Filters, today: date) -> Condition:
    if not filters.in_force:
        return Condition("1", ())
    return Condition(f"c.document_row NOT IN ({OUT_OF_FORCE})", (str(today),))


def _issued(filters: Filters) -> Condition:
    """The document of the clause is of one of the issuers, years and levels, where some are asked for."""
    parts = []
    if filters.issuers:
        listed = _places(filters.issuers)
        parts.append(
            Condition(
                f"c.document_row IN (SELECT document_row FROM issuers WHERE issuer IN ({listed}))", filters.issuers
            )
        )
    for column, values in (("year", filters.years), ("level", filters.levels)):
        if values:
            sql = f"c.document_row IN (SELECT row FROM documents WHERE {column} IN ({_places(values)}))"
            parts.append(Condition(sql, values))
    return together(parts)


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def named_unit(name: str) -> Condition:
    """Whether a responsibility ``r`` is that of the unit; one that no name matches exactly is looked up by substring."""
    if not name:
        return Condition("1", ())
    called = comparable(name)
    sql = """r.organization_id IN (SELECT by_id FROM through WHERE organization_id IN (
        SELECT organization_id FROM names WHERE name = ?
        UNION ALL SELECT organization_id FROM names WHERE name LIKE ? ESCAPE '\\'
            AND NOT EXISTS (SELECT 1 FROM names WHERE name = ?)))"""
    return Condition(sql, (called, contains(called), called))


def _responsibility(filters: Filters, row: str) -> Condition:
    """Some responsibility of the clause has the unit and the role."""
    if not (filters.unit or filters.role):
        return Condition("1", ())
    asked = _named(filters)
    return Condition(f"EXISTS (SELECT 1 FROM responsibilities r WHERE r.row = {row} AND {asked.sql})", asked.values)


def _named(filters: Filters) -> Condition:
    parts = [named_unit(filters.unit)]
    if filters.role:
        parts.append(Condition("r.role = ?", (filters.role,)))
    return together(parts)


def together(parts: Sequence[Condition]) -> Condition:
    """All of the conditions; none is no condition."""
    sql = " AND ".join(part.sql for part in parts) or "1"
    return Condition(sql, tuple(value for part in parts for value in part.values))
