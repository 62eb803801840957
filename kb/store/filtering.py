"""Filters as SQL conditions; every value goes in as a parameter."""

from __future__ import annotations

from dataclasses import dataclass

from kb.models import Filters, TargetQuery
from kb.store.tables import comparable, period_end

WITHOUT = "none"  # instead of a year: without a date
# Organisations of no known function, of an unknown place, or that could be another as well.
UNRESOLVED = "(function = '' OR candidates != '[]' OR (jurisdiction = '' AND level NOT IN ('', 'national')))"

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


def clauses_where(filters: Filters) -> Condition:
    """Which clauses ``c`` a search may find; a unit and a role must belong to the same responsibility."""
    parts = [_document(filters), _responsibility(filters)]
    if filters.has_targets:
        parts.append(Condition("EXISTS (SELECT 1 FROM targets t WHERE t.row = c.row)", ()))
    if filters.due_before:
        due = "EXISTS (SELECT 1 FROM {} f WHERE f.row = c.row AND f.due_end != '' AND f.due_end <= ?)"
        sql = f"({due.format('targets')} OR {due.format('deadlines')})"
        parts.append(Condition(sql, (period_end(filters.due_before),) * 2))
    return _all(parts)


_STATES = {
    "stated": "NOT t.damaged AND NOT t.qualitative",
    "damaged": "t.damaged",
    "qualitative": "t.qualitative",
}


def targets_where(asked: TargetQuery) -> Condition:
    """Which targets ``t`` of clauses ``c`` are listed; ``due_before`` is about the target itself."""
    filters = asked.within
    parts = [_document(filters), _responsibility(filters, "coalesce(c.answered_by, c.row)")]
    if filters.due_before:
        parts.append(Condition("t.due_end != '' AND t.due_end <= ?", (period_end(filters.due_before),)))
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
    return _all(parts)


def _document(filters: Filters) -> Condition:
    return Condition("c.document_id = ?", (filters.document_id,)) if filters.document_id else Condition("1", ())


def _responsibility(filters: Filters, row: str = "c.row") -> Condition:
    """Some responsibility of the clause has the unit and the role; a unit that no name matches exactly is looked up by substring."""
    sql, values = "", list[str]()
    if filters.unit:
        name = comparable(filters.unit)
        sql = """ AND r.organization_id IN (SELECT by_id FROM through WHERE organization_id IN (
            SELECT organization_id FROM names WHERE name = ?
            UNION ALL SELECT organization_id FROM names WHERE name LIKE ? ESCAPE '\\'
                AND NOT EXISTS (SELECT 1 FROM names WHERE name = ?)))"""
        values += [name, contains(name), name]
    if filters.role:
        sql += " AND r.role = ?"
        values.append(filters.role)
    if not sql:
        return Condition("1", ())
    return Condition(f"EXISTS (SELECT 1 FROM responsibilities r WHERE r.row = {row}{sql})", tuple(values))


def _all(parts: list[Condition]) -> Condition:
    return Condition(" AND ".join(part.sql for part in parts), tuple(v for part in parts for v in part.values))
