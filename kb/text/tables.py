"""Tables: what their columns are called, and a row of a task table as a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import NamedTuple

from kb.lexicon import table

_TABLES = table("tables")
_KIND_OF = {name: kind for kind, names in _TABLES["columns"].items() for name in names}
_BARE = _TABLES["bare"]
_FORM_OF = {kind: re.compile(form) for kind, form in _TABLES["forms"].items()}
_ORDER = ("number", "task", "")  # units and dates stand behind what they are for
_MARKED = re.compile(
    r"[（(]?[一二三四五六七八九十百\d]+[）)]?\s*[、.．](?!\d)|[（(][一二三四五六七八九十百\d]+[）)]|[①-⑳]|第.{1,4}[章条]"
)
FIGURES = re.compile(r"\d{1,3}")  # the number of a row
NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}")
_ENDS = table("organs")["endings"]
_NAMES = re.compile(  # what a column of units holds: 市教育局、各县区
    rf"(?:[^。；：]{{0,24}}(?:{'|'.join(sorted(map(re.escape, _ENDS), key=len, reverse=True))}|[省市县区镇乡]|等)(?:（[^（）]*）)?|[\u4e00-\u9fff]{{2,4}})"
)
_INSIDE = re.compile(r"(?<=[\u4e00-\u9fff])[（(]([\u4e00-\u9fff]{1,6})[）)](?=[单部][位门])")  # 责任（牵头）单位
_BETWEEN_NAMES = re.compile(r"[、，；,;\s]+")
_AND = re.compile(r"(?<=..)[和及与、/](?=..)")
_SENTENCE_ENDS = "。！？；："
_VALUE_COLUMN = re.compile(_TABLES["figures"]["column"])
_AIM = re.compile("(?:目标|指标|预期|规划|计划)值|(?:年度|量化|主要|工作|考核|绩效|预期)?(?:目标|指标)")
NUMBER = re.compile(r"[-—＞≥≤<>约]?\d[\d,，.]*\D{0,6}")
_AMOUNT = re.compile(  # 15家, ≥12万元, 不少于320户
    r"(?:不(?:少|低|高|多|超|大|小)[于过]|达到?|超过?|至少|最少|控制在|保持在)?[-—＞＜≥≤<>约]?\d[\d,，.]*[^\d,，。；]{1,6}"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its label, and what it holds: number, task, units, due, "" for anything else."""

    label: str
    kind: str


class Piece(NamedTuple):
    """A stretch of a row's sentence: the text of a cell, or what is put between cells (``column`` is -1)."""

    text: str
    column: int = -1


def column_of(label: str) -> Column:
    """The column with a label: "责任单位（排名第一的牵头）", "责任（牵头）单位" → units; "工作内容和目标" → task; "备注", "2025年目标" → "" """
    label = _INSIDE.sub(r"\1", label)
    name = re.sub(r"[（(].*", "", label)
    if _VALUE_COLUMN.fullmatch(name):
        return Column(label, "")
    kinds = (_KIND_OF.get(part, "") for part in (name, *_AND.split(name)))
    forms = (kind for kind, form in _FORM_OF.items() if form.fullmatch(name))
    return Column(label, next(filter(None, chain(kinds, forms)), ""))


def columns_of(labels: Sequence[str], rows: Iterable[Sequence[str]]) -> list[Column]:
    """The columns with these labels, of which some tell what they hold together with the cells of the ``rows`` below.

    任务, 牵头 above 改造小区, 市住建局 → task, units; 内容, 责任 above 违规收费, 依法追究责任。 → task, ""
    """
    labels = [_INSIDE.sub(r"\1", label) for label in labels]
    columns = [column_of(label) for label in labels]
    names = [re.sub(r"[（(].*", "", label) for label in labels]
    if any(name in _BARE["units"] for name in names):
        turned = list(zip_longest(*rows, fillvalue=""))
        for at, name in enumerate(names):
            cells = [cell for cell in turned[at] if cell.strip()] if at < len(turned) else []
            if name in _BARE["units"] and 2 * sum(map(holds_names, cells)) > len(cells):
                columns[at] = Column(known_label(f"{name}单位", f"{name}责任单位") or labels[at], "units")
    if all(column.kind != "task" for column in columns):
        columns = [
            Column(column.label, "task") if name in _BARE["task"] else column
            for column, name in zip(columns, names, strict=True)
        ]
    return columns


def holds_names(cell: str) -> bool:
    """Whether a cell holds nothing but names of units: 市教育局、各县区."""
    return all(_NAMES.fullmatch(name) for name in _BETWEEN_NAMES.split(cell.strip()) if name)


def known_label(*labels: str) -> str | None:
    """The first of the labels that the lexicon knows, None when it knows none."""
    return next((label for label in labels if label in _KIND_OF), None)


def label_below(above: str, below: str) -> str:
    """The label of a column under a two-row header: 责任单位 over 牵头 → 牵头单位"""
    return known_label(below, f"{below}单位", below + above) or below or above


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
        is_valued = _is_value_of(cells, at + 1)
        if is_open and not is_mark:
            yield Piece("）")
        if is_mark:
            yield Piece("；" if is_open else "（")
        if column.label and (is_mark or not column.kind) and not _is_value_of(cells, at):
            yield Piece(f"{column.label}：")
        yield Piece(cell.rstrip("。；") if is_mark else cell, at)
        if column.kind == "number":
            yield Piece("." if FIGURES.fullmatch(cell) else "、" if NUMERAL.fullmatch(cell) else "")
        elif not is_mark and not is_valued and cell[-1] not in _SENTENCE_ENDS:
            yield Piece("。")
        is_open = is_mark
    if is_open:
        yield Piece("）")


def _is_value_of(cells: Sequence[tuple[Column, str]], at: int) -> bool:
    """Whether a cell says how much what the cell before it names shall be: 绿化率 · 目标值 45% → "绿化率45%"."""
    if not 0 < at < len(cells) or not _is_aim(*cells[at]):
        return False
    column, cell = cells[at - 1]
    return column.kind == "task" and cell[-1] not in _SENTENCE_ENDS and not _is_aim(column, cell)


def _is_aim(column: Column, cell: str) -> bool:
    return _AIM.fullmatch(column.label) is not None and _AMOUNT.fullmatch(cell) is not None


def in_order_of_sentence(cells: Sequence[tuple[Column, str]]) -> list[tuple[Column, str]]:
    """The cells of a row with the number first, then the task and how much of it, then the rest, then units and dates.

    There is no number before a numbered task.
    """
    kinds = [("task" if _is_aim(column, cell) else column.kind, (column, cell)) for column, cell in cells]
    ordered = [
        cell for _, cell in sorted(kinds, key=lambda one: _ORDER.index(one[0]) if one[0] in _ORDER else len(_ORDER))
    ]
    words = [cell for column, cell in ordered if column.kind in ("task", "")]
    numbered = bool(words) and is_numbered(words[0])
    return [(column, cell) for column, cell in ordered if not (numbered and column.kind == "number")]


def is_numbered(cell: str) -> bool:
    """Whether a cell begins with a printed number: "一、民生", "（2）改造小区"."""
    return _MARKED.match(cell) is not None
