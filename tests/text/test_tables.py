"""Tables in plain text: their cells, and what is no table."""

from __future__ import annotations

import pytest
from answers import is_linear

from kb.models import Span
from kb.text import Reading
from kb.text.plain_tables import figure_tables, find_tables
from kb.text.tables import column_of


@pytest.mark.parametrize("separator", ["\t", "   ", " | "])
def test_cells_of_a_table_of_figures(separator: str) -> None:
    lines = [
        "主要指标如下。",
        "指标（单位） 2025年 2030年 属性",
        "一、服务",
        "床位占比（%） 61 73 约束性",
        "站点（个） 300 520 预期性",
    ]
    reading = Reading.of("\n".join(line.replace(" ", separator) for line in lines))
    (found,) = figure_tables(reading)
    cells = [[reading.text[cell.start : cell.end] for cell in row] for row in (found.header, *found.rows)]
    assert cells == [
        ["指标（单位）", "2025年", "2030年", "属性"],
        ["一、服务"],
        ["床位占比（%）", "61", "73", "约束性"],
        ["站点（个）", "300", "520", "预期性"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "指标  2025年  2030年\n要求有关单位按季报送。\n",
        "市教育局    市财政局    市民政局\n市商务局    市水利局    市文旅局\n",
        "序号  姓名  单位\n1  甲某  宁安大学\n",
    ],
    ids=["a header alone", "signatures", "a list of names"],
)
def test_what_is_no_table_of_tasks_or_figures(text: str) -> None:
    lines = text.splitlines(keepends=True)
    ends = [sum(map(len, lines[: i + 1])) for i in range(len(lines))]
    spans = [Span(end - len(line), end - 1) for end, line in zip(ends, lines, strict=True)]
    assert find_tables(text, spans) == []


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("责任单位（排名第一的牵头）", "units"),
        ("工作内容和目标", "task"),
        ("牵头单位、责任单位", "units"),
        ("完成时限", "due"),
        ("备注", ""),
    ],
)
def test_kinds_of_columns(label: str, kind: str) -> None:
    assert column_of(label).kind == kind


@pytest.mark.parametrize(
    "row", ["绿化率（%）  40  45\n", "指标  目标值  现状\n"], ids=["rows", "headers without figures"]
)
def test_cost_is_linear(row: str) -> None:
    page = "指标  2025年  2030年\n" + row * 200
    assert is_linear(lambda copies: figure_tables(Reading.of(page * copies)), 4)
