"""Which clauses of a generation answer a query: candidates by words, expansions and meaning, weighed together into one ranking."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb import thesaurus
from kb.encoder import Encoder
from kb.lexical import WordIndex
from kb.models import Expansion
from kb.questions import Question
from kb.ranking import COMPARED, NAMED_UNIT, NAMED_YEAR, Ranking, Signals, fused, set_back, without_repeats
from kb.store import Store
from kb.vectors import PassageIndex, VectorIndex

# How many clauses words, expansions and vectors each propose; what none proposes is not among the hits, however far one pages.
# What the words found further down still counts for a clause that another proposes. On 300 questions over 62,827 articles 100
# find as much as 500 as long as words are read down to 800 or more; with words cut at 150 recall@10 falls from 0.50 to 0.49.
CANDIDATES, WORDS_READ = 150, 800
PASSAGES_A_CLAUSE = (
    2  # passages that are looked at for each clause that is wanted: a clause may hold several that are near
)

_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """The clauses that answer, best first, and what the query was widened by."""

    ranking: Ranking
    expansions: tuple[Expansion, ...]


class Retriever:
    """The indexes of one generation, asked together; any number of threads may ask at once."""

    def __init__(self, folder: Path, encoder: Encoder, own: thesaurus.OwnThesaurus | None = None) -> None:
        self._encoder, self._own = encoder, own
        self._words = WordIndex.open(folder)
        self._clauses = VectorIndex.open(folder)
        self._passages = PassageIndex.open(folder)
        self._thesaurus = thesaurus.load(folder, encoder)

    def found(self, asked: Question, store: Store, allowed: _Rows | None) -> Found:
        """The clauses among the allowed ones that answer."""
        [vector] = self._encoder.encode_queries([asked.text])
        own = self._own.current().expansions(asked.text, vector) if self._own else ()
        expansions = thesaurus.strongest(own, self._thesaurus.expansions(asked.text, vector))
        ranking = fused(self._signals(asked, vector, expansions, store, allowed))
        ranking = set_back(ranking, store.clauses.out_of_force(ranking.rows))
        best = ranking.rows[:COMPARED]
        return Found(without_repeats(ranking, self._passages.means(best)), expansions)

    def _signals(
        self,
        asked: Question,
        vector: NDArray[np.float32],
        expansions: tuple[Expansion, ...],
        store: Store,
        allowed: _Rows | None,
    ) -> Signals:
        by_words = self._words.search(asked.words, WORDS_READ, allowed)
        widened = self._words.widened(expansions, WORDS_READ, allowed)
        near = [by_words[0][:CANDIDATES], widened[0][:CANDIDATES]]
        if vector.any():
            near += [self._clauses.near(vector, CANDIDATES, allowed)]
            near += [self._passages.near(vector, PASSAGES_A_CLAUSE * CANDIDATES, allowed)]
        rows = np.unique(np.concatenate(near))
        signals = Signals(
            rows,
            spread(rows, *by_words),
            spread(rows, *widened),
            np.clip(self._passages.scores(vector, rows), 0, 1),
            np.clip(self._clauses.scores(vector, rows), 0, 1),
            _named(asked, store, rows),
        )
        return signals.chosen(store.in_reading_order(rows))


def spread(rows: _Rows, scored: _Rows, scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scores at the places of their rows, 0 elsewhere; ``rows`` rise."""
    spread = np.zeros(len(rows), np.float32)
    if len(rows):
        places = np.minimum(np.searchsorted(rows, scored), len(rows) - 1)
        held = rows[places] == scored
        spread[places[held]] = scores[held]
    return spread


def _named(asked: Question, store: Store, rows: _Rows) -> NDArray[np.float32]:
    """What each clause gains by the units and years that the query names."""
    gained = np.zeros(len(rows), np.float32)
    gained[store.clauses.of_units_named_in(asked.text, asked.role, rows)] += NAMED_UNIT
    if asked.years:
        gained[store.clauses.due_in(asked.years, rows)] += NAMED_YEAR
    return gained
