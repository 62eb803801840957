"""The rows of a table without rules: which lines of it make a row together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.readers.grid import cell_text
from kb.readers.printed import TextRun, needed, printed_lines
from kb.text.tables import FIGURES

DOTS = ".、．"  # behind the number of a row
_INSIDE = 0.75  # of the gap between two rows: the most between the lines of one


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together on a line."""

    runs: tuple[TextRun, ...]

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.runs[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(run.right for run in self.runs)

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(run.text for run in self.runs).strip()


Line = list[Piece]
Columns = Sequence[tuple[float, float]]  # where each begins and ends


def rows_of(lines: Sequence[Line], columns: Columns, numbers: int | None) -> list[list[Line]] | None:
    """The lines by the rows that they make, parted at the widest gaps so that each row has its number; None where that cannot be."""
    ordered = sorted(lines, key=lambda line: line[0].runs[0].top)
    if numbers is None:
        return _unnumbered_rows(ordered, columns)
    gaps = [top_of(below) - bottom_of(above) for above, below in pairwise(ordered)]
    left, right = columns[numbers]
    numbered = [any(left <= piece.left < right for piece in line) for line in ordered]
    by_width = sorted(range(len(gaps)), key=gaps.__getitem__, reverse=True)
    widest, others = by_width[: max(0, sum(numbered) - 1)], by_width[max(0, sum(numbered) - 1) :]
    if widest and others and gaps[others[0]] > _INSIDE * gaps[widest[-1]]:
        return _begun_rows(ordered, columns, numbered)
    bounds = [0, *(at + 1 for at in sorted(widest)), len(ordered)]
    groups = [ordered[start:end] for start, end in pairwise(bounds)]
    each = all(sum(numbered[start:end]) == 1 for start, end in pairwise(bounds))
    figures = all(is_figure(piece.text) for line in ordered for piece in line if left <= piece.left < right)
    return groups if each and figures else None


def _begun_rows(ordered: Sequence[Line], columns: Columns, numbered: Sequence[bool]) -> list[list[Line]] | None:
    """The rows that begin each with a line that has its number and all its cells, where gaps do not part them.

    None where another line may be the beginning of a row: it goes on with no cell that is full.
    """
    begins = [at for at, has_number in enumerate(numbered) if has_number]
    if not numbered[0] or any(len(ordered[at]) < len(columns) for at in begins):
        return None
    groups = [list(ordered[start:end]) for start, end in pairwise([*begins, len(ordered)])]
    goes_on = (
        any(
            left <= below.left <= right
            and left <= above.left <= right
            and right - above.right < needed(below.text, above.runs[0].height)
            for above in over
            for left, right in columns
        )
        for group in groups
        for over, line in pairwise(group)
        for below in line
    )
    return groups if all(goes_on) else None


def _unnumbered_rows(ordered: Sequence[Line], columns: Columns) -> list[list[Line]] | None:
    """The rows of a table that does not number them: parted by wider gaps, else each begun by a line with all cells.

    None where a row lacks a cell, or such a line may go on with cells that all are full.
    """
    gaps = [top_of(below) - bottom_of(above) for above, below in pairwise(ordered)]
    widths = sorted({*gaps})
    times, wide = max(((more / max(less, 1.0), more) for less, more in pairwise(widths)), default=(0.0, 0.0))
    whole = [len(line) == len(columns) for line in ordered]
    if all(whole):
        starts = whole
    elif times * _INSIDE >= 1:
        starts = [True, *(gap >= wide for gap in gaps)]
    elif any(below and _is_full(line, columns) for line, below in zip(ordered, whole[1:], strict=False)):
        return None
    else:
        starts = whole
    bounds = [*(at for at, begins in enumerate(starts) if begins), len(ordered)]
    groups = [list(ordered[start:end]) for start, end in pairwise(bounds)]
    complete = all(all(cells_of(columns, group)) for group in groups)
    return groups if starts[0] and complete else None


def _is_full(line: Line, columns: Columns) -> bool:
    """Whether no cell of a line leaves room for another character, so that all may go on below."""
    rights = [right for left, right in columns if any(left <= piece.right <= right for piece in line)]
    return len(rights) == len(line) and all(
        right - piece.right < needed("国", piece.runs[0].height) for piece, right in zip(line, rights, strict=True)
    )


def top_of(line: Line) -> float:
    """The height at which a line begins."""
    return min(run.top for piece in line for run in piece.runs)


def bottom_of(line: Line) -> float:
    """The height at which a line ends."""
    return max(run.bottom for piece in line for run in piece.runs)


def cells_of(columns: Columns, lines: Sequence[Line]) -> tuple[str, ...]:
    """The text of a row in each column."""
    runs = [run for line in lines for piece in line for run in piece.runs]
    inside = ([run for run in runs if left <= (run.left + run.right) / 2 <= right] for left, right in columns)
    return tuple(
        cell_text(printed_lines(cell), right - left) for cell, (left, right) in zip(inside, columns, strict=True)
    )


def is_figure(cell: str) -> bool:
    """Whether a cell holds the number of a row."""
    return FIGURES.fullmatch(cell.rstrip(DOTS)) is not None
