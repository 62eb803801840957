"""Routes that remove documents and refused files, and restore them, for those who have a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from api.aside import RemovedFile, files_aside, put_aside, put_back
from api.editing import is_usable, writing
from api.editors import Guarded, JobsOf, Writer
from api.parameters import KB, DocumentId
from api.problems import responses
from kb.corpus import DOCUMENTS, CorpusFile, file_at, files_of_document
from kb.errors import NotInKnowledgeBase
from kb.messages import Message
from kb.models import Job

RemovedId = Annotated[
    str, Path(description="移除的文件的编号 (id of a removed file)", examples=["20261201T033000000000/2021/plan.txt"])
]

router = APIRouter(prefix="/api/v1", tags=["Maintenance"], route_class=Guarded)


@router.delete(
    "/documents/{document_id:path}",
    status_code=HTTPStatus.ACCEPTED,
    summary="Remove a document",
    responses=responses(401, 403, 404, 409, 422, 500, 503, 507),
)
def remove_document(document_id: DocumentId, kb: KB, by: Writer, jobs: JobsOf) -> Job:
    """The file that it was read from is kept aside, with the same document in other formats and the particulars beside it,
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
        with by.recording("remove", *(path.relative_to(corpus).as_posix() for path in files)), writing():
            put_aside(corpus, list(_with_particulars(files)))
    return jobs.submit()


@router.get("/removed", summary="Files that were removed or replaced", responses=responses(401, 403, 500))
def removed_files(by: Writer) -> tuple[RemovedFile, ...]:
    """The last first, each as often as that happened."""
    return tuple(files_aside(by.editing.corpus))


@router.post(
    "/removed/{removed_id:path}/restore",
    status_code=HTTPStatus.ACCEPTED,
    summary="Restore a file that was removed or replaced",
    responses=responses(401, 403, 404, 409, 422, 500, 503, 507),
)
def restore_file(removed_id: RemovedId, by: Writer, jobs: JobsOf) -> Job:
    """It alone is moved back to where it was; 409 where there is a file again. The job that is returned reads it."""
    corpus = by.editing.corpus
    file = next((one for one in files_aside(corpus) if one.id == removed_id), None)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, Message("no-removed-file", name=removed_id[:200]))
    if (corpus / file.source).exists():
        raise HTTPException(HTTPStatus.CONFLICT, Message("place-taken", name=file.source))
    with by.recording("restore", file.source), writing():
        put_back(corpus, file)
    return jobs.submit()


def _file_at(corpus: FilePath, name: str) -> FilePath | None:
    """The file of the corpus at a path, that may hold a document; None for one that is hidden or reached through a link."""
    parts = name.replace("\\", "/").split("/")
    path = corpus.joinpath(*parts)
    if not all(map(is_usable, parts)) or path.suffix.lower() not in DOCUMENTS:
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
