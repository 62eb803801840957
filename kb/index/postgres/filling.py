"""The vectors of a contextual model on their way into a database.

They are written as they are made, for the generation that will follow the one that is filled in: the same rows, and these vectors with
them. A build that comes in between is that generation, and has them as well. Vectors are known by the texts that they were made of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np

from kb.errors import IndexUnusable
from kb.index.postgres.connecting import Connection, asking, shown
from kb.index.postgres.locking import alone
from kb.index.postgres.records import record_layout
from kb.index.postgres.sql import create_views
from kb.index.postgres.writing import put_in_use, transaction
from kb.index.segments import Rows
from kb.index.vectors import Quantised
from kb.messages import Message


class DatabaseFilling:
    """Fills one generation in, with the vectors of one model."""

    def __init__(self, connection: Connection, url: str, model: str, name: str) -> None:
        """``name`` is that of the generation; IndexUnusable when it is not there."""
        self._connection, self._url, self._model, self._name = connection, url, model, name
        self._known: dict[int, bytes] = {}  # vectors by the keys of their texts
        places = self._ask("SELECT data, number FROM kb.generations WHERE name = $1", (name,))
        if not places:
            raise IndexUnusable(shown(url), Message("generation-missing", name=name))
        [(self._data, self._number)] = places

    def missing(self) -> Rows:
        """The rows of the clauses without vectors, ascending."""
        sql = f"""SELECT string_agg(int8send(row), '' ORDER BY row) FROM {self._data}.clauses c
            WHERE added <= {self._number} AND removed > {self._number}
            AND NOT EXISTS (SELECT 1 FROM {self._data}.contextual x WHERE x.row = c.row AND x.model = $1)"""
        [(joined,)] = self._ask(sql, (self._model,))
        return np.frombuffer(joined or b"", ">i8").astype(np.int64)

    def is_waiting(self) -> bool:
        """Whether there are vectors that no generation has yet."""
        sql = f"SELECT EXISTS (SELECT 1 FROM {self._data}.contextual WHERE model = $1 AND added > {self._number})"
        return self._ask(sql, (self._model,)) == [(True,)]

    def unknown(self, keys: Collection[int]) -> set[int]:
        """The keys of texts of which no generation has vectors; those of the others, and what is kept, ``add`` may name."""
        self._known = {}
        for (data,) in self._ask("SELECT DISTINCT data FROM kb.generations"):
            sql = f"SELECT keys, record FROM {data}.contextual WHERE model = $1 AND keys && $2::bigint[]"
            for own, record in self._ask(sql, (self._model, list(keys))):
                size = len(record) // len(own)
                self._known |= {key: record[place * size : (place + 1) * size] for place, key in enumerate(own)}
        return {key for key in keys if key not in self._known}

    def keep(self, keys: Sequence[int], vectors: Quantised) -> None:
        """Know vectors that were made."""
        records = np.zeros(len(vectors), record_layout(vectors.codes.shape[1]))
        records["scale"], records["codes"] = vectors.scales, vectors.codes
        self._known |= {key: record.tobytes() for key, record in zip(keys, records, strict=True)}

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether the generation is in use and the last one, which it is until this is left; BuildInProgress."""
        with alone(self._connection, shown(self._url)):
            last = "(SELECT name FROM kb.generations ORDER BY number DESC LIMIT 1)"
            yield self._ask(f"SELECT name = $1 AND name = {last} FROM kb.in_use", (self._name,)) == [(True,)]

    def add(self, keys: Mapping[int, Sequence[int]]) -> None:
        """Write the vectors of rows, given with the keys of their passages; only when alone."""
        sql = f"INSERT INTO {self._data}.contextual VALUES ($1, $2, $3::bigint[], $4, {self._number + 1})"
        rows = [(row, self._model, list(own), b"".join(map(self._known.__getitem__, own))) for row, own in keys.items()]
        with asking(self._url), transaction(self._connection), self._connection.cursor() as cursor:
            cursor.executemany(sql, rows)
            self._connection.commit()

    def publish(self) -> None:
        """Put the generation that has what was added in use; only when alone."""
        name, number = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}", self._number + 1
        with asking(self._url), transaction(self._connection):
            self._ask(f'SET LOCAL search_path = "{name}", kb, public')
            for statement in create_views(f'"{name}"', self._data, number):
                self._ask(statement)
            self._ask("INSERT INTO kb.generations VALUES ($1, $2, $3)", (number, name, self._data))
            put_in_use(self._connection, name)
            self._connection.commit()

    def _ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with asking(self._url):
            cursor = self._connection.execute(sql, values, binary=True)
            return cursor.fetchall() if cursor.description else []
