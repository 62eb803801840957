"""Downloads: files with Chinese names, and a plain name for clients that do not support these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Path
from starlette.responses import Response, StreamingResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ICS = "text/calendar; charset=utf-8"
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_FILE_NAME_LENGTH = 60  # characters, of three bytes each in UTF-8; file systems allow 255 bytes

Form = Annotated[Literal["xlsx", "csv"], Path(description="文件格式 (kind of file)", examples=["xlsx"])]


def table_files(description: str) -> dict[int | str, dict[str, Any]]:
    """The description of a table to download in the reference."""
    content = {
        XLSX: {"schema": {"type": "string", "format": "binary"}},
        "text/csv": {"schema": {"type": "string"}},
    }
    return {200: {"description": f"{description} (Excel or CSV)", "content": content}}


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
