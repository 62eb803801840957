"""Routes that add and remove documents, for those who have a key. Every change starts a build job, and is written into the audit log."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, File, HTTPException, Path, Query, Request, Security, UploadFile
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.datastructures import UploadFile as Uploaded
from starlette.responses import Response

from api.jobs import Jobs
from api.parameters import KB, DocumentId, Limit
from api.problems import responses
from kb.access import Keys, entry, last_entries, recorded, refusal
from kb.corpus import DOCUMENTS, ORGANIZATIONS, READABLE, CorpusFile, file_at, files_of_document
from kb.errors import NotInKnowledgeBase
from kb.messages import Message, reason_of
from kb.models import AccessKey, AuditedAction, AuditEntry, Job, Scope

MOST_FILES = 200
_TRASH = ".removed"  # a hidden folder, which is not read
_LONGEST_NAME = 200  # bytes; file systems allow 255

_KEY = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="密钥 (a key of ``kb keys add``, or that of KB_API_KEY)"
)


@dataclass(frozen=True, slots=True)
class Editing:
    """Settings of a server that takes documents from those who have a key."""

    corpus: FilePath
    keys: Keys
    audit: FilePath
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
JobId = Annotated[str, Path(description="任务编号 (job id)", examples=["6f1c0d2e4b7a4f3c9a55a6f1d9b0c3e2"])]


class Guarded(APIRoute):
    """A route that refuses requests without a key or of too many bytes, before their body is read."""

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
            return await handler(request)

        return guarded


router = APIRouter(prefix="/api/v1", tags=["Maintenance"], route_class=Guarded)


@router.post(
    "/documents",
    status_code=HTTPStatus.ACCEPTED,
    summary="Add documents",
    responses=responses(400, 401, 403, 409, 411, 413, 422, 500, 507),
)
def add_documents(
    files: Annotated[list[UploadFile], File(min_length=1, description="要加入的文件 (the files to add)")],
    by: Writer,
    jobs: JobsOf,
    replace: Annotated[
        bool, Query(description="同名文件以新换旧 (replace files of the same name in the folder)", examples=[False])
    ] = False,
    folder: Annotated[
        str,
        Query(description="放进哪个子文件夹，默认不分 (folder below the corpus; made if missing)", examples=["2024"]),
    ] = "",
) -> Job:
    """Files are written into the corpus, all of them or none. The job that is returned reads them."""
    corpus = by.editing.corpus
    if len(files) > MOST_FILES:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("too-many-uploads", most=MOST_FILES))
    names = [_checked_name(file) for file in files]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("names-twice", names=tuple(repeated)))
    target = _checked_folder(corpus, folder)
    existing = [name for name in names if (target / name).exists()]
    if existing and not replace:
        raise HTTPException(HTTPStatus.CONFLICT, Message("files-there-already", names=tuple(existing)))
    with by.recording("upload", *((target / name).relative_to(corpus).as_posix() for name in names)):
        _store(corpus, target, dict(zip(names, files, strict=True)))
    return jobs.submit()


@router.delete(
    "/documents/{document_id:path}",
    status_code=HTTPStatus.ACCEPTED,
    summary="Remove a document",
    responses=responses(401, 403, 404, 409, 422, 500, 503, 507),
)
def remove_document(document_id: DocumentId, kb: KB, by: Writer, jobs: JobsOf) -> Job:
    """The file that it was read from is moved to ``.removed``, with the same document in other formats and the particulars beside it,
    so that none of them takes its place. The job that is returned updates the index.

    A file that no document was read from, as one that was refused, is removed by its path (``2024/方案.txt``).
    """
    corpus = by.editing.corpus
    try:
        source = kb.document(document_id).document.source
    except NotInKnowledgeBase:
        refused = None if document_id in kb.sources() else _file_at(corpus, document_id)
        if refused is None:
            raise
        files = [refused]
    else:
        file = file_at(corpus, source)
        if file is not None and file.member:
            inside = Message("document-in-archive", document=document_id, archive=file.path.name)
            raise HTTPException(HTTPStatus.CONFLICT, inside)
        files = files_of_document(file.path) if file is not None else []
    if files:
        with by.recording("remove", *(path.relative_to(corpus).as_posix() for path in files)):
            _move_to_trash(corpus, _with_particulars(files))
    return jobs.submit()


@router.get("/jobs", summary="Builds, the newest first", responses=responses(401, 403, 500))
def jobs(_: Writer, jobs: JobsOf) -> tuple[Job, ...]:
    """The last builds of this server."""
    return jobs.recent()


@router.get("/jobs/{job_id}", summary="One build", responses=responses(401, 403, 404, 422, 500))
def job(job_id: JobId, _: Writer, jobs: JobsOf) -> Job:
    """Its progress and its report."""
    job = jobs.get(job_id)
    if job is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, Message("no-job", name=job_id))
    return job


@router.get("/audit", summary="Who has changed what, the newest first", responses=responses(401, 403, 422, 500))
def audit(by: Administrator, limit: Limit = 50) -> tuple[AuditEntry, ...]:
    """审计: uploads, removals, roll-backs and changes of keys."""
    return last_entries(by.editing.audit, limit)


def _checked_name(file: UploadFile) -> str:
    """The name that the file will have in the corpus; 422 for a name that is not allowed, or a format that cannot be read."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2].strip()
    if not _is_usable(name):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("unusable-name", name=repr(name[:80])))
    if name.lower() == ORGANIZATIONS:  # is of all documents, and stops every build where it is wrong
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("not-for-upload", name=name))
    if FilePath(name).suffix.lower() not in READABLE:
        unknown = Message("unknown-upload-format", name=name, formats=tuple(sorted(READABLE)))
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, unknown)
    return name


def _checked_folder(corpus: FilePath, folder: str) -> FilePath:
    """The folder in the corpus; 422 for a name that is not allowed, a file, or a path through a link."""
    names = [name for name in folder.replace("\\", "/").split("/") if name]
    target = corpus.joinpath(*names)
    if not all(map(_is_usable, names)) or target.resolve() != corpus.resolve().joinpath(*names) or target.is_file():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("unusable-folder", name=repr(folder[:80])))
    return target


def _is_usable(name: str) -> bool:
    is_short = len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME
    return bool(name) and not name.startswith(".") and name.isprintable() and is_short


def _store(corpus: FilePath, target: FilePath, files: dict[str, UploadFile]) -> None:
    """Write all files under temporary names, then rename them into the target, so that a full disk leaves no file half written."""
    written: dict[FilePath, str] = {}
    try:
        with writing():
            target.mkdir(parents=True, exist_ok=True)
            for name, file in files.items():
                temporary = corpus / f".upload-{uuid4().hex}"
                written[temporary] = name
                _write(temporary, file)
            for temporary, name in written.items():
                temporary.replace(target / name)
    finally:
        for temporary in written:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _write(path: FilePath, file: Uploaded) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(file.file, out)
        out.flush()
        os.fsync(out.fileno())


def _file_at(corpus: FilePath, name: str) -> FilePath | None:
    """The file of the corpus at a path, that may hold a document; None for one that is hidden or reached through a link."""
    parts = name.replace("\\", "/").split("/")
    path = corpus.joinpath(*parts)
    if not all(map(_is_usable, parts)) or path.suffix.lower() not in DOCUMENTS:
        return None
    with suppress(OSError):  # longer than the system takes
        if path.parent.resolve().is_relative_to(corpus.resolve()) and (path.is_file() or path.is_symlink()):
            return path
    return None


def _with_particulars(files: Sequence[FilePath]) -> Iterator[FilePath]:
    """The files, and the particulars beside them unless they belong to another format of the document too."""
    yield from files
    for particulars in {found for path in files if (found := CorpusFile(path).particulars) is not None}:
        if not set(files_of_document(particulars)) - set(files):
            yield particulars


def _move_to_trash(corpus: FilePath, paths: Iterator[FilePath]) -> None:
    """Move files into a new folder in the trash, under their paths in the corpus."""
    trash = corpus / _TRASH / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    with writing():
        for path in list(paths):
            target = trash / path.relative_to(corpus)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)


@contextmanager
def writing() -> Iterator[None]:
    """507 when the system refuses to write."""
    try:
        yield
    except OSError as error:
        message = Message("folder-cannot-be-written", reason=reason_of(error))
        raise HTTPException(HTTPStatus.INSUFFICIENT_STORAGE, message) from error
