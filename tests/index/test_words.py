"""Words: term counts, BM25 scores, long queries, filters, deleted rows, and generations that continue one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from plans import FOUNDING_PLAN, YANGLAO

from kb.errors import IndexUnusable
from kb.index.segments import AllowedRows
from kb.index.words import (
    WordIndex,
    WordWriter,
    count_terms,
    reading,
    segments,
    tokens,
    writing,
)
from kb.index.words.terms import OF_CLAUSE, OF_DOCUMENT, WEIGHT_STEPS, Weighting, key
from kb.models import Expansion

MANY = 3000
COMMON = "推进工作落实责任加强管理"
QUERY = "推进托育服务的5G工作"
NEAR = 0.5 / WEIGHT_STEPS + 1e-5  # weights are in steps


def drawn(count: int, seed: int = 1) -> list[str]:
    """Texts of common characters in any order; every 97th speaks of 托育, some of 5G."""
    chance = np.random.default_rng(seed)
    texts = ["".join(chance.choice(list(COMMON), size=int(chance.integers(8, 40)))) for _ in range(count)]
    return [f"{text}。{'托育' * (row % 97 == 0)}{' 5G, 5g' * (row % 7 == 0)}" for row, text in enumerate(texts)]


def written(folder: Path, texts: Sequence[str], previous: Path | None = None, gone: range = range(0)) -> WordIndex:
    folder.mkdir()
    writer = WordWriter(folder, previous)
    writer.delete(gone)
    for start in range(0, len(texts), 50):
        writer.add(count_terms(texts[start : start + 50]))
    writer.close()
    return WordIndex.open(folder)


def weight(times: int, length: int, of: Weighting = OF_CLAUSE) -> float:
    return times / (times + of.k1 * (1 - of.b + of.b * length / of.usual_length))


def bm25(texts: Sequence[str], query: str) -> dict[int, float]:
    """Over the bound, as the usual formula has it, term by term."""
    counts = [Counter(tokens(text)) for text in texts]
    scores: Counter[int] = Counter()
    bound = 0.0
    for term in set(tokens(query)):
        frequencies = [row for row, one in enumerate(counts) if term in one]
        rarity = np.log(1 + (len(texts) - len(frequencies) + 0.5) / (len(frequencies) + 0.5))
        bound += rarity
        for row in frequencies:
            scores[row] += rarity * weight(counts[row][term], counts[row].total())
    return {row: score / bound for row, score in scores.items()}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> WordIndex:
    return written(tmp_path_factory.mktemp("words") / "one", drawn(MANY))


@pytest.mark.parametrize("texts", [[], [""], ["教育局 5G，5g"], ["教", "教育", "", "𠮷野家𠮷", "ＰＵＥ 1.5"]])
def test_terms_are_counted_as_tokens(texts: list[str]) -> None:
    counts = count_terms(texts)
    terms = np.repeat(counts.terms, counts.frequencies).tolist()
    held: list[dict[int, float]] = [{} for _ in texts]
    for term, text, given in zip(terms, counts.texts.tolist(), counts.weights.tolist(), strict=True):
        held[text][term] = given / WEIGHT_STEPS
    for weights, text in zip(held, texts, strict=True):
        times = Counter(map(key, tokens(text)))
        assert weights == pytest.approx({term: weight(n, times.total()) for term, n in times.items()}, abs=NEAR)
    assert counts.count == len(texts)
    assert (np.diff(counts.terms) > 0).all()


def test_words_of_whole_documents_are_damped_less() -> None:
    text = "托育服务" * 400
    [given] = set(count_terms([text], OF_DOCUMENT).weights[:1].tolist())
    assert given / WEIGHT_STEPS == pytest.approx(weight(400, len(tokens(text, 3)), OF_DOCUMENT), abs=NEAR)


@pytest.mark.parametrize("texts", [["教育局 5G"], ["教", "教育", "", "𠮷野家𠮷𠮷", "托育服务托育", "𠮷"], [""], []])
def test_words_of_whole_documents_are_of_three_characters_too(texts: list[str]) -> None:
    counts = count_terms(texts, OF_DOCUMENT)
    held = Counter(term for text in texts for term in set(map(key, tokens(text, 3))))
    assert dict(zip(counts.terms.tolist(), counts.frequencies.tolist(), strict=True)) == held
    assert tokens("教育局", 3) == ["教", "育", "局", "教育", "育局", "教育局"]
    assert len(set(map(key, ("育局", "教育局", "局")))) == 3


def test_two_inverted_files_lie_side_by_side(tmp_path: Path) -> None:
    for name, text in (("words", "托育"), ("documents", "养老")):
        writer = WordWriter(tmp_path, name=name)
        writer.add(count_terms([text]))
        writer.close()
    assert WordIndex.open(tmp_path).score("托育").top(1).tolist() == [0]
    assert WordIndex.open(tmp_path, "documents").score("养老").top(1).tolist() == [0]
    assert len(WordIndex.open(tmp_path, "documents").score("托育").top(1)) == 0


def test_real_texts_are_counted_as_their_tokens_one_by_one() -> None:
    lines = [*FOUNDING_PLAN.read_text("utf-8").split("\n"), *YANGLAO.split("\n")]
    counts = count_terms(lines)
    held = Counter(term for line in lines for term in set(map(key, tokens(line))))
    assert dict(zip(counts.terms.tolist(), counts.frequencies.tolist(), strict=True)) == held


def test_scores_are_those_of_bm25_over_its_bound(words: WordIndex) -> None:
    wanted = bm25(drawn(MANY), QUERY)
    scores = words.score(QUERY)
    rows = np.arange(MANY)
    assert scores.of(rows) == pytest.approx([wanted.get(row, 0.0) for row in rows], abs=NEAR)
    best = scores.top(MANY)
    assert set(best.tolist()) == set(wanted)
    assert (np.diff(scores.of(best)) <= 0).all()


@pytest.mark.parametrize("limit", [1, 10, 150])
def test_the_best_are_the_first_of_all(words: WordIndex, limit: int) -> None:
    for query in ("托育", COMMON, QUERY, "落实责任", "5G"):
        scores = words.score(query)
        assert scores.top(limit).tolist() == scores.top(MANY)[:limit].tolist()


def test_memory_that_is_given_back_remembers_nothing(words: WordIndex) -> None:
    rows = np.arange(MANY)
    fresh = [words.score(asked).of(rows).tolist() for asked in (QUERY, "托育", "")]
    for asked, wanted in zip((QUERY, "托育", ""), fresh, strict=True):
        with words.score(asked) as one, words.score(COMMON):
            assert one.of(rows).tolist() == wanted


def test_expansions_are_alternatives_of_different_weight(words: WordIndex) -> None:
    one, other = Expansion("娃", ("托育",), 1.0), Expansion("网", ("推进工作",), 0.5)
    scores = words.score_expansions([one, other])
    assert scores.top(1) % 97 == 0
    assert words.score_expansions([other]).of(np.arange(MANY)).max() <= 1
    assert not len(words.score_expansions([]).top(5))


def test_rare_words_are_asked_where_common_ones_would_cost_too_much(
    words: WordIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(words.score(f"{COMMON}托育").top(MANY)) == MANY
    monkeypatch.setattr(reading, "MAX_POSTINGS", 100)
    monkeypatch.setattr(reading, "_SHARE", MANY)
    assert sorted(words.score(f"{COMMON}托育").top(MANY).tolist()) == list(range(0, MANY, 97))


def test_one_word_is_asked_however_common_it_is(words: WordIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_POSTINGS", 1)
    monkeypatch.setattr(reading, "_SHARE", MANY)
    assert len(words.score("工").top(MANY)) > MANY // 2


@pytest.mark.parametrize("step", [1, 2, 40, 700])
@pytest.mark.parametrize("limit", [5, 300])
def test_filters_leave_the_best_of_the_allowed_clauses(words: WordIndex, step: int, limit: int) -> None:
    allowed = np.arange(0, MANY, step)
    every = words.score(QUERY).top(MANY)
    rows = words.score(QUERY, AllowedRows.from_mask(np.isin(np.arange(MANY), allowed))).top(limit)
    assert rows.tolist() == every[np.isin(every, allowed)][:limit].tolist()


def test_what_no_allowed_clause_holds_is_not_found(words: WordIndex) -> None:
    assert not len(words.score("托育", AllowedRows.from_mask(np.isin(np.arange(MANY), [1, 2, 3]))).top(10))
    assert not len(words.score("，。").top(10))
    assert not len(words.score("").top(10))


def test_many_blocks_give_the_same_files_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = drawn(600)
    written(tmp_path / "one", texts)
    monkeypatch.setattr(writing, "_IN_MEMORY", 2000)
    monkeypatch.setattr(segments, "_AT_ONCE", 700)
    written(tmp_path / "two", texts)
    files = sorted(file.name for file in (tmp_path / "one").iterdir())
    assert files == sorted(file.name for file in (tmp_path / "two").iterdir())
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)


def test_next_generation_links_what_is_there_and_finds_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_SMALL", 100)
    old, new = drawn(2000), [*drawn(80, seed=2), "专门学校"]
    written(tmp_path / "one", old)
    index = written(tmp_path / "two", new, tmp_path / "one")
    (shared,) = (tmp_path / "two").glob("words-000000000000.npy")
    assert shared.samefile(tmp_path / "one" / shared.name)
    assert index.score("专门学校").top(1).tolist() == [2080]
    third = written(tmp_path / "three", ["托育托育"], tmp_path / "two")
    assert len(list((tmp_path / "three").glob("words-*0.npy"))) == 2
    every = [*old, *new, "托育托育"]
    wanted = bm25(every, QUERY)
    assert third.score(QUERY).of(np.arange(len(every))) == pytest.approx(
        [wanted.get(row, 0.0) for row in range(len(every))], abs=NEAR
    )


def test_rows_that_are_gone_are_not_found(tmp_path: Path) -> None:
    written(tmp_path / "one", drawn(500))
    index = written(tmp_path / "two", [], tmp_path / "one", gone=range(90, 110))
    assert len(index) == 480
    assert sorted(index.score("托育").top(500).tolist()) == [0, 194, 291, 388, 485]
    again = written(tmp_path / "three", ["托育"], tmp_path / "two", gone=range(1))
    assert sorted(again.score("托育").top(500).tolist()) == [194, 291, 388, 485, 500]


@pytest.mark.parametrize("kind", [".npy", ".terms.npy", ".starts.npy", ".weights.npy", ".count.npy"])
def test_broken_file_is_named(tmp_path: Path, kind: str) -> None:
    written(tmp_path / "one", drawn(60))
    (tmp_path / "one" / f"words-000000000000{kind}").write_bytes(b"?")
    with pytest.raises(IndexUnusable, match=r"words-.*cannot be read"):
        WordIndex.open(tmp_path / "one")


def test_missing_words_are_named(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="holds no words"):
        WordIndex.open(tmp_path)
