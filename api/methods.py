"""HEAD and OPTIONS for every address, and Allow as RFC 9110 has it: FastAPI knows only the methods of the first route that fits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from http import HTTPStatus

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exposure import own_path
from api.problems import problem

_PREFIX = "/api/"


class Methods:
    """Answers HEAD as GET without the body, OPTIONS with the methods of the address, and completes Allow (ASGI)."""

    def __init__(self, app: ASGIApp, described: FastAPI) -> None:
        """``described`` is the application whose reference lists addresses and methods."""
        self._app, self._described = app, described

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        path = own_path(scope) if scope["type"] == "http" else ""
        allowed = self._methods_of(path) if path.startswith(_PREFIX) else []
        if not allowed:
            await self._app(scope, receive, send)
            return
        method, headers = scope["method"], {"Allow": ", ".join(allowed)}
        if method == "OPTIONS":
            await Response(status_code=204, headers=headers)(scope, receive, send)
        elif method not in allowed:
            await problem(Request(scope), HTTPStatus.METHOD_NOT_ALLOWED, headers=headers)(scope, receive, send)
        elif method == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _without_body(send))
        else:
            await self._app(scope, receive, send)

    def _methods_of(self, path: str) -> list[str]:
        """The methods of an address, sorted; none when there is no such address. Of those that fit it is the one that says most of it:
        ``/documents/{document_id}`` fits ``/documents/plan/file`` too.
        """
        return next((methods for address, methods in self._addresses if address.fullmatch(path)), [])

    @cached_property
    def _addresses(self) -> list[tuple[re.Pattern[str], list[str]]]:
        """The pattern and the methods of each address, first those that say most."""
        described = self._described.openapi()["paths"]
        return [
            (re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(template)), re.DOTALL), _with_implied(described[template]))
            for template in sorted(described, key=_said, reverse=True)
        ]


def _with_implied(methods: Iterable[str]) -> list[str]:
    found = {method.upper() for method in methods}
    return sorted(found | ({"HEAD", "OPTIONS"} if "GET" in found else {"OPTIONS"}))


def _said(template: str) -> int:
    """How many characters of an address a template says."""
    return len(re.sub(r"\{\w+\}", "", template))


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head
