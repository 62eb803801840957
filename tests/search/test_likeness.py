"""What says the same as a better hit, or said it for an earlier year, stands right behind it; what differs in a figure stands for itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Filters, Hit

PLAN = """{title}

{number}

各县区人民政府：

一、扩大普惠性学前教育资源。新建、改扩建公办幼儿园{count}所，新增普惠性学前教育学位{places}个，公办园在园幼儿占比达到{share}%以上。（责任单位：{unit}）

二、建设高质量教师队伍。全年培训幼儿园园长和骨干教师{people}人次。（责任单位：市人力资源社会保障局）

{issuer}

{year}年2月10日
"""


def plan(year: int, *, title: str = "青杉市{}年学前教育工作要点", unit: str = "市教育局", **figures: int) -> str:
    said = {"count": 15, "places": 3000, "share": 55, "people": 400} | figures
    issuer = title.partition("市")[0] + "市教育局"
    return PLAN.format(
        title=title.format(year), number=f"教发〔{year}〕3号", issuer=issuer, year=year, unit=unit, **said
    )


FILES = {
    "2025": plan(2025),
    "2026": plan(2026, count=20, places=4000, share=58, people=500),
    "别市": plan(2026, title="岭南市{}年学前教育工作要点", people=900),
}
# One text twice, with another wording of no weight; and once with another figure.
COPIES = {
    "原件": plan(2026, title="北辰市学前教育方案"),
    "重印": plan(2026, title="北辰市学前教育方案").replace("扩大普惠性", "增加普惠性"),
    "改数": plan(2026, title="北辰市学前教育方案").replace("15所", "16所"),
    "A网页": plan(2026, title="北辰市学前教育方案").replace("教发〔2026〕3号\n\n", ""),
    "改单位": plan(2026, title="北辰市学前教育方案", unit="市住房城乡建设局"),
}


# A plan of three years, and the one that follows it in other words.
SPANS = {
    "前三年": plan(2022, title="青石市托育三年行动计划（2022—2024年）", unit="市卫生健康局"),
    "后几年": plan(2025, title="青石市托育行动计划（2025—2098年）", unit="市妇幼保健院")
    .replace("扩大普惠性学前教育资源", "推动普惠学前教育扩容")
    .replace("新建、改扩建公办幼儿园15所", "建成公办园15所"),
}


@pytest.fixture(scope="module")
def opened(empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    corpus = tmp_path_factory.mktemp("corpus")
    index = shutil.copytree(empty_index, corpus / ".index")
    for name, text in (FILES | COPIES | SPANS).items():
        (corpus / f"{name}.txt").write_text(text, "utf-8")
    assert not build(corpus, index, load_encoder()).failures
    with KnowledgeBase.open(index, load_encoder()) as knowledge_base:
        yield knowledge_base


def found(opened: KnowledgeBase, query: str, *documents: str) -> dict[str, Hit]:
    """The best hit of each of the documents, in the order of the ranking."""
    best: dict[str, Hit] = {}
    for hit in opened.search(query, limit=50).hits:
        if hit.facts.clause.document_id in documents:
            best.setdefault(hit.facts.clause.document_id, hit)
    return best


def test_the_plan_of_the_later_year_answers_and_that_of_the_earlier_stands_behind_it(opened: KnowledgeBase) -> None:
    hits = found(opened, "青杉市新建公办幼儿园多少所", "2025", "2026")
    assert list(hits) == ["2026", "2025"]
    assert hits["2025"].earlier_of == hits["2026"].facts.clause.id
    assert not hits["2025"].same_as
    assert {target.value for target in hits["2026"].facts.targets} >= {20, 4000, 58}
    evidence = opened.who("青杉市学前教育工作要点中新建公办幼儿园谁负责").evidence
    assert "2025" not in {hit.facts.clause.document_id for hit in evidence}


def test_who_names_a_year_is_told_of_that_year(opened: KnowledgeBase) -> None:
    assert not any(hit.earlier_of for hit in found(opened, "2025年新建公办幼儿园多少所", "2025").values())


def test_a_series_is_one_issuers_and_stays_in_force(opened: KnowledgeBase) -> None:
    earlier, other = opened.document("2025").validity, opened.document("别市").validity
    assert earlier.followed_by is not None
    assert (earlier.standing, earlier.followed_by.id) == ("in_force", "2026")
    assert [each.id for each in earlier.series] == ["2025", "2026"]
    assert (other.followed_by, other.series) == (None, ())


def test_a_plan_whose_years_are_over_is_answered_for_by_the_one_that_follows_it(opened: KnowledgeBase) -> None:
    query = "青石市新建、改扩建公办幼儿园"
    assert list(found(opened, query, *SPANS)) == ["后几年", "前三年"]
    assert {unit.unit for unit in opened.who(f"{query}谁负责").units} == {"市妇幼保健院"}
    assert {unit.unit for unit in opened.who(f"2023年{query}谁负责").units} == {"市卫生健康局"}
    over, validity = opened.document("前三年").validity, opened.document("后几年").validity
    assert (over.standing, over.since, validity.standing) == ("expired", "2024", "in_force")
    documents = {hit.facts.clause.document_id for hit in opened.search(query, Filters(in_force=True), limit=50).hits}
    assert "后几年" in documents
    assert "前三年" not in documents


def test_copies_are_folded_only_where_every_figure_and_unit_is_equal(opened: KnowledgeBase) -> None:
    hits = found(opened, "北辰市新建公办幼儿园", *COPIES)
    assert {hit.facts.clause.num for hit in hits.values()} == {"一、"}
    same = {name: hit.same_as.partition("#")[0] for name, hit in hits.items()}
    assert {same["原件"], same["重印"]} in ({"", "原件"}, {"", "重印"})
    # A page that leaves the number out stands behind, though as good a hit.
    assert same["A网页"] in ("原件", "重印")
    assert same["改数"] == same["改单位"] == ""
