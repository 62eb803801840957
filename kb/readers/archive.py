"""Zip archives of documents: their files are read where they lie, nothing is unpacked to the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from kb.errors import UnreadableDocument
from kb.readers.package import open_package

_UTF8 = 0x800  # flag of an entry: its name is in UTF-8


def members(path: Path, data: bytes, suffixes: Collection[str]) -> tuple[str, ...]:
    """Names of the files in an archive that can be read, in its order; UnreadableDocument when there is none or it is broken."""
    with open_package(path, data) as package:
        names = [_name(entry) for entry in package.infolist() if not entry.is_dir()]
    readable = tuple(name for name in names if _is_document(name, suffixes))
    if not readable:
        raise UnreadableDocument(path, "holds no file that can be read")
    return readable


def read_member(path: Path, data: bytes, member: str) -> bytes:
    """The bytes of one file in an archive; UnreadableDocument when it is not there, encrypted or broken."""
    with open_package(path, data) as package:
        for entry in package.infolist():
            if _name(entry) == member:
                return _bytes(path, package, entry)
    raise UnreadableDocument(path, f"{member} is not in it")


def _bytes(path: Path, package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:
        raise UnreadableDocument(path, "encrypted")
    try:
        return package.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise UnreadableDocument(path, f"{_name(entry)} cannot be read ({error})") from error


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: archives made on Chinese Windows write GB 18030 where the format says code page 437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return entry.filename


def _is_document(name: str, suffixes: Collection[str]) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not hidden and PurePosixPath(name).suffix.lower() in suffixes
