"""The tables of a generation of a database while they are written, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import errors

from kb.index.postgres.connecting import Connection
from kb.index.postgres.sql import ALWAYS, create_indexes, tables, translated
from kb.index.store.changing import Tables, Values

_WAITING = 20_000  # rows before they are sent


class TablesInDatabase(Tables):
    """The views of a new generation: what is inserted comes with it, what is deleted goes with it, and stays for those before."""

    def __init__(self, connection: Connection, data: str, number: int) -> None:
        self._connection, self._data, self._number = connection, data, number
        self._waiting: dict[str, list[Values]] = {}
        self._count = 0

    def rows(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """The rows that a question brings."""
        self.flush()
        return self._connection.execute(translated(sql), values).fetchall()

    def do(self, sql: str, values: Values = ()) -> None:
        """Change rows that this generation has added."""
        self.flush()
        self._connection.execute(translated(sql), values)

    def insert(self, table: str, rows: Sequence[Values]) -> None:
        """Add rows behind those that are there; of descriptions, and of temporary tables, those with a key that is there are left out."""
        self._waiting.setdefault(table, []).extend(rows)
        self._count += len(rows)
        if self._count >= _WAITING:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        waiting, self._waiting, self._count = self._waiting, {}, 0
        for name, rows in waiting.items():
            if not rows:
                continue
            table = tables().get(name)
            if table is not None and name != "descriptions":
                self._copy(f"{self._data}.{name} ({table.listed}, added)", rows)
                continue
            target, added = (
                (name, "") if table is None else (f"{self._data}.{name} ({table.listed}, added)", f", {self._number}")
            )
            types = ("text",) * len(rows[0]) if table is None else table.types
            # One statement: one a row would take as long as all other tables together.
            arrays = ", ".join(f"${place}::{type_.partition(' COLLATE')[0]}[]" for place, type_ in enumerate(types, 1))
            self._connection.execute(
                f"INSERT INTO {target} SELECT x.*{added} FROM unnest({arrays}) x ON CONFLICT DO NOTHING",
                [list(column) for column in zip(*rows, strict=True)],
            )

    def _copy(self, target: str, rows: Iterable[Values]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, self._number))

    def delete(self, table: str, where: str, values: Values = ()) -> None:
        """Close rows of generations before, and take those out that this one has added itself."""
        self._close(table, where, values)
        self.do(f"DELETE FROM {self._data}.{table} AS {table} WHERE added = {self._number} AND ({where})", values)

    def renew(self, table: str, where: str, values: Values = ()) -> None:
        """Close rows of generations before, and add them anew."""
        columns = f"{tables()[table].listed}, rowid"
        before = (
            f"FROM {self._data}.{table} AS {table} WHERE added < {self._number} AND removed = {ALWAYS} AND ({where})"
        )
        self.do(
            f"INSERT INTO {self._data}.{table} ({columns}, added) SELECT {columns}, {self._number} {before}", values
        )
        self._close(table, where, values)

    def _close(self, table: str, where: str, values: Values) -> None:
        before = f"added < {self._number} AND removed = {ALWAYS} AND ({where})"
        self.do(f"UPDATE {self._data}.{table} AS {table} SET removed = {self._number} WHERE {before}", values)

    def replace(self, table: str, rows: Iterable[Values]) -> None:
        """Have these rows in the table and no others; what is there already stays."""
        columns = tables()[table].listed
        there = dict.fromkeys(self.rows(f"SELECT {columns} FROM {table}"))
        wanted = dict.fromkeys(map(tuple, rows))
        places = ", ".join("?" * len(tables()[table].columns))
        for row in there.keys() - wanted.keys():
            self.delete(table, f"({columns}) = ({places})", row)
        self.insert(table, [row for row in wanted if row not in there])

    def next_rowid(self, table: str) -> int:
        """The rowid that the next row will have."""
        [(value, is_called)] = self.rows(f"SELECT last_value, is_called FROM {self._data}.{table}_rowid_seq")
        return int(value) + bool(is_called)

    def temporary(self, table: str, *columns: str) -> None:
        """A table of texts, each row once, that is gone with the transaction."""
        listed = ", ".join(f'{column} text COLLATE "C"' for column in columns)
        self.do(f"CREATE TEMP TABLE {table} ({listed}, PRIMARY KEY ({', '.join(columns)})) ON COMMIT DROP")

    def index(self) -> None:
        """Make the indexes, and have the tables looked at, so that the planner knows them."""
        self.flush()
        for statement in create_indexes(self._data):
            make_index(self._connection, statement)
        for table in tables():
            self._connection.execute(f"ANALYZE {self._data}.{table}")


def make_index(connection: Connection, statement: str) -> None:
    """Make an index by several processes, as far as the server has them; by one where they find no memory to share."""
    try:
        with connection.transaction():
            connection.execute(statement)
    except (errors.DiskFull, errors.OutOfMemory):  # it lies in /dev/shm, of which a container has 64 MB
        connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        connection.execute(statement)
