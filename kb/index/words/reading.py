"""The words of one generation: how much of what is asked each clause holds, by BM25."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.index.segments import Allowed, Rows, parts_and_holes
from kb.index.words.segments import NAME, Floats, Postings, read_part
from kb.index.words.terms import FULL, key, tokens
from kb.models import Expansion

# At most so many terms are asked, the rarest: a question of a person has fewer, a pasted page stays as quick as a question.
MAX_TERMS = 96

# Of these, the rarest that stand in clauses at most so often together, or in a sixth of all clauses: the commonest characters cost
# most and tell least. On 300 questions over 62,827 articles recall@10 of words alone is higher so than with all terms.
POSTINGS, _SHARE = 50_000, 6

_ALTERNATIVES = 3
_SAMPLED = 2048  # scores that are looked at to guess where the best begin
_STEPS = 1 << 14  # of a score in memory: half the bytes of a float are summed up faster, and the bound of 3 fits in

_Steps = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class WordScores:
    """How much of what was asked each clause holds; who leaves its ``with`` gives the memory back for the next question."""

    _scores: _Steps  # by row
    _postings: int  # places of the terms
    _terms: int
    _sample: _Steps  # the scores at some of the places, rising
    _spare: list[_Steps]

    def __enter__(self) -> WordScores:
        return self

    def __exit__(self, *_: object) -> None:
        self._spare.append(self._scores)

    def of(self, rows: Rows) -> Floats:
        """The scores of the given rows, 0..1."""
        return np.minimum(self._scores[rows], _STEPS) * np.float32(1 / _STEPS)

    def best(self, limit: int) -> Rows:
        """The ``limit`` best clauses that hold something, best first, ties by row."""
        # A clause has at most as many places as there are terms, so this many places of the sample are enough clauses.
        enough = limit * self._terms * len(self._sample) // max(self._postings, 1) + 1
        rows = np.empty(0, np.int64)
        if enough < len(self._sample) and self._sample[-enough] > 0:
            rows = np.flatnonzero(self._scores >= self._sample[-enough])
        if len(rows) < limit:
            rows = np.flatnonzero(self._scores > 0)
        return rows[np.argsort(~self._scores[rows], kind="stable")[:limit]]  # ~: as numbers without sign fall


class WordIndex:
    """The words of one generation; safe to ask from several threads."""

    def __init__(self, parts: Sequence[tuple[Postings, int]], holes: Rows) -> None:
        """The postings of each part, with how many rows it is for."""
        self._postings, self._holes = [postings for postings, _ in parts], holes
        self._count = sum(count for _, count in parts)
        self._live = self._count - len(holes)
        # Megabytes that the system would hand out, and clear, page by page for every question.
        self._spare: list[_Steps] = []

    @classmethod
    def open(cls, folder: Path) -> WordIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        files, holes = parts_and_holes(folder, NAME)
        return cls([read_part(one) for one in files], holes)

    def __len__(self) -> int:
        """How many rows there are, holes not counted."""
        return self._live

    def search(self, text: str, allowed: Allowed | None = None) -> WordScores:
        """How much of the text each clause holds, among the allowed ones if given.

        The score is BM25 divided by the bound that it cannot pass (every term of the query, each repeated without end): it says
        how much of the query was found, so scores of different queries compare, 0..1; a clause of usual length that holds every
        term once gets 0.38.
        """
        return self._scored(dict.fromkeys(map(key, tokens(text)), 1.0), 1.0, allowed)

    def widened(self, expansions: Sequence[Expansion], allowed: Allowed | None = None) -> WordScores:
        """The same for the official wordings of expansions, pairs and words only, each by its weight.

        The wordings are alternatives, so a clause that holds a third of them all holds what can be asked of it.
        """
        terms: dict[int, float] = {}
        for one in expansions:
            for term in _pairs(one.official):
                terms[term] = max(terms.get(term, 0.0), one.weight)
        return self._scored(terms, _ALTERNATIVES * max(terms.values(), default=0.0), allowed)

    def _scored(self, weights: Mapping[int, float], full: float, allowed: Allowed | None) -> WordScores:
        """By weighted terms: ``full`` for a clause at the bound."""
        scores = self._zeros()
        terms, weight = np.fromiter(weights, np.int64), np.fromiter(weights.values(), np.float64)
        places = [one.places(terms) for one in self._postings]
        holding = np.asarray(sum(ends - starts for starts, ends in places), np.int64)
        weight *= np.log1p((np.maximum(self._live - holding, 0) + 0.5) / (holding + 0.5))
        told = self._telling(weight, holding)
        if not len(told) or not self._live:
            return WordScores(scores, 0, 0, scores[:0], self._spare)
        shares = (_STEPS * full / FULL / weight[told].sum() * weight[told]).astype(np.float32)
        found = [
            _add(one, starts[told], ends[told], shares, scores)
            for one, (starts, ends) in zip(self._postings, places, strict=True)
        ]
        if len(self._holes):
            scores[self._holes] = 0
        if allowed is not None:
            scores *= allowed.mask
        rows = np.concatenate(found)
        sample = scores[rows[:: max(1, len(rows) // _SAMPLED)]]
        return WordScores(scores, len(rows), len(told), np.sort(sample), self._spare)

    def _zeros(self) -> _Steps:
        try:
            scores = self._spare.pop()
        except IndexError:
            return np.zeros(self._count, np.uint16)
        scores.fill(0)
        return scores

    def _telling(self, weight: NDArray[np.float64], holding: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of the terms that count most, ``MAX_TERMS`` at most, and no more than ``POSTINGS`` allow; one at least."""
        order = np.argsort(-weight, kind="stable")[:MAX_TERMS]
        told = int(np.searchsorted(np.cumsum(holding[order]), max(POSTINGS, self._live // _SHARE), "right"))
        return order[: max(told, 1)]


def _add(postings: Postings, starts: Rows, ends: Rows, shares: Floats, scores: _Steps) -> NDArray[np.int32]:
    """Add what the terms give to the scores of the rows that hold them; these rows, one a place."""
    slices = [slice(*bounds) for bounds in zip(starts.tolist(), ends.tolist(), strict=True)]
    rows = np.concatenate([postings.rows[one] for one in slices])
    if postings.first:
        rows += np.int32(postings.first)
    given = np.repeat(shares, ends - starts)
    given *= np.concatenate([postings.weights[one] for one in slices])
    given += np.float32(0.5)
    np.add.at(scores, rows, given.astype(np.uint16))
    return rows


@lru_cache(maxsize=4096)  # the thesaurus has some thousands of concepts
def _pairs(wordings: tuple[str, ...]) -> frozenset[int]:
    return frozenset(key(term) for term in tokens("\n".join(wordings)) if len(term) > 1)
