"""Writes the vectors of a generation, from nothing or behind those of the generation before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from kb.errors import IndexUnusable
from kb.index.segments import (
    Before,
    Rows,
    beside,
    first_row,
    mapped,
    part_file,
    write_header,
)
from kb.index.vectors.segments import (
    BOUNDS,
    CLAUSES,
    INDEX,
    PASSAGES,
    SCALES,
    Quantised,
    blocks,
    read_vectors,
)

EXACT = 8192  # a part of at most so many vectors is compared one by one, which costs under a millisecond
_HEADER = 128  # bytes in front of the numbers of a file that NumPy reads
_A_LIST = 64  # vectors that the middle of a list is found from


class _PartsWriter:
    """Takes the vectors of one space in row order, block by block, and writes them into a generation folder."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None, space: str) -> None:
        self._folder, self._dimension, self._space = folder, dimension, space
        self._before = Before(previous, space)
        self._first = sum(map(_rows_of, self._before.files))
        self._rows = self._vectors = 0
        self._unfinished = folder / f"{space}.unfinished"
        self._file = self._unfinished.open("wb")
        self._file.write(bytes(_HEADER))
        self._bounds = [np.zeros(1, np.int64)]
        self._scales = [np.empty(0, np.float32)]

    def drop(self, rows: Sequence[int]) -> None:
        """The given rows of the generation before hold nothing any more."""
        self._before.drop(rows)

    def _append(self, counts: Rows, vectors: Quantised) -> None:
        self._file.write(vectors.codes.tobytes())
        self._scales.append(vectors.scales)
        self._bounds.append(np.cumsum(counts) + self._vectors)
        self._rows += len(counts)
        self._vectors += len(vectors)

    def release(self) -> None:
        """Let go of the file that is being written; what was not closed is lost."""
        self._file.close()

    def close(self) -> None:
        """Write the files; IndexUnusable when the disk refuses."""
        try:
            self._close()
        except (OSError, RuntimeError) as error:  # RuntimeError is all that FAISS raises
            raise IndexUnusable(f"{self._folder}: vectors cannot be written: {error}") from error

    def _close(self) -> None:
        sizes = [len(mapped(file)) for file in self._before.files]
        taken = self._before.keep(self._folder, sizes, self._vectors, EXACT)
        if self._rows or not self._before.files:
            self._finish(taken)
        else:
            self._file.close()
            self._unfinished.unlink()

    def _finish(self, taken: list[Path]) -> None:
        """Make one part of the last ones of the generation before and of the new rows."""
        count = self._vectors + sum(len(mapped(file)) for file in taken)
        if taken:
            self._put_behind(taken)
        self._file.seek(0)
        write_header(self._file, "|i1", count, self._dimension)
        self._file.close()
        file = part_file(self._folder, self._space, first_row(taken[0]) if taken else self._first)
        self._unfinished.rename(file)
        bounds = np.concatenate(self._bounds)
        np.save(beside(file, SCALES), np.concatenate(self._scales))
        if self._space == PASSAGES:
            np.save(beside(file, BOUNDS), bounds)
            if count > EXACT:
                faiss.write_index(_index(read_vectors(file), bounds), str(beside(file, INDEX)))

    def _put_behind(self, taken: list[Path]) -> None:
        """Move what is written behind the vectors of other parts."""
        self._file.close()
        new = self._unfinished.rename(self._folder / f"{self._space}.new")
        bounds, offset = [np.zeros(1, np.int64)], 0
        self._file = self._unfinished.open("wb")
        self._file.write(bytes(_HEADER))
        for file in taken:
            _copy_numbers(file, self._file)
            old = np.load(beside(file, BOUNDS)) if self._space == PASSAGES else np.arange(_rows_of(file) + 1)
            bounds.append(old[1:] + offset)
            offset += int(old[-1])
        _copy_numbers(new, self._file)
        new.unlink()
        self._bounds = [*bounds, *(one + offset for one in self._bounds[1:])]
        self._scales = [*(read_vectors(file).scales for file in taken), *self._scales]


class VectorWriter(_PartsWriter):
    """Takes one vector a row, in row order; the rows of ``previous``, another generation's folder, come before them."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None = None) -> None:
        super().__init__(folder, dimension, previous, CLAUSES)

    def add(self, vectors: Quantised) -> None:
        """Append the vectors of the next rows."""
        self._append(np.ones(len(vectors), np.int64), vectors)


class PassageWriter(_PartsWriter):
    """The same for the passages of the rows."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None = None) -> None:
        super().__init__(folder, dimension, previous, PASSAGES)

    def add(self, counts: Sequence[int], vectors: Quantised) -> None:
        """Append the next rows: how many passages each has (at least one) and the vectors of all of them."""
        self._append(np.asarray(counts, np.int64), vectors)


def _rows_of(file: Path) -> int:
    bounds = beside(file, BOUNDS)
    return len(mapped(bounds)) - 1 if bounds.exists() else len(mapped(file))


def _copy_numbers(file: Path, to: Any) -> None:
    with file.open("rb") as source:
        source.seek(_HEADER)
        shutil.copyfileobj(source, to, 1 << 20)


def _index(vectors: Quantised, bounds: Rows) -> Any:
    """What finds rows by their vectors, of which the row ``i`` has those from ``bounds[i]`` to ``bounds[i + 1]``."""
    count, dimension = vectors.codes.shape
    lists = round(count**0.5 / 2)
    codes = dimension // 2 if dimension % 2 == 0 else dimension  # four bits for two components
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(dimension), dimension, lists, codes, 4, faiss.METRIC_INNER_PRODUCT
    )
    step = max(1, count // (_A_LIST * lists))
    with _one_thread():
        index.train(vectors[::step].floats)
    owners = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    for block in blocks(count):
        index.add_with_ids(vectors[block].floats, owners[block])
    return index


@contextmanager
def _one_thread() -> Iterator[None]:
    """Training is thousands of short steps: threads that wait for one another after each take ten times as long on a busy machine."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
