"""Deadlines: laws; the rows of text are run by test_kinds.py."""

from __future__ import annotations

import json
import re

import pytest
from answers import is_linear
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CASES

from kb.extraction.deadlines import dates, find_deadlines
from kb.extraction.deadlines.work_reports import turn_of
from kb.models import Clause, Deadline, Document
from kb.text import Passage, Reading, normalise


def deadlines(text: str, issued_on: str = "2022-03-01") -> tuple[Deadline, ...]:
    passage = Passage(Clause("x#1", "x", None, "", "", 0, len(text), (), text), Reading.of(text))
    return find_deadlines(passage, Document("x", text, "", "x.txt", title="湘河市教育行动方案", issued_on=issued_on))


def test_without_a_date_of_issue_the_latest_number_cited_tells_what_is_past() -> None:
    text = "按照国发〔2020〕8号文件要求，2019年，试点先行。2021年，全面推开。"
    assert [deadline.due for deadline in deadlines(text, issued_on="")] == ["2021"]


def test_without_a_date_of_issue_the_year_of_a_month_is_left_open() -> None:
    assert [(one.text, one.due) for one in deadlines("6月底前完成。", issued_on="")] == [("6月底前", "")]


def test_without_a_date_of_issue_this_year_is_left_open() -> None:
    found = deadlines("今年全市高新技术企业新增目标是80家。今年以来，成效明显。", issued_on="")
    assert [(one.text, one.due) for one in found] == [("今年", "")]


@given(
    st.text(alphabet="0123456789年月日底末前内到至每自印发之起十四五“”季度第三长期坚持时限：，。；\n ", max_size=120)
)
@settings(max_examples=300)
def test_every_deadline_points_at_its_text(text: str) -> None:
    for deadline in deadlines(text):
        assert text[deadline.start : deadline.end] == deadline.text != ""


@pytest.mark.parametrize(
    "unit",
    [
        *("1", "年", "每", "2025年", "自印发", "长期", "十", "2025、", "6月至", "每月5", "全年", "一季度", "20日前"),
        "2026年 300个\n",  # a table whose rows are headed by years
        "2026年" + " " * 97,
    ],
)
def test_cost_is_linear_in_the_length(unit: str) -> None:
    assert is_linear(lambda length: deadlines(unit * (length // len(unit))), 10_000)


@pytest.mark.parametrize("name", ["deadlines", "governed", "targets"])
def test_the_look_at_two_characters_passes_no_date_over(name: str) -> None:
    """Dates are looked for only where one may begin; the whole pattern finds none elsewhere."""
    anywhere = re.compile(dates.MARK, re.VERBOSE)
    for line in (CASES / f"{name}.jsonl").read_text("utf-8").splitlines():
        text = normalise(json.loads(line)["text"])
        found = [match.span() for match in anywhere.finditer(text)]
        assert found == [match.span() for match in dates.looked_for(text)], text


def test_a_work_report_turns_with_its_goals() -> None:
    """Behind a review without headings; the sentence that names the goals is one of what lies ahead."""
    review = "一年来，成功举办龙舟赛，建成便民站点12个，同比增长8%。\n" * 15
    plans = "加快建设水厂，推进道路改造，力争新增就业3000人，加强公园建设。\n" * 15
    text = f"各位代表：\n{review}主要预期目标是：新增城镇就业3000人。\n{plans}"
    assert turn_of("滨江市政府工作报告", text) == text.index("主要预期目标")
