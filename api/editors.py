"""Who may change what a server holds: those with a key that is enough, where a build can follow."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Depends, HTTPException, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.responses import Response

from api.jobs import Jobs
from kb.access import Keys, entry, recorded, refusal
from kb.current_index import CurrentIndex
from kb.errors import IndexUnusable
from kb.messages import Message
from kb.models import AccessKey, AuditedAction, Scope

_KEY = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="密钥 (a key of ``kb keys add``, or that of KB_API_KEY)"
)


@dataclass(frozen=True, slots=True)
class Editing:
    """Settings of a server that takes documents from those who have a key."""

    corpus: Path
    keys: Keys
    audit: Path
    most_bytes: int = 200_000_000  # of a request


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody with a key that is enough for what is asked."""

    editing: Editing
    key: AccessKey
    address: str

    def recording(self, action: AuditedAction, *what: str) -> AbstractContextManager[None]:
        """A change that is in the audit log before it is made; AuditLogUnusable, and no change, when that cannot be written."""
        return recorded(self.editing.audit, entry(self.key.name, action, what, self.address))


def editor(request: Request, sent: str | None, scope: Scope) -> Editor:
    """Who has sent the key; 403 when the server has no keys, or this one is not enough, 401 when it is wrong, missing or expired."""
    editing: Editing = request.app.state.editing
    if not editing.keys:
        raise HTTPException(HTTPStatus.FORBIDDEN, Message("uploads-off"))
    header = (sent or "").encode("latin-1")  # its bytes, whatever they are
    key = editing.keys.find(header)
    why = refusal(key, header)
    if key is None or why is not None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, why, {"WWW-Authenticate": "X-API-Key"})
    if not key.may(scope):
        raise HTTPException(HTTPStatus.FORBIDDEN, Message("key-too-weak", name=key.name, scope=key.scope, needed=scope))
    return Editor(editing, key, request.client.host if request.client else "")


def writer(request: Request, sent: Annotated[str | None, Security(_KEY)]) -> Editor:
    """Somebody who may change documents."""
    return editor(request, sent, "write")


def administrator(request: Request, sent: Annotated[str | None, Security(_KEY)]) -> Editor:
    """Somebody who may see what others have done."""
    return editor(request, sent, "admin")


def jobs_of(request: Request) -> Jobs:
    """The builds of this server."""
    jobs: Jobs = request.app.state.jobs
    return jobs


Writer = Annotated[Editor, Depends(writer)]
Administrator = Annotated[Editor, Depends(administrator)]
JobsOf = Annotated[Jobs, Depends(jobs_of)]


class Guarded(APIRoute):
    """A route that refuses requests without a key, of too many bytes, or that no build could follow, before their body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the guard."""
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            editing = editor(request, request.headers.get(_KEY.model.name), "write").editing
            length = request.headers.get("content-length", "")
            if request.method == "POST" and not length.isdigit():
                raise HTTPException(HTTPStatus.LENGTH_REQUIRED, Message("no-length"))
            if request.method == "POST" and int(length) > editing.most_bytes:
                too_large = Message("upload-too-large", most=editing.most_bytes)
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large)
            if request.method != "GET":
                await run_sync(_check_index, request.app.state.current)
            return await handler(request)

        return guarded


def _check_index(current: CurrentIndex) -> None:
    """409 where no build could write what is sent: then it is not taken."""
    try:
        current.check_writable()
    except IndexUnusable as error:
        if error.reason.code != "cannot-be-written":
            raise
        raise HTTPException(HTTPStatus.CONFLICT, Message("index-read-only")) from error
