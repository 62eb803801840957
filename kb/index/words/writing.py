"""Writes the words of a generation, from nothing or behind those of the generation before."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from kb.errors import IndexUnusable
from kb.index.segments import Before, beside, part_file, part_files, write_header
from kb.index.words.segments import (
    COUNT,
    NAME,
    STARTS,
    TERMS,
    WEIGHTS,
    Postings,
    merged,
    read_part,
)
from kb.index.words.terms import Counted

_HELD = 1 << 22  # postings in memory before they are put in order and written aside
_SMALL = 8192  # a part of at most so many rows is made one with what comes behind it


class WordWriter:
    """Takes the words of rows in their order and writes them into a generation folder; memory does not grow with their number."""

    def __init__(self, folder: Path, previous: Path | None = None) -> None:
        """``previous`` is the folder of the generation that is gone on from, if any."""
        self._folder = folder
        self._before = Before(previous, NAME)
        self._first = sum(map(_rows_of, self._before.files))
        self._rows = self._held = 0
        self._waiting: list[Postings] = []
        self._aside = folder / f"{NAME}.unfinished"

    def add(self, words: Counted) -> None:
        """Take the words of the next rows, one text a row."""
        self._waiting.append(Postings.of(words, self._first + self._rows))
        self._rows += words.count
        self._held += len(words.texts)
        if self._held >= _HELD:
            try:
                self._put_aside()
            except OSError as error:
                raise self._refused(error) from error

    def remove(self, rows: range) -> None:
        """These rows of the generation before hold nothing any more."""
        self._before.drop(rows)

    def close(self) -> None:
        """Write the files; IndexUnusable when the disk refuses."""
        try:
            self._close()
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> IndexUnusable:
        return IndexUnusable(f"{self._folder}: words cannot be written: {error}")

    def _put_aside(self) -> None:
        """Write what waits as one block."""
        self._aside.mkdir(exist_ok=True)
        file = part_file(self._aside, NAME, self._waiting[0].first)
        _write(file, self._waiting, 0)
        self._waiting, self._held = [], 0

    def _close(self) -> None:
        small = self._before.keep(self._folder, list(map(_rows_of, self._before.files)), self._rows, _SMALL)
        if self._rows or not self._before.files:
            before = [read_part(file) for file in small]
            aside = [read_part(file)[0] for file in part_files(self._aside, NAME)]
            first = before[0][0].first if before else self._first
            several = [*(postings for postings, _ in before), *aside, *self._waiting]
            _write(part_file(self._folder, NAME, first), several, sum(count for _, count in before) + self._rows)
        shutil.rmtree(self._aside, ignore_errors=True)


def _rows_of(file: Path) -> int:
    return int(np.load(beside(file, COUNT)))


def _write(file: Path, several: list[Postings], count: int) -> None:
    """Make one part for so many rows of several postings that lie one behind the other, range by range of their terms."""
    terms, starts, ranges = merged(several)
    np.save(beside(file, TERMS), terms)
    np.save(beside(file, STARTS), starts)
    np.save(beside(file, COUNT), np.int64(count))
    with file.open("wb") as rows, beside(file, WEIGHTS).open("wb") as weights:
        write_header(rows, "<i4", int(starts[-1]))
        write_header(weights, "|u1", int(starts[-1]))
        for one in ranges:
            rows.write(one.rows.astype("<i4", copy=False).tobytes())
            weights.write(one.weights.tobytes())
