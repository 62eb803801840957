"""PDF files with a text layer (pdfium): lines as printed, indents kept, ruled tables read by their cells, where each page begins."""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pdfplumber
import pypdfium2 as pdfium
from pdfplumber.page import Page
from pypdfium2 import raw

from kb.errors import UnreadableDocument
from kb.models import SourceText
from kb.readers.tables import table_lines

_RULES = 6  # a table has at least so many lines or boxes drawn
_INDENT = "\u3000\u3000"
_PASSWORD = 4  # pdfium's error code
# The gap that typesetting leaves between Chinese and Latin characters is no space of the text: 2025 年 → 2025年.
_HAN = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_GAP = re.compile(rf"(?<={_HAN}) +(?=[!-~])|(?<=[!-~]) +(?={_HAN})")


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line: places in points, from the left and from the top of the page."""

    left: float
    top: float
    height: float
    text: str


def read(path: Path, data: bytes) -> SourceText:
    """One printed line or table row a line; UnreadableDocument when the file is broken, encrypted or without a text layer."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        reason = "encrypted" if getattr(error, "err_code", 0) == _PASSWORD else "not a PDF file, or a broken one"
        raise UnreadableDocument(path, reason) from error
    pages: list[int] = []
    pieces: list[str] = []
    length = 0
    try:
        for number in range(len(document)):
            pages.append(length)
            for line in _page_lines(document, number, data):
                pieces.append(line)
                length += len(line) + 1
    except pdfium.PdfiumError as error:
        raise UnreadableDocument(path, f"page {len(pages)} cannot be read") from error
    finally:
        document.close()
    text = "\n".join(pieces)
    if not text.strip():
        raise UnreadableDocument(path, "no text layer: its pages are pictures and have to go through text recognition")
    return SourceText(
        path.name, text, hashlib.sha256(data).hexdigest(), pages=tuple(min(at, len(text)) for at in pages)
    )


def _page_lines(document: pdfium.PdfDocument, number: int, data: bytes) -> Iterator[str]:
    page = document[number]
    lines = _printed(page)
    tables: list[tuple[float, float, list[str]]] = []
    if lines and _count_rules(page) >= _RULES:
        with pdfplumber.open(io.BytesIO(data), pages=[number + 1]) as plumber:
            tables = list(_tables(plumber.pages[0]))
    yield from _in_order(lines, tables)


def _printed(page: pdfium.PdfPage) -> list[_Line]:
    """The lines of a page in the order of its content, which is the order of reading in what office programs write."""
    characters = page.get_textpage()
    height = page.get_height()
    lines = []
    at = 0
    for raw_line in characters.get_text_range().split("\r\n"):
        text = raw_line.strip("\x00\ufffe")
        first = at + len(raw_line) - len(raw_line.lstrip())
        at += len(raw_line) + 2
        if text.strip():
            left, bottom, _, top = characters.get_charbox(first)
            lines.append(_Line(left, height - top, top - bottom, _GAP.sub("", text.replace("\ufffe", "").strip())))
    return lines


def _count_rules(page: pdfium.PdfPage) -> int:
    return sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]))


def _tables(page: Page) -> Iterator[tuple[float, float, list[str]]]:
    """Top, bottom and lines of each ruled table; merged cells repeat their text."""
    for found in page.dedupe_chars().find_tables():
        rows = [[_tidy(cell) for cell in row] for row in found.extract()]
        if len(rows) > 1 and max(map(len, rows)) > 1:
            yield found.bbox[1], found.bbox[3], table_lines(_filled(rows))


def _tidy(cell: str | None) -> str | None:
    """The text of a cell without the line breaks that its width forced; None for a place that a merged cell covers."""
    return None if cell is None else _GAP.sub("", cell.replace("\n", ""))


def _filled(rows: Sequence[Sequence[str | None]]) -> list[list[str]]:
    filled: list[list[str]] = []
    for row in rows:
        cells: list[str] = []
        for place, cell in enumerate(row):
            above = filled[-1][place] if filled and place < len(filled[-1]) else ""
            beside = cells[-1] if cells and row[place - 1] is not None else ""
            cells.append(cell if cell is not None else above or beside)
        filled.append(cells)
    return filled


def _in_order(lines: Sequence[_Line], tables: Sequence[tuple[float, float, list[str]]]) -> Iterator[str]:
    """Lines with their indent, tables in the place of the lines that their cells are made of."""
    margin = _margin(lines)
    written: set[int] = set()
    for line in lines:
        middle = line.top + line.height / 2
        inside = next((n for n, (top, bottom, _) in enumerate(tables) if top <= middle <= bottom), None)
        if inside is None:
            yield (_INDENT if 1.2 * line.height < line.left - margin < 4 * line.height else "") + line.text
        elif inside not in written:
            written.add(inside)
            yield from tables[inside][2]


def _margin(lines: Sequence[_Line]) -> float:
    """Where most lines begin, in points; of two places that are as common the left one."""
    counted = Counter(round(line.left) for line in lines)
    common = [left for left, count in counted.items() if count >= max(2, 0.2 * len(lines))]
    return float(min(common or counted, default=0))
