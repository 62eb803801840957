"""What one client may ask of a server: requests a minute and at once, wrong keys, bytes. More is answered with 429 or 413."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from api.exposure import Exposure, own_path
from api.problems import problem
from api.reading import said_key, sent_key
from kb.access import Keys, refusal
from kb.messages import Message

_COUNTED = ("/api/", "/mcp", "/metrics")
_FREE = "/api/v1/health"  # and below: probes
_SIGNING_IN = "/api/v1/session"
_UPLOADS = "/api/v1/documents"  # has bounds of its own
_MOST_BYTES = 1_000_000  # of the body of any other request
_WRONG_KEYS = 30  # a minute from one address
_MINUTE = 60.0  # seconds
clock = time.monotonic


class _ThisMinute:
    """How often each name has been counted in a minute; the next one begins with what is counted after it."""

    def __init__(self, most: int) -> None:
        self._most, self._ends = most, 0.0
        self._counts: Counter[str] = Counter()

    def count(self, name: str) -> None:
        """Once more."""
        self._begin()
        self._counts[name] += 1

    def wait(self, name: str) -> int:
        """Seconds until a name that has been counted so often as may be is counted anew; 0 for another."""
        self._begin()
        return math.ceil(self._ends - clock()) if self._counts[name] >= self._most else 0

    def _begin(self) -> None:
        if clock() >= self._ends:
            self._counts.clear()
            self._ends = clock() + _MINUTE


class Limited:
    """Refuses what is more than the limits (ASGI)."""

    def __init__(self, app: ASGIApp, exposure: Exposure, keys: Keys) -> None:
        self._app, self._keys, self._at_once = app, keys, exposure.at_once
        self._asked, self._guessed = _ThisMinute(exposure.a_minute), _ThisMinute(_WRONG_KEYS)
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        path = own_path(scope) if scope["type"] == "http" else ""
        if not path.startswith(_COUNTED) or path.startswith(_FREE):
            await self._app(scope, receive, send)
            return
        sent = sent_key(Headers(scope=scope), scope["method"])
        key = self._keys.find(sent) if sent else None
        address = f"address {(scope.get('client') or ('',))[0]}"
        # A browser goes on sending the cookie of a key that has expired, which is no guess.
        is_guess = path == _SIGNING_IN or (bool(said_key(Headers(scope=scope))) and refusal(key, sent) is not None)
        client = f"key {key.name}" if key is not None else address
        wait = self._guessed.wait(address) if is_guess else 0
        if wait := wait or self._wait_of(client):
            message, headers = Message("too-many-requests", seconds=wait), {"Retry-After": str(wait)}
            await problem(Request(scope), HTTPStatus.TOO_MANY_REQUESTS, message, headers=headers)(scope, receive, send)
            return

        async def send_counted(event: Event) -> None:
            if is_guess and event["type"] == "http.response.start" and event["status"] == HTTPStatus.UNAUTHORIZED:
                self._guessed.count(address)
            await send(event)

        with self._one_more(client):
            await self._app(scope, receive if path == _UPLOADS else _bounded(scope, receive), send_counted)

    def _wait_of(self, client: str) -> int:
        """The seconds that a client has to wait; 0 when its request, which is counted then, need not."""
        if self._running[client] >= self._at_once:
            return 1
        if wait := self._asked.wait(client):
            return wait
        self._asked.count(client)
        return 0

    @contextmanager
    def _one_more(self, client: str) -> Iterator[None]:
        self._running[client] += 1
        try:
            yield
        finally:
            self._running[client] -= 1
            if not self._running[client]:
                del self._running[client]


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """The body of a request as it comes; 413 as soon as it is too large, or says that it will be."""
    length = Headers(scope=scope).get("content-length", "")
    received = int(length) if length.isdigit() and int(length) > _MOST_BYTES else 0

    async def bounded() -> Event:
        nonlocal received
        event = await receive()
        received += len(event.get("body", b""))
        if received > _MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return event

    return bounded
