"""Connections to a database, and what is said when it cannot be reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import RawCursor, errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo
from psycopg.types.string import StrDumper
from psycopg_pool import PoolTimeout

from kb.errors import IndexUnusable
from kb.messages import Message

Connection = psycopg.Connection[tuple[Any, ...]]

# A server that does not answer any more is given up: seconds, and milliseconds for what it does not confirm. An address may say otherwise.
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
# The driver counts these among those of a server that is away.
_FAILED = (errors.OutOfMemory, errors.DeadlockDetected, errors.LockNotAvailable, errors.QueryCanceled)


def shown(address: str) -> str:
    """An address as it may be shown: without user and password; IndexUnusable, which does not repeat it, when it is none.

    "postgresql://writer:secret@db.example/policies" → "postgresql://db.example/policies"
    """
    parts = _parts(address)
    host, port, name = (parts.get(part) or "" for part in ("host", "port", "dbname"))
    # A password with signs that are not escaped: the rest of it is taken for what follows.
    if "@" in host[1:] or "@" in name or not re.fullmatch("[0-9,]*", port):
        raise _wrong_address()
    return f"postgresql://{host or 'localhost'}{f':{port}' if port else ''}/{name}"


def _parts(address: str) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in conninfo_to_dict(address).items()}
    except psycopg.ProgrammingError:
        raise _wrong_address() from None


def _wrong_address() -> IndexUnusable:
    return IndexUnusable("postgresql://…", Message("wrong-address"))


def patient(address: str) -> str:
    """The address with how long a server is waited for, where it does not say so itself."""
    return make_conninfo(**{**_PATIENCE, **_parts(address)})


def connected(address: str) -> Connection:
    """A connection of its own; IndexUnusable when there is none."""
    with asking(address):
        connection = psycopg.connect(patient(address), autocommit=True, cursor_factory=RawCursor)
        prepare(connection)
        return connection


def prepare(connection: Connection) -> None:
    """Have texts sent as texts, for PostgreSQL does not guess the type of a parameter that is compared with another one."""
    connection.adapters.register_dumper(str, StrDumper)
    # Texts of two generations or of a filter and none differ by how many rows they mean: a plan for all of them is slow for some.
    connection.execute("SET plan_cache_mode = force_custom_plan")
    connection.execute("SET jit = off")


@contextmanager
def asking(address: str) -> Iterator[None]:
    """IndexUnusable when the database is away, refuses, fails, or does not have any more what is asked for."""
    try:
        yield
    except psycopg.Error as error:
        raise IndexUnusable(shown(address), _meaning(error, _reason(error, address))) from error


def _meaning(error: psycopg.Error, reason: Message) -> Message:
    match error:
        case PoolTimeout():
            return Message("database-busy", reason=reason)
        case errors.UndefinedTable() | errors.InvalidSchemaName():
            return Message("generation-missing", name=error.diag.message_primary or "")
        case errors.InsufficientPrivilege() | errors.ReadOnlySqlTransaction() | errors.DiskFull():
            return Message("cannot-be-written", reason=reason)
        case psycopg.OperationalError() | psycopg.InterfaceError() if not isinstance(error, _FAILED):
            return Message("database-away", reason=reason)
    return Message("database-failed", reason=reason)


def _reason(error: psycopg.Error, address: str) -> Message:
    """The first line of what the driver says, without user and password."""
    text = str(error).strip().partition("\n")[0]
    defaults = {one.keyword.decode(): (one.val or b"").decode("utf-8", "replace") for one in Conninfo.get_defaults()}
    parts = {**defaults, **_parts(address)}
    for secret in filter(None, (parts.get("password"), parts.get("user"))):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", text)
    return Message("other", text=text)
