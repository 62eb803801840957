"""Fusion of signals into one score, reranking; and what a question asks for."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from numpy.typing import NDArray

from kb import lexicon
from kb.search.questions import (
    Question,
    asks_for_a_person,
    matter_of,
    parse_question,
    unit_asked_for_its_tasks,
    without_courtesy,
)
from kb.search.ranking import (
    EXPANSIONS,
    MEANING,
    NOISE,
    RELEVANT,
    WORDS,
    Ranking,
    Signals,
    fuse,
    multiple_for,
    rerank,
)

FRAMES = lexicon.table("question_frames")


def column(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def signals(**given: tuple[float, ...]) -> Signals:
    count = max(map(len, given.values()))
    names = ("words", "expansions", "passages", "context", "documents", "bonus")
    columns = [column(*given.get(name, (0.0,) * count)) for name in names]
    marks = [np.array(given.get(name, (0.0,) * count), np.bool_) for name in ("elsewhere", "named", "provisions")]
    weights = column(*given.get("weights", (1.0,) * count))
    return Signals(np.arange(count, dtype=np.int64), *columns, *marks, weights)


def ranked(*scores: float) -> Ranking:
    nobody = np.full(len(scores), -1, np.int64)
    same, no = column(*scores), np.zeros(len(scores), np.bool_)
    return Ranking(np.arange(len(scores), dtype=np.int64), same, same, same, same, same, no, no, no, nobody, nobody)


def test_shares_add_up_to_one() -> None:
    assert pytest.approx(1.0) == WORDS + EXPANSIONS + MEANING
    assert 0 < NOISE < RELEVANT < 1


@pytest.mark.parametrize("name", ["words", "expansions", "passages", "context", "documents", "bonus"])
def test_each_signal_speaks_for_a_clause(name: str) -> None:
    both = {"words": (0.3, 0.3), "passages": (0.3, 0.3)}
    ranking = fuse(signals(**(both | {name: (0.3, 0.6)})))
    assert ranking.rows.tolist() == [1, 0]
    assert ranking.scores[0] > ranking.scores[1]


def test_what_has_half_of_the_question_does_not_answer_beside_what_has_all() -> None:
    assert fuse(signals(words=(0.6, 0.3))).answers.tolist() == [True, False]
    assert fuse(signals(words=(0.3, 0.29))).answers.tolist() == [True, True]
    elsewhere = fuse(signals(words=(0.6, 0.3), elsewhere=(1.0, 0.0)))  # the place that is asked about has its own first
    assert elsewhere.answers.all()
    assert not fuse(signals(words=())).answers.any()


def test_more_for_a_clause_is_a_higher_score_up_to_the_last() -> None:
    names = ("words", "expansions", "passages", "context", "documents", "bonus")
    ranking = fuse(signals(**dict.fromkeys(names, (0.99, 1.0, 0.98))))
    assert ranking.rows.tolist() == [1, 0, 2]
    assert 1 > ranking.scores[0] > ranking.scores[1] > ranking.scores[2]
    assert ranking.relevance.tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_a_document_leaves_its_clauses_in_their_order_and_speaks_for_none_that_is_not_found() -> None:
    ranking = fuse(signals(words=(0.3, 0.4, 0.5, 0.0), documents=(0.9, 0.9, 0.1, 1.0)))
    assert ranking.rows.tolist() == [1, 0, 2]


def test_in_a_long_question_the_document_counts_for_more() -> None:
    assert multiple_for(4) == multiple_for(12) < multiple_for(18) < multiple_for(24) == multiple_for(400)
    given = signals(words=(0.6, 0.3), documents=(0.3, 0.5))
    assert fuse(replace(given, multiple=multiple_for(6))).rows.tolist() == [0, 1]
    long = fuse(replace(given, multiple=multiple_for(30)))
    assert long.rows.tolist() == [1, 0]
    assert long.scores[0] < 0.9  # scores of long questions are as far apart as others


@pytest.mark.parametrize("name", ["words", "expansions", "passages"])
def test_words_expansions_or_meaning_alone_make_a_clause_relevant(name: str) -> None:
    ranking = fuse(signals(**{name: (0.8,)}))
    assert ranking.relevance[0] >= RELEVANT


def test_a_name_alone_does_not_make_a_clause_relevant() -> None:
    assert len(fuse(signals(bonus=(1.0,)))) == 0


def test_a_document_of_another_place_comes_behind_and_one_that_is_named_before() -> None:
    ranking = fuse(signals(words=(0.5, 0.45, 0.3, 0.05), elsewhere=(1, 0, 0, 1), named=(0, 0, 1, 1)))
    assert ranking.rows.tolist() == [2, 1, 0, 3]
    assert ranking.answers.tolist() == [True, True, True, True]
    assert (ranking.relevance >= RELEVANT).tolist() == [True, True, True, False]  # "who" asks for more than a name


def test_the_article_that_is_named_comes_before_all_else() -> None:
    ranking = fuse(signals(words=(0.9, 0.02), documents=(1.0, 0.0), named=(1, 0), provisions=(0, 1)))
    assert ranking.rows.tolist() == [1, 0]
    assert ranking.answers.tolist() == [True, True]


def with_context(*contextual: float) -> dict[int, float]:
    """The scores of six clauses by row, best first, with half a share of the contextual model."""
    given = column(*contextual) if contextual else None
    words = signals(words=(0.6, 0.5, 0.4, 0.3, 0.2, 0.1))
    ranking = fuse(replace(words, contextual=given, contextual_share=0.5))
    return dict(zip(ranking.rows.tolist(), ranking.scores.tolist(), strict=True))


def test_the_contextual_model_lifts_what_it_finds_near() -> None:
    without = with_context()
    lifted = with_context(0.1, 0.2, 0.9, 0.1, 0.1, 0.0)
    assert max(lifted, key=lifted.__getitem__) == 2
    assert with_context(*[nan] * 6) == without


def test_a_clause_that_the_contextual_model_has_not_read_has_what_is_usual_at_its_evidence() -> None:
    usual = with_context(0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
    half = with_context(0.6, nan, 0.4, nan, 0.2, nan)
    assert list(half) == list(usual) == [0, 1, 2, 3, 4, 5]
    near, far = with_context(0.9, nan, 0.9, nan, 0.9, nan), with_context(0.0, nan, 0.0, nan, 0.0, nan)
    assert all(near[row] > far[row] for row in range(6))


def test_equal_clauses_keep_the_order_of_their_rows() -> None:
    assert fuse(signals(words=(0.5, 0.5, 0.5))).rows.tolist() == [0, 1, 2]


def test_noise_is_left_out_whatever_it_is_named_for() -> None:
    assert len(fuse(signals(words=(0.05, 0.5), bonus=(0.05, 0.0)))) == 1


def test_no_clauses_are_no_clauses() -> None:
    assert len(rerank(ranked(), column())) == 0


def test_a_cross_encoder_reorders_what_it_has_read_and_nothing_else() -> None:
    ranking = rerank(ranked(0.9, 0.8, 0.1), column(0.1, 0.9))
    assert ranking.rows.tolist() == [1, 0, 2]
    assert ranking.scores.tolist() == pytest.approx([0.85, 0.5, 0.1])
    assert ranking.reranker is not None
    assert ranking.reranker.tolist() == pytest.approx([0.9, 0.1, -1])


@pytest.mark.parametrize(("typed", "asked"), [example for one in FRAMES["courtesy"] for example in one["examples"]])
def test_courtesy_is_no_part_of_a_question(typed: str, asked: str) -> None:
    assert without_courtesy(typed) == asked


@pytest.mark.parametrize(
    ("question", "what"),
    [example for frame in FRAMES["frames"] for example in frame["examples"]] + [["谁", "谁"], ["", ""]],
)
def test_the_matter_of_a_question_about_responsibility(question: str, what: str) -> None:
    assert matter_of(question) == what


@pytest.mark.parametrize(
    ("question", "words"),
    [example for frame in FRAMES["asking"] for example in frame["examples"]] + [["怎么办", "怎么办"]],
)
def test_what_is_compared_by_words(question: str, words: str) -> None:
    assert parse_question(question).words.split() == words.split()


@pytest.mark.parametrize(("question", "unit"), [pair for frame in FRAMES["tasks"] for pair in frame["examples"]])
def test_a_question_for_the_tasks_of_a_unit(question: str, unit: str) -> None:
    assert unit_asked_for_its_tasks(question)[0] == unit


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("市财政局牵头的任务", ("市财政局", "lead")),
        ("县水利局牵头了哪几项任务", ("县水利局", "lead")),
        ("由市教育局配合的工作有哪些", ("市教育局", "support")),
        ("哪些任务由市民政局参与", ("市民政局", "support")),
        ("市教育局负责什么？", ("市教育局", "")),
    ],
)
def test_the_role_in_which_tasks_of_a_unit_are_asked_for(question: str, asked: tuple[str, str]) -> None:
    assert unit_asked_for_its_tasks(question) == asked


@pytest.mark.parametrize("question", ["学前教育由谁负责", "养老服务有哪些补贴", "谁负责什么"])
def test_other_questions_ask_for_no_unit(question: str) -> None:
    assert unit_asked_for_its_tasks(question)[0] == ""


@pytest.mark.parametrize(
    ("question", "is_one"),
    [(one, True) for frame in FRAMES["persons"] for one in frame["examples"]]
    + [(one, False) for frame in FRAMES["persons"] for one in frame["others"]],
)
def test_a_question_for_the_name_of_a_person(question: str, is_one: bool) -> None:
    assert asks_for_a_person(question) == is_one


@pytest.mark.parametrize(
    ("question", "is_one"),
    [(one, True) for frame in FRAMES["aims"] for one in frame["examples"]]
    + [(one, False) for frame in FRAMES["aims"] for one in frame["others"]],
)
def test_a_question_for_aims_or_figures(question: str, is_one: bool) -> None:
    assert parse_question(question).for_aims == is_one


@pytest.mark.parametrize(
    ("question", "is_one"),
    [(one, True) for frame in FRAMES["penalties"] for one in frame["examples"]]
    + [(one, False) for frame in FRAMES["penalties"] for one in frame["others"]],
)
def test_a_question_for_a_penalty(question: str, is_one: bool) -> None:
    assert parse_question(question).for_penalty == is_one


@pytest.mark.parametrize(
    ("text", "role", "years"),
    [
        ("2025年由市教育局牵头的任务", "lead", ("2025",)),
        ("市财政局配合的工作", "support", ()),
        ("到2025年和2030年", "", ("2025", "2030")),
        ("编号20251的文件", "", ()),
        ("投资2000万元", "", ()),
    ],
)
def test_roles_and_years_are_understood(text: str, role: str, years: tuple[str, ...]) -> None:
    asked = parse_question(text)
    assert (asked.role, asked.years) == (role, years)
    assert isinstance(asked, Question)


@pytest.mark.parametrize(
    "question",
    [
        "滨政发〔2025〕9号",
        "滨政发[2025]9号有哪些任务",
        "滨政发(2025)第9号",
        "请问滨政发【2025】09号由谁牵头",
        "依据滨政发（２０２５） 9 号",
        "滨政发2025年第9号",
        "滨政发﹝2025﹞9",
    ],
)
def test_a_document_number_is_read_in_any_brackets(question: str) -> None:
    assert "滨政发-2025-9" in parse_question(question).numbers


@pytest.mark.parametrize("question", ["2025年9月前完成什么", "到2025年新增9所", "滨政发2025", "托育服务", ""])
def test_dates_and_counts_are_no_document_numbers(question: str) -> None:
    assert parse_question(question).numbers == ()


@pytest.mark.parametrize(
    ("question", "works"),
    [
        ("《滨江市托育服务实施方案》补助多少", ("滨江市托育服务实施方案",)),
        ("《关于印发滨江市托育服务实施方案（试行）的通知》", ("滨江市托育服务实施方案",)),
        ("《实施方案》", ()),
        ("滨江市托育服务实施方案", ()),
    ],
)
def test_titles_are_read_as_names_of_works(question: str, works: tuple[str, ...]) -> None:
    assert parse_question(question).works == works


@pytest.mark.parametrize(
    ("question", "provision", "before"),
    [
        ("养犬管理条例第9条", ("9条",), "养犬管理条例"),
        ("养犬管理条例 第九十一条第二款", ("91条",), "养犬管理条例"),
        ("养犬条例33条", ("33条",), "养犬条例"),
        ("养犬管理条例第 １２ 条", ("12条",), "养犬管理条例"),
        ("请问《养犬管理条例》的第一百二十条之一规定了什么", ("120条1",), "请问养犬管理条例的"),
        ("养犬管理条例第三章第二节", ("3章", "2节"), "养犬管理条例"),
        ("养犬管理条例第十条第（二）项", ("10条", "2"), "养犬管理条例"),
        ("第九条 养犬管理条例", ("9条",), ""),
        ("托育方案三、（二）", ("3", "2"), "托育方案"),
        ("托育方案三（二）1", ("3", "2", "1"), "托育方案"),
        ("托育方案第三部分", ("3",), "托育方案"),
        ("稳岗20条措施", (), ""),
        ("到2025年新增12条公交线路", (), ""),
        ("托育", (), ""),
    ],
)
def test_the_article_that_a_question_names(question: str, provision: tuple[str, ...], before: str) -> None:
    asked = parse_question(question)
    assert (asked.provision, asked.before_provision) == (provision, before)
