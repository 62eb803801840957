"""Filling in behind a program that builds and answers: in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread

from kb.encoders import contextual_of, load_encoder
from kb.errors import KBError
from kb.processes import end_with_parent

_NICE = 10  # how far it stands back behind other processes

_log = logging.getLogger(__name__)


class Filler:
    """Fills in beside whoever builds, in a process of its own and of low priority, after each ``wake``."""

    def __init__(self, index: Path) -> None:
        self._index = index
        self._wanted, self._is_closed = Event(), False
        self._process: BaseProcess | None = None
        self._thread = Thread(target=self._work, daemon=True)

    def wake(self) -> None:
        """There may be clauses to read; what is at work already sees a generation that is new."""
        if not self._thread.is_alive() and not self._is_closed:
            self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """Stop at once: what was made is in the journal."""
        self._is_closed = True
        self._wanted.set()
        if self._process is not None:
            self._process.terminate()

    def _work(self) -> None:
        while self._wanted.wait() and not self._is_closed:
            self._wanted.clear()
            self._process = process = get_context("spawn").Process(
                target=_fill_behind, args=(self._index,), name="fill", daemon=True
            )
            process.start()
            process.join()


def _fill_behind(index: Path) -> None:
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
