"""Nearest vectors by inner product (FAISS, only here): knows vectors of unit length and row numbers, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable

_FILE = "vectors.faiss"


class VectorWriter:
    """Takes vectors in row order, block by block, and writes them into a generation folder."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._path = folder / _FILE
        self._index: Any = faiss.IndexFlatIP(dimension)

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Append the vectors of the next rows, shape (rows, dimension)."""
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def close(self) -> None:
        """Write the file."""
        try:
            faiss.write_index(self._index, str(self._path))
        except RuntimeError as error:  # all that FAISS raises
            raise IndexUnusable(f"{self._path}: cannot be written") from error


class VectorIndex:
    """The vectors of one generation; safe to ask from several threads."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def open(cls, folder: Path) -> VectorIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        try:
            return cls(faiss.read_index(str(folder / _FILE)))
        except RuntimeError as error:  # all that FAISS raises
            raise IndexUnusable(f"{folder / _FILE}: cannot be read; run `kb build`") from error

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
