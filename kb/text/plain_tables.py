"""Tables in plain text: columns parted by tabs, by bars, by two and more blanks, or each cell on a line of its own."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from kb.lexicon import table
from kb.models import Span
from kb.text import Reading, normalise
from kb.text.tables import (
    FIGURES,
    NUMBER,
    Column,
    column_of,
    columns_of,
    holds_names,
    is_numbered,
    is_task_header,
    label_below,
)

_NAMES = table("tables")["figures"]
# Between the columns of a line: tabs before bars before blanks.
_SEPARATORS = (re.compile(r"[ \u3000]*\t[ \u3000]*"), re.compile(r"\s*[|｜]\s*"), re.compile(r"[ \u3000]{2,}"))
_SEPARATES = re.compile(r"[\t|｜ \u3000](?:(?<=[\t|｜])|[ \u3000])")  # any of them
_BARS = ("|", "｜")
_RULE = re.compile(r"[-—:：|｜+ ]+")  # |---|---|
_VALUE = re.compile(_NAMES["values"])
_LONGEST_LABEL, _LONGEST_HEADING = 20, 40
_MOST_COLUMNS = 10  # of a table with each cell on a line
_FIRST_ROWS = 30  # among them there is one with figures, if any row has some
_LEAST_VALUES = 2  # columns of values of a table with each cell on a line
_BEHIND = 4  # at most two columns stand behind these: 属性, 责任单位
_FIGURE = re.compile(r"[≥≤<>＜＞约]?\d[\d,，.]*\D{0,6}|—+|-|/")
_NONE = re.compile("[/／—-]+|无")  # in place of a unit
_LEAST_CELLS = 3  # of a row that has fewer or more than its header


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table in plain text: the cells of its header and of its rows, each a range of the text; a line between the rows is one cell.

    ``labels`` are those of the columns; of two header rows (责任单位 over 牵头 and 配合) the second is the first of ``rows``.
    """

    header: tuple[Span, ...]
    rows: tuple[tuple[Span, ...], ...]
    is_task_table: bool
    labels: tuple[str, ...] = ()
    has_second_header: bool = False
    columns: tuple[Column, ...] = ()


def begins_header(line: str) -> bool:
    """Whether a line is what the first column of a table with each cell on a line is called: 序号, 指标名称."""
    label = "".join(normalise(line).split()) if len(line) <= _LONGEST_HEADING else ""
    return label in _NAMES["indicators"] or column_of(label).kind == "number"


def find_tables(text: str, lines: Sequence[Span]) -> list[TextTable]:
    """The task tables and the tables of figures in the lines of a text, in order.

    "序号\\t任务\\t责任单位" above "1\\t新建公园3个\\t市城管局" → a task table;
    "指标  2025年  2030年" above "绿化率（%）  40  45" → a table of figures
    """
    tables = []
    at = 0
    while at < len(lines):
        found = _table_at(text, lines, at)
        if not found and begins_header(text[lines[at].start : lines[at].end]):
            found = _table_of_lines(text, lines, at) or _figures_of_lines(text, lines, at)
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
            tables.append(TextTable(header, tuple(rows), False, one.labels, one.has_second_header))
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
    labels = [_label(text, cell) for cell in header]
    lower: list[str] = []
    if first + 1 < len(lines) and len(header) > 1 and any(column_of(label).kind for label in labels):
        lower = _second_header(text, labels, _with_last(text, _cells(text, lines[first + 1], separator), len(header)))
    labels = lower or labels
    columns = _columns(text, lines[first + 1 + bool(lower) : first + _FIRST_ROWS], separator, labels)
    is_task_table = is_task_header(columns)
    if len(header) < 2 or not (is_task_table or is_header_of_figures(labels)):
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
    return (
        TextTable(header, tuple(rows[:last]), is_task_table, tuple(labels), bool(lower), tuple(columns))
        if last > bool(lower)
        else None
    )


def _columns(text: str, below: Sequence[Span], separator: re.Pattern[str], labels: Sequence[str]) -> list[Column]:
    return columns_of(labels, ([_label(text, cell) for cell in _cells(text, line, separator)] for line in below))


def _second_header(text: str, upper: Sequence[str], cells: Sequence[Span]) -> list[str]:
    """The labels of the columns where the cells are a second header row, in which merged cells are empty or repeated; else none."""
    lower = [_label(text, cell) for cell in cells]
    if len(lower) != len(upper) or not any(label and label != above for label, above in zip(lower, upper, strict=True)):
        return []
    labels, over = [], ""
    for label, above in zip(lower, upper, strict=True):
        over = above or (over if label else "")
        kept = label in ("", above)
        if len(label) > _LONGEST_LABEL or (
            not kept
            and (
                column_of(above).kind in ("number", "task", "due")
                or (NUMBER.fullmatch(label) and not _VALUE.match(label))
            )
        ):
            return []
        labels.append(above if kept else label_below(over, label))
    return (
        labels if all(labels) and any(label in ("", above) for label, above in zip(lower, upper, strict=True)) else []
    )


def _table_of_lines(text: str, lines: Sequence[Span], first: int) -> TextTable | None:
    """The task table whose header begins with the line ``first``, each cell on a line; a row begins with its number, or goes on with
    it, without the cells that are merged with those above.

    序号 / 任务 / 责任单位 / 1 / 新建公园3个 / 市城管局 → one row
    """
    ahead = list(lines[first : first + _MOST_COLUMNS + 1])
    width = next((at for at, line in enumerate(ahead) if _begins_rows(text, line)), 0)
    header = tuple(ahead[:width])
    labels = tuple(_label(text, cell) for cell in header)
    cells = [_label(text, line) for line in lines[first + width : first + width * _FIRST_ROWS]] if width else []
    columns = columns_of(labels, (cells[at : at + width] for at in range(0, len(cells), width or 1)))
    if not is_task_header(columns):
        return None
    rows: list[tuple[Span, ...]] = []
    at, numbered = first + width, 0
    while at < len(lines):
        number = str(numbered + 1)
        if _label(text, lines[at]) == number and at + width <= len(lines):
            rows.append(tuple(lines[at : at + width]))
            at, numbered = at + width, numbered + 1
        elif is_numbered(_label(text, lines[at])) and at + 1 < len(lines) and _label(text, lines[at + 1]) == number:
            rows.append((lines[at],))  # a heading between the rows
            at += 1
        elif numbered and (more := _rest_of_row(text, lines[at : at + width], columns)):
            rows.append(more)
            at += sum(cell.start < cell.end for cell in more)
        else:
            break
    return TextTable(header, tuple(rows), True, labels, False, tuple(columns)) if numbered > 1 else None


def _rest_of_row(text: str, lines: Sequence[Span], columns: Sequence[Column]) -> tuple[Span, ...]:
    """The row that these lines begin below one with which it shares its first cells, these empty; none where no units answer for it."""
    for merged in range(1, len(columns) - 1):
        cells = lines[: len(columns) - merged]
        units = [
            _label(text, cell) for column, cell in zip(columns[merged:], cells, strict=False) if column.kind == "units"
        ]
        named = [label for label in units if not _NONE.fullmatch(label)]
        is_whole = len(cells) == len(columns) - merged and columns[merged].kind != "units"
        if is_whole and named and all(map(holds_names, named)):
            return (*[Span(cells[0].start, cells[0].start)] * merged, *cells)
    return ()


def _figures_of_lines(text: str, lines: Sequence[Span], first: int) -> TextTable | None:
    """The table of figures whose header begins with the line ``first``, each cell on a line.

    指标 / 2025年 / 2030年 / 绿化率（%） / 40 / 45 / 管网漏损率（%） / 12 / 9 → two rows
    """
    labels = [_label(text, line) for line in lines[first : first + _MOST_COLUMNS + _BEHIND]]
    values = [at for at, label in enumerate(labels) if len(label) <= _LONGEST_LABEL and _VALUE.match(label)]
    values = [at for at in values if at < _MOST_COLUMNS]
    if len(values) < _LEAST_VALUES or not is_header_of_figures(labels[: values[-1] + 1]):
        return None
    found: list[tuple[Span, ...]] = []
    for width in range(values[-1] + 1, values[-1] + _BEHIND):
        rows = list[tuple[Span, ...]]()
        for at in range(first + width, len(lines) - values[-1], width):
            row = tuple(lines[at : at + width])
            if not all(_FIGURE.fullmatch(_label(text, row[place])) for place in values):
                break
            if any(is_numbered(_label(text, cell)) for cell in row[values[-1] + 1 :]):
                rows.append(row[: values[-1] + 1])  # the last one lacks what stands behind the values
                break
            rows.append(row)
        found = max(found, rows, key=len)
    header = tuple(lines[first : first + len(found[0])]) if len(found) > 1 else ()
    return TextTable(header, tuple(found), False, tuple(labels[: len(header)])) if header else None


def _begins_rows(text: str, line: Span) -> bool:
    label = _label(text, line)
    return FIGURES.fullmatch(label) is not None or is_numbered(label)


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
        end -= end > start and text[end - 1] in _BARS  # nothing but a bar
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


def is_header_of_figures(labels: Sequence[str]) -> bool:
    """Whether one column names indicators and another holds their values."""
    names = [re.sub(r"（.*", "", label) for label in labels]
    return any(name in _NAMES["indicators"] for name in names) and any(map(_VALUE.match, labels))


def _is_row_of_figures(text: str, row: Sequence[Span]) -> bool:
    return len(row) > 1 and any(NUMBER.fullmatch(text, cell.start, cell.end) for cell in row[1:])
