"""A look twice a second: which generation of a database is in use, and whether the server can be reached."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread

import psycopg

from kb.errors import IndexUnusable
from kb.index.postgres.connecting import Connection, asking, connected

_EVERY = 0.5  # seconds


def name_in_use(connection: Connection) -> str | None:
    """The name of the generation in use, None when there is none."""
    try:
        found = connection.execute("SELECT name FROM kb.in_use").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return None
    return str(found[0]) if found else None


class Lookout:
    """A thread with a connection of its own, which begins when it is first asked."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._starting, self._closed = Lock(), Event()
        self._thread: Thread | None = None
        self._connection: Connection | None = None
        self._seen: str | None = None
        self._away: IndexUnusable | None = None  # why the last look saw nothing
        self.changed: Callable[[], object] = lambda: None  # called when another is in use

    def seen(self) -> str | None:
        """The name of the generation in use, None when there is none; of a server that is away what was seen last."""
        with self._starting:
            if self._thread is None:
                self._look()
                self._thread = Thread(target=self._go_on, daemon=True)
                self._thread.start()
        return self._seen

    def check(self) -> None:
        """IndexUnusable while the server is away."""
        if away := self._away:
            raise IndexUnusable(away.path, away.reason)

    def close(self) -> None:
        """Look no more."""
        self._closed.set()

    def _go_on(self) -> None:
        while not self._closed.wait(_EVERY):
            seen = self._seen
            self._look()
            if seen != self._seen:
                self.changed()
        if self._connection is not None:
            self._connection.close()

    def _look(self) -> None:
        """By the connection that there is, else by a new one: one that is lost does not mean that the server is away."""
        away = None
        for _ in range(2):
            try:
                self._seen, away = self._name(), None
                break
            except IndexUnusable as error:
                away = error if error.reason.code == "database-away" else None
        self._away = away

    def _name(self) -> str | None:
        if self._connection is None or self._connection.closed:
            self._connection = connected(self._url)
        with asking(self._url):
            return name_in_use(self._connection)
