"""OFD files (GB/T 33190, and the draft before it): what each page shows, joined into lines and tables by place."""

from __future__ import annotations

from pathlib import Path

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers import recognition
from kb.readers.contents import is_picture, sheet_of
from kb.readers.ofd_package import OfdDocument, OfdPackage
from kb.readers.ofd_pages import content_of
from kb.readers.printed import TextRun
from kb.readers.sheets import Sheet, source_of

_MOST_PAGES = 2_000


def read(path: Path, data: bytes) -> SourceText:
    """One printed line or table row per line; scanned pages by text recognition where it is installed.

    UnreadableDocument when the file is broken, encrypted or without text, or all its pages are scans that cannot be recognised.
    """
    sheets = list[Sheet]()
    for document in OfdPackage(path, data).documents():
        for location in document.pages:
            sheets.append(_sheet(document, location, sheets[-1] if sheets else None))
            if len(sheets) > _MOST_PAGES:
                raise UnreadableDocument(path, Message("too-many-pages", most=_MOST_PAGES))
    if sheets and all(sheet.is_unread and not sheet.lines for sheet in sheets):
        raise UnreadableDocument(path, recognition.MISSING)
    source = source_of(path, data, sheets)
    if not source.text.strip():
        raise UnreadableDocument(path, Message("no-text-save-as-pdf"))
    return source


def _sheet(document: OfdDocument, location: str, before: Sheet | None) -> Sheet:
    """The lines and tables of a page behind another one; one that is missing, or a scan that cannot be recognised, is unread."""
    page = document.page(location)
    if page is None:
        return Sheet(0.0, (), is_unread=True)
    content, pictures = content_of(page)
    if not is_picture(content):
        return sheet_of(content, before)
    lines = list[TextRun]()
    height = content.height
    if recognition.is_installed():
        for name in pictures:
            picture = document.picture(name)
            if picture is not None:
                lines += recognition.recognise(picture)
                height = float(picture.height)
    printed = "".join("".join(line.text.split()) for line in lines)
    recognised = Sheet(height, tuple(lines), is_recognised=True, printed=printed)
    return recognised if lines else sheet_of(content, is_unread=True)
