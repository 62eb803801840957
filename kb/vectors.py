"""Nearest vectors by inner product (FAISS, only here): knows vectors of unit length, rows and their passages, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable

_CLAUSES, _PASSAGES, _BOUNDS = "vectors.faiss", "passages.faiss", "passages.npy"
_PASSAGES_A_CLAUSE = (
    3  # so many passages are looked at for each clause that is wanted: a clause may hold several that are near
)


class VectorWriter:
    """Takes vectors in row order, block by block, and writes them into a generation folder."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._path = folder / _CLAUSES
        self._index: Any = faiss.IndexFlatIP(dimension)

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Append the vectors of the next rows, shape (rows, dimension)."""
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def close(self) -> None:
        """Write the file."""
        _write(self._index, self._path)


class VectorIndex:
    """The vectors of one generation; safe to ask from several threads."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def open(cls, folder: Path) -> VectorIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        return cls(_read(folder / _CLAUSES))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of every vector."""
        return int(self._index.d)

    def search(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows and inner products (-1..1) of the ``limit`` nearest vectors, nearest first, among the allowed rows if given."""
        limit = min(limit, len(self) if allowed is None else len(allowed))
        if limit == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None if allowed is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))  # type: ignore[call-arg]
        scores, rows = self._index.search(query.reshape(1, -1), limit, params=parameters)
        found = rows[0] >= 0
        return rows[0][found].astype(np.int64), scores[0][found]

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Inner products of the query with the vectors of the given rows, in their order."""
        return np.asarray(self.vectors(rows) @ query, dtype=np.float32)

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of the given rows, shape (rows, dimension)."""
        if not len(rows):
            return np.empty((0, self.dimension), np.float32)
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)


class PassageWriter:
    """The same for the passages of the rows; halves the precision, since there are several times as many."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        kind = faiss.ScalarQuantizer.QT_fp16
        self._index: Any = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        self._counts: list[int] = []

    def add(self, counts: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Append the next rows: how many passages each has (at least one) and the vectors of all of them."""
        self._counts.extend(counts)
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def close(self) -> None:
        """Write the files."""
        np.save(self._folder / _BOUNDS, np.concatenate(([0], np.cumsum(self._counts, dtype=np.int64))))
        _write(self._index, self._folder / _PASSAGES)


class PassageIndex:
    """The passages of one generation: which rows hold one that is near; safe to ask from several threads."""

    def __init__(self, vectors: VectorIndex, bounds: NDArray[np.int64]) -> None:
        self._vectors, self._bounds = vectors, bounds

    @classmethod
    def open(cls, folder: Path) -> PassageIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        try:
            bounds = np.load(folder / _BOUNDS)
        except (OSError, ValueError, EOFError) as error:
            raise IndexUnusable(f"{folder / _BOUNDS}: cannot be read; run `kb build`") from error
        return cls(VectorIndex(_read(folder / _PASSAGES)), bounds)

    def search(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """The rows, at most ``limit``, of the nearest passages, nearest first, among the allowed rows if given."""
        among = None if allowed is None else self._places(allowed)
        places, _ = self._vectors.search(query, limit * _PASSAGES_A_CLAUSE, among)
        rows = np.searchsorted(self._bounds, places, "right") - 1
        _, first = np.unique(rows, return_index=True)
        return np.asarray(rows[np.sort(first)][:limit], np.int64)

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """For each of the given rows the highest inner product of one of its passages with the query."""
        if not len(rows):
            return np.empty(0, np.float32)
        starts = np.cumsum(np.concatenate(([0], self.counts(rows)[:-1])))
        return np.asarray(np.maximum.reduceat(self._vectors.scores(query, self._places(rows)), starts), np.float32)

    def means(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The mean of the passages of each of the given rows, unit length (zeros for an empty clause), shape (rows, dimension)."""
        if not len(rows):
            return np.empty((0, self._vectors.dimension), np.float32)
        starts = np.cumsum(np.concatenate(([0], self.counts(rows)[:-1])))
        sums = np.add.reduceat(self.vectors(rows), starts)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.where(lengths > 0, lengths, 1), np.float32)

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many passages each of the given rows has."""
        return np.asarray(self._bounds[rows + 1] - self._bounds[rows], np.int64)

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of all passages of the given rows, row by row, shape (passages, dimension)."""
        return self._vectors.vectors(self._places(rows))

    def _places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the passages of the rows lie, row by row."""
        counts = self.counts(rows)
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.asarray(np.repeat(self._bounds[rows], counts) + offsets, np.int64)


def _write(index: Any, path: Path) -> None:
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:  # all that FAISS raises
        raise IndexUnusable(f"{path}: cannot be written") from error


def _read(path: Path) -> Any:
    try:
        return faiss.read_index(str(path))
    except RuntimeError as error:  # all that FAISS raises
        raise IndexUnusable(f"{path}: cannot be read; run `kb build`") from error
