"""Writes a generation's store, document by document, in one transaction; from nothing or on from that of another generation."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kb.errors import IndexUnusable
from kb.index.store.linking import link
from kb.index.store.rows import DocumentRows, Row
from kb.index.store.settling import TOUCHED, settle
from kb.index.store.suggesting import write_suggestions
from kb.index.store.tables import (
    BY_DOCUMENT,
    FILE,
    INDEXES,
    SCHEMA,
    Manifest,
    codec,
)
from kb.messages import Message, reason_of
from kb.models import FACT_KINDS

# The folder is thrown away when the build dies, so nothing needs to be safe before it is finished.
_UNSAFE = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"


class StoreWriter:
    """Takes documents in order and gives them and their clauses consecutive row numbers, which they keep in the generations that follow."""

    def __init__(self, folder: Path, previous: Path | None = None) -> None:
        """``previous`` is the folder of the generation that is gone on from, if any."""
        self._is_new = previous is None
        with _writing():
            if previous is not None:
                shutil.copyfile(previous / FILE, folder / FILE)
            self._connection = sqlite3.connect(folder / FILE, isolation_level=None)
            self._connection.executescript(f"{_UNSAFE} {SCHEMA if self._is_new else ''} {TOUCHED}; BEGIN;")
            self._documents = self._number("SELECT coalesce(max(documents), 0) FROM manifest")
            self._clauses = self._number("SELECT coalesce(max(rows), 0) FROM manifest")

    def add(self, document: DocumentRows) -> None:
        """Write one document."""
        row, first = self._documents, self._clauses
        rows = range(first, first + len(document.clauses))
        self._insert("documents", [(row, first, len(rows), *document.document)])
        self._insert("clauses", [(at, row, *cells) for at, cells in zip(rows, document.clauses, strict=True)])
        responsibility = self._number("SELECT coalesce(max(rowid), 0) + 1 FROM responsibilities")
        self._insert("answers", [(first + clause, responsibility + place) for clause, place in document.answers])
        for kind, facts in document.facts:
            self._insert(kind, [(first + place, *cells) for place, *cells in facts])  # type: ignore[operator]  # a place
        for table, described in document.by_document:
            self._insert(table, [(row, *cells) for cells in described])
        self._insert("descriptions", document.descriptions, "OR IGNORE")
        if not self._is_new:
            self._insert("touched", [(id_,) for _, id_, *_ in document.descriptions], "OR IGNORE")
        self._documents += 1
        self._clauses = rows.stop

    def remove(self, document_id: str) -> tuple[range, range]:
        """Take one document out; the row numbers that it and its clauses had come back, and no other will have them."""
        with _writing():
            row, first, count = self._connection.execute(
                "SELECT row, first_clause, clauses FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
            described = "SELECT key FROM described WHERE document_row = ?"
            gone = f"key IN ({described}) AND NOT EXISTS (SELECT 1 FROM described o WHERE o.key = descriptions.key AND document_row != ?)"
            self._do(f"INSERT OR IGNORE INTO touched SELECT id FROM descriptions WHERE key IN ({described})", row)
            self._do(f"DELETE FROM descriptions WHERE {gone}", row, row)
            for kind in FACT_KINDS:
                self._do(f"DELETE FROM {kind.name} WHERE row >= ? AND row < ?", first, first + count)
            self._do("DELETE FROM answers WHERE row >= ? AND row < ?", first, first + count)
            for table, column in BY_DOCUMENT:
                self._do(f"DELETE FROM {table} WHERE {column} = ?", row)
            self._do("DELETE FROM clauses WHERE row >= ? AND row < ?", first, first + count)
            self._do("DELETE FROM documents WHERE row = ?", row)
            self._connection.execute("DELETE FROM suggestions WHERE kind = 'document' AND id = ?", (document_id,))
        return range(row, row + 1), range(first, first + count)

    def finish(self, manifest: Manifest) -> None:
        """Write what only all documents together tell and what the generation was built with, and close the file."""
        with _writing():
            if self._is_new:
                for statement in INDEXES.split(";"):
                    self._do(statement)
                self._do("INSERT INTO touched SELECT DISTINCT id FROM descriptions")
            settle(self._connection)
            write_suggestions(self._connection)
            link(self._connection)
            self._do("DELETE FROM manifest")
        self._insert(
            "manifest", [codec(Manifest).row(replace(manifest, rows=self._clauses, documents=self._documents))]
        )
        with _writing():
            self._do("COMMIT")
            if self._is_new:
                self._do("ANALYZE")
        self.close()

    def close(self) -> None:
        """Close the file; what was not finished is lost."""
        self._connection.close()

    def _number(self, sql: str) -> int:
        return int(self._connection.execute(sql).fetchone()[0])

    def _do(self, sql: str, *values: int) -> None:
        self._connection.execute(sql, values)

    def _insert(self, table: str, rows: Sequence[Row], conflict: str = "") -> None:
        if rows:
            places = ", ".join("?" * len(rows[0]))
            with _writing():
                self._connection.executemany(f"INSERT {conflict} INTO {table} VALUES ({places})", rows)


@contextmanager
def _writing() -> Iterator[None]:
    """IndexUnusable when the disk refuses."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise IndexUnusable(Path(FILE), Message("cannot-be-written", reason=reason_of(error))) from error
