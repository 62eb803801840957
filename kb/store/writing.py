"""Writes a generation's store, document by document, in one transaction."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kb.editions import name_of, number_key
from kb.errors import IndexUnusable
from kb.models import Citation, Clause, Document, Organization, ParsedDocument, Responsibility
from kb.organizations import initials_of, level_of, names_of
from kb.store.linking import link
from kb.store.suggesting import write_suggestions
from kb.store.tables import FILE, INDEXES, SCHEMA, Manifest, codec, comparable, period_end
from kb.succession import Card, card_of

_YEAR = re.compile(r"\d{4}")

_COUNT_TASKS = """
UPDATE organizations SET (lead, responsible, support) = (
    SELECT count(DISTINCT CASE role WHEN 'lead' THEN row END), count(DISTINCT CASE role WHEN 'responsible' THEN row END),
        count(DISTINCT CASE role WHEN 'support' THEN row END)
    FROM through JOIN responsibilities ON responsibilities.organization_id = by_id WHERE through.organization_id = organizations.id)
"""


def answering(clauses: Sequence[Clause], responsibilities: Sequence[Responsibility]) -> tuple[int | None, ...]:
    """For each clause the place (in ``clauses``) of the clause whose responsibilities answer for it, None when there is none.

    Its own marks come first, then those of the nearest clause above it, then declarations for the whole document, then prose,
    own before above.
    """
    held = [
        {r.clause_id for r in responsibilities if not r.prose and r.implied_by is None},
        {r.clause_id for r in responsibilities if not r.prose and r.implied_by is not None},
        {r.clause_id for r in responsibilities if r.prose},
    ]
    place = {clause.id: i for i, clause in enumerate(clauses)}
    return tuple(
        next((place[c.id] for ids in held for c in _upwards(clause, clauses, place) if c.id in ids), None)
        for clause in clauses
    )


def _through(organizations: Sequence[Organization]) -> dict[str, set[str]]:
    """For each organisation those whose tasks are its own: itself, the groups that it is in, whom it took over from, and so on."""
    directly: dict[str, set[str]] = {one.id: set(one.successor_of) for one in organizations}
    for one in organizations:
        for member in one.members:
            directly.setdefault(member, set()).add(one.id)
    return {id_: _reached(id_, directly) for id_ in directly}


def _reached(start: str, directly: dict[str, set[str]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        new = directly.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _upwards(clause: Clause, clauses: Sequence[Clause], place: dict[str, int]) -> Iterable[Clause]:
    """The clause and the clauses above it."""
    seen: Clause | None = clause
    while seen is not None:
        yield seen
        seen = clauses[place[seen.parent_id]] if seen.parent_id in place else None


@contextmanager
def _writing() -> Iterator[None]:
    """IndexUnusable when the disk refuses."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise IndexUnusable(f"{FILE}: cannot be written: {error}") from error


class StoreWriter:
    """Takes documents in order and gives their clauses consecutive row numbers."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / FILE, isolation_level=None)
        # The folder is thrown away when the build dies, so nothing needs to be safe before it is finished.
        with _writing():
            self._connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {SCHEMA} BEGIN;")
        self._documents = self._clauses = 0

    def add(self, parsed: ParsedDocument) -> range:
        """Write one document; the row numbers of its clauses come back."""
        document_row, first = self._documents, self._clauses
        rows = range(first, first + len(parsed.clauses))
        document = parsed.document
        dated = _YEAR.match(document.issued_on)
        placed = dated[0] if dated else "", level_of(document.issuers)
        self._insert("documents", [(document_row, *codec(Document).row(document), first, len(rows), *placed)])
        self._insert("issuers", [(issuer, document_row) for issuer in dict.fromkeys(document.issuers)])
        self._insert("cards", [codec(Card).row(card_of(document, document_row))])
        answers = answering(parsed.clauses, parsed.responsibilities)
        clause_codec = codec(Clause)
        self._insert(
            "clauses",
            [
                (row, *clause_codec.row(clause), document_row, None if answer is None else first + answer)
                for row, clause, answer in zip(rows, parsed.clauses, answers, strict=True)
            ],
        )
        self._insert_facts(parsed, rows)
        self._documents += 1
        self._clauses = rows.stop
        return rows

    def _insert_facts(self, parsed: ParsedDocument, rows: range) -> None:
        row_of = {clause.id: row for clause, row in zip(parsed.clauses, rows, strict=True)}
        named = [(row_of[r.clause_id], *codec(Responsibility).row(r)) for r in parsed.responsibilities]
        self._insert("responsibilities", named)
        cited = [
            (row_of[c.clause_id], *codec(Citation).row(c), name_of(c.title).work, number_key(c.document_number))
            for c in parsed.citations
        ]
        self._insert("citations", cited)
        for table, dated in (("targets", parsed.targets), ("deadlines", parsed.deadlines)):
            self._insert(table, [(row_of[f.clause_id], *codec(type(f)).row(f), period_end(f.due)) for f in dated])

    def finish(self, organizations: Iterable[Organization], manifest: Manifest) -> None:
        """Write the organisations of all documents and what the generation was built with, and close the file."""
        organizations = tuple(organizations)
        self._insert("organizations", [(*codec(Organization).row(one), 0, 0, 0) for one in organizations])
        called = {(comparable(name), one.id) for one in organizations for name in (one.id, *names_of(one))}
        printed = self._connection.execute(
            "SELECT DISTINCT unit, organization_id FROM responsibilities WHERE organization_id != ''"
        )
        called |= {(comparable(unit), organization_id) for unit, organization_id in printed}
        self._insert("names", sorted(called))
        spelled = {(letters, one.id) for one in organizations for letters in initials_of(one)}
        self._insert("initials", sorted(spelled))
        self._insert("through", sorted((one, by) for one, several in _through(organizations).items() for by in several))
        self._insert("manifest", [codec(Manifest).row(manifest)])
        with _writing():
            self._connection.executescript(f"BEGIN; {INDEXES} {_COUNT_TASKS}; COMMIT; BEGIN;")
            link(self._connection)
            self._connection.execute("COMMIT")
            write_suggestions(self._connection)
            self._connection.execute("ANALYZE")
        self.close()

    def close(self) -> None:
        """Close the file; what was not finished is lost."""
        self._connection.close()

    def _insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            places = ", ".join("?" * len(rows[0]))
            with _writing():
                self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
