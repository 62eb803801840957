"""The postings of a generation in blocks: written term by term, and added up for a query, however many rows there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.index.postgres.opened import OpenedSchema
from kb.index.segments import Rows
from kb.index.words import TermCounts
from kb.index.words.reading import SCORE_STEPS, most_selective
from kb.index.words.segments import Postings, merge
from kb.index.words.terms import PAIRS, key

_KEPT = 1 << 16  # terms of which the frequency is kept
_FIRST = 4  # how many times what is wanted of the best rows is looked at at first

Floats = NDArray[np.float32]
_Block = tuple[Rows, Floats]
Block = tuple[int, int, int, bytes, bytes]  # term, first row, how many, rows from the first on, weights


def blocks(waiting: Sequence[tuple[int, TermCounts]]) -> Iterator[Block]:
    """The blocks of texts, given with the row of the first of each lot of them, in row order."""
    _, _, ranges = merge([Postings.from_counts(counts, first) for first, counts in waiting])
    for part in ranges:
        rows, starts = part.rows.astype("<u4"), part.starts.tolist()
        for place, term in enumerate(part.terms.tolist()):
            span = slice(starts[place], starts[place + 1])
            yield term, part.first, span.stop - span.start, rows[span].tobytes(), part.weights[span].tobytes()


@dataclass(frozen=True, slots=True)
class BlockScores:
    """The scores of the rows that hold a term of a query; all others have 0."""

    rows: Rows  # ascending
    scores: NDArray[np.uint16]

    def of(self, rows: Rows) -> Floats:
        """The scores of the given rows, 0..1."""
        if not len(self.rows):
            return np.zeros(len(rows), np.float32)
        places = np.minimum(self.rows.searchsorted(rows), len(self.rows) - 1)
        found = np.where(self.rows[places] == rows, self.scores[places], np.uint16(0))
        return np.minimum(found, SCORE_STEPS) * np.float32(1 / SCORE_STEPS)

    def top(self, limit: int, let_through: Callable[[Rows], NDArray[np.bool_]]) -> Rows:
        """The ``limit`` best rows of those that are let through, best first, ties by row."""
        ranked = self.rows[np.argsort(~self.scores, kind="stable")]
        found, start, stop = np.empty(0, np.int64), 0, _FIRST * limit
        while len(found) < limit and start < len(ranked):
            part = ranked[start:stop]
            found = np.concatenate((found, part[let_through(part)]))
            start, stop = stop, 4 * stop
        return found[:limit]


class BlockIndex:
    """One of the inverted files of a generation; thread-safe."""

    def __init__(self, opened: OpenedSchema, table: str, rows: int, live: int) -> None:
        """``rows`` is the number of rows, ``live`` without deleted ones."""
        self._opened, self.table = opened, table
        self.rows, self.live = rows, live
        self.looked_up: dict[int, int] = {}  # terms with their frequencies

    def holding(self, terms: Sequence[str], most: int) -> Rows:
        """Rows, ascending, that hold all of these tokens; deleted ones are among them. Only the ``most`` rarest tokens are looked at."""
        keys = np.array(sorted(set(map(key, terms))), np.int64)
        keys = keys[np.argsort(self._frequencies_of(keys), kind="stable")[:most]]
        postings = _postings(self._opened, [(self, keys.tolist())])[self.table]
        held = [np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in of)]) for of in postings.values()]
        found = held[0] if held else np.empty(0, np.int64)
        for rows in held[1:]:
            found = np.intersect1d(found, rows)
        return np.sort(found)

    def frequencies(self, terms: Sequence[str]) -> Rows:
        """In how many rows each of these tokens stands, deleted ones included."""
        return self._frequencies_of(np.fromiter(map(key, terms), np.int64, len(terms)))

    def characters(self) -> list[str]:
        """All Chinese characters that stand anywhere."""
        return [
            chr(term) for (term,) in self._opened.raw(f"SELECT DISTINCT term FROM {self.table} WHERE term < {PAIRS}")
        ]

    def _frequencies_of(self, terms: Rows) -> Rows:
        known = _frequencies(self._opened, [(self, terms.tolist())])[self.table]
        return np.array([known[term] for term in terms.tolist()], np.int64)


def score(opened: OpenedSchema, asked: Sequence[tuple[BlockIndex, dict[int, float], float]]) -> list[BlockScores]:
    """The scores of several sets of weighted terms, each in an inverted file; a row at the upper bound has the last number. As in ``WordIndex``.

    All are read together: an answer of the server costs more than what is in it.
    """
    every = [(index, np.fromiter(weighted, np.int64)) for index, weighted, _ in asked]
    known = _frequencies(opened, [(index, terms.tolist()) for index, terms in every])
    chosen = []
    for (index, terms), (_, weighted, full) in zip(every, asked, strict=True):
        frequencies = np.array([known[index.table][term] for term in terms.tolist()], np.int64)
        weights = np.fromiter(weighted.values(), np.float64)
        places, shares = most_selective(weights, frequencies, full, index.live)
        chosen.append((terms[places], shares))
    wanted = [(index, terms.tolist()) for (index, _), (terms, _) in zip(every, chosen, strict=True)]
    postings = _postings(opened, wanted)
    return [
        _added_up(postings[index.table], terms.tolist(), shares)
        for (index, _), (terms, shares) in zip(every, chosen, strict=True)
    ]


def _added_up(postings: Mapping[int, Sequence[_Block]], terms: Sequence[int], shares: Floats) -> BlockScores:
    read = [
        (rows, share * weights) for term, share in zip(terms, shares, strict=True) for rows, weights in postings[term]
    ]
    rows = np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in read)])
    added = np.concatenate([np.empty(0, np.float32), *(added for _, added in read)]) + np.float32(0.5)
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    scores = np.add.reduceat(added.astype(np.uint16)[order], begins) if len(begins) else np.empty(0, np.uint16)
    held = scores > 0
    return BlockScores(ordered[begins][held], scores[held])


def _frequencies(opened: OpenedSchema, wanted: Sequence[tuple[BlockIndex, Sequence[int]]]) -> dict[str, dict[int, int]]:
    """By table, in how many rows each of the terms stands; what was looked up before is at hand."""
    by_table = {index.table: index for index, _ in wanted}
    found: dict[str, dict[int, int]] = {table: {} for table in by_table}
    missing: dict[str, set[int]] = {table: set() for table in by_table}
    for index, terms in wanted:
        for term in terms:
            count = index.looked_up.get(term)
            if count is None:
                missing[index.table].add(term)
            else:
                found[index.table][term] = count
    asked = [(by_table[table], sorted(terms)) for table, terms in missing.items() if terms]
    for index, terms in asked:
        found[index.table] |= dict.fromkeys(terms, 0)
    if asked:
        sql = (
            "SELECT '{table}', term, sum(held)::bigint FROM {table} WHERE term = ANY(${place}::bigint[]) GROUP BY term"
        )
        for table, term, count in opened.raw(*_of_all(sql, asked)):
            found[table][term] = count
    for index, terms in asked:
        if len(index.looked_up) > _KEPT:
            index.looked_up.clear()
        index.looked_up |= {term: found[index.table][term] for term in terms}
    return found


def _postings(
    opened: OpenedSchema, wanted: Sequence[tuple[BlockIndex, Sequence[int]]]
) -> dict[str, dict[int, list[_Block]]]:
    """By table and term, of each block the rows that hold the term, and its weights in them."""
    found: dict[str, dict[int, list[_Block]]] = {}
    for index, terms in wanted:
        found.setdefault(index.table, {}).update({term: [] for term in terms})
    asked = [(index, sorted(found[index.table])) for index in {index.table: index for index, _ in wanted}.values()]
    if asked := [(index, terms) for index, terms in asked if terms]:
        sql = "SELECT '{table}', term, first, rows, weights FROM {table} WHERE term = ANY(${place}::bigint[])"
        for table, term, first, rows, weights in opened.raw(*_of_all(sql, asked), binary=True):
            block = np.frombuffer(rows, "<u4") + np.int64(first), np.frombuffer(weights, np.uint8).astype(np.float32)
            found[table][term].append(block)
    return found


def _of_all(sql: str, asked: Sequence[tuple[BlockIndex, Sequence[int]]]) -> tuple[str, list[Sequence[int]]]:
    """The question to each of the tables, as one, and its parameters."""
    parts = (sql.format(table=index.table, place=place + 1) for place, (index, _) in enumerate(asked))
    return " UNION ALL ".join(parts), [terms for _, terms in asked]
