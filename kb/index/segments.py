"""Segments: the immutable pieces that the words and the vectors of a generation are kept in.

A segment holds what belongs to the rows from its first one on. The next generation shares its files through hard links and writes new
rows into one more segment, merging the last ones where they are small beside it, so there are at most about log2(rows) of them. A
build from nothing writes one segment. Deleted rows stay in their segment; they are listed beside it and left out of every answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable
from kb.index import generations
from kb.messages import Message, reason_of

_DIGITS = 12

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AllowedRows:
    """The rows that a filter lets through."""

    rows: Rows  # ascending
    mask: NDArray[np.bool_]  # shape (all rows,)

    @classmethod
    def from_mask(cls, mask: NDArray[np.bool_]) -> AllowedRows:
        """The rows at which the mask is true."""
        return cls(np.flatnonzero(mask), mask)


def sorted_unique(rows: Rows) -> Rows:
    """The numbers in ascending order, each once; in a fifth of the time of ``np.unique``, which keeps a table of them."""
    ordered = np.sort(rows)
    is_first = np.empty(len(ordered), np.bool_)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def segment_files(folder: Path, name: str) -> list[Path]:
    """The main file of each segment, by ascending first row."""
    return sorted(folder.glob(f"{name}-{'[0-9]' * _DIGITS}.npy"))


def segment_file(folder: Path, name: str, first: int) -> Path:
    """The main file of the segment whose first row this is."""
    return folder / f"{name}-{first:0{_DIGITS}}.npy"


def first_row(file: Path) -> int:
    """The first row of a segment, from the name of its main file."""
    return int(file.stem.rpartition("-")[2])


def sibling(file: Path, suffix: str) -> Path:
    """Another file of the same segment."""
    return file.with_suffix(suffix)


class PreviousSegments:
    """The segments of one name in the previous generation, if there is one, for the next generation to take over."""

    def __init__(self, previous: Path | None, name: str) -> None:
        self._name = name
        self.files = segment_files(previous, name) if previous else []
        self._deleted = np.load(_deletions_file(previous, name)) if previous else np.empty(0, np.int64)

    def delete(self, rows: Sequence[int]) -> None:
        """Mark rows as deleted."""
        self._deleted = np.union1d(self._deleted, np.asarray(rows, np.int64))

    def take_over(self, folder: Path, sizes: Sequence[int], new: int, small: int) -> list[Path]:
        """Link segments and deletions into the folder of the new generation, and return the segments that are to be merged instead.

        These are the last ones, of at most ``small`` or of less than twice what comes behind them. ``sizes`` (of the segments) and
        ``new`` (of what is added) are in the same unit. Nothing is merged when nothing is added.
        """
        merging: list[Path] = []
        for size in reversed(sizes) if new else ():
            if size > small and size >= 2 * new:
                break
            merging.insert(0, self.files.pop())
            new += size
        for segment in self.files:
            for file in segment.parent.glob(f"{segment.stem}.*"):
                generations.take_over(file, folder / file.name)
        np.save(_deletions_file(folder, self._name), self._deleted)
        return merging


def segments_and_deletions(folder: Path, name: str) -> tuple[list[Path], Rows]:
    """The main file of each segment, and the deleted rows, ascending; IndexUnusable when they are not there."""
    files, deletions = segment_files(folder, name), _deletions_file(folder, name)
    if not files:
        raise IndexUnusable(folder, Message("holds-none", name=name))
    try:
        return files, np.load(deletions)
    except (OSError, ValueError, EOFError) as error:
        raise IndexUnusable(deletions, Message("index-damaged", reason=reason_of(error))) from error


def _deletions_file(folder: Path, name: str) -> Path:
    return folder / f"{name}-deleted.npy"


def write_header(file: IO[bytes], dtype: str, *shape: int) -> None:
    """Begin a NumPy file of that type and shape; the numbers are to be written behind."""
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})


def mapped(file: Path) -> NDArray[np.generic]:
    """The array of a NumPy file, memory-mapped; as a plain array, because slicing a ``np.memmap`` costs more each time."""
    array: NDArray[np.generic] = np.load(file, mmap_mode="r").view(np.ndarray)
    return array
