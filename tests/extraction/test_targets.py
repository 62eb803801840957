"""Targets: rows of text with what a careful reader would note down, quantities on their own, the lexicon's examples, and laws."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from answers import is_linear
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CASES

from kb.extraction import extract
from kb.extraction.deadlines import inheritance
from kb.extraction.setting import Setting, section_of
from kb.extraction.targets import find_targets
from kb.extraction.targets.quantities import find_quantities
from kb.lexicon import table
from kb.models import Clause, Document, SourceText, Target
from kb.parsing import parse
from kb.text import Passage, Reading, normalise

PLAN, ISSUED = "湘河市教育行动方案", "2022-03-01"


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text("utf-8").splitlines()]


def passage(text: str, heading: str = "") -> Passage:
    path = (heading,) if heading else ()
    return Passage(Clause("x#1", "x", None, "", heading, 0, len(text), path, text), Reading.of(text))


def document(text: str, title: str = PLAN, issued_on: str = ISSUED) -> Document:
    return Document("x", text, "", "x.txt", title=title, issued_on=issued_on)


def targets(text: str, **about: str) -> tuple[Target, ...]:
    return find_targets(passage(text, about.pop("heading", "")), document(text, **about))


@pytest.mark.parametrize("row", cases("targets"), ids=lambda row: row["text"][:24])
def test_targets_of_a_text(row: dict[str, Any]) -> None:
    title = row.get("title", PLAN)
    text = row["text"]
    whole = document(
        f"{title}\n2022年全市要完成任务。{text}" if "年" in title else text, title, row.get("issued_on", ISSUED)
    )
    found = find_targets(passage(text, row.get("heading", "")), whole)
    fields = ("indicator", "comparator", "value", "unit", "upper", "baseline", "per", "due", "damaged", "qualitative")
    always = fields[:4]
    shown = [{key: value for key in fields if (value := getattr(one, key)) or key in always} for one in found]
    assert shown == row["targets"]


@pytest.mark.parametrize("row", cases("quantities"), ids=lambda row: row["text"])
def test_quantities_of_a_text(row: dict[str, Any]) -> None:
    shown = [
        {key: value for key in ("value", "upper", "unit", "sign") if (value := getattr(one, key)) or key == "value"}
        for one in find_quantities(row["text"])
    ]
    assert shown == row["quantities"]


@pytest.mark.parametrize("row", cases("governed"), ids=lambda row: row["text"][5:40])
def test_dates_that_govern_the_targets_of_a_document(row: dict[str, Any]) -> None:
    """The dates of headings, of lists and of the aims of a plan; ``due`` holds one pair a target: quantity, due."""
    parsed = extract(*parse(SourceText("x.txt", row["text"], "")))
    shown = [[f"{one.value:.10g}{one.unit}", one.due] for one in parsed.targets if not one.qualitative]
    assert shown == row["due"]


def test_aims_above_are_read_once_for_all_clauses_below_them() -> None:
    """The section was read from its beginning for each of its clauses, so a list cost as much as its square."""
    items = "".join(f"{number}.新建学校{number}所。\n" for number in range(1, 200))
    document, passages = parse(
        SourceText(
            "x.txt",
            f"滨江市教育方案\n一、主要目标\n教育水平明显提高，学位总量充足。到2027年，总体达到全省前列。\n{items}",
            "",
        )
    )
    inheritance._paragraph_dates.cache_clear()
    targets = extract(document, passages).targets
    assert {target.due for target in targets} == {"2027"}
    assert len(targets) == 199
    assert inheritance._paragraph_dates.cache_info().misses == 1


MEASURES = [(kind, word, text) for kind, words in table("measures").items() for word, text in words.items()]
BEFORE = [
    (word, entry, kind) for kind, words in table("comparators")["before"].items() for word, entry in words.items()
]
NEGATIONS, RANGES = (list(table("comparators")[key].items()) for key in ("negations", "ranges"))
COMMITMENTS = table("commitments")
VERBS = list(COMMITMENTS["verbs"].items())
CUES = [(cue["name"], text, wanted) for cue in COMMITMENTS["cues"] for wanted in ("yes", "no") for text in cue[wanted]]
SECTIONS = [
    (one["name"], text, says) for one in COMMITMENTS["sections"] for says in ("yes", "no") for text in one[says]
]


@pytest.mark.parametrize(("kind", "word", "text"), MEASURES, ids=[word for _, word, _ in MEASURES])
def test_measure_word_is_read_in_its_example(kind: str, word: str, text: str) -> None:
    units = [quantity.unit for quantity in find_quantities(text)]
    if kind == "words":
        assert not any(unit and word.startswith(unit) for unit in units)
    else:
        assert any(unit.endswith(word) for unit in units)


@pytest.mark.parametrize(("word", "entry", "kind"), BEFORE, ids=[word for word, _, _ in BEFORE])
def test_comparator_gives_its_sign_in_its_example(word: str, entry: dict[str, str], kind: str) -> None:
    signs = [target.comparator for target in targets(entry["example"])]
    assert word in entry["example"]
    assert signs == ([] if kind == "stop" else [entry["sign"]])


@pytest.mark.parametrize(("word", "text"), NEGATIONS, ids=[word for word, _ in NEGATIONS])
def test_negation_turns_the_bound_behind_it(word: str, text: str) -> None:
    bound = text[text.index(word) + len(word) :][:2]
    (target,) = targets(text)
    assert target.comparator == {"低于": ">=", "少于": ">=", "小于": ">="}.get(bound, "<=")


@pytest.mark.parametrize(("word", "text"), RANGES, ids=[word for word, _ in RANGES])
def test_range_is_closed_by_its_word(word: str, text: str) -> None:
    (target,) = targets(text)
    assert (target.comparator, target.upper is not None, target.text) == ("=", True, text)


UNDERGOES = list(COMMITMENTS["undergoes"].items())


@pytest.mark.parametrize(("word", "text"), VERBS + UNDERGOES, ids=[word for word, _ in VERBS + UNDERGOES])
def test_verb_commits_in_its_example(word: str, text: str) -> None:
    assert word in text
    assert len(targets(text)) == 1


@pytest.mark.parametrize(("name", "text", "wanted"), CUES, ids=[text for _, text, _ in CUES])
def test_cue_excludes_what_it_should(name: str, text: str, wanted: str) -> None:
    assert bool(targets(text)) == (wanted == "no")


@pytest.mark.parametrize(("name", "heading", "says"), SECTIONS, ids=[heading for _, heading, _ in SECTIONS])
def test_heading_says_what_its_section_holds(name: str, heading: str, says: str) -> None:
    assert (section_of(passage("", heading), Setting()) == name) == (says == "yes")


@pytest.mark.parametrize("text", COMMITMENTS["enumerations"]["counted"])
def test_what_begins_like_an_enumeration_counts(text: str) -> None:
    assert len(targets(text)) == 1


@pytest.mark.parametrize("text", [COMMITMENTS["enumerations"]["example"], *COMMITMENTS["each"][0]["yes"]])
def test_each_of_a_group_is_told_from_a_list(text: str) -> None:
    assert [target.per for target in targets(text)] == [
        match[0] for match in re.finditer("每个乡镇|每县|每5000名老年人", text)
    ]


@given(
    st.text(
        alphabet="0123456789%.,，。；：、（）()《》“”\n 年月日到由达至增长新建每个乡镇所名家百千万亿一二十不超过以上的其中分别力争一批全覆盖",
        max_size=120,
    )
)
@settings(max_examples=300)
def test_every_target_points_at_its_text(text: str) -> None:
    for target in targets(text):
        assert text[target.start : target.end] == target.text != ""
        assert target.indicator
        assert target.value is not None or target.damaged or target.qualitative


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_no_text_raises(text: str) -> None:
    for quantity in find_quantities(normalise(text)):
        assert 0 <= quantity.start < quantity.end <= len(text)
    targets(text)


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1、",
        "《",
        "（",
        "一",
        "新建学校10所、",
        "到2025年",
        "每个乡镇",
        "“",
        "每",
        "建设",
        "由1%",
        "长",
        "分别1、",
        "2025、",
        "12 000",
        "1万",
        "百",
        "“达到1个",
        "30%（省会5%）",
        "到2027年建成水厂5座。",
        "（责任单位：市水务局）数量：新建3座。",
        "2026年新建3座（",
    ],
)
def test_cost_is_linear_in_the_length(unit: str) -> None:
    assert is_linear(lambda length: targets(unit * (length // len(unit))), 10_000)


def test_a_work_report_plans_a_property_and_its_value_for_its_year() -> None:
    text = (
        "2026年滨江市政府工作报告\n各位代表：现在，我代表市政府报告工作。\n一、2025年工作回顾\n到位资金80亿元以上。\n"
        "二、2026年工作安排\n招商引资到位资金90亿元以上，肉牛饲养量6.5万头。全市4个开发区是主战场。\n"
    )
    document, passages = parse(SourceText("report.txt", text, ""))
    found = [target for one in passages for target in find_targets(one, document)]
    assert [(one.text, one.due) for one in found] == [
        ("招商引资到位资金90亿元以上", "2026"),
        ("肉牛饲养量6.5万头", "2026"),
    ]
