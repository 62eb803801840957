"""The route of original files, as they were received."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from api.downloads import download
from api.parameters import KB, DocumentId
from api.problems import NAMED
from kb.corpus import find_original
from kb.messages import Message

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
