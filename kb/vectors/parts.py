"""One part of a space as it lies on the disk: names, reading, and looking for what is near in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable

CLAUSES, PASSAGES = "clauses", "passages"
ONE = 32767  # how a component of 1 is written; the step is finer than that of half precision between 1/16 and 1

# So many lists of the inverted file are looked through (of about sqrt(vectors) / 2); filters leave less in each, so then of more.
# On 260,000 passages and 300 questions 95 % of the ten nearest are among the candidates with 16 lists, 98 % with 32, 99 % with 64.
_LISTS, _LISTS_FILTERED = 64, 256
_COMPARED = 8192  # allowed rows that are compared one by one

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows from ``first`` on, so many; ``bounds`` where a row may have several vectors, ``index`` where there are many."""

    first: int
    rows: int
    vectors: NDArray[np.int16]
    bounds: Rows | None
    index: Any

    def near(self, query: Floats, limit: int, allowed: Rows | None) -> Rows:
        """About the ``limit`` nearest rows (counted from ``first``), among the allowed ones if given, in no order."""
        if self.index is None or (allowed is not None and len(allowed) <= _COMPARED):
            rows = np.arange(self.rows) if allowed is None else allowed
            scores = self.scores(query, rows)
            return rows if len(rows) <= limit else rows[np.argpartition(-scores, limit)[:limit]]
        _, found = self.index.search(query.reshape(1, -1), limit, params=_looked_through(self.rows, allowed))
        return np.unique(found[0][found[0] >= 0])

    def scores(self, query: Floats, rows: Rows) -> Floats:
        """For each row the highest inner product of one of its vectors with the query."""
        # One by one on one core: a product with the whole matrix takes all cores and waits for them, which costs more.
        products: Floats = np.vecdot(self.gathered(rows).astype(np.float32), query / np.float32(ONE))
        if self.bounds is None or not len(rows):
            return products
        counts = self.counts(rows)
        return np.asarray(np.maximum.reduceat(products, np.cumsum(counts) - counts), np.float32)

    def gathered(self, rows: Rows) -> NDArray[np.int16]:
        """The vectors of the rows as they are written, row by row."""
        places = rows
        if self.bounds is not None:
            counts = self.counts(rows)
            offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            places = np.repeat(self.bounds[rows], counts) + offsets
        gathered: NDArray[np.int16] = np.take(self.vectors, places, 0)
        return gathered

    def counts(self, rows: Rows) -> Rows:
        """How many vectors each of the rows has."""
        return np.ones(len(rows), np.int64) if self.bounds is None else self.bounds[rows + 1] - self.bounds[rows]


def _looked_through(rows: int, allowed: Rows | None) -> Any:
    """How much of an index over so many rows is searched, and for which of them."""
    # FAISS makes these constructors at run time; its own declarations do not know what they take.
    if allowed is None:
        return faiss.SearchParametersIVF(nprobe=_LISTS)  # type: ignore[call-arg]
    mask = np.zeros(rows, bool)
    mask[allowed] = True
    selector: Any = faiss.IDSelectorBitmap
    chosen = selector(np.packbits(mask, bitorder="little"))
    return faiss.SearchParametersIVF(nprobe=_LISTS_FILTERED, sel=chosen)  # type: ignore[call-arg]


def part_files(folder: Path, space: str) -> list[Path]:
    """The files with the vectors of a space, by rising first row."""
    return sorted(folder.glob(f"{space}-{'[0-9]' * 12}.npy"))


def part_name(space: str, first: int) -> str:
    """What a part is called, without the ends of its files."""
    return f"{space}-{first:012}"


def first_row(file: Path) -> int:
    """The first row of a part."""
    return int(file.stem.rpartition("-")[2])


def read_part(file: Path) -> Part:
    """The part whose vectors lie in the file; IndexUnusable when it cannot be read."""
    try:
        vectors = mapped(file)
        bounds_file, index_file = beside(file)
        bounds = np.load(bounds_file) if file.name.startswith(PASSAGES) else None
        index = faiss.read_index(str(index_file)) if index_file.exists() else None
    except (OSError, ValueError, EOFError, RuntimeError) as error:  # RuntimeError is all that FAISS raises
        raise IndexUnusable(f"{file}: cannot be read; run `kb build`") from error
    return Part(first_row(file), len(vectors) if bounds is None else len(bounds) - 1, vectors, bounds, index)


def mapped(file: Path) -> NDArray[np.int16]:
    """The vectors of a part, mapped, not read."""
    vectors: NDArray[np.int16] = np.load(file, mmap_mode="r").view(
        np.ndarray
    )  # a plain array: np.memmap costs at every slice
    return vectors


def beside(file: Path) -> tuple[Path, Path]:
    """The files with the bounds and the index of the part whose vectors lie in the file."""
    return file.with_suffix(".bounds.npy"), file.with_suffix(".faiss")


def holes_file(folder: Path, space: str) -> Path:
    """The file with the rows of a space that hold nothing any more."""
    return folder / f"{space}-holes.npy"


def quantised(vectors: Floats | NDArray[np.int16]) -> NDArray[np.int16]:
    """Vectors as they are written; those that are so already stay as they are."""
    return vectors if vectors.dtype == np.int16 else np.rint(vectors * np.float32(ONE)).astype(np.int16)  # type: ignore[return-value]


def blocks(count: int, size: int = 1 << 15) -> Iterator[slice]:
    """Slices of at most ``size`` that cover ``count`` places."""
    return (slice(start, start + size) for start in range(0, count, size))
