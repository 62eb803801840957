"""Fusion: from the signals of each clause to one score and a ranking."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Shares of the score. Measured on 160 judged queries over 16 documents, on 113 of our own over 56 others and on 300 questions over
# all articles of law; the figures are in docs/encoder.md. The top is flat: 0.05 more or less of any share changes nDCG@10 by less
# than 0.005.
WORDS, EXPANSIONS, MEANING = 0.48, 0.15, 0.37
PASSAGE_SHARE = 0.65  # of the meaning: the best passage of the clause; the rest: the clause with title and headings

# Bonuses for a clause that a unit named in the query answers for, and for one that is due in a year that the query names.
NAMED_UNIT, NAMED_YEAR = 0.05, 0.03

# Relevance: a score of words or expansions is stronger evidence than the same score of meaning, hence these factors. From ``RELEVANT`` on
# a clause answers the query. Measured on the first hit: 11 % of 132 unanswerable questions reach it, all 112 keywords, questions and
# questions for a unit do, and 60 % to 78 % of needs in people's own words. The mean of words and meaning separates them less well (area
# under the curve 0.87 against 0.93).
WORD_EVIDENCE, EXPANSION_EVIDENCE, RELEVANT = 1.7, 1.15, 0.48

# Below this a clause shares nothing with the query but a common character.
NOISE = 0.1

# Clauses whose mean passages have at least this cosine are duplicates (another version or copy of a document); the later one is demoted.
DUPLICATE, DUPLICATE_FACTOR = 0.97, 0.85
# Demotes clauses of documents that are not in force, by more than the margin within which clauses share in the answer to "who".
OUT_OF_FORCE = 0.94
COMPARED = 30  # so many of the best are checked for duplicates
_EARLIER = np.tri(COMPARED, k=-1, dtype=np.bool_)  # row i: those before i


@dataclass(frozen=True, slots=True)
class Signals:
    """The evidence for each clause; parallel arrays, all values 0..1."""

    rows: NDArray[np.int64]
    words: NDArray[np.float32]
    expansions: NDArray[np.float32]
    passages: NDArray[np.float32]
    context: NDArray[np.float32]
    bonus: NDArray[np.float32]  # for units and years that the query names


@dataclass(frozen=True, slots=True)
class Ranking:
    """Clauses by descending score; parallel arrays."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    words: NDArray[np.float32]
    expansions: NDArray[np.float32]
    vectors: NDArray[np.float32]
    duplicate_of: NDArray[np.int64]  # row of a better clause that says the same, -1 for none
    reranker: NDArray[np.float32] | None = None  # relevance by a cross-encoder, -1 for what it has not read

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: NDArray[np.int64] | slice) -> Ranking:
        """The clauses at the given places."""
        return Ranking(
            self.rows[places],
            self.scores[places],
            self.words[places],
            self.expansions[places],
            self.vectors[places],
            self.duplicate_of[places],
            None if self.reranker is None else self.reranker[places],
        )

    @property
    def relevance(self) -> NDArray[np.float32]:
        """Whether each clause answers the query at all, 0..1: by words, expansions or meaning, whichever is the strongest evidence.

        The score is for ordering: it is the sum of all evidence.
        """
        lexical = np.maximum(self.words * np.float32(WORD_EVIDENCE), self.expansions * np.float32(EXPANSION_EVIDENCE))
        return np.asarray(np.minimum(np.maximum(lexical, self.vectors), np.float32(1)), np.float32)


def fuse(signals: Signals, out_of_force: NDArray[np.bool_] | None = None) -> Ranking:
    """The clauses above ``NOISE`` by the weighted sum of their signals, ties in the order given.

    ``out_of_force`` marks the clauses to demote because their documents are not in force.
    """
    vectors = signals.passages * np.float32(PASSAGE_SHARE) + signals.context * np.float32(1 - PASSAGE_SHARE)
    scores = signals.words * np.float32(WORDS) + signals.expansions * np.float32(EXPANSIONS)
    scores = np.minimum(scores + vectors * np.float32(MEANING) + signals.bonus, np.float32(1))
    if out_of_force is not None:
        scores[out_of_force] *= np.float32(OUT_OF_FORCE)
    unique = np.full(len(scores), -1, np.int64)
    return _sort(Ranking(signals.rows, scores, signals.words, signals.expansions, vectors, unique), NOISE)


def _sort(ranking: Ranking, least: float = 0.0) -> Ranking:
    """The clauses by descending score, ties in the order given, without those below the least relevance."""
    order = (-ranking.scores).argsort(kind="stable")
    return ranking.take(order[ranking.relevance[order] >= least] if least else order)


def demote_duplicates(ranking: Ranking, vectors: NDArray[np.float32]) -> Ranking:
    """The ranking with each of the first clauses demoted that says the same as a better one.

    ``vectors`` holds the mean passages, of unit length, of the first clauses, ``COMPARED`` at most.
    """
    near = (vectors @ vectors.T >= DUPLICATE) & _EARLIER[: len(vectors), : len(vectors)]
    duplicates = np.flatnonzero(near.any(axis=1)).tolist()
    if not duplicates:
        return ranking
    duplicate_of, scores = ranking.duplicate_of.copy(), ranking.scores.copy()
    for place in duplicates:
        earlier = np.flatnonzero(near[place, :place] & (duplicate_of[:place] < 0))
        if len(earlier):
            duplicate_of[place] = ranking.rows[earlier[0]]
            scores[place] *= np.float32(DUPLICATE_FACTOR)
    return _sort(replace(ranking, duplicate_of=duplicate_of, scores=scores))


def rerank(ranking: Ranking, relevance: NDArray[np.float32]) -> Ranking:
    """The ranking with its first clauses sorted by the mean of their own score and a cross-encoder's.

    They stay before the others, which the cross-encoder has not read.
    """
    read = len(relevance)
    padded = np.concatenate((relevance, np.full(len(ranking) - read, -1, np.float32)))
    scores = ranking.scores.copy()
    scores[:read] = (scores[:read] + relevance) / 2
    order = np.concatenate((np.argsort(-scores[:read], kind="stable"), np.arange(read, len(ranking))))
    return replace(ranking, scores=scores, reranker=padded).take(order)
