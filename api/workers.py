"""What is asked most is answered by processes of their own: Python runs one thread at a time in each, so they are what uses all cores."""

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
from kb.models import Answer, SearchResult

_MOST = 4  # processes, where nobody says how many: each holds about 150 MB of its own
_PATIENCE = 10.0  # seconds that a question waits for one of them
_CONTEXT = multiprocessing.get_context("spawn")

_found, _answer = TypeAdapter(SearchResult).dump_json, TypeAdapter(Answer).dump_json
# question → how it is answered, as the JSON that goes out
ANSWERS: Mapping[str, Callable[..., bytes]] = {
    "search": lambda kb, *asked: _found(kb.search(*asked)),
    "who": lambda kb, *asked: _answer(kb.who(*asked)),
}

Opener = Callable[[], Callable[[Path], KnowledgeBase]]


def usual_count() -> int:
    """One for each core, up to ``_MOST``; none where there is one core only."""
    cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0


class Workers:
    """Processes that have the index open as well; a question goes to one that is idle, and waits where none is."""

    def __init__(self, index: Path, opener: Opener, count: int) -> None:
        """``opener`` is called in each of the processes, so it must be one that can be sent there; ``alive`` counts those that are ready."""
        self._index, self._opener, self._count = index, opener, count
        self._idle: LifoQueue[Connection] = LifoQueue()  # the one that was asked last has the most in its caches
        self._lock, self.alive, self._is_closed = Lock(), 0, False

    def start(self) -> None:
        """Start the processes and come back at once; until the first is ready, ``ask`` has nobody to ask."""
        for _ in range(self._count):
            Thread(target=self._add, daemon=True).start()

    def close(self) -> None:
        """Let the processes end that are idle; the others end with the program."""
        self._is_closed = True
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def ask(self, question: str, *asked: Any) -> bytes | None:
        """The JSON that answers one of ``ANSWERS``; None when nobody could: then ask the knowledge base, which says why."""
        if self._is_closed or not self.alive:
            return None
        try:
            connection = self._idle.get(timeout=_PATIENCE)
        except Empty:
            return None
        try:
            connection.send((question, asked))
            answer = connection.recv_bytes()
        except (OSError, EOFError):  # it was killed, or met what nobody foresaw
            connection.close()
            self._count_alive(-1)
            Thread(target=self._add, daemon=True).start()
            return None
        self._idle.put(connection)
        return answer or None

    def _add(self) -> None:
        """Start one process and wait until it is ready; one that ends before it is so is not missed."""
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
    """Answer questions until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the connection
    current = CurrentIndex(index, opener())
    current.refresh()
    gc.freeze()  # what is there now stays: not to be looked through again and again
    connection.send_bytes(b"ready")
    with suppress(EOFError, OSError):
        while True:
            question, asked = connection.recv()
            connection.send_bytes(_answered(current, question, asked))


def _answered(current: CurrentIndex, question: str, asked: tuple[Any, ...]) -> bytes:
    try:
        with current.reading() as knowledge_base:
            return ANSWERS[question](knowledge_base, *asked)
    except KBError:  # the server meets it as well, and says what it is
        return b""
