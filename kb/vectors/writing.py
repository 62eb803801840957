"""Writes the vectors of a generation, from nothing or behind those of the generation before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb import generations
from kb.errors import IndexUnusable
from kb.vectors.parts import (
    CLAUSES,
    ONE,
    PASSAGES,
    Floats,
    Rows,
    beside,
    blocks,
    first_row,
    holes_file,
    mapped,
    part_files,
    part_name,
    quantised,
)

EXACT = 8192  # a part of at most so many vectors is compared one by one, which costs under a millisecond
_HEADER = 128  # bytes in front of the numbers of a file that NumPy reads
_A_LIST = 64  # vectors that the middle of a list is found from


class _PartsWriter:
    """Takes the vectors of one space in row order, block by block, and writes them into a generation folder."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None, space: str) -> None:
        self._folder, self._dimension, self._space = folder, dimension, space
        self._taken = part_files(previous, space) if previous else []
        self._holes = np.load(holes_file(previous, space)) if previous else np.empty(0, np.int64)
        self._first = sum(map(_rows_of, self._taken))
        self._rows = self._vectors = 0
        self._unfinished = folder / f"{space}.unfinished"
        self._file = self._unfinished.open("wb")
        self._file.write(bytes(_HEADER))
        self._bounds = [np.zeros(1, np.int64)]

    def drop(self, rows: Sequence[int]) -> None:
        """The given rows of the generation before hold nothing any more."""
        self._holes = np.union1d(self._holes, np.asarray(rows, np.int64))

    def _append(self, counts: Rows, vectors: Floats | NDArray[np.int16]) -> None:
        self._file.write(quantised(vectors).astype("<i2", copy=False).tobytes())
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
        absorbed: list[Path] = []
        count = self._vectors
        while self._taken and self._rows and _is_small(len(mapped(self._taken[-1])), count):
            absorbed.insert(0, self._taken.pop())
            count += len(mapped(absorbed[0]))
        for file in self._taken:
            for one in (file, *beside(file)):
                if one.exists():
                    generations.take_over(one, self._folder / one.name)
        np.save(holes_file(self._folder, self._space), self._holes)
        if self._rows or not self._taken:
            self._finish(absorbed, count)
        else:
            self._file.close()
            self._unfinished.unlink()

    def _finish(self, absorbed: list[Path], count: int) -> None:
        """Make one part of the last ones of the generation before and of the new rows."""
        if absorbed:
            self._put_behind(absorbed)
        self._file.seek(0)
        header = {"descr": "<i2", "fortran_order": False, "shape": (count, self._dimension)}
        np.lib.format.write_array_header_1_0(self._file, header)
        self._file.close()
        first = first_row(absorbed[0]) if absorbed else self._first
        file = self._folder / f"{part_name(self._space, first)}.npy"
        self._unfinished.rename(file)
        bounds = np.concatenate(self._bounds)
        bounds_file, index_file = beside(file)
        if self._space == PASSAGES:
            np.save(bounds_file, bounds)
        if count > EXACT:
            faiss.write_index(_index(mapped(file), bounds), str(index_file))

    def _put_behind(self, absorbed: list[Path]) -> None:
        """Move what is written behind the vectors of the parts that are absorbed."""
        self._file.close()
        new = self._unfinished.rename(self._folder / f"{self._space}.new")
        bounds, offset = [np.zeros(1, np.int64)], 0
        self._file = self._unfinished.open("wb")
        self._file.write(bytes(_HEADER))
        for file in absorbed:
            _copy_numbers(file, self._file)
            old = np.load(beside(file)[0]) if self._space == PASSAGES else np.arange(_rows_of(file) + 1)
            bounds.append(old[1:] + offset)
            offset += int(old[-1])
        _copy_numbers(new, self._file)
        new.unlink()
        self._bounds = [*bounds, *(one + offset for one in self._bounds[1:])]


class VectorWriter(_PartsWriter):
    """Takes one vector a row, in row order; the rows of ``previous``, another generation's folder, come before them."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None = None) -> None:
        super().__init__(folder, dimension, previous, CLAUSES)

    def add(self, vectors: Floats | NDArray[np.int16]) -> None:
        """Append the vectors of the next rows, shape (rows, dimension)."""
        self._append(np.ones(len(vectors), np.int64), vectors)


class PassageWriter(_PartsWriter):
    """The same for the passages of the rows."""

    def __init__(self, folder: Path, dimension: int, previous: Path | None = None) -> None:
        super().__init__(folder, dimension, previous, PASSAGES)

    def add(self, counts: Sequence[int], vectors: Floats | NDArray[np.int16]) -> None:
        """Append the next rows: how many passages each has (at least one) and the vectors of all of them."""
        self._append(np.asarray(counts, np.int64), vectors)


def _is_small(vectors: int, beside_new: int) -> bool:
    return vectors <= EXACT or vectors < 2 * beside_new


def _rows_of(file: Path) -> int:
    bounds, _ = beside(file)
    return len(np.load(bounds, mmap_mode="r")) - 1 if bounds.exists() else len(mapped(file))


def _copy_numbers(file: Path, to: Any) -> None:
    with file.open("rb") as source:
        source.seek(_HEADER)
        shutil.copyfileobj(source, to, 1 << 20)


def _index(vectors: NDArray[np.int16], bounds: Rows) -> Any:
    """What finds rows by their vectors, of which the row ``i`` has those from ``bounds[i]`` to ``bounds[i + 1]``."""
    count, dimension = vectors.shape
    lists = round(count**0.5 / 2)
    codes = dimension // 2 if dimension % 2 == 0 else dimension  # four bits for two components
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(dimension), dimension, lists, codes, 4, faiss.METRIC_INNER_PRODUCT
    )
    step = max(1, count // (_A_LIST * lists))
    with _one_thread():
        index.train(_floats(vectors[::step]))
    owners = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    for block in blocks(count):
        index.add_with_ids(_floats(vectors[block]), owners[block])
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


def _floats(vectors: NDArray[np.int16]) -> Floats:
    return vectors.astype(np.float32) / np.float32(ONE)
