"""A new generation: written from nothing, or on from the one before it, and put in use."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

from kb.encoders import Encoder, contextual_of
from kb.errors import IndexUnusable
from kb.index import generations
from kb.index.store import FORMAT, Manifest, Store
from kb.index.store.writing import StoreWriter
from kb.index.vectors import KnownVectors, PassageWriter, VectorWriter
from kb.index.words import DOCUMENTS, WordWriter
from kb.ingest import contextual
from kb.ingest.entries import ClauseTexts, Entry
from kb.messages import Message, reason_of
from kb.search import thesaurus

_BATCH = 512  # clauses encoded at once: bounds memory, keeps a costly model busy


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new generation adds to ``base``, the folder of the generation in use, and removes from it; without a base it is all."""

    entries: Iterable[Entry]
    removed: tuple[str, ...] = ()  # ids of documents
    base: Path | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a generation is made with: the code that reads documents, and what the operator says of units; hashes of both."""

    code_version: str
    review: str


def publish(index: Path, changes: Changes, encoder: Encoder, origin: Origin, keep: int = 2) -> Path:
    """Write a new generation, put it in use and return its folder; the base itself when nothing changes. The caller holds the build lock.

    ``keep`` generations stay on the disk, the new one and the one before it always.

    IndexUnusable when the disk refuses; the generation in use stays then.
    """
    before = _lineage(index, keep)
    try:
        generations.sweep(index, keep=before)
        entries = iter(changes.entries)
        first = tuple(islice(entries, 1))
        if changes.base is not None and not (first or changes.removed):
            return changes.base
        folder = generations.begin(index)
        try:
            made = datetime.now(UTC).isoformat(timespec="seconds")
            predecessor = next(iter(before), "")
            manifest = Manifest(FORMAT, made, origin.code_version, encoder.name, predecessor, origin.review)
            _write(folder, replace(changes, entries=chain(first, entries)), encoder, manifest)
            final = generations.put_in_use(folder, changes.base)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        generations.sweep(index, keep={final.name, *before[: keep - 1]})
    except OSError as error:
        raise IndexUnusable(index, Message("cannot-be-written", reason=reason_of(error))) from error
    return final


def _lineage(index: Path, length: int) -> tuple[str, ...]:
    """The names of the generation in use, its predecessor, and so on, so many at most; none when there is none."""
    names: list[str] = []
    try:
        folder = generations.in_use(index)
        while len(names) < length and folder.is_dir():
            names.append(folder.name)
            with closing(Store.open(folder)) as store:
                predecessor = store.manifest.predecessor
            if not predecessor:
                break
            folder = index / predecessor
    except IndexUnusable:  # built by another version of this software: still what readers of that version use
        return tuple(names)
    return tuple(names)


def _write(folder: Path, changes: Changes, encoder: Encoder, manifest: Manifest) -> None:
    """Write everything that belongs into a generation folder; memory does not grow with the corpus."""
    with closing(StoreWriter(folder, changes.base)) as store, ExitStack() as opened:
        words, document_words = WordWriter(folder, changes.base), WordWriter(folder, changes.base, DOCUMENTS)
        vectors = _Vectors(folder, encoder, changes.base)
        opened.callback(vectors.release)
        gone: list[int] = []
        for document in changes.removed:
            document_rows, rows = store.remove(document)
            document_words.delete(document_rows)
            words.delete(rows)
            vectors.remove(rows)
            gone += rows
        for entry in changes.entries:
            store.add(entry.rows)
            words.add(entry.words)
            document_words.add(entry.document_words)
            vectors.add(entry)
        words.close()
        document_words.close()
        vectors.close()
        thesaurus.prepare(folder, encoder, manifest.predecessor)
        store.finish(manifest)
        _take_over_contextual(folder, changes.base, encoder, gone)


def _take_over_contextual(folder: Path, base: Path | None, encoder: Encoder, gone: Sequence[int]) -> None:
    """Take over the vectors of the contextual model that are known; others are filled in later (``kb.ingest.filling``)."""
    model = contextual_of(encoder)
    if model is None:
        return
    if base is not None:
        contextual.take_over(folder, base, model, gone)
        return
    known = KnownVectors(folder.parent, model.name, model.dimension)
    if len(known):
        with closing(Store.open(folder)) as store:
            contextual.write(folder, None, store, known, range(store.manifest.rows))


class _Vectors:
    """Writes the vectors of entries in row order; those that are not made yet are made in batches."""

    def __init__(self, folder: Path, encoder: Encoder, base: Path | None) -> None:
        self._clauses = VectorWriter(folder, encoder.dimension, base)
        self._passages = PassageWriter(folder, encoder.dimension, base)
        self._encoder = encoder
        self._waiting: list[ClauseTexts] = []

    def remove(self, rows: range) -> None:
        """Leave out what the generation before has for these rows."""
        self._clauses.delete(rows)
        self._passages.delete(rows)

    def add(self, entry: Entry) -> None:
        """Take the next rows."""
        if isinstance(entry.vectors, ClauseTexts):
            self._waiting.append(entry.vectors)
            if sum(len(texts.clauses) for texts in self._waiting) >= _BATCH:
                self._encode()
            return
        self._encode()
        self._clauses.add(entry.vectors.clauses)
        self._passages.add(entry.vectors.counts, entry.vectors.passages)

    def close(self) -> None:
        """Encode what waits and write the files."""
        self._encode()
        self._clauses.close()
        self._passages.close()

    def release(self) -> None:
        """Let go of the files; what was not closed is lost."""
        self._clauses.release()
        self._passages.release()

    def _encode(self) -> None:
        if self._waiting:
            made = ClauseTexts(
                tuple(text for texts in self._waiting for text in texts.clauses),
                tuple(head for texts in self._waiting for head in texts.heads),
                tuple(several for texts in self._waiting for several in texts.passages),
            ).encoded(self._encoder)
            self._clauses.add(made.clauses)
            self._passages.add(made.counts, made.passages)
            self._waiting = []
