"""What is due when, of whom: tasks by their date, or by the rhythm in which they come back; narrowed, ordered and counted in SQL."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from kb.index.store.clauses import ClauseTable
from kb.index.store.conditions import Condition, all_of, from_place, named_unit
from kb.index.store.connections import Opened
from kb.index.store.standing import in_force
from kb.index.store.tables import ANSWERS, dated, period_end
from kb.lexicon import words
from kb.models import DueClause, DueQuery, DueTallies, Tally
from kb.organizations import place_name

_KEPT = 128  # answers
_MOST = 100  # tallies of one kind: what a list to choose from can hold

# A date that another of the same clause says more precisely (2026, 2026-06) is no date of its own.
_DATES = f"""SELECT f.row, f.due, f.due_end FROM ({dated("f.row, f.due, f.due_end", "f.due_end != ''")}) f
    WHERE NOT EXISTS (SELECT 1 FROM ({dated("f.row, f.due", "f.due_end != ''")}) g
        WHERE g.row = f.row AND length(g.due) > length(f.due) AND substr(g.due, 1, length(f.due)) = f.due)"""
# Each task once: with its earliest date, said as precisely as it is, or with its latest.
_ONCE = {False: "due_end, length(due) DESC", True: "due_end DESC, length(due) DESC"}
_RECURRING = """SELECT row, due, due_end FROM (
        SELECT row, text AS due, '' AS due_end, row_number() OVER (PARTITION BY row ORDER BY length(text) DESC, text) AS place FROM (
            SELECT f.row, f.text FROM deadlines f WHERE f.recurrence != ''
            UNION ALL SELECT f.row, f.due FROM targets f WHERE f.due != '' AND f.due_end = ''
        ) f
    ) f WHERE place = 1"""
# What a plan says of itself before its tasks, and what it lists as attached, where nobody answers for it.
_FRAMING = " OR ".join(
    [
        "c.part = 'preamble'",
        "(c.part = 'conclusion' AND c.text LIKE '附件%')",
        *(f"c.heading LIKE '%{ending}'" for ending in words("framing_headings")),
    ]
)
# 二、2026年重点工作: the heading of a chapter or the title of an attachment names its year; what is due stands in the clauses below, which follow it.
_CHAPTER = """(c.heading GLOB '*[12][0-9][0-9][0-9]年*' OR c.part = 'attachment' AND c.parent_id IS NULL)
    AND EXISTS (SELECT 1 FROM clauses below WHERE below.row = c.row + 1 AND below.parent_id = c.id)"""
_TASK = Condition(f"(c.row IN (SELECT row FROM answers) OR NOT ({_FRAMING} OR {_CHAPTER}))")


class DueTable:
    """The tasks of one generation that have a date or a rhythm."""

    def __init__(self, opened: Opened, clauses: ClauseTable) -> None:
        self._rows, self._clauses = lru_cache(_KEPT)(opened.rows), clauses

    def page(self, query: DueQuery, limit: int, offset: int) -> tuple[int, tuple[DueClause, ...]]:
        """How many tasks match, and one page of them in the order of their dates."""
        source, where = self._source(query)
        order = "DESC" if query.descending else "ASC"
        [(total,)] = self._rows(f"SELECT count(*) FROM {source} WHERE {where.sql}", where.values)
        dates = self._rows(
            f"""SELECT c.row, due FROM {source} WHERE {where.sql}
            ORDER BY due_end {order}, c.document_id, c.row LIMIT ? OFFSET ?""",
            (*where.values, limit, offset),
        )
        answering = self._clauses.answering([row for row, _ in dates])
        return total, tuple(
            DueClause("", facts, "".join(due.split())) if query.recurring else DueClause(due, facts)
            for (_, due), facts in zip(dates, answering, strict=True)
        )

    def months(self, query: DueQuery) -> tuple[Tally, ...]:
        """How many tasks have something due in each month ("2025-12"), in order; a date without a month counts to December."""
        where = all_of([_between(query), _of_unit(query), self._where(query)])
        months = self._rows(
            f"""SELECT substr(due_end, 1, 7) AS month, count(DISTINCT f.row) FROM ({_DATES}) f JOIN clauses c ON c.row = f.row
            WHERE {where.sql} GROUP BY month ORDER BY month""",
            where.values,
        )
        return tuple(Tally(month, month, n) for month, n in months)

    def tallies(self, query: DueQuery) -> DueTallies:
        """How those that match spread over units, places and documents."""
        source, where = self._source(query)
        documents = self._rows(
            f"""SELECT d.id, coalesce(nullif(d.title, ''), d.id), count(*) FROM {source}
            JOIN documents d ON d.row = c.document_row WHERE {where.sql} GROUP BY d.row, d.id, d.title ORDER BY 3 DESC, 1 LIMIT {_MOST}""",
            where.values,
        )
        units = self._rows(
            f"""SELECT o.id, o.name, count(DISTINCT c.row) FROM {source} JOIN ({ANSWERS}) ON a.row = c.row
            JOIN organizations o ON o.id = r.organization_id WHERE {where.sql} GROUP BY o.id, o.name ORDER BY 3 DESC, 1 LIMIT {_MOST}""",
            where.values,
        )
        places = self._rows(
            f"""SELECT d.place, count(*) FROM {source} JOIN documents d ON d.row = c.document_row
            WHERE {where.sql} AND d.place != '' GROUP BY 1""",
            where.values,
        )
        counts = Counter[str]()
        for several, count in places:
            counts.update(dict.fromkeys(several.split(), count))
        by_place = (Tally(key, place_name(key), count) for key, count in counts.most_common(_MOST))
        return DueTallies(
            tuple(Tally(*cells) for cells in units), tuple(by_place), tuple(Tally(*cells) for cells in documents)
        )

    def _source(self, query: DueQuery) -> tuple[str, Condition]:
        """Where tasks ``c`` with their ``due`` and ``due_end`` come from, and which of them are meant."""
        if query.recurring:
            return f"({_RECURRING}) f JOIN clauses c ON c.row = f.row", all_of([_of_unit(query), self._where(query)])
        among = all_of([_between(query), _of_unit(query)])  # of the dates, before they are compared: a unit has few
        once = f"""SELECT row, due, due_end FROM (SELECT row, due, due_end,
            row_number() OVER (PARTITION BY row ORDER BY {_ONCE[query.descending]}, due) AS place
            FROM ({_DATES}) f WHERE {among.sql}) f WHERE place = 1"""
        where = self._where(query)
        return f"({once}) f JOIN clauses c ON c.row = f.row", Condition(where.sql, (*among.values, *where.values))

    def _where(self, query: DueQuery) -> Condition:
        """Which tasks ``c`` are listed, whatever their dates and units."""
        parts = [_TASK]
        if query.document_id:
            parts.append(Condition("c.document_id = ?", (query.document_id,)))
        if query.place:
            parts.append(from_place(query.place))
        if query.in_force:
            parts.append(in_force(self._clauses.today()))
        return all_of(parts)


def _of_unit(query: DueQuery) -> Condition:
    """Whether the unit answers for the clause of a date ``f``."""
    if not query.unit:
        return Condition("true")
    unit = named_unit(query.unit)
    return Condition(f"f.row IN (SELECT row FROM duties r WHERE {unit.sql})", unit.values)


def _between(query: DueQuery) -> Condition:
    return Condition("due_end BETWEEN ? AND ?", (query.since or "0000", period_end(query.until) or "9999"))
