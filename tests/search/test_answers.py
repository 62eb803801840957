"""Who is named, and who is not: the unit of the place that is asked, of the sentence that says it, of a clause that is of the matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from kb.encoders import load_encoder
from kb.extraction import extract
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import SourceText
from kb.parsing import parse
from kb.search.questions import matter_of, parse_question
from kb.search.sentences import set_apart

FILES = {
    "沅桥": """中共沅桥县委办公室关于印发《沅桥县养老服务提升实施方案》的通知

沅办发〔2025〕12号

各乡镇党委，县直各单位：

现将《沅桥县养老服务提升实施方案》印发给你们，请认真贯彻执行。

中共沅桥县委办公室

2025年4月2日

沅桥县养老服务提升实施方案

一、扩大养老床位供给。到2026年底，全县新增养老护理床位300张。（责任单位：县民政局、县卫生健康局）

二、建设老年食堂。在城区社区建设老年食堂20家，发放就餐补贴。（责任单位：县民政局）

三、加强资金监管。县财政局负责资金拨付，县审计局负责跟踪审计，县民政局负责资金使用管理。
""",
    "白槿": """白槿县人民政府办公室关于印发白槿县道路交通安全整治方案的通知

白政办发〔2025〕7号

各乡镇人民政府：

现将《白槿县道路交通安全整治方案》印发给你们。

白槿县人民政府办公室

2025年3月9日

白槿县道路交通安全整治方案

一、整治农村道路隐患。排查临水临崖路段120处。（责任单位：县交通运输局、县公安局）
""",
}
FILES["松坡"] = """松坡县人民政府关于印发松坡县电力保供实施方案的通知

松政发〔2025〕3号

各乡镇人民政府：

一、改造农村电网。完成松坡县农村配电网改造40公里。（责任单位：国网松坡县供电公司）

二、做好防汛抢险供电保障。国网松坡县供电公司要备足应急发电车。

松坡县人民政府

2025年6月1日
"""


@pytest.fixture(scope="module")
def opened(empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    corpus = tmp_path_factory.mktemp("corpus")
    index = copytree(empty_index, tmp_path_factory.mktemp("answers") / "index")
    for name, text in FILES.items():
        (corpus / f"{name}.txt").write_text(text, "utf-8")
    assert not build(corpus, index, load_encoder()).failures
    with KnowledgeBase.open(index, load_encoder()) as knowledge_base:
        yield knowledge_base


def told(opened: KnowledgeBase, question: str) -> list[str]:
    return [unit.organization for unit in opened.who(question).units]


def test_a_party_office_speaks_for_its_own_county_only(opened: KnowledgeBase) -> None:
    assert told(opened, "沅桥县老年食堂谁负责") == told(opened, "老年食堂谁负责") == ["沅桥县民政局"]
    assert told(opened, "白槿县老年食堂谁负责") == []


@pytest.mark.parametrize("question", ["松坡县谁负责养老", "松坡县养老服务由谁负责", "松坡县谁负责"])
def test_a_place_alone_is_no_answer(opened: KnowledgeBase, question: str) -> None:
    assert told(opened, question) == []
    here = [hit for hit in opened.search(question).hits if hit.facts.clause.document_id == "松坡"]
    assert here
    assert told(opened, "松坡县谁负责改造农村电网") == ["国网松坡县供电公司"]


def test_clauses_of_the_place_count_as_relevant_only_when_they_are_of_the_matter(opened: KnowledgeBase) -> None:
    found = opened.search("松坡县老年食堂")
    assert [hit.facts.clause.id for hit in found.hits if not hit.weak] == ["沅桥#二"]
    assert found.relevant == 1


PARTED = "加强资金监管。县财政局负责资金拨付，县审计局负责跟踪审计，县民政局负责资金使用管理。"
MARKED = (
    "建设老年食堂20家。（责任单位：县民政局）开展老旧小区适老化改造。（牵头单位：县住房城乡建设局；责任单位：县残联）"
)
PUNISHED = "民办养老机构应当向县民政局备案，县民政局要加强日常指导。未按规定备案的，由县市场监督管理局依法给予处罚。"


@pytest.mark.parametrize(
    ("text", "question", "apart"),
    [
        (PARTED, "跟踪审计谁负责", {"县财政局": "beside", "县民政局": "beside"}),
        (PARTED, "谁负责资金拨付", {"县审计局": "beside", "县民政局": "beside"}),
        (PARTED, "资金监管由谁负责", {}),
        (
            "资金拨付由县财政局、县民政局负责，跟踪审计由县审计局负责。",
            "跟踪审计谁负责",
            {"县财政局": "beside", "县民政局": "beside"},
        ),
        ("资金拨付由县财政局、县民政局负责，跟踪审计由县审计局负责。", "谁负责拨付资金", {"县审计局": "beside"}),
        (MARKED, "适老化改造谁牵头", {"县民政局": "beside"}),
        (MARKED, "老年食堂谁负责", {"县住房城乡建设局": "beside", "县残联": "beside"}),
        ("推进老年食堂建设。（牵头单位：县民政局；责任单位：县财政局、县市场监管局）", "老年食堂谁负责", {}),
        (PUNISHED, "养老机构备案谁负责", {"县市场监督管理局": "penal"}),
        (PUNISHED, "养老机构未备案由谁处罚", {"县民政局": "beside"}),
        ("县市场监督管理局要依法查处无证经营行为。", "无证经营谁管", {}),
    ],
)
def test_the_sentence_says_which_unit_of_a_clause_it_is(text: str, question: str, apart: dict[str, str]) -> None:
    text = f"沅桥县资金管理办法\n\n一、{text}\n"
    parsed = extract(*parse(SourceText("plan.txt", text, "")))
    asked = parse_question(matter_of(question))
    found = set_apart(
        parsed.clauses[-1], parsed.responsibilities, asked.words, for_penalty=parse_question(question).for_penalty
    )
    assert {responsibility.unit: how for responsibility, how in found.items()} == apart


def test_units_that_a_clause_names_for_something_else_come_last(opened: KnowledgeBase) -> None:
    told = {unit.unit: unit.directness for unit in opened.who("沅桥县谁负责跟踪审计").units}
    assert list(told.items()) == [("县审计局", "prose"), ("县财政局", "beside"), ("县民政局", "beside")]


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("沅桥县民政局和审计局有哪些任务", {"沅桥县民政局", "沅桥县审计局"}),
        ("沅桥县民政局、白槿县公安局负责什么", {"沅桥县民政局", "白槿县公安局"}),
        ("沅桥县民政局负责什么", {"沅桥县民政局"}),
        ("沅桥县、白槿县水利局负责什么", set()),  # which nothing names
    ],
)
def test_the_tasks_of_several_units_may_be_asked_for_at_once(
    opened: KnowledgeBase, question: str, units: set[str]
) -> None:
    found = opened.search(question, limit=50)
    assert set(found.tasks_of) == units
    if units:
        names = {one.organization_id for hit in found.hits for one in hit.facts.responsibilities}
        assert units <= names
        assert all(units & {one.organization_id for one in hit.facts.responsibilities} for hit in found.hits)
