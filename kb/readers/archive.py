"""Zip archives of documents: members are read in memory, nothing is extracted to disk."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from kb.errors import UnreadableDocument
from kb.messages import Message, reason_of
from kb.readers.package import BROKEN, is_zip_bomb

SUFFIX = ".zip"
_UTF8 = 0x800  # general purpose flag, bit 11: the name is in UTF-8
_MOST_FILES = 20_000

_Archive: TypeAlias = tuple[zipfile.ZipFile, Mapping[str, list[zipfile.ZipInfo]]]


def members(path: Path, suffixes: Collection[str]) -> tuple[str, ...]:
    """Names of the files in an archive, in its order, without hidden files; a name that several files have comes as often.

    UnreadableDocument when no name has one of the suffixes, or the archive is broken.
    """
    _, entries = _open(path)
    visible = tuple(name for name, several in entries.items() for _ in several if not _is_hidden(name))
    if not any(PurePosixPath(name).suffix.lower() in suffixes for name in visible):
        raise UnreadableDocument(path, Message("archive-without-documents"))
    if len(visible) > _MOST_FILES:
        raise UnreadableDocument(path, Message("too-many-files", most=_MOST_FILES))
    return visible


def read_member(path: Path, member: str, most_bytes: int) -> bytes:
    """The bytes of one file in an archive; UnreadableDocument when it is missing, encrypted, broken or too large."""
    if ".." in PurePosixPath(member).parts or PurePosixPath(member).is_absolute():
        raise UnreadableDocument(path, Message("leads-out-of-archive", name=member))
    package, entries = _open(path)
    if member not in entries:
        raise UnreadableDocument(path, Message("not-in-archive", name=member))
    return _extract(path, package, entries[member][0], most_bytes)


def _open(path: Path) -> _Archive:
    try:
        found = path.stat()
        return _archive(path, (found.st_mtime_ns, found.st_size, found.st_ino))
    except (FileNotFoundError, PermissionError) as error:
        raise UnreadableDocument(path, reason_of(error)) from error
    except BROKEN as error:
        raise UnreadableDocument(path, Message("broken-file", format="zip")) from error


@lru_cache(maxsize=2)  # to read the list of files again for each of them takes minutes for ten thousand
def _archive(path: Path, _: tuple[int, ...]) -> _Archive:
    """The open archive, and its files by name; to be read anew when time, size or inode have changed."""
    package, entries = zipfile.ZipFile(path), dict[str, list[zipfile.ZipInfo]]()
    for entry in package.infolist():
        if not entry.is_dir():
            entries.setdefault(_name(entry), []).append(entry)
    return package, entries


def _extract(path: Path, package: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    if entry.flag_bits & 1:
        raise UnreadableDocument(path, Message("encrypted"))
    # zipfile never returns more bytes than the archive states.
    if is_zip_bomb(entry) or entry.file_size > most_bytes:
        raise UnreadableDocument(path, Message("unpacks-too-large"))
    try:
        return package.read(entry)
    except BROKEN as error:
        raise UnreadableDocument(
            path, Message("part-cannot-be-read", part=_name(entry), reason=reason_of(error))
        ) from error


def _name(entry: zipfile.ZipInfo) -> str:
    """The file name; archives made on Chinese Windows hold GB 18030 where the format prescribes code page 437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return entry.filename


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)
