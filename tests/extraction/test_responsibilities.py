"""Who answers for a clause: lists of units, marks, declarations, duties in running text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from answers import is_linear
from hypothesis import given
from hypothesis import strategies as st
from plans import CASES

from kb.extraction import extract
from kb.extraction.responsibilities import find_responsibilities
from kb.extraction.responsibilities.declarations import find_declarations
from kb.models import Clause, Responsibility, SourceText
from kb.parsing import parse
from kb.text import Passage, Reading, normalise
from kb.units.lists import split_units


def rows(name: str) -> list[Any]:
    lines = (CASES / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [
        pytest.param(row, id=row.get("name", row.get("list")), marks=[pytest.mark.xfail] if row.get("gap") else [])
        for row in map(json.loads, lines)
    ]


def passages(texts: Sequence[str]) -> list[Passage]:
    """Clauses that stand one after another in one document."""
    source = "".join(texts)
    made, start = [], 0
    for number, text in enumerate(texts):
        clause = Clause(f"d#{number}", "d", None, "", "", start, start + len(text), (), text)
        made.append(Passage(clause, Reading.of(source).cut(start, start + len(text))))
        start += len(text)
    return made


def responsibilities(texts: Sequence[str]) -> list[tuple[Responsibility, ...]]:
    clauses = passages(texts)
    declarations = [declaration for clause in clauses for declaration in find_declarations(clause)]
    return [find_responsibilities(clause, declarations) for clause in clauses]


def written(found: Sequence[Responsibility], *, prose: bool) -> list[str]:
    return [
        f"{'implied' if responsibility.implied_by else responsibility.role} {responsibility.unit}"
        for responsibility in found
        if responsibility.prose == prose
    ]


@pytest.mark.parametrize("case", rows("units"))
def test_list_of_units(case: dict[str, Any]) -> None:
    text = normalise(case["list"])
    assert [mention.name for mention in split_units(text, 0, len(text))] == case["units"]


@pytest.mark.parametrize("case", rows("responsibilities"))
def test_mark(case: dict[str, Any]) -> None:
    (found,) = responsibilities([case["text"]])
    assert written(found, prose=False) == case["units"]


@pytest.mark.parametrize("case", rows("declarations"))
def test_declaration(case: dict[str, Any]) -> None:
    assert [written(found, prose=False) for found in responsibilities(case["texts"])] == case["units"]


@pytest.mark.parametrize("case", rows("duties"))
def test_duty_in_running_text(case: dict[str, Any]) -> None:
    (found,) = responsibilities([case["text"]])
    assert written(found, prose=True) == case["units"]


PIECES = st.sampled_from(
    "（ ） 〔 〕 < > 、 ， 。 ； ： 1 ① 由 和 及 各 等 等部门 要 应当 的 \n 责任单位： 牵头单位： 配合： 负责 牵头 会同 按职责分工 落实 市 县 省 政府 市教育局 省财政厅 财政 各级党委 下同 列第一位者为牵头单位 不再列出 以下均需 “ ” 《 》".split(
        " "
    )
)


@given(st.lists(PIECES | st.characters(), max_size=60).map("".join))
def test_every_text_is_read_and_every_place_is_in_it(text: str) -> None:
    for found in responsibilities([text]):
        for responsibility in found:
            assert text[responsibility.start : responsibility.end] == responsibility.text != ""
            assert 2 <= len(responsibility.unit) <= 60


@pytest.mark.parametrize(
    "text",
    [
        "、" * 100_000, "（" * 100_000, "（负责）" * 25_000, "负责" * 50_000, "责任单位：" * 20_000, "市教育局、" * 20_000,
        "（责任单位：" + "市教育局、" * 20_000, "市教育局要" * 20_000, "由市教育局和" * 20_000, "推动高质量发展" * 14_000,
        "（按职责分工" * 16_000, "各市、县" * 25_000, "【责任单位】" * 16_000, "市教育局收到申请后，" * 10_000, "各级教育部门和广大教师、" * 8_000,
    ],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_cost_is_linear_in_the_length(text: str) -> None:
    assert is_linear(lambda length: responsibilities([text[:length] + "）"]), len(text) // 10)


@pytest.mark.parametrize(
    ("heading", "units"),
    [
        ("区应急管理局", ["区应急管理局"]),
        ("区人民武装部、区消防救援大队", ["区人民武装部", "区消防救援大队"]),
        ("动员部署", []),
        ("建设高水平职业学校", []),
        ("做优县级妇幼保健机构", []),
        ("建强社区卫生服务中心", []),
        ("提质乡镇卫生院", []),
    ],
)
def test_a_heading_that_names_bodies_only_is_whose_tasks_stand_below(heading: str, units: list[str]) -> None:
    text = f"职责分工方案\n一、职责分工\n（一）{heading}\n1.编制预案。\n2.储备物资。\n（二）其他事项\n做好宣传。\n"
    parsed = extract(*parse(SourceText("x.txt", text, "")))
    assert [one.unit for one in parsed.responsibilities if one.clause_id.endswith("#一.一")] == units


@pytest.mark.parametrize(
    ("heading", "units"),
    [
        ("存在问题", ["县民政局"]),
        ("工作成效", ["县民政局"]),
        ("主要做法", ["县民政局"]),
        ("上半年进展", ["县民政局"]),
        ("主要问题", ["县民政局"]),
        ("经验做法和成效", ["县民政局"]),
        ("今年以来工作情况", ["县民政局"]),
        ("存在问题的整改措施", ["县审计局", "县民政局"]),
        ("评估总结", ["县审计局", "县民政局"]),
        ("主要任务", ["县审计局", "县民政局"]),
    ],
)
def test_what_was_done_or_found_is_no_duty(heading: str, units: list[str]) -> None:
    text = f"宁安县实施方案\n一、{heading}\n县审计局组织核查4次。县民政局要完善台账。\n"
    parsed = extract(*parse(SourceText("x.txt", text, "")))
    assert [one.unit for one in parsed.responsibilities] == units
