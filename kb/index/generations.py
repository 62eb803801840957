"""Generation folders below an index folder: which one is in use, publishing a new one, sweeping what nobody uses.

``<index>/current`` is a small file with the name of the generation in use; it is replaced in one step, so a reader sees the old
name or the new one. A generation is never changed once it is published.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import BuildInProgress, IndexUnusable
from kb.messages import Message, reason_of

CHECKSUMS = "SHA256SUMS"

_LOCK = ".lock"
_PATIENCE = 0.5  # seconds: whoever fills in has the lock for some milliseconds only
_CURRENT = "current"
_UNFINISHED = ".building-"
_FILLING = ".filling-"  # no build sweeps these away
_NAME = re.compile(r"\d{8}T\d{12}Z")


def in_use(index: Path) -> Path:
    """The folder of the generation in use; IndexUnusable when there is none."""
    try:
        name = (index / _CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise IndexUnusable(index, Message("no-index")) from None
    except (OSError, UnicodeError) as error:
        raise IndexUnusable(index / _CURRENT, Message("index-damaged", reason=reason_of(error))) from error
    folder = index / name
    if not name or Path(name).name != name or not folder.is_dir():
        raise IndexUnusable(index, Message("generation-missing", name=name))
    return folder


def published(index: Path) -> tuple[str, ...]:
    """The names of all published generations, the oldest first."""
    return tuple(sorted(one.name for one in index.iterdir() if one.is_dir() and _NAME.fullmatch(one.name)))


@contextmanager
def locked(index: Path) -> Iterator[None]:
    """Alone at the index; the lock is the kernel's, so it ends with the process, however that ends.

    BuildInProgress when somebody else has it, IndexUnusable when the folder cannot be written.
    """
    lock = FileLock(index / _LOCK, timeout=_PATIENCE)
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


def begin(index: Path) -> Path:
    """A new empty folder for a generation that is being written; ``put_in_use`` gives it its name."""
    return _new_folder(index, _UNFINISHED)


def begin_filling(index: Path) -> Path:
    """The same for one that is written beside builds, without their lock; what is left of others is removed."""
    for left in index.glob(f"{_FILLING}*"):
        shutil.rmtree(left)
    return _new_folder(index, _FILLING)


def _new_folder(index: Path, prefix: str) -> Path:
    folder = index / f"{prefix}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    folder.mkdir(parents=True)
    return folder


def final_name(unfinished: Path) -> str:
    """The name that a folder from ``begin`` will have once published: the UTC time at which it was begun."""
    return unfinished.name.removeprefix(_UNFINISHED).removeprefix(_FILLING)


def take_over(file: Path, target: Path) -> None:
    """Put a file of a published generation, which is never changed, into a new one as well: under both names, or as a copy."""
    try:
        os.link(file, target)
    except FileNotFoundError:
        raise
    except OSError:  # the file system knows no links
        shutil.copyfile(file, target)


def take_over_all(base: Path, folder: Path, without: str) -> None:
    """Put all files of a generation into a new one but those whose paths begin with that, and the checksums."""
    for file in base.rglob("*"):
        path = file.relative_to(base)
        if file.is_file() and file.name != CHECKSUMS and not path.as_posix().startswith(without):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            take_over(file, folder / path)


def put_in_use(unfinished: Path, base: Path | None = None) -> Path:
    """Put the finished folder in use and return its final place; after a crash at any moment the old one or the new one is in use.

    The checksums of files that were taken over from the generation ``base`` are those that it gives.
    """
    seal(unfinished, base)
    return rename(unfinished)


def seal(unfinished: Path, base: Path | None = None) -> None:
    """Bring a finished folder to the disk, with the checksums of its files."""
    files = [path for path in unfinished.rglob("*") if path.is_file()]
    with ThreadPoolExecutor(1) as disk:  # it writes while the processor adds up
        flushed = [disk.submit(_flush, file) for file in files]
        sums = _checksums(unfinished, base)
        for each in flushed:
            each.result()
    lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    (unfinished / CHECKSUMS).write_bytes(lines + _last_line(lines))
    _flush(unfinished / CHECKSUMS)
    for folder in {unfinished, *(file.parent for file in files)}:
        _flush(folder)


def rename(sealed: Path) -> Path:
    """Put a sealed folder in use and return its final place."""
    index = sealed.parent
    final = index / final_name(sealed)
    sealed.rename(final)
    _flush(index)
    switch(index, final.name)
    return final


def damage(folder: Path, within: str = "") -> Iterator[Message]:
    """Which files of a generation, of those whose paths begin so, are not as they were written; IndexUnusable when one cannot be read.

    Where the list of them is not, that comes alone: it tells of the others.
    """
    listed = _listed_checksums(folder)
    if isinstance(listed, Message):
        yield listed
        return
    computed = {name: _sum(path) for name, path in _files(folder) if name.startswith(within)}
    for name in sorted({name for name in listed if name.startswith(within)} | computed.keys()):
        if name not in computed:
            yield Message("file-missing", name=name)
        elif name not in listed:
            yield Message("foreign-file", name=name)
        elif listed[name] != computed[name]:
            yield Message("file-changed", name=name)


def size(folder: Path) -> int:
    """The bytes of all files of a generation."""
    return sum(path.stat().st_size for _, path in _files(folder))


def _checksums(folder: Path, base: Path | None) -> dict[str, str]:
    """SHA-256 of every file of a generation by its path in it.

    Files that are one with those of ``base`` are not read: their sums are what is said there.
    """
    known = _listed_checksums(base) if base is not None else {}
    if base is None or isinstance(known, Message):
        return {name: _sum(path) for name, path in _files(folder)}
    return {
        name: known[name] if name in known and (base / name).is_file() and path.samefile(base / name) else _sum(path)
        for name, path in _files(folder)
    }


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a generation by their paths in it, sorted, without the list of their checksums."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS):
        yield path.relative_to(folder).as_posix(), path


def _sum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise IndexUnusable(path, Message("index-damaged", reason=reason_of(error))) from error


def _listed_checksums(folder: Path) -> dict[str, str] | Message:
    """What a generation itself says of its files, or what is wrong with that; the last line is the checksum of the others."""
    try:
        *lines, last = (folder / CHECKSUMS).read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return Message("file-missing", name=CHECKSUMS)
    except (OSError, ValueError):  # ValueError: it is empty
        return Message("file-changed", name=CHECKSUMS)
    if last != _last_line(b"".join(lines)):
        return Message("file-changed", name=CHECKSUMS)
    return {name: digest for digest, _, name in (line.decode().rstrip("\n").partition("  ") for line in lines)}


def _last_line(lines: bytes) -> bytes:
    return f"# {hashlib.sha256(lines).hexdigest()}\n".encode()  # a remark for ``sha256sum --check``


def switch(index: Path, name: str) -> None:
    """Make the generation of that name the one in use."""
    written = index / f"{_UNFINISHED}{_CURRENT}"
    written.write_text(f"{name}\n", "utf-8")
    _flush(written)
    written.replace(index / _CURRENT)
    _flush(index)


def sweep(index: Path, keep: Collection[str]) -> None:
    """Remove the generations not to be kept and whatever killed builds left; only under the build lock."""
    for entry in index.iterdir():
        if entry.is_dir() and entry.name not in keep and _is_generation(entry.name):
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name.startswith(_UNFINISHED):
            entry.unlink()


def _is_generation(name: str) -> bool:
    """Whether this software gave a folder its name: nothing else in the index folder is ever removed."""
    return _NAME.fullmatch(name.removeprefix(_UNFINISHED)) is not None


def _flush(path: Path) -> None:
    """Bring a file's content, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
