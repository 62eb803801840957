"""Which words of a query are shown as found, and where."""

from __future__ import annotations

import pytest

from kb.lexical import fold
from kb.marking import marked
from kb.models import Span


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("发展学前教育。", "学前教育普惠", ("学前教育",)),
        ("新建5G基站", "5g 基站多少", ("5g", "基站")),
        ("新建5GB基站", "5g 网", ()),
        ("教育和财政", "财政、教育", ("财政", "教育")),
        ("全文无关", "学前教育", ()),
        ("", "学前教育", ()),
        ("学前教育", "", ()),
    ],
)
def test_matched_words_are_the_longest_stretches_of_the_query(text: str, query: str, found: tuple[str, ...]) -> None:
    assert marked(fold(text), 0, query)[0] == found


@pytest.mark.parametrize(
    ("text", "query", "spans"),
    [
        ("发展学前教育。教育局", "学前教育", [(2, 6)]),
        ("园、园区", "园", [(0, 1), (2, 3)]),
        ("PUE低于1.3", "pue", [(0, 3)]),
        ("育人、教育，教育人", "教育人", [(6, 9)]),
        ("哈哈哈", "哈哈", [(0, 3)]),
    ],
)
def test_highlights(text: str, query: str, spans: list[tuple[int, int]]) -> None:
    assert marked(fold(text), 0, query)[1] == tuple(Span(start, end) for start, end in spans)


def test_headings_are_matched_and_not_marked() -> None:
    heading, text = "学前教育", "学前儿童和5G教育"
    assert marked(fold(f"{heading}\n{text}"), len(heading) + 1, "学前教育5G") == (
        ("学前教育5g",),
        (Span(0, 2), Span(5, 9)),
    )
