"""The tools over HTTP (streamable HTTP): an ASGI application for one address of a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from kb.assistants.server import create_server
from kb.assistants.tools import Reading

_Message = MutableMapping[str, Any]
_MOST_BYTES = 1_000_000  # of a request; a question of 10,000 characters has 30,000


class AssistantEndpoint:
    """Answers requests while ``running``. It keeps no sessions, so a client may ask any server behind a proxy."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take requests until the block ends."""
        server = create_server(self._reading)
        server.streamable_http_app(stateless_http=True, json_response=True, max_request_body_size=_MOST_BYTES)
        # The application has the checks of Host and Origin for all its addresses.
        server.session_manager.security_settings = None
        async with server.session_manager.run():
            self._manager = server.session_manager
            yield
        self._manager = None

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        """Answer one request (ASGI)."""
        if self._manager is None:
            raise RuntimeError("the endpoint is not running")
        await self._manager.handle_request(scope, receive, send)
