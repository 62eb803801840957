"""Pages of a broken PDF file that pdfium refuses, as pdfminer reads them: its way of repairing files is another."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTChar, LTComponent, LTContainer, LTImage, LTLine, LTPage, LTRect
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.psexceptions import PSException

from kb.readers.contents import PageContent
from kb.readers.grid import Rule, rules_of_box
from kb.readers.printed import TextRun

_MOST_PAGES, _MOST_THINGS = 2_000, 100_000  # things on a page
_MOST_OBJECTS = 100_000  # of a file; pdfminer, which looks for each of them in a broken one, finds 20,000 a second
# What pdfminer raises on files broken in unforeseen ways.
_BROKEN = (
    PDFException, PSException, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, OSError,
    RecursionError, struct.error, zlib.error,
)  # fmt: skip
_UNMAPPED = "(cid:"


def contents(data: bytes, page: int | None = None) -> list[PageContent]:
    """What stands on the pages, or on one page, counted from 0; those before the first that cannot be read.

    Nothing of a file of more objects than a document has, whose search would take a minute.
    """
    found: list[PageContent] = []
    if data.count(b" obj") > _MOST_OBJECTS:
        return found
    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=None)
    interpreter = PDFPageInterpreter(resources, device)
    numbers = None if page is None else [page]
    with suppress(*_BROKEN):
        for one in PDFPage.get_pages(io.BytesIO(data), numbers, _MOST_PAGES):
            interpreter.process_page(one)
            found.append(_content(device.get_result()))
    return found


def _content(page: LTPage) -> PageContent:
    characters, rules = list[TextRun](), list[Rule]()
    unmapped, covered = 0, 0.0
    for number, thing in enumerate(_things(page)):
        if number > _MOST_THINGS:
            break
        box = (thing.x0, page.height - thing.y1, thing.x1, page.height - thing.y0)
        if isinstance(thing, LTChar):
            text = thing.get_text()
            unmapped += text.startswith(_UNMAPPED)
            characters.append(TextRun(*box, "\ufffd" if text.startswith(_UNMAPPED) else text))
        elif isinstance(thing, LTLine | LTRect):
            rules += rules_of_box(*box)
        elif isinstance(thing, LTImage):
            covered += thing.width * thing.height
    area = page.width * page.height
    pictures = min(1.0, covered / area) if area else 0.0
    return PageContent(page.width, page.height, characters, rules, len(rules), pictures, unmapped)


def _things(container: LTContainer[LTComponent]) -> Iterator[LTComponent]:
    """The things on a page, those in figures among them."""
    waiting = [iter(container)]
    while waiting:
        thing = next(waiting[-1], None)
        if thing is None:
            waiting.pop()
        elif isinstance(thing, LTContainer):
            waiting.append(iter(thing))
        else:
            yield thing
