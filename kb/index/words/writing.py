"""Writes the words of a generation, from nothing or after those of the previous generation."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from kb.errors import IndexUnusable
from kb.index.segments import PreviousSegments, segment_file, segment_files, sibling, write_header
from kb.index.words.segments import CLAUSES, COUNT, STARTS, TERMS, WEIGHTS, Postings, merge, read_segment
from kb.index.words.terms import TermCounts
from kb.messages import Message, reason_of

_IN_MEMORY = 1 << 22  # postings before they are spilled to the disk
_SMALL = 8192  # a segment of at most so many rows is merged with what comes behind it


class WordWriter:
    """Takes the terms of rows in row order and writes them into a generation folder; memory does not grow with their number."""

    def __init__(self, folder: Path, previous: Path | None = None, name: str = CLAUSES) -> None:
        """``previous`` is the folder of the previous generation, if the new one continues it."""
        self._folder, self._name = folder, name
        self._previous = PreviousSegments(previous, name)
        self._first = sum(map(_row_count, self._previous.files))
        self._rows = self._postings = 0
        self._waiting: list[Postings] = []
        self._spilled = folder / f"{name}.unfinished"

    def add(self, counts: TermCounts) -> None:
        """Append the next rows, one text a row."""
        self._waiting.append(Postings.from_counts(counts, self._first + self._rows))
        self._rows += counts.count
        self._postings += len(counts.texts)
        if self._postings >= _IN_MEMORY:
            try:
                self._spill()
            except OSError as error:
                raise self._unwritable(error) from error

    def delete(self, rows: range) -> None:
        """Mark rows of the previous generation as deleted."""
        self._previous.delete(rows)

    def close(self) -> None:
        """Write the files; IndexUnusable when the disk refuses."""
        try:
            self._close()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> IndexUnusable:
        return IndexUnusable(self._folder, Message("cannot-be-written", reason=reason_of(error)))

    def _spill(self) -> None:
        self._spilled.mkdir(exist_ok=True)
        file = segment_file(self._spilled, self._name, self._waiting[0].first)
        _write(file, self._waiting, 0)
        self._waiting, self._postings = [], 0

    def _close(self) -> None:
        sizes = list(map(_row_count, self._previous.files))
        merging = self._previous.take_over(self._folder, sizes, self._rows, _SMALL)
        if self._rows or not self._previous.files:
            old = [read_segment(file) for file in merging]
            spilled = [read_segment(file)[0] for file in segment_files(self._spilled, self._name)]
            first = old[0][0].first if old else self._first
            segments = [*(postings for postings, _ in old), *spilled, *self._waiting]
            _write(segment_file(self._folder, self._name, first), segments, sum(count for _, count in old) + self._rows)
        shutil.rmtree(self._spilled, ignore_errors=True)


def _row_count(file: Path) -> int:
    return int(np.load(sibling(file, COUNT)))


def _write(file: Path, segments: list[Postings], count: int) -> None:
    """Merge segments, which are in row order, into one of ``count`` rows, range by range of their terms."""
    terms, starts, ranges = merge(segments)
    np.save(sibling(file, TERMS), terms)
    np.save(sibling(file, STARTS), starts)
    np.save(sibling(file, COUNT), np.int64(count))
    with file.open("wb") as rows, sibling(file, WEIGHTS).open("wb") as weights:
        write_header(rows, "<i4", int(starts[-1]))
        write_header(weights, "|u1", int(starts[-1]))
        for postings in ranges:
            rows.write(postings.rows.astype("<i4", copy=False).tobytes())
            weights.write(postings.weights.tobytes())
