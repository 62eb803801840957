"""Downloads: files with Chinese names, and a plain name for clients that do not support these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import Path, Request
from starlette.responses import Response, StreamingResponse

from kb import export
from kb.errors import InvalidQuery
from kb.messages import Message
from kb.models import LedgerRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ICS = "text/calendar; charset=utf-8"
ATOM = "application/atom+xml"
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_FILE_NAME_LENGTH = 60  # characters, of three bytes each in UTF-8; file systems allow 255 bytes

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_IN_WORD = 1_000  # rows; beyond, Word itself is slow

Form = Annotated[Literal["xlsx", "csv"], Path(description="文件格式 (kind of file)", examples=["xlsx"])]
LedgerForm = Annotated[Literal["xlsx", "docx", "csv"], Path(description="文件格式 (kind of file)", examples=["xlsx"])]


def page_of(request: Request, document_id: str, clause_id: str = "") -> str:
    """The address of the page of a document, at one of its clauses."""
    asked = urlencode({"view": "document", "id": document_id})
    return f"{request.base_url}?{asked}" + (f"#{quote(clause_id)}" if clause_id else "")


def table_files(description: str) -> dict[int | str, dict[str, Any]]:
    """The description of a table to download in the reference."""
    content = {
        XLSX: {"schema": {"type": "string", "format": "binary"}},
        "text/csv": {"schema": {"type": "string"}},
    }
    return {200: {"description": f"{description} (Excel or CSV)", "content": content}}


def ledger_files(description: str) -> dict[int | str, dict[str, Any]]:
    """The description of a ledger to download in the reference."""
    described = table_files(description)[200]
    content = {**described["content"], DOCX: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": f"{description} (Excel, Word or CSV)", "content": content}}


def ledger_file(title: str, rows: Sequence[LedgerRow], form: str) -> Response:
    """A ledger as a download; InvalidQuery when it is too long for Word."""
    names = export.heading(title), "ledger"
    if form == "csv":
        return download(export.write_csv(rows), CSV, names, form)
    if form == "xlsx":
        return download(export.write_xlsx(title, rows), XLSX, names, form)
    if len(rows) > MOST_IN_WORD:
        raise InvalidQuery("form", Message("too-many-tasks", count=len(rows), most=MOST_IN_WORD))
    return download(export.write_docx(title, rows), DOCX, names, form)


def download(content: bytes | Iterator[bytes], media_type: str, names: tuple[str, str], form: str) -> Response:
    """The file as a download (RFC 6266, RFC 5987); ``names`` are the Chinese and the plain name, ``form`` is the suffix.

    Content that comes in parts is sent as it comes.
    """
    chinese, plain = names
    stem = _NOT_IN_FILE_NAMES.sub(" ", chinese)[-_FILE_NAME_LENGTH:].strip()
    encoded = quote(f"{stem}.{form}", safe="")
    disposition = f"attachment; filename=\"{plain}.{form}\"; filename*=UTF-8''{encoded}"
    headers = {"Content-Disposition": disposition}
    if isinstance(content, bytes):
        return Response(content, media_type=media_type, headers=headers)
    return StreamingResponse(content, media_type=media_type, headers=headers)
