"""Files of a generation in *parts*: each holds what belongs to the rows from its first one on, and is never changed once written.

The next generation holds the same files by hard links. It writes what is new behind them as one part more, and makes one part of the
last ones when they are small beside it, so there are never more than about log2(rows) of them. A build from nothing writes one part.
Rows that hold nothing any more are its *holes*; they stay in their part and are left out when they are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb import generations

_DIGITS = 12

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rows that a filter lets through."""

    rows: Rows  # rising
    mask: NDArray[np.bool_]  # for every row whether it is one of them

    @classmethod
    def of(cls, rows: Rows, count: int) -> Allowed:
        """These of so many rows."""
        mask = np.zeros(count, np.bool_)
        mask[rows] = True
        return cls(rows, mask)


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


def take_over(file: Path, folder: Path) -> None:
    """Put all files of the part into a new generation as well."""
    for one in file.parent.glob(f"{file.stem}.*"):
        generations.take_over(one, folder / one.name)


def absorbed(parts: list[Path], sizes: Sequence[int], new: int, least: int) -> list[Path]:
    """Those of the last parts that are to be made one with something new: of at most ``least``, or small beside what comes behind.

    ``sizes`` and ``new`` count the same thing; what is absorbed is no longer among the parts.
    """
    taken: list[Path] = []
    for size in reversed(sizes):
        if size > least and size >= 2 * new:
            break
        taken.insert(0, parts.pop())
        new += size
    return taken


def holes_file(folder: Path, name: str) -> Path:
    """The file with the rows that hold nothing any more, rising."""
    return folder / f"{name}-holes.npy"


def mapped(file: Path) -> NDArray[np.generic]:
    """The numbers of a file, mapped, not read; a plain array, for a memory map of NumPy's own costs at every slice."""
    numbers: NDArray[np.generic] = np.load(file, mmap_mode="r").view(np.ndarray)
    return numbers
