"""HEAD and OPTIONS for every address, and Allow as RFC 9110 has it: FastAPI knows only the methods of the first route that fits."""

from __future__ import annotations

import re
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
        fitting = {
            template: methods
            for template, methods in self._described.openapi()["paths"].items()
            if re.fullmatch(re.sub(r"\\{\w+\\}", ".+", re.escape(template)), path, re.DOTALL)
        }
        if not fitting:
            return []
        found = {method.upper() for method in fitting[max(fitting, key=_said)]}
        return sorted(found | ({"HEAD", "OPTIONS"} if "GET" in found else {"OPTIONS"}))


def _said(template: str) -> int:
    """How many characters of an address a template says."""
    return len(re.sub(r"\{\w+\}", "", template))


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head
