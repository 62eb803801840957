"""A new generation: written from nothing, or on from the one before it, and put in use; or an earlier one put in use again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from kb.encoders import Encoder, contextual_of
from kb.errors import IndexUnusable
from kb.index.asking import Generation
from kb.index.folders import FolderWriter, at
from kb.index.keeping import Address, GenerationWriter, Index
from kb.index.store import FORMAT, Manifest, Store
from kb.index.vectors import KnownVectors
from kb.ingest import contextual
from kb.ingest.entries import ClauseTexts, ClauseVectors, Entry
from kb.messages import Message, reason_of
from kb.search import thesaurus

_BATCH = 512  # clauses encoded at once: bounds memory, keeps a costly model busy


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new generation adds to ``base``, the generation in use, and removes from it; without a base it is all."""

    entries: Iterable[Entry]
    removed: tuple[str, ...] = ()  # ids of documents
    base: Generation | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a generation is made with: the code that reads documents, and what the operator says of units; hashes of both."""

    code_version: str
    review: str


def publish(index: Index[Any], changes: Changes, encoder: Encoder, origin: Origin, keep: int = 2) -> str:
    """Write a new generation, put it in use and return its name; that of the base when nothing changes. The caller holds the lock.

    ``keep`` generations stay, the new one and the one before it always.

    IndexUnusable when the disk or the database refuses; the generation in use stays then.
    """
    before = _lineage(index, keep)
    try:
        index.sweep(before)
        entries = iter(changes.entries)
        first = tuple(islice(entries, 1))
        if changes.base is not None and not (first or changes.removed):
            return changes.base.name
        with index.writing(changes.base, encoder.dimension) as writer:
            made = datetime.now(UTC).isoformat(timespec="seconds")
            predecessor = next(iter(before), "")
            manifest = Manifest(FORMAT, made, origin.code_version, encoder.name, predecessor, origin.review)
            gone = _write(writer, replace(changes, entries=chain(first, entries)), encoder)
            if not writer.takes_over(name := thesaurus.vectors_name(encoder.name)):
                thesaurus.prepare(writer.folder / name, encoder)
            writer.finish(manifest)
            if isinstance(writer, FolderWriter):
                _take_over_contextual(writer, encoder, gone)
            name = writer.publish()
        index.sweep({name, *before[: keep - 1]})
    except OSError as error:
        raise IndexUnusable(index.address, Message("cannot-be-written", reason=reason_of(error))) from error
    return name


def _lineage(index: Index[Any], length: int) -> tuple[str, ...]:
    """The names of the generation in use, its predecessor, and so on, so many at most; none when there is none."""
    names: list[str] = []
    try:
        name, there = index.in_use(), index.published()
        while name in there and len(names) < length:
            names.append(name)
            with closing(index.open(name)) as generation:
                name = generation.store.manifest.predecessor
    except IndexUnusable:  # built by another version of this software: still what readers of that version use
        return tuple(names)
    return tuple(names)


def _write(writer: GenerationWriter, changes: Changes, encoder: Encoder) -> list[int]:
    """Write all documents and return the rows of the clauses that are gone; memory does not grow with the corpus."""
    vectors = _Vectors(writer, encoder)
    gone = [row for document in changes.removed for row in writer.remove(document)]
    for entry in changes.entries:
        writer.add(entry.rows, entry.words, entry.document_words)
        vectors.add(entry)
    vectors.encode()
    return gone


def _take_over_contextual(writer: FolderWriter, encoder: Encoder, gone: Sequence[int]) -> None:
    """Take over the vectors of the contextual model that are known; others are filled in later (``kb.ingest.filling``)."""
    model, folder = contextual_of(encoder), writer.folder
    if model is None:
        return
    if writer.base is not None:
        contextual.take_over(folder, writer.base, model, gone)
        return
    known = KnownVectors(folder.parent, model.name, model.dimension)
    if len(known):
        with closing(Store.open(folder)) as store:
            contextual.write(folder, None, store, known, range(store.manifest.rows))


class _Vectors:
    """Writes the vectors of entries in row order; those that are not made yet are made in batches."""

    def __init__(self, writer: GenerationWriter, encoder: Encoder) -> None:
        self._writer, self._encoder = writer, encoder
        self._waiting: list[ClauseTexts] = []

    def add(self, entry: Entry) -> None:
        """Take the next rows."""
        if isinstance(entry.vectors, ClauseTexts):
            self._waiting.append(entry.vectors)
            if sum(len(texts.clauses) for texts in self._waiting) >= _BATCH:
                self.encode()
            return
        self.encode()
        self._write(entry.vectors)

    def encode(self) -> None:
        """Encode what waits."""
        if self._waiting:
            made = ClauseTexts(
                tuple(text for texts in self._waiting for text in texts.clauses),
                tuple(head for texts in self._waiting for head in texts.heads),
                tuple(several for texts in self._waiting for several in texts.passages),
            ).encoded(self._encoder)
            self._waiting = []
            self._write(made)

    def _write(self, made: ClauseVectors) -> None:
        self._writer.add_vectors(made.clauses, made.counts, made.passages)


def roll_back(index: Address, generation: str = "") -> str:
    """Put an earlier generation in use again, the one before that in use unless one is named, and return its name.

    IndexUnusable when it is not there or cannot be read; BuildInProgress when a build holds the index.
    """
    kept = at(index)
    with kept.locked():
        current = kept.in_use()
        generation = generation or generation_before(index)
        there = kept.published()
        if generation not in there:
            others = tuple(name for name in there if name != current)
            missing = Message("no-earlier-generation", name=generation, there=others)
            raise IndexUnusable(kept.address, missing if others else Message("no-generation-before"))
        kept.verify(generation)
        kept.switch(generation)
    return generation


def generation_before(index: Address) -> str:
    """The name of the generation before that in use, by its time where it cannot be read. IndexUnusable, also when there is none."""
    kept = at(index)
    current = kept.in_use()
    try:
        with closing(kept.open(current)) as generation:
            name: str = generation.store.manifest.predecessor
    except IndexUnusable:
        name = max((name for name in kept.published() if name < current), default="")
    if not name:
        raise IndexUnusable(kept.address, Message("no-generation-before"))
    return name
