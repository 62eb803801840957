"""Words: what is asked of a long query, and what filters leave."""

from __future__ import annotations

import numpy as np
import pytest

from kb import lexical
from kb.lexical import WordIndex, WordWriter, tokens

MANY = 3000
COMMON = "推进工作落实责任加强管理"


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> WordIndex:
    """Clauses of common characters in any order; every 97th speaks of 托育."""
    folder = tmp_path_factory.mktemp("words")
    chance = np.random.default_rng(1)
    writer = WordWriter(folder)
    for row in range(MANY):
        text = "".join(chance.choice(list(COMMON), size=int(chance.integers(8, 40))))
        writer.add(row, " ".join(tokens(f"{text}。托育" if row % 97 == 0 else text)))
    writer.close()
    return WordIndex.open(folder)


def test_rare_words_are_asked_where_common_ones_would_cost_too_much(
    words: WordIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything, _ = words.search(f"{COMMON}托育", MANY)
    assert len(everything) == MANY
    monkeypatch.setattr(lexical, "POSTINGS", 100)
    monkeypatch.setattr(lexical, "_SHARE", MANY)
    rows, _ = words.search(f"{COMMON}托育", MANY)
    assert sorted(rows.tolist()) == list(range(0, MANY, 97))


def test_one_word_is_asked_however_common_it_is(words: WordIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "POSTINGS", 1)
    monkeypatch.setattr(lexical, "_SHARE", MANY)
    assert len(words.search("工", MANY)[0]) > MANY // 2


@pytest.mark.parametrize("step", [1, 2, 40, 700])
@pytest.mark.parametrize("limit", [5, 300])
def test_filters_leave_the_best_of_the_allowed_clauses(words: WordIndex, step: int, limit: int) -> None:
    query, allowed = "推进托育工作", np.arange(0, MANY, step)
    every, all_scores = words.search(query, MANY)
    kept = np.isin(every, allowed)
    rows, scores = words.search(query, limit, allowed)
    assert scores == pytest.approx(all_scores[kept][:limit], abs=1e-5)
    assert np.isin(rows, allowed).all()


def test_what_no_allowed_clause_holds_is_not_found(words: WordIndex) -> None:
    rows, _ = words.search("托育", 10, np.array([1, 2, 3]))
    assert not len(rows)
