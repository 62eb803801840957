"""The vectors of one generation, all segments together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kb.encoders import normalised
from kb.index.segments import AllowedRows, Rows, segments_and_deletions, sorted_unique
from kb.index.vectors.segments import CLAUSES, PASSAGES, Floats, Quantised, VectorSegment, read_segment


class _VectorSpace:
    """The vectors of one space; thread-safe."""

    def __init__(self, segments: list[VectorSegment], deleted: Rows) -> None:
        self._segments, self._deleted = segments, deleted
        self._firsts = np.array([segment.first for segment in segments])

    def __len__(self) -> int:
        """The number of rows that are not deleted."""
        return self.stop - int(np.searchsorted(self._deleted, self.stop))

    @property
    def stop(self) -> int:
        """The row behind the last one."""
        return sum(segment.rows for segment in self._segments)

    @property
    def dimension(self) -> int:
        """The length of every vector."""
        return int(self._segments[0].vectors.codes.shape[1])

    def scores(self, query: Floats, rows: Rows) -> Floats:
        """For each row the highest inner product of the query with one of the row's vectors."""
        scores = np.empty(len(rows), np.float32)
        for segment, places in self._by_segment(rows):
            scores[places] = segment.scores(query, rows[places] - segment.first)
        return scores

    def vectors(self, rows: Rows) -> Quantised:
        """The vectors of the rows (ascending), row by row."""
        parts = [segment.gather(rows[places] - segment.first)[0] for segment, places in self._by_segment(rows)]
        codes = np.concatenate([np.empty((0, self.dimension), np.int8), *(part.codes for part in parts)])
        return Quantised(codes, np.concatenate([np.empty(0, np.float32), *(part.scales for part in parts)]))

    def counts(self, rows: Rows) -> Rows:
        """The number of vectors of each row."""
        counts = np.empty(len(rows), np.int64)
        for segment, places in self._by_segment(rows):
            counts[places] = segment.counts(rows[places] - segment.first)
        return counts

    def _by_segment(self, rows: Rows) -> Iterator[tuple[VectorSegment, Rows | slice]]:
        """The segments that hold the rows, each with the places of its rows in ``rows``."""
        if len(self._segments) == 1:
            yield self._segments[0], slice(None)
            return
        owners = np.searchsorted(self._firsts, rows, "right") - 1
        for owner in sorted_unique(owners):
            yield self._segments[owner], np.flatnonzero(owners == owner)


class VectorIndex(_VectorSpace):
    """One vector for each clause of a generation; scored, not searched."""

    @classmethod
    def open(cls, folder: Path) -> VectorIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        return cls(*_read(folder, CLAUSES))


class PassageIndex(_VectorSpace):
    """The passages of a generation; a row is as near as its nearest passage."""

    @classmethod
    def open(cls, folder: Path) -> PassageIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        return cls(*_read(folder, PASSAGES))

    @classmethod
    def in_memory(cls, vectors: Floats) -> PassageIndex:
        """An index of rows with one passage each, searched exhaustively."""
        bounds = np.arange(len(vectors) + 1, dtype=np.int64)
        segment = VectorSegment(0, len(vectors), Quantised.from_floats(vectors), bounds, None)
        return cls([segment], np.empty(0, np.int64))

    def without_vectors(self) -> Rows:
        """The rows before ``stop``, ascending, that have zeros and are not deleted: their vectors are not made yet."""
        zeros = [
            np.flatnonzero(segment.vectors.scales[segment.bounds[:-1]] == 0) + segment.first
            for segment in self._segments
            if segment.bounds is not None  # never for passages
        ]
        return np.setdiff1d(np.concatenate(zeros), self._deleted, assume_unique=True)

    @property
    def filled(self) -> int:
        """The number of rows that have vectors."""
        return len(self) - len(self.without_vectors())

    def candidates(self, query: Floats, limit: int, allowed: AllowedRows | None = None) -> Rows:
        """About the ``limit`` nearest rows of each segment, of the allowed ones if given; unordered, each once."""
        rows = np.concatenate([s.candidates(query, limit, allowed) + s.first for s in self._segments])
        if not len(self._deleted):
            return rows
        places = np.minimum(np.searchsorted(self._deleted, rows), len(self._deleted) - 1)
        return np.asarray(rows[self._deleted[places] != rows], np.int64)

    def means(self, rows: Rows) -> Floats:
        """The mean of the passages of each row, of unit length (zeros for an empty clause); shape (rows, dimension)."""
        means = np.empty((len(rows), self.dimension), np.float32)
        for segment, places in self._by_segment(rows):
            vectors, begins = segment.gather(rows[places] - segment.first)
            means[places] = np.add.reduceat(vectors.floats, begins)
        return normalised(means)


def _read(folder: Path, space: str) -> tuple[list[VectorSegment], Rows]:
    files, deleted = segments_and_deletions(folder, space)
    return [read_segment(file) for file in files], deleted
