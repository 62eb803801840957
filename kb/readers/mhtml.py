"""Web pages saved as one MIME file (mht, mhtml; RFC 2557)."""

from __future__ import annotations

import email
import email.policy
import hashlib
from dataclasses import replace
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers import html

_MOST_PARTS = 2_000  # a page with its pictures has about a hundred


def read(path: Path, data: bytes) -> SourceText:
    """The text of the first page in the file; UnreadableDocument when it holds none."""
    if data.count(b"Content-Type:") > _MOST_PARTS:
        raise UnreadableDocument(path, Message("too-many-parts", most=_MOST_PARTS))
    message = email.message_from_bytes(data, policy=email.policy.default)
    page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    content = page.get_payload(decode=True) if page is not None else None
    if not isinstance(content, bytes) or page is None:
        raise UnreadableDocument(path, Message("no-web-page"))
    charset = page.get_content_charset("")
    # The HTML reader takes the encoding from the page only, so that of the MIME part is added there.
    declared = f'<meta charset="{charset}">'.encode() if charset and b"charset" not in content[:4096] else b""
    return replace(html.read(path, declared + content), sha256=hashlib.sha256(data).hexdigest())
