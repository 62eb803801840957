"""Characters are made equal one for one, and every reading knows where it stands."""

from __future__ import annotations

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.models import Span
from kb.text import Reading, normalise, sentences


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("(一)１．５％", "（一）1.5%"),
        ("[2021]4号", "〔2021〕4号"),
        ("【责任单位：市教育局】", "〔责任单位：市教育局〕"),
        ("二○二一年", "二〇二一年"),
        ("3~5名,10∼12名;", "3～5名，10～12名；"),
        ("3\ue011私用\u3000区", "3.私用 区"),
        ("甲\r\n乙\u2028丙", "甲\n\n乙\n丙"),
        ("養老服務，縣教育局於節後", "养老服务，县教育局于节后"),
        ("乾县、于洪区、徵收", "乾县、于洪区、征收"),
    ],
)
def test_variants_of_one_sign(printed: str, normal: str) -> None:
    assert normalise(printed) == normal


def test_normalising_moves_nothing_and_is_done_once() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    normal = normalise(everything)
    assert len(normal) == len(everything)
    assert normalise(normal) == normal
    assert [normalise(character) for character in normal] == list(normal)


@given(st.text(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=6))
def test_a_reading_points_at_its_characters(text: str, pieces: list[tuple[int, int]]) -> None:
    spans, end = [], 0
    for gap, length in pieces:
        start = min(end + gap, len(text))
        end = min(start + length, len(text))
        spans.append(Span(start, end))
    reading = Reading.of(text, spans)
    assert reading.verbatim(0, len(reading)) == "".join(text[span.start : span.end] for span in spans)
    for i in range(len(reading)):
        span = reading.span(i, i + 1)
        assert normalise(text[span.start : span.end]) == reading.text[i]
        assert reading.cut(i, len(reading)).span(0, 1) == span
    assert len(Reading.of(text)) == len(text)


def test_an_empty_range_stands_before_its_first_character() -> None:
    reading = Reading.of("甲乙丙丁", [Span(1, 3)])
    assert [reading.span(i, i) for i in (0, 1, 2)] == [Span(1, 1), Span(2, 2), Span(3, 3)]
    assert Reading.of("", []).span(0, 0) == Span(0, 0)


def test_characters_and_places_belong_together() -> None:
    with pytest.raises(ValueError, match="1 characters with 2 offsets"):
        Reading("甲乙", "甲", array("i", [0, 1]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("甲。乙", ["甲。", "乙"]),
        ("甲！乙？丙\n丁", ["甲！", "乙？", "丙\n", "丁"]),
        ("。。", ["。", "。"]),
        ("", []),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == found


@given(st.text())
def test_sentences_leave_nothing_out(text: str) -> None:
    normal = normalise(text)
    assert "".join(normal[a:b] for a, b in sentences(normal)) == normal
