"""An index in a database: its generations, which is in use, and who may write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path

import psycopg

from kb.errors import BuildInProgress, IndexUnusable
from kb.index.postgres.connecting import Connection, asking, connected, shown
from kb.index.postgres.filling import DatabaseFilling
from kb.index.postgres.generation import DatabaseGeneration
from kb.index.postgres.locking import FILLING, alone
from kb.index.postgres.looking import Lookout, name_in_use
from kb.index.postgres.sql import create_contextual, create_view
from kb.index.postgres.sweeping import sweep
from kb.index.postgres.writing import DatabaseWriter, put_in_use, transaction
from kb.index.vectors import PassageIndex
from kb.messages import Message

_FORMAT = 2  # of the schema ``kb`` and those of generations
_CATALOGUE = f"""
CREATE SCHEMA kb;
CREATE TABLE kb.format (version integer NOT NULL);
INSERT INTO kb.format VALUES ({_FORMAT});
CREATE TABLE kb.generations (number bigint PRIMARY KEY, name text UNIQUE NOT NULL, data text NOT NULL, replaced timestamptz);
CREATE TABLE kb.in_use (name text NOT NULL);
CREATE TABLE kb.files (name text PRIMARY KEY, content bytea NOT NULL);
"""
_MAY_WRITE = """
SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean
   AND CASE WHEN to_regclass('kb.in_use') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
            ELSE has_table_privilege('kb.in_use', 'UPDATE') END
"""
# What a build keeps. Hashes are known by path, inode and times in nanoseconds: no two machines mean different files by all of these.
_KEPT = ("ids.json", "hashes.json")
# It is not installed on the server, older than halfvec, or for an administrator to make.
_NO_EXTENSION = (
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.UndefinedFile,
    psycopg.errors.DuplicateObject,
    psycopg.errors.InsufficientPrivilege,
)


class Database:
    """The generations of a database; thread-safe."""

    def __init__(self, url: str) -> None:
        self._url, self.address = url, shown(url)
        self._lookout = Lookout(url)
        # What has the lock; what is kept, and was before.
        self._alone: tuple[Connection, Path, dict[str, bytes]] | None = None

    # --- reading -------------------------------------------------------------------------------

    def state(self) -> Hashable:
        """The name of the generation in use, None when there is none; a thread looks twice a second. A server that is away changes nothing."""
        return self._lookout.seen()

    def check(self) -> None:
        """IndexUnusable while the server is away: whoever asks need not wait to find the same."""
        self._lookout.check()

    def check_writable(self) -> None:
        """IndexUnusable when who asks may not write, or the server is a replica."""
        with asking(self._url), connected(self._url) as connection:
            if connection.execute(_MAY_WRITE).fetchone() != (True,):
                raise IndexUnusable(self.address, Message("cannot-be-written", reason=Message("no-permission")))

    def watch(self, changed: Callable[[], object]) -> None:
        """Call this when another generation is seen in use: the one before goes some time after."""
        self._lookout.changed = changed

    def close(self) -> None:
        """Look no more."""
        self._lookout.close()

    def in_use(self) -> str:
        """The name of the generation in use; IndexUnusable when there is none."""
        with asking(self._url), connected(self._url) as connection:
            name = name_in_use(connection)
        if name is None:
            raise IndexUnusable(self.address, Message("no-index"))
        return name

    def published(self) -> tuple[str, ...]:
        """The names of all generations, the oldest first."""
        with asking(self._url), connected(self._url) as connection:
            return tuple(name for (name,) in connection.execute("SELECT name FROM kb.generations ORDER BY number"))

    def open(self, name: str) -> DatabaseGeneration:
        """Open a generation."""
        return DatabaseGeneration(self._url, name, partial(_vectors, self._url))

    def is_verified_at_once(self, name: str) -> bool:  # noqa: ARG002 - of all of them
        """Always: the server looks after its files."""
        return True

    def verify(self, name: str) -> None:
        """IndexUnusable when another version of this software wrote the generation, or it is not there."""
        self.open(name).close()

    def damage(self, name: str) -> Iterator[Message]:  # noqa: ARG002 - of all of them
        """Nothing: the server looks after its files."""
        return iter(())

    # --- writing -------------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[Path]:
        """Alone at the index until the connection ends; ids and hashes of files are in a folder, and are kept when they have changed."""
        with (
            asking(self._url),
            connected(self._url) as connection,
            tempfile.TemporaryDirectory() as name,
            alone(connection, self.address),
        ):
            _make_catalogue(connection, self.address)
            folder = Path(name)
            self._alone = connection, folder, _load(connection, folder)
            try:
                yield folder
            except BaseException:
                if not connection.closed:
                    _save(*self._alone)
                raise
            else:
                _save(*self._alone)
            finally:
                self._alone = None

    @contextmanager
    def filling(self, model: str) -> Iterator[Callable[[str], DatabaseFilling] | None]:
        """What fills a generation in with the vectors of that contextual model, by its name; None while another process does."""
        with asking(self._url), connected(self._url) as connection, ExitStack() as held:
            try:
                held.enter_context(alone(connection, self.address, FILLING))
            except BuildInProgress:
                yield None
            else:
                self._bring_up_to_date(connection)
                yield partial(DatabaseFilling, connection, self._url, model)

    def _bring_up_to_date(self, connection: Connection) -> None:
        """What there is; a build that is at it does that itself."""
        if name_in_use(connection) is not None:
            with suppress(BuildInProgress), alone(connection, self.address):
                _make_catalogue(connection, self.address)

    @contextmanager
    def writing(self, base: DatabaseGeneration | None, dimension: int) -> Iterator[DatabaseWriter]:
        """A writer of the next generation, in one transaction, which is that of the lock; ids and hashes are kept with it, or not."""
        assert self._alone is not None, "only under the lock"
        connection, *_ = self._alone
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
        with (
            asking(self._url),
            tempfile.TemporaryDirectory() as folder,
            transaction(connection),
        ):
            [(number,)] = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM kb.generations").fetchall()
            data = f"data_{number}"
            if base is not None:
                [(data,)] = connection.execute(
                    "SELECT data FROM kb.generations WHERE name = $1", (base.name,)
                ).fetchall()
            writer = DatabaseWriter(connection, data, number, Path(folder))
            writer.begin(name, dimension, is_new=base is None)
            yield writer
            if writer.is_published:
                _save(*self._alone)
                connection.commit()

    def switch(self, name: str) -> None:
        """Put a generation in use."""
        with asking(self._url), connected(self._url) as connection, connection.transaction():
            put_in_use(connection, name)

    def sweep(self, keep: Collection[str]) -> None:
        """Remove the generations not to be kept, and the rows and tables that none of the others sees."""
        with asking(self._url), connected(self._url) as connection:
            sweep(connection, keep)


def _make_catalogue(connection: Connection, address: str) -> None:
    """Make what says which generations there are, once; IndexUnusable when a later version of this software has made it."""
    with connection.transaction():
        if connection.execute("SELECT to_regclass('kb.format')").fetchone() == (None,):
            for statement in _CATALOGUE.strip().split(";\n"):
                connection.execute(statement)
        if connection.execute("SELECT version FROM kb.format").fetchone() == (1,):
            _migrate(connection)
        if connection.execute("SELECT version FROM kb.format").fetchone() != (_FORMAT,):
            raise IndexUnusable(address, Message("other-version"))
        if connection.execute("SELECT 1 FROM pg_type WHERE typname = 'halfvec'").fetchone() is None:
            try:
                connection.execute("CREATE EXTENSION vector SCHEMA kb")
            except _NO_EXTENSION as error:
                reason = Message("other", text=error.diag.message_primary or "")
                raise IndexUnusable(address, Message("no-pgvector", reason=reason)) from error


def _migrate(connection: Connection) -> None:
    """Give what the first version made a table of the contextual model's vectors, and take out what it kept for each machine."""
    every = connection.execute("SELECT number, name, data FROM kb.generations").fetchall()
    for data in sorted({data for *_, data in every}):
        for statement in create_contextual(data):
            connection.execute(statement)
    for number, name, data in every:
        connection.execute(create_view(f'"{name}"', data, number, "contextual"))
    connection.execute("ALTER TABLE kb.generations ADD replaced timestamptz")
    connection.execute("DELETE FROM kb.files WHERE starts_with(name, 'hashes.json@')")
    connection.execute("UPDATE kb.format SET version = 2")


def _load(connection: Connection, folder: Path) -> dict[str, bytes]:
    """Put what builds before have kept into a folder, and return it."""
    sql = "SELECT name, content FROM kb.files WHERE name = ANY($1::text[])"
    stored: dict[str, bytes] = dict(connection.execute(sql, (list(_KEPT),), binary=True).fetchall())
    for name, content in stored.items():
        (folder / name).write_bytes(content)
    return stored


def _save(connection: Connection, folder: Path, before: dict[str, bytes]) -> None:
    """Keep what has changed in the folder; ``before`` says then what is kept."""
    for name in _KEPT:
        content = (folder / name).read_bytes() if (folder / name).exists() else b""
        if content == before.get(name, b""):
            continue
        before[name] = content
        connection.execute("DELETE FROM kb.files WHERE name = $1", (name,))
        if content:
            connection.execute("INSERT INTO kb.files VALUES ($1, $2)", (name, content))


@lru_cache(maxsize=4)
def _read_vectors(url: str, name: str) -> PassageIndex | None:
    with asking(url), connected(url) as connection, tempfile.TemporaryDirectory() as folder:
        sql = "SELECT name, content FROM kb.files WHERE starts_with(name, $1)"
        found = connection.execute(sql, (f"{name}/",), binary=True).fetchall()
        for path, content in found:
            (Path(folder) / name).mkdir(exist_ok=True)
            (Path(folder) / path).write_bytes(content)
        return PassageIndex.open(Path(folder) / name) if found else None


def _vectors(url: str, name: str) -> PassageIndex | None:
    """Vectors that lie beside those of the clauses; the same for all generations, for their name says what they are made of."""
    found = _read_vectors(url, name)
    if found is None:
        _read_vectors.cache_clear()  # a build may bring them
    return found
