"""Files that are zip packages of XML (docx, xlsx, ofd): opened with bounds, so that a small hostile file cannot fill the memory."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

from lxml import etree

from kb.errors import UnreadableDocument
from kb.messages import Message, reason_of

MOST_UNPACKED = 400_000_000  # bytes of all parts together; the largest honest plan with pictures stays far below
MOST_XML = 60_000_000  # bytes of one part that is XML: its tree takes ten times as much
MOST_TIMES_LARGER = 200  # a part unpacked against itself packed; XML of documents reaches 30
_SMALL = 1_000_000  # bytes: a part of this size may be packed as well as it likes
# What reading a zip file raises when it is broken.
BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, OSError, EOFError)


def open_package(path: Path, data: bytes) -> zipfile.ZipFile:
    """The package in a file's bytes; UnreadableDocument when it is none, or would unpack beyond reason."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as error:
        raise UnreadableDocument(path, Message("broken-file", format=path.suffix[1:])) from error
    parts = package.infolist()
    too_long = any(part.file_size > MOST_XML for part in parts if part.filename.endswith((".xml", ".rels")))
    if too_long or any(map(is_too_dense, parts)) or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableDocument(path, Message("unpacks-too-large"))
    return package


def is_too_dense(part: zipfile.ZipInfo) -> bool:
    """Whether a part unpacks to so many times its size that it holds no document."""
    return part.file_size > max(_SMALL, MOST_TIMES_LARGER * part.compress_size)


def read_xml(path: Path, package: zipfile.ZipFile, name: str) -> Any | None:
    """The root element of one part, None when the package has no such part; entities are never expanded."""
    try:
        content = package.read(name)
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except KeyError:
        return None
    except (etree.XMLSyntaxError, *BROKEN) as error:
        raise UnreadableDocument(path, Message("part-cannot-be-read", part=name, reason=_reason(error))) from error


def _reason(error: Exception) -> Message:
    return Message("encrypted") if "password" in str(error) else reason_of(error)
