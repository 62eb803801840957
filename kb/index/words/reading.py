"""The words of one generation: how well each clause matches a query, by BM25."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.index.segments import AllowedRows, Rows, segments_and_deletions
from kb.index.words.segments import CLAUSES, DOCUMENTS, Floats, Postings, read_segment
from kb.index.words.terms import OF_CLAUSE, OF_DOCUMENT, PAIRS, WEIGHT_STEPS, key, tokens
from kb.models import Expansion

# At most so many terms of a query are scored, the rarest: a person's question has fewer, and a pasted page stays as quick as one.
MAX_TERMS = 96

# Of these, the rarest whose postings together are at most so many, or a sixth of all clauses: the commonest characters cost most and
# discriminate least. On 300 questions over 62,827 articles recall@10 of words alone is higher so than with all terms.
MAX_POSTINGS, _SHARE = 50_000, 6

_ALTERNATIVES = 3
_SAMPLE = 2048  # scores that are sampled to estimate where the best begin
SCORE_STEPS = 1 << 14  # scores are 16-bit: half the bytes of a float are summed faster, and the bound of 3 fits in

_Scores = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class WordScores:
    """The scores of all rows for one query; leaving its ``with`` block gives the memory back for the next query."""

    _scores: _Scores  # by row
    _postings: int  # of the terms that were scored
    _terms: int
    _sample: _Scores  # the scores at some of the postings, ascending
    _spare: list[_Scores]

    def __enter__(self) -> WordScores:
        return self

    def __exit__(self, *_: object) -> None:
        self._spare.append(self._scores)

    def of(self, rows: Rows) -> Floats:
        """The scores of the given rows, 0..1."""
        return np.minimum(self._scores[rows], SCORE_STEPS) * np.float32(1 / SCORE_STEPS)

    def top(self, limit: int) -> Rows:
        """The ``limit`` best rows with any term, best first, ties by row."""
        # A row has at most one posting for each term, so this many postings of the sample are enough rows.
        enough = limit * self._terms * len(self._sample) // max(self._postings, 1) + 1
        rows = np.empty(0, np.int64)
        if enough < len(self._sample) and self._sample[-enough] > 0:
            rows = np.flatnonzero(self._scores >= self._sample[-enough])
        if len(rows) < limit:
            rows = np.flatnonzero(self._scores > 0)
        return rows[np.argsort(~self._scores[rows], kind="stable")[:limit]]  # ~ reverses the order of unsigned numbers


class WordIndex:
    """The words of one generation; thread-safe."""

    def __init__(
        self, segments: Sequence[tuple[Postings, int]], deleted: Rows, longest: int = OF_CLAUSE.longest
    ) -> None:
        """The postings of each segment, with its number of rows; and the longest Chinese tokens that it holds."""
        self._longest = longest
        self._segments, self._deleted = [postings for postings, _ in segments], deleted
        self.rows = sum(count for _, count in segments)  # deleted ones included
        self._live = self.rows - len(deleted)
        # Megabytes that the system would hand out, and clear, page by page for every query.
        self._spare: list[_Scores] = []

    @classmethod
    def open(cls, folder: Path, name: str = CLAUSES) -> WordIndex:
        """The index of that name in a generation folder; IndexUnusable when it cannot be read."""
        files, deleted = segments_and_deletions(folder, name)
        of = OF_DOCUMENT if name == DOCUMENTS else OF_CLAUSE
        return cls([read_segment(file) for file in files], deleted, of.longest)

    def __len__(self) -> int:
        """The number of rows that are not deleted."""
        return self._live

    def score(self, query: str, allowed: AllowedRows | None = None) -> WordScores:
        """The scores of all rows for the query, 0 for those that are not allowed.

        The score is BM25 divided by its upper bound (every term of the query, each with unbounded frequency): it says how much of
        the query was found, so scores of different queries compare, 0..1; a clause of average length that holds every term once
        scores 0.38.
        """
        return self._score(terms_of(query, self._longest), 1.0, allowed)

    def score_expansions(self, expansions: Sequence[Expansion], allowed: AllowedRows | None = None) -> WordScores:
        """The scores of all rows for the official wordings of expansions: bigrams and Latin words only, each by its weight.

        The wordings are alternatives, so a clause that holds a third of their weight scores as if it held all.
        """
        return self._score(*terms_of_expansions(expansions), allowed)

    def holding(self, text: str) -> Rows:
        """The rows that hold all tokens of a text, ascending: all that hold the text, and some that do not; none for a text without words."""
        terms = np.array(sorted(set(map(key, tokens(text, self._longest)))), np.int64)
        found = []
        for postings in self._segments:
            starts, ends = postings.spans(terms)
            spans = sorted(zip(starts.tolist(), ends.tolist(), strict=True), key=lambda span: span[1] - span[0])
            rows = postings.rows[slice(*spans[0])] if spans else np.empty(0, np.int32)
            for span in spans[1:]:
                rows = np.intersect1d(rows, postings.rows[slice(*span)], assume_unique=True)
            found.append(rows.astype(np.int64) + postings.first)
        return np.setdiff1d(np.concatenate(found), self._deleted) if found else np.empty(0, np.int64)

    def frequencies(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """In how many rows each of these tokens stands, deleted ones included."""
        keys = np.fromiter(map(key, terms), np.int64, len(terms))
        spans = (postings.spans(keys) for postings in self._segments)
        return np.asarray(sum((ends - starts for starts, ends in spans), np.zeros(len(keys), np.int64)), np.int64)

    def characters(self) -> list[str]:
        """All Chinese characters that stand anywhere."""
        single = [postings.terms[: postings.terms.searchsorted(PAIRS)] for postings in self._segments]
        return list(map(chr, np.unique(np.concatenate(single)).tolist())) if single else []

    def _score(self, weighted: Mapping[int, float], full: float, allowed: AllowedRows | None) -> WordScores:
        """The scores for weighted terms; a row at the upper bound scores ``full``."""
        scores = self._zeros()
        terms, weights = np.fromiter(weighted, np.int64), np.fromiter(weighted.values(), np.float64)
        spans = [postings.spans(terms) for postings in self._segments]
        frequencies = np.asarray(sum(ends - starts for starts, ends in spans), np.int64)
        chosen, shares = most_selective(weights, frequencies, full, self._live)
        if not len(chosen):
            return WordScores(scores, 0, 0, scores[:0], self._spare)
        scored = [
            _add(postings, starts[chosen], ends[chosen], shares, scores)
            for postings, (starts, ends) in zip(self._segments, spans, strict=True)
        ]
        if len(self._deleted):
            scores[self._deleted] = 0
        if allowed is not None:
            scores *= allowed.mask
        rows = np.concatenate(scored)
        sample = scores[rows[:: max(1, len(rows) // _SAMPLE)]]
        return WordScores(scores, len(rows), len(chosen), np.sort(sample), self._spare)

    def _zeros(self) -> _Scores:
        try:
            scores = self._spare.pop()
        except IndexError:
            return np.zeros(self.rows, np.uint16)
        scores.fill(0)
        return scores


def terms_of(query: str, longest: int = OF_CLAUSE.longest) -> dict[int, float]:
    """The terms of a query, each with its weight."""
    return dict.fromkeys(map(key, tokens(query, longest)), 1.0)


def terms_of_expansions(expansions: Sequence[Expansion]) -> tuple[dict[int, float], float]:
    """The terms of the official wordings, each with its weight, and what a row at the upper bound scores."""
    terms: dict[int, float] = {}
    for expansion in expansions:
        for term in _bigrams(expansion.official):
            terms[term] = max(terms.get(term, 0.0), expansion.weight)
    return terms, _ALTERNATIVES * max(terms.values(), default=0.0)


def most_selective(
    weights: NDArray[np.float64], frequencies: NDArray[np.int64], full: float, live: int
) -> tuple[NDArray[np.int64], Floats]:
    """Places of the terms of highest weight, within ``MAX_TERMS`` and ``MAX_POSTINGS``, at least one; and what a posting of each adds to the score
    of its row for each step of its weight. None when there is no row.

    ``live`` is the number of rows; a row at the upper bound scores ``full``.
    """
    rarity = weights * np.log1p((np.maximum(live - frequencies, 0) + 0.5) / (frequencies + 0.5))
    order = np.argsort(-rarity, kind="stable")[:MAX_TERMS]
    most = max(MAX_POSTINGS, live // _SHARE)
    count = int(np.searchsorted(np.cumsum(frequencies[order]), most, "right"))
    chosen = order[: max(count, 1)] if live else order[:0]
    total = rarity[chosen].sum()
    return chosen, (SCORE_STEPS * full / WEIGHT_STEPS / (total or 1.0) * rarity[chosen]).astype(np.float32)


def _add(postings: Postings, starts: Rows, ends: Rows, shares: Floats, scores: _Scores) -> NDArray[np.int32]:
    """Add the shares of the terms to the scores of the rows that hold them; returns these rows, one for each posting."""
    slices = [slice(*span) for span in zip(starts.tolist(), ends.tolist(), strict=True)]
    rows = np.concatenate([postings.rows[span] for span in slices])
    if postings.first:
        rows += np.int32(postings.first)
    added = np.repeat(shares, ends - starts)
    added *= np.concatenate([postings.weights[span] for span in slices])
    added += np.float32(0.5)
    np.add.at(scores, rows, added.astype(np.uint16))
    return rows


@lru_cache(maxsize=4096)  # the thesaurus has some thousands of concepts
def _bigrams(wordings: tuple[str, ...]) -> frozenset[int]:
    return frozenset(key(term) for term in tokens("\n".join(wordings)) if len(term) > 1)
