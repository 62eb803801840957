"""Worker processes for the most frequent requests. Python runs one thread of a process at a time, so only processes use all cores.

``uvicorn --workers`` is no alternative: uploads, builds, the watched folder and metrics must be in one process (docs/decisions.md).
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

from kb.current_index import CurrentIndex
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.models import Answer, Facets, SearchResult
from kb.processes import end_with_parent

_MOST = 4  # processes by default; each takes about 150 MB
_PATIENCE = 10.0  # seconds that a request waits for an idle process
_CONTEXT = multiprocessing.get_context("spawn")

_search_result, _answer, _facets = (TypeAdapter(noun).dump_json for noun in (SearchResult, Answer, Facets))
# Method of the knowledge base → a function to its result in JSON.
ANSWERS: Mapping[str, Callable[..., bytes]] = {
    "search": lambda kb, *arguments: _search_result(kb.search(*arguments)),
    "who": lambda kb, *arguments: _answer(kb.who(*arguments)),
    "facets": lambda kb, *arguments: _facets(kb.facets(*arguments)),
}

Opener = Callable[[], Callable[[Path | str], KnowledgeBase]]


def usual_count() -> int:
    """The default number of processes: that of the cores, at most ``_MOST``; 0 on a single core."""
    cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0


class Workers:
    """Processes that have the index open too. A request goes to an idle one, or waits for one."""

    def __init__(self, index: Path | str, opener: Opener, count: int) -> None:
        """``opener`` is called in each process, so it must be picklable."""
        self._index, self._opener, self._count = index, opener, count
        self._idle: LifoQueue[Connection] = LifoQueue()  # last in, first out: its caches are the warmest
        self._lock, self._is_closed = Lock(), False
        self.alive = 0  # the number of processes that are ready

    def start(self) -> None:
        """Start the processes without waiting for them; until one is ready, ``ask`` returns None."""
        for _ in range(self._count):
            Thread(target=self._add, daemon=True).start()

    def close(self) -> None:
        """End the idle processes; busy ones end with the program."""
        self._is_closed = True
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def ask(self, method: str, *arguments: Any) -> bytes | None:
        """The result in JSON of a method of ``ANSWERS``; None when no process returned one, or it raised an error.

        The caller then calls the knowledge base itself, which returns the result or raises the error.
        """
        if self._is_closed or not self.alive:
            return None
        try:
            connection = self._idle.get(timeout=_PATIENCE)
        except Empty:
            return None
        try:
            connection.send((method, arguments))
            answer = connection.recv_bytes()
        except (OSError, EOFError):  # the process was killed, or ended on an unexpected error
            connection.close()
            self._count_alive(-1)
            Thread(target=self._add, daemon=True).start()
            return None
        self._idle.put(connection)
        return answer or None

    def _add(self) -> None:
        """Start one process and wait until it is ready; a process that ends before is not replaced."""
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

    def _count_alive(self, change: int) -> None:
        with self._lock:
            self.alive += change


def _work(connection: Connection, index: Path | str, opener: Opener) -> None:
    """Main loop of a process: answer requests until the connection closes."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the server closes the connection
    current = CurrentIndex(index, opener(), is_verifying=False)
    current.refresh()
    gc.freeze()  # the open index is left out of garbage collection
    connection.send_bytes(b"ready")
    with suppress(EOFError, OSError):
        while True:
            method, arguments = connection.recv()
            connection.send_bytes(_answer_to(current, method, arguments))


def _answer_to(current: CurrentIndex, method: str, arguments: tuple[Any, ...]) -> bytes:
    try:
        with current.reading() as knowledge_base:
            return ANSWERS[method](knowledge_base, *arguments)
    except KBError:  # the server calls the method itself, which raises the error again
        return b""
