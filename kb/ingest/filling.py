"""Filling in: the contextual model reads, behind a search that works already, the clauses that have no vectors of it yet.

It needs no lock while it reads. Before every batch it looks whether a build holds the index, waits until that is through, and goes on
with the generation that is then in use. What it has made lies in a journal, or in the database, at once, so a kill loses one batch; now
and then, and at the end, it puts a generation in use that is the one it read from with more vectors in it.
"""

from __future__ import annotations

import shutil
import time
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout

from kb.encoders.transformer import ContextualEncoder
from kb.errors import BuildInProgress, IndexUnusable
from kb.index import generations
from kb.index.asking import Generation
from kb.index.folder import FolderGeneration
from kb.index.folders import FolderIndex, at
from kb.index.keeping import Address
from kb.index.segments import Rows
from kb.index.store import Store
from kb.index.vectors import KnownVectors, Quantised, keys_of
from kb.ingest import contextual
from kb.ingest.contextual import RowTexts
from kb.messages import Message, reason_of

if TYPE_CHECKING:
    from kb.index.postgres.filling import DatabaseFilling

_LOCK = ".filling.lock"
# Texts that are read before they are written down: some seconds at most. Of fewer, less would be of one length: read in lots of
# 128, a sixth of what the model reads is padding.
_BATCH = 512
_PAUSE = 0.2  # seconds between two looks whether a build is through
# A generation is published when this many seconds, and a quarter of the time since filling in began, have passed since the last one, or
# when so many bytes are in the journal, which lies in memory as well.
_EVERY, _SHARE, _JOURNAL = 30.0, 0.25, 64 << 20

OnFilled = Callable[[int, int], object]  # clauses that are read, and all


def fill(
    index: Address, encoder: ContextualEncoder, on_progress: OnFilled = lambda *_: None, stop: Event | None = None
) -> bool:
    """Fill in until all clauses of the generation in use have their vectors, or ``stop`` is set; whether all have them.

    Another process that does it already is left to do it. IndexUnusable when there is no index, it cannot be read, or written.
    """
    kept = at(index)
    if isinstance(kept, FolderIndex):
        return _InFolder(kept, encoder, on_progress, stop or Event()).run()
    return _InDatabase(kept, encoder, on_progress, stop or Event()).run()


class _Filling(ABC):
    """Filling in, through the generations that it and builds publish meanwhile."""

    def __init__(self, index: Any, encoder: ContextualEncoder, on_progress: OnFilled, stop: Event) -> None:
        self._index, self._encoder, self._on_progress, self._stop = index, encoder, on_progress, stop
        self._began = self._published = time.monotonic()

    @abstractmethod
    def run(self) -> bool:
        """Whether nothing is left to do."""

    @abstractmethod
    def _missing(self, generation: Any) -> Sequence[int] | Rows | None:
        """The rows that have no vectors yet, ascending, deleted ones perhaps among them; None where none may be written."""

    @abstractmethod
    def _read(self, name: str, part: RowTexts) -> bool:
        """Have the vectors of these rows, read or known; false when a generation of another name is in use, or it is to stop."""

    @abstractmethod
    def _publish(self, name: str, store: Store, rows: range) -> None:
        """Put a generation in use that has the vectors of these rows too, unless a build is faster."""

    @abstractmethod
    def _alone(self, name: str) -> AbstractContextManager[bool]:
        """Whether the generation is in use, which does not change before it is left. BuildInProgress."""

    def _go_through(self) -> bool:
        while not self._stop.is_set():
            name = self._index.in_use()
            try:
                done = self._fill(name)
            except (IndexUnusable, OSError) as error:
                # A build may have put another generation in use and removed this one meanwhile.
                if self._index.in_use() != name:
                    continue
                if isinstance(error, IndexUnusable):
                    raise
                raise IndexUnusable(
                    self._index.address, Message("cannot-be-written", reason=reason_of(error))
                ) from error
            if done is not None:
                return done
        return False

    def _fill(self, name: str) -> bool | None:
        """Whether nothing was left to do; None when a generation has been published, another one is in use, or it is to stop."""
        self._index.verify(name)
        with closing(self._index.open(name)) as generation:
            store, missing = generation.store, self._missing(generation)
            if missing is None:
                return False if self._index.in_use() == name else None
            total, rows = store.status().clauses, store.manifest.rows
            for part in contextual.texts_of(store, range(int(missing[0]), rows)) if len(missing) else ():
                if not self._read(name, part):
                    return None
                self._on_progress(max(0, total - len(missing) + bisect_left(missing, part.rows.stop)), total)
                if part.rows.stop == rows or self._is_time():
                    self._publish(name, store, range(int(missing[0]), part.rows.stop))
                    return None
        return True

    def _encoded(self, name: str, texts: Mapping[int, str], keep: Callable[[Sequence[int], Quantised], object]) -> bool:
        """Have the model read texts, given by their keys, batch by batch; as ``_read``."""
        new = list(texts.items())
        for start in range(0, len(new), _BATCH):
            if not self._may_go_on(name):
                return False
            keys, batch = zip(*new[start : start + _BATCH], strict=True)
            keep(keys, Quantised.from_floats(self._encoder.encode_clauses(batch)))
        return True

    def _may_go_on(self, name: str) -> bool:
        """Whether the generation is still in use, once no build holds the index."""
        while not self._stop.is_set():
            with suppress(BuildInProgress), self._alone(name) as is_in_use:
                return is_in_use
            self._stop.wait(_PAUSE)
        return False

    def _is_time(self) -> bool:
        now = time.monotonic()
        return now - self._published > max(_EVERY, _SHARE * (now - self._began))


class _InFolder(_Filling):
    """Vectors wait in a journal until they are published."""

    _known: KnownVectors
    _replaced = ""  # the generation that the one in use stands for

    def run(self) -> bool:
        """Whether nothing is left to do, and no other process does it."""
        with _only_one(self._index.address) as is_alone:
            return is_alone and self._go_through()

    def _missing(self, generation: FolderGeneration) -> Sequence[int]:
        self._known = KnownVectors(self._index.address, self._encoder.name, self._encoder.dimension)
        missing = contextual.missing_rows(generation.folder, self._encoder, generation.store)
        if not missing:
            self._known.forget_journal()
        return missing

    def _read(self, name: str, part: RowTexts) -> bool:
        keys = keys_of(part.every)
        unknown = (~self._known.are_known(keys)).tolist()
        new = {key: text for key, text, is_new in zip(keys.tolist(), part.every, unknown, strict=True) if is_new}
        return self._encoded(name, new, lambda read, vectors: self._known.add(np.array(read, np.uint64), vectors))

    @contextmanager
    def _alone(self, name: str) -> Iterator[bool]:
        with generations.locked(self._index.address):
            yield self._index.in_use() == name

    def _is_time(self) -> bool:
        return super()._is_time() or self._known.journalled > _JOURNAL

    def _publish(self, name: str, store: Store, rows: range) -> None:
        folder, made = self._index.address / name, generations.begin_filling(self._index.address)
        try:
            generations.take_over_all(folder, made, without="contextual-")
            contextual.write(made, folder, store, self._known, rows)
            generations.seal(made, folder)
            with suppress(BuildInProgress), self._alone(name) as is_in_use:
                if is_in_use:
                    self._put_in_use(made, name)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _put_in_use(self, made: Path, name: str) -> None:
        generations.rename(made)
        self._published = time.monotonic()
        self._known.forget_journal()
        # The one before may still be opened by a reader; that before it has been replaced for long.
        if self._replaced not in ("", name):
            shutil.rmtree(self._index.address / self._replaced, ignore_errors=True)
        self._replaced = name


class _InDatabase(_Filling):
    """Vectors are written as they are made, and wait there."""

    _begun: Callable[[str], DatabaseFilling]
    _filling: DatabaseFilling
    _rows: Rows  # without vectors

    def __init__(self, index: Any, encoder: ContextualEncoder, on_progress: OnFilled, stop: Event) -> None:
        super().__init__(index, encoder, on_progress, stop)
        self._over = set[str]()  # generations that others stand for

    def run(self) -> bool:
        """Whether nothing is left to do, and no other process does it."""
        try:
            self._index.check_writable()
        except IndexUnusable as error:
            if error.reason.code == "cannot-be-written":  # who may only read leaves it to others
                return False
            raise
        with self._index.filling(self._encoder.name) as begun:
            self._begun = begun
            return begun is not None and self._go_through()

    def _missing(self, generation: Generation) -> Rows | None:
        self._filling = self._begun(generation.name)
        self._rows = self._filling.missing()
        is_waiting = self._filling.is_waiting()
        if (len(self._rows) or is_waiting) and not self._may_go_on(generation.name):
            return None
        if is_waiting and not len(self._rows):
            self._publish(generation.name, generation.store, range(0))
        return self._rows

    def _read(self, name: str, part: RowTexts) -> bool:
        is_missing = np.isin(part.rows, self._rows).tolist()
        texts = {row: of for row, of, is_own in zip(part.rows, part.passages, is_missing, strict=True) if is_own}
        keys = {row: keys_of(of).view(np.int64).tolist() for row, of in texts.items()}
        by_key = {key: text for row, of in texts.items() for key, text in zip(keys[row], of, strict=True)}
        unknown = self._filling.unknown(by_key)
        if not self._encoded(name, {key: by_key[key] for key in unknown}, self._filling.keep):
            return False
        while not self._stop.is_set():
            with suppress(BuildInProgress), self._alone(name) as is_in_use:
                if is_in_use:
                    self._filling.add(keys)
                return is_in_use
            self._stop.wait(_PAUSE)
        return False

    def _alone(self, name: str) -> AbstractContextManager[bool]:  # noqa: ARG002 - it is that which was begun
        return self._filling.alone()

    def _publish(self, name: str, store: Store, rows: range) -> None:  # noqa: ARG002 - all that waits
        with suppress(BuildInProgress), self._alone(name) as is_in_use:
            if is_in_use:
                self._filling.publish()
                self._published = time.monotonic()
                self._index.sweep(set(self._index.published()) - self._over)
                self._over.add(name)


@contextmanager
def _only_one(index: Path) -> Iterator[bool]:
    """Whether no other process is filling in; none will until the end."""
    lock = FileLock(index / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError as error:
        raise IndexUnusable(index, Message("cannot-be-written", reason=reason_of(error))) from error
    try:
        yield True
    finally:
        lock.release()
