"""Routes that add documents, for those who have a key, and of builds and the audit log. Every change starts a build job, and is written into that log."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, File, HTTPException, Path, Query, UploadFile
from starlette.datastructures import UploadFile as Uploaded

from api.aside import put_aside
from api.editors import Administrator, Guarded, JobsOf, Writer
from api.parameters import Limit
from api.problems import responses
from kb.access import last_entries
from kb.corpus import ORGANIZATIONS, READABLE
from kb.messages import Message, reason_of
from kb.models import AuditEntry, Job

MOST_FILES = 200
_LONGEST_NAME = 240  # bytes; file systems allow 255, and the file beside it has a longer suffix

JobId = Annotated[str, Path(description="任务编号 (job id)", examples=["6f1c0d2e4b7a4f3c9a55a6f1d9b0c3e2"])]


router = APIRouter(prefix="/api/v1", tags=["Maintenance"], route_class=Guarded)


@router.post(
    "/documents",
    status_code=HTTPStatus.ACCEPTED,
    summary="Add documents",
    responses=responses(400, 401, 403, 409, 411, 413, 422, 500, 503, 507),
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


@router.delete(
    "/jobs/{job_id}",
    status_code=HTTPStatus.ACCEPTED,
    summary="Cancel a build",
    responses=responses(401, 403, 404, 409, 422, 500, 507),
)
def cancel_job(job_id: JobId, by: Writer, jobs: JobsOf) -> Job:
    """It fails with ``build-cancelled``, one that runs within a second or two, and changes nothing; the files stay for the next build."""
    known = job(job_id, by, jobs)
    if known.finished_at:
        raise HTTPException(HTTPStatus.CONFLICT, Message("job-ended", name=job_id))
    with by.recording("cancel", job_id):
        return jobs.cancel(job_id) or known


@router.get("/audit", summary="Who has changed what, the newest first", responses=responses(401, 403, 422, 500))
def audit(by: Administrator, limit: Limit = 50) -> tuple[AuditEntry, ...]:
    """审计: uploads, removals, roll-backs and changes of keys."""
    return last_entries(by.editing.audit, limit)


def _checked_name(file: UploadFile) -> str:
    """The name that the file will have in the corpus; 422 for a name that is not allowed, or a format that cannot be read."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2].strip()
    if (length := _length(name)) > _LONGEST_NAME:
        too_long = Message("upload-name-too-long", name=f"{name[:20]}…", count=length, most=_LONGEST_NAME)
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, too_long)
    if not is_usable(name):
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
    if not all(map(is_usable, names)) or target.resolve() != corpus.resolve().joinpath(*names) or target.is_file():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("unusable-folder", name=repr(folder[:80])))
    return target


def is_usable(name: str) -> bool:
    """Whether a file or folder of the corpus may be called so."""
    return bool(name) and not name.startswith(".") and name.isprintable() and _length(name) <= _LONGEST_NAME


def _length(name: str) -> int:
    return len(name.encode("utf-8", "surrogatepass"))


def _store(corpus: FilePath, target: FilePath, files: dict[str, UploadFile]) -> None:
    """Write all files under temporary names, then rename them into the target, so that a full disk leaves no file half written.

    What they replace is kept aside.
    """
    written: dict[FilePath, str] = {}
    try:
        with writing():
            target.mkdir(parents=True, exist_ok=True)
            for name, file in files.items():
                temporary = corpus / f".upload-{uuid4().hex}"
                written[temporary] = name
                _write(temporary, file)
            put_aside(corpus, [target / name for name in files if (target / name).exists()], shutil.copy2)
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


@contextmanager
def writing() -> Iterator[None]:
    """507 when the system refuses to write."""
    try:
        yield
    except OSError as error:
        message = Message("folder-cannot-be-written", reason=reason_of(error))
        raise HTTPException(HTTPStatus.INSUFFICIENT_STORAGE, message) from error
