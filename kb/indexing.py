"""From documents to a published generation: store, words and vectors written side by side, then put in use."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb import generations, organizations, thesaurus
from kb.encoder import Encoder
from kb.errors import IndexUnusable
from kb.lexical import WordWriter
from kb.models import Clause, Document, Organization, ParsedDocument
from kb.store import FORMAT, Manifest, Store
from kb.store.writing import StoreWriter
from kb.text import normalise
from kb.vectors import PassageWriter, VectorWriter

_BATCH = 512  # clauses encoded at once: bounds memory, keeps the model busy

# Passages end at the end of a sentence; short sentences are joined up to this length. Measured with the embedded model on judged
# queries, nDCG@10: 60 characters 0.887, every sentence alone 0.884, 100 characters 0.881, cut anywhere at 60 0.874, whole clauses
# 0.858.
PASSAGE = 60
_SENTENCE = re.compile(r"(?<=[。；！？\n])")


@dataclass(frozen=True, slots=True)
class ClauseVectors:
    """The vectors of the clauses of one document: one a clause, and one for each of its passages."""

    clauses: NDArray[np.float32]
    counts: tuple[int, ...]  # passages of each clause
    passages: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """One document on its way into a generation; ``vectors`` when they need not be computed."""

    parsed: ParsedDocument
    organizations: tuple[Organization, ...]
    vectors: ClauseVectors | None = None


def searchable(document: Document, clause: Clause) -> str:
    """What a clause is found by, in words and in vectors: title of the document, headings from the top, own text."""
    return "\n".join((document.title, *clause.path, clause.text))


def passages(text: str) -> tuple[str, ...]:
    """The text in passages of one or more whole sentences; an empty text is one passage.

    "扩大学位供给。到2025年新增1万个；……" → "扩大学位供给。到2025年新增1万个；", "……"
    """
    found: list[str] = []
    for sentence in _SENTENCE.split(normalise(text)):
        if found and len(found[-1]) + len(sentence) <= PASSAGE:
            found[-1] += sentence
        else:
            found.append(sentence)
    return tuple(one for one in found if one.strip()) or ("",)


def publish(index: Path, entries: Iterable[Entry], encoder: Encoder, code_version: str, keep: int = 2) -> Path:
    """Write the entries into a new generation, put it in use and return its folder; the caller holds the build lock.

    ``keep`` generations stay on the disk, the new one and the one before it always.

    IndexUnusable when the disk refuses; the generation in use stays then.
    """
    before = _lineage(index, keep)
    try:
        generations.sweep(index, keep=before)
        folder = generations.begin(index)
        try:
            made = datetime.now(UTC).isoformat(timespec="seconds")
            name = generations.name_of(folder)
            _write(
                folder,
                entries,
                encoder,
                Manifest(FORMAT, name, made, code_version, encoder.name, next(iter(before), "")),
            )
            final = generations.publish(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        generations.sweep(index, keep={final.name, *before[: keep - 1]})
    except OSError as error:
        raise IndexUnusable(f"{index}: cannot be written: {error}") from error
    return final


def _lineage(index: Path, length: int) -> tuple[str, ...]:
    """The names of the generation in use, its predecessor, and so on, so many at most; none when there is none."""
    names: list[str] = []
    try:
        folder = generations.in_use(index)
        while len(names) < length and folder.is_dir():
            names.append(folder.name)
            with closing(Store(folder)) as store:
                predecessor = store.manifest.predecessor
            if not predecessor:
                break
            folder = index / predecessor
    except IndexUnusable:  # built by another version of this software: still what readers of that version use
        return tuple(names)
    return tuple(names)


def _write(folder: Path, entries: Iterable[Entry], encoder: Encoder, manifest: Manifest) -> None:
    """Write everything that belongs into a generation folder; memory does not grow with the corpus but for vectors and units."""
    with closing(StoreWriter(folder)) as store:
        words = WordWriter(folder)
        vectors = _Vectors(folder, encoder)
        known: set[Organization] = set()
        for entry in entries:
            parsed = entry.parsed
            texts = [searchable(parsed.document, clause) for clause in parsed.clauses]
            for row, text in zip(store.add(parsed), texts, strict=True):
                words.add(row, text)
            vectors.add(texts, [passages(clause.text) for clause in parsed.clauses], entry.vectors)
            known.update(entry.organizations)
        words.close()
        vectors.close()
        thesaurus.prepare(folder, encoder, manifest.predecessor)
        store.finish(_merged(known), manifest)


def _merged(known: Collection[Organization]) -> tuple[Organization, ...]:
    return organizations.merge((one,) for one in sorted(known, key=lambda one: (one.id, one.aliases)))


class _Vectors:
    """Encodes clauses and passages in batches, in row order, with the vectors that need no encoding in between."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._clauses = VectorWriter(folder, encoder.dimension)
        self._passages = PassageWriter(folder, encoder.dimension)
        self._encoder = encoder
        self._waiting: list[tuple[str, tuple[str, ...]]] = []

    def add(self, texts: Sequence[str], passages: Sequence[tuple[str, ...]], vectors: ClauseVectors | None) -> None:
        """Take the next rows: their vectors if there are any, otherwise their texts and passages."""
        if vectors is not None:
            self._encode()
            self._clauses.add(vectors.clauses)
            self._passages.add(vectors.counts, vectors.passages)
            return
        self._waiting.extend(zip(texts, passages, strict=True))
        if len(self._waiting) >= _BATCH:
            self._encode()

    def close(self) -> None:
        """Encode what waits and write the files."""
        self._encode()
        self._clauses.close()
        self._passages.close()

    def _encode(self) -> None:
        if self._waiting:
            self._clauses.add(self._encoder.encode_clauses([text for text, _ in self._waiting]))
            counts = [len(passages) for _, passages in self._waiting]
            every = [passage for _, passages in self._waiting for passage in passages]
            self._passages.add(counts, self._encoder.encode_clauses(every))
            self._waiting = []
