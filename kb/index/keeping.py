"""Where the generations of an index are kept, and how one is written, whatever keeps them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from kb.index.asking import Generation
from kb.index.store import Manifest
from kb.index.store.rows import DocumentRows
from kb.index.vectors import Quantised
from kb.index.words import TermCounts
from kb.messages import Message

Address = Path | str  # a folder, or postgresql://…
G = TypeVar("G", bound=Generation)


class GenerationWriter(Protocol):
    """Writes one generation; nobody sees it before ``publish``."""

    folder: Path  # for vectors that lie beside those of the clauses, each space in a folder of its own

    def add(self, document: DocumentRows, words: TermCounts, document_words: TermCounts) -> None:
        """Write one document: its rows, and the terms of its clauses and of the whole."""

    def add_vectors(self, clauses: Quantised, counts: Sequence[int], passages: Quantised) -> None:
        """Write the vectors of the next rows: one for each, and the given number of passages."""

    def remove(self, document_id: str) -> range:
        """Take a document out; the rows of its clauses come back."""

    def takes_over(self, name: str) -> bool:
        """Whether vectors of that name are known; they are taken over then, else they are to be written into ``folder``."""

    def finish(self, manifest: Manifest) -> None:
        """Write what only all documents together tell; nothing is added behind it."""

    def publish(self) -> str:
        """Put the finished generation in use and return its name."""


class Index(Protocol[G]):
    """The generations of an index, one of which is in use. IndexUnusable when they cannot be read or written."""

    @property
    def address(self) -> Address:
        """Where they are, as messages say it."""

    def state(self) -> Hashable:
        """Something that changes when another generation is put in use; quickly."""

    def watch(self, changed: Callable[[], object]) -> None:
        """Have this called when another generation is in use, where the one before cannot be read for long then."""

    def check(self) -> None:
        """IndexUnusable while it is known to be away; costs nothing."""

    def check_writable(self) -> None:
        """IndexUnusable where nothing can be written; writes nothing."""

    def close(self) -> None:
        """Let go of what ``state`` looks with."""

    def in_use(self) -> str:
        """The name of the generation in use; IndexUnusable when there is none."""

    def published(self) -> tuple[str, ...]:
        """The names of all generations, the oldest first."""

    def open(self, name: str) -> G:
        """Open a generation."""

    def is_verified_at_once(self, name: str) -> bool:
        """Whether verifying takes no longer than opening."""

    def verify(self, name: str) -> None:
        """IndexUnusable when a generation is not as it was written."""

    def damage(self, name: str) -> Iterator[Message]:
        """What is not as it was written."""

    def locked(self) -> AbstractContextManager[Path]:
        """Alone at the index, until it is left or the process ends; the folder in which ids and hashes of files are kept. BuildInProgress."""

    def writing(self, base: G | None, dimension: int) -> AbstractContextManager[GenerationWriter]:
        """A writer of the next generation, which goes on from another or is empty; what is not published is lost. Only under the lock."""

    def switch(self, name: str) -> None:
        """Put a generation in use."""

    def sweep(self, keep: Collection[str]) -> None:
        """Remove the generations not to be kept, and what was never published; only under the lock."""
