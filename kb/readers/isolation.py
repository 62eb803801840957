"""Readers of formats that need large libraries run in a process of their own, so that one file cannot take the program with it.

A library can crash, loop or eat the memory; the process that reads is then ended and the next file gets a new one. Time is that of
the processors, not of the clock: a busy machine refuses nothing that an idle one reads. Both bounds need a Unix system.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import warnings
import zlib
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Lock

from kb.errors import UnreadableDocument
from kb.messages import Message, program_error
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
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, module: str, path: Path, data: bytes) -> SourceText:
        """What ``read(path, data)`` of that module returns; UnreadableDocument also when it crashes or passes its bounds."""
        with self._lock:
            process = self._started()
            try:
                answer = _asked(process, (module, path, data))
            except (EOFError, OSError, pickle.UnpicklingError) as error:
                self._end()
                raise UnreadableDocument(path, _ended(process.returncode)) from error
        if isinstance(answer, Message):
            raise UnreadableDocument(path, answer)
        return answer

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # Not by multiprocessing, which runs the program's own main module again. It ends when nobody is left to ask.
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import answer; answer()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what libraries have to say about a file is for nobody
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                with suppress(OSError):
                    stream.close()  # type: ignore[union-attr]  # both are pipes
            self._process.wait()
            self._process = None


def _asked(process: subprocess.Popen[bytes], question: tuple[str, Path, bytes]) -> SourceText | Message:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    pickle.dump(question, process.stdin)
    process.stdin.flush()
    answered: SourceText | Message = pickle.load(process.stdout)
    return answered


def _ended(exit_code: int | None) -> Message:
    if hasattr(signal, "SIGPROF") and exit_code == -signal.SIGPROF:
        return Message("takes-too-long")
    return Message("reader-crashed")


def answer() -> None:
    """Read what standard input asks for and answer on standard output, until nobody is left to ask: the process's whole life."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    _bound()
    while True:
        try:
            module, path, data = pickle.load(questions)
        except EOFError:
            return
        allow(SECONDS)
        found = _attempt(module, path, data)
        allow(0)
        pickle.dump(found, answers)
        answers.flush()


def _bound() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that asks
    warnings.simplefilter("ignore")
    if sys.platform != "win32":
        import resource  # Unix only

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _bounded.set()


def _attempt(module: str, path: Path, data: bytes) -> SourceText | Message:
    """What was read, or why nothing was."""
    try:
        source: SourceText = import_module(module).read(path, data)
    except UnreadableDocument as error:
        return error.reason
    except MemoryError:
        return Message("takes-too-much-memory", most=MOST_MEMORY)
    except _MISTAKES as error:
        return Message("cannot-be-read", reason=program_error(error))
    return source
