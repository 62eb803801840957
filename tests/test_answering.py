"""Units that answer: whether documents agree on who leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kb import parse
from kb.encoders import load_encoder
from kb.export import ledger, ledger_of
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import ROLES, Filters, Role, TargetQuery, TaskOrder, TaskQuery

PLAN = "{place}人民政府\n{place}农村饮水安全实施方案\n\n一、改造管网\n\n改造农村供水管网，保障饮水安全。（牵头单位：{lead}；责任单位：市财政局）\n"


@pytest.mark.parametrize(
    ("other_place", "other_lead", "differ"),
    [("湘潭市", "市水利局", False), ("湘潭市", "市农业农村局", True), ("株洲市", "市农业农村局", False)],
)
def test_two_leads_of_one_place_are_a_contradiction(
    tmp_path: Path, new_index: Path, other_place: str, other_lead: str, differ: bool
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text(PLAN.format(place="湘潭市", lead="市水利局"), "utf-8")
    # One character more: the same bytes twice would be one document.
    (corpus / "b.txt").write_text(PLAN.format(place=other_place, lead=other_lead) + "\n", "utf-8")
    build(corpus, new_index, load_encoder())
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        answer = opened.who("农村饮水安全管网改造由谁牵头")
    assert answer.units[0].role == "lead"
    assert answer.leads_differ is differ


TASKS = """青石县重点工作方案

一、改造公路

2027年底前改造公路20公里。（责任单位：县交通运输局）

二、新建水厂

2026年6月底前新建水厂1座。（牵头单位：县水利局；责任单位：县交通运输局）

三、修缮校舍

修缮校舍。（牵头单位：县交通运输局）
"""


@pytest.mark.parametrize(
    ("order", "headings"),
    [
        ("document", ["改造公路", "新建水厂", "修缮校舍"]),
        ("role", ["修缮校舍", "改造公路", "新建水厂"]),
        ("due", ["新建水厂", "改造公路", "修缮校舍"]),
    ],
)
def test_tasks_in_the_order_asked_for(tmp_path: Path, new_index: Path, order: TaskOrder, headings: list[str]) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "plan.txt").write_text(TASKS, "utf-8")
    build(tmp_path / "corpus", new_index, load_encoder())
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        tasks = opened.tasks(opened.organization("县交通运输局").id, TaskQuery(order=order))
    assert [task.facts.clause.heading for task in tasks] == headings


@pytest.mark.parametrize(
    "path", ["units/湘潭市教育局/ledger.csv", "search/ledger.csv?q=学前教育", "search/ledger.xlsx?q=学前教育"]
)
def test_ledgers_of_units_and_searches_are_files(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    form = "csv" if "csv" in path else "xlsx"
    assert f"ledger.{form}" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf" if form == "csv" else b"PK")


@pytest.mark.parametrize(
    ("mark", "sentence", "wanted"),
    [
        ("（牵头单位：市教育局）", "市财政局要加大投入，", [("市教育局", "lead"), ("市财政局", "responsible")]),
        ("（责任单位：市教育局）", "由市教育局牵头，", [("市教育局", "lead")]),
        ("（牵头单位：市教育局）", "市教育局要加大投入，", [("市教育局", "lead")]),
        ("", "市财政局要加大投入，", [("市财政局", "responsible")]),
    ],
    ids=["a further unit", "its own role", "the same unit", "prose alone"],
)
def test_all_lists_name_the_same_units_for_a_clause(
    tmp_path: Path, new_index: Path, mark: str, sentence: str, wanted: list[tuple[str, Role]]
) -> None:
    """Who, due list, targets, ledgers, and what narrows and counts them."""
    (tmp_path / "corpus").mkdir()
    text = (
        f"滨江市人民政府\n滨江市教育实施方案\n一、办好学校{mark}\n（一）新建学校。{sentence}到2025年底前新建学校15所。\n"
        "二、办好餐饮\n（一）新建食堂。市商务局要加大投入，新建食堂3个。（责任单位：市民政局）\n"
    )
    (tmp_path / "corpus" / "plan.txt").write_text(text, "utf-8")
    build(tmp_path / "corpus", new_index, load_encoder())
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        answer = opened.who("新建学校由谁负责", filters=Filters(due_after="2025"))
        assert [(unit.unit, unit.role) for unit in answer.units] == wanted
        [target] = opened.aggregations.targets(TargetQuery(text="新建学校"))[1]
        [due] = opened.aggregations.due()[1]
        [found] = opened.answering(["plan#一.一"])
        for responsibilities in (target.responsibilities, due.facts.responsibilities, found.responsibilities):
            assert [(one.unit, one.role) for one in responsibilities] == wanted
        in_document = next(row for row in ledger(opened.document("plan")) if row.clause_id == "plan#一.一")
        for row, before in ((in_document, ""), *((row, "滨江") for row in ledger_of([found]))):
            for role in ROLES:
                assert getattr(row, role) == tuple(before + unit for unit, has in wanted if has == role)
        for unit in ("市教育局", "市财政局", "市民政局", "市商务局"):
            for role in ROLES:
                narrowed = opened.aggregations.targets(TargetQuery(within=Filters(unit=unit, role=role)))[1]
                assert {(one.target.value, (unit, role) in wanted) for one in narrowed} <= {(15, True), (3, False)}
                assert all((unit, role) in [(r.unit, r.role) for r in one.responsibilities] for one in narrowed)
        counted = {unit.name: unit.count for unit in opened.aggregations.target_tallies().by_unit}
        assert counted == {f"滨江{unit}": 1 for unit in ("市民政局", *(unit for unit, _ in wanted))}


def test_the_ledger_of_a_search_holds_relevant_hits_only(index: Path) -> None:
    """A weak hit may stand before a relevant one: the order is by all evidence together, relevance by the strongest."""
    mixed = 0
    with KnowledgeBase.open(index, load_encoder()) as opened:
        for query in ("重点任务", "基础教育补短", "学前教育", "月球基地"):
            hits = opened.search(query, limit=100).hits
            relevant = [hit.facts.clause.id for hit in hits if not hit.weak][:20]
            mixed += [hit.weak for hit in hits] != sorted(hit.weak for hit in hits)
            assert [facts.clause.id for facts in opened.answering_hits(query, limit=20)] == relevant
    assert mixed


def test_what_a_mark_above_rules_is_found_by_its_unit(tmp_path: Path, new_index: Path) -> None:
    """Filter, facets, tasks and both ledgers know the unit of a clause that only the clause above names."""
    (tmp_path / "corpus").mkdir()
    text = (
        "滨江市数字政府建设方案\n一、加强网络安全。（牵头单位：市委网信办）\n（一）组织攻防演练。每年开展攻防演练2次。\n"
        "（二）增强意识。普及安全知识。\n二、保障经费。（牵头单位：市财政局）\n"
    )
    (tmp_path / "corpus" / "plan.txt").write_text(text, "utf-8")
    build(tmp_path / "corpus", new_index, load_encoder())
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        found = opened.search("攻防演练", Filters(unit="市委网信办", role="lead"))
        assert found.hits[0].facts.clause.id == "plan#一.一"
        assert [unit.unit for unit in opened.who("攻防演练", filters=Filters(unit="市委网信办")).units] == [
            "市委网信办"
        ]
        counted = {tally.name: tally.count for tally in opened.facets("攻防演练").units}
        assert all(opened.facets("攻防演练", Filters(unit=name)).total == count for name, count in counted.items())
        unit = opened.organization("市委网信办")
        tasks = opened.tasks(unit.id)
        assert [task.facts.clause.id for task in tasks] == ["plan#一", "plan#一.一"]
        assert opened.summary(unit).lead == len(tasks)
        assert [task.facts.targets[0].value for task in opened.tasks(unit.id)[1:]] == [2]
        rows = ledger(opened.document("plan"))
        assert [(row.clause_id, row.lead) for row in rows] == [
            ("plan#一", ("市委网信办",)),
            ("plan#一.一", ("市委网信办",)),
            ("plan#二", ("市财政局",)),
        ]
        assert [row.targets for row in ledger_of(task.facts for task in tasks)] == [(), ("开展攻防演练2次",)]


def test_what_a_declaration_adds_to_every_mark_answers_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    text = (
        "滨江市造林方案\n一、造林。新造林3万亩。（责任单位：市林业局。以下均需各县（市、区）政府落实，不再列出）\n"
        "二、护林。巡护山林，防火防虫。（责任单位：市应急局）\n"
    )
    path.write_text(text, "utf-8")
    first, second = ledger(parse(str(path)))
    assert (first.responsible, second.responsible) == (
        ("市林业局", "各县（市、区）政府"),
        ("市应急局", "各县（市、区）政府"),
    )
