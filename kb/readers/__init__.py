"""File → SourceText: the only place that knows file formats."""

from __future__ import annotations

import atexit
import stat
from functools import cache
from importlib import import_module
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.messages import Message, reason_of
from kb.models import SourceText
from kb.readers import archive, kinds
from kb.readers.isolation import Isolated

SUFFIXES: frozenset[str] = frozenset(kinds.OF_SUFFIX)
MOST_BYTES = 100_000_000  # a plan with scanned attachments reaches thirty million
MOST_CHARACTERS = 1_000_000  # the longest plans have 200,000; so many take ten seconds
_OF_TEXT = frozenset(("plain",))


def read(path: Path, data: bytes | None = None) -> SourceText:
    """The characters of one file, read as what it is, whatever its name says; UnreadableDocument says why when there are none.

    ``data`` is what the file holds when it does not lie at ``path`` by itself (in an archive).
    """
    if path.suffix.lower() == archive.SUFFIX:
        if data is None:
            members(path)
        raise UnreadableDocument(path, Message("archive-in-archive"))
    held = read_bytes(path) if data is None else data
    if not held.strip():
        raise UnreadableDocument(path, Message("file-empty"))
    if len(held) > MOST_BYTES:
        raise UnreadableDocument(path, Message("too-many-bytes", count=len(held), most=MOST_BYTES))
    reader = kinds.reader_of(path, held)
    module = f"kb.readers.{reader}"
    source: SourceText = (
        import_module(module).read(path, held) if reader in _OF_TEXT else _isolated().read(module, path, held)
    )
    if not source.text.strip():
        raise UnreadableDocument(path, Message("no-text"))
    if len(source.text) > MOST_CHARACTERS:
        too_long = Message("too-many-characters", count=len(source.text), most=MOST_CHARACTERS)
        raise UnreadableDocument(path, too_long)
    return source


@cache
def _isolated() -> Isolated:
    made = Isolated()
    atexit.register(made.close)
    return made


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; UnreadableDocument when they cannot be had, or are more than a document has."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise UnreadableDocument(path, Message("is-folder"))
        if not stat.S_ISREG(found.st_mode):  # a pipe would keep whoever opens it waiting
            raise UnreadableDocument(path, Message("not-a-file"))
        if found.st_size > MOST_BYTES:
            raise UnreadableDocument(path, Message("too-many-bytes", count=found.st_size, most=MOST_BYTES))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UnreadableDocument(path, reason_of(error)) from error


def members(path: Path) -> tuple[str, ...]:
    """Names of the files in a zip archive; UnreadableDocument when none of them can be read, or it is broken."""
    return archive.members(path, SUFFIXES)


def read_member(path: Path, member: str) -> bytes:
    """The bytes of a file in a zip archive; UnreadableDocument when they cannot be had."""
    return archive.read_member(path, member, MOST_BYTES)
