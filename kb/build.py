"""Files of the corpus to a published generation: read, parse, extract, resolve, encode, write, switch.

What has not changed since the generation in use (same bytes, same code version) is copied from it; vectors are copied when the
model is the same too.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from kb import extraction, generations, organizations, parsing, readers
from kb.encoder import Encoder
from kb.errors import BuildInProgress, IndexUnusable, KBError, UnreadableDocument
from kb.indexing import Entry, publish
from kb.models import Citation, Deadline, ParsedDocument, Responsibility, Target
from kb.store import Store
from kb.vectors import VectorIndex

_LOCK = ".lock"

# What decides what is read out of a file. A hash of the sources needs nobody to remember to raise a number; a change that
# alters no result costs one full build.
_SOURCES = ("text.py", "numerals.py", "indexing.py")
_SOURCE_FOLDERS = ("models", "lexicon", "readers", "parsing", "extraction", "organizations")
_LIBRARIES = (
    "charset-normalizer",
    "cn2an",
    "lxml",
    "openpyxl",
    "pdfplumber",
    "pypdfium2",
    "rjieba",
    "selectolax",
    "spacy",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: ``done`` of ``total`` files, and the file it is at."""

    done: int
    total: int
    source: str


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """A file that did not go in, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made."""

    generation: str
    documents: int
    clauses: int
    responsibilities: int
    targets: int
    computed: int  # documents read anew
    copied: int  # documents taken over from the generation before
    failures: tuple[BuildFailure, ...]
    seconds: float


def analyse(path: Path) -> ParsedDocument:
    """Everything that is read out of one file; UnreadableDocument when it holds no text."""
    return extraction.extract(*parsing.parse(readers.read(path)))


def build(
    corpus: Path, index: Path, encoder: Encoder, on_progress: Callable[[Progress], None] = lambda _: None
) -> BuildReport:
    """Bring the index up to date with the files in ``corpus`` and report.

    A file that fails is in the report and the others go in. BuildInProgress when another build holds the index, UnreadableDocument
    when there is no such corpus, IndexUnusable when the index folder cannot be written.
    """
    began = time.monotonic()
    files = _files(corpus)
    with _locked(index), _previous(index, encoder) as previous:
        run = _Run(previous, on_progress)
        with closing(Store(publish(index, run.entries(files), encoder, code_version()))) as store:
            status = store.status()
    return BuildReport(
        status.generation,
        status.documents,
        status.clauses,
        status.responsibilities,
        status.targets,
        run.computed,
        run.copied,
        tuple(run.failures),
        round(time.monotonic() - began, 3),
    )


@cache
def code_version() -> str:
    """A hash over the sources, the data and the versions of the libraries that decide what is read out of a file."""
    package = Path(__file__).parent
    digest = hashlib.sha256(repr([(name, _installed(name)) for name in _LIBRARIES]).encode())
    files = [package / name for name in _SOURCES]
    for folder in _SOURCE_FOLDERS:
        files.extend(
            path for path in (package / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
    for path in sorted(files):
        digest.update(f"\n{path.relative_to(package).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _installed(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


# --- from files to entries ------------------------------------------------------------------------


def _files(corpus: Path) -> tuple[Path, ...]:
    """Everything in the corpus folder that is meant to be read, by name; hidden files are not."""
    if not corpus.is_dir():
        raise UnreadableDocument(corpus, "no such folder")
    found = (path for path in corpus.rglob("*") if path.is_file())
    return tuple(sorted(p for p in found if not any(part.startswith(".") for part in p.relative_to(corpus).parts)))


@dataclass(frozen=True, slots=True)
class _Previous:
    """The generation in use, as far as its results are still valid."""

    store: Store
    vectors: VectorIndex | None  # None: built with another model


class _Run:
    """Turns the files of one build into entries and remembers what became of them."""

    def __init__(self, previous: _Previous | None, on_progress: Callable[[Progress], None]) -> None:
        self._previous, self._on_progress = previous, on_progress
        self.computed = self.copied = 0
        self.failures: list[BuildFailure] = []
        self._taken: dict[str, Path] = {}  # document id → the file that has it

    def entries(self, files: Sequence[Path]) -> Iterator[Entry]:
        """One entry for each file that can be read, in the order of the files."""
        for done, path in enumerate(files):
            self._on_progress(Progress(done, len(files), path.name))
            try:
                entry = self._entry(path)
            except UnreadableDocument as error:
                self._fail(path, error.reason)
            except (KBError, ValueError) as error:
                self._fail(path, f"{type(error).__name__}: {error}")
            else:
                yield entry
        self._on_progress(Progress(len(files), len(files), ""))

    def _fail(self, path: Path, reason: str) -> None:
        # A name that is no text in the encoding of the system would break whatever prints it.
        source, reason = (text.encode("utf-8", "backslashreplace").decode() for text in (str(path), reason))
        self.failures.append(BuildFailure(source, reason))

    def _entry(self, path: Path) -> Entry:
        if path.stem in self._taken:
            raise UnreadableDocument(
                path, f"another file, {self._taken[path.stem]}, has the same name and is in already"
            )
        previous = self._previous
        if previous is not None and previous.store.holds(path.stem, path.name, _sha256(path)):
            entry = _copied(previous, path.stem)
            self.copied += 1
        else:
            entry = resolved(_checked(analyse(path)))
            self.computed += 1
        self._taken[path.stem] = path
        return entry


def _sha256(path: Path) -> str:
    """The hash of a file's bytes; UnreadableDocument when they cannot be had."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableDocument(path, error.strerror or str(error)) from error


def _checked(parsed: ParsedDocument) -> ParsedDocument:
    """The same document; ValueError when it would break the index for all others."""
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
        raise ValueError("two clauses have the same id, or a fact has no clause")
    return parsed


def resolved(parsed: ParsedDocument) -> Entry:
    """The document with the organisations behind the names it uses."""
    return Entry(*organizations.resolve(parsed))


def _copied(previous: _Previous, document_id: str) -> Entry:
    store = previous.store
    vectors = None
    if previous.vectors is not None:
        rows = store.rows_of(document_id)
        vectors = previous.vectors.vectors(np.arange(rows.start, rows.stop, dtype=np.int64))
    return Entry(store.document(document_id), store.organizations_of(document_id), vectors)


@contextmanager
def _previous(index: Path, encoder: Encoder) -> Iterator[_Previous | None]:
    """The generation in use, None when there is none to copy from."""
    with ExitStack() as opened:
        previous = None
        # What cannot be opened is computed again.
        with suppress(IndexUnusable):
            folder = generations.in_use(index)
            store = opened.enter_context(closing(Store(folder)))
            if store.manifest.code_version == code_version():
                previous = _Previous(store, VectorIndex.open(folder) if store.manifest.model == encoder.name else None)
        yield previous


@contextmanager
def _locked(index: Path) -> Iterator[None]:
    """Alone at the index; the lock is the kernel's, so it ends with the process, however that ends."""
    lock = FileLock(index / _LOCK, timeout=0)
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise BuildInProgress(f"{index}: another build is running") from None
    except OSError as error:
        raise IndexUnusable(f"{index}: cannot be written: {error}") from error
    try:
        yield
    finally:
        lock.release()
