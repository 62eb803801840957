"""Titles as names, versions of one work, repeals and amendments: what is in force on a day, and what a search prefers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kb.cli.app import app
from kb.cli.validity import standing
from kb.encoders import load_encoder
from kb.index import generations
from kb.index.store import Store
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Document, Filters, Validity
from kb.versions.succession import Card, card_of, followings, lineages, series, successions
from kb.versions.titles import could_be_one, could_be_one_number, name_of, number_key

WORKS = [
    ("甲省人民政府办公厅关于印发《甲省专利奖励办法（试行）》的通知", "甲省专利奖励办法"),
    ("甲省专利奖励办法（2023年修订）", "甲省专利奖励办法"),
    ("甲省专利奖励暂行办法（征求意见稿）", "甲省专利奖励办法"),
    ("中华人民共和国水法（2016年修正）", "水法"),
    ("工业互联网标准体系建设指南（2021版）", "工业互联网标准体系建设指南"),
    ("乙市职业技能提升行动方案（2019—2021年）", "乙市职业技能提升行动方案20192021年"),
    ("丙市2023年工作要点", "丙市2023年工作要点"),
    ("国务院办公厅转发教育部等部门关于进一步做好助学工作意见的通知", "进一步做好助学工作意见"),
    # Could be anybody's.
    ("实施方案", ""),
    ("工作要点", ""),
    ("丙市人民政府公告", ""),
]


@pytest.mark.parametrize(("title", "work"), WORKS)
def test_a_title_names_a_work(title: str, work: str) -> None:
    assert name_of(title).work == work


@pytest.mark.parametrize(
    ("title", "series", "period"),
    [
        ("丙市2023年工作要点", "丙市工作要点", "2023"),
        ("关于印发丙市二〇二三年工作要点的通知", "丙市工作要点", "2023"),
        ("乙市职业技能提升行动方案（2019—2021年）", "乙市职业技能提升行动方案", "2021"),
        ("乙市职业技能提升行动方案（2022-2024）", "乙市职业技能提升行动方案", "2024"),
        ("乙市养老服务“十四五”规划", "乙市养老服务规划", "2025"),
        ("乙市2024年度重点任务分工", "乙市重点任务分工", "2024"),
        ("政府工作报告（2026年）", "政府工作报告", "2026"),
        ("青石县2025年政府工作报告", "青石县政府工作报告", "2025"),
        # a bare kind, one-time acts
        ("关于2025年有关事项的通知", "", "2025"),
        ("关于2025年有关事项的意见", "", "2025"),
        ("丙市关于进一步做好2025年相关工作的实施意见", "", "2025"),
        ("丙市2025年医保缴费有关事项的意见", "丙市医保缴费有关事项的意见", "2025"),
        ("2025年实施方案", "", "2025"),
        ("2025年工作要点", "", "2025"),
        ("丙市2025年停水通告", "", "2025"),
        # several of one year, a number, no year
        ("关于公布2024年第二批示范园区的通知", "", ""),
        ("甲部公告2019年第3号", "", ""),
        ("甲省专利奖励办法", "", ""),
    ],
)
def test_a_title_names_a_series_and_the_year(title: str, series: str, period: str) -> None:
    assert (name_of(title).series, name_of(title).period) == (series, period)


def test_numbers_and_issuers_are_compared_in_their_variants() -> None:
    assert number_key("国办发[2016] 82号") == number_key("国办发〔2016〕82号") != number_key("国发〔2016〕82号")
    assert number_key("潭市发〔〕4号") == ""
    assert could_be_one_number(number_key("甲部乙部公告〔2018〕第16号"), number_key("公告（2018）第16号"))
    assert not could_be_one_number(number_key("甲发〔2018〕16号"), number_key("公告（2018）第16号"))
    assert could_be_one(("科学技术部",), ("科技部", "财政部"))
    assert not could_be_one(("甲市人民政府",), ("乙市人民政府办公室",))
    assert could_be_one((), ("乙市人民政府",))


def card(row: int, title: str, issued_on: str = "", number: str = "", **fields: Any) -> Card:
    return card_of(Document(f"d{row}", "", "", "", title, number, issued_on=issued_on, **fields), row)


def superseded(*cards: Card) -> set[tuple[int, int]]:
    return {(event.row, event.by_row) for line in lineages(cards) for event in successions(line)}


def test_a_later_version_supersedes_and_a_draft_does_not() -> None:
    trial = card(0, "甲省专利奖励办法（试行）", "2018-03-01")
    formal = card(1, "甲省专利奖励办法", "2021-03-01")
    draft = card(2, "甲省专利奖励办法（修订草案征求意见稿）", "2024-03-01")
    assert superseded(trial, formal, draft) == {(0, 1)}
    assert superseded(card(0, "甲省水办法（征求意见稿）", "2021-03-01"), card(1, "甲省水务办法", "2021-03-01")) == set()


@pytest.mark.parametrize(
    "others",
    [
        # generic titles, editions of a year, other issuers, acts of one day, copies of one document
        (card(0, "实施方案", "2018-03-01"), card(1, "实施方案", "2021-03-01")),
        (card(0, "丙市2022年工作要点", "2022-03-01"), card(1, "丙市2023年工作要点", "2023-03-01")),
        (
            card(0, "甲市教育局关于加强校车安全管理的意见", "2018"),
            card(1, "乙市教育局关于加强校车安全管理的意见", "2021"),
        ),
        (card(0, "关于做好防汛工作的通知", "2018-05-01"), card(1, "关于做好防汛工作的通知", "2021-05-01")),
        (card(0, "丙部令（发布规章清理结果）", "2018-02-08"), card(1, "丙部令（发布规章清理结果）", "2023-03-16")),
        (card(0, "丙市供水办法", "2021-03-01"), card(1, "丙市供水办法", "2021-03-15")),
        (
            card(0, "丙市供水条例", "2018-09-06", effective_from="2019-03-01"),
            card(1, "丙市供水条例", "2018-11-06", effective_from="2019-03-01"),
        ),
    ],
)
def test_what_is_no_newer_version(others: tuple[Card, ...]) -> None:
    assert superseded(*others) == set()


@pytest.mark.parametrize(
    ("title", "ends"),
    [
        ("丙市托育三年行动计划（2022—2024年）", "2024"),
        ("丙市托育行动计划（2022——2024）", "2024"),
        ("丙市托育实施方案（2022年1月至2024年12月）", "2024"),
        ("丙市人民政府关于印发丙市2022-2024年托育行动计划的通知", "2024"),
        ("丙市养老“十四五”规划", "2025"),
        ("丙市2025年教育工作要点", ""),  # what is for one year is followed, not over
        ("关于2022—2024年先进集体的通报", ""),
        ("丙市养老条例", ""),
    ],
)
def test_a_plan_for_several_years_ends_with_them(title: str, ends: str) -> None:
    assert name_of(title).ends == ends


def follows(*cards: Card) -> set[tuple[int, int]]:
    return {(event.row, event.by_row) for line in series(cards) for event in followings(line)}


def test_a_plan_is_followed_by_that_of_a_later_year_of_its_issuer() -> None:
    title, ours = "丙市{}年教育工作要点", ("丙市教育局",)
    first, second, third = (card(i, title.format(2023 + i), f"{2023 + i}-03-01", issuers=ours) for i in range(3))
    assert follows(first, second, third) == {(0, 1), (0, 2), (1, 2)}
    others = card(1, title.format(2024), "2024-03-01", issuers=("丁市教育局",))
    assert follows(first, others) == set()
    assert follows(first, card(1, title.format(2024), "2024-03-01")) == set()  # whose it is nobody knows
    assert follows(first, card(1, title.format(2023), "2023-05-01", issuers=ours)) == set()
    draft = card(1, "丙市2024年教育工作要点（征求意见稿）", "2024-03-01", issuers=ours)
    assert follows(first, draft) == set()


def test_a_plan_of_some_years_follows_that_of_the_years_before() -> None:
    ours = ("丙市民政局",)
    old = card(0, "丙市养老三年行动计划（2022—2024年）", "2022-03-01", issuers=ours)
    new = card(1, "丙市养老新一轮三年行动计划（2025——2027年）", "2025-03-01", issuers=ours)
    of_one_year = card(2, "丙市2026年养老行动计划", "2026-03-01", issuers=ours)
    assert follows(old, new) == {(0, 1)}
    assert follows(new, of_one_year) == set()  # the plan of 2027 was there before that of 2026


def test_notices_of_two_years_do_not_follow_one_another() -> None:
    notices = [
        card(i, f"关于{2024 + i}年有关事项的通知", f"{2024 + i}-03-01", issuers=("丙市教育局",)) for i in range(2)
    ]
    assert follows(*notices) == set()


def test_each_is_followed_by_the_next_and_by_the_newest() -> None:
    plans = [card(i, f"丙市{2021 + i}年教育工作要点", f"{2021 + i}-03-01", issuers=("丙市教育局",)) for i in range(4)]
    assert follows(*plans) == {(0, 1), (0, 3), (1, 2), (1, 3), (2, 3)}
    many = [
        card(i, f"丙市{2024 + i % 2}年教育工作要点", f"{2024 + i % 2}-03-01", issuers=("丙市教育局",))
        for i in range(400)
    ]
    assert len(follows(*many)) < 10 * len(many)


def test_the_same_number_with_a_later_date_is_a_newer_version() -> None:
    notice = "关于做好防汛工作的通知"
    assert superseded(
        card(0, notice, "2018-05-01", "丙政发〔2018〕3号"), card(1, notice, "2019-01-01", "丙政发〔2018〕3号")
    ) == {(0, 1)}


# --- in a knowledge base --------------------------------------------------------------------------

PLAN = """{title}

{number}

一、发展普惠托育。到2026年，新建托育机构{count}家。（责任单位：{unit}）

二、附则。本方案自{begins}起施行{more}

丙市人民政府

{issued}
"""
FILES = {
    "tuoyu-old": PLAN.format(title="丙市托育服务发展实施方案（试行）", number="丙政发〔2019〕3号", count=20, unit="市卫生健康委",
                             begins="2019年4月1日", more="。", issued="2019年3月20日"),
    "tuoyu-new": PLAN.format(title="丙市托育服务发展实施方案", number="丙政发〔2022〕8号", count=60, unit="市妇联",
                             begins="2022年6月1日", more="，有效期5年。原《丙市幼儿看护管理办法》（丙政发〔2010〕6号）自2023年1月1日起废止。", issued="2022年5月20日"),
    "kanhu": PLAN.format(title="丙市幼儿看护管理办法", number="丙政发〔2010〕6号", count=3, unit="市民政局",
                         begins="2010年4月1日", more="。", issued="2010年3月20日"),
    "jiangli": PLAN.format(title="丙市托育奖励办法", number="丙政发〔2021〕1号", count=5, unit="市财政局",
                           begins="2021年2月1日", more="，有效期至2024年1月31日。", issued="2021年1月20日"),
    "xiugai": "丙市人民政府关于修改《丙市校车安全管理办法》的决定\n\n对《丙市校车安全管理办法》（丙政发〔2015〕2号）作如下修改：删去第三条。"
              "\n\n本决定自2020年3月1日起施行。\n\n丙市人民政府\n\n2020年2月20日\n",
    "xiaoche": PLAN.format(title="丙市校车安全管理办法", number="丙政发〔2015〕2号", count=9, unit="市教育局",
                           begins="2015年4月1日", more="。", issued="2015年3月20日"),
}  # fmt: skip


@pytest.fixture(scope="module")
def versions(empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("corpus")
    index = shutil.copytree(empty_index, corpus / ".index")
    for name, text in FILES.items():
        (corpus / f"{name}.txt").write_text(text, "utf-8")
    assert not build(corpus, index, load_encoder()).failures
    return index


@pytest.fixture
def knowledge_base(versions: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(versions, load_encoder()) as opened:
        yield opened


def on(index: Path, day: str) -> dict[str, Validity]:
    """How each document stands on a day."""
    store = Store.open(generations.in_use(index), lambda: date.fromisoformat(day))
    try:
        return {name: store.document(name).validity for name in FILES}
    finally:
        store.close()


@pytest.mark.parametrize(
    ("day", "stand"),
    [
        ("2020-01-01", {"tuoyu-old": "in_force", "tuoyu-new": "pending", "kanhu": "in_force", "xiaoche": "in_force"}),
        ("2022-12-01", {"tuoyu-old": "superseded", "tuoyu-new": "in_force", "kanhu": "in_force", "xiaoche": "amended"}),
        ("2023-01-01", {"kanhu": "repealed", "jiangli": "in_force"}),
        ("2024-01-31", {"jiangli": "in_force"}),
        ("2024-02-01", {"jiangli": "expired"}),
        ("2027-06-01", {"tuoyu-new": "expired", "tuoyu-old": "superseded"}),
    ],
)
def test_a_document_stands_as_it_does_on_the_day(versions: Path, day: str, stand: dict[str, str]) -> None:
    found = on(versions, day)
    assert {name: found[name].standing for name in stand} == stand


def test_it_says_by_which_document_and_since_when(versions: Path) -> None:
    found = on(versions, "2025-01-01")
    old, new, kanhu, xiaoche = (found[name] for name in ("tuoyu-old", "tuoyu-new", "kanhu", "xiaoche"))
    assert old.superseded_by is not None
    assert (old.superseded_by.id, old.since) == ("tuoyu-new", "2022-06-01")
    assert [one.id for one in new.versions] == ["tuoyu-old", "tuoyu-new"]
    assert (new.effective_from, new.valid_until) == ("2022-06-01", "2027-05-31")
    assert kanhu.repealed_by is not None
    assert (kanhu.repealed_by.id, kanhu.since) == ("tuoyu-new", "2023-01-01")
    assert [one.id for one in xiaoche.amended_by] == ["xiugai"]
    assert "丙市托育服务发展实施方案" in standing(old)
    assert standing(new) == ""


def test_citations_lead_to_the_documents_held(knowledge_base: KnowledgeBase) -> None:
    cited = {c.title: c.document_id for name in FILES for c in knowledge_base.document(name).citations}
    assert cited == {"丙市幼儿看护管理办法": "kanhu", "丙市校车安全管理办法": "xiaoche"}


def test_search_and_who_prefer_what_is_in_force_and_hide_nothing(knowledge_base: KnowledgeBase) -> None:
    found = knowledge_base.search("发展普惠托育 新建托育机构")
    order = [hit.facts.clause.document_id for hit in found.hits]
    assert order.index("tuoyu-new") < order.index("tuoyu-old")
    units = [unit.unit for unit in knowledge_base.who("谁负责托育服务的发展普惠托育").units]
    assert units[0] == "市妇联"
    assert "市卫生健康委" not in units


def test_a_filter_leaves_what_is_in_force(knowledge_base: KnowledgeBase, versions: Path) -> None:
    found = knowledge_base.search("新建托育机构", Filters(in_force=True), limit=100)
    assert {hit.facts.clause.document_id for hit in found.hits} <= {"tuoyu-new", "xiugai", "xiaoche"}
    said = CliRunner().invoke(app, ["search", "新建托育机构", "--index", str(versions), "--lang", "zh"]).output
    assert "已被《丙市托育服务发展实施方案》（丙政发〔2022〕8号）取代" in " ".join(said.split())
