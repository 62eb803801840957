"""The tables of a generation while they are written: what an engine has to offer, and SQLite."""

from __future__ import annotations

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kb.errors import IndexUnusable
from kb.index.store.tables import FILE, INDEXES, SCHEMA, Cell
from kb.messages import Message, reason_of

# The folder is thrown away when the build dies, so nothing needs to be safe before it is finished.
_UNSAFE = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"

Values = Sequence[Cell]


class Tables(ABC):
    """The tables of a generation that is being written; no other generation changes by it."""

    @abstractmethod
    def rows(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """The rows that a question brings."""

    @abstractmethod
    def do(self, sql: str, values: Values = ()) -> None:
        """Change rows that this generation has added."""

    @abstractmethod
    def insert(self, table: str, rows: Sequence[Values]) -> None:
        """Add rows behind those that are there; rows with a key that is there are left out."""

    @abstractmethod
    def delete(self, table: str, where: str, values: Values = ()) -> None:
        """Take rows out."""

    @abstractmethod
    def renew(self, table: str, where: str, values: Values = ()) -> None:
        """Make the rows those of this generation, so that they may be changed."""

    @abstractmethod
    def next_rowid(self, table: str) -> int:
        """The rowid that the next row will have."""

    @abstractmethod
    def temporary(self, table: str, *columns: str) -> None:
        """A table of texts, each row once, that is gone with the connection."""

    @abstractmethod
    def index(self) -> None:
        """Make the indexes, once most rows are in."""

    def replace(self, table: str, rows: Iterable[Values]) -> None:
        """Have these rows in the table and no others."""
        self.delete(table, "true")
        self.insert(table, list(rows))


class TablesInFile(Tables):
    """A SQLite file, written in one transaction."""

    def __init__(self, folder: Path, previous: Path | None) -> None:
        """``previous`` is the folder of the generation that is gone on from, if any."""
        with _writing():
            if previous is not None:
                shutil.copyfile(previous / FILE, folder / FILE)
            self._connection = sqlite3.connect(folder / FILE, isolation_level=None)
            self._connection.executescript(f"{_UNSAFE} {'' if previous is not None else SCHEMA} BEGIN;")

    def close(self) -> None:
        """Close the file; what was not committed is lost."""
        self._connection.close()

    def commit(self, *, is_new: bool) -> None:
        """Keep what was written."""
        self.do("COMMIT")
        if is_new:
            self.do("ANALYZE")
        self.close()

    def rows(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """The rows that a question brings."""
        with _writing():
            return self._connection.execute(sql, values).fetchall()

    def do(self, sql: str, values: Values = ()) -> None:
        """Change rows."""
        with _writing():
            self._connection.execute(sql, values)

    def insert(self, table: str, rows: Sequence[Values]) -> None:
        """Add rows behind those that are there."""
        if rows:
            places = ", ".join("?" * len(rows[0]))
            with _writing():
                self._connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({places})", rows)

    def delete(self, table: str, where: str, values: Values = ()) -> None:
        """Take rows out."""
        self.do(f"DELETE FROM {table} WHERE {where}", values)

    def renew(self, table: str, where: str, values: Values = ()) -> None:
        """Nothing: the file is a copy."""

    def next_rowid(self, table: str) -> int:
        """The rowid that the next row will have."""
        return int(self.rows(f"SELECT coalesce(max(rowid), 0) + 1 FROM {table}")[0][0])

    def temporary(self, table: str, *columns: str) -> None:
        """A table of texts, each row once, that is gone with the connection."""
        listed = ", ".join(columns)
        self.do(f"CREATE TEMP TABLE {table} ({listed}, PRIMARY KEY ({listed})) WITHOUT ROWID")

    def index(self) -> None:
        """Make the indexes."""
        for statement in INDEXES.split(";"):
            self.do(statement)


@contextmanager
def _writing() -> Iterator[None]:
    """IndexUnusable when the disk refuses."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise IndexUnusable(Path(FILE), Message("cannot-be-written", reason=reason_of(error))) from error
