"""How words and vectors are put together to one score."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Shares of the score. Measured on 160 judged queries over 16 documents, on 113 of our own over 56 others and on 300 questions over
# all articles of law; the figures are in docs/encoder.md. The top is flat: 0.05 more or less of any share changes nDCG@10 by less
# than 0.005.
WORDS, EXPANSIONS, MEANING = 0.48, 0.15, 0.37
PASSAGE_SHARE = 0.65  # of the meaning: the best passage of the clause; the rest: the clause with title and headings

# What a clause gains for being what the query names beside its matter: a unit that answers for it, the year that it is due.
NAMED_UNIT, NAMED_YEAR = 0.05, 0.03

# What is found of the words and expansions tells more than as much nearness in meaning. From ``RELEVANT`` on a clause is about what was
# asked. Measured on the first hit: of 132 questions that nothing answers 11 % reach it, all 112 keywords, questions and questions
# for a unit do, and 60 % to 78 % of needs in people's own words. Half of words and half of meaning told them apart less well (area
# under the curve 0.87 against 0.93).
WORDS_TELL, EXPANSIONS_TELL, RELEVANT = 1.7, 1.15, 0.48

# What is below has nothing to do with the query but a common character.
NOISE = 0.1

# Clauses whose passages are that near say the same, in another version of a document or another copy; the second counts less.
SAME, SAID_ALREADY = 0.97, 0.85
# A clause of a document that is not in force counts less, so that who answers (within a twentieth of the best) is read off what is.
OUT_OF_FORCE = 0.94
COMPARED = 30  # so many of the best are compared
_EARLIER = np.tri(COMPARED, k=-1, dtype=np.bool_)  # which of them stand before each


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for each clause; one place a clause in every array, all between 0 and 1."""

    rows: NDArray[np.int64]
    words: NDArray[np.float32]
    expansions: NDArray[np.float32]
    passages: NDArray[np.float32]
    context: NDArray[np.float32]
    named: NDArray[np.float32]  # what is added for units and years that the query names


@dataclass(frozen=True, slots=True)
class Ranking:
    """Clauses by descending score; all arrays belong together, one place a clause."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    words: NDArray[np.float32]
    expansions: NDArray[np.float32]
    vectors: NDArray[np.float32]
    same_as: NDArray[np.int64]  # row of a better clause that says the same, -1 for none
    reranked: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def chosen(self, places: NDArray[np.int64] | slice) -> Ranking:
        """The clauses at the given places."""
        return Ranking(
            self.rows[places],
            self.scores[places],
            self.words[places],
            self.expansions[places],
            self.vectors[places],
            self.same_as[places],
            None if self.reranked is None else self.reranked[places],
        )

    @property
    def relevance(self) -> NDArray[np.float32]:
        """How much each clause is about what was asked, 0..1: by its words, its meaning or its expansions, whichever says most.

        The score orders clauses by all of them; whether the best one answers at all, one can tell alone.
        """
        told = np.maximum(self.words * np.float32(WORDS_TELL), self.expansions * np.float32(EXPANSIONS_TELL))
        return np.asarray(np.minimum(np.maximum(told, self.vectors), np.float32(1)), np.float32)


def fused(signals: Signals, out_of_force: NDArray[np.bool_] | None = None) -> Ranking:
    """The clauses above ``NOISE`` in the order of the weighted sum of what speaks for them, ties as they came.

    Those at the places given are set back, because their documents are not in force.
    """
    vectors = signals.passages * np.float32(PASSAGE_SHARE) + signals.context * np.float32(1 - PASSAGE_SHARE)
    scores = signals.words * np.float32(WORDS) + signals.expansions * np.float32(EXPANSIONS)
    scores = np.minimum(scores + vectors * np.float32(MEANING) + signals.named, np.float32(1))
    if out_of_force is not None:
        scores[out_of_force] *= np.float32(OUT_OF_FORCE)
    nobody = np.full(len(scores), -1, np.int64)
    return ordered(Ranking(signals.rows, scores, signals.words, signals.expansions, vectors, nobody), NOISE)


def ordered(ranking: Ranking, least: float = 0.0) -> Ranking:
    """The same clauses by descending score, ties as they came, those below the least relevance left out."""
    order = (-ranking.scores).argsort(kind="stable")
    return ranking.chosen(order[ranking.relevance[order] >= least] if least else order)


def without_repeats(ranking: Ranking, vectors: NDArray[np.float32]) -> Ranking:
    """The ranking with the first clauses, one for each vector of unit length, set back where a better one says the same.

    ``vectors`` are those of the first ``COMPARED`` at most.
    """
    near = (vectors @ vectors.T >= SAME) & _EARLIER[: len(vectors), : len(vectors)]
    repeated = np.flatnonzero(near.any(axis=1)).tolist()
    if not repeated:
        return ranking
    same_as, scores = ranking.same_as.copy(), ranking.scores.copy()
    for place in repeated:
        earlier = np.flatnonzero(near[place, :place] & (same_as[:place] < 0))
        if len(earlier):
            same_as[place] = ranking.rows[earlier[0]]
            scores[place] *= np.float32(SAID_ALREADY)
    return ordered(replace(ranking, same_as=same_as, scores=scores))


def reranked(ranking: Ranking, relevance: NDArray[np.float32]) -> Ranking:
    """The ranking with its first clauses put in the order of their own scores and a cross-encoder's, half and half.

    They stay before all others, which it has not read (-1).
    """
    read = len(relevance)
    given = np.concatenate((relevance, np.full(len(ranking) - read, -1, np.float32)))
    scores = ranking.scores.copy()
    scores[:read] = (scores[:read] + relevance) / 2
    order = np.concatenate((np.argsort(-scores[:read], kind="stable"), np.arange(read, len(ranking))))
    return replace(ranking, scores=scores, reranked=given).chosen(order)
