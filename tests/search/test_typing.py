"""Ways of typing a query: traditional characters, full and half width, what stands in quotes or behind a minus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Filters
from kb.search.questions import parse_question

SIMPLIFIED = (
    "安平市托育服务实施方案\n\n一、新建托育园\n\n新建托育园8所。\n\n二、培训保育员\n\n培训保育员300名，推广５Ｇ课堂。\n"
)
TRADITIONAL = "濱江市養老服務實施方案\n\n一、增加床位\n\n到2027年新增護理型床位500張。（市民政局牽頭，市衛生健康委配合）\n\n二、培訓護理員\n\n每年培訓護理員300名。（責任單位：市人力資源社會保障局）\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("typing")
    (folder / "corpus").mkdir()
    for name, text in (("simplified", SIMPLIFIED), ("traditional", TRADITIONAL)):
        (folder / "corpus" / f"{name}.txt").write_text(text, "utf-8")
    build(folder / "corpus", folder / "index", load_encoder())
    with KnowledgeBase.open(folder / "index", load_encoder()) as knowledge_base:
        yield knowledge_base


def found(opened: KnowledgeBase, query: str, **narrowed: str) -> list[str]:
    return [hit.facts.clause.id for hit in opened.search(query, Filters(**narrowed)).hits if not hit.weak]


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("护理型床位", "traditional#一"),
        ("護理型床位", "traditional#一"),
        ("新建託育園", "simplified#一"),
        ("培訓保育員", "simplified#二"),
        ("5g课堂", "simplified#二"),
        ("５Ｇ課堂", "simplified#二"),
        ("濱江市養老服務實施方案二、", "traditional#二"),
    ],
)
def test_traditional_and_simplified_wide_and_narrow_are_one(opened: KnowledgeBase, query: str, clause: str) -> None:
    assert found(opened, query)[0] == clause


def test_a_traditional_document_yields_units_and_targets_in_its_own_characters(opened: KnowledgeBase) -> None:
    parsed = opened.document("traditional")
    assert [(duty.unit, duty.role) for duty in parsed.responsibilities] == [
        ("市民政局", "lead"),
        ("市卫生健康委", "support"),
        ("市人力资源社会保障局", "responsible"),
    ]
    assert [(target.value, target.due) for target in parsed.targets] == [(500, "2027"), (300, "每年")]
    assert all(parsed.document.text[fact.start : fact.end] == fact.text for fact in parsed.targets)
    assert "護理型床位" in parsed.targets[0].text
    assert [unit.unit for unit in opened.who("護理員由誰培訓").units] == ["市人力资源社会保障局"]


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("“培训保育员”", {"simplified#二"}),
        ('培训 "护理员"', {"traditional#二"}),
        ("「護理員」", {"traditional#二"}),
        ("“培训人员”", set()),
        ("培训 -护理员", {"simplified#二"}),
        ("培训 -護理員", {"simplified#二"}),
        ("培训300名 -保育员 -护理员", set()),
        ("“300名” -保育员", {"traditional#二"}),
    ],
)
def test_quotes_mean_word_for_word_and_a_minus_leaves_out(opened: KnowledgeBase, query: str, clauses: set[str]) -> None:
    assert {one for one in found(opened, query) if one.endswith("二")} == clauses


def test_who_facets_and_filters_go_by_quotes_too(opened: KnowledgeBase) -> None:
    assert opened.who("培训 -护理员").units == ()
    assert opened.facets("“培训保育员”").total == 1
    assert found(opened, "“培训保育员”", document_id="traditional") == []


@pytest.mark.parametrize(
    ("query", "exact", "excluded", "words"),
    [
        ("养老", (), (), "养老"),
        ("“社区食堂” -补贴", ("社区食堂",), ("补贴",), "“社区食堂”"),
        ("养老 －机构", (), ("机构",), "养老"),
        ("2024-2025年", (), (), "2024-2025年"),
        ("2020 -2025年 5G-A", (), (), "2020 -2025年 5G-A"),
        ("-补贴", (), ("补贴",), "-补贴"),
        ("“”", (), (), "“”"),
    ],
)
def test_what_is_asked_word_for_word(query: str, exact: tuple[str, ...], excluded: tuple[str, ...], words: str) -> None:
    asked = parse_question(query)
    assert (asked.exact, asked.excluded, asked.words) == (exact, excluded, words)
