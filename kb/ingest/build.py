"""Files of the corpus to a published generation: read, parse, extract, resolve, encode, write, switch.

Only what has changed since the generation in use is read: documents with the same content are taken over, also when their file was
moved or renamed. The new generation extends the one in use: new documents are appended, removed ones are marked as deleted. It is
written from scratch (but not read again) when too much is marked, when the model is another, and when ``organizations.yaml`` has
changed. Vectors of a costly model are cached, so that a build that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from kb import organizations
from kb.corpus import ORGANIZATIONS, CorpusFile, check_corpus, corpus_files
from kb.corpus.catalogue import Catalogue, read_catalogue
from kb.encoders import Encoder, StaticEncoder, load_encoder
from kb.encoders.cache import CachedEncoder
from kb.errors import IndexUnusable
from kb.index.asking import Generation
from kb.index.folders import at
from kb.index.keeping import Address, Index
from kb.index.store import Store
from kb.ingest.analysis import analyse_all, attempt
from kb.ingest.cluster import analyse_on
from kb.ingest.entries import ClauseVectors, Entry, EntryMaker, entry_of, renamed
from kb.ingest.provenance import code_version
from kb.ingest.publishing import Changes, Origin, publish
from kb.messages import Language, Message, translate
from kb.models import BuildFailure, BuildReport, Duplicate, Progress
from kb.search.contextual import read_clauses

# Deleted rows take room, and terms that only they hold still count a little in the scores of the others: with this share of the rows
# these change in the third digit at most. So a small corpus is always written from scratch.
HOLES = 0.01


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How to build: ``full`` copies nothing from the generation in use, ``keep`` generations stay on the disk.

    ``language`` is that of the reasons in the report. ``ray`` is the address of a Ray cluster that reads the files, empty for this machine.
    """

    full: bool = False
    keep: int = 2
    language: Language = "en"
    ray: str = ""


def build(
    corpus: Path | str,
    index: Address,
    encoder: Encoder | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    settings: BuildSettings = BuildSettings(),
) -> BuildReport:
    """Bring the index up to date with the files in ``corpus``; when nothing has changed, the generation in use stays.

    Vectors are made by the embedded encoder unless another is given. A file that cannot be read is in the report, and the others go in.
    BuildInProgress when another build holds the index, UnreadableDocument when there is no such corpus, IndexUnusable when the index
    folder cannot be written.
    """
    began, corpus, kept = time.monotonic(), Path(corpus), at(index)
    encoder = encoder or load_encoder()
    check_corpus(corpus)
    with kept.locked() as folder, ExitStack() as opened:
        files = corpus_files(corpus)  # once nobody else builds: what came while another did must not be taken out again
        damage = _damage(kept)
        previous = None if damage else opened.enter_context(_previous(kept))
        if not isinstance(encoder, StaticEncoder):  # encoding again costs hours
            encoder = CachedEncoder(encoder, folder)
        review = organizations.read_review(corpus / ORGANIZATIONS)
        origin = Origin(code_version(), organizations.review_hash(corpus / ORGANIZATIONS))
        pipeline = _Pipeline(encoder, review, origin, settings.ray)
        catalogue = read_catalogue(files, folder)
        run = _Run(None if settings.full else previous, pipeline, catalogue, len(files), on_progress)
        name = publish(kept, run.changes(), encoder, pipeline.origin, settings.keep)
        duplicates = tuple(run.duplicates())
        with closing(kept.open(name)) as generation:
            store, read = generation.store, read_clauses(generation, encoder)
            status, scans, gaps = store.status(), store.scans(), store.gaps()
    return BuildReport(
        status.generation,
        previous is None or name != previous.generation.name,
        status.documents,
        status.clauses,
        status.responsibilities,
        status.targets,
        run.computed,
        run.copied,
        tuple(_failure(source, reason, settings.language) for source, reason in run.failures.items()),
        duplicates,
        scans,
        gaps,
        read,
        round(time.monotonic() - began, 3),
        _printable(translate(damage, settings.language)) if damage else "",
    )


# --- from files to entries ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pipeline:
    """What entries are made with, and where: on a Ray cluster, or here."""

    encoder: Encoder
    review: organizations.Review
    origin: Origin
    ray: str


@dataclass(frozen=True, slots=True)
class _Previous:
    """The generation in use, when its documents were read by the same version of the code."""

    generation: Generation

    @property
    def store(self) -> Store:
        """Its store."""
        return self.generation.store

    def can_be_extended(self, pipeline: _Pipeline, removed: Sequence[str]) -> bool:
        """Whether a generation can extend it: same model and units, and few deleted rows once these documents are removed."""
        manifest = self.store.manifest
        status = self.store.status()
        holes = manifest.rows - status.clauses + sum(len(self.store.rows_of(one)) for one in removed)
        gone = manifest.documents - status.documents + len(removed)
        same = (manifest.model, manifest.review) == (pipeline.encoder.name, pipeline.origin.review)
        return same and holes <= HOLES * manifest.rows and gone <= HOLES * manifest.documents

    def entries(self, pipeline: _Pipeline, copied: Mapping[CorpusFile, str]) -> Iterator[Entry]:
        """Entries of its documents, given with their ids in it, under the ids of their files.

        Units are resolved again, for the operator may have described more of them.
        """
        is_known = self.store.manifest.model == pipeline.encoder.name
        for file, id_ in copied.items():
            parsed = renamed(self.store.document(id_), file.id, file.source)
            rows = self.store.rows_of(id_)
            known = ClauseVectors(*self.generation.vectors_of(rows)) if is_known else None
            yield entry_of(*organizations.resolve(parsed, pipeline.review), known)


class _Run:
    """Turns the documents of one build into changes, and counts what became of them."""

    def __init__(
        self,
        previous: _Previous | None,
        pipeline: _Pipeline,
        catalogue: Catalogue,
        files: int,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._previous, self._pipeline, self._on_progress = previous, pipeline, on_progress
        self._documents, self._spare = dict(catalogue.documents), catalogue.spare
        self._duplicates, self._files = catalogue.duplicates, files
        self.computed = self.copied = 0
        self.failures = {file.source: reason for file, reason in catalogue.failures}  # by source

    def changes(self) -> Changes:
        """What the new generation adds to the previous one and removes from it, or all that it holds."""
        if self._previous is None:
            return Changes(self._entries({}, frozenset()))
        held = self._previous.store.origins()
        self._documents = dict(self._standing_in(held))
        copied = dict(self._copied(held))
        same = {file for file, sha256 in self._documents.items() if (file.id, file.source, sha256) in held}
        removed = sorted({id_ for id_, *_ in held} - {file.id for file in same})
        if self._previous.can_be_extended(self._pipeline, removed):
            return Changes(self._entries(copied, same), tuple(removed), self._previous.generation)
        return Changes(self._entries(copied, frozenset()))

    def _standing_in(self, held: Collection[tuple[str, str, str]]) -> Iterator[tuple[CorpusFile, str]]:
        """The documents, from the file that was read in the place of a broken one as long as that stays broken: nothing has changed then."""
        for file, sha256 in self._documents.items():
            is_new = (file.id, file.source, sha256) not in held
            spare = [(one, its) for one, its in self._spare.get(file.id, ()) if (one.id, one.source, its) in held]
            reason = attempt(file, lambda parsed: parsed) if is_new and spare else None
            if isinstance(reason, Message):
                self.failures |= {file.source: reason}
                del self.failures[spare[0][0].source]
            yield spare[0] if isinstance(reason, Message) else (file, sha256)

    def _copied(self, held: Collection[tuple[str, str, str]]) -> Iterator[tuple[CorpusFile, str]]:
        """The documents that the previous generation holds, with their ids in it: of the same content and format."""
        by_hash = {sha256: (id_, PurePosixPath(source).suffix) for id_, source, sha256 in held}
        for file, sha256 in self._documents.items():
            id_, suffix = by_hash.get(sha256, ("", ""))
            if id_ and suffix.lower() == file.suffix.lower():
                yield file, id_

    def _entries(self, copied: Mapping[CorpusFile, str], same: Collection[CorpusFile]) -> Iterator[Entry]:
        """The entries of all documents but the ``same``, which stay as they are, by id."""
        encoder = self._pipeline.encoder if isinstance(self._pipeline.encoder, StaticEncoder) else None
        encoder = replace(encoder, contextual=None) if encoder else None  # the processes that read documents need none
        new = [file for file in self._documents if file not in copied]
        analyse = partial(analyse_on, self._pipeline.ray) if self._pipeline.ray else analyse_all
        maker = EntryMaker(self._pipeline.review, encoder)
        analysed = analyse(new, maker)
        copies: Iterator[Entry] = iter(())
        if self._previous is not None:
            moved = {file: id_ for file, id_ in copied.items() if file not in same}
            copies = self._previous.entries(self._pipeline, moved)
        for done, file in enumerate(self._documents, self._files - len(self._documents)):
            self._on_progress(Progress(done, self._files, file.source))
            if file in copied:
                self.copied += 1
                yield from islice(copies, 0 if file in same else 1)
            else:
                yield from self._analysed(file, next(analysed), maker)
        self._on_progress(Progress(self._files, self._files, ""))

    def duplicates(self) -> Iterator[Duplicate]:
        """The copies of files that went in; a copy of one that could not be read fails as that does."""
        for copy in self._duplicates:
            if copy.same_as not in self.failures:
                yield copy
            else:
                self.failures[copy.source] = self.failures[copy.same_as]

    def _analysed(self, file: CorpusFile, found: Entry | Message, maker: EntryMaker) -> Iterator[Entry]:
        """What was read of a document; where that cannot be read, what a file in another format says."""
        for other in (file, *(spare for spare, _ in self._spare.get(file.id, ()))):
            read = found if other is file else attempt(other, maker)
            if not isinstance(read, Message):
                self.failures.pop(other.source, None)  # that another file is read
                self.computed += 1
                yield read
                return
            self.failures[other.source] = read


def _damage(index: Index[Any]) -> Message | None:
    """What is damaged of the generation in use, of which nothing may be taken over then."""
    try:
        index.verify(index.in_use())
    except IndexUnusable as error:
        return None if error.reason.code in {"no-index", "other-version"} else error.reason.cause
    return None


def _failure(source: str, reason: Message, language: Language) -> BuildFailure:
    return BuildFailure(_printable(source), reason.cause.code, _printable(translate(reason, language)))


def _printable(text: str) -> str:
    """The text with what is not UTF-8, and would break whatever prints it, escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


@contextmanager
def _previous(index: Index[Any]) -> Iterator[_Previous | None]:
    """The generation in use, None when there is none to go on from."""
    with ExitStack() as opened:
        previous = None
        # What cannot be opened is computed again.
        with suppress(IndexUnusable):
            generation: Generation = opened.enter_context(closing(index.open(index.in_use())))
            if generation.store.manifest.code_version == code_version():
                previous = _Previous(generation)
        yield previous
