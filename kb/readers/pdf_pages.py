"""What stands on a page of a PDF file (pdfium): characters with their boxes, rules, how much of it pictures cover."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from ctypes import c_double, c_float
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium
from pypdfium2 import raw

from kb.readers.contents import MOST_OUTLINES, PageContent
from kb.readers.grid import Rule, rules_of_box
from kb.readers.printed import TextRun
from kb.readers.turning import Turn

_MOST_SEGMENTS = 40  # of an outline; one with more is a letter, or a drawing
_HYPHEN = "\x02"  # pdfium's sign for a hyphen at the end of a line
_UPRIGHT = 0.05  # radians
_DESCENT = 0.15  # of the height, below the line that letters stand on


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character, and its box from the lower left corner of the page."""

    text: str
    box: tuple[float, float, float, float]
    quarters: int


def content_of(page: pdfium.PdfPage) -> PageContent:
    """What stands on a page, turned so that most of its text is upright; PdfiumError when it cannot be read."""
    text = page.get_textpage()
    glyphs, unmapped, slanted = _glyphs(text)
    turns = Counter(glyph.quarters for glyph in glyphs)
    width, height = _size(page)
    turn = Turn(turns.most_common(1)[0][0] if turns else 0, width, height)
    rules, outlines, covered = list[Rule](), 0, 0.0
    for thing in page.get_objects():
        if thing.type == raw.FPDF_PAGEOBJ_PATH:
            outlines += 1
            if outlines <= MOST_OUTLINES:
                rules += _rules(thing, turn)
        elif thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = thing.get_bounds()
            covered += abs(right - left) * abs(top - bottom)
    # Upright text first; a note in the margin is read behind it.
    upright = list(_runs([glyph for glyph in glyphs if glyph.quarters == turn.quarters], turn))
    return PageContent(
        *((height, width) if turn.quarters % 2 else (width, height)),
        upright,
        [] if outlines > MOST_OUTLINES else rules,
        outlines,
        min(1.0, covered / (width * height)) if width and height else 0.0,
        unmapped,
        slanted + len(glyphs) - len(upright),
    )


def _size(page: pdfium.PdfPage) -> tuple[float, float]:
    """Width and height of a page as it lies in the file, before it is turned for display."""
    width, height = page.get_size()
    return (height, width) if page.get_rotation() % 180 else (width, height)


def _glyphs(text: pdfium.PdfTextPage) -> tuple[list[_Glyph], int, int]:
    """The characters of a page as they are drawn, and the numbers of those that are unmapped and slanted."""
    page = text.raw  # the handle itself: a call for each character less
    glyphs: list[_Glyph] = []
    unmapped = slanted = 0
    rect, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    left, right, bottom, top = (c_double() for _ in range(4))
    for at in range(raw.FPDFText_CountChars(page)):
        sign = _character(raw.FPDFText_GetUnicode(page, at))
        if sign == " " and raw.FPDFText_IsGenerated(page, at) == 1:
            continue
        unmapped += raw.FPDFText_HasUnicodeMapError(page, at) == 1
        quarter = -raw.FPDFText_GetCharAngle(page, at) / (math.pi / 2)  # it counts to the right
        if abs(quarter - round(quarter)) > _UPRIGHT:
            slanted += bool(sign.strip())
            continue
        if round(quarter) % 4 == 0 and raw.FPDFText_GetLooseCharBox(page, at, rect):
            # The heights that fonts give for themselves differ by half, so lines are as high as their size.
            size = raw.FPDFText_GetFontSize(page, at)
            if raw.FPDFText_GetMatrix(page, at, matrix) and raw.FPDFText_GetCharOrigin(page, at, left, bottom):
                size *= math.hypot(matrix.c, matrix.d)
                low = bottom.value - _DESCENT * size
                box = (rect.left, low, rect.right, low + size)
            else:
                box = (rect.left, rect.bottom, rect.right, rect.top)
        elif raw.FPDFText_GetCharBox(page, at, left, right, bottom, top):
            box = (left.value, bottom.value, right.value, top.value)
        else:
            continue
        if sign:
            glyphs.append(_Glyph(sign, box, round(quarter) % 4))
    return glyphs, unmapped, slanted


def _character(point: int) -> str:
    """The character of a code point, "" for one that is none."""
    if not point or 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
        return "\ufffd" if point else ""
    sign = chr(point)
    if sign == _HYPHEN:
        return "-"
    return " " if sign.isspace() else sign if sign.isprintable() or "\ue000" <= sign <= "\uf8ff" else ""


def _runs(glyphs: list[_Glyph], turn: Turn) -> Iterator[TextRun]:
    """The characters as runs on the upright page."""
    boxes = [turn.box(*glyph.box) for glyph in glyphs]
    if turn.quarters == 0:
        for glyph, (left, top, right, bottom) in zip(glyphs, boxes, strict=True):
            yield TextRun(left, top, right, bottom, glyph.text)
        return
    # The boxes of turned characters are those of their ink: 一 and ， are lower than the line.
    height = median([max(right - left, bottom - top) for left, top, right, bottom in boxes] or [0.0])
    for glyph, (left, top, right, bottom) in zip(glyphs, boxes, strict=True):
        foot = max(bottom, top + height / 2) + _DESCENT * height
        yield TextRun(left, min(top, foot - height), right, foot, glyph.text)


def _rules(outline: pdfium.PdfObject, turn: Turn) -> Iterator[Rule]:
    """The horizontal and vertical rules that an outline draws."""
    segments = raw.FPDFPath_CountSegments(outline)
    if not 2 <= segments <= _MOST_SEGMENTS:
        return
    points = list(_points(outline, segments))
    for (begin, _), (end, moves) in pairwise(points):
        if not moves and (abs(begin[0] - end[0]) < 1 or abs(begin[1] - end[1]) < 1):
            low = (min(begin[0], end[0]), min(begin[1], end[1]))
            box = turn.box(*low, max(begin[0], end[0]), max(begin[1], end[1]))
            yield rules_of_box(*box)[0]


def _points(outline: pdfium.PdfObject, segments: int) -> Iterator[tuple[tuple[float, float], bool]]:
    """The corners of an outline on the page, and whether the pen is moved there without drawing; a curve ends the reading."""
    matrix = outline.get_matrix()
    above = outline.container
    while above is not None:
        matrix = matrix.multiply(above.get_matrix())
        above = above.container
    x, y = c_float(), c_float()
    start: tuple[float, float] | None = None
    for at in range(segments):
        segment = raw.FPDFPath_GetPathSegment(outline, at)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_BEZIERTO or not raw.FPDFPathSegment_GetPoint(segment, x, y):
            return
        place = matrix.on_point(x.value, y.value)
        moves = kind == raw.FPDF_SEGMENT_MOVETO
        start = place if moves or start is None else start
        yield place, moves
        if raw.FPDFPathSegment_GetClose(segment):
            yield start, False
