"""The tables of a generation, open for several readers at once.

Connections to a SQLite file are opened with the file (so that the folder may be swept away under a reader) and lent out one reader each; a reader
more than there are connections waits.
"""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import LifoQueue
from typing import Any, TypeVar

from kb.errors import IndexUnusable
from kb.index.store.tables import Codec
from kb.messages import Message, reason_of

_CONNECTIONS = 8
_MAPPED = 256 << 20  # bytes of the file that are read where they lie in memory: all of a hundred thousand clauses
_DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
SEVERAL = "(SELECT value FROM json_each(?1))"

T = TypeVar("T")


class Opened(ABC):
    """The tables of a generation, which are never changed."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections; nobody may be reading."""

    @abstractmethod
    def rows(self, sql: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        """The rows that a question brings."""

    @abstractmethod
    def rows_in(self, sql: str, several: Collection[int | str], *values: str | int) -> list[tuple[Any, ...]]:
        """The same for a question with one more parameter, the first: ``SEVERAL`` stands in it for the given values.

        However many they are, the text of the question stays the same, so it is read once.
        """

    @abstractmethod
    def problems(self) -> tuple[str, ...]:
        """What the engine itself finds wrong."""

    def all(self, reader: Codec[T], source: str, values: Sequence[str | int] = ()) -> tuple[T, ...]:
        """The nouns of all rows of ``x`` in the source."""
        return tuple(map(reader.read, self.rows(f"SELECT {reader.selected('x')} {source}", values)))

    def one(self, reader: Codec[T], source: str, values: Sequence[str | int] = ()) -> T:
        """The noun of the first row of ``x`` in the source."""
        return self.all(reader, source, values)[0]


class OpenedFile(Opened):
    """The file, which nobody ever writes again; IndexUnusable when it cannot be opened."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connections: LifoQueue[sqlite3.Connection] = LifoQueue()
        # "immutable" spares all locking: a published generation is never written again.
        address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            for _ in range(_CONNECTIONS):
                connection = sqlite3.connect(address, uri=True, check_same_thread=False)
                self._connections.put(connection)
                connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
        except sqlite3.DatabaseError as error:
            self.close()
            raise IndexUnusable(file, Message("index-damaged", reason=reason_of(error))) from error

    def close(self) -> None:
        """Close all connections; nobody may be reading."""
        while not self._connections.empty():
            self._connections.get().close()

    def rows(self, sql: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        """The rows that a question brings."""
        with self._connection() as connection:
            return connection.execute(sql, values).fetchall()

    def rows_in(self, sql: str, several: Collection[int | str], *values: str | int) -> list[tuple[Any, ...]]:
        """The same for ``SEVERAL`` values, which SQLite takes as one text in JSON."""
        return self.rows(sql, (_listed(several), *values)) if several else []

    def problems(self) -> tuple[str, ...]:
        """What SQLite itself finds wrong with the file."""
        return tuple(problem for (problem,) in self.rows("PRAGMA integrity_check") if problem != "ok")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._connections.get()
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            raise IndexUnusable(self._file, Message("index-damaged", reason=reason_of(error))) from error
        finally:
            self._connections.put(connection)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is at fault; an error without a code is a text that is no UTF-8, or our own: a ProgrammingError."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return type(error) in (sqlite3.DatabaseError, sqlite3.OperationalError)
    return code & 0xFF in _DAMAGES


def _listed(several: Collection[int | str]) -> str:
    return json.dumps(list(several), ensure_ascii=False)
