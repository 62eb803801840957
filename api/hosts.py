"""Which names a server answers to. A page of another site that has its name resolved to this machine (DNS rebinding) asks by that name."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem
from kb.messages import Message

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})  # nobody else can have these resolved


class AllowedHosts:
    """Refuses requests whose Host is none of the names with 421, and those that a page of another host sends with 403 (ASGI).

    The names of this machine are always answered; without any ``names`` every Host is.
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = ()) -> None:
        self._app = app
        self._names = THIS_MACHINE.union(map(str.lower, names)) if names else frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = _name(f"//{headers.get('host', '')}"), headers.get("origin")
        known = self._names or {host}
        if host not in known:
            message = Message("wrong-host", host=headers.get("host", ""))
            await problem(Request(scope), HTTPStatus.MISDIRECTED_REQUEST, message)(scope, receive, send)
        elif origin is not None and _name(origin) not in known:
            await problem(Request(scope), HTTPStatus.FORBIDDEN, Message("wrong-origin", origin=origin))(
                scope, receive, send
            )
        else:
            await self._app(scope, receive, send)


def _name(address: str) -> str:
    """The host of an address, without port and brackets: "//[::1]:8000" → "::1"; "" when there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
