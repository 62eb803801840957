"""Files that are zip packages of XML (docx, xlsx, ofd): opened within limits, so that a zip bomb cannot exhaust the memory."""

from __future__ import annotations

import io
import re
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
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")  # the names of “Strict Open XML” (ISO/IEC 29500-1)
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
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
    """The root element of one part, None when the package has no such part; XML entities are not resolved.

    Office documents have the names of the transitional form, whichever they were saved in.
    """
    try:
        content = _STRICT.sub(_TRANSITIONAL, package.read(name))
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except KeyError:
        return None
    except (etree.XMLSyntaxError, *BROKEN) as error:
        raise UnreadableDocument(path, Message("part-cannot-be-read", part=name, reason=_reason(error))) from error


def main_part(path: Path, package: zipfile.ZipFile, usual: str) -> str:
    """The name of the part that holds the text of an office document; the usual one where the package names none that it has."""
    root = read_xml(path, package, "_rels/.rels")
    links = root.iter("{*}Relationship") if root is not None else ()
    named = (link.get("Target", "").lstrip("/") for link in links if link.get("Type", "").endswith("/officeDocument"))
    found = next(named, usual)
    return found if found in package.namelist() else usual


def transitional(package: zipfile.ZipFile, data: bytes) -> bytes:
    """The bytes of an office document, written anew with the names of the transitional form where they are those of the strict one."""
    names = package.namelist()
    if not any(_STRICT.search(package.read(name)) for name in names if name.endswith(".rels")):
        return data
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in names:
            content = package.read(name)
            copy.writestr(name, _STRICT.sub(_TRANSITIONAL, content) if name.endswith((".xml", ".rels")) else content)
    return written.getvalue()


def _reason(error: Exception) -> Message:
    return Message("encrypted") if "password" in str(error) else reason_of(error)
