"""An index in a folder: a folder for each generation, and a small file that names the one in use."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kb.errors import IndexUnusable
from kb.index import generations
from kb.index.folder import FolderGeneration
from kb.index.keeping import Address, Index
from kb.index.store import Manifest, Store
from kb.index.store.changing import TablesInFile
from kb.index.store.rows import DocumentRows
from kb.index.store.writing import StoreWriter
from kb.index.vectors import PassageWriter, Quantised, VectorWriter
from kb.index.words import DOCUMENTS, TermCounts, WordWriter
from kb.messages import Message, reason_of

DATABASES = ("postgresql://", "postgres://")  # how the addresses of databases begin
_VERIFIED_AT_ONCE = 256 << 20  # bytes of a generation that is verified before it answers: a sixth of a second


class FolderIndex:
    """The generations below a folder."""

    def __init__(self, address: Path) -> None:
        self.address = address

    def state(self) -> tuple[int, int] | None:
        """Inode and time of change of ``current``, None when it is missing; costs one stat."""
        try:
            stat = (self.address / "current").lstat()
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def watch(self, changed: Callable[[], object]) -> None:
        """Nothing: what is open stays readable."""

    def check(self) -> None:
        """Nothing: a folder does not go away."""

    def check_writable(self) -> None:
        """IndexUnusable when the folder, or where it is to be made, may not be written."""
        folder = next(path for path in (self.address, *self.address.absolute().parents) if path.exists())
        if not folder.is_dir():
            raise IndexUnusable(self.address, Message("cannot-be-written", reason=Message("not-folder")))
        if not os.access(folder, os.W_OK):
            raise IndexUnusable(self.address, Message("cannot-be-written", reason=Message("no-permission")))

    def close(self) -> None:
        """Nothing is open."""

    def in_use(self) -> str:
        """The name of the generation in use; IndexUnusable when there is none."""
        return generations.in_use(self.address).name

    def published(self) -> tuple[str, ...]:
        """The names of all generations, the oldest first."""
        return generations.published(self.address)

    def open(self, name: str) -> FolderGeneration:
        """Open a generation."""
        return FolderGeneration(self.address / name)

    def is_verified_at_once(self, name: str) -> bool:
        """Whether the generation is small."""
        return generations.size(self.address / name) <= _VERIFIED_AT_ONCE

    def verify(self, name: str) -> None:
        """IndexUnusable when a file of the generation is not as it was written."""
        verify(self.address / name)

    def damage(self, name: str) -> Iterator[Message]:
        """The files of the generation that are not as they were written."""
        return generations.damage(self.address / name)

    @contextmanager
    def locked(self) -> Iterator[Path]:
        """Alone at the index; ids and hashes of files are kept in its folder."""
        with generations.locked(self.address):
            yield self.address

    @contextmanager
    def writing(self, base: FolderGeneration | None, dimension: int) -> Iterator[FolderWriter]:
        """A writer of the next generation; its folder is removed when it is not published."""
        folder = generations.begin(self.address)
        try:
            writer = FolderWriter(folder, base, dimension)
            try:
                yield writer
            finally:
                writer.release()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def switch(self, name: str) -> None:
        """Put a generation in use."""
        generations.switch(self.address, name)

    def sweep(self, keep: Collection[str]) -> None:
        """Remove the generations not to be kept, and what killed builds left."""
        generations.sweep(self.address, keep)


class FolderWriter:
    """Writes the files of one generation; memory does not grow with the corpus."""

    def __init__(self, folder: Path, base: FolderGeneration | None, dimension: int) -> None:
        self.folder, self._dimension = folder, dimension
        self.base = previous = base.folder if base else None
        self._before = _in_use(folder.parent)
        self._tables = TablesInFile(folder, previous)
        self._store = StoreWriter(self._tables, is_new=base is None)
        self._words, self._documents = WordWriter(folder, previous), WordWriter(folder, previous, DOCUMENTS)
        self._clauses = VectorWriter(folder, dimension, previous)
        self._passages = PassageWriter(folder, dimension, previous)

    def release(self) -> None:
        """Let go of the files; what was not published is lost."""
        self._tables.close()
        self._clauses.release()
        self._passages.release()

    def add(self, document: DocumentRows, words: TermCounts, document_words: TermCounts) -> None:
        """Write one document: its rows, and the terms of its clauses and of the whole."""
        self._store.add(document)
        self._words.add(words)
        self._documents.add(document_words)

    def add_vectors(self, clauses: Quantised, counts: Sequence[int], passages: Quantised) -> None:
        """Write the vectors of the next rows."""
        self._clauses.add(clauses)
        self._passages.add(counts, passages)

    def remove(self, document_id: str) -> range:
        """Take a document out; the rows of its clauses come back."""
        documents, rows = self._store.remove(document_id)
        self._documents.delete(documents)
        self._words.delete(rows)
        self._clauses.delete(rows)
        self._passages.delete(rows)
        return rows

    def takes_over(self, name: str) -> bool:
        """Whether the generation in use has undamaged vectors of that name, which are taken over then."""
        if not self._before or not (self._before / name).is_dir() or any(generations.damage(self._before, name)):
            return False
        (self.folder / name).mkdir()
        PassageWriter(self.folder / name, self._dimension, self._before / name).close()
        return True

    def finish(self, manifest: Manifest) -> None:
        """Write the files."""
        with ThreadPoolExecutor(1) as beside:  # NumPy and FAISS run while SQLite does
            vectors_and_words = beside.submit(self._close_files)
            self._store.finish(manifest)
            vectors_and_words.result()
        self._tables.commit(is_new=self.base is None)

    def _close_files(self) -> None:
        for each in (self._passages, self._clauses, self._words, self._documents):
            each.close()

    def publish(self) -> str:
        """Put the finished generation in use and return its name."""
        return generations.put_in_use(self.folder, self.base).name


def verify(folder: Path) -> None:
    """IndexUnusable when a file of a generation is not as it was written, or when another version of this software wrote it."""
    for problem in generations.damage(folder):
        try:
            Store.open(folder).close()
        except IndexUnusable as error:
            if error.reason.code == "other-version":
                raise
        raise IndexUnusable(folder, Message("generation-damaged", reason=problem))


def _in_use(index: Path) -> Path | None:
    try:
        return generations.in_use(index)
    except IndexUnusable:
        return None


# mysql://…, host=… password=…: no folder is meant, and it must not be repeated
_OF_ANOTHER_KIND = re.compile(r"^\w{2,}:/|\b(?:password|dbname)\s*=")


def at(address: Address) -> Index[Any]:
    """The index at an address; IndexUnusable when what a database needs is not installed, or the address is none."""
    if isinstance(address, str) and address.startswith(DATABASES):
        try:
            from kb.index.postgres.database import Database  # noqa: PLC0415 - an extra, and a tenth of a second to load
        except ImportError as error:
            raise IndexUnusable("postgresql://…", Message("no-postgres", reason=reason_of(error))) from error
        return Database(address)
    if _OF_ANOTHER_KIND.search(str(address)):
        raise IndexUnusable("postgresql://…", Message("wrong-address"))
    return FolderIndex(Path(address))
