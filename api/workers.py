"""Worker processes for the most frequent requests. Python runs one thread of a process at a time, so only processes use all cores.

``uvicorn --workers`` is no alternative: uploads, builds, the watched folder and metrics must be in one process (docs/decisions.md).
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
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
        self._idle: asyncio.LifoQueue[Connection] = (
            asyncio.LifoQueue()
        )  # last in, first out: its caches are the warmest
        self._is_closed = False
        self.alive = 0  # the number of processes that are ready

    async def start(self) -> None:
        """Start the processes without waiting for them; until one is ready, ``ask`` returns None."""
        for _ in range(self._count):
            self._begin_another()

    def close(self) -> None:
        """End the idle processes; busy ones end with the program."""
        self._is_closed = True
        while not self._idle.empty():
            self._idle.get_nowait().close()

    async def ask(self, method: str, *arguments: Any) -> bytes | None:
        """The result in JSON of a method of ``ANSWERS``; None when no process returned one, or it raised an error.

        The caller then calls the knowledge base itself, which returns the result or raises the error.
        """
        if self._is_closed or not self.alive:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                connection = await self._idle.get()
        except TimeoutError:
            return None
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        try:
            connection.send((method, arguments))
        except OSError:  # the process was killed
            self._replace(connection)
            return None
        # Read in the loop: to hand each question to a thread takes longer than all the rest of it here.
        asyncio.get_running_loop().add_reader(connection.fileno(), self._receive, connection, answer)
        return await answer or None

    def _receive(self, connection: Connection, answer: asyncio.Future[bytes]) -> None:
        """Take what a process answers, also when who asked has gone away meanwhile; b"" from one that has ended."""
        asyncio.get_running_loop().remove_reader(connection.fileno())
        os.set_blocking(connection.fileno(), True)  # uvloop has made it another
        received = b""
        try:
            received = connection.recv_bytes()
        except (OSError, EOFError):  # killed, or ended on an unexpected error
            self._replace(connection)
        else:
            self._idle.put_nowait(connection)
        if not answer.done():
            answer.set_result(received)

    def _replace(self, connection: Connection) -> None:
        connection.close()
        self.alive -= 1
        self._begin_another()

    def _begin_another(self) -> None:
        loop = asyncio.get_running_loop()
        Thread(target=self._add, args=(loop,), daemon=True).start()

    def _add(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start one process and wait until it is ready; a process that ends before is not replaced."""
        connection, other = _CONTEXT.Pipe()
        _CONTEXT.Process(target=_work, args=(other, self._index, self._opener), daemon=True).start()
        other.close()
        with suppress(EOFError, RuntimeError):  # RuntimeError: the server has ended meanwhile
            connection.recv_bytes()
            loop.call_soon_threadsafe(self._take, connection)

    def _take(self, connection: Connection) -> None:
        if self._is_closed:
            connection.close()
        else:
            self.alive += 1
            self._idle.put_nowait(connection)


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
