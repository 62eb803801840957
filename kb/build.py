"""Files of the corpus to a published generation: read, parse, extract, resolve, encode, write, switch.

What has not changed since the generation in use (same bytes, same code version) is copied from it; vectors are copied when the
model is the same too. What a costly model has read once is remembered (``remembering``), so a build that is stopped goes on.
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

from kb import generations, organizations
from kb.analysis import Refused, analyse_all
from kb.corpus import ORGANIZATIONS, CorpusFile, corpus_files
from kb.encoder import Encoder, StaticEncoder
from kb.errors import BuildInProgress, IndexUnusable, UnreadableDocument
from kb.indexing import ClauseVectors, Entry, publish
from kb.remembering import RememberingEncoder
from kb.store import Store
from kb.vectors import PassageIndex, VectorIndex

_LOCK = ".lock"

# What decides what is read out of a file. A hash of the sources needs nobody to remember to raise a number; a change that
# alters no result costs one full build.
_SOURCES = ("text.py", "numerals.py", "corpus.py", "analysis.py", "indexing.py")
_SOURCE_FOLDERS = ("models", "lexicon", "readers", "parsing", "extraction", "organizations")
_LIBRARIES = (
    "charset-normalizer",
    "cn2an",
    "lxml",
    "openpyxl",
    "pdfplumber",
    "pypdfium2",
    "PyYAML",
    "pypinyin",
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
class Duplicate:
    """A file that holds the same bytes as another one, which stands for both."""

    source: str
    same_as: str


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How to build: ``full`` copies nothing from the generation in use, ``keep`` generations stay on the disk."""

    full: bool = False
    keep: int = 2


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
    duplicates: tuple[Duplicate, ...]
    seconds: float


def build(
    corpus: Path,
    index: Path,
    encoder: Encoder,
    on_progress: Callable[[Progress], None] = lambda _: None,
    settings: BuildSettings = BuildSettings(),
) -> BuildReport:
    """Bring the index up to date with the files in ``corpus`` and report.

    A file that fails is in the report and the others go in. BuildInProgress when another build holds the index, UnreadableDocument
    when there is no such corpus, IndexUnusable when the index folder cannot be written.
    """
    began = time.monotonic()
    files = corpus_files(corpus)
    with locked(index), _previous(index, encoder) as previous:
        if not isinstance(encoder, StaticEncoder):  # reading again costs hours
            encoder = RememberingEncoder(encoder, index)
        review = organizations.read_review(corpus / ORGANIZATIONS)
        run = _Run(None if settings.full else previous, review, on_progress)
        with closing(Store(publish(index, run.entries(files), encoder, code_version(), settings.keep))) as store:
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
        tuple(run.duplicates),
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


@dataclass(frozen=True, slots=True)
class _Previous:
    """The generation in use, as far as its results are still valid."""

    store: Store
    vectors: tuple[VectorIndex, PassageIndex] | None  # None: built with another model


class _Run:
    """Turns the files of one build into entries and remembers what became of them."""

    def __init__(
        self, previous: _Previous | None, review: organizations.Review, on_progress: Callable[[Progress], None]
    ) -> None:
        self._previous, self._review, self._on_progress = previous, review, on_progress
        self.computed = self.copied = 0
        self.failures: list[BuildFailure] = []
        self.duplicates: list[Duplicate] = []

    def entries(self, files: Sequence[CorpusFile]) -> Iterator[Entry]:
        """One entry for each file that can be read, in the order of the files."""
        hashes = self._wanted(files)
        previous = self._previous
        copied = {
            file
            for file, sha256 in hashes.items()
            if previous is not None and previous.store.holds(file.id, file.name, sha256)
        }
        analysed = analyse_all([file for file in hashes if file not in copied])
        for done, file in enumerate(files):
            self._on_progress(Progress(done, len(files), file.name))
            if file in copied and previous is not None:
                self.copied += 1
                yield _copied(previous, file.id, self._review)
            elif file in hashes:
                found = next(analysed)
                if isinstance(found, Refused):
                    self._fail(file, found.reason)
                else:
                    self.computed += 1
                    yield Entry(*organizations.resolve(found, self._review))
        self._on_progress(Progress(len(files), len(files), ""))

    def _wanted(self, files: Sequence[CorpusFile]) -> dict[CorpusFile, str]:
        """The files that can be had, each with its hash: one of those with the same bytes, one of those with the same id."""
        wanted: dict[CorpusFile, str] = {}
        held: dict[str, CorpusFile] = {}
        taken: dict[str, CorpusFile] = {}
        for file in files:
            try:
                sha256 = file.sha256()
            except UnreadableDocument as error:
                self._fail(file, error.reason)
                continue
            if sha256 in held:
                self.duplicates.append(Duplicate(_printable(str(file.path)), _printable(held[sha256].name)))
            elif file.id in taken:
                self._fail(file, f"another file, {taken[file.id].path}, has the same name and is in already")
            else:
                wanted[file] = sha256
                held[sha256] = taken[file.id] = file
        return wanted

    def _fail(self, file: CorpusFile, reason: str) -> None:
        self.failures.append(BuildFailure(_printable(str(file.path / file.member)), _printable(reason)))


def _printable(text: str) -> str:
    """A name that is no text in the encoding of the system would break whatever prints it."""
    return text.encode("utf-8", "backslashreplace").decode()


def _copied(previous: _Previous, document_id: str, review: organizations.Review) -> Entry:
    """The document as it lies in the generation before; whose its units are is asked anew, for the operator may have said more."""
    store = previous.store
    vectors = None
    if previous.vectors is not None:
        found = store.rows_of(document_id)
        rows = np.arange(found.start, found.stop, dtype=np.int64)
        clauses, passages = previous.vectors
        counts = tuple(passages.counts(rows).tolist())
        vectors = ClauseVectors(clauses.vectors(rows), counts, passages.vectors(rows))
    return Entry(*organizations.resolve(store.document(document_id), review), vectors)


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
                same = store.manifest.model == encoder.name
                previous = _Previous(store, (VectorIndex.open(folder), PassageIndex.open(folder)) if same else None)
        yield previous


@contextmanager
def locked(index: Path) -> Iterator[None]:
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


def roll_back(index: Path, generation: str = "") -> str:
    """Put an earlier generation in use again, the one before that in use unless one is named, and return its name.

    IndexUnusable when it is not on the disk or cannot be read; BuildInProgress when a build holds the index.
    """
    with locked(index):
        folder = generations.in_use(index)
        if not generation:
            with closing(Store(folder)) as store:
                generation = store.manifest.predecessor
        if generation not in generations.published(index):
            there = ", ".join(name for name in generations.published(index) if name != folder.name) or "none"
            raise IndexUnusable(f"{index}: no earlier generation {generation!r} (there: {there})")
        Store(index / generation).close()
        generations.switch(index, generation)
    return generation
