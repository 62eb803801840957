"""Who may ask a server that does not answer everybody: those with a key, and those whom a proxy has signed in."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Request, Response
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from api.exposure import connected_from, own_path
from api.problems import problem, responses
from kb.access import Keys, refusal
from kb.messages import Message

_COOKIE = "kb-key"
_GUARDED = ("/api/", "/mcp", "/metrics")
_OPEN = ("/api/v1/session", "/api/v1/health")  # and below: a probe needs no key
_SAFE = {"GET", "HEAD", "OPTIONS"}

router = APIRouter(prefix="/api/v1", tags=["Service"])


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may ask: bearers of a key, and users whom a trusted proxy names in a header; with no keys wanted, everybody."""

    keys: Keys
    needs_key: bool = False
    user_header: str = ""  # "" for none
    proxies: frozenset[str] = frozenset()  # addresses that may set it

    def refusal(self, scope: Scope) -> Message | None:
        """Why the request may not be answered, None when it may."""
        path = own_path(scope)
        if not self.needs_key or not path.startswith(_GUARDED) or path.startswith(_OPEN):
            return None
        headers = Headers(scope=scope)
        if self.user_header and connected_from(scope) in self.proxies and headers.get(self.user_header):
            return None
        sent = sent_key(headers, scope["method"])
        return refusal(self.keys.find(sent), sent)


class OnlyReaders:
    """Refuses requests of those who may not ask with 401 (ASGI)."""

    def __init__(self, app: ASGIApp, readers: Readers) -> None:
        self._app, self._readers = app, readers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        why = self._readers.refusal(scope) if scope["type"] == "http" else None
        if why is None:
            await self._app(scope, receive, send)
            return
        refused = problem(Request(scope), HTTPStatus.UNAUTHORIZED, why, headers={"WWW-Authenticate": "Bearer"})
        await refused(scope, receive, send)


@router.post(
    "/session",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Sign a browser in with a key",
    responses=responses(400, 401, 422, 500),
)
def open_session(
    request: Request,
    response: Response,
    key: Annotated[str, Body(embed=True, max_length=1_000, description="密钥 (a key)")],
) -> None:
    """Where reading needs a key, a browser keeps it in a cookie, which scripts cannot read and which allows no changes."""
    readers: Readers = request.app.state.readers
    if why := refusal(readers.keys.find(key.encode()), key.encode()):
        raise HTTPException(HTTPStatus.UNAUTHORIZED, why)
    value = base64.urlsafe_b64encode(key.encode()).decode()
    response.set_cookie(
        _COOKIE,
        value,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path=_cookie_path(request),
    )


@router.delete("/session", status_code=HTTPStatus.NO_CONTENT, summary="Sign a browser out", responses=responses(500))
def close_session(request: Request, response: Response) -> None:
    """The cookie is forgotten."""
    response.delete_cookie(_COOKIE, _cookie_path(request), httponly=True, samesite="strict")


def _cookie_path(request: Request) -> str:
    """Below which the cookie is sent: other programs on the host have no need of it."""
    return request.scope.get("root_path") or "/"


def said_key(headers: Headers) -> str:
    """The key that a program sends: X-API-Key or a bearer token, "" for none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return headers.get("x-api-key", "") or (token.strip() if kind.lower() == "bearer" else "")


def sent_key(headers: Headers, method: str) -> bytes:
    """The key of a request: one that is said, or, where nothing is changed, the cookie; b"" for none."""
    if said := said_key(headers):
        return said.encode("latin-1")
    cookie = cookie_parser(headers.get("cookie", "")).get(_COOKIE, "") if method in _SAFE else ""
    try:
        return base64.urlsafe_b64decode(cookie)
    except (binascii.Error, ValueError):
        return b""
