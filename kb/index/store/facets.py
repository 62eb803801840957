"""How given clauses spread over units, roles, documents, issuers, years and due dates; counted by SQLite, over those rows only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from kb.index.store.connections import SEVERAL, Opened
from kb.index.store.filtering import named_unit
from kb.models import Filters, Tally

SHOWN = 12  # values of a facet, for facets without end
# Each date by which something of the given clauses is due.
_DATED = " UNION ALL ".join(
    f"SELECT row, due_end FROM {table} WHERE row IN {SEVERAL} AND due_end != ''" for table in ("targets", "deadlines")
)


class FacetCounts:
    """Counts over clauses that a search has found; every count is what narrowing by that value leaves of them."""

    def __init__(self, opened: Opened) -> None:
        self._rows, self._rows_in = opened.rows, opened.rows_in

    def units(self, rows: Sequence[int], filters: Filters) -> tuple[Tally, ...]:
        """The units named most often, in the role that is asked for, each with the clauses that it answers for in any way."""
        named = self._rows_in(
            f"""SELECT r.row, r.organization_id FROM responsibilities r
            WHERE r.row IN {SEVERAL} AND r.organization_id != '' AND (? = '' OR r.role = ?)""",
            rows,
            filters.role,
            filters.role,
        )
        at: dict[str, set[int]] = defaultdict(set)
        for row, organization in named:
            at[organization].add(row)
        most = sorted(at, key=lambda one: (-len(at[one]), one))[:SHOWN]
        places = ", ".join("?" * len(most))
        through: dict[tuple[str, str], set[int]] = defaultdict(set)
        for id_, name, by in self._rows(
            f"""SELECT t.organization_id, o.name, t.by_id FROM through t JOIN organizations o ON o.id = t.organization_id
            WHERE t.organization_id IN ({places})""",
            most,
        ):
            through[id_, name] |= at.get(by, set())
        tallies = [Tally(id_, name, len(found)) for (id_, name), found in through.items()]
        return tuple(sorted(self._by_name(tallies, rows, filters), key=lambda one: (-one.count, one.id)))

    def _by_name(self, tallies: Sequence[Tally], rows: Sequence[int], filters: Filters) -> Iterator[Tally]:
        """Units of one name, each of another document, as one: to choose them is to choose the name."""
        held = Counter(one.name for one in tallies)
        yield from (one for one in tallies if held[one.name] == 1)
        for name in (name for name, count in held.items() if count > 1):
            unit = named_unit(name)
            [(count,)] = self._rows_in(
                f"""SELECT count(DISTINCT r.row) FROM responsibilities r
                WHERE r.row IN {SEVERAL} AND {unit.sql} AND (? = '' OR r.role = ?)""",
                rows,
                *unit.values,
                filters.role,
                filters.role,
            )
            yield Tally(name, name, int(count))

    def roles(self, rows: Sequence[int], filters: Filters) -> tuple[Tally, ...]:
        """The roles of the unit that is asked for, of any unit when none is."""
        unit = named_unit(filters.unit)
        return self._tallies(
            f"""SELECT r.role, r.role, count(DISTINCT r.row) FROM responsibilities r
            WHERE r.row IN {SEVERAL} AND {unit.sql} GROUP BY 1 ORDER BY 3 DESC, 1""",
            rows,
            *unit.values,
        )

    def documents(self, rows: Sequence[int]) -> tuple[Tally, ...]:
        """The documents with most of the clauses."""
        return self._tallies(
            f"""SELECT d.id, coalesce(nullif(d.title, ''), d.id), count(*) FROM clauses c JOIN documents d ON d.row = c.document_row
            WHERE c.row IN {SEVERAL} GROUP BY d.row ORDER BY 3 DESC, 1 LIMIT {SHOWN}""",
            rows,
        )

    def issuers(self, rows: Sequence[int]) -> tuple[Tally, ...]:
        """Who issued most of them."""
        return self._tallies(
            f"""SELECT i.issuer, i.issuer, count(*) FROM clauses c JOIN issuers i ON i.document_row = c.document_row
            WHERE c.row IN {SEVERAL} GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {SHOWN}""",
            rows,
        )

    def years(self, rows: Sequence[int]) -> tuple[Tally, ...]:
        """The years of the documents, the latest first."""
        return self._tallies(
            f"""SELECT d.year, d.year, count(*) FROM clauses c JOIN documents d ON d.row = c.document_row
            WHERE c.row IN {SEVERAL} AND d.year != '' GROUP BY 1 ORDER BY 1 DESC""",
            rows,
        )

    def levels(self, rows: Sequence[int]) -> tuple[Tally, ...]:
        """The levels of government of the issuers."""
        return self._tallies(
            f"""SELECT d.level, d.level, count(*) FROM clauses c JOIN documents d ON d.row = c.document_row
            WHERE c.row IN {SEVERAL} AND d.level != '' GROUP BY 1 ORDER BY 3 DESC, 1""",
            rows,
        )

    def due(self, rows: Sequence[int]) -> tuple[Tally, ...]:
        """The years that something in them is due, the earliest first."""
        return self._tallies(
            f"SELECT substr(due_end, 1, 4) AS year, substr(due_end, 1, 4), count(DISTINCT row) FROM ({_DATED}) GROUP BY year ORDER BY year",
            rows,
        )

    def with_targets(self, rows: Sequence[int]) -> int:
        """How many have a target."""
        return len(self._rows_in(f"SELECT DISTINCT row FROM targets WHERE row IN {SEVERAL}", rows))

    def dates(self, rows: Sequence[int]) -> dict[int, str]:
        """The date of the document of each clause, "" for none or one without a year."""
        return dict(
            self._rows_in(
                f"""SELECT c.row, iif(d.year = '', '', d.issued_on) FROM clauses c JOIN documents d ON d.row = c.document_row
                WHERE c.row IN {SEVERAL}""",
                rows,
            )
        )

    def earliest_due(self, rows: Sequence[int]) -> dict[int, str]:
        """The earliest day that something in the clause is due, for clauses that have one."""
        return dict(self._rows_in(f"SELECT row, min(due_end) FROM ({_DATED}) GROUP BY row", rows))

    def _tallies(self, sql: str, rows: Sequence[int], *values: str) -> tuple[Tally, ...]:
        return tuple(Tally(*cells) for cells in self._rows_in(sql, rows, *values))
