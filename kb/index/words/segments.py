"""One segment of the words: its files, reading them, and merging several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable
from kb.index.segments import first_row, mapped, sibling, sorted_unique
from kb.index.words.terms import TermCounts
from kb.messages import Message, reason_of

CLAUSES, DOCUMENTS = "words", "documents"  # the names of the two inverted files: over clauses, and over whole documents
TERMS, STARTS, WEIGHTS, COUNT = ".terms.npy", ".starts.npy", ".weights.npy", ".count.npy"

_AT_ONCE = 1 << 22  # postings that are merged at once

Terms = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Postings:
    """The rows that hold each term, and its weight in them: those of ``terms[i]`` lie from ``starts[i]`` to ``starts[i + 1]``."""

    terms: Terms  # ascending
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]  # counted from ``first``, ascending for each term
    weights: NDArray[np.uint8]
    first: int

    @classmethod
    def from_counts(cls, counts: TermCounts, first: int) -> Postings:
        """The postings of texts of which the first is that row."""
        return cls(counts.terms, _starts(counts.frequencies), counts.texts, counts.weights, first)

    def spans(self, terms: Terms) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the postings of each of the terms begin and end; an empty span for a term that no row holds."""
        if not len(self.terms):
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), np.int64)
        at = np.minimum(self.terms.searchsorted(terms), len(self.terms) - 1)
        is_held = self.terms[at] == terms
        return self.starts[at], self.starts[at + is_held]


def read_segment(file: Path) -> tuple[Postings, int]:
    """The segment of that main file, memory-mapped, and its number of rows; IndexUnusable when it cannot be read."""
    try:
        postings = Postings(
            cast("Terms", mapped(sibling(file, TERMS))),
            cast("NDArray[np.int64]", mapped(sibling(file, STARTS))),
            cast("NDArray[np.int32]", mapped(file)),
            cast("NDArray[np.uint8]", mapped(sibling(file, WEIGHTS))),
            first_row(file),
        )
        return postings, int(np.load(sibling(file, COUNT)))
    except (OSError, ValueError, EOFError, TypeError) as error:
        raise IndexUnusable(file, Message("index-damaged", reason=reason_of(error))) from error


def merge(segments: Sequence[Postings]) -> tuple[Terms, NDArray[np.int64], Iterator[Postings]]:
    """All terms, where the postings of each begin when all segments are merged, and the postings by ascending ranges of terms.

    The segments are in row order: every row of one comes before every row of the next.
    """
    terms = sorted_unique(np.concatenate([s.terms for s in segments])) if segments else np.empty(0, np.int64)
    places = [np.searchsorted(terms, segment.terms) for segment in segments]
    frequencies = np.zeros(len(terms), np.int64)
    for segment, place in zip(segments, places, strict=True):
        frequencies[place] += np.diff(segment.starts)
    starts = _starts(frequencies)
    return terms, starts, _merged_ranges(segments, places, terms, starts)


def _starts(frequencies: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(frequencies)))


def _merged_ranges(
    segments: Sequence[Postings], places: Sequence[NDArray[np.int64]], terms: Terms, starts: NDArray[np.int64]
) -> Iterator[Postings]:
    """The postings by ranges of terms; ``places`` says of each segment where its terms are among all."""
    first, begin = min((segment.first for segment in segments), default=0), 0
    while begin < len(terms):
        end = max(begin + 1, int(np.searchsorted(starts, starts[begin] + _AT_ONCE, "right")) - 1)
        own = starts[begin : end + 1] - starts[begin]
        rows, weights, free = np.empty(own[-1], np.int32), np.empty(own[-1], np.uint8), own[:-1].copy()
        for segment, place in zip(segments, places, strict=True):
            held = slice(*np.searchsorted(place, (begin, end)))
            of, counts = place[held] - begin, np.diff(segment.starts[held.start : held.stop + 1])
            span = slice(segment.starts[held.start], segment.starts[held.stop])
            # The postings of a term follow those that the segments before have of it.
            to = np.repeat(free[of] - segment.starts[held], counts) + np.arange(span.start, span.stop)
            rows[to] = segment.rows[span] + np.int32(segment.first - first)
            weights[to] = segment.weights[span]
            free[of] += counts
        yield Postings(terms[begin:end], own, rows, weights, first)
        begin = end
