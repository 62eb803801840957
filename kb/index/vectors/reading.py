"""The vectors of one generation, all parts together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kb.encoders import unit
from kb.index.segments import Allowed, Rows, parts_and_holes, rising
from kb.index.vectors.segments import (
    CLAUSES,
    PASSAGES,
    Floats,
    Part,
    Quantised,
    read_part,
)

# So many candidates are weighed for each row that is wanted, and never fewer: the codes put some of the nearest further behind. On
# 101,624 clauses 89 % of the ten nearest are among 20 candidates, 99 % among some hundreds.
_SPARE, _LEAST = 2, 300


class _Space:
    """The vectors of one space; safe to ask from several threads."""

    def __init__(self, parts: list[Part], holes: Rows) -> None:
        self._parts, self._holes = parts, holes
        self._firsts = np.array([part.first for part in parts])

    def __len__(self) -> int:
        """How many rows there are, holes not counted."""
        return sum(part.rows for part in self._parts) - len(self._holes)

    @property
    def dimension(self) -> int:
        """The length of every vector."""
        return int(self._parts[0].vectors.codes.shape[1])

    def scores(self, query: Floats, rows: Rows) -> Floats:
        """For each of the given rows the highest inner product of one of its vectors with the query."""
        scores = np.empty(len(rows), np.float32)
        for part, places in self._by_part(rows):
            scores[places] = part.scores(query, rows[places] - part.first)
        return scores

    def vectors(self, rows: Rows) -> Quantised:
        """The vectors of the given rows (rising), row by row."""
        found = [part.gathered(rows[places] - part.first)[0] for part, places in self._by_part(rows)]
        codes = np.concatenate([np.empty((0, self.dimension), np.int8), *(one.codes for one in found)])
        return Quantised(codes, np.concatenate([np.empty(0, np.float32), *(one.scales for one in found)]))

    def counts(self, rows: Rows) -> Rows:
        """How many vectors each of the given rows has."""
        counts = np.empty(len(rows), np.int64)
        for part, places in self._by_part(rows):
            counts[places] = part.counts(rows[places] - part.first)
        return counts

    def _by_part(self, rows: Rows) -> Iterator[tuple[Part, Rows | slice]]:
        """The parts that hold the rows, each with the places of its own among them."""
        if len(self._parts) == 1:
            yield self._parts[0], slice(None)
            return
        owners = np.searchsorted(self._firsts, rows, "right") - 1
        for owner in rising(owners):
            yield self._parts[owner], np.flatnonzero(owners == owner)


class VectorIndex(_Space):
    """The clauses of one generation: weighed, not looked for."""

    @classmethod
    def open(cls, folder: Path) -> VectorIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        return cls(*_opened(folder, CLAUSES))


class PassageIndex(_Space):
    """The passages of one generation: a row is as near as its nearest passage."""

    @classmethod
    def open(cls, folder: Path) -> PassageIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        return cls(*_opened(folder, PASSAGES))

    @classmethod
    def held(cls, vectors: Floats) -> PassageIndex:
        """An index in memory, compared one by one, of rows with one passage each."""
        bounds = np.arange(len(vectors) + 1, dtype=np.int64)
        return cls([Part(0, len(vectors), Quantised.of(vectors), bounds, None)], np.empty(0, np.int64))

    def near(self, query: Floats, limit: int, allowed: Allowed | None = None) -> Rows:
        """About the ``limit`` nearest rows of each part, in no order, among the allowed ones if given; none twice."""
        rows = np.concatenate([part.near(query, limit, allowed) + part.first for part in self._parts])
        if not len(self._holes):
            return rows
        places = np.minimum(np.searchsorted(self._holes, rows), len(self._holes) - 1)
        return np.asarray(rows[self._holes[places] != rows], np.int64)

    def search(self, query: Floats, limit: int, allowed: Allowed | None = None) -> tuple[Rows, Floats]:
        """Rows and inner products (-1..1) of the ``limit`` nearest, nearest first, ties by row, among the allowed rows if given."""
        rows = np.sort(self.near(query, max(_SPARE * limit, _LEAST), allowed))
        scores = self.scores(query, rows)
        best = np.argsort(-scores, kind="stable")[:limit]
        return rows[best], scores[best]

    def means(self, rows: Rows) -> Floats:
        """The mean of the passages of each of the given rows, unit length (zeros for an empty clause), shape (rows, dimension)."""
        means = np.empty((len(rows), self.dimension), np.float32)
        for part, places in self._by_part(rows):
            vectors, begins = part.gathered(rows[places] - part.first)
            means[places] = np.add.reduceat(vectors.floats, begins)
        return unit(means)


def _opened(folder: Path, space: str) -> tuple[list[Part], Rows]:
    files, holes = parts_and_holes(folder, space)
    return [read_part(one) for one in files], holes
