"""Reads clauses by their rows, with their facts and with what speaks for them in a search.

What was read of a clause or of a document stays at hand: the same clauses are found again and again, and a generation never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kb.index.store.conditions import Condition
from kb.index.store.connections import SEVERAL, Opened
from kb.index.store.evidence import Evidence
from kb.index.store.naming import DocumentNames
from kb.index.store.standing import FOLLOWED, OUT_OF_FORCE, clauses_of, validities
from kb.index.store.tables import ANSWERS, codec, dated
from kb.index.words import fold
from kb.models import FACT_KINDS, Clause, ClauseFacts, Fact, Responsibility, Validity
from kb.organizations import are_apart, names_of_places, places_named, without_places
from kb.text import normalise

T = TypeVar("T")
F = TypeVar("F", bound=Fact)
_Rows = NDArray[np.int64]

_KEPT = 4096  # clauses and documents


_FACTS = {
    kind.noun: f"SELECT f.row, {codec(kind.noun).selected('f')} FROM {kind.name} f WHERE f.row IN {SEVERAL} ORDER BY f.rowid"
    for kind in FACT_KINDS
}
_ANSWERS = (
    f"SELECT a.row, {codec(Responsibility).selected('r')} FROM {ANSWERS} WHERE a.row IN {SEVERAL} ORDER BY a.rowid"
)
_CLAUSES = (
    f"SELECT c.row, c.holds, d.row, d.title, d.document_number, d.issued_on, {codec(Clause).selected('c')} FROM clauses c"
    f" JOIN documents d ON d.row = c.document_row WHERE c.row IN {SEVERAL}"
)


class ClauseTable:
    """The clauses of one generation."""

    def __init__(self, opened: Opened, today: Callable[[], date]) -> None:
        self._opened, self.today = opened, today
        self.names, self.evidence = DocumentNames(opened), Evidence(opened)
        self._facts_of: dict[tuple[int, date], ClauseFacts] = {}
        self._validity_of: dict[tuple[int, date], Validity] = {}
        self._clauses_of = lru_cache(maxsize=2)(lambda documents, day: clauses_of(opened, documents, day))

    def facts(self, rows: Sequence[int]) -> tuple[ClauseFacts, ...]:
        """The clauses of the given rows with their facts, in the given order."""
        day = self.today()
        known = {row: facts for row in rows if (facts := self._facts_of.get((row, day))) is not None}
        missing = [row for row in rows if row not in known]
        if missing:
            read = self._read(missing, day)
            _keep(self._facts_of, {(row, day): facts for row, facts in read.items()})
            known |= read
        return tuple(known[row] for row in rows)

    def _read(self, rows: Sequence[int], day: date) -> dict[int, ClauseFacts]:
        read_rows = self._opened.rows_in(_CLAUSES, rows)
        facts: dict[int, dict[str, Any]] = {row: {} for row, *_ in read_rows}
        for bit, kind in enumerate(FACT_KINDS):
            holding = [row for row, holds, *_ in read_rows if holds >> bit & 1]
            for row, several in self.facts_of(kind.noun, holding).items():
                facts[row][kind.name] = tuple(several)
        validity = self._validities({document for _, _, document, *_ in read_rows}, day)
        clause = codec(Clause)
        return {
            row: ClauseFacts(
                clause=clause.read(cells),
                document_title=title,
                document_number=number,
                issued_on=issued_on,
                validity=validity[document],
                **facts[row],
            )
            for row, _, document, title, number, issued_on, *cells in read_rows
        }

    def _validities(self, documents: Collection[int], day: date) -> dict[int, Validity]:
        known = {row: validity for row in documents if (validity := self._validity_of.get((row, day))) is not None}
        if missing := documents - known.keys():
            read = validities(self._opened, missing, day)
            _keep(self._validity_of, {(row, day): validity for row, validity in read.items()})
            known |= read
        return known

    def facts_of(self, noun: type[F], rows: Collection[int]) -> dict[int, list[F]]:
        """The facts of one kind of each of the rows that has some, by their place in the text."""
        read = codec(noun).read
        facts: dict[int, list[F]] = {}
        for row, *cells in self._opened.rows_in(_FACTS[noun], rows):
            facts.setdefault(row, []).append(read(cells))
        return facts

    def answered(self, rows: Sequence[int]) -> frozenset[int]:
        """Those of the rows that somebody answers for."""
        return frozenset(
            row for (row,) in self._opened.rows_in(f"SELECT row FROM answers WHERE row IN {SEVERAL}", rows)
        )

    def answering(self, rows: Sequence[int]) -> tuple[ClauseFacts, ...]:
        """The clauses of the given rows, each with the responsibilities that answer for it."""
        answers = self.answers(rows)
        return tuple(
            replace(facts, responsibilities=answers[row]) for row, facts in zip(rows, self.facts(rows), strict=True)
        )

    def answers(self, rows: Collection[int]) -> dict[int, tuple[Responsibility, ...]]:
        """The responsibilities that answer for each clause, which may stand in a clause above it; () when nobody answers."""
        read = codec(Responsibility).read
        found: dict[int, list[Responsibility]] = {row: [] for row in rows}
        for row, *cells in self._opened.rows_in(_ANSWERS, found):
            found[row].append(read(cells))
        return {row: tuple(responsibilities) for row, responsibilities in found.items()}

    def issued(self, rows: Sequence[int]) -> dict[int, str]:
        """The date of the document of each clause, "" for none or one without a year."""
        sql = f"""SELECT c.row, CASE d.year WHEN '' THEN '' ELSE d.issued_on END FROM clauses c JOIN documents d ON d.row = c.document_row
            WHERE c.row IN {SEVERAL}"""
        return dict(self._opened.rows_in(sql, rows))

    def texts(self, rows: range) -> dict[int, str]:
        """The text of each clause of these rows, those of deleted ones left out."""
        return dict(
            self._opened.rows("SELECT row, text FROM clauses WHERE row >= ? AND row < ?", (rows.start, rows.stop))
        )

    def first_due(self, rows: Sequence[int]) -> dict[int, str]:
        """The earliest day that something in the clause is due, for clauses that have one."""
        due = dated("f.row, f.due_end", f"f.row IN {SEVERAL} AND f.due_end != ''")
        return dict(self._opened.rows_in(f"SELECT row, min(due_end) FROM ({due}) x GROUP BY row", rows))

    def out_of_force(self, rows: _Rows) -> NDArray[np.bool_]:
        """For each row whether its document is not in force today."""
        return self._within(OUT_OF_FORCE, rows)

    def followed(self, rows: _Rows) -> NDArray[np.bool_]:
        """For each row whether its document is followed by that of a later year."""
        return self._within(FOLLOWED, rows)

    def successors(self, documents: _Rows) -> set[tuple[int, int]]:
        """Pairs of rows: each of the documents, and one that is a newer version of it or of a later year of its series."""
        sql = f"SELECT row, by_row FROM events WHERE fate IN ('superseded', 'followed') AND since <= ?2 AND row IN {SEVERAL}"
        return set(self._opened.rows_in(sql, documents.tolist(), str(self.today())))

    def _within(self, documents: str, rows: _Rows) -> NDArray[np.bool_]:
        spans = self._clauses_of(documents, self.today())
        if not len(spans):
            return np.zeros(len(rows), np.bool_)
        before = spans[:, 0].searchsorted(rows, "right") - 1
        return np.asarray((before >= 0) & (rows < spans[before, 1]), np.bool_)

    def in_reading_order(self, rows: _Rows) -> _Rows:
        """The given rows (rising), ordered by document id and then as they stand in the document."""
        firsts, ranks, _ = self._documents
        return rows[ranks[firsts.searchsorted(rows, "right") - 1].argsort(kind="stable")]

    def documents(self, rows: _Rows) -> _Rows:
        """The row of the document of each clause."""
        firsts, _, numbers = self._documents
        return numbers[firsts.searchsorted(rows, "right") - 1]

    def containing(self, rows: _Rows, folded: str) -> _Rows:
        """Those of the rows of which the title, the headings or the text holds a folded text word for word."""
        read = self._opened.rows_in(
            f"SELECT c.row, d.title || '\n' || c.path || '\n' || c.text FROM clauses c"
            f" JOIN documents d ON d.row = c.document_row WHERE c.row IN {SEVERAL}",
            rows.tolist(),
        )
        return np.array([row for row, text in read if folded in fold(text)], np.int64)

    def clauses_of(self, documents: _Rows) -> _Rows:
        """The rows of the clauses of these documents."""
        spans = self._opened.rows_in(
            f"SELECT first_clause, first_clause + clauses FROM documents WHERE row IN {SEVERAL}", documents.tolist()
        )
        return np.concatenate([np.arange(*span) for span in spans])

    def spans_where(self, where: Condition) -> _Rows:
        """First row and row after the last, of the clauses of each document ``c`` for which that is so; shape (n, 2), ascending."""
        documents = "(SELECT first_clause, clauses, row AS document_row, id AS document_id FROM documents) c"
        sql = f"SELECT first_clause, first_clause + clauses FROM {documents} WHERE {where.sql} ORDER BY first_clause"
        return np.array(self._opened.rows(sql, where.values), np.int64).reshape(-1, 2)

    def elsewhere(self, text: str, rows: _Rows) -> NDArray[np.bool_]:
        """For each row whether its document is from another place than the text names, and the clause does not name that place.

        A document that is from no place is from everywhere. "对口支援新疆" names a matter of those whose clauses say 新疆.
        """
        which, places = self._places
        asked = places_named(text, self._unlisted)
        if not asked:
            return np.zeros(len(rows), np.bool_)
        of_rows = which[self._documents[0].searchsorted(rows, "right") - 1]
        held = np.unique(of_rows[of_rows >= 0]).tolist()
        apart = np.isin(of_rows, [place for place in held if are_apart(asked, places[place])])
        apart[np.isin(rows, self._naming(names_of_places(text, self._unlisted), rows[apart]))] = False
        return apart

    def matter_of(self, text: str) -> str | None:
        """What a question asks of the places that it names, "" for nothing; None when it names none."""
        matter = without_places(text, self._unlisted)
        return None if matter == normalise(text).strip() else matter if len(matter) > 1 else ""

    def _naming(self, names: Sequence[str], rows: _Rows) -> list[int]:
        """Those of the rows whose clause names one of the places."""
        texts = self._opened.rows_in(f"SELECT row, text FROM clauses WHERE row IN {SEVERAL}", rows.tolist())
        return [row for row, text in texts if any(name in text for name in names)]

    @cached_property
    def _documents(self) -> tuple[_Rows, _Rows, _Rows]:
        """Where each document with clauses begins, rising, its place by id, and its row."""
        rows = self._opened.rows("SELECT first_clause, row FROM documents WHERE clauses > 0 ORDER BY id")
        firsts, numbers = np.array(rows, np.int64).reshape(-1, 2).T
        rising = np.argsort(firsts)
        return firsts[rising], rising, numbers[rising]

    @cached_property
    def _places(self) -> tuple[_Rows, tuple[tuple[str, ...], ...]]:
        """Which of the places each document with clauses is from, -1 for none, by ascending first clause; and the places."""
        rows = self._opened.rows("SELECT place FROM documents WHERE clauses > 0 ORDER BY first_clause")
        places = {place: number for number, place in enumerate(dict.fromkeys(place for (place,) in rows if place))}
        return np.array([places.get(place, -1) for (place,) in rows], np.int64), tuple(
            tuple(place.split()) for place in places
        )

    @cached_property
    def _unlisted(self) -> tuple[str, ...]:
        return tuple(place for several in self._places[1] for place in several if not place.isdigit())


def _keep(kept: dict[tuple[int, date], T], more: dict[tuple[int, date], T]) -> None:
    """Keep what was read; what has been kept long enough goes."""
    if len(kept) > _KEPT:
        kept.clear()
    kept |= more
