"""One part of the words as it lies on the disk: names, reading, and what of it is merged into another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable
from kb.index.segments import beside, first_row, mapped
from kb.index.words.terms import Counted

NAME = "words"
TERMS, STARTS, WEIGHTS, COUNT = ".terms.npy", ".starts.npy", ".weights.npy", ".count.npy"

_AT_ONCE = 1 << 22  # postings that are merged at once
_ROW_BITS, _WEIGHT_BITS = 32, 8

Terms = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Postings:
    """Which rows hold each term, and with what weight: those of ``terms[i]`` lie from ``starts[i]`` to ``starts[i + 1]``, rising."""

    terms: Terms  # rising
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]  # counted from ``first``
    weights: NDArray[np.uint8]
    first: int

    @classmethod
    def of(cls, counted: Counted, first: int) -> Postings:
        """The same of texts of which the first stands in that row."""
        return cls(counted.terms, _starts(counted.holding), counted.texts, counted.weights, first)

    def places(self, terms: Terms) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the rows of each of the terms begin and end; empty for one that no row holds."""
        if not len(self.terms):
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), np.int64)
        at = np.minimum(self.terms.searchsorted(terms), len(self.terms) - 1)
        held = self.terms[at] == terms
        return self.starts[at], self.starts[at + held]  # the same place for one that is not held


def read_part(file: Path) -> tuple[Postings, int]:
    """The part whose rows lie in the file, mapped, and how many rows it is for; IndexUnusable when it cannot be read."""
    try:
        postings = Postings(
            cast("Terms", mapped(beside(file, TERMS))),
            cast("NDArray[np.int64]", mapped(beside(file, STARTS))),
            cast("NDArray[np.int32]", mapped(file)),
            cast("NDArray[np.uint8]", mapped(beside(file, WEIGHTS))),
            first_row(file),
        )
        return postings, int(np.load(beside(file, COUNT)))
    except (OSError, ValueError, EOFError, TypeError) as error:
        raise IndexUnusable(f"{file}: cannot be read; run `kb build`") from error


def merged(several: Sequence[Postings]) -> tuple[Terms, NDArray[np.int64], Iterator[Postings]]:
    """All terms, where the rows of each begin and end when all are put together, and the rows by rising ranges of terms.

    The several lie one behind the other: every row of one comes before every row of the next.
    """
    terms = np.unique(np.concatenate([one.terms for one in several])) if several else np.empty(0, np.int64)
    holding = np.zeros(len(terms), np.int64)
    for one in several:
        holding[np.searchsorted(terms, one.terms)] += np.diff(one.starts)
    starts = _starts(holding)
    return terms, starts, _ranges(several, terms, starts)


def _starts(holding: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(holding)))


def _ranges(several: Sequence[Postings], terms: Terms, starts: NDArray[np.int64]) -> Iterator[Postings]:
    first, begin = min((one.first for one in several), default=0), 0
    while begin < len(terms):
        end = max(begin + 1, int(np.searchsorted(starts, starts[begin] + _AT_ONCE, "right")) - 1)
        own = terms[begin:end]
        # A term, a row and a weight are one number together, so that sorting puts all in order at once.
        keys = np.sort(np.concatenate([_keys(one, own, one.first - first) for one in several]))
        rows = (keys >> _WEIGHT_BITS & ((1 << _ROW_BITS) - 1)).astype(np.int32)
        weights = (keys & ((1 << _WEIGHT_BITS) - 1)).astype(np.uint8)
        yield Postings(own, starts[begin : end + 1] - starts[begin], rows, weights, first)
        begin = end


def _keys(postings: Postings, terms: Terms, offset: int) -> NDArray[np.int64]:
    begin, end = np.searchsorted(postings.terms, terms[0]), np.searchsorted(postings.terms, terms[-1], "right")
    starts = postings.starts[begin : end + 1]
    term = np.repeat(np.searchsorted(terms, postings.terms[begin:end]), np.diff(starts))
    held = slice(starts[0], starts[-1])
    rows = postings.rows[held].astype(np.int64) + offset
    return term << (_ROW_BITS + _WEIGHT_BITS) | rows << _WEIGHT_BITS | postings.weights[held]
