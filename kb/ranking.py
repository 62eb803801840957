"""How words and vectors are put together to one score, and which words of a clause are shown as found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kb.lexical import fold, runs
from kb.models import Span

# Shares of the score. Measured on 160 judged queries over 16 documents, on 113 of our own over 56 others and on 300 questions over
# all articles of law; the figures are in docs/encoder.md. The top is flat: 0.05 more or less of any share changes nDCG@10 by less
# than 0.005.
WORDS, EXPANSIONS, MEANING = 0.48, 0.15, 0.37
PASSAGE_SHARE = 0.65  # of the meaning: the best passage of the clause; the rest: the clause with title and headings

# What a clause gains for being what the query names beside its matter: a unit that answers for it, the year that it is due.
NAMED_UNIT, NAMED_YEAR = 0.05, 0.03

# What is found of the words tells a little more than as much nearness in meaning. From ``RELEVANT`` on a clause is about what was
# asked. Measured on the first hit: of 132 questions that nothing answers 11 % reach it, all 112 keywords, questions and questions
# for a unit do, and 60 % to 78 % of needs in people's own words. Half of words and half of meaning told them apart less well (area
# under the curve 0.87 against 0.93).
WORDS_TELL, RELEVANT = 1.3, 0.48

# What is below has nothing to do with the query but a common character.
NOISE = 0.1

# Clauses whose passages are that near say the same, in another version of a document or another copy; the second counts less.
SAME, SAID_ALREADY = 0.97, 0.85
# A clause of a document that is not in force counts less, so that who answers (within a twentieth of the best) is read off what is.
OUT_OF_FORCE = 0.94
COMPARED = 100  # so many of the best are compared
_STRIPE = 10


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for each clause; one place a clause in every array, all between 0 and 1."""

    rows: NDArray[np.int64]
    words: NDArray[np.float32]
    expansions: NDArray[np.float32]
    passages: NDArray[np.float32]
    context: NDArray[np.float32]
    named: NDArray[np.float32]  # what is added for units and years that the query names

    def chosen(self, places: NDArray[np.int64]) -> Signals:
        """The clauses at the given places, in their order."""
        scores = (self.words, self.expansions, self.passages, self.context, self.named)
        return Signals(self.rows[places], *(score[places] for score in scores))


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
        words = np.minimum(self.words * np.float32(WORDS_TELL), np.float32(1))
        return np.asarray(np.maximum(np.maximum(words, self.expansions), self.vectors), np.float32)


def fused(signals: Signals) -> Ranking:
    """The clauses above ``NOISE`` in the order of the weighted sum of what speaks for them, ties as they came."""
    vectors = signals.passages * np.float32(PASSAGE_SHARE) + signals.context * np.float32(1 - PASSAGE_SHARE)
    scores = signals.words * np.float32(WORDS) + signals.expansions * np.float32(EXPANSIONS)
    scores = np.minimum(scores + vectors * np.float32(MEANING) + signals.named, np.float32(1))
    nobody = np.full(len(scores), -1, np.int64)
    return ordered(Ranking(signals.rows, scores, signals.words, signals.expansions, vectors, nobody), NOISE)


def ordered(ranking: Ranking, least: float = 0.0) -> Ranking:
    """The same clauses by descending score, ties as they came, those below the least relevance left out."""
    ranking = ranking.chosen(np.argsort(-ranking.scores, kind="stable"))
    return ranking.chosen(np.flatnonzero(ranking.relevance >= least))


def set_back(ranking: Ranking, places: NDArray[np.bool_]) -> Ranking:
    """The ranking with the clauses at these places set back, because their documents are not in force."""
    scores = np.where(places, ranking.scores * np.float32(OUT_OF_FORCE), ranking.scores)
    return ordered(replace(ranking, scores=np.asarray(scores, np.float32)))


def without_repeats(ranking: Ranking, vectors: NDArray[np.float32]) -> Ranking:
    """The ranking with the first clauses, one for each vector of unit length, set back where a better one says the same."""
    near = np.zeros((len(vectors), len(vectors)), np.bool_)
    # In stripes, which the library multiplies on one core: waiting for another one costs more where many ask at once.
    for start in range(0, len(vectors), _STRIPE):
        stop = start + _STRIPE
        near[start:stop, :stop] = np.tril(vectors[start:stop] @ vectors[:stop].T >= SAME, start - 1)
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


def matched_words(folded: str, query: str) -> tuple[str, ...]:
    """The longest stretches of the query that stand in a folded text, in the order of the query.

    ("发展学前教育。", "学前教育普惠") → ("学前教育",)
    """
    sought = _sought(query)
    found = _stretches(place for place, pair in sought.pairs if pair in folded)
    latin = _latin(folded, {word for _, _, word in sought.latin})
    found += [(start, end) for start, end, word in sought.latin if word in latin]
    found += [(place, place + 1) for place, character in sought.alone if character in folded]
    stretches = (sought.folded[start:end] for start, end in _longest(found, sought.folded))
    return tuple(dict.fromkeys(stretches))


def highlights(folded: str, query: str) -> tuple[Span, ...]:
    """Where words of the query stand in a folded text; what is found only as part of a longer find elsewhere is not marked.

    ("发展学前教育。教育局", "学前教育") → the span of 学前教育 only
    """
    sought = _sought(query)
    found = _stretches(sorted(_places({pair for _, pair in sought.pairs}, folded)))
    for places in _latin(folded, {word for _, _, word in sought.latin}).values():
        found += places
    found += [(place, place + 1) for place in _places({character for _, character in sought.alone}, folded)]
    return tuple(Span(start, end) for start, end in _longest(found, folded))


@dataclass(frozen=True, slots=True)
class _Sought:
    """What of a query is looked for in texts, each with its place in the query: pairs of neighbours, Latin words, lone characters."""

    folded: str
    pairs: tuple[tuple[int, str], ...]
    latin: tuple[tuple[int, int, str], ...]
    alone: tuple[tuple[int, str], ...]


@lru_cache(maxsize=256)  # a query is looked for in every clause of a page
def _sought(query: str) -> _Sought:
    folded = fold(query)
    stretches = tuple(runs(folded))
    pairs = [i for start, end, han in stretches if han for i in range(start, end - 1)]
    return _Sought(
        folded,
        tuple((i, folded[i : i + 2]) for i in pairs),
        tuple((start, end, folded[start:end]) for start, end, han in stretches if not han),
        tuple((start, folded[start]) for start, end, han in stretches if han and end - start == 1),
    )


def _latin(folded: str, words: set[str]) -> dict[str, list[tuple[int, int]]]:
    """Those of the words that stand in the text as words, with their bounds."""
    found: dict[str, list[tuple[int, int]]] = {}
    if any(word in folded for word in words):
        for start, end, han in runs(folded):
            if not han and folded[start:end] in words:
                found.setdefault(folded[start:end], []).append((start, end))
    return found


def _places(pieces: Iterable[str], text: str) -> Iterator[int]:
    """Where one of the pieces begins in the text, also where they overlap."""
    for piece in pieces:
        place = text.find(piece)
        while place >= 0:
            yield place
            place = text.find(piece, place + 1)


def _stretches(places: Iterable[int]) -> list[tuple[int, int]]:
    """Bounds of the longest stretches made of overlapping pairs that begin at the given places, which rise."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and found[-1][1] == place + 1:
            found[-1] = (found[-1][0], place + 2)
        else:
            found.append((place, place + 2))
    return found


def _longest(found: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Those that are no part of a longer one found elsewhere, in order; those that meet are made one."""
    longest = ""
    for piece in sorted({text[start:end] for start, end in found}, key=lambda piece: (-len(piece), piece)):
        if piece not in longest:
            longest += f"\n{piece}"
    whole = set(longest.split("\n"))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(bounds for bounds in found if text[slice(*bounds)] in whole):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
