"""Connections to a database, and what is said when it cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import RawCursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import StrDumper
from psycopg_pool import PoolTimeout

from kb.errors import IndexUnusable
from kb.messages import Message, reason_of

Connection = psycopg.Connection[tuple[Any, ...]]

_PATIENCE = 10  # seconds in which a server has to answer
_GONE = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)
_REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.InsufficientResources,
)


def shown(address: str) -> str:
    """An address as it may be shown: without user and password.

    "postgresql://writer:secret@db.example/policies" → "postgresql://db.example/policies"
    """
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError as error:
        raise IndexUnusable("postgresql://…", Message("wrong-address", reason=reason_of(error))) from None
    host, port = parts.get("host") or "localhost", parts.get("port")
    return f"postgresql://{host}{f':{port}' if port else ''}/{parts.get('dbname') or ''}"


def connected(address: str) -> Connection:
    """A connection of its own; IndexUnusable when there is none."""
    with asking(address):
        connection = psycopg.connect(address, autocommit=True, connect_timeout=_PATIENCE, cursor_factory=RawCursor)
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
    """IndexUnusable when the database is away, refuses, or does not have any more what is asked for."""
    try:
        yield
    except _GONE as error:
        raise IndexUnusable(shown(address), Message("generation-missing", name=_said(error))) from error
    except _REFUSED as error:
        raise IndexUnusable(shown(address), Message("cannot-be-written", reason=_reason(error))) from error
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        raise IndexUnusable(shown(address), Message("database-away", reason=_reason(error))) from error


def _said(error: psycopg.Error) -> str:
    return error.diag.message_primary or ""


def _reason(error: Exception) -> Message:
    """The first line of what the driver says, which never holds a password."""
    return Message("other", text=str(error).strip().partition("\n")[0])
