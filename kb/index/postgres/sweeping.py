"""Removes from a database what no generation that is kept sees."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from psycopg import errors

from kb.index.postgres.connecting import Connection
from kb.index.postgres.sql import ALWAYS, BESIDE, tables

_GRACE = "2 minutes"  # that what was in use stays, for readers that are slow to open what replaces it
_HELD = "5s"  # for which what another holds is waited for, to remove it
_GENERATIONS = """
SELECT number, name, data, coalesce(replaced > clock_timestamp() - interval '{grace}'
    AND number < (SELECT max(g.number) FROM kb.generations g JOIN kb.in_use USING (name)), false)
FROM kb.generations ORDER BY number
"""


def sweep(connection: Connection, keep: Collection[str]) -> None:
    """Remove the generations not to be kept, and the rows and tables that none of the others sees; what another holds is left to the next build.

    One that has just been replaced stays for now, but not one that was gone back from: its rows would be in the next one.
    """
    held = suppress(errors.LockNotAvailable, errors.DeadlockDetected)
    with held, connection.transaction():
        connection.execute(f"SET LOCAL lock_timeout = '{_HELD}'")
        every = connection.execute(_GENERATIONS.format(grace=_GRACE)).fetchall()
        going = [(number, name) for number, name, _, is_fresh in every if name not in keep and not is_fresh]
        for number, name in going:
            connection.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
            connection.execute("DELETE FROM kb.generations WHERE number = $1", (number,))
        for data in {data for _, _, data, _ in every}:
            left = [number for number, name, of, _ in every if of == data and (number, name) not in going]
            if going or not left:
                _sweep_rows(connection, data, left, going[-1][0] if going else 0)


def _sweep_rows(connection: Connection, data: str, left: Sequence[int], newest: int) -> None:
    """Remove the rows that none of the generations that are left sees, given by number; ``newest`` is the last one that goes."""
    if not left:
        connection.execute(f"DROP SCHEMA IF EXISTS {data} CASCADE")
        return
    gone = f"SELECT row FROM {data}.documents WHERE removed <= {left[0]}"
    holes = f"SELECT first_clause, clauses FROM {data}.holes WHERE row IN ({gone})"
    for name in ("vectors", "passages", "contextual"):
        connection.execute(
            f"DELETE FROM {data}.{name} v USING ({holes}) h"
            " WHERE v.row >= h.first_clause AND v.row < h.first_clause + h.clauses"
        )
    for table in tables():
        connection.execute(f"DELETE FROM {data}.{table} WHERE removed <= {left[0]}")
    if newest > left[-1]:
        _purge_rows(connection, data, left[-1])


def _purge_rows(connection: Connection, data: str, last: int) -> None:
    """Remove the rows that came after the last generation that is left, which was gone back to; what went after it is back again."""
    for table in tables():
        connection.execute(f"DELETE FROM {data}.{table} WHERE added > {last}")
        connection.execute(
            f"UPDATE {data}.{table} SET removed = {ALWAYS} WHERE removed > {last} AND removed < {ALWAYS}"
        )
    for name in BESIDE:
        connection.execute(f"DELETE FROM {data}.{name} WHERE added > {last}")
