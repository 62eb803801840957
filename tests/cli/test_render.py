"""Excerpts of clauses under a hit."""

from __future__ import annotations

import pytest

from kb.cli.render import excerpt
from kb.models import Clause, Span

PHRASE = "推动园区建设，"  # seven characters


def shown(text: str, *words: str, heading: str = "") -> str:
    clause = Clause("a#1", "a", None, "1." if heading else "", heading, 0, len(text), (), text)
    found = excerpt(clause, [Span(text.index(word), text.index(word) + len(word)) for word in words])
    marked = [found.plain[span.start : span.end] for span in found.spans]
    assert marked == [word for word in words if word in found.plain]
    return found.plain


@pytest.mark.parametrize(
    ("text", "words", "wanted"),
    [
        ("新建公园3个。", ("公园",), "新建公园3个。"),
        (PHRASE * 30, (), f"{PHRASE * 17}…"),  # 119 characters, the last phrase left whole
        (PHRASE * 30 + "新建公园3个。", ("公园",), f"…{PHRASE * 16}新建公园3个。"),
        (PHRASE * 12 + "新建公园3个，" + PHRASE * 12, ("公园",), f"…{PHRASE * 4}新建公园3个，{PHRASE * 12}"),
        ("安排资金1,000万元" * 20, (), f"{'安排资金1,000万元' * 10}安排资金1,000万…"),  # no phrase ends: cut at 120
        ("园" * 100 + "新建公园3个。" + "园" * 100, ("新建",), f"…{'园' * 30}新建公园3个。{'园' * 83}…"),
    ],
)
def test_an_excerpt_begins_and_ends_where_phrases_do(text: str, words: tuple[str, ...], wanted: str) -> None:
    assert shown(text, *words) == wanted


def test_the_heading_is_not_repeated() -> None:
    assert shown("1.建设公园。新建公园3个。", heading="建设公园") == "新建公园3个。"
