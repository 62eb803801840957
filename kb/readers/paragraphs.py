"""Which printed lines go on with the paragraph above them: seen from their ends, indents and gaps, over columns and pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from kb.readers.printed import PlacedLine, TextRun, needed, side_by_side

_LEAST_INDENT, _MOST_INDENT = 1.2, 4.0  # of the height of a line: the first line of a paragraph
_AT_MARGIN = 0.8  # of the height: a line begins at the margin
_SAME_SIZE = 0.85  # of the height of the line above
_FITS = 0.6  # of the height: room that justified text leaves
_LEAST_LINES, _SHARE_OF_LINES = 3, 0.04  # that are full, or indented: with fewer, the form of the text does not tell
_NARROWEST = 15  # heights of a line: the least width of running text
_FAR = 1.35  # times the usual distance of lines: a new paragraph
_ENDS = "。；：！？…"
_NUMBERED = re.compile(
    r"[（(]?[一二三四五六七八九十\d]+(?:[）)、]|[.．](?!\d))|第[一二三四五六七八九十百\d]+[条章节]|[①-⑳]|附[件表]\d{0,2}[:：]"
)
_LABEL = re.compile(r"附\s?[件表录图]\s?[\d一二三四五六七八九十]{0,2}")  # of an attachment, alone on its line
_SHARE_OF_STARTS, _SHARE_OF_ENDS = 0.2, 0.05  # of the lines of a column: its margins
_FEW = 8  # lines of a page
_OTHER_SIZE = 0.08  # of the height of a line


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Indices of lines: those that are indented as first lines of paragraphs are, and those that go on with the one above.

    ``continued`` is None where the form of the text does not tell.
    """

    indented: frozenset[int]
    continued: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a page, or its lines of one size: where they begin and end."""

    left: float
    right: float
    size: float = 0.0  # of its lines; 0: of any

    def holds(self, line: TextRun) -> bool:
        """Whether a line stands in it."""
        is_of_size = not self.size or abs(line.height - self.size) < _OTHER_SIZE * self.size
        return (
            is_of_size
            and self.left - 1 <= line.left < self.right
            and line.right < self.right + _MOST_INDENT * line.height
        )


def paragraphs(lines: Sequence[PlacedLine]) -> Paragraphs:
    """What the places of the lines of the text, in reading order, say of its paragraphs."""
    columns = _columns(lines)
    running = [at for at, placed in enumerate(lines) if not placed.line.is_row]
    indented = frozenset(at for at in running if _is_indented(lines[at].line, columns[at]))
    full = [at for at in running if _is_full(lines[at].line, columns[at])]
    indents = len(indented) >= max(_LEAST_LINES, _SHARE_OF_LINES * len(running))
    is_told = len(full) >= max(_LEAST_LINES - indents, _SHARE_OF_LINES * len(running))
    if not is_told and not _reach_edges(lines, full):
        return Paragraphs(indented, None)
    pitch = _usual_pitch(lines)
    goes_on = frozenset(
        below
        for above, below in pairwise(range(len(lines)))
        if _is_near(lines[above], lines[below], pitch)
        and _goes_on(lines[above].line, lines[below].line, (columns[above], columns[below]), indents=indents)
    )
    return Paragraphs(indented, goes_on)


def _is_indented(line: TextRun, column: _Column) -> bool:
    """Whether a line is indented like the first line of a paragraph: by about two characters."""
    return _LEAST_INDENT < (line.left - column.left) / (line.height or 1) < _MOST_INDENT


def _is_full(line: TextRun, column: _Column) -> bool:
    """Whether a line of running text reaches from margin to margin."""
    size = line.height or 1.0
    width = (column.right - column.left) / size
    return (
        width >= _NARROWEST and line.right > column.right - 1.5 * size and line.left < column.left + _MOST_INDENT * size
    )


def _reach_edges(lines: Sequence[PlacedLine], full: Sequence[int]) -> bool:
    """Whether a full line reaches the right edge of a table on its page, which is set as wide as the text."""
    edges = {placed.page: placed.line.right for placed in lines if placed.line.is_row}
    return any(abs(edges.get(lines[at].page, 0.0) - lines[at].line.right) < lines[at].line.height for at in full)


def _usual_pitch(lines: Sequence[PlacedLine]) -> float:
    """The distance from one line to the next, in heights of a line."""
    pitches = [
        (below.line.middle - above.line.middle) / (above.line.height or 1)
        for above, below in pairwise(lines)
        if above.page == below.page and above.line.middle < below.line.middle and not above.line.is_row
    ]
    return median(pitches) if pitches else 0.0


def _is_near(above: PlacedLine, below: PlacedLine, pitch: float) -> bool:
    """Whether no more than the usual distance lies between two lines, where they stand one below the other."""
    distance = (below.line.middle - above.line.middle) / (above.line.height or 1)
    return above.page != below.page or distance < _FAR * pitch


def _goes_on(above: TextRun, below: TextRun, columns: tuple[_Column, _Column], *, indents: bool) -> bool:
    """Whether the line below belongs to the paragraph of the line above, in a text that ``indents`` its paragraphs or does not."""
    if above.is_row or below.is_row or not _SAME_SIZE <= below.height / (above.height or 1) <= 1 / _SAME_SIZE:
        return False
    if _LABEL.fullmatch(below.text.strip()):
        return False
    size = above.height
    begins, inside = above.left - columns[0].left, below.left - columns[1].left
    # Its first word would have had room above.
    if columns[0].right - above.right > needed(below.text, size) + _FITS * size:
        return False
    ends, is_numbered = above.text[-1] in _ENDS, _NUMBERED.match(below.text) is not None
    if inside < _AT_MARGIN * size:
        return begins < _MOST_INDENT * size and not (is_numbered and (ends or not indents))
    if abs(inside - begins) < _AT_MARGIN * size:  # a block that is set in
        return inside > _MOST_INDENT * size and not is_numbered
    # Below the text of an item, not below its number.
    return begins < _AT_MARGIN * size and not ends and not is_numbered


def _columns(lines: Sequence[PlacedLine]) -> list[_Column]:
    """For each line the column that it stands in."""
    pages: dict[int, list[TextRun]] = {}
    for placed in lines:
        if not placed.line.is_row:
            pages.setdefault(placed.page, []).append(placed.line)
    found: dict[int, list[_Column]] = {}
    for page, several in pages.items():
        found[page] = _columns_of_page(several, [column for before in found.values() for column in before])
    return [
        _Column(placed.line.left, placed.line.right)
        if placed.line.is_row
        else next(
            (column for column in found[placed.page] if column.holds(placed.line)),
            _Column(placed.line.left, max(placed.line.right, found[placed.page][-1].right)),  # hangs over the margin
        )
        for placed in lines
    ]


def _columns_of_page(lines: Sequence[TextRun], before: Sequence[_Column]) -> list[_Column]:
    """The columns of a page from left to right; where it has too few lines to tell, the last one like them on the pages before."""
    if side_by_side(lines):
        width = max(line.right for line in lines) - min(line.left for line in lines)
        narrow = sorted((line for line in lines if line.right - line.left < 0.6 * width), key=lambda line: line.left)
        groups: list[list[TextRun]] = []
        for line in narrow:
            if groups and line.left < max(other.right for other in groups[-1]):
                groups[-1].append(line)
            else:
                groups.append([line])
        return [*map(_column, groups), _column(lines)]
    own = _column(lines)
    size = median(line.height for line in lines)
    if len(lines) >= _FEW:  # an abstract or a note may be set wider than the text
        sizes: dict[int, list[TextRun]] = {}
        for line in lines:
            sizes.setdefault(round(line.height), []).append(line)
        of_size = [
            replace(_column(several), size=float(height)) for height, several in sizes.items() if len(several) >= _FEW
        ]
        return [*of_size, own]
    like = (one for one in reversed(before) if one.left - size < own.left and own.right < one.right + size)
    return [next(like, own)]


def _column(lines: Sequence[TextRun]) -> _Column:
    """Where lines commonly begin, and where those end that are full."""
    if not lines:
        return _Column(0.0, 0.0)
    size = median(line.height for line in lines) or 1.0
    starts = Counter(round(line.left) for line in lines)
    common = [left for left, count in starts.items() if count >= max(2, _SHARE_OF_STARTS * len(lines))]
    ends = sorted((line.right for line in lines), reverse=True)
    enough = max(2, round(_SHARE_OF_ENDS * len(lines)))
    # A sign that hangs over the margin, or one line that is too long, is not the margin; nor is where two short lines happen to end.
    longest = ends[: max(_LEAST_LINES, enough)]
    right = next((end for end, other in zip(longest, ends[enough - 1 :], strict=False) if end - other < size), ends[0])
    return _Column(float(min(common or starts)), right)
