"""Table rows → lines of text: a row of a task table (责任分解表) as a sentence with a responsibility mark, any other row with tabs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from kb.models import PrintedRow
from kb.readers.table_heads import (
    Below,
    Beside,
    Row,
    columns_below,
    find_header,
    goes_on_with,
    header_range,
    header_rows,
    label_of,
    stripped_rows,
)
from kb.text.tables import (
    FIGURES,
    NUMERAL,
    Column,
    in_order_of_sentence,
    is_numbered,
    is_task_header,
    row_pieces,
)


class TableRow(str):
    """The sentence of a row of a task table, with the labels and cells that the original prints."""

    labels: tuple[str, ...]  # none for a line of a table that is no row of tasks
    cells: tuple[str, ...]

    __slots__ = ("cells", "labels")

    def __new__(cls, sentence: str, labels: Iterable[str], cells: Iterable[str]) -> TableRow:
        """A sentence of these cells."""
        row = super().__new__(cls, sentence)
        row.labels, row.cells = tuple(labels), tuple(map(str, cells))
        return row


class FirstRow(TableRow):
    """The line of the first row below a header, and the words of this header, which stand in no line themselves."""

    head: str

    __slots__ = ("head",)

    @classmethod
    def below(cls, line: str, head: str) -> FirstRow:
        """A line below this header."""
        labels, cells = (line.labels, line.cells) if isinstance(line, TableRow) else ((), ())
        first = cls(line, labels, cells)
        first.head = head
        return first


def rows_of(lines: Iterable[str]) -> tuple[PrintedRow, ...]:
    """The rows of task tables among lines that are joined by line breaks."""
    found, at = list[PrintedRow](), 0
    for line in lines:
        if isinstance(line, TableRow) and line.labels:
            found.append(PrintedRow(at, at + len(line), line.labels, line.cells))
        at += len(line) + 1
    return tuple(found)


_LONGEST_REPEATED = 20  # characters of a merged cell that is repeated in the rows of a table without tasks
_NEXT_UNIT = re.compile(r"[、，；]?\n")  # one unit per line of a cell
_NO_TASK = re.compile(r"(?:备注|注|说明|合计|小计|总计|共计)[：:]?")  # what begins a row that is no task
_LINE_WRAP = re.compile(r"\n(?![!-~])|(?<![!-~])\n")


def table_lines(rows: Sequence[Row], *, are_marked: bool = False) -> list[str]:
    """The lines of a table whose merged cells repeat their text in every row and column that they span.

    Where the repetitions ``are_marked`` (Beside, Below), cells that are alike by chance are told from them.

    序号|任务|责任单位 · 1|新建公园3个|市城管局 → "1.新建公园3个。（责任单位：市城管局）" · 指标|数值 → "指标\\t数值"
    """
    stripped = stripped_rows(rows)
    header = find_header(stripped)
    if header is None:
        kept = (_merged_once(row, are_marked=are_marked) for row in stripped)
        return ["\t".join(cell.replace("\n", " ") for cell in row).rstrip() for row in kept]
    lines: list[str] = []
    for first, last, end in _parts(stripped, header):
        labels = [label_of(cells) for cells in zip(*stripped[first : last + 1], strict=False)]
        columns = columns_below(labels, stripped[last + 1 : end])
        if not lines:
            lines = [" ".join(dict.fromkeys(filter(None, row))) for row in stripped[:first]]
        header_rows = stripped[first : last + 1]
        rows_below = [row for row in stripped[last + 1 : end] if row not in header_rows]
        lines += _below(
            list(_task_lines(columns, rows_below)), [row for row in stripped[first:end] if row in header_rows]
        )
    return [line for line in lines if line]


def _below(lines: list[str], header: Sequence[Row]) -> list[str]:
    """The lines of the rows of a table, the first of them with its header."""
    first = next((at for at, line in enumerate(lines) if line), None)
    if first is not None:
        cells = (cell for row in header for cell in row if not isinstance(cell, (Below, Beside)))
        lines[first] = FirstRow.below(lines[first], "".join(cells))
    return lines


def without_heads(printed: str, lines: Iterable[str]) -> str:
    """The characters that a file shows, but for those of the headers of the tables among its lines, in any order."""
    return without(printed, (line.head for line in lines if isinstance(line, FirstRow)))


def without(printed: str, left_out: Iterable[str]) -> str:
    """The characters that a file shows, but for those of some texts, in any order."""
    left = Counter(printed)
    left.subtract("".join("".join(left_out).split()))
    return "".join(left.elements())


def _parts(rows: Sequence[Row], header: int) -> Iterator[tuple[int, int, int]]:
    """For each table among the rows its first and last header row, and where the next table begins."""
    first, last = header_range(rows, header)
    for at in range(last + 1, len(rows)):
        if at > last and rows[at] not in rows[first : last + 1] and is_task_header(columns_below(rows[at])):
            yield first, last, at
            first, last = header_range(rows, at)
    yield first, last, len(rows)


def _task_lines(columns: Sequence[Column], rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the rows of a task table, without its header."""
    chapter = ""
    for row in rows:
        heading = _chapter(columns, row)
        if heading and heading != chapter:
            yield heading
        chapter = heading or chapter
        yield _sentence(columns, row)


def continued_lines(
    rows: Sequence[Row], header: Sequence[Row], *, are_marked: bool = False
) -> tuple[list[str], Sequence[Row]]:
    """The lines of a table that may go on with one above it, whose ``header`` rows are given, and the header for what follows.

    序号|任务|责任单位 above · 2|更新管网|市住建局 → "2.更新管网。（责任单位：市住建局）"
    """
    own = header_rows(rows)
    goes_on = not own and goes_on_with(header, rows)
    if goes_on:  # its header stands above the other table only
        lines = table_lines([*header, *rows], are_marked=are_marked)
        return [FirstRow.below(line, "") if isinstance(line, FirstRow) else line for line in lines], header
    return table_lines(rows, are_marked=are_marked), own


def _merged_once(row: Row, *, are_marked: bool) -> list[str]:
    """The cells of a row; one that spans several columns occurs once, a long one that spans several rows in the first of them."""
    if are_marked:
        return [
            "" if isinstance(cell, Below) and len(cell) > _LONGEST_REPEATED else cell
            for cell in row
            if not isinstance(cell, Beside)
        ]
    return [cell for index, cell in enumerate(row) if not (index and cell and cell == row[index - 1])]


def _sentence(columns: Sequence[Column], row: Row) -> str:
    """One row of a task table as a sentence with its responsibility mark."""
    if len(set(filter(None, row))) == 1:  # a heading that spans the table
        return _unwrap(next(filter(None, row)))
    if note := _note(columns, row):
        return note
    cells = [
        (column, _NEXT_UNIT.sub("、", cell) if column.kind == "units" else _unwrap(cell))
        for column, cell in _distinct(columns, row)
        if column.kind or not is_numbered(cell)
    ]
    sentence = "".join(piece.text for piece in row_pieces(in_order_of_sentence(cells)))
    return TableRow(sentence, (column.label for column in columns), row)


def _note(columns: Sequence[Column], row: Row) -> str:
    """What a row says that is no task, since a cell spans columns of several kinds or its label says so: 备注 | … → "备注：…"; else "".

    The cells of a task stand each in its own column.
    """
    pairs = list(pairwise(zip(columns, row, strict=False)))
    spans = any(isinstance(cell, Beside) and cell and here.kind != there.kind for (here, _), (there, cell) in pairs)
    first, *others = dict.fromkeys(filter(None, row))
    if spans and len(others) == 1 and NUMERAL.fullmatch(first):
        return f"{first}、{_unwrap(others[0])}"  # 一 | 工作推进不力
    label = _NO_TASK.fullmatch("".join(first.split()))
    if not (spans or label) or any(
        column.kind == "number" and FIGURES.fullmatch(cell) for column, cell in zip(columns, row, strict=False)
    ):
        return ""
    cells = [_unwrap(cell) for at, cell in enumerate(row) if cell and not (at and cell == row[at - 1])]
    return f"{cells[0]}：{'，'.join(cells[1:])}" if label and cells[1:] else "\t".join(cells)


def _chapter(columns: Sequence[Column], row: Row) -> str:
    """The numbered heading (一、民生) in a merged cell beside the row, "" when there is none."""
    return next((cell for column, cell in _distinct(columns, row) if not column.kind and is_numbered(cell)), "")


def _distinct(columns: Sequence[Column], row: Row) -> list[tuple[Column, str]]:
    """The non-empty cells with their columns; one that spans several columns of a kind counts for the first."""
    pairs = list(zip(columns, row, strict=False))
    return [
        (column, cell)
        for index, (column, cell) in enumerate(pairs)
        if cell and not (index and cell == row[index - 1] and column.kind == pairs[index - 1][0].kind)
    ]


def _unwrap(cell: str) -> str:
    """The text of a cell on one line; line breaks become spaces only between Latin words."""
    return _LINE_WRAP.sub("", cell).replace("\n", " ")
