"""The head of a table: where it stands among the rows, what its columns hold, and what repeats a merged cell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from kb.text.tables import Column, column_of, columns_of, is_task_header, label_below

Row = Sequence[str]
_HEADER_WITHIN = 12  # rows: a title and notes may precede the header, which may have two rows
_ROWS_SEEN = 20  # rows that tell what a column holds


class Beside(str):
    """The text of a merged cell, repeated in a column that it spans."""

    __slots__ = ()


class Below(str):
    """The text of a merged cell, repeated in a row that it spans."""

    __slots__ = ()


def header_rows(rows: Sequence[Row]) -> list[Row]:
    """The header rows of a task table, also needed for its continuation on the next page; empty for other tables."""
    stripped = stripped_rows(rows)
    header = find_header(stripped)
    if header is None:
        return []
    first, last = header_range(stripped, header)
    return list(stripped[first : last + 1])


def goes_on_with(header: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Whether a table may go on with one above it that has these header rows: it has as many columns."""
    return bool(header) and bool(rows) and len(header[0]) == len(rows[0])


def number_column(header: Sequence[Row]) -> int | None:
    """The column that numbers the rows of a table with these header rows, None when none does."""
    labels = [label_of(cells) for cells in zip(*header, strict=False)]
    return next((at for at, column in enumerate(columns_below(labels)) if column.kind == "number"), None)


def stripped_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows that say something, and the empty cells of two header rows filled where a conversion has lost which cells are merged.

    任务 | 责任单位 | "" over "" | 牵头 | 配合 → 任务 | 责任单位 | 责任单位 over 任务 | 牵头 | 配合
    """
    said: list[Row] = [cells for row in rows if any(cells := [_strip_lines(cell) for cell in row])]
    for at, (above, below) in enumerate(pairwise(said[: _HEADER_WITHIN + 1])):
        over = list(accumulate(above, lambda left, cell: cell or Beside(left)))
        own = [place for place, cell in enumerate(below) if cell and place < len(over)]
        is_units = [column_of(label_below(over[place], below[place])).kind == "units" for place in own]
        if len(own) < 2 or not all(is_units):
            continue
        if any(column.kind == "task" and not cell for column, cell in zip(columns_below(above), below, strict=False)):
            upper = [over[place] if place in own else cell for place, cell in enumerate(above)]
            said[at : at + 2] = [upper, [cell or Below(upper[place]) for place, cell in enumerate(below)]]
            break
    return said


def is_task_table(rows: Sequence[Row]) -> bool:
    """Whether one of the first rows labels a task column and a units column."""
    return find_header(rows) is not None


def find_header(rows: Sequence[Row]) -> int | None:
    """The first row that labels a task column and a units column; None when none of the first rows does."""
    return next(
        (at for at, row in enumerate(rows[:_HEADER_WITHIN]) if is_task_header(columns_below(row, rows[at + 1 :]))), None
    )


def header_range(rows: Sequence[Row], header: int) -> tuple[int, int]:
    """The first and the last header row; of two the upper one may read 责任分工 over 牵头单位 and 配合单位."""
    if header and _is_two_row_header(rows[header - 1], rows[header]):
        return header - 1, header
    return (
        (header, header + 1)
        if header + 1 < len(rows) and _is_two_row_header(rows[header], rows[header + 1])
        else (header, header)
    )


def _is_two_row_header(above: Row, below: Row) -> bool:
    """Whether the label of the task column spans both rows, and another label has several below it."""
    same = [
        columns_below([upper])[0].kind for upper, lower in zip(above, below, strict=False) if upper and upper == lower
    ]
    return "task" in same and above != below


def label_of(cells: Sequence[str]) -> str:
    """The label of a column under a two-row header: 责任单位 over 牵头 → 牵头单位"""
    return label_below("".join(cells[0].split()), "".join(cells[-1].split()))


def columns_below(labels: Row, rows: Sequence[Row] = ()) -> list[Column]:
    """The columns with these labels above these rows."""
    return columns_of(["".join(label.split()) for label in labels], rows[:_ROWS_SEEN])


def _strip_lines(cell: str) -> str:
    """The non-empty lines of a cell, each stripped."""
    return type(cell)("\n".join(filter(None, (" ".join(line.split()) for line in cell.split("\n")))))
