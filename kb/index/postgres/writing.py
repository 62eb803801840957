"""Writes a generation into a database, in one transaction: it is there as a whole, or nothing of it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kb.index.postgres.connecting import Connection
from kb.index.postgres.records import record_layout
from kb.index.postgres.sql import create_tables, create_views
from kb.index.postgres.tables import TablesInDatabase
from kb.index.postgres.words import blocks
from kb.index.store import Manifest
from kb.index.store.rows import DocumentRows
from kb.index.store.writing import StoreWriter
from kb.index.vectors import Quantised
from kb.index.words import TermCounts

_POSTINGS = 1 << 22  # before they are sent
# Indexes are made in at least so much memory, for the nearest vectors take many times as long beyond it.
_ROOM = """
SELECT set_config(name, '256MB', true) FROM pg_settings WHERE name = 'maintenance_work_mem' AND setting::bigint < 256 * 1024
"""


class DatabaseWriter:
    """Writes one generation; what it is given is sent now and then, and seen by nobody before ``publish``."""

    def __init__(self, connection: Connection, data: str, number: int, folder: Path) -> None:
        """``data`` is the schema that the generation lies in, which is made when it is not there; ``number`` is that of the generation."""
        self.folder, self.is_published = folder, False
        self._connection, self._data, self._number = connection, data, number

    def begin(self, name: str, dimension: int, *, is_new: bool) -> None:
        """Make the generation, of that name; the tables first when it is a new one."""
        self._name, self._is_new = name, is_new
        self._do(f'SET LOCAL search_path = "{name}", kb, public')
        if is_new:
            self._do(f"CREATE SCHEMA {self._data}")
            for statement in create_tables(self._data, dimension):
                self._do(statement)
        for statement in create_views(f'"{name}"', self._data, self._number):
            self._do(statement)
        self._do(_ROOM)
        self._tables = TablesInDatabase(self._connection, self._data, self._number)
        self._store = StoreWriter(self._tables, is_new=is_new)
        [(self._row, self._document)] = self._connection.execute(
            "SELECT coalesce(max(rows), 0), coalesce(max(documents), 0) FROM manifest"
        ).fetchall()
        self._vectors = self._row  # the row of the next vectors
        self._words: dict[str, list[tuple[int, TermCounts]]] = {"words": [], "document_words": []}
        self._postings = 0

    def add(self, document: DocumentRows, words: TermCounts, document_words: TermCounts) -> None:
        """Write one document: its rows, and the terms of its clauses and of the whole."""
        self._store.add(document)
        self._words["words"].append((self._row, words))
        self._words["document_words"].append((self._document, document_words))
        self._row += words.count
        self._document += 1
        self._postings += len(words.texts) + len(document_words.texts)
        if self._postings >= _POSTINGS:
            self._send_words()

    def add_vectors(self, clauses: Quantised, counts: Sequence[int], passages: Quantised) -> None:
        """Write the vectors of the next rows."""
        layout = record_layout(clauses.codes.shape[1])
        owners = np.repeat(np.arange(len(counts)), counts)
        every = np.zeros(len(clauses) + len(passages), layout)
        of_clauses = np.arange(len(clauses)) + np.cumsum([0, *counts[:-1]]) if counts else np.empty(0, np.int64)
        is_clause = np.zeros(len(every), np.bool_)
        is_clause[of_clauses] = True
        every["scale"][is_clause], every["codes"][is_clause] = clauses.scales, clauses.codes
        every["scale"][~is_clause], every["codes"][~is_clause] = passages.scales, passages.codes
        ends = [*of_clauses[1:].tolist(), len(every)]
        records = (
            (self._vectors + place, every[begin:end].tobytes(), self._number)
            for place, (begin, end) in enumerate(zip(of_clauses.tolist(), ends, strict=True))
        )
        self._copy("vectors (row, record, added)", ("int8", "bytea", "int8"), records)
        self._send_passages(self._vectors + owners, passages)
        self._vectors += len(counts)

    def remove(self, document_id: str) -> range:
        """Take a document out; the rows of its clauses come back."""
        documents, rows = self._store.remove(document_id)
        self._do(
            f"INSERT INTO {self._data}.holes VALUES ($1, $2, $3, $4)",
            (documents.start, rows.start, len(rows), self._number),
        )
        return rows

    def takes_over(self, name: str) -> bool:
        """Whether the database has vectors of that name."""
        found = self._connection.execute("SELECT 1 FROM kb.files WHERE starts_with(name, $1)", (f"{name}/",))
        return found.fetchone() is not None

    def finish(self, manifest: Manifest) -> None:
        """Send what waits, and write what only all documents together tell."""
        self._send_words()
        self._tables.flush()
        for path in sorted(self.folder.glob("*/*")):
            name = path.relative_to(self.folder).as_posix()
            self._do("INSERT INTO kb.files VALUES ($1, $2)", (name, path.read_bytes()))
        self._store.finish(manifest)
        self._tables.flush()

    def publish(self) -> str:
        """Put the finished generation in use, with the end of the transaction, and return its name."""
        self._do("INSERT INTO kb.generations VALUES ($1, $2, $3)", (self._number, self._name, self._data))
        put_in_use(self._connection, self._name)
        self.is_published = True
        return self._name

    def _do(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._connection.execute(sql, values)

    def _copy(self, target: str, types: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        sql = f"COPY {self._data}.{target} FROM STDIN (FORMAT BINARY)"
        with self._connection.cursor() as cursor, cursor.copy(sql) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def _send_words(self) -> None:
        for table, waiting in self._words.items():
            if waiting:
                types = ("int8", "int8", "int4", "bytea", "bytea", "int8")
                rows = ((*block, self._number) for block in blocks(waiting))
                self._copy(f"{table} (term, first, held, rows, weights, added)", types, rows)
                waiting.clear()
        self._postings = 0

    def _send_passages(self, owners: np.ndarray[Any, np.dtype[np.int64]], passages: Quantised) -> None:
        """The passages in half precision, in the binary form of COPY, all in one array: a vector a call would take most of the time."""
        count, dimension = passages.codes.shape
        size = 4 + 2 * dimension
        form = [("fields", ">i2"), ("a", ">i4"), ("row", ">i8"), ("b", ">i4"), ("size", ">i2"), ("none", ">i2")]
        sent = np.zeros(count, np.dtype([*form, ("vector", ">f2", (dimension,)), ("c", ">i4"), ("added", ">i8")]))
        sent["fields"], sent["a"], sent["row"], sent["b"], sent["size"] = 3, 8, owners, size, dimension
        sent["vector"], sent["c"], sent["added"] = passages.floats, 8, self._number
        sql = f"COPY {self._data}.passages (row, vector, added) FROM STDIN (FORMAT BINARY)"
        with self._connection.cursor() as cursor, cursor.copy(sql) as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            copy.write(sent.tobytes())
            copy.write(b"\xff\xff")


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """What is not committed in it is rolled back."""
    connection.autocommit = False
    try:
        yield
    finally:
        if not connection.closed:
            connection.rollback()
            connection.autocommit = True


def put_in_use(connection: Connection, name: str) -> None:
    """Say that a generation is in use, and when the one before was."""
    connection.execute(
        "UPDATE kb.generations SET replaced = clock_timestamp() WHERE name IN (SELECT name FROM kb.in_use)"
    )
    connection.execute("UPDATE kb.generations SET replaced = NULL WHERE name = $1", (name,))
    connection.execute("DELETE FROM kb.in_use")
    connection.execute("INSERT INTO kb.in_use VALUES ($1)", (name,))
