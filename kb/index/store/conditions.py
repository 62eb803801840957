"""Conditions in SQL; every value goes in as a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.index.store.tables import DATED, comparable, period_end
from kb.organizations import places_called

# Organisations of no known function, of an unknown place, or that could be another as well.
UNRESOLVED = "(function = '' OR candidates != '[]' OR (jurisdiction = '' AND level NOT IN ('', 'national')))"

_NAMED = "SELECT 1 FROM responsibilities r WHERE r.row >= d.first_clause AND r.row < d.first_clause + d.clauses"
WITH_DATE = "year != ''"
# Documents ``d`` that lack something; all of them lack "".
# A document lacks text where pages were not read, or so little of its file stands in clauses; of real files that are read well, what
# stands in none (running heads, page numbers, watermarks) is a twentieth.
COVERED = 0.9
LACKING = {
    "": "true",
    "units": f"NOT EXISTS ({_NAMED})",
    "date": f"NOT ({WITH_DATE})",
    "text": f"(d.unread_pages != '[]' OR d.coverage < {COVERED})",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """The text behind WHERE and the values of its parameters."""

    sql: str
    values: tuple[str, ...] = ()


def all_of(parts: Sequence[Condition]) -> Condition:
    """All of the conditions; none is no condition."""
    sql = " AND ".join(part.sql for part in parts) or "true"
    return Condition(sql, tuple(value for part in parts for value in part.values))


def contains(text: str) -> str:
    """The LIKE pattern (with ``ESCAPE '\\'``) of everything that contains the text, whatever characters it has."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def from_place(place: str) -> Condition:
    """Whether the document of ``c`` is from a place, given by name or key, or from one that lies in it."""
    keys = (*places_called(place), place)
    within = " OR ".join("' ' || place LIKE ? ESCAPE '\\'" for _ in keys)
    return Condition(
        f"c.document_row IN (SELECT row FROM documents WHERE {within})", tuple(contains(f" {key}") for key in keys)
    )


def one_of(values: Sequence[str]) -> str:
    """``IN (?, ?, …)`` with a parameter for each value."""
    return f"IN ({', '.join('?' * len(values)) or 'NULL'})"


def named_unit(name: str) -> Condition:
    """Whether a responsibility ``r`` is that of the unit, or of one of several (市教育局、市财政局); one that no name matches exactly is looked up by substring."""
    if not name:
        return Condition("true")
    called = comparable(name)
    each = tuple(dict.fromkeys((called, *map(comparable, name.split("、")))))
    # The join spares looking through all names where one matches.
    sql = f"""r.organization_id IN (SELECT by_id FROM through WHERE organization_id IN (
        SELECT organization_id FROM names WHERE name {one_of(each)}
        UNION ALL SELECT organization_id FROM (SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM names WHERE name {one_of(each)})) unknown
            CROSS JOIN names WHERE name LIKE ? ESCAPE '\\'))"""
    return Condition(sql, (*each, *each, contains(called)))


def due_between(fact: str, after: str, before: str) -> Condition:
    """Whether the fact has a date between these, which may be empty."""
    sql = f"{fact}.due_end != '' AND {fact}.due_end >= ? AND {fact}.due_end <= ?"
    return Condition(sql, (after, period_end(before) or "9999"))


def clause_due_between(row: str, after: str, before: str) -> Condition:
    """Whether one fact of the clause in that row has a date between these, which may be empty."""
    if not (after or before):
        return Condition("true")
    due = due_between("f", after, before)
    dated = (f"EXISTS (SELECT 1 FROM {table} f WHERE f.row = {row} AND {due.sql})" for table in DATED)
    return Condition(f"({' OR '.join(dated)})", due.values * len(DATED))
