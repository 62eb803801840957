"""Filling in: the contextual model reads, behind a search that works already, the clauses that have no vectors of it yet.

It needs no lock while it reads. Before every batch it looks whether a build holds the index, waits until that is through, and goes on
with the generation that is then in use. What it has made lies in a journal at once, so a kill loses one batch; now and then, and at the
end, it puts a generation in use that is the one it read from with more vectors in it.
"""

from __future__ import annotations

import shutil
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout

from kb.encoders.transformer import ContextualEncoder
from kb.errors import BuildInProgress, IndexUnusable
from kb.index import generations
from kb.index.folders import FolderIndex, at, verify
from kb.index.keeping import Address
from kb.index.store import Store
from kb.index.vectors import KnownVectors, Quantised, keys_of
from kb.ingest import contextual
from kb.messages import Message, reason_of

_LOCK = ".filling.lock"
# Texts that are read before they are written into the journal: some seconds at most. Of fewer, less would be of one length: read in lots of
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

    Another process that does it already is left to do it, and a database has no such vectors. IndexUnusable when there is no index, it cannot be read, or the disk refuses.
    """
    kept = at(index)
    if not isinstance(kept, FolderIndex):
        return False
    with _alone(kept.address) as is_alone:
        return is_alone and _Filling(kept.address, encoder, on_progress, stop or Event()).run()


class _Filling:
    """Filling in, through the generations that it and builds publish meanwhile."""

    def __init__(self, index: Path, encoder: ContextualEncoder, on_progress: OnFilled, stop: Event) -> None:
        self._index, self._encoder, self._on_progress, self._stop = index, encoder, on_progress, stop
        self._known = KnownVectors(index, encoder.name, encoder.dimension)
        self._began = self._published = time.monotonic()
        self._replaced: Path | None = None  # the generation that the one in use stands for

    def run(self) -> bool:
        """Whether nothing is left to do."""
        while not self._stop.is_set():
            folder = generations.in_use(self._index)
            try:
                if self._fill(folder):
                    self._known.forget_journal()
                    return True
                self._known = KnownVectors(self._index, self._encoder.name, self._encoder.dimension)
            except (IndexUnusable, OSError) as error:
                # A build may have put another generation in use and removed this one meanwhile.
                if generations.in_use(self._index) != folder:
                    continue
                if isinstance(error, IndexUnusable):
                    raise
                raise IndexUnusable(self._index, Message("cannot-be-written", reason=reason_of(error))) from error
        return False

    def _fill(self, folder: Path) -> bool:
        """Whether nothing was left to do; false when a generation has been published, another one is in use, or it is to stop."""
        verify(folder)
        with closing(Store.open(folder)) as store:
            missing = contextual.missing_rows(folder, self._encoder, store)
            total, rows = store.status().clauses, store.manifest.rows
            for part in contextual.texts_of(store, range(missing[0], rows)) if missing else ():
                if not self._read(folder, part.every):
                    return False
                self._on_progress(max(0, total - len(missing) + bisect_left(missing, part.rows.stop)), total)
                if part.rows.stop == rows or self._is_time():
                    self._publish(folder, store, range(missing[0], part.rows.stop))
                    return False
        return True

    def _read(self, folder: Path, texts: Sequence[str]) -> bool:
        """Make the vectors that are not known; whether they all are now."""
        keys = keys_of(texts)
        unknown = (~self._known.are_known(keys)).tolist()
        new = list(
            {key: text for key, text, is_new in zip(keys.tolist(), texts, unknown, strict=True) if is_new}.values()
        )
        for start in range(0, len(new), _BATCH):
            if not self._may_go_on(folder):
                return False
            batch = new[start : start + _BATCH]
            self._known.add(keys_of(batch), Quantised.from_floats(self._encoder.encode_clauses(batch)))
        return True

    def _may_go_on(self, folder: Path) -> bool:
        """Whether the generation is still in use, once no build holds the index."""
        while not self._stop.is_set():
            with suppress(BuildInProgress), generations.locked(self._index):
                return generations.in_use(self._index) == folder
            self._stop.wait(_PAUSE)
        return False

    def _is_time(self) -> bool:
        now = time.monotonic()
        waited = now - self._published > max(_EVERY, _SHARE * (now - self._began))
        return waited or self._known.journalled > _JOURNAL

    def _publish(self, folder: Path, store: Store, rows: range) -> None:
        """Put a generation in use that has the vectors of these rows too, unless a build is faster."""
        made = generations.begin_filling(self._index)
        try:
            generations.take_over_all(folder, made, without="contextual-")
            contextual.write(made, folder, store, self._known, rows)
            generations.seal(made, folder)
            with suppress(BuildInProgress), generations.locked(self._index):
                self._put_in_use(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _put_in_use(self, made: Path, folder: Path) -> None:
        if generations.in_use(self._index) != folder:
            return
        generations.rename(made)
        self._published = time.monotonic()
        self._known.forget_journal()
        # The one before may still be opened by a reader; that before it has been replaced for long.
        if self._replaced is not None and self._replaced != folder:
            shutil.rmtree(self._replaced, ignore_errors=True)
        self._replaced = folder


@contextmanager
def _alone(index: Path) -> Iterator[bool]:
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
