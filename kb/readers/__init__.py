"""File → SourceText: the only place that knows file formats."""

from __future__ import annotations

import atexit
import stat
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.messages import Message, reason_of
from kb.models import SourceText
from kb.readers import archive, kinds
from kb.readers.isolation import ReaderProcess
from kb.text import RADICALS

SUFFIXES: frozenset[str] = frozenset(kinds.OF_SUFFIX)
MOST_BYTES = 100_000_000  # a plan with scanned attachments has up to thirty million
MOST_CHARACTERS = 1_000_000  # the longest plans have 200,000; a million take ten seconds to parse
_IN_PROCESS = frozenset(("plain",))  # readers that need no large library


def read_document(path: Path, data: bytes | None = None) -> SourceText:
    """The text of one file; its format is detected from its content before its name. UnreadableDocument says why there is no text.

    ``data`` is the content of a file that is a member of an archive; it is read from ``path`` otherwise.
    """
    if path.suffix.lower() == archive.SUFFIX:
        if data is None:
            members(path)
        raise UnreadableDocument(path, Message("archive-in-archive"))
    content = read_bytes(path) if data is None else data
    if not content.strip():
        raise UnreadableDocument(path, Message("file-empty"))
    if len(content) > MOST_BYTES:
        raise UnreadableDocument(path, Message("too-many-bytes", count=len(content), most=MOST_BYTES))
    reader = kinds.reader_of(path, content)
    module = f"kb.readers.{reader}"
    source: SourceText = (
        import_module(module).read(path, content)
        if reader in _IN_PROCESS
        else _reader_process().run_reader(module, path, content)
    )
    if not source.text.strip():
        raise UnreadableDocument(path, Message("no-text"))
    if len(source.text) > MOST_CHARACTERS:
        too_long = Message("too-many-characters", count=len(source.text), most=MOST_CHARACTERS)
        raise UnreadableDocument(path, too_long)
    return replace(source, text=RADICALS(source.text), title=RADICALS(source.title), printed=RADICALS(source.printed))


@cache
def _reader_process() -> ReaderProcess:
    process = ReaderProcess()
    atexit.register(process.close)
    return process


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; UnreadableDocument when it cannot be read or is larger than ``MOST_BYTES``."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableDocument(path, Message("is-folder"))
        if not stat.S_ISREG(status.st_mode):  # opening a pipe blocks until somebody writes to it
            raise UnreadableDocument(path, Message("not-a-file"))
        if status.st_size > MOST_BYTES:
            raise UnreadableDocument(path, Message("too-many-bytes", count=status.st_size, most=MOST_BYTES))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UnreadableDocument(path, reason_of(error)) from error


def members(path: Path) -> tuple[str, ...]:
    """Names of the files in a zip archive; UnreadableDocument when the archive is broken or has no file of a known format."""
    return archive.members(path, SUFFIXES)


def read_member(path: Path, member: str) -> bytes:
    """The bytes of a file in a zip archive; UnreadableDocument when it cannot be read."""
    return archive.read_member(path, member, MOST_BYTES)
