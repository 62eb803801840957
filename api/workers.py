"""Worker processes for the questions that are asked most: Python runs one thread at a time in a process, so only processes use all cores.

Not ``uvicorn --workers``: uploads, builds, the watched folder and metrics stay right because one process has them (docs/decisions.md).
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock, Thread
from typing import Any

from pydantic import TypeAdapter

from api.current import CurrentIndex
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.models import Answer, Facets, SearchResult

_MOST = 4  # processes by default: each takes about 150 MB
_PATIENCE = 10.0  # seconds that a question waits for an idle process
_CONTEXT = multiprocessing.get_context("spawn")

_found, _answer, _facets = (TypeAdapter(noun).dump_json for noun in (SearchResult, Answer, Facets))
# question → the JSON of its answer
ANSWERS: Mapping[str, Callable[..., bytes]] = {
    "search": lambda kb, *asked: _found(kb.search(*asked)),
    "who": lambda kb, *asked: _answer(kb.who(*asked)),
    "facets": lambda kb, *asked: _facets(kb.facets(*asked)),
}

Opener = Callable[[], Callable[[Path], KnowledgeBase]]


def usual_count() -> int:
    """As many processes as cores, at most ``_MOST``; none on a single core."""
    cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0


class Workers:
    """Processes that have the index open too. A question goes to an idle one, or waits for one."""

    def __init__(self, index: Path, opener: Opener, count: int) -> None:
        """``opener`` is called in each process, so it is pickled; ``alive`` counts the processes that are ready."""
        self._index, self._opener, self._count = index, opener, count
        self._idle: LifoQueue[Connection] = LifoQueue()  # the caches of the last one are the warmest
        self._lock, self.alive, self._is_closed = Lock(), 0, False

    def start(self) -> None:
        """Start the processes without waiting for them; until one is ready, ``ask`` gives None."""
        for _ in range(self._count):
            Thread(target=self._add, daemon=True).start()

    def close(self) -> None:
        """End the idle processes; busy ones end with the program."""
        self._is_closed = True
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def ask(self, question: str, *asked: Any) -> bytes | None:
        """The JSON that answers one of ``ANSWERS``; None when no process could: then ask the knowledge base, which raises the error."""
        if self._is_closed or not self.alive:
            return None
        try:
            connection = self._idle.get(timeout=_PATIENCE)
        except Empty:
            return None
        try:
            connection.send((question, asked))
            answer = connection.recv_bytes()
        except (OSError, EOFError):  # it was killed, or failed on an error that is not foreseen
            connection.close()
            self._count_alive(-1)
            Thread(target=self._add, daemon=True).start()
            return None
        self._idle.put(connection)
        return answer or None

    def _add(self) -> None:
        """Start one process and wait until it is ready; one that ends before is not replaced."""
        connection, other = _CONTEXT.Pipe()
        _CONTEXT.Process(target=_work, args=(other, self._index, self._opener), daemon=True).start()
        other.close()
        try:
            connection.recv_bytes()
        except EOFError:
            return
        if self._is_closed:
            connection.close()
        else:
            self._count_alive(1)
            self._idle.put(connection)

    def _count_alive(self, more: int) -> None:
        with self._lock:
            self.alive += more


def _work(connection: Connection, index: Path, opener: Opener) -> None:
    """The life of a process: answer questions until the connection closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the connection
    current = CurrentIndex(index, opener())
    current.refresh()
    gc.freeze()  # the index stays: no collection needs to look through it
    connection.send_bytes(b"ready")
    with suppress(EOFError, OSError):
        while True:
            question, asked = connection.recv()
            connection.send_bytes(_answered(current, question, asked))


def _answered(current: CurrentIndex, question: str, asked: tuple[Any, ...]) -> bytes:
    try:
        with current.reading() as knowledge_base:
            return ANSWERS[question](knowledge_base, *asked)
    except KBError:  # the server raises it again and makes it a problem
        return b""
