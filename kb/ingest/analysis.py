"""Reads, parses and extracts: one file, or many on several cores."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from kb.corpus import CorpusFile, read_particulars
from kb.errors import KBError, UnreadableDocument
from kb.facts import every_fact
from kb.messages import Message, program_error
from kb.models import ParsedDocument
from kb.processes import end_with_parent

# A mistake of the program or of a library in one document must not keep the others out: it is reported like a broken file.
_MISTAKES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError)
_FILES_PER_PROCESS = 40  # starting a process costs about a second, reading a file a few hundredths
_AHEAD = 16  # files submitted ahead for each process: bounds memory, keeps all of them busy

S = TypeVar("S")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Transform = Callable[[ParsedDocument], T]


def analyse(path: Path | str) -> ParsedDocument:
    """A file, parsed, with all facts; UnreadableDocument when it holds no text."""
    return _analyse(CorpusFile(Path(path)))


def analyse_all(files: Sequence[CorpusFile], transform: Transform[T]) -> Iterator[T | Message]:
    """The transform of each file's parsed document, in order; a file that cannot be read, or crashes its process, gives a message.

    With many files this happens in several processes: ``transform`` and what it returns are pickled.
    """
    processes = min(os.cpu_count() or 1, 1 + len(files) // _FILES_PER_PROCESS)
    if processes == 1:
        yield from (attempt(file, transform) for file in files)
        return
    with _Pool(processes, transform) as pool:
        yield from in_order(pool, files)


class Pool(Protocol[T_co, S]):
    """Processes that read files."""

    processes: int

    def submit(self, file: CorpusFile) -> S:
        """Start reading a file."""

    def result(self, file: CorpusFile, submitted: S) -> T_co | Message:
        """What became of a file, once it is there."""


def in_order(pool: Pool[T, S], files: Sequence[CorpusFile]) -> Iterator[T | Message]:
    """What became of each file, in order."""
    submitted: deque[tuple[CorpusFile, S]] = deque()
    for file in files:
        submitted.append((file, pool.submit(file)))
        if len(submitted) >= _AHEAD * pool.processes:
            yield pool.result(*submitted.popleft())
    while submitted:
        yield pool.result(*submitted.popleft())


def attempt(file: CorpusFile, transform: Transform[T]) -> T | Message:
    """The transform of a file's parsed document, or why there is none."""
    try:
        return transform(_checked(_analyse(file)))
    except UnreadableDocument as error:
        # What is wrong with the file beside a document says so: the report names the document.
        return error.message if error.path == file.particulars else error.reason
    except KBError as error:
        return error.message
    except _MISTAKES as error:
        return program_error(error)


def _analyse(file: CorpusFile) -> ParsedDocument:
    # Compiling their patterns takes half a second, which a build that finds nothing new, or has worker processes, can spare.
    from kb import extraction, parsing  # noqa: PLC0415

    particulars = read_particulars(file.particulars) if file.particulars is not None else None
    return extraction.extract(*parsing.parse(file.read(), particulars))


def _checked(parsed: ParsedDocument) -> ParsedDocument:
    """The same document; KBError or ValueError when it would break the index for all others."""
    for text in (parsed.document.source, parsed.document.text):
        text.encode()  # UnicodeEncodeError is a ValueError
    ids = {clause.id for clause in parsed.clauses}
    if len(ids) < len(parsed.clauses) or not ids.issuperset(fact.clause_id for fact in every_fact(parsed)):
        raise KBError(Message("inconsistent-reading"))
    return parsed


class _Pool(Generic[T]):
    """A process pool that survives the crash of a worker: concurrent.futures then fails every file that was submitted."""

    def __init__(self, processes: int, transform: Transform[T]) -> None:
        self.processes, self._transform = processes, transform
        self._executor, self._single = self._start(processes), self._start(1)  # processes start with their first file

    def __enter__(self) -> _Pool[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)
        self._single.shutdown()

    def submit(self, file: CorpusFile) -> Future[T | Message]:
        """Start reading a file, in new processes when one has crashed."""
        try:
            return self._executor.submit(_attempt_in_worker, file)
        except BrokenProcessPool:
            self._executor.shutdown(cancel_futures=True)
            self._executor = self._start(self.processes)
            return self._executor.submit(_attempt_in_worker, file)

    def result(self, file: CorpusFile, submitted: Future[T | Message]) -> T | Message:
        """What became of a file; those that were lost with a crashed pool are read again one by one, which shows the one that crashes."""
        with suppress(BrokenProcessPool):
            return submitted.result()
        try:
            result: T | Message = self._single.submit(_attempt_in_worker, file).result()
        except BrokenProcessPool:
            self._single.shutdown()
            self._single = self._start(1)
            return Message("reader-crashed")
        return result

    def _start(self, processes: int) -> ProcessPoolExecutor:
        # Not forked: the libraries behind the readers and the encoder hold threads and locks of their own.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(processes, context, initializer=_start_worker, initargs=(self._transform,))


_transform: Transform[Any] | None = None  # in a worker: sent once, for it may hold a model


def _start_worker(transform: Transform[Any]) -> None:
    global _transform  # noqa: PLW0603 - a worker of a pool has no other memory
    end_with_parent()
    _transform = transform


def _attempt_in_worker(file: CorpusFile) -> Any:
    if _transform is None:
        raise TypeError("not a worker of the pool")
    return attempt(file, _transform)
