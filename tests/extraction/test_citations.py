"""Citations: laws; the rows of text are run by test_kinds.py."""

from __future__ import annotations

import pytest
from answers import is_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.extraction.citations import find_citations
from kb.models import Citation, Clause, Document
from kb.text import Passage, Reading

PLAN = Document("x", "", "", "x.txt", title="湘河市教育行动方案", document_number="湘政发〔2022〕3号")


def citations(text: str) -> tuple[Citation, ...]:
    return find_citations(Passage(Clause("x#1", "x", None, "", "", 0, len(text), (), text), Reading.of(text)), PLAN)


def test_a_short_title_that_the_document_declares_means_the_document() -> None:
    text = "为落实《滨江市节能决定》（滨政发〔2021〕3号，以下简称《决定》），制定本方案。按照《决定》要求，降低能耗。"
    plan = Document("x", text, "", "x.txt", title="滨江市节能实施方案")
    named = find_citations(Passage(Clause("x#1", "x", None, "", "", 0, len(text), (), text), Reading.of(text)), plan)
    assert [(c.title, c.document_number, c.relation) for c in named] == [
        ("滨江市节能决定", "滨政发〔2021〕3号", "implements"),
        ("滨江市节能决定", "滨政发〔2021〕3号", "based_on"),
    ]


def test_what_a_notice_passes_on_is_no_citation_of_another() -> None:
    text = "关于印发《滨江市节能方案》的通知"
    notice = Document("x", text, "", "x.txt", title="滨江市关于印发《滨江市节能方案》的通知")
    assert not find_citations(
        Passage(Clause("x#1", "x", None, "", "", 0, len(text), (), text), Reading.of(text)), notice
    )


@pytest.mark.parametrize("own", ["", "滨教〔2022〕8号"])
def test_what_a_notice_forwards_with_its_number_is_cited(own: str) -> None:
    text = "现将省教育厅《校车管理办法》（岭教规〔2022〕3号）转发给你们。"
    notice = Document("x", text, "", "x.txt", title="关于转发《校车管理办法》的通知", document_number=own)
    passage = Passage(Clause("x#1", "x", None, "", "", 0, len(text), (), text), Reading.of(text))
    assert [(c.title, c.document_number) for c in find_citations(passage, notice)] == [
        ("校车管理办法", "岭教规〔2022〕3号")
    ]


@given(st.text(alphabet="《》〈〉（）()〔〕[]0123456789号国发令第根据落实修改废止意见办法的、和，。\n ", max_size=120))
@settings(max_examples=300)
def test_every_citation_points_at_its_text(text: str) -> None:
    for citation in citations(text):
        assert text[citation.start : citation.end] == citation.text != ""
        assert citation.title or citation.document_number


@pytest.mark.parametrize("unit", ["《", "（", "〔", "《甲办法》、", "国发〔2021〕4号", "国", "《甲\n"])
def test_cost_is_linear_in_the_length(unit: str) -> None:
    assert is_linear(lambda length: citations(unit * (length // len(unit))), 10_000)
