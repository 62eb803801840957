"""Ruled tables: the rules of a page → tables with their cells, and what stands in each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kb.readers.printed import TextRun, needed, printed_lines
from kb.readers.table_heads import Below, Beside

_NEAR = 3.0  # points: rules so near to each other are one, and meet
_LEAST = 6.0  # points: a shorter rule is an ornament, or a stroke of a letter
_MOST = 2_000  # rules of a page, once joined; a page with more is a drawing
_MOST_CELLS = 40_000
_PADDING = 1.2  # of the height of a line: what a cell leaves free at both ends, and what justified text leaves


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal or vertical rule: a box without height or without width, in points from the left and the top of the page."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: its extent, its columns from left to right, and its cells; merged cells repeat their text."""

    left: float
    top: float
    right: float
    bottom: float
    columns: tuple[float, ...]  # where each begins
    rows: tuple[tuple[str, ...], ...]
    sure: bool = True

    def holds(self, run: TextRun) -> bool:
        """Whether a run stands in it."""
        middle = (run.left + run.right) / 2
        return self.left <= middle <= self.right and self.top <= run.middle <= self.bottom


def rules_of_box(left: float, top: float, right: float, bottom: float) -> tuple[Rule, ...]:
    """The rule that a thin box is, the four around a larger one."""
    if bottom - top < _NEAR or right - left < _NEAR:
        return (_rule(left, top, right, bottom),)
    return (
        Rule(left, top, right, top), Rule(left, bottom, right, bottom),
        Rule(left, top, left, bottom), Rule(right, top, right, bottom),
    )  # fmt: skip


def ruled_tables(rules: Iterable[Rule], runs: Sequence[TextRun]) -> list[Table]:
    """The tables that rules and runs of text make, from top to bottom: grids of more than one column, open sides included."""
    across, down = _joined(rules)
    if not across or not down or len(across) + len(down) > _MOST:
        return []
    tables = [_table(*group, runs) for group in _groups(across, down)]
    found = [table for table in tables if table is not None]
    return sorted(found, key=lambda table: (table.top, table.left))


def _rule(left: float, top: float, right: float, bottom: float) -> Rule:
    if right - left >= bottom - top:
        middle = (top + bottom) / 2
        return Rule(left, middle, right, middle)
    middle = (left + right) / 2
    return Rule(middle, top, middle, bottom)


def _joined(rules: Iterable[Rule]) -> tuple[list[Rule], list[Rule]]:
    """The rules across and those down the page, pieces of one line joined."""
    across, down = list[Rule](), list[Rule]()
    for rule in set(rules):
        (across if rule.right - rule.left >= rule.bottom - rule.top else down).append(rule)
    return _lengthened(across), _turned(_lengthened(_turned(down)))


def _lengthened(rules: Sequence[Rule]) -> list[Rule]:
    """Horizontal rules, those at one height that touch joined; short ones left out."""
    joined: list[Rule] = []
    for level in _levels(rules):
        height = level[0].top
        left, right = level[0].left, level[0].right
        for rule in level:
            if rule.left > right + _NEAR:
                joined.append(Rule(left, height, right, height))
                left = rule.left
                right = rule.right
            else:
                left, right = min(left, rule.left), max(right, rule.right)
        joined.append(Rule(left, height, right, height))
    return [rule for rule in joined if rule.right - rule.left >= _LEAST]


def _levels(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Horizontal rules by their heights, each from left to right."""
    level: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: rule.top):
        if level and rule.top - level[0].top > _NEAR:
            yield sorted(level, key=lambda rule: rule.left)
            level = []
        level.append(rule)
    if level:
        yield sorted(level, key=lambda rule: rule.left)


def _groups(across: Sequence[Rule], down: Sequence[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """The rules that hang together."""
    left, right, height = (np.array([getattr(rule, name) for rule in across]) for name in ("left", "right", "top"))
    place, top, bottom = (np.array([getattr(rule, name) for rule in down]) for name in ("left", "top", "bottom"))
    meets: NDArray[np.bool_] = (
        (place[None, :] >= left[:, None] - _NEAR)
        & (place[None, :] <= right[:, None] + _NEAR)
        & (height[:, None] >= top[None, :] - _NEAR)
        & (height[:, None] <= bottom[None, :] + _NEAR)
    )
    waiting = set(range(len(across)))
    while waiting:
        rows, columns, new = set[int](), set[int](), {min(waiting)}
        while new:
            rows |= new
            columns |= set(np.flatnonzero(meets[sorted(new)].any(axis=0)).tolist())
            new = set(np.flatnonzero(meets[:, sorted(columns)].any(axis=1)).tolist()) - rows if columns else set[int]()
        waiting -= rows
        if columns:
            yield [across[i] for i in sorted(rows)], [down[i] for i in sorted(columns)]


def _table(across: Sequence[Rule], down: Sequence[Rule], runs: Sequence[TextRun]) -> Table | None:
    """The table of rules that hang together; None when it has one column only, or says nothing."""
    places = _distinct([rule.left for rule in down] + [end for rule in across for end in (rule.left, rule.right)])
    heights = _distinct([rule.top for rule in across] + [end for rule in down for end in (rule.top, rule.bottom)])
    columns, rows = len(places) - 1, len(heights) - 1
    if columns < 2 or rows < 1 or columns * rows > _MOST_CELLS:
        return None
    owners = _merged(_walls(down, places, heights), _walls(_turned(across), heights, places), rows, columns)
    table = Table(places[0], heights[0], places[-1], heights[-1], tuple(places[:-1]), ())
    inside: dict[int, list[TextRun]] = {}
    for run in runs:
        if table.holds(run):
            column = _index(places, (run.left + run.right) / 2, columns)
            row = _index(heights, run.middle, rows)
            inside.setdefault(owners[row][column], []).append(run)
    lines = {owner: printed_lines(found) for owner, found in inside.items()}
    widths = _widths(owners, places)
    texts = {owner: cell_text(found, widths[owner]) for owner, found in lines.items()}
    filled = [
        tuple(_repeated(owners, row, column)(texts.get(owner, "")) for column, owner in enumerate(line))
        for row, line in enumerate(owners)
    ]
    kept, begins = _without_slivers(filled, owners, places)
    if len(begins) < 2 or not any(map(any, kept)):
        return None
    sure = all(line.sure for found in lines.values() for line in found)
    return Table(table.left, table.top, table.right, table.bottom, begins, kept, sure)


def _repeated(owners: Sequence[Sequence[int]], row: int, column: int) -> type[str]:
    """What the text of a cell is at a place: its own, or repeated from beside or above."""
    owner = owners[row][column]
    if column and owners[row][column - 1] == owner:
        return Beside
    return Below if row and owners[row - 1][column] == owner else str


def _widths(owners: Sequence[Sequence[int]], places: Sequence[float]) -> dict[int, float]:
    """The width of each cell."""
    ends: dict[int, tuple[int, int]] = {}
    for row in owners:
        for column, owner in enumerate(row):
            first, last = ends.get(owner, (column, column))
            ends[owner] = (min(first, column), max(last, column))
    return {owner: places[last + 1] - places[first] for owner, (first, last) in ends.items()}


def cell_text(lines: Sequence[TextRun], width: float) -> str:
    """The text of a cell; a line ends where it is broken on purpose: it left room for what begins the next one."""
    text = lines[0].text if lines else ""
    for above, below in pairwise(lines):
        room = width - (above.right - above.left)
        is_latin = above.text[-1].isascii() and below.text[0].isascii()
        is_meant = room > needed(below.text, above.height) + _PADDING * above.height
        text += ("\n" if is_meant else " " * is_latin) + below.text
    return text


def _without_slivers(
    rows: Sequence[tuple[str, ...]], owners: Sequence[Sequence[int]], places: Sequence[float]
) -> tuple[tuple[tuple[str, ...], ...], tuple[float, ...]]:
    """Rows and columns without those that only repeat their neighbour, cell by cell (double rules, ends of rules)."""
    kept_rows = [row for row in range(len(rows)) if not row or owners[row] != owners[row - 1]]
    turned = [tuple(row[column] for row in owners) for column in range(len(owners[0]))]
    kept = [
        at
        for at in range(len(turned))
        if (not at or turned[at] != turned[at - 1]) and (at + 1 == len(turned) or places[at + 1] - places[at] > _NEAR)
    ]
    return tuple(tuple(rows[row][at] for at in kept) for row in kept_rows), tuple(places[at] for at in kept)


def _distinct(values: Iterable[float]) -> list[float]:
    """The values in order, those near to one another once."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _NEAR:
            kept.append(value)
    return kept


def _turned(rules: Iterable[Rule]) -> list[Rule]:
    return [Rule(rule.top, rule.left, rule.bottom, rule.right) for rule in rules]


def _walls(down: Sequence[Rule], places: Sequence[float], heights: Sequence[float]) -> list[set[int]]:
    """For each inner place, the rows whose cells a rule parts there."""
    walls: list[set[int]] = [set() for _ in places]
    middles = [(above + below) / 2 for above, below in pairwise(heights)]
    for rule in down:
        at = _index(places, rule.left + _NEAR, len(places))
        walls[at].update(row for row, middle in enumerate(middles) if rule.top <= middle <= rule.bottom)
    return walls


def _merged(down: list[set[int]], across: list[set[int]], rows: int, columns: int) -> list[list[int]]:
    """For each row and column the cell that it belongs to, named by the first place of it."""
    owners = [[-1] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            above = owners[row - 1][column] if row and column not in across[row] else -1
            beside = owners[row][column - 1] if column and row not in down[column] else -1
            owner = above if above >= 0 else beside
            owners[row][column] = owner if owner >= 0 else row * columns + column
            if above >= 0 and beside >= 0 and above != beside:
                _rename(owners, beside, above, row)
    return owners


def _rename(owners: list[list[int]], old: int, new: int, last: int) -> None:
    for row in owners[: last + 1]:
        row[:] = [new if owner == old else owner for owner in row]


def _index(bounds: Sequence[float], value: float, most: int) -> int:
    """The interval of the bounds that a value lies in."""
    return min(max(bisect_right(bounds, value) - 1, 0), most - 1)
