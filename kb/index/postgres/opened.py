"""Reads one generation of a database; connections are shared by all who read it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any

from psycopg import OperationalError, RawCursor
from psycopg_pool import ConnectionPool, PoolTimeout

from kb.index.postgres.connecting import Connection, asking, patient, prepare
from kb.index.postgres.sql import translated
from kb.index.store.connections import Opened

_CONNECTIONS = 8
_WAIT = 5.0  # seconds for a connection
# A question to the vectors brings so many rows at least, and with a condition looks at more until it has them.
_NEAR = "SET hnsw.ef_search = 200; SET hnsw.iterative_scan = relaxed_order"

# It says of each attempt to connect what is said once here, and by whom it was made.
logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)

Rows = list[tuple[Any, ...]]


class OpenedSchema(Opened):
    """The views of a generation; IndexUnusable when they cannot be read."""

    def __init__(self, address: str, generation: str) -> None:
        self._address, self._generation = address, generation
        self._pool = ConnectionPool(
            patient(address),
            min_size=1,
            max_size=_CONNECTIONS,
            kwargs={"autocommit": True, "cursor_factory": RawCursor},
            configure=self._configure,
            timeout=_WAIT,
            open=False,
        )
        with asking(address):
            self._pool.open()

    def close(self) -> None:
        """Close all connections; threads that are about to make one are not waited for, which the loop of a server may not do."""
        self._pool.close(timeout=0)

    def rows(self, sql: str, values: Sequence[str | int] = ()) -> Rows:
        """The rows that a question brings."""
        return self.raw(translated(sql), values)

    def rows_in(self, sql: str, several: Collection[int | str], *values: str | int) -> Rows:
        """The same for ``SEVERAL`` values, which PostgreSQL takes as an array."""
        if not several:
            return []
        listed = list(several)
        kind = "bigint" if isinstance(listed[0], int) else "text"
        return self.raw(translated(sql, kind), (listed, *values))

    def raw(self, sql: str, values: Sequence[Any] = (), *, binary: bool = False) -> Rows:
        """The rows that a question in PostgreSQL's own words brings; bytes come as they are when it is ``binary``.

        A server that was restarted has closed the connections that lie ready: then it is asked once more, by a new one.
        """
        with asking(self._address):
            try:
                return self._ask(sql, values, binary)
            except PoolTimeout:
                raise
            except OperationalError:
                self._pool.check()
                return self._ask(sql, values, binary)

    def problems(self) -> tuple[str, ...]:
        """Nothing: the server looks after its files."""
        return ()

    def _ask(self, sql: str, values: Sequence[Any], binary: bool) -> Rows:
        with self._pool.connection() as connection:
            return connection.execute(sql, values, binary=binary).fetchall()

    def _configure(self, connection: Connection) -> None:
        prepare(connection)
        connection.execute(f'SET search_path = "{self._generation}", kb, public')
        connection.execute(_NEAR)
