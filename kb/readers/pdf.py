"""PDF files (pdfium): printed lines with their indents, ruled tables by their cells, the offset of each page."""

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
from kb.readers.isolation import SECONDS, limit_seconds
from kb.readers.printed import INDENT, Pages, PrintedLine, is_indented
from kb.readers.tables import Row, header_rows, table_lines

_RULES = 6  # a ruled table has at least so many paths
_MOST_RULES = 20_000  # a page with more is a drawing
_PASSWORD = 4  # pdfium's error code
_MOST_PAGES, _MOST_LENGTH = 2_000, 5_000_000
# A page with fewer characters than _LITTLE (a page number, 附件) counts as a picture when an image covers most of it, or when it
# has many outlines.
_LITTLE, _MOSTLY, _OUTLINES = 12, 0.4, 400
_MEANINGLESS = frozenset("\ufffd\x00")
_POINTS, _DOTS, _LONGEST_SIDE = 72, 200, 3000  # per inch; dpi for text recognition; pixels
# Typesetting leaves a gap between Chinese and Latin characters that is no space of the text: 2025 年 → 2025年.
_HAN = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_WIDE_GAP = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")  # a space beside a non-ASCII character
_BACK = 3.0  # points; a character may start so far left of the one before it (hanging punctuation)
_GAP = re.compile(rf"(?<={_HAN}) +(?=[!-~])|(?<=[!-~]) +(?={_HAN})")


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line; coordinates in points from the left and the top of the page."""

    left: float
    top: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class _Table:
    """A ruled table: its extent in points from the top of the page, and its cells."""

    top: float
    bottom: float
    rows: list[list[str]]


def read(path: Path, data: bytes) -> SourceText:
    """One printed line or table row per line; scanned pages by text recognition where it is installed.

    UnreadableDocument when the file is broken, encrypted, or all its pages are scans that cannot be recognised.
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
        limit_seconds(SECONDS + len(document))
        header: Sequence[Row] = ()
        for number in range(len(document)):
            header = _add_page(pages, document[number], data, header)
            if pages.length > _MOST_LENGTH:
                raise UnreadableDocument(path, Message("text-too-long", most=_MOST_LENGTH))
    except (pdfium.PdfiumError, PdfminerException, PSException) as error:
        raise UnreadableDocument(path, Message("page-cannot-be-read", page=len(pages.starts) + 1)) from error
    finally:
        document.close()
    if pages.starts and len(pages.unread) == len(pages.starts):
        raise UnreadableDocument(path, recognition.MISSING)
    if not "".join(pages.lines).strip():
        raise UnreadableDocument(path, Message("no-text"))
    return pages.source(path, data)


def _add_page(pages: Pages, page: pdfium.PdfPage, data: bytes, header: Sequence[Row]) -> Sequence[Row]:
    """Append one page; ``header`` and the result are the header rows of a task table that may continue on the next page."""
    lines = _printed(page)
    picture = _is_picture(page, lines)
    can_recognise = recognition.is_installed() and len(pages.recognised) < recognition.MOST_PICTURES
    if picture and can_recognise:
        scale = min(_DOTS / _POINTS, _LONGEST_SIDE / max(page.get_size()))
        recognised = recognition.recognise(page.render(scale=scale).to_pil())
        if recognised:
            pages.add(recognised, recognised=True)
            return ()
    number = len(pages.starts)
    ruled = (
        _ruled(data, number) if lines and _RULES <= _count_objects(page, raw.FPDF_PAGEOBJ_PATH) <= _MOST_RULES else []
    )
    tables = []
    for table in ruled:
        own = header_rows(table.rows)
        continues = not own and bool(header) and len(header[0]) == len(table.rows[0])
        tables.append((table.top, table.bottom, table_lines([*header, *table.rows] if continues else table.rows)))
        header = own or (header if continues else ())
    pages.add(PrintedLine(line) for line in _with_tables(lines, tables))
    if picture and not can_recognise:
        pages.unread.append(number + 1)
    return header if tables else ()


def _is_picture(page: pdfium.PdfPage, lines: Sequence[_Line]) -> bool:
    """Whether the text of a page has to be recognised: it is an image, outlines, or in a font without a character mapping."""
    text = "".join("".join(line.text.split()) for line in lines)
    if len(text) >= _LITTLE:
        return sum(character in _MEANINGLESS or "\ue000" <= character <= "\uf8ff" for character in text) > 0.3 * len(
            text
        )
    width, height = page.get_size()
    covered = max((_area(picture) for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])), default=0.0)
    return covered > _MOSTLY * width * height or _OUTLINES < _count_objects(page, raw.FPDF_PAGEOBJ_PATH) <= _MOST_RULES


def _area(picture: pdfium.PdfObject) -> float:
    left, bottom, right, top = picture.get_bounds()
    return float(abs(right - left) * abs(top - bottom))


def _ruled(data: bytes, number: int) -> list[_Table]:
    with pdfplumber.open(io.BytesIO(data), pages=[number + 1]) as plumber:
        return list(_tables(plumber.pages[0]))


def _printed(page: pdfium.PdfPage) -> list[_Line]:
    """The lines of a page in content order, which is the reading order in files of office programs."""
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
    """The characters of a line from left to right; those in another font (”) may come last in the content."""
    lefts = [characters.get_charbox(first + at)[0] for at in range(len(text.rstrip()))]
    order = sorted(range(len(lefts)), key=lefts.__getitem__)
    if all(lefts[at] <= lefts[at + 1] + _BACK for at in range(len(lefts) - 1)):
        return text
    return _WIDE_GAP.sub("", "".join(text[at] for at in order))


def _count_objects(page: pdfium.PdfPage, kind: int) -> int:
    return sum(1 for _ in page.get_objects(filter=[kind]))


def _tables(page: Page) -> Iterator[_Table]:
    """The ruled tables from top to bottom; merged cells repeat their text."""
    for table in page.dedupe_chars().find_tables():
        rows = [[_unwrap(cell) for cell in row] for row in table.extract()]
        if rows and max(map(len, rows)) > 1:
            yield _Table(table.bbox[1], table.bbox[3], _fill_merged(rows))


def _unwrap(cell: str | None) -> str | None:
    """The text of a cell without line wraps; None where a merged cell spans."""
    return None if cell is None else _GAP.sub("", cell.replace("\n", ""))


def _fill_merged(rows: Sequence[Sequence[str | None]]) -> list[list[str]]:
    """The rows with the text of merged cells repeated, from above before from the left."""
    filled: list[list[str]] = []
    for row in rows:
        cells: list[str] = []
        for column, cell in enumerate(row):
            above = filled[-1][column] if filled and column < len(filled[-1]) else ""
            beside = cells[-1] if cells and row[column - 1] is not None else ""
            cells.append(cell if cell is not None else above or beside)
        filled.append(cells)
    return filled


def _with_tables(lines: Sequence[_Line], tables: Sequence[tuple[float, float, list[str]]]) -> Iterator[str]:
    """Lines with their indent; the lines inside a table are replaced by the lines of the table."""
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
    """The left margin in points: the leftmost of the common line starts."""
    counted = Counter(round(line.left) for line in lines)
    common = [left for left, count in counted.items() if count >= max(2, 0.2 * len(lines))]
    return float(min(common or counted, default=0))
