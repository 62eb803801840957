"""Plain text files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers.decoding import UndecodableError, decode


def read(path: Path, data: bytes) -> SourceText:
    """The decoded text; UnreadableDocument when the bytes are no text."""
    try:
        text = decode(data)
    except UndecodableError as error:
        raise UnreadableDocument(path, error.message) from error
    if not text.strip():
        raise UnreadableDocument(path, Message("file-empty"))
    return SourceText(path.name, text, hashlib.sha256(data).hexdigest())
