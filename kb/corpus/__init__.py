"""The corpus folder: which files are documents, under which id, and what the operator says of them in a file beside them."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path, PurePosixPath
from threading import Event
from typing import Any

import watchfiles
import yaml

from kb import readers
from kb.errors import UnreadableDocument
from kb.messages import Message, not_yaml
from kb.models import Particulars, SourceText

# About units, not about one document: kb/organizations reads it.
ORGANIZATIONS = "organizations.yaml"

_PARTICULARS = (".yaml", ".yml")
_ARCHIVE = ".zip"
_MOST_PARTICULARS = 100_000  # bytes
_STILL = 1500  # milliseconds without a change
READABLE = readers.SUFFIXES | {_ARCHIVE, *_PARTICULARS}  # what may lie in a corpus
_DATES = {"issued_on", "effective_from", "valid_until"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ISO = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """One document to be read: a file, or a file in an archive."""

    path: Path  # of the file, or of the archive
    member: str = ""  # its name in the archive
    refused: Message | None = None  # why it must not be read, if so

    @property
    def id(self) -> str:
        """The document's id: the stem of the file; in an archive behind that of the archive."""
        return f"{self.path.stem}/{PurePosixPath(self.member).stem}" if self.member else self.path.stem

    @property
    def name(self) -> str:
        """The file name, with its folder inside an archive."""
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    @property
    def particulars(self) -> Path | None:
        """The file beside it that says what it lacks, if there is one."""
        if self.member:
            return None
        stem = str(self.path.with_suffix(""))
        found = next((stem + suffix for suffix in _PARTICULARS if os.path.isfile(stem + suffix)), "")  # noqa: PTH113 - thousands
        return Path(found) if found else None

    def bytes(self) -> bytes:
        """The bytes of the document; UnreadableDocument when they cannot be had."""
        if self.refused:
            raise UnreadableDocument(self.path, self.refused)
        if self.member:
            return readers.read_member(self.path, self.member)
        return readers.read_bytes(self.path)

    def sha256(self) -> str:
        """The hash of its bytes and of the particulars beside it: while it stays the same, so does what is read out of it."""
        digest = hashlib.sha256(self.bytes())
        if self.particulars is not None:
            digest.update(b"\0" + readers.read_bytes(self.particulars))
        return digest.hexdigest()

    def read(self) -> SourceText:
        """Its text, under its own name and id; UnreadableDocument says why when there is none."""
        data = self.bytes() if self.member or self.refused else None
        source = readers.read(self.path / PurePosixPath(self.member).name, data)
        sha256 = source.sha256 if self.particulars is None else self.sha256()
        return replace(source, name=self.name, id=self.id, sha256=sha256)


def corpus_files(corpus: Path) -> tuple[CorpusFile, ...]:
    """Everything in the folder that is meant to be read, by name; hidden files are not. UnreadableDocument when there is no folder.

    What must not be read (a link that leads out of the folder, a folder that cannot be opened) is among them and says why.
    """
    if not corpus.is_dir():
        raise UnreadableDocument(corpus, Message("no-folder"))
    found = sorted(_found(corpus), key=lambda file: file.path)
    said = {file.path.with_suffix("") for file in found if file.path.suffix.lower() in _PARTICULARS}
    documents = (file.path for file in found if said and file.path.suffix.lower() not in _PARTICULARS)
    described = said.intersection(path.with_suffix("") for path in documents)
    return tuple(each for file in found for each in _files(file, described))


def _found(corpus: Path) -> Iterator[CorpusFile]:
    base = corpus.resolve()
    closed: list[OSError] = []
    for folder, folders, names in os.walk(corpus, onerror=closed.append):
        here = Path(folder)
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (
            CorpusFile(here / name, refused=Message("link-to-folder"))
            for name in folders
            if (here / name).is_symlink()
        )
        for name in names:
            if not name.startswith("."):
                path = here / name
                yield CorpusFile(path, refused=_objection(path, base))
    for error in closed:
        yield CorpusFile(Path(error.filename), refused=Message("no-permission"))


def _objection(path: Path, base: Path) -> Message | None:
    """Why a file must not be read, None when it may."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return Message("name-not-utf8")
    if _CONTROL.search(path.name):
        return Message("control-character-in-name")
    return Message("link-out-of-folder") if path.is_symlink() and not _leads_inside(path, base) else None


def _leads_inside(path: Path, base: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(base)
    except (OSError, RuntimeError):  # to itself, or to nothing: reading it says so
        return True


def find_original(corpus: Path, source: str, sha256: str) -> CorpusFile | None:
    """The file or file in an archive that a document was read from, None when it is gone or no longer what was read."""
    name, _, member = source.partition("/")
    named = (CorpusFile(path, member) for path in sorted(corpus.rglob("*")) if path.name == name and path.is_file())
    for file in named:
        with suppress(UnreadableDocument):
            if file.sha256() == sha256:
                return file
    return None


def _files(file: CorpusFile, described: Container[Path]) -> Iterator[CorpusFile]:
    path, suffix = file.path, file.path.suffix.lower()
    if suffix in _PARTICULARS and (path.name == ORGANIZATIONS or path.with_suffix("") in described):
        return
    if suffix != _ARCHIVE or file.refused:
        yield file
        return
    try:
        for member in readers.members(path):
            yield CorpusFile(path, member)
    except UnreadableDocument:
        yield file  # reading it says why


def changes(corpus: Path, stop: Event | None = None) -> Iterator[None]:
    """One turn whenever files of the folder have changed and then lain still, until told to stop or interrupted."""
    base = corpus.resolve()

    def is_shown(_: watchfiles.Change, path: str) -> bool:
        return not _is_hidden(Path(path).relative_to(base))

    for _ in watchfiles.watch(base, watch_filter=is_shown, debounce=_STILL, stop_event=stop, rust_timeout=500):
        yield


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def read_particulars(path: Path) -> Particulars:
    """What a file beside a document says of it; UnreadableDocument names the line or field that is wrong.

    "title: 某方案\\nissued_on: 2021-12-22" → Particulars(title="某方案", issued_on="2021-12-22")
    """
    data = readers.read_bytes(path)
    if len(data) > _MOST_PARTICULARS:
        raise UnreadableDocument(path, Message("too-many-bytes", count=len(data), most=_MOST_PARTICULARS))
    try:
        said = yaml.safe_load(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableDocument(path, Message("not-utf8")) from error
    except yaml.YAMLError as error:
        raise UnreadableDocument(path, not_yaml(error)) from error
    if said is None:
        return Particulars()
    known = {field.name for field in fields(Particulars)}
    if not isinstance(said, dict):
        raise UnreadableDocument(path, Message("no-fields", fields=tuple(sorted(known))))
    if unknown := Counter(map(str, said)).keys() - known:
        wrong = Message("unknown-fields", names=tuple(sorted(unknown)), fields=tuple(sorted(known)))
        raise UnreadableDocument(path, wrong)
    given: dict[str, Any] = {name: _value(path, name, value) for name, value in said.items() if value is not None}
    return Particulars(**given)


def _value(path: Path, name: str, value: object) -> object:
    listed = value if name == "issuers" and isinstance(value, list) else [value]
    # Nothing nested is ever made text: a few lines of YAML can mean terabytes.
    if any(isinstance(one, list | dict | set | tuple) for one in listed):
        raise UnreadableDocument(path, Message("in-field", field=name, reason=Message("one-value")))
    if name == "issuers":
        return tuple(str(one).strip() for one in listed)
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    if name in _DATES and not _ISO.fullmatch(text):
        raise UnreadableDocument(path, Message("in-field", field=name, reason=Message("not-a-date", value=text)))
    return text
