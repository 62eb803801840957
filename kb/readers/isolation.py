"""A worker process for readers that use large libraries, so that one file cannot bring down the program.

A library may crash, loop or exhaust the memory. The worker is then ended, and the next file gets a new one.
The time limit counts processor time, not wall-clock time, so that a busy machine reads what an idle one does.
The limits on time and memory need a Unix system.
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
# What libraries raise on files broken in unforeseen ways.
_LIBRARY_ERRORS = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RuntimeError, OSError, EOFError,
    SyntaxError, struct.error, zlib.error,
)  # fmt: skip
_is_limited = Event()  # set in the worker process


def limit_seconds(seconds: float) -> float:
    """Limit the processor time from now on, and return what was left of the previous limit.

    0 stands for no limit; outside the worker process nothing is limited.
    """
    if not (_is_limited.is_set() and hasattr(signal, "setitimer")):
        return 0.0
    # The signal has no handler, so it ends the process.
    left, _ = signal.setitimer(signal.ITIMER_PROF, seconds)
    return left


class ReaderProcess:
    """A worker process that reads one file at a time and is restarted when a file has ended it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run_reader(self, module: str, path: Path, data: bytes) -> SourceText:
        """The result of ``read(path, data)`` of that module; UnreadableDocument also when it crashes or exceeds a limit."""
        with self._lock:
            process = self._start()
            try:
                answer = _request(process, (module, path, data))
            except (EOFError, OSError, pickle.UnpicklingError) as error:
                self._end()
                raise UnreadableDocument(path, _end_reason(process.returncode)) from error
        if isinstance(answer, Message):
            raise UnreadableDocument(path, answer)
        return answer

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # Not multiprocessing, which would import the main module again. The worker ends when its standard input closes.
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import run_worker; run_worker()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # warnings of the libraries
                env=_without_settings() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                with suppress(OSError):
                    stream.close()  # type: ignore[union-attr]  # both are pipes
            self._process.wait()
            self._process = None


def _request(process: subprocess.Popen[bytes], request: tuple[str, Path, bytes]) -> SourceText | Message:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    pickle.dump(request, process.stdin)
    process.stdin.flush()
    answer: SourceText | Message = pickle.load(process.stdout)
    return answer


def _without_settings() -> dict[str, str]:
    """The environment without the program's settings, which hold a key."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KB_")}


def _end_reason(exit_code: int | None) -> Message:
    if hasattr(signal, "SIGPROF") and exit_code == -signal.SIGPROF:
        return Message("takes-too-long")
    return Message("reader-crashed")


def run_worker() -> None:
    """Main loop of the worker: requests from standard input, answers on standard output, until the input closes."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output of the libraries must not mix with the answers
    _set_limits()
    while True:
        try:
            module, path, data = pickle.load(requests)
        except EOFError:
            return
        limit_seconds(SECONDS)
        answer = _attempt(module, path, data)
        limit_seconds(0)
        pickle.dump(answer, answers)
        answers.flush()


def _set_limits() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent process
    warnings.simplefilter("ignore")
    if sys.platform != "win32":
        import resource  # Unix only

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _is_limited.set()


def _attempt(module: str, path: Path, data: bytes) -> SourceText | Message:
    """The text of the file, or the reason why there is none."""
    try:
        source: SourceText = import_module(module).read(path, data)
    except UnreadableDocument as error:
        return error.reason
    except MemoryError:
        return Message("takes-too-much-memory", most=MOST_MEMORY)
    except _LIBRARY_ERRORS as error:
        return Message("cannot-be-read", reason=program_error(error))
    return source
