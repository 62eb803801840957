"""Filling in behind a program that builds and answers: in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Lock, Thread

from kb.encoders import contextual_of, load_encoder
from kb.errors import KBError
from kb.processes import end_with_parent

_NICE = 10  # how far it stands back behind other processes

_log = logging.getLogger(__name__)


class Filler:
    """Fills in beside whoever builds, in a process of its own and of low priority, after each ``wake``. Thread-safe."""

    def __init__(self, index: Path | str) -> None:
        self._index = index
        self._wanted, self._is_closed = Event(), False
        self._process: BaseProcess | None = None
        self._thread = Thread(target=self._work, daemon=True)
        self._lock = Lock()  # nothing starts while it is closed, or once it is

    def wake(self) -> None:
        """There may be clauses to read; what is at work already sees a generation that is new."""
        with self._lock:
            if not self._is_closed and self._thread.ident is None:
                self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """Stop at once, for good; no process is left then. What was made is in the journal."""
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.terminate()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            process = self._started()
            if process is None:
                return
            process.join()

    def _started(self) -> BaseProcess | None:
        """A process that fills in; None when it is closed."""
        with self._lock:
            if self._is_closed:
                return None
            self._process = get_context("spawn").Process(
                target=_fill_behind, args=(self._index,), name="fill", daemon=True
            )
            self._process.start()
            return self._process


def _fill_behind(index: Path | str) -> None:
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    if hasattr(os, "nice"):
        os.nice(_NICE)
    from kb.ingest.filling import fill  # noqa: PLC0415 - only this process reads clauses

    encoder = contextual_of(load_encoder())
    try:
        if encoder is not None:
            fill(index, encoder)
    except KBError as error:
        _log.warning("not filled in: %s", error)
