"""Adding and removing documents over HTTP: off unless an API key is configured; every change ends in a build job."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Security, UploadFile
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.datastructures import UploadFile as Uploaded
from starlette.responses import Response

from api.jobs import Job, Jobs
from api.parameters import KB, DocumentId
from api.problems import responses
from kb.corpus import READABLE
from kb.messages import Message, reason_of

MOST_FILES = 200
_TRASH = ".removed"  # hidden folders of a corpus are not read
_LONGEST_NAME = 200  # bytes; file systems stop at 255

_KEY = APIKeyHeader(name="X-API-Key", auto_error=False, description="密钥 (the key that the server was started with)")


@dataclass(frozen=True, slots=True)
class Editing:
    """What makes a server take documents: the folder they go to, the key that allows it, how large a request may be."""

    corpus: FilePath
    key: str
    most_bytes: int = 200_000_000


def allowed(request: Request, key: Annotated[str | None, Security(_KEY)]) -> Editing:
    """The settings, for a request that bears the key; 403 when uploading is off, 401 without the key."""
    editing: Editing | None = request.app.state.editing
    if editing is None:
        raise HTTPException(HTTPStatus.FORBIDDEN, Message("uploads-off"))
    if not secrets.compare_digest((key or "").encode(), editing.key.encode()):
        raise HTTPException(HTTPStatus.UNAUTHORIZED, Message("wrong-key"), {"WWW-Authenticate": "X-API-Key"})
    return editing


def jobs_of(request: Request) -> Jobs:
    """The builds of this server."""
    jobs: Jobs = request.app.state.jobs
    return jobs


Allowed = Annotated[Editing, Depends(allowed)]
JobsOf = Annotated[Jobs, Depends(jobs_of)]
JobId = Annotated[str, Path(description="任务编号 (job id)", examples=["6f1c0d2e4b7a4f3c9a55a6f1d9b0c3e2"])]


class Guarded(APIRoute):
    """A route whose requests are refused before their body is read: without the key, or when they are too long."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the guard."""
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            editing = allowed(request, request.headers.get(_KEY.model.name))
            said = request.headers.get("content-length", "")
            if request.method == "POST" and not said.isdigit():
                raise HTTPException(HTTPStatus.LENGTH_REQUIRED, Message("no-length"))
            if request.method == "POST" and int(said) > editing.most_bytes:
                too_large = Message("upload-too-large", most=editing.most_bytes)
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large)
            return await handler(request)

        return guarded


router = APIRouter(prefix="/api/v1", tags=["维护"], route_class=Guarded)


@router.post(
    "/documents",
    status_code=HTTPStatus.ACCEPTED,
    summary="Add documents",
    responses=responses(401, 403, 409, 411, 413, 422, 500),
)
def add(
    files: list[UploadFile],
    editing: Allowed,
    jobs: JobsOf,
    replace: Annotated[
        bool, Query(description="同名文件以新换旧 (replace files of the same name)", examples=[False])
    ] = False,
) -> Job:
    """Files go into the corpus folder and are read by the job that comes back; all of them or none."""
    if len(files) > MOST_FILES:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("too-many-uploads", most=MOST_FILES))
    names = [_checked_name(file) for file in files]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("names-twice", names=tuple(twice)))
    there = [name for name in names if (editing.corpus / name).exists()]
    if there and not replace:
        raise HTTPException(HTTPStatus.CONFLICT, Message("files-there-already", names=tuple(there)))
    _store(editing.corpus, dict(zip(names, files, strict=True)))
    return jobs.submit()


@router.delete(
    "/documents/{document_id:path}",
    status_code=HTTPStatus.ACCEPTED,
    summary="Remove a document",
    responses=responses(401, 403, 404, 409, 422, 500, 503),
)
def remove(document_id: DocumentId, kb: KB, editing: Allowed, jobs: JobsOf) -> Job:
    """Its file is moved out of the way, not destroyed; the job that comes back takes it out of the knowledge base."""
    source = kb.document(document_id).document.source
    if "/" in source:
        inside = Message("document-in-archive", document=document_id, archive=source.partition("/")[0])
        raise HTTPException(HTTPStatus.CONFLICT, inside)
    for path in _files_named(editing.corpus, source):
        trash = editing.corpus / _TRASH
        trash.mkdir(exist_ok=True)
        shutil.move(path, trash / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{path.name}")
    return jobs.submit()


@router.get("/jobs", summary="Builds, the newest first", responses=responses(401, 403, 500))
def jobs(_: Allowed, jobs: JobsOf) -> tuple[Job, ...]:
    """The builds that the server remembers."""
    return jobs.recent()


@router.get("/jobs/{job_id}", summary="One build", responses=responses(401, 403, 404, 422, 500))
def job(job_id: JobId, _: Allowed, jobs: JobsOf) -> Job:
    """How far it is, and what became of each file."""
    found = jobs.get(job_id)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, Message("no-job", name=job_id))
    return found


def _checked_name(file: UploadFile) -> str:
    """The name that the file will have in the corpus; 422 for one that is none, or of a kind that cannot be read."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2].strip()
    printable = name.isprintable() and len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME
    if not name or name.startswith(".") or not printable:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("unusable-name", name=repr(name[:80])))
    if FilePath(name).suffix.lower() not in READABLE:
        unknown = Message("unknown-upload-format", name=name, formats=tuple(sorted(READABLE)))
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, unknown)
    return name


def _store(corpus: FilePath, files: dict[str, UploadFile]) -> None:
    """Write all files beside the corpus first, then put them in place one by one, so that a full disk leaves nothing half there."""
    corpus.mkdir(parents=True, exist_ok=True)
    written: dict[FilePath, str] = {}
    try:
        for name, file in files.items():
            place = corpus / f".upload-{uuid4().hex}"
            written[place] = name
            _write(place, file)
        for place, name in written.items():
            place.replace(corpus / name)
    except OSError as error:
        raise HTTPException(
            HTTPStatus.INSUFFICIENT_STORAGE, Message("folder-cannot-be-written", reason=reason_of(error))
        ) from error
    finally:
        for place in written:
            with suppress(OSError):
                place.unlink(missing_ok=True)


def _write(place: FilePath, file: Uploaded) -> None:
    with place.open("wb") as out:
        shutil.copyfileobj(file.file, out)
        out.flush()
        os.fsync(out.fileno())


def _files_named(corpus: FilePath, name: str) -> Iterator[FilePath]:
    return (path for path in list(corpus.rglob("*")) if path.name == name and path.is_file())
