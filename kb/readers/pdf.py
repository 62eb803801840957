"""PDF files (pdfium): lines as printed, indents kept, ruled tables read by their cells, where each page begins."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pdfplumber
import pypdfium2 as pdfium
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException
from pypdfium2 import raw

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers import recognition
from kb.readers.isolation import SECONDS, allow
from kb.readers.printed import INDENT, Pages, PrintedLine, is_indented
from kb.readers.tables import Row, head_of, table_lines

_RULES = 6  # a table has at least so many lines or boxes drawn
_MOST_RULES = 20_000  # and a drawing more than a table
_PASSWORD = 4  # pdfium's error code
_MOST_PAGES, _MOST_LENGTH = 2_000, 5_000_000
# A page with fewer characters than this (a page number, 附件) is a picture when one covers most of it, or when outlines do.
_LITTLE, _MOSTLY, _OUTLINES = 12, 0.4, 400
_MEANINGLESS = frozenset("\ufffd\x00")
_POINTS, _DOTS, _LONGEST_SIDE = 72, 200, 3000  # of an inch; dots for text recognition; pixels
# The gap that typesetting leaves between Chinese and Latin characters is no space of the text: 2025 年 → 2025年.
_HAN = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_WIDE_GAP = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")  # none between wide characters, nor beside one
_BACK = 3.0  # points that a character may begin before the one in front of it: signs of punctuation hang
_GAP = re.compile(rf"(?<={_HAN}) +(?=[!-~])|(?<=[!-~]) +(?={_HAN})")


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line: places in points, from the left and from the top of the page."""

    left: float
    top: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class _Table:
    """A ruled table: where it begins and ends, in points from the top of the page, and its cells."""

    top: float
    bottom: float
    rows: list[list[str]]


def read(path: Path, data: bytes) -> SourceText:
    """One printed line or table row a line, pages that are pictures through text recognition where it is installed.

    UnreadableDocument when the file is broken, encrypted, or all pictures that nothing can read.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        is_locked = getattr(error, "err_code", 0) == _PASSWORD
        reason = Message("encrypted") if is_locked else Message("broken-file", format="PDF")
        raise UnreadableDocument(path, reason) from error
    pages = Pages()
    try:
        if len(document) > _MOST_PAGES:
            raise UnreadableDocument(path, Message("too-many-pages", most=_MOST_PAGES))
        allow(SECONDS + len(document))
        head: Sequence[Row] = ()
        for number in range(len(document)):
            head = _add_page(pages, document[number], data, head)
            if pages.length > _MOST_LENGTH:
                raise UnreadableDocument(path, Message("text-too-long", most=_MOST_LENGTH))
    except (pdfium.PdfiumError, PdfminerException, PSException) as error:
        raise UnreadableDocument(path, Message("page-cannot-be-read", page=len(pages.begin) + 1)) from error
    finally:
        document.close()
    if pages.begin and len(pages.unread) == len(pages.begin):
        raise UnreadableDocument(path, recognition.MISSING)
    if not "".join(pages.lines).strip():
        raise UnreadableDocument(path, Message("no-text"))
    return pages.source(path, data)


def _add_page(pages: Pages, page: pdfium.PdfPage, data: bytes, head: Sequence[Row]) -> Sequence[Row]:
    """Read the next page; ``head`` and what comes back are the rows that name the columns of a task table that may go on behind it."""
    lines = _printed(page)
    picture = _is_picture(page, lines)
    can_recognise = recognition.is_installed() and len(pages.recognised) < recognition.MOST_PICTURES
    if picture and can_recognise:
        scale = min(_DOTS / _POINTS, _LONGEST_SIDE / max(page.get_size()))
        found = recognition.recognise(page.render(scale=scale).to_pil())
        if found:
            pages.add(found, recognised=True)
            return ()
    number = len(pages.begin)
    ruled = _ruled(data, number) if lines and _RULES <= _count(page, raw.FPDF_PAGEOBJ_PATH) <= _MOST_RULES else []
    tables = []
    for table in ruled:
        own = head_of(table.rows)
        goes_on = not own and bool(head) and len(head[0]) == len(table.rows[0])
        tables.append((table.top, table.bottom, table_lines([*head, *table.rows] if goes_on else table.rows)))
        head = own or (head if goes_on else ())
    pages.add(PrintedLine(line) for line in _in_order(lines, tables))
    if picture and not can_recognise:
        pages.unread.append(number + 1)
    return head if tables else ()


def _is_picture(page: pdfium.PdfPage, lines: Sequence[_Line]) -> bool:
    """Whether what the page says is in a picture, in outlines of characters, or in a font that says nothing of its characters."""
    text = "".join("".join(line.text.split()) for line in lines)
    if len(text) >= _LITTLE:
        return sum(character in _MEANINGLESS or "\ue000" <= character <= "\uf8ff" for character in text) > 0.3 * len(
            text
        )
    width, height = page.get_size()
    covered = max((_area(picture) for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])), default=0.0)
    return covered > _MOSTLY * width * height or _OUTLINES < _count(page, raw.FPDF_PAGEOBJ_PATH) <= _MOST_RULES


def _area(picture: pdfium.PdfObject) -> float:
    left, bottom, right, top = picture.get_bounds()
    return float(abs(right - left) * abs(top - bottom))


def _ruled(data: bytes, number: int) -> list[_Table]:
    with pdfplumber.open(io.BytesIO(data), pages=[number + 1]) as plumber:
        return list(_tables(plumber.pages[0]))


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
            text = _from_left_to_right(characters, first, text.lstrip())
            left, bottom, _, top = characters.get_charbox(first)
            lines.append(_Line(left, height - top, top - bottom, _GAP.sub("", text.replace("\ufffe", "").strip())))
    return lines


def _from_left_to_right(characters: pdfium.PdfTextPage, first: int, text: str) -> str:
    """The text of a line in the order of its places: signs in another font (”) may be written behind the rest."""
    lefts = [characters.get_charbox(first + at)[0] for at in range(len(text.rstrip()))]
    order = sorted(range(len(lefts)), key=lefts.__getitem__)
    if all(lefts[at] <= lefts[at + 1] + _BACK for at in range(len(lefts) - 1)):
        return text
    return _WIDE_GAP.sub("", "".join(text[at] for at in order))


def _count(page: pdfium.PdfPage, kind: int) -> int:
    return sum(1 for _ in page.get_objects(filter=[kind]))


def _tables(page: Page) -> Iterator[_Table]:
    """The ruled tables from the top down; merged cells repeat their text."""
    for found in page.dedupe_chars().find_tables():
        rows = [[_tidy(cell) for cell in row] for row in found.extract()]
        if rows and max(map(len, rows)) > 1:
            yield _Table(found.bbox[1], found.bbox[3], _filled(rows))


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
            yield (INDENT if is_indented(line.left, margin, line.height) else "") + line.text
        elif inside not in written:
            written.add(inside)
            yield from tables[inside][2]


def _margin(lines: Sequence[_Line]) -> float:
    """Where most lines begin, in points; of two places that are as common the left one."""
    counted = Counter(round(line.left) for line in lines)
    common = [left for left, count in counted.items() if count >= max(2, 0.2 * len(lines))]
    return float(min(common or counted, default=0))
