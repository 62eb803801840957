"""Files of the corpus to a published generation: read, parse, extract, resolve, encode, write, switch.

What has not changed since the generation in use (same bytes, same code version) is not read again. A generation goes on from the one
before it: documents that came are written behind the others, those that went leave holes. When the holes are many, the model is
another or the operator says other things of units, it is written anew from what the one before holds. What a costly model has read
once is remembered (``remembering``), so a build that is stopped goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from kb import organizations
from kb.corpus import ORGANIZATIONS, CorpusFile, corpus_files
from kb.corpus.hashes import Hashes
from kb.encoders import Encoder, StaticEncoder, load_encoder
from kb.encoders.cache import RememberingEncoder
from kb.errors import BuildInProgress, IndexUnusable, UnreadableDocument
from kb.index import generations
from kb.index.store import Store
from kb.index.vectors import PassageIndex, VectorIndex
from kb.ingest.analysis import Refused, analyse_all
from kb.ingest.entries import ClauseVectors, Entry, EntryMaker, entry_of
from kb.ingest.provenance import code_version
from kb.ingest.publishing import Changes, Origin, publish
from kb.messages import Language, Message, reason_of, translate
from kb.models import BuildFailure, BuildReport, Duplicate, Progress

_LOCK = ".lock"

# A hole costs room, and words that only documents in holes held still count a little in the scores of the others: with this share of
# the rows they change in the third digit at most. So a small corpus is always written anew.
HOLES = 0.01


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How to build: ``full`` copies nothing from the generation in use, ``keep`` generations stay on the disk.

    ``language`` is that of the reasons in the report.
    """

    full: bool = False
    keep: int = 2
    language: Language = "en"


def build(
    corpus: Path,
    index: Path,
    encoder: Encoder | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    settings: BuildSettings = BuildSettings(),
) -> BuildReport:
    """Bring the index up to date with the files in ``corpus`` and report; vectors are made by the embedded encoder unless another is given.

    A file that fails is in the report and the others go in. BuildInProgress when another build holds the index, UnreadableDocument
    when there is no such corpus, IndexUnusable when the index folder cannot be written.
    """
    began = time.monotonic()
    encoder = encoder or load_encoder()
    files = sorted(corpus_files(corpus), key=lambda file: file.id)
    with locked(index), _previous(index) as previous:
        if not isinstance(encoder, StaticEncoder):  # reading again costs hours
            encoder = RememberingEncoder(encoder, index)
        review = organizations.read_review(corpus / ORGANIZATIONS)
        made = _Making(encoder, review, Origin(code_version(), organizations.review_hash(corpus / ORGANIZATIONS)))
        run = _Run(None if settings.full else previous, made, Hashes(index), on_progress)
        with closing(Store(publish(index, run.changes(files), encoder, made.origin, settings.keep))) as store:
            status, scans = store.status(), store.scans()
    return BuildReport(
        status.generation,
        status.documents,
        status.clauses,
        status.responsibilities,
        status.targets,
        run.computed,
        run.copied,
        tuple(_failure(file, reason, settings.language) for file, reason in run.failures),
        tuple(run.duplicates),
        scans,
        round(time.monotonic() - began, 3),
    )


# --- from files to entries ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Making:
    """What entries are made with."""

    encoder: Encoder
    review: organizations.Review
    origin: Origin


@dataclass(frozen=True, slots=True)
class _Previous:
    """The generation in use, whose readings are still valid."""

    folder: Path
    store: Store

    def goes_on(self, made: _Making, removed: Sequence[str]) -> bool:
        """Whether the next generation goes on from it: made with the same, and with few holes once these documents are out."""
        manifest = self.store.manifest
        holes = manifest.rows - self.store.status().clauses + sum(len(self.store.rows_of(one)) for one in removed)
        same = (manifest.model, manifest.review) == (made.encoder.name, made.origin.review)
        return same and holes <= HOLES * manifest.rows

    def entries(self, made: _Making, kept: Sequence[CorpusFile]) -> Iterator[Entry]:
        """Documents as they lie in it; whose their units are is asked anew, for the operator may have said more."""
        vectors = None
        if self.store.manifest.model == made.encoder.name:
            vectors = VectorIndex.open(self.folder), PassageIndex.open(self.folder)
        for file in kept:
            parsed, organizations_ = organizations.resolve(self.store.document(file.id), made.review)
            found = self.store.rows_of(file.id)
            rows = np.arange(found.start, found.stop, dtype=np.int64)
            known = None
            if vectors is not None:
                clauses, passages = vectors
                counts = tuple(passages.counts(rows).tolist())
                known = ClauseVectors(clauses.vectors(rows), counts, passages.vectors(rows))
            yield entry_of(parsed, organizations_, known)


class _Run:
    """Turns the files of one build into changes and remembers what became of them."""

    def __init__(
        self, previous: _Previous | None, made: _Making, hashes: Hashes, on_progress: Callable[[Progress], None]
    ) -> None:
        self._previous, self._made, self._on_progress = previous, made, on_progress
        self._hashes = hashes
        self.computed = self.copied = 0
        self.failures: list[tuple[CorpusFile, Message]] = []
        self.duplicates: list[Duplicate] = []

    def changes(self, files: Sequence[CorpusFile]) -> Changes:
        """What the next generation holds: one entry for each file that can be read, in the order of the files, as far as it is new."""
        wanted = self._wanted(files)
        self._hashes.save()
        held = self._previous.store.origins() if self._previous is not None else frozenset()
        kept = {file: None for file, sha256 in wanted.items() if (file.id, file.name, sha256) in held}
        gone = sorted({document for document, *_ in held} - {file.id for file in kept})
        before = self._previous
        if before is not None and before.goes_on(self._made, gone):
            return Changes(self._entries(files, wanted, kept, iter(())), tuple(gone), before.folder)
        copies = before.entries(self._made, tuple(kept)) if before is not None else iter(())
        return Changes(self._entries(files, wanted, kept, copies))

    def _entries(
        self,
        files: Sequence[CorpusFile],
        wanted: Mapping[CorpusFile, str],
        kept: Mapping[CorpusFile, None],
        copies: Iterator[Entry],
    ) -> Iterator[Entry]:
        encoder = self._made.encoder if isinstance(self._made.encoder, StaticEncoder) else None
        analysed = analyse_all([file for file in wanted if file not in kept], EntryMaker(self._made.review, encoder))
        for done, file in enumerate(files):
            self._on_progress(Progress(done, len(files), file.name))
            if file in kept:
                self.copied += 1
                yield from islice(copies, 1)
            elif file in wanted:
                found = next(analysed)
                if isinstance(found, Refused):
                    self.failures.append((file, found.reason))
                else:
                    self.computed += 1
                    yield found
        self._on_progress(Progress(len(files), len(files), ""))

    def _wanted(self, files: Sequence[CorpusFile]) -> dict[CorpusFile, str]:
        """The files that can be had, each with its hash: one of those with the same bytes, one of those with the same id."""
        wanted: dict[CorpusFile, str] = {}
        held: dict[str, CorpusFile] = {}
        taken: dict[str, CorpusFile] = {}
        for file in files:
            try:
                sha256 = self._hashes.of(file)
            except UnreadableDocument as error:
                self.failures.append((file, error.reason))
                continue
            if sha256 in held:
                self.duplicates.append(Duplicate(_printable(str(file.path)), _printable(held[sha256].name)))
            elif file.id in taken:
                self.failures.append((file, Message("name-taken", other=taken[file.id].path)))
            else:
                wanted[file] = sha256
                held[sha256] = taken[file.id] = file
        return wanted


def _failure(file: CorpusFile, reason: Message, language: Language) -> BuildFailure:
    source = str(file.path.parent / file.name)
    return BuildFailure(_printable(source), reason.cause.code, _printable(translate(reason, language)))


def _printable(text: str) -> str:
    """A name that is no text in the encoding of the system would break whatever prints it."""
    return text.encode("utf-8", "backslashreplace").decode()


@contextmanager
def _previous(index: Path) -> Iterator[_Previous | None]:
    """The generation in use, None when there is none to go on from."""
    with ExitStack() as opened:
        previous = None
        # What cannot be opened is computed again.
        with suppress(IndexUnusable):
            folder = generations.in_use(index)
            store = opened.enter_context(closing(Store(folder)))
            if store.manifest.code_version == code_version():
                previous = _Previous(folder, store)
        yield previous


@contextmanager
def locked(index: Path) -> Iterator[None]:
    """Alone at the index; the lock is the kernel's, so it ends with the process, however that ends."""
    lock = FileLock(index / _LOCK, timeout=0)
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise BuildInProgress(index) from None
    except OSError as error:
        raise IndexUnusable(index, Message("cannot-be-written", reason=reason_of(error))) from error
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
            there = tuple(name for name in generations.published(index) if name != folder.name)
            missing = Message("no-earlier-generation", name=generation, there=there)
            raise IndexUnusable(index, missing if there else Message("no-generation-before"))
        Store(index / generation).close()
        generations.switch(index, generation)
    return generation
