"""Connections of clients that keep a server waiting are ended: half-open ones, stalled uploads, readers that do not read.

uvicorn itself ends only connections between two requests. Made known to it by ``kb serve``, as a text: ``kb.cli`` does not import ``api``.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

LOOK = 5.0  # seconds between two looks at a connection
PATIENCE = (
    30.0  # seconds: for the head of a request, before the body counts, and without a byte of the answer being taken
)
LEAST_RATE = 1_000  # bytes of a body a second
clock = time.monotonic


class PatientProtocol(H11Protocol):
    """HTTP/1.1 for clients that go on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in its parent
        """Begin to watch."""
        super().connection_made(transport)
        self._state: Any = None  # what the client is waited for
        self._since, self._received = clock(), 0
        self._watch = self.loop.call_later(LOOK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no more."""
        self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes."""
        self._received += len(data)
        super().data_received(data)

    def _look(self) -> None:
        state, now = self._waited_for(), clock()
        if state != self._state:
            self._state, self._since, self._received = state, now - LOOK, 0
        elif state is not None:
            rate = LEAST_RATE if state[0] == "body" else 0
            late = now - self._since - PATIENCE
            if late > 0 and (not rate or self._received < rate * late):
                # A head that does not come may just be a connection that is kept for later: what was sent must not be lost.
                (self.transport.close if state[0] == "head" else self.transport.abort)()
                return
        self._watch = self.loop.call_later(LOOK, self._look)

    def _waited_for(self) -> tuple[str, object, int] | None:
        """Head, body or reading, of which request, at which place; None when it is the server's turn."""
        cycle: RequestResponseCycle | None = self.cycle
        is_answered = cycle is None or cycle.response_complete
        if self.flow.write_paused:
            return "reading", self.cycle, self.transport.get_write_buffer_size()
        if self.conn.their_state is h11.SEND_BODY and not self.flow.read_paused:
            return "body", self.cycle, 0
        if self.conn.their_state is h11.IDLE and is_answered:
            return "head", self.cycle, 0
        return None
