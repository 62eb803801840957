"""Numerals of official texts → numbers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cn2an import an2cn
from hypothesis import given
from hypothesis import strategies as st
from plans import CASES

from kb.text import normalise
from kb.text.numerals import chinese, number, ordinal, scale, year

CASES = [json.loads(line) for line in (CASES / "numerals.jsonl").read_text("utf-8").splitlines()]
READ: dict[str, Callable[[str], float | None]] = {"number": number, "year": year, "ordinal": ordinal}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']} {case['text']}" for case in CASES])
def test_cases(case: dict[str, str]) -> None:
    assert READ[case["kind"]](case["text"]) == case["value"]


@given(st.integers(0, 10**12))
def test_what_is_written_in_chinese_is_read_again(value: int) -> None:
    assert number(an2cn(value, "low")) == value
    assert number(chinese(value)) == value
    assert number(f"{value:,}".replace(",", "，")) == value


@given(st.integers(0, 10**6))
def test_numbers_are_written_as_others_write_them(value: int) -> None:
    assert chinese(value) == an2cn(value, "low")


@pytest.mark.parametrize(
    "text",
    [
        "万" * 1200,
        "一百万" * 400,
        "十百",
        "一千万万千",
        "百百",
        "一万二万",
        "三亿八千",
        "二千五百千",
        "一百三十十",
        "点五",
    ],
)
def test_what_does_not_fall_from_large_to_small_is_no_number(text: str) -> None:
    assert number(text) is None


@given(st.integers(1, 999))
def test_markers_of_every_form(value: int) -> None:
    written = an2cn(value, "low")
    forms = (f"{written}、", f"（{written}）", f"({value})", f"{value}．", f"第{written}条", f"第{value}章")
    assert {ordinal(normalise(form)) for form in forms} == {value}


@given(
    st.floats(0.01, 999, allow_nan=False).map(lambda value: round(value, 2)),
    st.sampled_from(["", "万", "亿", "百万", "万亿"]),
)
def test_figures_with_scale(value: float, by: str) -> None:
    assert number(f"{value}{by}") == pytest.approx(value * scale(by), rel=1e-9)


@given(st.text(max_size=12) | st.text("〇一二两三四五六七八九十百千万亿零点分之第（）、.0123456789", max_size=12))
def test_no_text_is_refused(text: str) -> None:
    for read in READ.values():
        value = read(text)
        assert value is None or value >= 0
