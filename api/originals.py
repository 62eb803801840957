"""Routes of original files, as they were received, and of those that no document could be read from."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from api.downloads import download
from api.editors import JobsOf, Writer
from api.parameters import KB, DocumentId
from api.problems import NAMED, responses
from kb.corpus import corpus_files, find_original
from kb.messages import Message
from kb.models import BuildFailure

router = APIRouter(prefix="/api/v1", tags=["Documents"])


@router.get(
    "/documents/{document_id:path}/file",
    summary="The file that a document was read from",
    response_class=Response,
    responses=NAMED
    | {
        200: {
            "description": "原文件",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def document_file(request: Request, kb: KB, document_id: DocumentId) -> Response:
    """The bytes that were read, as a download that browsers do not show; 404 when the file has changed since or is missing."""
    document = kb.document(document_id).document
    corpus: Path = request.app.state.corpus
    file = find_original(corpus, document.source, document.sha256)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, Message("original-gone", source=document.source))
    name = PurePosixPath(document.source)
    return download(file.bytes(), "application/octet-stream", (name.stem, "document"), name.suffix.lstrip("."))


@router.get(
    "/unread", summary="Files of the corpus that no document is read from", responses=responses(401, 403, 500, 503)
)
def unread_files(kb: KB, by: Writer, jobs: JobsOf) -> tuple[BuildFailure, ...]:
    """Each with why, as the last build of this server said; without a reason where that said nothing, or there was none."""
    reports = (job.report for job in jobs.recent())
    last = next(filter(None, reports), None)
    said = {failure.source: failure for failure in last.failures} if last else {}
    doubled = {each.source for each in last.duplicates} if last else set()
    known = doubled | kb.sources()
    unread = (file.source for file in corpus_files(by.editing.corpus) if file.source not in known)
    return tuple(said.get(source) or BuildFailure(source, "", "") for source in unread)
