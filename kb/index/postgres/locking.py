"""Who may write: one build at a time, and one that fills in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from kb.errors import BuildInProgress
from kb.index.postgres.connecting import Connection

BUILDING, FILLING = 0x6B62, 0x6B66  # the keys of the locks: "kb", "kf"
_PATIENCE = 0.5  # seconds for the lock


@contextmanager
def alone(connection: Connection, address: str, key: int = BUILDING) -> Iterator[None]:
    """Alone until it is left or the connection ends; BuildInProgress when somebody else is at it."""
    end = time.monotonic() + _PATIENCE
    while connection.execute("SELECT pg_try_advisory_lock($1)", (key,)).fetchone() != (True,):
        if time.monotonic() > end:
            raise BuildInProgress(address)
        time.sleep(0.05)
    for limit in ("idle_session", "idle_in_transaction_session", "statement"):  # reading documents takes hours
        connection.execute(f"SET {limit}_timeout = 0")
    try:
        yield
    finally:
        if not connection.closed:  # at once: the end of a connection is noticed later
            connection.execute("SELECT pg_advisory_unlock($1)", (key,))
