"""Questions that go to a list: what is due in a span of time, and progress, which no document tells."""

from __future__ import annotations

import re
from datetime import date

import pytest

from kb import lexicon
from kb.models import AskedList
from kb.search.lists import asked_list, span_of
from kb.text import normalise

TODAY = date(2026, 11, 30)
FRAMES = lexicon.table("question_frames")


@pytest.mark.parametrize("name", ["due", "gone", "coming", "progress"])
def test_examples_of_the_lexicon(name: str) -> None:
    [entry] = FRAMES[name]
    pattern = re.compile(entry["pattern"], re.VERBOSE)
    for question, named in entry["examples"]:
        found = pattern.fullmatch(normalise(question))
        assert found, question
        assert " ".join(filter(None, found.groups())) == named
    assert not [question for question in entry["others"] if pattern.fullmatch(normalise(question))]


@pytest.mark.parametrize(
    ("when", "span"),
    [
        ("12月份", ("2026-12", "2026-12")),
        ("十二月", ("2026-12", "2026-12")),
        ("3月", ("2027-03", "2027-03")),
        ("2026年3月", ("2026-03", "2026-03")),
        ("明年3月", ("2027-03", "2027-03")),
        ("本月", ("2026-11", "2026-11")),
        ("下个月", ("2026-12", "2026-12")),
        ("本季度", ("2026-10", "2026-12")),
        ("下季度", ("2027-01", "2027-03")),
        ("本周", ("2026-11-30", "2026-12-06")),
        ("下周", ("2026-12-07", "2026-12-13")),
        ("今天", ("2026-11-30", "2026-11-30")),
        ("今年", ("2026", "2026")),
        ("2027年", ("2027", "2027")),
        ("年底", ("2026-11-30", "2026")),
        ("今年年底", ("2026-11-30", "2026")),
        ("2027年年底", ("2027", "2027")),
        ("上半年", ("2027-01", "2027-06")),
        ("今年上半年", ("2026-01", "2026-06")),
        ("下半年", ("2026-07", "2026-12")),
        ("今年第四季度", ("2026-10", "2026-12")),
        ("第1季度", ("2027-01", "2027-03")),
        ("未来30天", ("2026-11-30", "2026-12-30")),
        ("三个月内", ("2026-11-30", "2027-02-28")),
        ("13月", None),
    ],
)
def test_spans_on_a_day(when: str, span: tuple[str, str] | None) -> None:
    assert span_of(when, TODAY) == span


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("请问，12 月份要完成的任务", None),
        ("滨江市教育局本季度到期的任务", AskedList("due", "2026-10", "2026-12", "滨江市教育局")),
        ("校舍加固工程进度怎么样？", AskedList("progress", matter="校舍加固工程")),
        ("今年年底前要完成的任务", AskedList("due", "2026-11-30", "2026")),
        ("哪些任务已过期？", AskedList("due", until="2026-11-29")),
        ("县水利局逾期未完成的任务", AskedList("due", until="2026-11-29", unit="县水利局")),
        ("逾期", AskedList("due", until="2026-11-29")),
        ("到期清单", AskedList("due", since="2026-11-30")),
        ("县水利局快到期的任务", AskedList("due", since="2026-11-30", unit="县水利局")),
        ("逾期贷款由谁清收", None),
        ("谁负责校舍加固", None),
        ("校舍加固" * 30 + "进度怎么样", None),
    ],
)
def test_what_is_asked(question: str, asked: AskedList | None) -> None:
    assert asked_list(question, TODAY) == asked
