"""HEAD and OPTIONS for every address, and Allow as RFC 9110 has it: FastAPI knows only the methods of the first route that fits."""

from __future__ import annotations

import re
from http import HTTPStatus

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exposure import own_path

_PREFIX = "/api/"


class Methods:
    """Answers HEAD as GET without the body, OPTIONS with the methods of the address, and completes Allow (ASGI)."""

    def __init__(self, app: ASGIApp, described: FastAPI) -> None:
        """``described`` is the application whose reference lists addresses and methods."""
        self._app, self._described = app, described

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http" or not own_path(scope).startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD" and "GET" in self._methods_of(own_path(scope))
        if scope["method"] == "OPTIONS" and (allowed := self._methods_of(own_path(scope))):
            await Response(status_code=204, headers={"Allow": ", ".join(allowed)})(scope, receive, send)
            return

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
                MutableHeaders(scope=message)["Allow"] = ", ".join(self._methods_of(own_path(scope)))
            if is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if is_head else scope, receive, send_completed)

    def _methods_of(self, path: str) -> list[str]:
        """The methods of an address, sorted; none when there is no such address."""
        found = {
            method.upper()
            for template, methods in self._described.openapi()["paths"].items()
            if re.fullmatch(re.sub(r"\\{\w+\\}", ".+", re.escape(template)), path, re.DOTALL)
            for method in methods
        }
        also = {"HEAD", "OPTIONS"} if "GET" in found else {"OPTIONS"}
        return sorted(found | also) if found else []
