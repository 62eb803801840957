"""Rows of indicator tables (指标 · 2025年 · 2030年) that stand in the text as lines: the values of the years to come are the aims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.extraction.deadlines.calendar import calendar
from kb.extraction.deadlines.governing import Governance
from kb.models import Comparator, Document, Target
from kb.text import Passage, numerals
from kb.text.plain_tables import figure_tables

_HEADER = re.compile(r"(?:^|\n)(?P<header>[^\n。；，]{0,40}指标[^\n。；，]{0,40}?20\d\d[^\n。；]{0,60})(?=\n)")
_CLASSES = re.compile(r"(?:序号[\s|｜]+)?(?!序号)[^\s|｜\d]{1,8}[\s|｜]+[^\s|｜]{0,4}指标")
_LINE = re.compile(r"[^\n]+")
_CELL = re.compile(r"\S[^\n]*")
_NAMED = re.compile(r"(?:指标|目标)[^\n]{0,4}\n")
_BASE_AND_AIM = 2  # columns of years, at least
_YEAR = re.compile(r"20\d\d")
_TOKEN = re.compile(r"[^\s|｜]+")
_VALUE = re.compile(
    r"(?P<sign>[≥≤<>＜＞])?[\[〔【]?(?P<number>\d{1,15}(?:[.，]\d{1,9}){0,4})[\]〕】]?(?P<unit>[%‰]|[万亿]?[\u4e00-\u9fff]{0,3}?)?(?P<after>以上|以下|以内|左右)?|—+|-|/"
)
_ORDINAL = re.compile(r"(?:\d{1,3}|[（(]?[一二三四五六七八九十]{1,3}[）)]?)[.、]?$")
_UNIT = re.compile(r"[（(](?P<unit>%|‰|[^（）()\d]{1,12})[）)]$")
_SIGNS: dict[str, Comparator] = {
    "≥": ">=", "≤": "<=", ">": ">", "<": "<", "＞": ">", "＜": "<", "以上": ">=", "以下": "<=", "以内": "<=", "左右": "~",
}  # fmt: skip
# The row of a table with a column of units, as a sentence: "1.绿化率（%）。2020年：40。2025年目标：45。"
_FIELDS = re.compile(
    r"(?:^|(?<=[。\n]))(?:\d{1,3}\.)?(?P<name>[^。：；\n]{2,60})。(?P<fields>(?:[^。：；\n]{1,20}：[^：；\n]{0,30}?。){1,12})"
)
_VALUED = re.compile("[年值标数]：")
_FIELD = re.compile(r"(?P<label>[^。：；\n]{1,20})：(?P<value>[^：；\n]{0,30}?)。")
_AIM = re.compile(
    r"(?P<year>20\d\d)年?(?:目标|指标|规划|计划|预期)?[值数]?|(?:年度|工作|考核|绩效)?(?:目标|指标|规划|计划|预期|考核)值|(?:年度|工作)?目标"
)
_BASE = re.compile(r"(?:20\d\d年?)?(?:基数|基期|基准|现状|实际|完成)[值数]?")
_ABOVE = 600  # characters of the passage above in which the header of the table may stand


def find_row(passage: Passage, document: Document, governance: Governance) -> Iterator[Target]:
    """The aims that the row of a table with values and units states, which is read as a sentence: those of years not over.

    "绿化率（%）。2020年：40。2025年：45。（责任单位：市园林局）" → 45 % from 40, due 2025
    "1.税收。单位：亿元。目标值：1,100.9。（责任单位：市税务局；时限：2026年底）" → 1100.9 亿元, due 2026
    """
    text = passage.reading.text
    row = _FIELDS.search(text) if _VALUED.search(text) else None
    if row is None:
        return
    fields = [(one["label"], one) for one in _FIELD.finditer(text, *row.span("fields"))]
    valued = [
        (label, one, value) for label, one in fields if (value := _VALUE.fullmatch(one["value"])) and value["number"]
    ]
    aims = [(year["year"] or "", one, value) for label, one, value in valued if (year := _AIM.fullmatch(label))]
    bases = [value for label, _, value in valued if _BASE.fullmatch(label)]
    if not bases and len(aims) > 1:
        bases = [aims.pop(0)[2]] if aims[0][0] else []
    unit = next((one["value"] for label, one in fields if label in ("单位", "计量单位")), "")
    named = _Row(row["name"], row.start("name"), unit, _amount(bases[0]) if bases else None)
    for due, one, aim in aims:
        if not due or int(due) >= calendar(document).since:
            yield _target(passage, named, one.end("value"), aim, due or governance.due_for(*one.span("value")))


@dataclass(frozen=True, slots=True)
class _Row:
    """What the aims of a row have in common."""

    name: str
    start: int  # place of the name in the passage
    unit: str  # of a column of units; "" for none
    baseline: float | None


@dataclass(frozen=True, slots=True)
class _Header:
    """What the first line of a table says: the years of its columns, and whether a column holds units."""

    end: int  # where it ends in the passage; 0 when it stands in the passage above
    years: tuple[str, ...]
    units: bool
    classes: bool = False  # whether a column of classes stands before that of the indicators: 类别 | 指标


def find_indicators(passage: Passage, document: Document) -> Iterator[Target]:
    """The aims that the rows of an indicator table state, by position.

    Under 序号 指标 2025年 2030年 属性: "1 护理型床位占比（%） 61 73 约束性" → 73 % from 61, due 2030
    """
    text = passage.reading.text
    header, since = _header(passage), calendar(document).since
    if header is None:
        yield from _indicators_of_lines(passage, since)
    if header is None or int(header.years[-1]) < since:
        return
    name: list[re.Match[str]] = []  # of a row whose values stand on the next line
    for line in _LINE.finditer(text, header.end):
        tokens = list(_TOKEN.finditer(text, *line.span()))
        at = _first_value(tokens, len(header.years), units=header.units)
        if at is None:
            name = tokens
            continue
        named, values = tokens[:at] or name, tokens[at : at + len(header.years)]
        yield from _row(passage, header, (named, values), since)
        name = []


def _indicators_of_lines(passage: Passage, since: int) -> Iterator[Target]:
    """The same of a table with each cell on a line: 指标 / 2025年 / 2030年 / 护理型床位占比（%） / 61 / 73."""
    text = passage.reading.text
    for table in figure_tables(passage.reading) if _NAMED.search(text) else ():
        years = [(at, year[0]) for at, label in enumerate(table.labels) if (year := _YEAR.match(label))]
        rising = sorted({year for _, year in years}) == [year for _, year in years]
        if len(years) < _BASE_AND_AIM or not rising or "\n" not in text[table.header[0].end : table.header[1].start]:
            continue
        header = _Header(
            table.header[-1].end,
            tuple(year for _, year in years),
            any("单位" in one for one in table.labels),
            _CLASSES.match(" ".join(table.labels)) is not None,
        )
        for row in table.rows:
            cells = [match for cell in row if (match := _CELL.match(text, cell.start, cell.end))]
            if len(cells) == len(row) > years[-1][0]:
                yield from _row(passage, header, (cells[: years[0][0]], [cells[at] for at, _ in years]), since)


def _header(passage: Passage) -> _Header | None:
    """The header of the table that a passage holds or continues; None when there is none."""
    own = passage.reading.text
    found, end = _HEADER.search(own), 0
    if found:
        end = found.end()
    elif passage.parent is not None and own[:1].isdigit():
        found = _HEADER.search(passage.parent.reading.text[-_ABOVE:])
    years = tuple(_YEAR.findall(found["header"])) if found else ()
    if found is None or len(years) < 2 or list(years) != sorted(set(years)):
        return None
    return _Header(end, years, "单位" in found["header"], _CLASSES.match(found["header"]) is not None)


def _first_value(tokens: list[re.Match[str]], count: int, *, units: bool) -> int | None:
    """Where so many values in a row begin, past the number of the row and its unit; None when no such row stands there."""
    start = 1 if tokens and _ORDINAL.fullmatch(tokens[0][0]) and len(tokens) > count else 0
    start += 2 if units and len(tokens) > start + count + 1 else 0  # behind the name, the unit, which may be a dash
    for at in range(start, len(tokens) - count + 1):
        if all(_VALUE.fullmatch(token[0]) for token in tokens[at : at + count]):
            return at
    return None


def _row(
    passage: Passage, header: _Header, row: tuple[list[re.Match[str]], list[re.Match[str]]], since: int
) -> Iterator[Target]:
    """The aims of one row, its name and its values: one for each column behind the first whose year is not over."""
    named, values = row
    if named and _ORDINAL.fullmatch(named[0][0]):
        named = named[1:]
    if not named:
        return
    unit = ""
    if header.units and len(named) > 1:
        *named, last = named
        unit = last[0].strip("（）()—-")
    if header.classes and len(named) > 1:
        named = named[1:]
    name = passage.reading.verbatim(named[0].start(), named[-1].end())
    common = _Row(name, named[0].start(), unit, _number(values[0]))
    for year, printed in list(zip(header.years, values, strict=True))[1:]:
        aim = _VALUE.fullmatch(printed[0])
        if aim is not None and _amount(aim) is not None and int(year) >= since:
            yield _target(passage, common, printed.end(), aim, year)


def _target(passage: Passage, row: _Row, end: int, aim: re.Match[str], due: str) -> Target:
    """The target that a cell states, from the name of its row to the ``end`` of the cell."""
    span, bracket = passage.reading.span(row.start, end), _UNIT.search(row.name)
    return Target(
        clause_id=passage.clause.id,
        text=passage.reading.source[span.start : span.end],
        start=span.start,
        end=span.end,
        rule="table",
        indicator=_UNIT.sub("", row.name).strip() or row.name,
        comparator=_SIGNS.get(aim["sign"] or aim["after"] or "", "="),
        value=_amount(aim),
        unit=aim["unit"] or row.unit or (bracket["unit"] if bracket else ""),
        baseline=row.baseline,
        due=due,
    )


def _number(printed: re.Match[str]) -> float | None:
    """The number of a cell, None where it holds a dash."""
    value = _VALUE.fullmatch(printed[0])
    return _amount(value) if value else None


def _amount(value: re.Match[str]) -> float | None:
    """The number of a value, None of a dash."""
    return numerals.number(value["number"].replace("，", "")) if value["number"] else None
