"""Rows of cells → lines of text: a task table (责任分解表) row by row as sentences with a responsibility mark, any other with tabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.lexicon import table

Row = Sequence[str]

_KIND_OF = {name: kind for kind, names in table("tables")["columns"].items() for name in names}
_HEAD_WITHIN = 5  # rows: a title and a note may stand above the head, which may take two
_MARKED = re.compile(
    r"[（(]?[一二三四五六七八九十百\d]+[）)]?\s*[、.．]|[（(][一二三四五六七八九十百\d]+[）)]|[①-⑳]|第.{1,4}[章条]"
)
_FIGURES = re.compile(r"\d{1,3}")
_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}")
_NEXT_UNIT = re.compile(r"[、，；]?\n")  # units in a cell stand one a line
_WRAP = re.compile(r"\n(?![!-~])|(?<![!-~])\n")
_CLOSED = "。！？；："


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    kind: str  # number, task, units, due, "" for any other


def table_lines(rows: Sequence[Row]) -> list[str]:
    """The lines of a table whose merged cells repeat their text in every row and column that they cover.

    序号|任务|责任单位 · 1|新建公园3个|市城管局 → "1.新建公园3个。（责任单位：市城管局）" · 指标|数值 → "指标\\t数值"
    """
    tidy = [[_tidy(cell) for cell in row] for row in rows]
    tidy = [row for row in tidy if any(row)]
    head = _head(tidy)
    if head is None:
        return ["\t".join(cell.replace("\n", " ") for cell in _spread(row)).rstrip() for row in tidy]
    first, last = _head_rows(tidy, head)
    columns = _columns([_label(cells) for cells in zip(*tidy[first : last + 1], strict=False)])
    lines = [" ".join(dict.fromkeys(filter(None, row))) for row in tidy[:first]]
    chapter = ""
    for row in tidy[last + 1 :]:
        if row in tidy[first : last + 1]:  # printed again on every page of a long table
            continue
        begun = _chapter(columns, row)
        lines += [begun] if begun and begun != chapter else []
        chapter = begun or chapter
        lines.append(_sentence(columns, row))
    return [line for line in lines if line]


def head_of(rows: Sequence[Row]) -> list[Row]:
    """The rows that name the columns of a task table, to read by them what goes on without them on the next page; none of another."""
    tidy = [row for row in ([_tidy(cell) for cell in row] for row in rows) if any(row)]
    head = _head(tidy)
    if head is None:
        return []
    first, last = _head_rows(tidy, head)
    return list(tidy[first : last + 1])


def is_task_table(rows: Sequence[Row]) -> bool:
    """Whether one of the first rows names a task column and a units column."""
    return _head(rows) is not None


def _head(rows: Sequence[Row]) -> int | None:
    return next((place for place, row in enumerate(rows[:_HEAD_WITHIN]) if _is_head(_columns(row))), None)


def _head_rows(rows: Sequence[Row], head: int) -> tuple[int, int]:
    """The first and the last row of a head that may take two: 责任分工 over 牵头单位 and 配合单位, beside 任务 that covers both."""
    if head and _covers(rows[head - 1], rows[head]):
        return head - 1, head
    return (head, head + 1) if head + 1 < len(rows) and _covers(rows[head], rows[head + 1]) else (head, head)


def _covers(above: Row, below: Row) -> bool:
    """Whether the task's label stands in both rows, and another label has several below it."""
    same = [_columns([one])[0].kind for one, other in zip(above, below, strict=False) if one and one == other]
    return "task" in same and above != below


def _label(cells: Sequence[str]) -> str:
    """What a column of a head of two rows is called: 责任单位 over 牵头 → 牵头单位"""
    below = "".join(cells[-1].split())
    above = "".join(cells[0].split())
    return next((one for one in (below, f"{below}单位", below + above) if one in _KIND_OF), below or above)


def _columns(row: Row) -> list[_Column]:
    labels = ["".join(cell.split()) for cell in row]
    return [_Column(label, _KIND_OF.get(re.sub(r"[（(].*", "", label), "")) for label in labels]


def _tidy(cell: str) -> str:
    """The lines of a cell without blanks around them and without empty ones."""
    return "\n".join(filter(None, (" ".join(line.split()) for line in cell.split("\n"))))


def _is_head(columns: Sequence[_Column]) -> bool:
    kinds = {column.kind for column in columns}
    return "task" in kinds and "units" in kinds


def _spread(row: Row) -> list[str]:
    """The cells of a row with a cell that covers several columns said once."""
    return [cell for place, cell in enumerate(row) if not (place and cell and cell == row[place - 1])]


def _sentence(columns: Sequence[_Column], row: Row) -> str:
    """One row of a task table as a paragraph."""
    if len(set(filter(None, row))) == 1:  # a heading across the table
        return _joined(next(filter(None, row)))
    number, tasks, others, mark = "", list[str](), list[str](), list[str]()
    for column, cell in _distinct(columns, row):
        if column.kind == "number":
            number = _marker(cell)
        elif column.kind == "task":
            tasks.append(_closed(_joined(cell)))
        elif column.kind == "units":
            mark.append(f"{column.label}：{_NEXT_UNIT.sub('、', cell).rstrip('。；')}")
        elif column.kind:
            mark.append(f"{column.label}：{_joined(cell).rstrip('。；')}")
        elif not _MARKED.match(cell):
            others.append(_closed(f"{column.label}：{_joined(cell)}" if column.label else _joined(cell)))
    text = "".join(tasks + others)
    return f"{'' if _MARKED.match(text) else number}{text}" + (f"（{'；'.join(mark)}）" if mark else "")


def _chapter(columns: Sequence[_Column], row: Row) -> str:
    """The numbered heading (一、民生) that a column gives to the rows beside it, "" when there is none."""
    return next((cell for column, cell in _distinct(columns, row) if not column.kind and _MARKED.match(cell)), "")


def _distinct(columns: Sequence[_Column], row: Row) -> list[tuple[_Column, str]]:
    """The filled cells with their columns; one that covers several columns belongs to the first of them."""
    pairs = list(zip(columns, row, strict=False))
    return [
        (column, cell)
        for place, (column, cell) in enumerate(pairs)
        if cell and not (place and cell == row[place - 1] and column.kind == pairs[place - 1][0].kind)
    ]


def _joined(cell: str) -> str:
    """The lines of a cell as one: a blank only between Latin words."""
    return _WRAP.sub("", cell).replace("\n", " ")


def _marker(cell: str) -> str:
    """The printed number as a clause would bear it: 1 → "1."; 一 → "一、"; （一） stays."""
    if _FIGURES.fullmatch(cell):
        return f"{cell}."
    return f"{cell}、" if _NUMERAL.fullmatch(cell) else cell


def _closed(text: str) -> str:
    return text if text[-1] in _CLOSED else f"{text}。"
