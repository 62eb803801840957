"""A generation seen from above: counted and grouped in SQL. Answers are kept, because a generation never changes."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from kb.index.store.conditions import LACKING, UNRESOLVED
from kb.index.store.connections import Opened
from kb.models import (
    ROLES,
    Link,
    Matrix,
    MatrixCell,
    MatrixRow,
    Network,
    Quality,
    Tally,
)

T = TypeVar("T", bound=Hashable)

_KEPT = 128  # answers
_OPENING = 30  # characters of a clause without a heading
_YEARS = 10_000
_FIRST_ISSUER = "(SELECT issuer FROM issuers i WHERE i.document_row = d.row ORDER BY i.rowid LIMIT 1)"
_ROLES = ", ".join(f"count(DISTINCT CASE r.role WHEN '{role}' THEN r.row END)" for role in ROLES)
# Whom a clause itself names: who is named once for a whole document, or as the subject of a sentence, shares no task by that.
_MARKED = "r.organization_id != '' AND r.implied_by IS NULL AND NOT r.prose"


class Counts:
    """What the documents and units of one generation look like together; ``rows`` narrows to the clauses of a document."""

    def __init__(self, opened: Opened) -> None:
        self._rows = lru_cache(_KEPT)(opened.rows)

    # --- how much ------------------------------------------------------------------------------

    def roles(self) -> tuple[int, int, int]:
        """How many clauses somebody leads, answers for, supports."""
        lead, responsible, support = self._rows(f"SELECT {_ROLES} FROM responsibilities r")[0]
        return lead, responsible, support

    def documents_by_year(self) -> tuple[Tally, ...]:
        """Documents by the year of their date, in order."""
        return tuple(sorted(self._documents_by("year", _YEARS), key=lambda tally: tally.id))

    def documents_by_kind(self, limit: int) -> tuple[Tally, ...]:
        """Documents by 文种, the most frequent first."""
        return self._documents_by("kind", limit)

    def documents_by_issuer(self, limit: int) -> tuple[Tally, ...]:
        """Documents by the first of their issuers, the busiest first."""
        return self._documents_by(_FIRST_ISSUER, limit)

    def _documents_by(self, value: str, limit: int) -> tuple[Tally, ...]:
        rows = self._rows(
            f"""SELECT value, count(*) AS n FROM (SELECT {value} AS value FROM documents d) x WHERE value != ''
            GROUP BY value ORDER BY n DESC, value LIMIT ?""",
            (limit,),
        )
        return tuple(Tally(value, value, n) for value, n in rows)

    def quality(self) -> Quality:
        """How much is damaged in the sources, and how much could not be settled."""
        return Quality(
            self._count("targets WHERE damaged"),
            self._count("deadlines WHERE damaged"),
            self._count("citations WHERE damaged"),
            self._count(f"organizations WHERE {UNRESOLVED}"),
            self._count(f"documents d WHERE {LACKING['units']}"),
            self._count(f"documents d WHERE {LACKING['date']}"),
            self._count(f"documents d WHERE {LACKING['text']}"),
        )

    def _count(self, source: str, values: tuple[str, ...] = ()) -> int:
        return int(self._rows(f"SELECT count(*) FROM {source}", values)[0][0])

    # --- units against tasks -------------------------------------------------------------------

    def matrix(self, rows: range | None, units: int, limit: int, offset: int) -> Matrix:
        """The busiest units against the documents that name most of them; within a document against its clauses, in reading order."""
        source = f"FROM responsibilities r JOIN clauses c ON c.row = r.row WHERE r.organization_id != ''{_within(rows)}"
        line, order = ("c.row", "1") if rows is not None else ("c.document_row", "2 DESC, min(c.document_id)")
        [(total_units, total_rows)] = self._rows(
            f"SELECT count(DISTINCT r.organization_id), count(DISTINCT {line}) {source}"
        )
        columns = self._busiest(rows, units, "r.organization_id != ''")
        lines = self._rows(
            f"SELECT {line}, count(DISTINCT r.organization_id) {source} GROUP BY 1 ORDER BY {order} LIMIT ? OFFSET ?",
            (limit, offset),
        )
        listed = ", ".join(str(place) for place, _ in lines) or "NULL"
        cells = self._rows(
            f"SELECT {line}, r.organization_id, {_ROLES} {source} AND {line} IN ({listed}) GROUP BY 1, 2"
        )
        across, down = _places(tally.id for tally in columns), _places(place for place, _ in lines)
        placed = (MatrixCell(down[at], across[unit], *counts) for at, unit, *counts in cells if unit in across)
        return Matrix(
            self._title(rows) if rows else "",
            total_units,
            total_rows,
            offset,
            columns,
            self._lines(lines, "documents" if rows is None else "clauses"),
            tuple(sorted(placed, key=lambda cell: (cell.row, cell.column))),
        )

    def _lines(self, lines: Sequence[tuple[int, int]], table: str) -> tuple[MatrixRow, ...]:
        """The lines of a matrix as people call them."""
        called = {
            "documents": "CASE title WHEN '' THEN id ELSE title END, '[]'",
            "clauses": f"""CASE heading WHEN '' THEN substr(text, 1, {_OPENING}) ELSE num || heading END, path""",
        }[table]
        listed = ", ".join(str(place) for place, _ in lines) or "NULL"
        named = dict[int, tuple[str, str, str]]()
        for row, *cells in self._rows(f"SELECT row, id, {called} FROM {table} WHERE row IN ({listed})"):
            id_, name, path = cells
            named[row] = id_, name, "".join(json.loads(path)[-2:-1])
        return tuple(MatrixRow(*named[place], units) for place, units in lines)

    def _title(self, rows: range) -> str:
        [(title,)] = self._rows(
            "SELECT CASE title WHEN '' THEN id ELSE title END FROM documents WHERE first_clause = ?", (rows.start,)
        )
        return str(title)

    def _busiest(self, rows: range | None, limit: int, where: str) -> tuple[Tally, ...]:
        """The units that most clauses name, with how many."""
        units = self._rows(
            f"""SELECT o.id, o.name, n FROM ({_busy(rows, where)}) x JOIN organizations o ON o.id = unit
            ORDER BY n DESC, o.id""",
            (limit,),
        )
        return tuple(Tally(*cells) for cells in units)

    # --- who works with whom -------------------------------------------------------------------

    def network(self, rows: range | None, units: int) -> Network:
        """The busiest units, and in how many clauses two of them are named together."""
        links = self._rows(
            f"""WITH busy AS MATERIALIZED ({_busy(rows, _MARKED)}),
            held AS MATERIALIZED (SELECT DISTINCT r.row, r.organization_id AS unit FROM responsibilities r
                WHERE {_MARKED}{_within(rows)} AND r.organization_id IN (SELECT unit FROM busy))
            SELECT a.unit, b.unit, count(*) AS n FROM held a JOIN held b ON b.row = a.row AND a.unit < b.unit
            GROUP BY 1, 2 ORDER BY n DESC, 1, 2""",
            (units,),
        )
        return Network(self._busiest(rows, units, _MARKED), tuple(Link(*cells) for cells in links))


def _within(rows: range | None, column: str = "r.row") -> str:
    return f" AND {column} >= {rows.start} AND {column} < {rows.stop}" if rows is not None else ""


def _busy(rows: range | None, where: str) -> str:
    return f"""SELECT r.organization_id AS unit, count(DISTINCT r.row) AS n FROM responsibilities r
        WHERE {where}{_within(rows)} GROUP BY 1 ORDER BY n DESC, 1 LIMIT ?"""


def _places(values: Iterable[T]) -> dict[T, int]:
    return {value: place for place, value in enumerate(values)}
