"""Which words of a query are shown as found, and where."""

from __future__ import annotations

import pytest

from kb.index.words import fold
from kb.models import Span
from kb.search.highlighting import Match, highlight


def one(text: str, own: int, query: str) -> Match:
    [marks] = highlight(text, [(0, own, len(text))], query)
    return marks


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
    assert one(fold(text), 0, query).matched == found


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
    assert one(fold(text), 0, query).highlights == tuple(Span(start, end) for start, end in spans)


def test_headings_are_matched_and_not_marked() -> None:
    heading, text = "学前教育", "学前儿童和5G教育"
    assert one(fold(f"{heading}\n{text}"), len(heading) + 1, "学前教育5G") == Match(
        ("学前教育5g",),
        (Span(0, 2), Span(5, 9)),
    )


def test_what_stands_in_one_text_of_a_page_says_nothing_of_the_others() -> None:
    texts = [("教育", "发展学前教育。5G"), ("", ""), ("财政", "学前儿童"), ("园", "5g园区")]
    page, places = "", []
    for above, own in texts:
        begin = len(page)
        page += f"{above}\n{own}\n"
        places.append((begin, begin + len(above) + 1, len(page) - 1))
    alone = [one(fold(f"{above}\n{own}"), len(above) + 1, "学前教育 5G 园区") for above, own in texts]
    assert highlight(fold(page), places, "学前教育 5G 园区") == alone
    assert [marks.matched for marks in alone] == [("学前教育", "5g"), (), ("学前",), ("5g", "园区")]
