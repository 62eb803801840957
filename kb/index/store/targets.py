"""Targets as a table: narrowed, ordered and counted in SQL."""

from __future__ import annotations

import json
from datetime import date

from kb.index.store.clauses import ClauseTable
from kb.index.store.conditions import Condition, all_of, contains
from kb.index.store.connections import Opened
from kb.index.store.filters import targets_within
from kb.index.store.tables import ANSWERS, codec
from kb.models import (
    Tally,
    Target,
    TargetQuery,
    TargetRow,
    TargetTallies,
)

_WITHOUT = "none"  # instead of a year: without a date
_STATES = {
    "stated": "NOT t.damaged AND NOT t.qualitative",
    "damaged": "t.damaged",
    "qualitative": "t.qualitative",
}
_MOST = 30  # tallies of one kind: what a list to choose from can hold
_SOURCE = "FROM targets t JOIN clauses c ON c.row = t.row WHERE"
# What has no value in a column stands at the end, in either direction.
_ORDERS = {
    "document": ("c.document_id IS NULL", "c.document_id"),
    "indicator": ("t.indicator = ''", "t.indicator"),
    "value": ("t.value IS NULL", "t.value"),
    "measure": ("t.unit = ''", "t.unit"),
    "due": ("t.due_end = ''", "t.due_end"),
}


class TargetTable:
    """The targets of one generation, with who answers for each."""

    def __init__(self, opened: Opened, clauses: ClauseTable) -> None:
        self._rows, self._clauses = opened.rows, clauses

    def page(self, query: TargetQuery, limit: int, offset: int) -> tuple[int, tuple[TargetRow, ...]]:
        """How many targets match, and one page of them."""
        where = _where(query, self._clauses.today())
        [(total,)] = self._rows(f"SELECT count(*) {_SOURCE} {where.sql}", where.values)
        reader = codec(Target)
        last, column = _ORDERS[query.order]
        direction = "DESC" if query.descending else "ASC"
        tied = direction if query.order == "document" else "ASC"
        rows = self._rows(
            f"""SELECT {reader.selected("t")}, c.document_id, c.path, t.row,
                (SELECT title FROM documents d WHERE d.row = c.document_row)
            {_SOURCE} {where.sql}
            ORDER BY {last}, {column} {direction}, c.document_id {tied}, t.row {tied}, t.rowid {tied} LIMIT ? OFFSET ?""",
            (*where.values, limit, offset),
        )
        width = len(reader.columns)
        answers = self._clauses.answers({cells[width + 2] for cells in rows})
        page = []
        for cells in rows:
            document_id, path, row, title = cells[width:]
            page.append(TargetRow(reader.read(cells), document_id, title, tuple(json.loads(path)), answers[row]))
        return total, tuple(page)

    def tallies(self, query: TargetQuery) -> TargetTallies:
        """How those that match spread over years, units, documents and measures."""
        where = _where(query, self._clauses.today())
        year = f"CASE t.due_end WHEN '' THEN '{_WITHOUT}' ELSE substr(t.due_end, 1, 4) END"
        years = sorted(self._tallied(where, year, year), key=lambda tally: tally.id)
        return TargetTallies(
            tuple(years),
            self._by_unit(where),
            self._tallied(where, "c.document_id", "(SELECT title FROM documents d WHERE d.row = c.document_row)"),
            self._tallied(where, "t.unit", "t.unit"),
        )

    def _tallied(self, where: Condition, value: str, name: str) -> tuple[Tally, ...]:
        tallies = self._rows(
            f"""SELECT {value} AS kind, max({name}), count(*) AS n {_SOURCE} {where.sql}
            AND {value} != '' GROUP BY 1 ORDER BY n DESC, kind LIMIT {_MOST}""",
            where.values,
        )
        return tuple(Tally(value, name or value, n) for value, name, n in tallies)

    def _by_unit(self, where: Condition) -> tuple[Tally, ...]:
        tallies = self._rows(
            f"""SELECT o.id, o.name, count(*) AS n FROM (
                SELECT DISTINCT t.rowid, r.organization_id AS unit FROM targets t JOIN clauses c ON c.row = t.row
                JOIN ({ANSWERS}) ON a.row = c.row WHERE {where.sql}
            ) x JOIN organizations o ON o.id = unit GROUP BY o.id, o.name ORDER BY n DESC, o.id LIMIT {_MOST}""",
            where.values,
        )
        return tuple(Tally(*cells) for cells in tallies)


def _where(query: TargetQuery, today: date) -> Condition:
    """Which targets ``t`` of clauses ``c`` are listed."""
    parts = [targets_within(query.within, today)]
    if query.text:
        text = contains(query.text.strip())
        parts.append(Condition("(t.indicator LIKE ? ESCAPE '\\' OR t.text LIKE ? ESCAPE '\\')", (text, text)))
    if query.due_year:
        year = "" if query.due_year == _WITHOUT else query.due_year
        parts.append(Condition("substr(t.due_end, 1, 4) = ?", (year,)))
    if query.measure:
        parts.append(Condition("t.unit = ?", (query.measure,)))
    if query.comparator:
        parts.append(Condition("t.comparator = ? AND NOT t.damaged AND NOT t.qualitative", (query.comparator,)))
    if query.least:
        parts.append(Condition("t.value >= CAST(? AS REAL)", (query.least,)))
    if query.state:
        parts.append(Condition(_STATES[query.state]))
    return all_of(parts)
