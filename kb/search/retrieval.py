"""Which clauses of a generation answer a query: candidates by words, expansions and meaning, weighed together into one ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.encoders import Encoder
from kb.index.segments import Allowed, rising
from kb.index.store.clauses import ClauseTable
from kb.index.vectors import PassageIndex, VectorIndex
from kb.index.words import WordIndex
from kb.models import Expansion, Filters
from kb.search import thesaurus
from kb.search.questions import Question
from kb.search.ranking import (
    COMPARED,
    NAMED_UNIT,
    NAMED_YEAR,
    Ranking,
    Signals,
    fused,
    without_repeats,
)

# How many clauses words and expansions each propose, and how many passages are looked at that are near in meaning; what none
# proposes is not among the hits, however far one pages. On 300 questions over 62,827 articles 100 of each find as much as 500.
CANDIDATES, NEAR = 120, 200

_KEPT = 1000  # questions: for the next page, for the facets, for what many ask

_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """The clauses that answer, best first, and what the query was widened by."""

    ranking: Ranking
    expansions: tuple[Expansion, ...]


class Retriever:
    """The indexes of one generation, asked together; any number of threads may ask at once."""

    def __init__(
        self, folder: Path, clauses: ClauseTable, encoder: Encoder, own: thesaurus.OwnThesaurus | None = None
    ) -> None:
        self._table, self._encoder, self._own = clauses, encoder, own
        self._words = WordIndex.open(folder)
        self._clauses = VectorIndex.open(folder)
        self._passages = PassageIndex.open(folder)
        self._thesaurus = thesaurus.load(folder, encoder)
        self._kept = lru_cache(maxsize=_KEPT)(self._found)

    def found(self, asked: Question, filters: Filters) -> Found:
        """The clauses that the filters let through and that answer; what was asked a short while ago stays at hand."""
        today = self._table.today()
        own = self._own.current() if self._own else None  # a new one as soon as its file changes
        return self._kept(asked, filters, today, own)

    def _found(self, asked: Question, filters: Filters, _: date, own: thesaurus.Thesaurus | None) -> Found:
        [vector] = self._encoder.encode_queries([asked.text])
        said = own.expansions(asked.text, vector) if own else ()
        expansions = thesaurus.strongest(said, self._thesaurus.expansions(asked.text, vector))
        signals = self._signals(asked, vector, expansions, self._table.allowed(filters))
        ranking = fused(signals, self._table.out_of_force(signals.rows))
        best = ranking.rows[:COMPARED]
        return Found(without_repeats(ranking, self._passages.means(best)), expansions)

    def _signals(
        self,
        asked: Question,
        vector: NDArray[np.float32],
        expansions: tuple[Expansion, ...],
        allowed: Allowed | None,
    ) -> Signals:
        words = self._words
        with words.search(asked.words, allowed) as by_words, words.widened(expansions, allowed) as widened:
            found = [by_words.best(CANDIDATES), widened.best(CANDIDATES)]
            if vector.any():
                found.append(self._passages.near(vector, NEAR, allowed))
            rows = self._table.in_reading_order(rising(np.concatenate(found)))
            held, held_widely = by_words.of(rows), widened.of(rows)
        return Signals(
            rows,
            held,
            held_widely,
            self._passages.scores(vector, rows).clip(0, 1),
            self._clauses.scores(vector, rows).clip(0, 1),
            self._named(asked, rows),
        )

    def _named(self, asked: Question, rows: _Rows) -> NDArray[np.float32]:
        """What each clause gains by the units and years that the query names."""
        gained = np.zeros(len(rows), np.float32)
        gained[self._table.of_units_named_in(asked.text, asked.role, rows)] += NAMED_UNIT
        if asked.years:
            gained[self._table.due_in(asked.years, rows)] += NAMED_YEAR
        return gained
