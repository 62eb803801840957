"""Files of a generation in *parts*: each holds what belongs to the rows from its first one on, and is never changed once written.

The next generation holds the same files by hard links. It writes what is new behind them as one part more, and makes one part of the
last ones when they are small beside it, so there are never more than about log2(rows) of them. A build from nothing writes one part.
Rows that hold nothing any more are its *holes*; they stay in their part and are left out when they are found.
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

_DIGITS = 12

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rows that a filter lets through."""

    rows: Rows  # rising
    mask: NDArray[np.bool_]  # for every row whether it is one of them

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> Allowed:
        """Those that the mask has."""
        return cls(np.flatnonzero(mask), mask)


def rising(rows: Rows) -> Rows:
    """The rows in their order, none twice; for some hundreds in a fifth of the time that ``np.unique`` takes."""
    ordered = np.sort(rows)
    is_first = np.empty(len(ordered), np.bool_)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def part_files(folder: Path, name: str) -> list[Path]:
    """The first file of each part, by rising first row."""
    return sorted(folder.glob(f"{name}-{'[0-9]' * _DIGITS}.npy"))


def part_file(folder: Path, name: str, first: int) -> Path:
    """The first file of the part that begins with this row."""
    return folder / f"{name}-{first:0{_DIGITS}}.npy"


def first_row(file: Path) -> int:
    """The first row of a part."""
    return int(file.stem.rpartition("-")[2])


def beside(file: Path, kind: str) -> Path:
    """Another file of the same part: ``kind`` is what its name ends in."""
    return file.with_suffix(kind)


class Before:
    """The parts of one name that the generation before holds, if there is one; a new one goes on from them."""

    def __init__(self, previous: Path | None, name: str) -> None:
        self._name = name
        self.files = part_files(previous, name) if previous else []
        self._holes = np.load(_holes_file(previous, name)) if previous else np.empty(0, np.int64)

    def drop(self, rows: Sequence[int]) -> None:
        """These rows hold nothing any more."""
        self._holes = np.union1d(self._holes, np.asarray(rows, np.int64))

    def keep(self, folder: Path, sizes: Sequence[int], new: int, least: int) -> list[Path]:
        """Put holes and parts into the new generation's folder, but for those that are to be made one with what is new; these.

        That is the last ones, of at most ``least`` or small beside what comes behind; ``sizes`` and ``new`` count the same thing.
        """
        absorbed: list[Path] = []
        for size in reversed(sizes) if new else ():
            if size > least and size >= 2 * new:
                break
            absorbed.insert(0, self.files.pop())
            new += size
        for file in self.files:
            for one in file.parent.glob(f"{file.stem}.*"):
                generations.take_over(one, folder / one.name)
        np.save(_holes_file(folder, self._name), self._holes)
        return absorbed


def parts_and_holes(folder: Path, name: str) -> tuple[list[Path], Rows]:
    """The first file of each part, and the rows that hold nothing any more, rising; IndexUnusable when they are not there."""
    files, file = part_files(folder, name), _holes_file(folder, name)
    if not files:
        raise IndexUnusable(f"{folder}: holds no {name}; run `kb build`")
    try:
        return files, np.load(file)
    except (OSError, ValueError, EOFError) as error:
        raise IndexUnusable(f"{file}: cannot be read; run `kb build`") from error


def _holes_file(folder: Path, name: str) -> Path:
    return folder / f"{name}-holes.npy"


def write_header(file: IO[bytes], kind: str, *shape: int) -> None:
    """Begin a file of numbers of that kind, as NumPy reads it; the numbers come behind."""
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})


def mapped(file: Path) -> NDArray[np.generic]:
    """The numbers of a file, mapped, not read; a plain array, for a memory map of NumPy's own costs at every slice."""
    numbers: NDArray[np.generic] = np.load(file, mmap_mode="r").view(np.ndarray)
    return numbers
