"""A generation that goes on from another says what one says that is built from nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from answers import rounded

from kb.encoders import load_encoder
from kb.errors import NotInKnowledgeBase
from kb.index import generations
from kb.index.checking import check
from kb.index.words import WordIndex, WordWriter
from kb.ingest import build as building
from kb.ingest.build import BuildSettings, build
from kb.knowledge_base import KnowledgeBase
from kb.messages import translate
from kb.models import BuildReport, Hit

HEAD = "{issuer}关于印发{title}的通知\n\n{number}\n\n各县市区人民政府，市政府各部门：\n\n现印发给你们，请认真组织实施。\n\n"
TAIL = "\n\n{issuer}\n\n{date}\n\n{title}\n\n一、主要任务\n\n{tasks}\n"
# Issuer, title, number, date, tasks: groups and their members, bodies that took over from others, documents that cite and end others.
DOCUMENTS = {
    "bangong": (
        *("云溪市人民政府", "云溪市机关节能行动方案", "云政发〔2023〕3号", "2023年3月1日"),
        "（一）节约用电。到2025年机关用电下降10%。（市发展改革委牵头，各县市区人民政府配合）\n\n（二）减少用纸。（责任单位：市财政局、市工商局）",
    ),
    "bangong-2024": (
        *("云溪市人民政府", "云溪市机关节能行动方案", "云政发〔2024〕11号", "2024年5月6日"),
        "（一）节约用电。到2026年机关用电下降15%。（市发展改革委牵头）\n\n（二）《云溪市机关节能行动方案》（云政发〔2023〕3号）同时废止。",
    ),
    "yanglao": (
        *("云溪市人民政府", "云溪市社区养老服务行动计划", "云政发〔2024〕8号", "2024年3月15日"),
        "（一）增加床位。到2025年底新建社区养老服务站40个。（市民政局牵头，市财政局、市市场监管局配合）\n\n（二）培训护理员。每年培训500名。（责任单位：各县市区人民政府、市人社局）",
    ),
    "gongshui": (
        *("云溪市水利局", "云溪市供水保障方案", "云水发〔2022〕5号", "2022年7月1日"),
        "（一）改造管网。2026年6月底前改造老旧供水管网120公里。（牵头单位：市水利局；责任单位：有关部门）\n\n（二）依据《云溪市社区养老服务行动计划》（云政发〔2024〕8号）做好机构供水。",
    ),
    "jiaoyu": (
        *("云溪市教育局", "云溪市幼儿园质量提升意见", "云教发〔2024〕2号", "2024年9月1日"),
        "（一）增加学位。新增公办学位1万个。（市教育局、市人力资源和社会保障局负责）\n\n（二）节约用电。学校用电下降5%。（责任单位：市教育局、市工商局、市质监局）",
    ),
}
QUERIES = ("节约用电由谁负责", "养老床位", "供水管网 改造", "新增学位", "云溪市人社局培训", "到2025年")


def write(corpus: Path, name: str, replaced: tuple[str, str] = ("", ""), folder: str = "") -> None:
    """One of the documents, with something in it replaced."""
    issuer, title, number, date, tasks = DOCUMENTS[name]
    text = (HEAD + TAIL).format(issuer=issuer, title=title, number=number, date=date, tasks=tasks)
    (corpus / folder).mkdir(exist_ok=True)
    (corpus / folder / f"{name}.txt").write_text(text.replace(*replaced) if replaced[0] else text, "utf-8")


def move(corpus: Path, source: str, target: str) -> None:
    (corpus / target).parent.mkdir(exist_ok=True)
    (corpus / source).rename(corpus / target)


STEPS: dict[str, Callable[[Path], object]] = {
    "one comes, before all others": lambda corpus: write(corpus, "bangong"),
    "its new version comes": lambda corpus: write(corpus, "bangong-2024"),
    "one changes": lambda corpus: write(corpus, "gongshui", ("120公里", "150公里")),
    "units go, others come": lambda corpus: write(corpus, "yanglao", ("市市场监管局", "市质监局")),
    "one goes, the last": lambda corpus: (corpus / "yanglao.txt").unlink(),
    "nothing happens": lambda _: None,
    "another comes": lambda corpus: write(corpus, "jiaoyu", ("1万个", "2万个")),
    "the new version goes": lambda corpus: (corpus / "bangong-2024.txt").unlink(),
    "the one that went comes back": lambda corpus: write(corpus, "yanglao"),
    "another of the same name comes": lambda corpus: write(corpus, "yanglao", ("40个", "60个"), "外县"),
    "one is renamed": lambda corpus: move(corpus, "bangong.txt", "jieneng.txt"),
    "one is moved to a folder": lambda corpus: move(corpus, "gongshui.txt", "2022/gongshui.txt"),
    "one moves to the name of one that goes": lambda corpus: move(corpus, "jiaoyu.txt", "yanglao.txt"),
}
READ = {"one is renamed": 0, "one is moved to a folder": 0, "nothing happens": 0}  # documents; otherwise one at most


def again(corpus: Path, index: Path) -> BuildReport:
    return build(corpus, index, load_encoder())


def said(index: Path) -> list[object]:
    """All that does not depend on how rare words are."""
    with KnowledgeBase.open(index, load_encoder()) as opened:
        units = opened.organizations(limit=1000)[1]
        status = opened.status()
        return [
            [opened.document(one.id) for one in opened.documents(limit=100)[1]],
            units,
            [opened.tasks(unit.organization.id) for unit in units],
            [
                opened.organizations_named(name)
                for unit in units
                for name in (unit.organization.name, *unit.organization.aliases)
            ],
            opened.suggestions("云溪", 100),
            opened.suggestions("sj", 100),
            opened.aggregations.targets(limit=100),
            opened.aggregations.due(),
            opened.aggregations.matrix(),
            opened.aggregations.network(),
            opened.aggregations.overview().quality,
            (status.documents, status.clauses, status.responsibilities, status.targets, status.organizations),
        ]


def found(index: Path) -> list[list[Hit]]:
    """The hits of some searches, scores to five digits: how many products are summed at once changes the last ones."""
    with KnowledgeBase.open(index, load_encoder()) as opened:
        return [[rounded(hit) for hit in opened.search(query, limit=100).hits] for query in QUERIES]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("gongshui", "jiaoyu", "yanglao"):
        write(folder, name)
    return folder


@pytest.fixture
def index(new_index: Path) -> Path:
    return new_index


@pytest.mark.slow
def test_every_step_says_what_a_build_from_nothing_says(
    corpus: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holed, fresh = shutil.copytree(index, tmp_path / "holed"), shutil.copytree(index, tmp_path / "fresh")
    again(corpus, index)
    again(corpus, holed)
    for step, change in STEPS.items():
        change(corpus)
        build(corpus, fresh, load_encoder(), settings=BuildSettings(full=True))
        wanted = said(fresh)
        assert again(corpus, index).computed <= 1, step
        with monkeypatch.context() as patched:
            patched.setattr(building, "HOLES", 1.0)
            assert again(corpus, holed).computed <= 1, step
        for one in (index, holed):
            assert said(one) == wanted, step
            assert not list(check(generations.in_use(one))), step
        assert found(index) == found(fresh), step  # how rare words are is counted with the holes


def test_holes_are_never_found(corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "HOLES", 1.0)
    write(corpus, "bangong")
    again(corpus, index)
    (corpus / "gongshui.txt").unlink()
    write(corpus, "yanglao", ("40个", "45个"))
    again(corpus, index)
    hits = [hit for several in found(index) for hit in several]
    documents = {hit.facts.clause.document_id for hit in hits}
    assert documents == {"bangong", "jiaoyu", "yanglao"}
    assert {target.value for hit in hits for target in hit.facts.targets if target.unit == "个"} == {45.0}
    with KnowledgeBase.open(index, load_encoder()) as opened:
        assert not opened.who("供水管网改造").units
    whole = WordIndex.open(generations.in_use(index), "documents")
    assert len(whole) == 3
    assert len(whole.score("120").top(10)) == 0
    assert len(whole.score("45").top(10)) == 1


def test_the_last_document_of_all_leaves_its_number_to_none(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "HOLES", 1.0)
    again(corpus, index)
    (corpus / "yanglao.txt").unlink()
    again(corpus, index)
    write(corpus, "yanglao")
    again(corpus, index)
    assert not list(check(generations.in_use(index)))
    [first, *_] = found(index)[0]
    assert first.facts.clause.document_id == "jiaoyu"
    whole = WordIndex.open(generations.in_use(index), "documents")
    assert whole.score("养老床位").top(1).tolist() == [3]  # after 0, 1 and the 2 that it had before


def test_a_document_whose_words_are_missing_is_reported(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WordWriter, "delete", lambda *_: None)
    monkeypatch.setattr(building, "HOLES", 1.0)
    again(corpus, index)
    (corpus / "yanglao.txt").unlink()
    again(corpus, index)
    problems = [translate(problem, "en") for problem in check(generations.in_use(index))]
    assert "3 rows of documents instead of 2" in problems


def test_what_is_renamed_is_another_document_of_the_same_content(corpus: Path, index: Path) -> None:
    again(corpus, index)
    with KnowledgeBase.open(index, load_encoder()) as opened:
        before = opened.document("gongshui")
    move(corpus, "gongshui.txt", "2022/供水.txt")
    report = again(corpus, index)
    assert (report.computed, report.copied, report.documents, report.published) == (0, 3, 3, True)
    with KnowledgeBase.open(index, load_encoder()) as opened:
        after = opened.document("供水")
        with pytest.raises(NotInKnowledgeBase):
            opened.document("gongshui")
        assert [opened.clause(one.id).clause for one in after.clauses] == list(after.clauses)
    assert (after.document.id, after.document.source) == ("供水", "2022/供水.txt")
    assert replace(after.document, id="gongshui", source="gongshui.txt") == before.document
    assert [one.id.replace("供水#", "gongshui#") for one in after.clauses] == [one.id for one in before.clauses]
    parents = [one.parent_id and f"供水{one.parent_id.removeprefix('gongshui')}" for one in before.clauses]
    assert [one.parent_id for one in after.clauses] == parents
    assert {one.clause_id.partition("#")[0] for one in (*after.responsibilities, *after.citations)} == {"供水"}


def test_what_did_not_change_is_the_same_file(corpus: Path, index: Path) -> None:
    again(corpus, index)
    first = generations.in_use(index)
    write(corpus, "bangong")
    again(corpus, index)
    second = generations.in_use(index)
    names = [path.relative_to(second).as_posix() for path in second.rglob("*") if path.is_file()]
    shared = {name for name in names if (first / name).is_file() and (second / name).samefile(first / name)}
    assert any(name.startswith("thesaurus-") for name in shared)
    shutil.rmtree(first)
    assert not list(check(second))
    assert len(found(index)[0]) > 0


def test_what_the_operator_says_of_units_holds_for_documents_that_did_not_change(corpus: Path, index: Path) -> None:
    again(corpus, index)
    (corpus / "organizations.yaml").write_text(
        "organizations:\n- {name: 云溪市水务局, aliases: [市水利局], documents: [gongshui]}\n", "utf-8"
    )
    report = again(corpus, index)
    assert (report.computed, report.copied) == (0, 3)
    with KnowledgeBase.open(index, load_encoder()) as opened:
        assert [one.name for one in opened.organizations_named("市水利局")] == ["云溪市水务局"]
