"""Ids of documents, assigned once, and the days on which they came; kept in ``ids.json`` in the index folder.

An id is the stem of the file. When another document has that id already, the folders are appended: ``2024/方案.txt`` → ``方案@2024``.
A file keeps its id for as long as it lies at its path, whatever becomes of its content or of other files, and takes it along when
it is moved, unchanged, to another folder. An id without a file is assigned again only to the one document of that name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path, PurePosixPath

from kb.corpus import CorpusFile
from kb.errors import IndexUnusable
from kb.messages import Message, reason_of

_FILE = "ids.json"
_CHECKSUM = ""  # in place of a path: the entry with the checksum of all others
# May stand in a path of an address as it is, and in file names on every system; "/" is what separates archive and member.
_SEPARATOR = "@"
_TOP = "corpus"  # stands for the corpus folder itself
# Follow the id of a document in an address (``/documents/{id}/file``), so they must not end one behind a "/".
ADDRESS_SUFFIXES = frozenset(("diff", "file", "ledger", "particulars"))


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of the document at a path."""

    id: str
    sha256: str = ""  # of the content when it was last seen
    since: str = ""  # day on which it was first seen with that content; "" when nobody wrote it down


def plain_id(file: CorpusFile) -> str:
    """The id of a document whose name no other has.

    2024/方案.txt → 方案; 2024/batch.zip/市级/方案.txt → batch/方案; batch.zip/file.txt → file@batch
    """
    if not file.member:
        return file.path.stem
    archive, member = file.path.stem, PurePosixPath(file.member).stem
    return f"{member}{_SEPARATOR}{archive}" if member.partition(".")[0] in ADDRESS_SUFFIXES else f"{archive}/{member}"


def qualified_ids(file: CorpusFile) -> Iterator[str]:
    """Ids that tell a document from others of its name, the best first; they do not end.

    2024/方案.txt → 方案@2024, 方案@2024~2, …; 方案.txt → 方案@corpus, …; 2024/batch.zip/市级/方案.txt → batch/方案@2024@市级, …
    """
    folders = [*PurePosixPath(file.folder).parts, *PurePosixPath(file.member).parent.parts]
    first = _SEPARATOR.join((plain_id(file), *(folders or [_TOP])))
    yield first
    yield from (f"{first}~{number}" for number in count(2))


class Ids:
    """The ids of all files that have ever been in the corpus, by document path."""

    def __init__(self, index: Path) -> None:
        """IndexUnusable when the file that holds them cannot be read, or two files have one id in it."""
        self._path = index / _FILE
        self._known = _read(self._path)  # by document path
        self._saved = dict(self._known)
        self._path_of: dict[str, str] = {}  # id → document path
        for path, held in self._known.items():
            if self._path_of.setdefault(held.id, path) != path:
                raise IndexUnusable(self._path, Message("id-twice", id=held.id))

    def __contains__(self, file: CorpusFile) -> bool:
        """Whether the file has an id."""
        return file.document_path in self._known

    def assign(self, hashes: Mapping[CorpusFile, str], present: Collection[str]) -> dict[CorpusFile, Held]:
        """What is held of documents from now on, given with the hash of their content; ``present`` are the document paths of the whole corpus.

        Of several new documents of one name the first has it as its id.
        """
        new = {file: plain_id(file) for file in hashes if file not in self}
        self._move(hashes, new, present)
        shared = Counter(map(plain_id, hashes))
        for file, plain in new.items():
            holder = self._path_of.get(plain)
            if file not in self and (holder is None or (shared[plain] == 1 and holder not in present)):
                self._set(file, plain)
        for file in new:
            if file not in self:
                self._set(file, next(id_ for id_ in qualified_ids(file) if id_ not in self._path_of))
        today = date.today().isoformat()  # noqa: DTZ011 - the day where the office stands
        for file, sha256 in hashes.items():
            held = self._known[file.document_path]
            if held.sha256 != sha256:
                self._known[file.document_path] = replace(held, sha256=sha256, since=today)
        return {file: self._known[file.document_path] for file in hashes}

    def save(self) -> None:
        """Keep what was assigned; IndexUnusable when the disk refuses."""
        if self._known == self._saved:
            return
        checked = {_CHECKSUM: Held("", _checksum(self._known)), **self._known}
        lines = (
            f"{json.dumps(path, ensure_ascii=False)}: {json.dumps(astuple(held), ensure_ascii=False)}"
            for path, held in sorted(checked.items())
        )
        written = self._path.with_suffix(".new")
        try:
            with written.open("w", encoding="utf-8") as out:
                out.write("{\n" + ",\n".join(lines) + "\n}\n")
                out.flush()
                os.fsync(out.fileno())
            written.replace(self._path)
        except OSError as error:
            raise IndexUnusable(self._path, Message("cannot-be-written", reason=reason_of(error))) from error

    def _move(self, hashes: Mapping[CorpusFile, str], new: Mapping[CorpusFile, str], present: Collection[str]) -> None:
        """Give new files the ids of files that are gone and had the same name and content."""
        gone: defaultdict[str, list[str]] = defaultdict(list)  # hash → ids
        for path, held in self._known.items():
            if path not in present:
                gone[held.sha256].append(held.id)
        for file, plain in new.items():
            for id_ in gone[hashes[file]]:
                if file not in self and (id_ == plain or id_.startswith(f"{plain}{_SEPARATOR}")):
                    self._set(file, id_)

    def _set(self, file: CorpusFile, id_: str) -> None:
        self._known[file.document_path] = self._known.pop(self._path_of.get(id_, ""), Held(id_))
        self._path_of[id_] = file.document_path


def _read(path: Path) -> dict[str, Held]:
    try:
        known = {name: Held(*map(str, held)) for name, held in json.loads(path.read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise IndexUnusable(path, Message("ids-damaged", reason=reason_of(error))) from error
    checked = known.pop(_CHECKSUM, None)
    if checked is not None and checked.sha256 != _checksum(known):
        raise IndexUnusable(path, Message("ids-changed"))
    return known


def _checksum(known: Mapping[str, Held]) -> str:
    return hashlib.sha256(
        json.dumps({path: astuple(held) for path, held in sorted(known.items())}).encode()
    ).hexdigest()
