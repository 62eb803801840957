"""From a file of the corpus to everything that is read out of it, on as many cores as it pays for."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from kb import extraction, parsing
from kb.corpus import CorpusFile, read_particulars
from kb.errors import KBError, UnreadableDocument
from kb.messages import Message, program_error
from kb.models import Citation, Deadline, ParsedDocument, Responsibility, Target

# A mistake of the program or of a library in one document must not keep the others out: it is reported like a broken file.
_MISTAKES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError)
_WORTH_A_PROCESS = 40  # files; starting one costs about a second, a file a few hundredths
_AHEAD = 16  # files in work for each process: bounds memory, keeps all of them busy


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing could be read out of a file."""

    reason: Message


def analyse(path: Path) -> ParsedDocument:
    """Everything that is read out of one file; UnreadableDocument when it holds no text."""
    return _analyse(CorpusFile(path))


def analyse_all(files: Sequence[CorpusFile], become: Callable[[ParsedDocument], T]) -> Iterator[T | Refused]:
    """What each file becomes, in order; a file that fails, or takes the program down, is refused alone.

    ``become`` is called where the file is read, maybe in another process: it and what it returns are pickled.
    """
    processes = min(os.cpu_count() or 1, 1 + len(files) // _WORTH_A_PROCESS)
    if processes == 1:
        yield from (_attempt(file, become) for file in files)
        return
    with _Pool(processes, become) as pool:
        waiting: deque[tuple[CorpusFile, Future[T | Refused]]] = deque()
        for file in files:
            waiting.append((file, pool.begin(file)))
            if len(waiting) >= _AHEAD * processes:
                yield pool.finish(*waiting.popleft())
        while waiting:
            yield pool.finish(*waiting.popleft())


def _attempt(file: CorpusFile, become: Callable[[ParsedDocument], T]) -> T | Refused:
    try:
        return become(_checked(_analyse(file)))
    except UnreadableDocument as error:
        return Refused(error.reason)
    except KBError as error:
        return Refused(error.message)
    except _MISTAKES as error:
        return Refused(program_error(error))


class _Workplace:
    """What a process does with the files that it is given; said once, when it starts."""

    become: Callable[[ParsedDocument], Any]

    @classmethod
    def open(cls, become: Callable[[ParsedDocument], Any]) -> None:
        cls.become = staticmethod(become)

    @classmethod
    def attempt(cls, file: CorpusFile) -> Any:
        return _attempt(file, cls.become)


def _analyse(file: CorpusFile) -> ParsedDocument:
    said = read_particulars(file.particulars) if file.particulars is not None else None
    return extraction.extract(*parsing.parse(file.read(), said))


def _checked(parsed: ParsedDocument) -> ParsedDocument:
    """The same document; KBError or ValueError when it would break the index for all others."""
    for text in (parsed.document.source, parsed.document.text):
        text.encode()  # UnicodeEncodeError is a ValueError
    ids = {clause.id for clause in parsed.clauses}
    facts: tuple[Responsibility | Target | Deadline | Citation, ...] = (
        *parsed.responsibilities,
        *parsed.targets,
        *parsed.deadlines,
        *parsed.citations,
    )
    if len(ids) < len(parsed.clauses) or not ids.issuperset(fact.clause_id for fact in facts):
        raise KBError(Message("inconsistent-reading"))
    return parsed


class _Pool(Generic[T]):
    """Processes that read files; when a file kills one of them, the pool is made anew and that file is refused."""

    def __init__(self, processes: int, become: Callable[[ParsedDocument], T]) -> None:
        self._processes, self._become = processes, become
        self._pool, self._alone = self._new(processes), self._new(1)  # a process starts with its first file

    def __enter__(self) -> _Pool[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._alone.shutdown()

    def begin(self, file: CorpusFile) -> Future[T | Refused]:
        """Start reading a file."""
        try:
            return self._pool.submit(_Workplace.attempt, file)
        except BrokenProcessPool:
            self._renew()
            return self._pool.submit(_Workplace.attempt, file)

    def finish(self, file: CorpusFile, begun: Future[T | Refused]) -> T | Refused:
        """What became of a file."""
        with suppress(BrokenProcessPool):
            return begun.result()
        # Which file it was that killed the process is found by reading those in work one after another in a process of their own.
        try:
            found: T | Refused = self._alone.submit(_Workplace.attempt, file).result()
        except BrokenProcessPool:
            self._alone.shutdown()
            self._alone = self._new(1)
            return Refused(Message("reader-crashed"))
        return found

    def _renew(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._new(self._processes)

    def _new(self, processes: int) -> ProcessPoolExecutor:
        # Not forked: the libraries behind the readers and the encoder hold threads and locks of their own.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(processes, context, initializer=_Workplace.open, initargs=(self._become,))
