"""Tables: what their columns are called, a row of a task table as a sentence, and the rows of tables in plain text.

The columns of a table in plain text are parted by tabs, by bars, by two and more blanks, or each cell stands on a line of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from kb.lexicon import table
from kb.models import Span
from kb.text import Reading, normalise

_TABLES = table("tables")
_KIND_OF = {name: kind for kind, names in _TABLES["columns"].items() for name in names}
_FORM_OF = {kind: re.compile(form) for kind, form in _TABLES["forms"].items()}
_ORDER = ("number", "task", "")  # units and dates stand behind what they are for
_MARKED = re.compile(
    r"[（(]?[一二三四五六七八九十百\d]+[）)]?\s*[、.．]|[（(][一二三四五六七八九十百\d]+[）)]|[①-⑳]|第.{1,4}[章条]"
)
_FIGURES = re.compile(r"\d{1,3}")
_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}")
_AND = re.compile(r"(?<=..)[和及与、/](?=..)")
_SENTENCE_ENDS = "。！？；："
# Between the columns of a line: tabs before bars before blanks.
_SEPARATORS = (re.compile(r"[ \u3000]*\t[ \u3000]*"), re.compile(r"\s*[|｜]\s*"), re.compile(r"[ \u3000]{2,}"))
_SEPARATES = re.compile(r"[\t|｜]|[ \u3000]{2}")  # any of them
_BARS = ("|", "｜")
_RULE = re.compile(r"[-—:：|｜+ ]+")  # |---|---|
_VALUE = re.compile(_TABLES["figures"]["values"])
_AIM = re.compile("(?:目标|指标|预期|规划)值")
_NUMBER = re.compile(r"[-—＞≥≤<>约]?\d[\d,，.]*\D{0,6}")
_LONGEST_LABEL, _LONGEST_HEADING = 20, 40
_MOST_COLUMNS = 10  # of a table with each cell on a line
_FIRST_ROWS = 30  # among them there is one with figures, if any row has some
_LEAST_CELLS = 3  # of a row that has fewer or more than its header


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its label, and what it holds: number, task, units, due, "" for anything else."""

    label: str
    kind: str


class Piece(NamedTuple):
    """A stretch of a row's sentence: the text of a cell, or what is put between cells (``column`` is -1)."""

    text: str
    column: int = -1


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table in plain text: the cells of its header and of its rows, each a range of the text; a line between the rows is one cell."""

    header: tuple[Span, ...]
    rows: tuple[tuple[Span, ...], ...]
    is_task_table: bool


def column_of(label: str) -> Column:
    """The column with a label: "责任单位（排名第一的牵头）" → units; "工作内容和目标" → task; "备注" → "" """
    name = re.sub(r"[（(].*", "", label)
    kinds = (_KIND_OF.get(part, "") for part in (name, *_AND.split(name)))
    forms = (kind for kind, form in _FORM_OF.items() if form.fullmatch(name))
    return Column(label, next(filter(None, chain(kinds, forms)), ""))


def is_number_label(line: str) -> bool:
    """Whether a line is what the column of numbers is called: 序号."""
    return len(line) <= _LONGEST_HEADING and column_of("".join(normalise(line).split())).kind == "number"


def known_label(*labels: str) -> str | None:
    """The first of the labels that the lexicon knows, None when it knows none."""
    return next((label for label in labels if label in _KIND_OF), None)


def is_task_header(columns: Sequence[Column]) -> bool:
    """Whether one column holds tasks and another one the units that answer for them."""
    kinds = {column.kind for column in columns}
    return "task" in kinds and "units" in kinds


def row_pieces(cells: Sequence[tuple[Column, str]]) -> Iterator[Piece]:
    """One row of a task table as a sentence with its responsibility mark, the cells in the given order.

    序号 1 · 任务 新建公园3个 · 责任单位 市城管局 → "1." "新建公园3个" "。" "（责任单位：" "市城管局" "）"
    """
    is_open = False
    for at, (column, cell) in enumerate(cells):
        is_mark = column.kind in ("units", "due")
        is_valued = at + 1 < len(cells) and _is_value(*cells[at + 1])
        if is_open and not is_mark:
            yield Piece("）")
        if is_mark:
            yield Piece("；" if is_open else "（")
        if column.label and (is_mark or not column.kind) and not (_is_value(column, cell) and at):
            yield Piece(f"{column.label}：")
        yield Piece(cell.rstrip("。；") if is_mark else cell, at)
        if column.kind == "number":
            yield Piece("." if _FIGURES.fullmatch(cell) else "、" if _NUMERAL.fullmatch(cell) else "")
        elif not is_mark and not is_valued and cell[-1] not in _SENTENCE_ENDS:
            yield Piece("。")
        is_open = is_mark
    if is_open:
        yield Piece("）")


def _is_value(column: Column, cell: str) -> bool:
    """Whether a cell says how much the indicator before it shall be: 绿化率 · 目标值 45% → "绿化率45%"."""
    return not column.kind and _AIM.fullmatch(column.label) is not None and _NUMBER.fullmatch(cell) is not None


def in_order_of_sentence(cells: Sequence[tuple[Column, str]]) -> list[tuple[Column, str]]:
    """The cells of a row with the number first, then the task, then the rest, then units and dates; no number before a numbered task."""
    ordered = sorted(cells, key=lambda cell: _ORDER.index(cell[0].kind) if cell[0].kind in _ORDER else len(_ORDER))
    words = [cell for column, cell in ordered if column.kind in ("task", "")]
    numbered = bool(words) and is_numbered(words[0])
    return [(column, cell) for column, cell in ordered if not (numbered and column.kind == "number")]


def is_numbered(cell: str) -> bool:
    """Whether a cell begins with a printed number: "一、民生", "（2）改造小区"."""
    return _MARKED.match(cell) is not None


# --- plain text -----------------------------------------------------------------------------------


def find_tables(text: str, lines: Sequence[Span]) -> list[TextTable]:
    """The task tables and the tables of figures in the lines of a text, in order.

    "序号\\t任务\\t责任单位" above "1\\t新建公园3个\\t市城管局" → a task table;
    "指标  2025年  2030年" above "绿化率（%）  40  45" → a table of figures
    """
    tables = []
    at = 0
    while at < len(lines):
        found = _table_at(text, lines, at) or _table_of_lines(text, lines, at)
        if found:
            tables.append(found)
            at = bisect_left(lines, found.rows[-1][-1].end, key=lambda line: line.end)
        at += 1
    return tables


def figure_tables(reading: Reading) -> list[TextTable]:
    """The tables of figures (指标 | 2025年 | 2030年) in a reading; their cells are ranges of ``reading.text``."""
    tables = []
    for one in find_tables(reading.source, _lines(reading)):
        if not one.is_task_table:
            header, *rows = (tuple(_place(reading, cell) for cell in row) for row in (one.header, *one.rows))
            tables.append(TextTable(header, tuple(rows), is_task_table=False))
    return tables


def _lines(reading: Reading) -> list[Span]:
    """Where the lines of a reading stand in its source."""
    lines, start = [], 0
    for line in reading.text.split("\n"):
        if line.strip():
            lines.append(reading.span(start, start + len(line)))
        start += len(line) + 1
    return lines


def _place(reading: Reading, cell: Span) -> Span:
    return Span(bisect_left(reading.offsets, cell.start), bisect_left(reading.offsets, cell.end))


def _table_at(text: str, lines: Sequence[Span], first: int) -> TextTable | None:
    """The table whose header is the line ``first``, None when it is no header or no row follows."""
    line = lines[first]
    if line.end - line.start > 15 * _LONGEST_LABEL or not _SEPARATES.search(text, line.start, line.end):
        return None
    separator = next(one for one in _SEPARATORS if one.search(text, line.start, line.end))
    header = _cells(text, line, separator)
    columns = [column_of(_label(text, cell)) for cell in header]
    is_task_table = is_task_header(columns)
    if len(header) < 2 or not (is_task_table or _is_header_of_figures([column.label for column in columns])):
        return None
    rows: list[tuple[Span, ...]] = []
    last = 0  # behind the last row
    for at in range(first + 1, len(lines)):
        cells = _with_last(text, _cells(text, lines[at], separator), len(header))
        is_rule = _RULE.fullmatch(text, lines[at].start, lines[at].end) is not None
        if is_rule or len(cells) == len(header) or len(cells) >= _LEAST_CELLS:
            rows.append(cells)
            last = len(rows)
        elif len(cells) == 1 and lines[at].end - lines[at].start <= _LONGEST_HEADING and len(rows) == last:
            rows.append(cells)  # perhaps a heading between the rows
        else:
            break
        if len(rows) == _FIRST_ROWS and not is_task_table and not any(_is_row_of_figures(text, row) for row in rows):
            return None
    if not is_task_table and not any(_is_row_of_figures(text, row) for row in rows):
        return None
    return TextTable(header, tuple(rows[:last]), is_task_table) if last else None


def _table_of_lines(text: str, lines: Sequence[Span], first: int) -> TextTable | None:
    """The task table whose header begins with the line ``first``, each cell on a line; a row begins with its number.

    序号 / 任务 / 责任单位 / 1 / 新建公园3个 / 市城管局 → one row
    """
    if not is_number_label(text[lines[first].start : lines[first].end]):
        return None
    ahead = list(lines[first : first + _MOST_COLUMNS + 1])
    width = next((at for at, line in enumerate(ahead) if _begins_rows(text, line)), 0)
    header = tuple(ahead[:width])
    if not is_task_header([column_of(_label(text, cell)) for cell in header]):
        return None
    rows: list[tuple[Span, ...]] = []
    at = first + width
    while at + width <= len(lines):
        number = str(sum(len(row) > 1 for row in rows) + 1)
        if _label(text, lines[at]) == number:
            rows.append(tuple(lines[at : at + width]))
            at += width
        elif is_numbered(_label(text, lines[at])) and _label(text, lines[at + 1]) == number:
            rows.append((lines[at],))  # a heading between the rows
            at += 1
        else:
            break
    return TextTable(header, tuple(rows), is_task_table=True) if sum(len(row) > 1 for row in rows) > 1 else None


def _begins_rows(text: str, line: Span) -> bool:
    label = _label(text, line)
    return _FIGURES.fullmatch(label) is not None or is_numbered(label)


def _cells(text: str, line: Span, separator: re.Pattern[str]) -> tuple[Span, ...]:
    """The cells of a line; an empty one, of no length, only between tabs and bars."""
    start, end = line.start, line.end
    cells = []
    if separator is _SEPARATORS[0]:  # a tab before the first cell stands for an empty one
        blanks = text[text.rfind("\n", 0, start) + 1 : start]
        cells += [Span(start, start)] * (blanks.count("\t") if not blanks.strip() else 0)
    elif separator is _SEPARATORS[1]:  # | a | b |
        start += text[start] in _BARS
        words = text[start:end].lstrip()
        start += 0 if words.startswith(_BARS) else len(text[start:end]) - len(words)
        end -= text[end - 1] in _BARS
        end -= len(text[start:end]) - len(text[start:end].rstrip())
    for gap in separator.finditer(text, start, end):
        cells.append(Span(start, gap.start()))
        start = gap.end()
    return (*cells, Span(start, end))


def _with_last(text: str, cells: tuple[Span, ...], width: int) -> tuple[Span, ...]:
    """The cells of a row with the empty ones that tabs behind its last word stand for."""
    end = cells[-1].end
    behind = text[end : text.find("\n", end) if "\n" in text[end : end + width + 1] else end + width + 1]
    missing = width - len(cells)
    return (*cells, *[Span(end, end)] * missing) if 0 < missing <= behind.count("\t") and not behind.strip() else cells


def _label(text: str, cell: Span) -> str:
    return "".join(normalise(text[cell.start : cell.end]).split())


def _is_header_of_figures(labels: Sequence[str]) -> bool:
    """Whether one column names indicators and another holds their values."""
    names = [re.sub(r"（.*", "", label) for label in labels]
    return any(name in _TABLES["figures"]["indicators"] for name in names) and any(map(_VALUE.match, labels))


def _is_row_of_figures(text: str, row: Sequence[Span]) -> bool:
    return len(row) > 1 and any(_NUMBER.fullmatch(text, cell.start, cell.end) for cell in row[1:])
