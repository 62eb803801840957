"""How a server stands before its clients: what it is called, the names it answers to, the path it lies below, the sites that may frame its page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import URL, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Exposure:
    """What lies between a server and its clients."""

    allowed_hosts: tuple[str, ...] = ()  # names that it answers to; none: any
    root_path: str = ""  # below which a proxy shows it: "/policy"
    frame_ancestors: tuple[str, ...] = ()  # sites whose pages may hold its page in a frame
    # What each key, or without one each address, may ask; an office of a hundred people behind one address asks a tenth of it.
    a_minute: int = 6000
    at_once: int = 100
    title: str = ""  # of its page; "" for that of the program


PLAIN = Exposure()


def own_path(scope: Scope) -> str:
    """The path of a request below that of the server: /policy/api/v1/who → /api/v1/who"""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def connected_from(scope: Scope) -> str:
    """The address that is connected, a proxy's where there is one; "" when there is none."""
    connected: str = scope["state"]["connected"]
    return connected


class SubPath:
    """Answers below a path, whether the proxy has taken that off the address or not; keeps who is connected (ASGI).

    What a proxy says of its client comes in the place of that.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app, self._root = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["connected"] = (scope.get("client") or ("",))[0]
        if scope["type"] == "http" and self._root:
            if scope["path"] == self._root:  # what the page names stands below its own address
                address = URL(path=f"{self._root}/", query=scope["query_string"].decode("latin-1"))
                await RedirectResponse(str(address))(scope, receive, send)
                return
            if not scope["path"].startswith(f"{self._root}/"):
                scope["path"] = self._root + scope["path"]
            scope["root_path"] = self._root
        await self._app(scope, receive, send)


def content_policy(exposure: Exposure) -> str:
    """The Content-Security-Policy of the page."""
    ancestors = " ".join(exposure.frame_ancestors) or "'none'"
    return f"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}; object-src 'none'"


def reference_policy(exposure: Exposure) -> str:
    """That of the reference: Swagger UI loads its icons from data: URLs and uses inline styles."""
    return f"{content_policy(exposure)}; img-src 'self' data:; style-src 'self' 'unsafe-inline'"


def security_headers(exposure: Exposure) -> dict[str, str]:
    """The headers of every response that does not set them itself."""
    headers = {
        "Content-Security-Policy": content_policy(exposure),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "private, no-cache",  # clients revalidate, so that a new index or version shows at once
    }
    # X-Frame-Options cannot name sites.
    return headers if exposure.frame_ancestors else headers | {"X-Frame-Options": "DENY"}


class SecurityHeaders:
    """Adds ``security_headers`` to every response (ASGI)."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
