"""Which of several look-alikes is meant: by year, period, kind, issuer and number of the document, and which clause of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.encoders import load_encoder
from kb.index.store.evidence import title_years
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.search.questions import parse_question

NOTICE = "关于印发{title}的通知\n\n{number}\n\n各县区人民政府：\n\n现将{title}印发给你们，请认真组织实施。\n\n{city}人民政府\n\n{date}\n\n"
PLAN = """{city}{year}年养老服务工作要点

为做好{year}年养老服务工作，制定本要点。

一、主要任务

（一）护理床位。新增护理型床位{beds}张。（责任单位：市民政局、市财政局）

（二）助餐服务。建设社区老年食堂{rooms}家，为老年人提供助餐服务。（责任单位：市民政局）

（三）配餐送餐。社区老年食堂为独居老人配餐。（牵头单位：市商务局；配合单位：市民政局）

二、保障措施

加强组织领导。
"""
LONG_PLAN = """{city}“十四五”养老服务发展规划

为推动养老服务发展，编制本规划。

一、发展目标

到2025年，新增护理型床位900张，社区老年食堂建成60家。

二、重点任务

（一）助餐服务。社区老年食堂为老年人提供助餐服务。（责任单位：市民政局）
"""
OF_OFFICE = """{city}民政局关于做好养老服务有关工作的通知

各县区民政局：

一、新增护理型床位30张。

二、社区老年食堂提供助餐服务，每季度末报送进展。

{city}民政局

2024年5月8日
"""
RULES = """{city}养老服务管理办法

第一条 为规范养老服务，制定本办法。

第二条 市民政局是养老服务的主管部门，社区老年食堂提供助餐服务。

第三条 任何人不得以社区老年食堂的名义推销保健品。

第四条 违反本办法规定，借社区老年食堂推销保健品的，由市市场监管局责令改正，处一千元以上五千元以下罚款。

第五条 本办法自2022年7月1日起施行。
"""


def documents(city: str, sign: str) -> Iterator[tuple[str, str]]:
    for year, beds in ((2023, 110), (2024, 120), (2025, 130)):
        title = f"{city}{year}年养老服务工作要点"
        notice = NOTICE.format(title=title, city=city, number=f"{sign}政发〔{year}〕7号", date=f"{year}年3月1日")
        yield f"{city}-{year}", f"{city}人民政府{notice}{PLAN.format(city=city, year=year, beds=beds, rooms=beds // 5)}"
    yield f"{city}-规划", LONG_PLAN.format(city=city)
    yield f"{city}-民政局", OF_OFFICE.format(city=city)
    yield f"{city}-办法", RULES.format(city=city)


@pytest.fixture(scope="module")
def opened(empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("cities")
    shutil.copytree(empty_index, folder / "index")
    for city, sign in (("滨江市", "滨"), ("宁溪市", "宁")):
        for name, text in documents(city, sign):
            (folder / f"{name}.txt").write_text(text, "utf-8")
    build(folder, folder / "index", load_encoder())
    with KnowledgeBase.open(folder / "index", load_encoder()) as knowledge_base:
        yield knowledge_base


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("2023年滨江新增多少护理床位", "滨江市-2023"),
        ("滨江市24年新增多少护理床位", "滨江市-2024"),
        ("2025年宁溪的养老任务", "宁溪市-2025"),
        ("宁溪市社区老年食堂 2024", "宁溪市-2024"),
        ("滨江十四五养老发展目标", "滨江市-规划"),
        ("滨江养老办法里谁主管", "滨江市-办法"),
        ("宁溪市民政局通知里新增多少护理床位", "宁溪市-民政局"),
        ("滨政发(2024)第7号", "滨江市-2024"),
        ("宁政发【2025】7号助餐", "宁溪市-2025"),
    ],
)
def test_year_period_kind_issuer_and_number_tell_the_document(opened: KnowledgeBase, query: str, document: str) -> None:
    assert opened.search(query).hits[0].facts.clause.document_id == document


@pytest.mark.parametrize(
    ("query", "unit", "role"),
    [("滨江市2025年老年食堂谁牵头", "市商务局", "lead"), ("滨江市2025年老年食堂哪些部门配合", "市民政局", "support")],
)
def test_who_leads_is_answered_by_a_clause_that_says_who_leads(
    opened: KnowledgeBase, query: str, unit: str, role: str
) -> None:
    assert (unit, role) in [(each.unit, each.role) for each in opened.who(query).units]
    assert any(each.role == role for each in opened.search(query).hits[0].facts.responsibilities)


@pytest.mark.parametrize(
    ("query", "num"),
    [("滨江老年食堂名义推销保健品谁来罚", "第四条"), ("滨江市老年食堂名义推销保健品", "第三条")],
)
def test_who_asks_for_the_penalty_is_told_how_a_breach_is_punished(opened: KnowledgeBase, query: str, num: str) -> None:
    assert opened.search(query).hits[0].facts.clause.num == num
    assert (num == "第三条") or [each.unit for each in opened.who(query).units] == ["市市场监管局"]


def test_what_frames_a_plan_comes_behind_what_it_says(opened: KnowledgeBase) -> None:
    hits = opened.search("滨江市2024年养老服务护理型床位").hits
    assert [hit.facts.clause.part for hit in hits][:2] == ["body", "body"]
    assert "新增护理型床位120张" in hits[0].facts.clause.text


@pytest.mark.parametrize(
    ("query", "num"), [("宁溪十四五规划社区老年食堂助餐", "（一）"), ("宁溪十四五规划社区老年食堂要建成多少家", "一、")]
)
def test_what_a_plan_is_for_comes_behind_its_tasks_unless_it_is_asked_for(
    opened: KnowledgeBase, query: str, num: str
) -> None:
    clause = opened.search(query).hits[0].facts.clause
    assert (clause.document_id, clause.num) == ("宁溪市-规划", num)


@pytest.mark.parametrize("query", ["谁牵头老年食堂", "老年食堂由谁牵头", "老年食堂的牵头单位"])
def test_words_that_ask_who_are_not_looked_for(query: str) -> None:
    assert parse_question(query).words == "老年食堂"


@pytest.mark.parametrize(
    ("title", "year", "says"),
    [
        ("滨江市2025年工作要点", "2025", "named"),
        ("滨江市2024年工作要点", "2025", "others"),
        ("滨江市养老服务行动方案（2024—2026年）", "2025", "within"),
        ("滨江市养老服务行动方案（2021-2023年）", "2025", "others"),
        ("滨江市“十四五”养老规划", "2025", "within"),
        ("滨江市“十三五”养老规划", "2025", "others"),
        ("滨江市养老服务条例", "2025", ""),
    ],
)
def test_years_in_titles(title: str, year: str, says: str) -> None:
    assert title_years(title, (year,)) == says


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("滨江市24年养老要点", ("2024",)),
        ("23年底前完成什么", ("2023",)),
        ("2024年养老", ("2024",)),
        ("工龄满25年", ()),
        ("20年以上的老楼", ()),
        ("第14年", ()),
        ("房龄30年", ()),
        ("有15年教龄的教师", ()),
        ("20年房龄的楼", ()),
        ("租期20年", ()),
        ("住了20年的公房", ()),
        ("有15年工作经验", ()),
        ("10年规划", ()),
        ("养老24年工作要点", ("2024",)),
        ("市教育局25年任务", ("2025",)),
        ("26年度重点任务", ("2026",)),
    ],
)
def test_years_of_two_digits(query: str, years: tuple[str, ...]) -> None:
    assert parse_question(query).years == years


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("滨政发〔2025〕99号", "滨政发〔2025〕99号"),
        ("宁政发（2019）第3号养老服务", "宁政发（2019）第3号"),
        ("滨江市养老服务管理办法第九十九条", "第九十九条"),
        ("《滨江市养老服务管理办法》第30条", "第30条"),
        ("月球基地养老服务管理办法第二条", "月球基地养老服务管理办法第二条"),
        ("海洋渔业法第2条", "海洋渔业法第2条"),
        ("滨政发〔2025〕7号", ""),
        ("滨江市养老服务管理办法第二条", ""),
        ("请看滨江市养老服务管理办法第二条", ""),
    ],
)
def test_what_is_named_and_not_here_is_not_answered_by_a_neighbour(
    opened: KnowledgeBase, query: str, missing: str
) -> None:
    result, answer = opened.search(query), opened.who(query)
    assert (result.missing, answer.missing) == (missing, missing)
    assert (result.relevant == 0) == bool(missing)
    assert not (missing and answer.units)


def test_the_tasks_of_a_unit_are_asked_for(opened: KnowledgeBase) -> None:
    result = opened.search("滨江市民政局负责哪些工作？")
    assert [unit.partition("@")[0] for unit in result.tasks_of] == ["滨江市民政局"]
    units = [{one.unit for one in hit.facts.responsibilities} for hit in result.hits]
    assert units
    assert all("市民政局" in names for names in units)
    leads = opened.search("滨江市民政局牵头的任务")
    assert (leads.tasks_of, leads.tasks_role) == (result.tasks_of, "lead")
    assert not leads.hits  # it only answers for tasks, and leads none
    assert opened.search("月球局负责哪些工作？").tasks_of == ()
    assert opened.search("助餐服务由谁负责？").tasks_of == ()
