"""Positioned text on a page (PDF, OFD, OCR) → its printed lines in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_SAME_LINE = 0.5  # of the height of the lower one
_BACK = 0.5  # of the height: a character may begin so far left of the end of the one before it (hanging punctuation)
_BESIDE = 1.6  # of the height: so near to a line, what is drawn later (a sign in another font) still belongs to it
_TWICE = 0.08  # of the height: the same character again so near is drawn twice, to look bold
_WORD_GAP, _HAN_GAP, _WIDE_GAP = 0.2, 0.4, 2.0  # of the height: between Latin words, Chinese ones, columns
_SIDE_BY_SIDE = 3  # lines beside another from which a page has columns
WIDE = "  "  # two blanks part the columns of an unruled table
_RAISED = 0.75  # of the height of the character before it
_BEFORE_NOTE = re.compile("[\u4e00-\u9fff，。；：、）》”]$")
_FIRST_WORD = re.compile(r"(?P<opening>[（《〈“‘「『【〔]*)(?P<word>[!-~]+|.|$)")
_CLOSING = re.compile("[，、。；：！？）》”’〉】〕％%]*")
_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_NEAR = re.compile(rf"(?<=[{_HAN}]) (?=[!-~])|(?<=[!-~]) (?=[{_HAN}])")
_SPREAD = re.compile("(?<![^ ])[\u4e00-\u9fff](?: {1,2}[\u4e00-\u9fff：:])+(?![^ ])")


@dataclass(frozen=True, slots=True)
class TextRun:
    """A run of text, a character or a whole line, and its box from the left and the top of the page, in any unit."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    sure: bool = True  # False: text recognition had a low score
    is_row: bool = False  # of a table

    @property
    def height(self) -> float:
        """Of the line, about the size of its font."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Half-way between top and bottom."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line, and the index of the page that it stands on."""

    page: int
    line: TextRun


def printed_lines(runs: Iterable[TextRun]) -> list[TextRun]:
    """The lines of a page, or of a cell, from runs in the order in which they are drawn.

    That is the reading order where lines stand side by side (columns); else they are put from top to bottom.
    """
    lines = [_line(pieces) for pieces in _joined(_stretches(runs))]
    lines = [line for line in lines if line.text]
    return lines if side_by_side(lines) else sorted(lines, key=lambda line: line.middle)


def side_by_side(lines: Sequence[TextRun]) -> bool:
    """Whether lines stand in columns."""
    ordered = sorted(lines, key=lambda line: line.middle)
    pairs = sum(on_one_line(above, below) for above, below in pairwise(ordered))
    return pairs >= _SIDE_BY_SIDE


def needed(text: str, size: float) -> float:
    """The width of the first word of a line, a Latin word or a character, with the signs before and behind it that are not parted from it."""
    first = _FIRST_WORD.match(text)
    opening, word = (first["opening"], first["word"]) if first else ("", "")
    closing = _CLOSING.match(text, len(opening + word))
    return size * (len(word) * (0.5 if word.isascii() else 1) + len(opening + (closing[0] if closing else "")))


def _stretches(runs: Iterable[TextRun]) -> Iterator[list[TextRun]]:
    """The runs drawn one behind the other on a line, without a wide gap: what stands there may have been drawn before."""
    stretch: list[TextRun] = []
    for run in runs:
        if stretch and on_one_line(stretch[-1], run):
            last = stretch[-1]
            if run.text == last.text and abs(run.left - last.left) < _TWICE * run.height:
                continue
            if -_BACK * max(run.height, last.height) <= run.left - last.right < _WIDE_GAP * run.height:
                stretch.append(run)
                continue
        if stretch:
            yield stretch
        stretch = [run]
    if stretch:
        yield stretch


def _joined(stretches: Iterable[list[TextRun]]) -> list[list[TextRun]]:
    """The stretches put together that make a line; one that is drawn later belongs to the line in whose gap, or beside which, it stands."""
    lines: list[list[TextRun]] = []
    at: dict[int, list[int]] = {}  # lines by their height on the page, in steps of ten units
    for stretch in stretches:
        first = stretch[0]
        step = int(first.middle // 10)
        near = [index for around in (step - 1, step, step + 1) for index in at.get(around, ())]
        found = next((i for i in reversed(near) if _belongs(stretch, lines[i], is_next=i == len(lines) - 1)), None)
        if found is None:
            at.setdefault(step, []).append(len(lines))
            lines.append(list(stretch))
        else:
            drawn = {(run.text, round(run.left)) for run in lines[found]}
            lines[found] += [run for run in stretch if (run.text, round(run.left)) not in drawn]
    return lines


def _belongs(stretch: Sequence[TextRun], line: Sequence[TextRun], *, is_next: bool) -> bool:
    """Whether a stretch is part of a line that was drawn before it."""
    first = stretch[0]
    if not on_one_line(line[0], first):
        return False
    left, right = min(run.left for run in line), max(run.right for run in line)
    if is_next and first.left >= right - _BACK * first.height:
        return True
    near = _BESIDE * first.height
    if stretch[-1].right < left - near or first.left > right + near:
        return False
    # What overlaps the words of the line is another text on the same place.
    middles = [(run.left + run.right) / 2 for run in stretch if run.text.strip()]
    return not any(run.text.strip() and any(run.left < middle < run.right for middle in middles) for run in line)


def on_one_line(one: TextRun, other: TextRun) -> bool:
    """Whether two runs stand at one height."""
    lower = min(one.height, other.height)
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap >= _SAME_LINE * lower


def _line(pieces: Sequence[TextRun]) -> TextRun:
    """One line of its pieces, with blanks where the gaps are."""
    ordered = sorted(pieces, key=lambda piece: piece.left)
    printed = [piece for piece in ordered if piece.text.strip()]
    if not printed:
        return replace(ordered[0], text="")
    height = max(piece.height for piece in printed)
    parts: list[str] = []
    last: TextRun | None = None
    has_blank = False
    for piece in ordered:
        if last is not None and _is_note_sign(piece, last):
            continue
        if not piece.text.strip():
            has_blank = True
            continue
        if last is not None:
            parts.append(_gap(last, piece, height, has_blank=has_blank))
        parts.append(piece.text.strip())
        last, has_blank = piece, False
    text = _SPREAD.sub(_without_blanks, _NEAR.sub("", "".join(parts)))
    return TextRun(
        printed[0].left,
        min(piece.top for piece in printed),
        printed[-1].right,
        max(piece.bottom for piece in printed),
        text,
        all(piece.sure for piece in printed),
    )


def _gap(last: TextRun, piece: TextRun, height: float, *, has_blank: bool) -> str:
    """What stands between two pieces of a line."""
    gap = (piece.left - last.right) / height if height else 0.0
    if gap >= _WIDE_GAP:
        return WIDE
    is_latin = last.text[-1].isascii() and piece.text[0].isascii()
    return " " if gap >= (_WORD_GAP if is_latin else _HAN_GAP) or (has_blank and gap > 0) else ""


def _without_blanks(spread: re.Match[str]) -> str:
    """Spread letters put together: three and more, or all of the line (附  件)."""
    signs = spread[0].replace(" ", "")
    return signs if len(signs) > 2 or spread[0] == spread.string else spread[0]


def _is_note_sign(piece: TextRun, last: TextRun) -> bool:
    """Whether a raised small figure behind a Chinese character, 供水率¹, is the sign of a footnote; not that of m²."""
    is_raised = piece.height < _RAISED * last.height and piece.middle < last.middle
    return is_raised and piece.text.strip().isdigit() and _BEFORE_NOTE.search(last.text) is not None
