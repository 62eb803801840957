"""What each field of ``Filters`` asks, and how clauses spread over what it takes: a new filter has its SQL here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from kb.index.store.conditions import Condition, all_of, due_between, from_place, named_unit, one_of
from kb.index.store.connections import SEVERAL, Opened
from kb.index.store.standing import in_force
from kb.index.store.tables import ANSWERS, DATED, dated
from kb.models import EVERYTHING, Filters, Tally

# --- conditions -----------------------------------------------------------------------------------


def _in_documents(rows: str, values: tuple[str, ...]) -> Condition:
    return Condition(f"c.document_row IN ({rows})", values)


def _rows(facts: str, where: Condition) -> Condition:
    return Condition(f"SELECT row FROM {facts} WHERE {where.sql}", where.values)


def _answers(filters: Filters) -> Condition:
    """Whether a responsibility ``r`` has the unit and the role."""
    role = [Condition("r.role = ?", (filters.role,))] if filters.role else []
    return all_of([named_unit(filters.unit), *role])


def _answered(filters: Filters) -> Condition:
    """Whether a responsibility that answers for ``c`` has the unit and the role."""
    named = all_of([Condition("a.row = c.row"), _answers(filters)])
    return Condition(f"EXISTS (SELECT 1 FROM {ANSWERS} WHERE {named.sql})", named.values)


def _dated_rows(filters: Filters) -> Condition:
    due = due_between("f", filters.due_after, filters.due_before)
    return Condition(dated("f.row", due.sql), due.values * len(DATED))


# What is asked of the document of a clause ``c``, which has the columns ``document_row`` and ``document_id``.
OF_DOCUMENT: Mapping[str, Callable[[Any, date], Condition]] = {
    "document_id": lambda document_id, _: Condition("c.document_id = ?", (document_id,)),
    "issuers": lambda names, _: _in_documents(f"SELECT document_row FROM issuers WHERE issuer {one_of(names)}", names),
    "years": lambda years, _: _in_documents(f"SELECT row FROM documents WHERE year {one_of(years)}", years),
    "levels": lambda levels, _: _in_documents(f"SELECT row FROM documents WHERE level {one_of(levels)}", levels),
    "place": lambda place, _: from_place(place),
    "in_force": lambda _, today: in_force(today),
}
# What is asked of a clause: which rows it may have. What must be said by one and the same fact stands together.
OF_CLAUSE: Mapping[tuple[str, ...], Callable[[Filters], Condition]] = {
    ("unit", "role"): lambda filters: _rows("duties r", _answers(filters)),
    ("has_targets",): lambda _: Condition("SELECT row FROM targets"),
    ("due_after", "due_before"): _dated_rows,
}
# What is asked of a target ``t`` of a clause ``c`` instead: who answers for it may be named above it, and the date is its own.
_OF_TARGET: Mapping[tuple[str, ...], Callable[[Filters], Condition]] = {
    ("unit", "role"): _answered,
    ("due_after", "due_before"): lambda filters: due_between("t", filters.due_after, filters.due_before),
}


def documents_where(filters: Filters, today: date) -> Condition:
    """In which documents a search may find clauses ``c``."""
    return all_of([OF_DOCUMENT[name](getattr(filters, name), today) for name in OF_DOCUMENT if _narrows(filters, name)])


def rows_asked(filters: Filters) -> tuple[Condition, ...]:
    """Questions whose rows are those of the clauses that a search may find: they must be in the answer to each."""
    return tuple(ask(filters) for names, ask in OF_CLAUSE.items() if _narrows(filters, *names))


def targets_within(filters: Filters, today: date) -> Condition:
    """Which targets ``t`` of clauses ``c`` the filters let through."""
    asked = [names for names in OF_CLAUSE if _narrows(filters, *names)]
    own = [_OF_TARGET[names](filters) for names in asked if names in _OF_TARGET]
    rows = [OF_CLAUSE[names](filters) for names in asked if names not in _OF_TARGET]
    return all_of(
        [
            documents_where(filters, today),
            *own,
            *(Condition(f"t.row IN ({condition.sql})", condition.values) for condition in rows),
        ]
    )


def _narrows(filters: Filters, *names: str) -> bool:
    return any(getattr(filters, name) != getattr(EVERYTHING, name) for name in names)


# --- facets ---------------------------------------------------------------------------------------

SHOWN = 12  # values of a facet, for facets without end
_DUE = dated("f.row, f.due_end", f"f.row IN {SEVERAL} AND f.due_end != ''")
_OF_ROWS = f"JOIN documents d ON d.row = c.document_row WHERE c.row IN {SEVERAL}"
# For each facet that does not depend on the filters: what they take, what people read, how many of the given clauses.
_TALLIES: Mapping[str, str] = {
    "documents": f"""SELECT d.id, coalesce(nullif(d.title, ''), d.id), count(*) FROM clauses c {_OF_ROWS}
        GROUP BY d.row, d.id, d.title ORDER BY 3 DESC, 1 LIMIT {SHOWN}""",
    "issuers": f"""SELECT i.issuer, i.issuer, count(*) FROM clauses c JOIN issuers i ON i.document_row = c.document_row
        WHERE c.row IN {SEVERAL} GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {SHOWN}""",
    "years": f"SELECT d.year, d.year, count(*) FROM clauses c {_OF_ROWS} AND d.year != '' GROUP BY 1 ORDER BY 1 DESC",
    "levels": f"SELECT d.level, d.level, count(*) FROM clauses c {_OF_ROWS} AND d.level != '' GROUP BY 1 ORDER BY 3 DESC, 1",
    "due": f"SELECT substr(due_end, 1, 4) AS year, substr(due_end, 1, 4), count(DISTINCT row) FROM ({_DUE}) x GROUP BY 1 ORDER BY 1",
}


class FacetCounts:
    """Counts over clauses that a search has found; every count is what narrowing by that value leaves of them."""

    def __init__(self, opened: Opened) -> None:
        self._rows, self._rows_in = opened.rows, opened.rows_in

    def of(self, facet: str, rows: Sequence[int], filters: Filters) -> tuple[Tally, ...] | int:
        """What the field of ``Facets`` of that name holds for these clauses, with the other filters as they are."""
        match facet:
            case "with_targets":
                return len(self._rows_in(f"SELECT DISTINCT row FROM targets WHERE row IN {SEVERAL}", rows))
            case "units":
                return self._units(rows, filters)
            case "roles":
                return self._roles(rows, filters)
        return self._tallies(_TALLIES[facet], rows)

    def _units(self, rows: Sequence[int], filters: Filters) -> tuple[Tally, ...]:
        """The units named most often, in the role that is asked for, each with the clauses that it answers for in any way."""
        named = self._rows_in(
            f"""SELECT r.row, r.organization_id FROM duties r
            WHERE r.row IN {SEVERAL} AND r.organization_id != '' AND (? = '' OR r.role = ?)""",
            rows,
            filters.role,
            filters.role,
        )
        at: dict[str, set[int]] = defaultdict(set)
        for row, organization in named:
            at[organization].add(row)
        most = sorted(at, key=lambda unit: (-len(at[unit]), unit))[:SHOWN]
        through: dict[tuple[str, str], set[int]] = defaultdict(set)
        for id_, name, by in self._rows(
            f"""SELECT t.organization_id, o.name, t.by_id FROM through t JOIN organizations o ON o.id = t.organization_id
            WHERE t.organization_id {one_of(most)}""",
            most,
        ):
            through[id_, name] |= at.get(by, set())
        tallies = [Tally(id_, name, len(clauses)) for (id_, name), clauses in through.items()]
        return tuple(sorted(self._by_name(tallies, rows, filters), key=lambda tally: (-tally.count, tally.id)))

    def _by_name(self, tallies: Sequence[Tally], rows: Sequence[int], filters: Filters) -> Iterator[Tally]:
        """Units of one name, each of another document, as one: to choose them is to choose the name."""
        held = Counter(tally.name for tally in tallies)
        yield from (tally for tally in tallies if held[tally.name] == 1)
        for name in (name for name, count in held.items() if count > 1):
            unit = named_unit(name)
            [(count,)] = self._rows_in(
                f"""WITH found AS MATERIALIZED (
                    SELECT r.row FROM duties r WHERE r.row IN {SEVERAL} AND {unit.sql} AND (? = '' OR r.role = ?))
                SELECT count(DISTINCT row) FROM found""",
                rows,
                *unit.values,
                filters.role,
                filters.role,
            )
            yield Tally(name, name, int(count))

    def _roles(self, rows: Sequence[int], filters: Filters) -> tuple[Tally, ...]:
        """The roles of the unit that is asked for, of any unit when none is."""
        unit = named_unit(filters.unit)
        return self._tallies(
            f"""WITH found AS MATERIALIZED (SELECT r.row, r.role FROM duties r WHERE r.row IN {SEVERAL} AND {unit.sql})
            SELECT role, role, count(DISTINCT row) FROM found GROUP BY 1 ORDER BY 3 DESC, 1""",
            rows,
            *unit.values,
        )

    def _tallies(self, sql: str, rows: Sequence[int], *values: str) -> tuple[Tally, ...]:
        return tuple(Tally(*cells) for cells in self._rows_in(sql, rows, *values))
