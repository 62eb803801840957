"""Worker processes for the most frequent requests. Python runs one thread of a process at a time, so only processes use all cores.

``uvicorn --workers`` is no alternative: uploads, builds, the watched folder and metrics must be in one process (docs/decisions.md).
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from socket import socket, socketpair
from typing import Any, TypeVar

from pydantic import TypeAdapter

from kb.current_index import CurrentIndex
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.models import Answer, Facets, SearchResult
from kb.processes import end_with_parent

_MOST = 4  # processes by default; each takes about 150 MB
_PATIENCE = 10.0  # seconds that a request waits for an idle process
_LONGEST = 60.0  # seconds for one question; a process that needs more, as one that is suspended, is replaced
_LENGTH = 8  # bytes before an answer that say how long it is
_CONTEXT = multiprocessing.get_context("spawn")

_search_result, _answer, _facets = (TypeAdapter(noun).dump_json for noun in (SearchResult, Answer, Facets))
# Method of the knowledge base → a function to its result in JSON.
ANSWERS: Mapping[str, Callable[..., bytes]] = {
    "search": lambda kb, *arguments: _search_result(kb.search(*arguments)),
    "who": lambda kb, *arguments: _answer(kb.who(*arguments)),
    "facets": lambda kb, *arguments: _facets(kb.facets(*arguments)),
}

Answered = TypeVar("Answered")
Opener = Callable[[], Callable[[Path | str], KnowledgeBase]]


def usual_count() -> int:
    """The default number of processes: that of the cores, at most ``_MOST``; 0 on a single core."""
    cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0


@dataclass(frozen=True, slots=True, eq=False)
class Worker:
    """A process and the connection to it, read and written in the loop: no question waits for another process."""

    process: BaseProcess
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, message: bytes) -> None:
        """Say something to it; OSError when it has ended."""
        self.writer.write(message)
        await self.writer.drain()

    async def receive(self) -> bytes:
        """What it says next; EOFError when it has ended."""
        length = await self.reader.readexactly(_LENGTH)
        return await self.reader.readexactly(int.from_bytes(length))


class Workers:
    """Processes that have the index open too. A request goes to an idle one, or waits for one."""

    def __init__(self, index: Path | str, opener: Opener, count: int) -> None:
        """``opener`` is called in each process, so it must be picklable."""
        self._index, self._opener, self._count = index, opener, count
        self._idle = asyncio.LifoQueue[Worker]()  # last in, first out: its caches are the warmest
        self._connected: set[Worker] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False
        self.alive = 0  # the number of processes that are ready

    async def start(self) -> None:
        """Start the processes without waiting for them; until one is ready, ``ask`` returns None."""
        for _ in range(self._count):
            self._do(self._add())

    def close(self) -> None:
        """End the processes; what they are asked is left to who asked."""
        self._is_closed = True
        for worker in self._connected:
            worker.writer.close()

    async def ask(self, method: str, *arguments: Any) -> bytes | None:
        """The result in JSON of a method of ``ANSWERS``; None when no process returned one, or it raised an error.

        The caller then calls the knowledge base itself, which returns the result or raises the error.
        """
        if self._is_closed or not self.alive:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                worker = await self._idle.get()
        except TimeoutError:
            return None
        # The answer is taken also when who asked has gone away meanwhile, so that the next one does not get it.
        return await asyncio.shield(self._do(self._answer(worker, pickle.dumps((method, arguments))))) or None

    async def _answer(self, worker: Worker, question: bytes) -> bytes:
        """What the process answers; b"" from one that has ended or is silent, which is replaced."""
        try:
            async with asyncio.timeout(_LONGEST):
                await worker.send(question)
                answer = await worker.receive()
        except (OSError, EOFError):  # killed, ended on an unexpected error, or too late
            self._replace(worker)
            return b""
        self._idle.put_nowait(worker)
        return answer

    def _replace(self, worker: Worker) -> None:
        worker.process.kill()
        worker.writer.close()
        self._connected.discard(worker)
        self.alive -= 1
        if not self._is_closed:
            self._do(self._add())

    async def _add(self) -> None:
        """Start one process and wait until it is ready; a process that ends before is not replaced."""
        here, there = socketpair()
        process = _CONTEXT.Process(target=_work, args=(there, self._index, self._opener), daemon=True)
        with there:
            process.start()
        worker = Worker(process, *await asyncio.open_unix_connection(sock=here))
        self._connected.add(worker)
        if self._is_closed:
            worker.writer.close()
        with suppress(OSError, EOFError):
            await worker.receive()
            self.alive += 1
            self._idle.put_nowait(worker)

    def _do(self, work: Coroutine[Any, Any, Answered]) -> asyncio.Task[Answered]:
        """A task that is remembered until it is done, which the loop itself does not."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _work(server: socket, index: Path | str, opener: Opener) -> None:
    """Main loop of a process: answer requests until the connection closes."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the server closes the connection
    current = CurrentIndex(index, opener(), is_verifying=False)
    current.refresh()
    gc.freeze()  # the open index is left out of garbage collection
    with suppress(EOFError, OSError), server, server.makefile("rb") as questions:
        _say(server, b"ready")
        while True:
            method, arguments = pickle.load(questions)
            _say(server, _answer_to(current, method, arguments))


def _say(server: socket, message: bytes) -> None:
    server.sendall(len(message).to_bytes(_LENGTH) + message)


def _answer_to(current: CurrentIndex, method: str, arguments: tuple[Any, ...]) -> bytes:
    try:
        with current.reading() as knowledge_base:
            return ANSWERS[method](knowledge_base, *arguments)
    except KBError:  # the server calls the method itself, which raises the error again
        return b""
