"""OFD files (GB/T 33190): the text objects of each page, put together to lines by where they stand."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from kb.errors import UnreadableDocument
from kb.models import SourceText
from kb.readers.package import open_package, read_xml

OFD = "{http://www.ofdspec.org/2016}"
_SAME_LINE = 0.5  # of the height of the text
_INDENT = "\u3000\u3000"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text: places in millimetres, from the left and from the top of the page."""

    left: float
    top: float
    height: float
    text: str


def read(path: Path, data: bytes) -> SourceText:
    """One printed line a line; UnreadableDocument when the file is broken or without text."""
    package = open_package(path, data)
    pages: list[int] = []
    lines: list[str] = []
    length = 0
    for content in _pages(path, package):
        pages.append(length)
        for line in _page_lines(content):
            lines.append(line)
            length += len(line) + 1
    text = "\n".join(lines)
    if not text.strip():
        raise UnreadableDocument(
            path, "no text in it; if its pages are pictures, it has to go through text recognition"
        )
    return SourceText(
        path.name, text, hashlib.sha256(data).hexdigest(), pages=tuple(min(at, len(text)) for at in pages)
    )


def _pages(path: Path, package: ZipFile) -> Iterator[Any]:
    """The content of each page, in order."""
    root = read_xml(path, package, "OFD.xml")
    if root is None:
        raise UnreadableDocument(path, "not an OFD file: it has no OFD.xml")
    for body in root.iter(f"{OFD}DocRoot"):
        place = (body.text or "").strip().lstrip("/")
        document = read_xml(path, package, place)
        if document is None:
            raise UnreadableDocument(path, f"{place} is missing")
        for page in document.iter(f"{OFD}Page"):
            location = (page.get("BaseLoc") or "").strip()
            inside = (
                location.lstrip("/") if location.startswith("/") else posixpath.join(posixpath.dirname(place), location)
            )
            content = read_xml(path, package, posixpath.normpath(inside))
            if content is not None:
                yield content


def _page_lines(page: Any) -> Iterator[str]:
    pieces = sorted(_pieces(page), key=lambda piece: (piece.top, piece.left))
    rows: list[list[_Piece]] = []
    for piece in pieces:
        if rows and abs(piece.top - rows[-1][0].top) <= _SAME_LINE * max(piece.height, rows[-1][0].height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    margin = min((row[0].left for row in rows), default=0.0)
    for row in rows:
        ordered = sorted(row, key=lambda piece: piece.left)
        indented = 1.2 * ordered[0].height < ordered[0].left - margin < 4 * ordered[0].height
        yield (_INDENT if indented else "") + "".join(piece.text for piece in ordered).strip()


def _pieces(page: Any) -> Iterator[_Piece]:
    for element in page.iter(f"{OFD}TextObject"):
        left, top, *_ = (*_numbers(element.get("Boundary")), 0.0, 0.0)
        height = next(iter(_numbers(element.get("Size"))), 0.0)
        for code in element.iter(f"{OFD}TextCode"):
            x, y = (next(iter(_numbers(code.get(axis))), 0.0) for axis in ("X", "Y"))
            if code.text and code.text.strip():
                yield _Piece(left + x, top + y, height, code.text)


def _numbers(text: str | None) -> list[float]:
    try:
        return [float(part) for part in (text or "").split()]
    except ValueError:
        return []
