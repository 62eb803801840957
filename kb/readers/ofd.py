"""OFD files (GB/T 33190): the text objects of each page, joined into lines by their positions."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers.package import open_package, read_xml
from kb.readers.printed import Pages, TextRun, printed_lines

OFD = "{http://www.ofdspec.org/2016}"


def read(path: Path, data: bytes) -> SourceText:
    """One printed line per line; UnreadableDocument when the file is broken or without text."""
    package = open_package(path, data)
    pages = Pages()
    for content in _pages(path, package):
        pages.add(printed_lines(_runs(content)))
    if not "".join(pages.lines).strip():
        raise UnreadableDocument(path, Message("no-text-save-as-pdf"))
    return pages.source(path, data)


def _pages(path: Path, package: ZipFile) -> Iterator[Any]:
    """The root element of each page's content, in order."""
    root = read_xml(path, package, "OFD.xml")
    if root is None:
        raise UnreadableDocument(path, Message("not-ofd"))
    for body in root.iter(f"{OFD}DocRoot"):
        location = (body.text or "").strip().lstrip("/")
        document = read_xml(path, package, location)
        if document is None:
            raise UnreadableDocument(path, Message("part-missing", part=location))
        for page in document.iter(f"{OFD}Page"):
            relative = (page.get("BaseLoc") or "").strip()
            absolute = (
                relative.lstrip("/")
                if relative.startswith("/")
                else posixpath.join(posixpath.dirname(location), relative)
            )
            content = read_xml(path, package, posixpath.normpath(absolute))
            if content is not None:
                yield content


def _runs(page: Any) -> Iterator[TextRun]:
    for element in page.iter(f"{OFD}TextObject"):
        left, top, *_ = (*_numbers(element.get("Boundary")), 0.0, 0.0)
        height = next(iter(_numbers(element.get("Size"))), 0.0)
        for code in element.iter(f"{OFD}TextCode"):
            x, y = (next(iter(_numbers(code.get(axis))), 0.0) for axis in ("X", "Y"))
            if code.text and code.text.strip():
                yield TextRun(left + x, top + y, height, code.text)


def _numbers(text: str | None) -> list[float]:
    try:
        return [float(part) for part in (text or "").split()]
    except ValueError:
        return []
