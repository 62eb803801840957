"""Units of a built knowledge base: found under any name, with the tasks of the groups that they are in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.answering import directness
from kb.encoders import load_encoder
from kb.errors import InvalidQuery, NotInKnowledgeBase
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Filters, Responsibility, Span, UnitQuery

PLAN = "xiangtan-jichu-jiaoyu"

HEALTH = """湖南省人民政府办公厅关于加强基层医疗服务的意见

湘政办发〔2017〕12号

各市州人民政府，省政府有关部门：

一、加强队伍建设。（省卫生计生委牵头，各市州人民政府配合）

二、改善设施条件。（责任单位：省财政厅、省卫生计生委）

1.更新检查设备。

2.改造病房。
"""

CHANGSHA = """长沙市人民政府关于促进就业的实施意见

各区县（市）人民政府：

一、加强职业培训。（责任单位：市人社局、市教育局等）
"""


@pytest.fixture(scope="module")
def knowledge_base(index: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(index, load_encoder()) as opened:
        yield opened


@pytest.fixture(scope="module")
def wider(corpus: Path, empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """With an opinion of the province of 2017 and one of another city."""
    folder = tmp_path_factory.mktemp("wider")
    for name, text in (("health", HEALTH), ("changsha", CHANGSHA), (PLAN, (corpus / f"{PLAN}.txt").read_text("utf-8"))):
        (folder / f"{name}.txt").write_text(text, "utf-8")
    index = shutil.copytree(empty_index, folder / ".index")
    build(folder, index, load_encoder())
    with KnowledgeBase.open(index, load_encoder()) as opened:
        yield opened


@pytest.mark.parametrize(
    "name",
    ["市人社局", "市人力资源社会保障局", "湘潭市人力资源和社会保障局", "湘潭市人社局", "湘潭市人力社保局", "市 人社局"],
)
def test_unit_is_found_under_all_its_names(knowledge_base: KnowledgeBase, name: str) -> None:
    assert "湘潭市人力资源和社会保障局" in {one.id for one in knowledge_base.organizations_named(name)}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("教育局", {"湘潭市教育局", "云溪市教育局"}),
        ("人社", {"湘潭市人力资源和社会保障局", "云溪市人力资源和社会保障局"}),
        ("xtsjyj", {"湘潭市教育局"}),
        ("YXSMZJ", {"云溪市民政局"}),
        ("srsj", {"湘潭市人力资源和社会保障局", "云溪市人力资源和社会保障局"}),
        ("没有这个单位", set()),
        ("%", set()),
    ],
)
def test_unit_is_found_while_typing(knowledge_base: KnowledgeBase, typed: str, found: set[str]) -> None:
    assert {one.organization.id for one in knowledge_base.organizations(UnitQuery(typed))[1]} == found


def test_member_has_the_tasks_of_its_group(knowledge_base: KnowledgeBase) -> None:
    county, group = (knowledge_base.organization(name) for name in ("雨湖区人民政府", "湘潭市各县（市、区）人民政府"))
    tasks = knowledge_base.tasks(county.id)
    assert {task.facts.clause.id for task in tasks} == {task.facts.clause.id for task in knowledge_base.tasks(group.id)}
    assert len(tasks) == 10
    assert {task.through for task in tasks} == {group.id}
    assert all(not task.through for task in knowledge_base.tasks(group.id))


def test_parks_are_those_that_the_document_addresses(knowledge_base: KnowledgeBase) -> None:
    assert set(knowledge_base.organization("园区管委会").members) == {
        "湘潭高新技术产业开发区管理委员会",
        "湘潭经济技术开发区管理委员会",
    }
    assert knowledge_base.organization("示范区管委会").members == ("昭山示范区管理委员会",)
    assert len(knowledge_base.tasks("湘潭高新区管委会")) == 10


def test_search_for_a_member_finds_what_its_group_must_do(knowledge_base: KnowledgeBase) -> None:
    found = knowledge_base.search("学前教育", Filters(unit="雨湖区人民政府"))
    assert found.total
    assert found.total == knowledge_base.search("学前教育", Filters(unit="湘潭市各县（市、区）人民政府")).total


def test_other_city_is_not_mixed_in(wider: KnowledgeBase) -> None:
    changsha, xiangtan = (wider.organization(f"{city}人社局") for city in ("长沙市", "湘潭市"))
    assert {task.facts.clause.document_id for task in wider.tasks(changsha.id)} == {"changsha"}
    assert {task.facts.clause.document_id for task in wider.tasks(xiangtan.id)} == {PLAN}
    assert {one.id for one in wider.organizations_named("市人社局")} == {changsha.id, xiangtan.id}
    assert wider.only_organization(changsha.id) == changsha
    with pytest.raises(InvalidQuery, match=f"{xiangtan.id}, {changsha.id}|{changsha.id}, {xiangtan.id}"):
        wider.only_organization("市人社局")


def test_successor_has_the_tasks_of_whom_it_took_over_from(wider: KnowledgeBase) -> None:
    tasks = wider.tasks(wider.organization("省卫健委").id)
    assert {task.facts.clause.id for task in tasks} == {"health#一", "health#二"}
    assert {task.through for task in tasks} == {"湖南省卫生和计划生育委员会"}
    assert len(wider.tasks(wider.organization("省卫生计生委").id)) == 2


def test_city_has_tasks_of_the_provinces_document_through_the_group(wider: KnowledgeBase) -> None:
    tasks = wider.tasks(wider.organization("湘潭市人民政府").id)
    assert [(task.role, task.facts.clause.id, task.through) for task in tasks] == [
        ("support", "health#一", "湖南省各市（州）人民政府")
    ]


def test_nobody_is_found_under_no_name(knowledge_base: KnowledgeBase) -> None:
    with pytest.raises(NotInKnowledgeBase):
        knowledge_base.organizations_named("登月局")


def test_clause_without_marks_is_answered_for_by_the_one_above(wider: KnowledgeBase) -> None:
    below = wider.clause("health#二.1")
    assert not below.responsibilities
    [answered] = wider.answering([below.clause.id])
    assert {one.unit for one in answered.responsibilities} == {"省财政厅", "省卫生计生委"}
    assert answered.clause == below.clause


def test_answers_carry_official_names_and_how_plainly_it_is_said(wider: KnowledgeBase) -> None:
    told = {one.unit: (one.organization, one.directness) for one in wider.who("更新检查设备由谁负责").units}
    assert told == {
        "省财政厅": ("湖南省财政厅", "inherited"),
        "省卫生计生委": ("湖南省卫生和计划生育委员会", "inherited"),
    }
    told = {one.unit: (one.organization, one.directness) for one in wider.who("谁负责加强队伍建设").units}
    assert told == {
        "省卫生计生委": ("湖南省卫生和计划生育委员会", "mark"),
        "各市州人民政府": ("湖南省各市（州）人民政府", "group"),
    }


@pytest.mark.parametrize(
    ("said", "clause_id", "directness_"),
    [
        (Responsibility("d#一", "甲局", 0, 2, "mark", "甲局", "lead"), "d#一", "mark"),
        (Responsibility("d#一", "甲局", 0, 2, "mark", "甲局", "lead"), "d#一.1", "inherited"),
        (Responsibility("d#一", "甲局", 0, 2, "mark", "甲局", "lead", implied_by=Span(0, 2)), "d#一", "declared"),
        (Responsibility("d#一", "甲局", 0, 2, "prose", "甲局", "lead", prose=True), "d#一", "prose"),
    ],
)
def test_directness(said: Responsibility, clause_id: str, directness_: str) -> None:
    assert directness(said, clause_id) == directness_


def test_units_of_one_name_in_several_documents_are_counted_as_one(tmp_path: Path, new_index: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in (1, 2):
        text = f"第{number}期养老服务工作方案\n\n一、增加床位。增加养老服务床位{number}00张。（责任单位：信息中心）\n"
        (corpus / f"plan-{number}.txt").write_text(text, "utf-8")
    build(corpus, new_index, load_encoder())
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        [unit] = opened.facets("养老服务床位").units
        assert (unit.name, unit.count) == ("信息中心", 2)
        assert opened.search("养老服务床位", Filters(unit=unit.id)).relevant == 2
