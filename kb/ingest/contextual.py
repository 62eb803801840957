"""The vectors of the contextual model in a generation: which clauses have them, and how they are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from kb.encoders.transformer import ContextualEncoder
from kb.index.store import Store
from kb.index.vectors import KnownVectors, PassageIndex, PassageWriter, keys_of
from kb.ingest.entries import passages

_ROWS = 256  # that are written at once


@dataclass(frozen=True, slots=True)
class RowTexts:
    """The passages of some rows, which the model reads; a deleted row has one without text."""

    rows: range
    passages: tuple[tuple[str, ...], ...]
    deleted: tuple[int, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """The passages of all rows."""
        return tuple(chain.from_iterable(self.passages))


def texts_of(store: Store, rows: range) -> Iterator[RowTexts]:
    """The texts of the rows, some rows at a time."""
    for start in range(rows.start, rows.stop, _ROWS):
        part = range(start, min(start + _ROWS, rows.stop))
        texts = dict(store.clauses.texts(part))
        yield RowTexts(
            part,
            tuple(passages(texts.get(row, "")) for row in part),
            tuple(row for row in part if row not in texts),
        )


def missing_rows(folder: Path, encoder: ContextualEncoder, store: Store) -> Sequence[int]:
    """The rows of a generation, ascending, that have no vectors yet; deleted ones behind the last that has are among them."""
    rows = store.manifest.rows
    if not (folder / encoder.name).is_dir():
        return range(rows)
    written = PassageIndex.open(folder / encoder.name)
    return [*written.without_vectors().tolist(), *range(written.stop, rows)]


def take_over(folder: Path, base: Path, encoder: ContextualEncoder, removed: Sequence[int]) -> None:
    """Put the vectors of the generation before into one that goes on from it, without the removed rows."""
    if (base / encoder.name).is_dir():
        (folder / encoder.name).mkdir()
        writer = PassageWriter(folder / encoder.name, encoder.dimension, base / encoder.name)
        writer.delete(removed)
        writer.close()


def write(folder: Path, base: Path | None, store: Store, known: KnownVectors, rows: range) -> None:
    """Write what is known of the rows, and zeros for the rest, behind the vectors of ``base`` for the rows before.

    Segments of ``base`` that reach into the rows are written anew.
    """
    previous = base / known.name if base is not None and (base / known.name).is_dir() else None
    (folder / known.name).mkdir()
    writer = PassageWriter(folder / known.name, known.dimension, previous)
    try:
        for part in texts_of(store, range(writer.rewrite_from(rows.start), rows.stop)):
            keys = keys_of(part.every)
            vectors = known.find(keys)
            keys[vectors.scales == 0] = 0  # nobody's key
            writer.add(tuple(map(len, part.passages)), vectors, keys)
            writer.delete(part.deleted)
        writer.close()
    finally:
        writer.release()
