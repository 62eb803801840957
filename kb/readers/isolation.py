"""Readers of formats that need large libraries run in a process of their own, so that one file cannot take the program with it.

A library can crash, loop or eat the memory; the process that reads is then ended and the next file gets a new one. Time is that of
the processors, not of the clock: a busy machine refuses nothing that an idle one reads. Both bounds need a Unix system.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import sys
import warnings
import zlib
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Lock

from kb.errors import UnreadableDocument
from kb.models import SourceText

SECONDS = 60  # of processor time for one file
MOST_MEMORY = 4_000_000_000  # bytes; text recognition takes 0.7 billion
# What libraries raise on files that are broken in ways that nobody has foreseen.
_MISTAKES = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RuntimeError, OSError, EOFError,
    SyntaxError, struct.error, zlib.error,
)  # fmt: skip
_bounded = Event()  # set in the process that reads


def allow(seconds: float) -> float:
    """Give what is read from now on so many seconds, 0 for any number, and return what was left; 0 where nothing is bounded."""
    if not (_bounded.is_set() and hasattr(signal, "setitimer")):
        return 0.0
    # Nobody handles the signal: it ends the process, whatever that is at.
    left, _ = signal.setitimer(signal.ITIMER_PROF, seconds)
    return left


class Isolated:
    """A process that reads one file after the other, made anew when one has ended it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: tuple[BaseProcess, Connection] | None = None

    def read(self, module: str, path: Path, data: bytes) -> SourceText:
        """What ``read(path, data)`` of that module returns; UnreadableDocument also when it crashes or passes its bounds."""
        with self._lock:
            process, connection = self._started()
            try:
                connection.send((module, path, data))
                answer = connection.recv()
            except (EOFError, OSError) as error:
                process.join()
                raise UnreadableDocument(path, _ended(process.exitcode)) from error
        if isinstance(answer, SourceText):
            return answer
        raise UnreadableDocument(path, answer)

    def _started(self) -> tuple[BaseProcess, Connection]:
        if self._running is None or not self._running[0].is_alive():
            context = multiprocessing.get_context("spawn")
            here, there = context.Pipe()
            # A daemon ends with the program; should that be killed, it ends when nobody is left to ask.
            process = context.Process(target=_answer, args=(there,), daemon=True, name="reading")
            process.start()
            there.close()
            self._running = (process, here)
        return self._running


def _ended(exit_code: int | None) -> str:
    if hasattr(signal, "SIGPROF") and exit_code == -signal.SIGPROF:
        return "reading it takes too long"
    return "reading it takes the program down"


def _answer(asked: Connection) -> None:
    """Read what is asked for until nobody is left to ask."""
    _bound()
    while True:
        try:
            module, path, data = asked.recv()
        except EOFError:
            return
        allow(SECONDS)
        answer = _attempt(module, path, data)
        allow(0)
        asked.send(answer)


def _bound() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that asks
    warnings.simplefilter("ignore")
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what libraries have to say about a file is for nobody
    if sys.platform != "win32":
        import resource  # Unix only

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _bounded.set()


def _attempt(module: str, path: Path, data: bytes) -> SourceText | str:
    """What was read, or why nothing was."""
    try:
        source: SourceText = import_module(module).read(path, data)
    except UnreadableDocument as error:
        return error.reason
    except MemoryError:
        return f"reading it takes more than {MOST_MEMORY:,} bytes of memory"
    except _MISTAKES as error:
        return f"cannot be read ({type(error).__name__}: {error})"
    return source
