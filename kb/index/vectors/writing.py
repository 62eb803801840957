"""Writes the vectors of a generation, from nothing or after those of the previous generation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from kb.errors import IndexUnusable
from kb.index.segments import PreviousSegments, Rows, first_row, mapped, segment_file, sibling, write_header
from kb.index.vectors.known import Keys
from kb.index.vectors.segments import BOUNDS, CLAUSES, INDEX, KEYS, PASSAGES, SCALES, Quantised, blocks, read_vectors
from kb.messages import Message, reason_of

EXACT = 8192  # a segment of at most so many vectors is searched exhaustively, which costs under a millisecond
_HEADER = 128  # bytes in front of the numbers of a NumPy file
_TRAINING = 64  # vectors for each list of the inverted file that k-means is trained on


class _SegmentWriter:
    """Takes the vectors of one space in row order, block by block, and writes them into a generation folder."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None, space: str) -> None:
        self._folder, self._dimension, self._space = folder, dimension, space
        self._previous = PreviousSegments(previous, space)
        self._first = sum(map(_row_count, self._previous.files))
        self._rows = self._vectors = 0
        self._unfinished = folder / f"{space}.unfinished"
        self._file = self._unfinished.open("wb")
        self._file.write(bytes(_HEADER))
        self._bounds = [np.zeros(1, np.int64)]
        self._scales = [np.empty(0, np.float32)]
        self._keys: list[Keys] = []

    def delete(self, rows: Sequence[int]) -> None:
        """Mark rows of the previous generation as deleted."""
        self._previous.delete(rows)

    def _append(self, counts: Rows, vectors: Quantised, keys: Keys | None = None) -> None:
        self._file.write(vectors.codes.tobytes())
        self._scales.append(vectors.scales)
        self._bounds.append(np.cumsum(counts) + self._vectors)
        if keys is not None:
            self._keys.append(keys)
        self._rows += len(counts)
        self._vectors += len(vectors)

    def release(self) -> None:
        """Close the file that is being written; what was not closed by ``close`` is lost."""
        self._file.close()

    def close(self) -> None:
        """Write the files; IndexUnusable when the disk refuses."""
        try:
            self._close()
        except (OSError, RuntimeError) as error:  # RuntimeError is all that FAISS raises
            raise IndexUnusable(self._folder, Message("cannot-be-written", reason=reason_of(error))) from error

    def _close(self) -> None:
        sizes = [len(mapped(file)) for file in self._previous.files]
        merging = self._previous.take_over(self._folder, sizes, self._vectors, EXACT)
        if self._rows or not self._previous.files:
            self._finish(merging)
        else:
            self._file.close()
            self._unfinished.unlink()

    def _finish(self, merging: list[Path]) -> None:
        """Write one segment of the segments to be merged and the new rows."""
        count = self._vectors + sum(len(mapped(file)) for file in merging)
        if merging:
            self._prepend(merging)
        self._file.seek(0)
        write_header(self._file, "|i1", count, self._dimension)
        self._file.close()
        file = segment_file(self._folder, self._space, first_row(merging[0]) if merging else self._first)
        self._unfinished.rename(file)
        bounds = np.concatenate(self._bounds)
        np.save(sibling(file, SCALES), np.concatenate(self._scales))
        if self._keys:
            np.save(sibling(file, KEYS), np.concatenate(self._keys))
        if self._space == PASSAGES:
            np.save(sibling(file, BOUNDS), bounds)
            if count > EXACT and not self._keys:
                faiss.write_index(_index(read_vectors(file), bounds), str(sibling(file, INDEX)))

    def _prepend(self, merging: list[Path]) -> None:
        """Write the vectors of other segments before what is written so far."""
        self._file.close()
        new = self._unfinished.rename(self._folder / f"{self._space}.new")
        bounds, offset = [np.zeros(1, np.int64)], 0
        self._file = self._unfinished.open("wb")
        self._file.write(bytes(_HEADER))
        for file in merging:
            _copy_numbers(file, self._file)
            old = np.load(sibling(file, BOUNDS)) if self._space == PASSAGES else np.arange(_row_count(file) + 1)
            bounds.append(old[1:] + offset)
            offset += int(old[-1])
        _copy_numbers(new, self._file)
        new.unlink()
        self._bounds = [*bounds, *(block + offset for block in self._bounds[1:])]
        self._scales = [*(read_vectors(file).scales for file in merging), *self._scales]
        if self._keys:
            self._keys = [*(np.load(sibling(file, KEYS)) for file in merging), *self._keys]


class VectorWriter(_SegmentWriter):
    """Takes one vector a row, in row order; the rows of ``previous``, the previous generation's folder, come before them."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None = None) -> None:
        super().__init__(folder, dimension, previous, CLAUSES)

    def add(self, vectors: Quantised) -> None:
        """Append the vectors of the next rows."""
        self._append(np.ones(len(vectors), np.int64), vectors)


class PassageWriter(_SegmentWriter):
    """Takes the vectors of the passages of each row, in row order, likewise."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None = None) -> None:
        super().__init__(folder, dimension, previous, PASSAGES)

    def rewrite_from(self, row: int) -> int:
        """Take no segment over that holds this row or later ones; the first row that is to be added then."""
        files = self._previous.files
        while files and first_row(files[-1]) + _row_count(files[-1]) > row:
            self._first = first_row(files.pop())
        return self._first

    def add(self, counts: Sequence[int], vectors: Quantised, keys: Keys | None = None) -> None:
        """Append the next rows: the number of passages of each (at least one) and the vectors of all of them.

        ``keys`` are those of the passages' texts, where they are kept (``KnownVectors``).
        """
        self._append(np.asarray(counts, np.int64), vectors, keys)


def _row_count(file: Path) -> int:
    bounds = sibling(file, BOUNDS)
    return len(mapped(bounds)) - 1 if bounds.exists() else len(mapped(file))


def _copy_numbers(file: Path, to: Any) -> None:
    with file.open("rb") as source:
        source.seek(_HEADER)
        shutil.copyfileobj(source, to, 1 << 20)


def _index(vectors: Quantised, bounds: Rows) -> Any:
    """The FAISS index of the vectors by row; row ``i`` has those from ``bounds[i]`` to ``bounds[i + 1]``."""
    count, dimension = vectors.codes.shape
    lists = round(count**0.5 / 2)
    codes = dimension // 2 if dimension % 2 == 0 else dimension  # four bits for two components
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(dimension), dimension, lists, codes, 4, faiss.METRIC_INNER_PRODUCT
    )
    step = max(1, count // (_TRAINING * lists))
    with _one_thread():
        index.train(vectors[::step].floats)
    owners = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    for block in blocks(count):
        index.add_with_ids(vectors[block].floats, owners[block])
    return index


@contextmanager
def _one_thread() -> Iterator[None]:
    """FAISS with one thread: k-means is thousands of short steps, after each of which threads would wait for one another.

    On a busy machine that takes ten times as long.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
