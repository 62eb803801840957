"""Searching and asking who is responsible, on a real built index."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from plans import FOUNDING_PLAN

from kb.encoders import load_encoder
from kb.errors import InvalidQuery
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Filters
from kb.search.limits import MAX_LIMIT, MAX_QUERY

PLAN = "xiangtan-jichu-jiaoyu"


@pytest.fixture(scope="module")
def knowledge_base(index: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(index, load_encoder()) as opened:
        yield opened


def tasks() -> list[tuple[str, str]]:
    """Heading and mark of each of the ten tasks of the founding plan."""
    found, heading = [], ""
    for line in FOUNDING_PLAN.read_text("utf-8").splitlines():
        opening = re.match(r"\s*\d+\.([^。]+)。", line)
        heading = opening[1] if opening else heading
        if mark := re.search(r"[(（]责任单位[:：]([^)）]+)[)）]", line):
            found.append((heading, mark[1]))
    return found


def units_of(mark: str) -> set[str]:
    """The units of a mark, with the one shared tail of the plan completed."""
    completed = mark.replace("园区和示范区管委会", "园区管委会、示范区管委会")
    return set(re.split("[、,，]", completed))


# --- who -------------------------------------------------------------------------------------------


def test_the_founding_plan_has_ten_tasks() -> None:
    assert len(tasks()) == 10


@pytest.mark.parametrize(("heading", "mark"), tasks(), ids=[heading for heading, _ in tasks()])
def test_who_names_exactly_the_units_of_the_mark(knowledge_base: KnowledgeBase, heading: str, mark: str) -> None:
    answer = knowledge_base.who(heading)
    assert {unit.unit for unit in answer.units} == units_of(mark)
    assert {unit.role for unit in answer.units} == {"responsible"}
    text = knowledge_base.document(PLAN).document.text
    assert all(text[unit.start : unit.end] in mark for unit in answer.units)
    assert answer.evidence[0].facts.clause.heading == heading


@pytest.mark.parametrize(
    "query",
    ["登月计划", "谁负责登月计划？", "机动车尾号限行", "今年小麦最低收购价是多少", "出租车起步价", "asdf qwer", "😀"],
)
def test_what_the_knowledge_base_does_not_hold_is_not_answered(knowledge_base: KnowledgeBase, query: str) -> None:
    assert knowledge_base.who(query).units == ()
    assert all(hit.weak for hit in knowledge_base.search(query).hits)


def test_lead_comes_before_support(knowledge_base: KnowledgeBase) -> None:
    answer = knowledge_base.who("增加养老床位供给由谁牵头？")
    assert [(unit.unit, unit.role) for unit in answer.units] == [
        ("市民政局", "lead"),
        ("市财政局", "support"),
        ("市住房城乡建设局", "support"),
    ]


# --- what is found, and why ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("孩子上幼儿园太贵", "推进学前教育普惠发展"),
        ("老水管老是漏水，什么时候换", "改造供水管网"),
        ("敬老院的床位不够", "增加床位供给"),
    ],
)
def test_people_s_own_words_find_the_clause(knowledge_base: KnowledgeBase, query: str, clause: str) -> None:
    first = knowledge_base.search(query).hits[0]
    assert first.facts.clause.heading == clause


def test_a_hit_says_why_it_is_there(knowledge_base: KnowledgeBase) -> None:
    first = knowledge_base.search("普惠幼儿园怎么办").hits[0]
    assert "普惠幼儿园" in first.matched
    assert not any("怎么" in word for word in first.matched)
    assert 0 < first.word_score <= 1
    assert 0 < first.vector_score <= 1
    assert 0 < first.expansion_score <= 1
    assert 0 < first.document_score <= 1
    text = "\n".join((first.facts.document_title, *first.facts.clause.path, first.facts.clause.text))
    wordings = [wording for expansion in first.expansions for wording in expansion.official]
    assert any(wording in text for wording in wordings)
    assert first.rerank_score is None
    assert not first.weak


def test_a_unit_that_the_query_names_speaks_for_its_clauses(knowledge_base: KnowledgeBase) -> None:
    named = knowledge_base.search("市民政局牵头 养老").hits[0]
    assert "市民政局" in {r.unit for r in named.facts.responsibilities if r.role == "lead"}
    with_name, without = (
        {hit.facts.clause.id: hit.score for hit in knowledge_base.search(query).hits}
        for query in ("市民政局牵头 养老", "牵头 养老")
    )
    other = "yunxi-yanglao#一.二"
    assert with_name[named.facts.clause.id] - with_name[other] > without[named.facts.clause.id] - without[other]


def test_a_year_that_the_query_names_speaks_for_what_is_due_then(knowledge_base: KnowledgeBase) -> None:
    due = {hit.facts.clause.id: hit.score for hit in knowledge_base.search("2026年供水管网").hits}
    other = {hit.facts.clause.id: hit.score for hit in knowledge_base.search("2031年供水管网").hits}
    [first] = [clause for clause in due if clause.endswith("#一")]
    assert due[first] > other[first]


def test_the_ledger_of_a_unit_has_its_own_rows_only(knowledge_base: KnowledgeBase) -> None:
    rows = knowledge_base.answering_hits("市财政局负责哪些任务", limit=100)
    assert rows
    assert [row for row in rows if not any("财政局" in each.unit for each in row.responsibilities)] == []
    found = knowledge_base.search("市财政局负责哪些任务", limit=100)
    assert len(rows) == found.relevant
    assert {row.clause.id for row in rows} <= {hit.facts.clause.id for hit in found.hits}


LOOK_ALIKE = "{city}人民政府关于印发{city}托育服务实施方案的通知\n\n{sign}政发〔2025〕{count}号\n\n{city}各单位：\n\n现印发给你们。\n\n{city}人民政府\n\n2025年3月1日\n\n{city}托育服务实施方案\n\n{aim}\n\n一、增加托位\n\n在街道新建托育园{count}所，每所补助{money}万元。\n\n二、培训保育员\n\n每年培训保育员{count}名。\n"


@pytest.fixture(scope="module")
def look_alikes(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[KnowledgeBase]:
    """The same plan of two cities, with another aim each."""
    folder = tmp_path_factory.mktemp("look-alikes")
    (folder / "corpus").mkdir()
    cities = (
        ("滨江市", "滨", "为支持港口职工家庭，制定本方案。"),
        ("安平市", "安", "为支持矿区职工家庭，制定本方案。"),
    )
    for count, (city, sign, aim) in enumerate(cities, 3):
        text = LOOK_ALIKE.format(city=city, sign=sign, aim=aim, count=count, money=count)
        (folder / "corpus" / f"{sign}.txt").write_text(text, "utf-8")
    build(folder / "corpus", folder / "index", load_encoder())
    with KnowledgeBase.open(folder / "index", load_encoder()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("安平市新建托育园每所补助多少", "安"),
        ("滨江市新建托育园每所补助多少", "滨"),
        ("矿区职工家庭的托育园每所补助多少", "安"),
        ("支持港口职工家庭，托育园补助多少钱", "滨"),
        ("《滨江市托育服务实施方案》托育园补助", "滨"),
        ("安政发[2025]4号 托育园补助", "安"),
        ("滨政发（2025）第3号中托育园的补助", "滨"),
    ],
)
def test_of_look_alike_documents_the_one_that_is_meant_comes_first(
    look_alikes: KnowledgeBase, query: str, document: str
) -> None:
    clauses = [hit.facts.clause for hit in look_alikes.search(query).hits]
    assert next(one.document_id for one in clauses if one.heading == "增加托位") == document
    assert {one.document_id for one in clauses} == {"安", "滨"}  # the other comes behind and is not hidden


def test_what_is_from_another_place_than_asked_for_says_so(look_alikes: KnowledgeBase) -> None:
    for query, document in (("安平市托育", "滨"), ("滨江市托育", "安"), ("滨江托育", "安"), ("托育园 滨江", "安")):
        assert {hit.facts.clause.document_id for hit in look_alikes.search(query).hits if hit.elsewhere} == {document}
    assert not any(hit.elsewhere for hit in look_alikes.search("托育").hits)
    for nowhere in ("湘潭市托育", "湘潭托育", "青杉市托育"):  # from which there is no document
        hits = look_alikes.search(nowhere).hits
        assert hits
        assert all(hit.elsewhere for hit in hits)


DUTIES = "{city}托育服务实施方案\n{sign}政发〔2025〕3号\n\n一、增加托位\n\n新建托育园。（{unit}负责）\n{more}\n{city}人民政府\n2025年3月1日\n"
OF_ONE_CITY = "\n二、检查消防设施\n\n每年检查消防设施。（市消防救援局负责）\n\n三、对口支援\n\n做好对口支援新疆工作。（市发展改革委负责）\n"


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[KnowledgeBase]:
    """Plans of two cities; one says more."""
    folder = tmp_path_factory.mktemp("cities")
    (folder / "corpus").mkdir()
    plans = (("滨江市", "滨", "市卫生健康委", ""), ("安平市", "安", "市住房城乡建设局", OF_ONE_CITY))
    for city, sign, unit, more in plans:
        text = DUTIES.format(city=city, sign=sign, unit=unit, more=more)
        (folder / "corpus" / f"{sign}.txt").write_text(text, "utf-8")
    build(folder / "corpus", folder / "index", load_encoder())
    with KnowledgeBase.open(folder / "index", load_encoder()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("安平市新建托育园谁负责", {"市住房城乡建设局"}),
        ("滨江市新建托育园谁负责", {"市卫生健康委"}),
        ("湘潭市新建托育园谁负责", set()),  # no document is from there
        ("湘潭新建托育园谁负责", set()),
        ("青杉市新建托育园谁负责", set()),
        ("安平市检查消防设施谁负责", {"市消防救援局"}),
        ("滨江市检查消防设施谁负责", set()),  # only the other city's plan says it
        ("检查消防设施谁负责", {"市消防救援局"}),
        ("对口支援新疆谁负责", {"市发展改革委"}),  # the matter, not who asks
    ],
)
def test_who_is_answered_by_the_place_that_is_named(cities: KnowledgeBase, question: str, units: set[str]) -> None:
    answer = cities.who(question)
    assert {each.unit for each in answer.units} == units
    assert answer.evidence
    if not units:
        assert any(hit.elsewhere for hit in answer.evidence)


@pytest.mark.parametrize("query", ["安政发[2025]4号", "安政发2025年第4号", "《安平市托育服务实施方案》"])
def test_a_document_that_is_named_is_found_by_its_name_alone(look_alikes: KnowledgeBase, query: str) -> None:
    result = look_alikes.search(query)
    named = [hit.facts.clause.document_id for hit in result.hits if hit.document_named]
    assert set(named) == {"安"}
    assert [hit.facts.clause.document_id for hit in result.hits[: len(named)]] == named
    assert not any(hit.weak for hit in result.hits[: len(named)])
    narrowed = look_alikes.search(query, Filters(document_id="滨"))
    assert not any(hit.document_named for hit in narrowed.hits)
    assert look_alikes.who(f"{query}谁负责").units == ()


def test_a_second_version_of_a_document_stands_right_behind_the_first(tmp_path: Path, new_index: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    text = FOUNDING_PLAN.read_text("utf-8")
    (corpus / "final.txt").write_text(text, "utf-8")
    (corpus / "draft.txt").write_text(text.replace("确保", "保证"), "utf-8")
    build(corpus, new_index, load_encoder())
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        hits = opened.search("推进学前教育普惠发展", limit=50).hits
    first = hits[0]
    [copy] = [hit for hit in hits if hit.same_as == first.facts.clause.id]
    assert copy.facts.clause.document_id != first.facts.clause.document_id
    assert hits[1] == copy
    assert copy.score < first.score


# --- a cross-encoder -------------------------------------------------------------------------------


class Backwards:
    """Likes best what comes last."""

    def relevance(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        assert query
        return np.linspace(0, 1, len(texts), dtype=np.float32)


def test_a_cross_encoder_has_a_say(index: Path, knowledge_base: KnowledgeBase) -> None:
    plain = knowledge_base.search("养老床位", limit=50)
    with KnowledgeBase.open(index, load_encoder(), reranker=Backwards()) as opened:
        hits = opened.search("养老床位", limit=50).hits
        assert opened.who("养老床位").evidence
        assert opened.search("龘龘").hits == ()
    assert hits[0].facts.clause.id != plain.hits[0].facts.clause.id
    assert {hit.facts.clause.id for hit in hits} == {hit.facts.clause.id for hit in plain.hits}
    assert all(hit.rerank_score is not None for hit in hits)


# --- whatever is asked -----------------------------------------------------------------------------

SAFE = [
    "园",
    "2",
    "%",
    "😀👨‍👩‍👧",
    "'; DROP TABLE clauses; --",
    '" OR 1=1',
    "words:教育 AND NOT (学前 OR 托育)",
    "教育^5 ~2 [a TO b] {x} + - && || ! * ? : \\ /",
    "学前教育\0普惠",
    "学前\ud83d教育",
    "\n\t学前教育\u3000",
    "学" * MAX_QUERY,
    "推进学前教育普惠发展，" * (MAX_QUERY // 11),
    "".join(chr(0x4E00 + n % 20000) for n in range(MAX_QUERY)),
]


@pytest.mark.parametrize("query", SAFE, ids=range(len(SAFE)))
def test_any_query_is_safe(knowledge_base: KnowledgeBase, query: str) -> None:
    result = knowledge_base.search(query)
    assert len(result.hits) <= 10
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    knowledge_base.who(query)


@pytest.mark.parametrize("query", ["", " ", "\n", "\0", "\ud83d"])
def test_nothing_cannot_be_asked(knowledge_base: KnowledgeBase, query: str) -> None:
    with pytest.raises(InvalidQuery, match="says nothing"):
        knowledge_base.search(query)
    with pytest.raises(InvalidQuery, match="says nothing"):
        knowledge_base.who(query)


def test_too_much_cannot_be_asked(knowledge_base: KnowledgeBase) -> None:
    with pytest.raises(InvalidQuery, match="10,001 characters"):
        knowledge_base.search("学" * (MAX_QUERY + 1))


# --- pages and filters -----------------------------------------------------------------------------


def test_pages_follow_each_other(knowledge_base: KnowledgeBase) -> None:
    whole = knowledge_base.search("教育", limit=MAX_LIMIT)
    assert whole.total == len(whole.hits) > 10
    pages = [knowledge_base.search("教育", limit=4, offset=offset) for offset in range(0, whole.total, 4)]
    assert [hit.facts.clause.id for page in pages for hit in page.hits] == [hit.facts.clause.id for hit in whole.hits]
    assert {page.total for page in pages} == {whole.total}
    assert knowledge_base.search("教育", offset=whole.total).hits == ()


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (-1, 0), (MAX_LIMIT + 1, 0), (10, -1), (10, 2**31)])
def test_pages_out_of_bounds(knowledge_base: KnowledgeBase, limit: int, offset: int) -> None:
    with pytest.raises(InvalidQuery):
        knowledge_base.search("教育", limit=limit, offset=offset)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(document_id=PLAN), lambda hit: hit.facts.clause.document_id == PLAN),
        (Filters(unit="市财政局"), lambda hit: "市财政局" in {r.unit for r in hit.facts.responsibilities}),
        (Filters(role="lead"), lambda hit: "lead" in {r.role for r in hit.facts.responsibilities}),
        (Filters(has_targets=True), lambda hit: hit.facts.targets),
        (Filters(due_before="2025"), lambda hit: hit.facts.targets or hit.facts.deadlines),
    ],
    ids=["document", "unit", "role", "targets", "due"],
)
def test_filters_narrow_and_keep_what_fits(knowledge_base: KnowledgeBase, filters: Filters, kept: object) -> None:
    assert callable(kept)
    narrowed = knowledge_base.search("加强养老和教育", filters, limit=MAX_LIMIT)
    assert 0 < narrowed.total < knowledge_base.search("加强养老和教育", limit=MAX_LIMIT).total
    assert all(kept(hit) for hit in narrowed.hits)


@pytest.mark.parametrize("filters", [Filters(document_id="nothing"), Filters(unit="海关总署"), Filters(unit="'; --")])
def test_filters_that_let_nothing_through(knowledge_base: KnowledgeBase, filters: Filters) -> None:
    assert knowledge_base.search("教育", filters).total == 0


@pytest.mark.parametrize("filters", [replace(Filters(), due_before="soon"), replace(Filters(), due_before="2025-13")])
def test_filters_that_make_no_sense(knowledge_base: KnowledgeBase, filters: Filters) -> None:
    with pytest.raises(InvalidQuery, match="due_before"):
        knowledge_base.search("教育", filters)
