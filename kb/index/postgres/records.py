"""The exact vectors of clauses, as the files have them: a record for each clause, of which those asked for last are at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb.index.asking import Floats
from kb.index.postgres.opened import OpenedSchema
from kb.index.segments import Rows
from kb.index.vectors import Quantised

_KEPT = 8192  # records


def record_layout(dimension: int) -> np.dtype[np.void]:
    """How the vectors of a clause are kept, one after the other."""
    return np.dtype([("scale", "<f4"), ("codes", "i1", (dimension,))])


def unpacked(records: Sequence[bytes], dimension: int) -> tuple[Quantised, Rows]:
    """All vectors of some records, and where those of each begin and the last ones end."""
    layout = record_layout(dimension)
    joined = np.frombuffer(b"".join(records), layout)
    bounds = np.cumsum([0, *(len(record) // layout.itemsize for record in records)])
    return Quantised(np.ascontiguousarray(joined["codes"]), np.ascontiguousarray(joined["scale"])), bounds


class Records:
    """The records of a table of a generation; thread-safe."""

    def __init__(self, opened: OpenedSchema, table: str, model: str = "") -> None:
        """``model`` is whose vectors are meant, where the table has those of several."""
        self._opened, self._values = opened, (model,) if model else ()
        self._sql = f"SELECT row, record FROM {table} WHERE row = ANY($1::bigint[]) {'AND model = $2' if model else ''}"
        self._kept: dict[int, bytes] = {}

    def of(self, rows: Rows) -> list[bytes]:
        """The record of each row, empty where there is none."""
        known = {row: record for row in rows.tolist() if (record := self._kept.get(row)) is not None}
        if missing := [row for row in rows.tolist() if row not in known]:
            read = dict.fromkeys(missing, b"")
            read.update(self._opened.raw(self._sql, (missing, *self._values), binary=True))
            if len(self._kept) > _KEPT:
                self._kept.clear()
            self._kept |= read
            known |= read
        return [known[row] for row in rows.tolist()]


class ReadClauses:
    """The vectors of a contextual model in a generation; thread-safe."""

    def __init__(self, opened: OpenedSchema, model: str, stop: int, filled: int) -> None:
        """``filled`` of the rows before ``stop`` have vectors."""
        self._records, self.stop, self.filled = Records(opened, "contextual", model), stop, filled

    def scores(self, query: Floats, rows: Rows) -> Floats:
        """For each row the highest inner product of the query with one of its vectors; 0 without any."""
        scores = np.zeros(len(rows), np.float32)
        vectors, bounds = unpacked(self._records.of(rows), len(query))
        has = np.flatnonzero(np.diff(bounds))
        if len(has):
            scores[has] = np.maximum.reduceat(vectors.products(query), bounds[has])
        return scores
