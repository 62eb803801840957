"""Files that are zip packages of XML (docx, xlsx, ofd): opened within limits, so that a zip bomb cannot exhaust the memory."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

from lxml import etree

from kb.errors import UnreadableDocument
from kb.messages import Message, reason_of

MOST_UNPACKED = 400_000_000  # bytes of all parts together; real plans with pictures stay far below
MOST_XML = 60_000_000  # bytes of one XML part; its tree takes ten times as much memory
MAX_COMPRESSION_RATIO = 200  # XML of documents reaches 30
_SMALL = 1_000_000  # bytes; the ratio of smaller parts does not matter
# Exceptions of zipfile on broken files.
BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, OSError, EOFError)


def open_package(path: Path, data: bytes) -> zipfile.ZipFile:
    """The package in a file's bytes; UnreadableDocument when it is no zip file, or a zip bomb."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as error:
        raise UnreadableDocument(path, Message("broken-file", format=path.suffix[1:])) from error
    parts = package.infolist()
    too_long = any(part.file_size > MOST_XML for part in parts if part.filename.endswith((".xml", ".rels")))
    if too_long or any(map(is_zip_bomb, parts)) or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableDocument(path, Message("unpacks-too-large"))
    return package


def is_zip_bomb(part: zipfile.ZipInfo) -> bool:
    """Whether the compression ratio of a part is beyond that of any document."""
    return part.file_size > max(_SMALL, MAX_COMPRESSION_RATIO * part.compress_size)


def read_xml(path: Path, package: zipfile.ZipFile, name: str) -> Any | None:
    """The root element of one part, None when the package has no such part; XML entities are not resolved."""
    try:
        content = package.read(name)
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except KeyError:
        return None
    except (etree.XMLSyntaxError, *BROKEN) as error:
        raise UnreadableDocument(path, Message("part-cannot-be-read", part=name, reason=_reason(error))) from error


def _reason(error: Exception) -> Message:
    return Message("encrypted") if "password" in str(error) else reason_of(error)
