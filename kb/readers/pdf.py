"""PDF files (pdfium, and pdfminer where that cannot open one): printed lines, tables by their cells, the offset of each page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers import pdf_repair, recognition
from kb.readers.contents import is_picture, sheet_of
from kb.readers.isolation import SECONDS, limit_seconds
from kb.readers.pdf_pages import content_of
from kb.readers.sheets import Sheet, source_of

_PASSWORD = 4  # pdfium's error code
_MOST_PAGES, _MOST_LENGTH = 2_000, 5_000_000
_POINTS, _DOTS, _LONGEST_SIDE = 72, 200, 3000  # per inch; dpi for text recognition; pixels


def read(path: Path, data: bytes) -> SourceText:
    """One printed line or table row per line; scanned pages by text recognition where it is installed.

    UnreadableDocument when the file is broken, encrypted, or all its pages are scans that cannot be recognised.
    """
    sheets = list(_sheets(path, data))
    if sheets and all(sheet.is_unread and not sheet.lines for sheet in sheets):
        raise UnreadableDocument(path, recognition.MISSING)
    source = source_of(path, data, sheets)
    if not source.text.strip():
        raise UnreadableDocument(path, Message("no-text"))
    return source


def _sheets(path: Path, data: bytes) -> Iterator[Sheet]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", 0) == _PASSWORD:
            raise UnreadableDocument(path, Message("encrypted")) from error
        contents = pdf_repair.contents(data)
        if not any(content.characters for content in contents):
            raise UnreadableDocument(path, Message("broken-file", format="PDF")) from error
        yield from (sheet_of(content, is_unread=is_picture(content)) for content in contents)
        return
    try:
        if len(document) > _MOST_PAGES:
            raise UnreadableDocument(path, Message("too-many-pages", most=_MOST_PAGES))
        limit_seconds(SECONDS + len(document))
        length = recognised = 0
        sheet: Sheet | None = None
        for number in range(len(document)):
            may_recognise = recognised < recognition.MOST_PICTURES
            sheet = _sheet(document, number, data, sheet, may_recognise=may_recognise)
            length += len(sheet.printed)
            recognised += sheet.is_recognised
            if length > _MOST_LENGTH:
                raise UnreadableDocument(path, Message("text-too-long", most=_MOST_LENGTH))
            yield sheet
    finally:
        document.close()


def _sheet(
    document: pdfium.PdfDocument, number: int, data: bytes, before: Sheet | None, *, may_recognise: bool
) -> Sheet:
    """A page, counted from 0, behind the one ``before``; read by the other library where this one cannot."""
    try:
        page = document[number]
        content = content_of(page)
    except pdfium.PdfiumError:
        contents = pdf_repair.contents(data, number)
        return sheet_of(contents[0], is_unread=is_picture(contents[0])) if contents else Sheet(0.0, (), is_unread=True)
    if not is_picture(content):
        return sheet_of(content, before)
    if not (may_recognise and recognition.is_installed()):
        return sheet_of(content, is_unread=True)
    scale = min(_DOTS / _POINTS, _LONGEST_SIDE / max(page.get_size()))
    lines = recognition.recognise(page.render(scale=scale).to_pil())
    printed = "".join("".join(line.text.split()) for line in lines)
    return Sheet(scale * page.get_height(), lines, is_recognised=True, printed=printed) if lines else sheet_of(content)
