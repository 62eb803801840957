"""The corpus folder: which files may hold documents, and what the operator says of a document in a file beside it."""

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
from kb.models.fields import DATE
from kb.validation import are_reversed, has_form, narrow

# About units, not about one document: kb/organizations reads it.
ORGANIZATIONS = "organizations.yaml"

PARTICULARS = (".yaml", ".yml")
_ARCHIVE = ".zip"
_MOST_PARTICULARS = 100_000  # bytes
_QUIET = 1500  # milliseconds without a change
DOCUMENTS = readers.SUFFIXES | {_ARCHIVE}  # the suffixes of files that hold documents
READABLE = DOCUMENTS | {*PARTICULARS}  # what may lie in a corpus
_STARTS = ("issued_on", "effective_from")
_DATES = {*_STARTS, "valid_until"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file of the corpus, or a file in an archive, that holds one document."""

    path: Path  # of the file, or of the archive
    folder: str = ""  # the folder of that path, relative to the corpus; "" for the corpus itself
    member: str = ""  # path in the archive
    id: str = ""  # of the document; "" until it is assigned
    received_on: str = ""  # day on which it was first seen with its content; "" until then
    refused: Message | None = None  # why it must not be read, if so

    @property
    def source(self) -> str:
        """The path relative to the corpus, with "/": "2024/方案.txt", in an archive "2024/batch.zip/市级/方案.txt"."""
        return "/".join(filter(None, (self.folder, self.path.name, self.member)))

    @property
    def document_path(self) -> str:
        """The source without its suffix, which the formats of one document share: "2024/方案"."""
        return self.source.removesuffix(self.suffix)

    @property
    def suffix(self) -> str:
        """The suffix of the file as written: ".txt"."""
        return PurePosixPath(self.member or self.path.name).suffix

    @property
    def particulars(self) -> Path | None:
        """The file beside it that says what it lacks, if there is one."""
        found = next(filter(os.path.isfile, self.describing), "")  # thousands of files: no Path until one is found
        return Path(found) if found else None

    @property
    def describing(self) -> tuple[str, ...]:
        """Where that file may lie; nowhere for a file in an archive. What is said of all units is said of no document."""
        stem = str(self.path.with_suffix(""))
        beside = (stem + suffix for suffix in PARTICULARS)
        return () if self.member else tuple(path for path in beside if os.path.basename(path) != ORGANIZATIONS)  # noqa: PTH119

    def bytes(self) -> bytes:
        """The bytes of the document; UnreadableDocument when they cannot be read."""
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
        """Its text, with its source, id and day of receipt; UnreadableDocument when there is none."""
        data = self.bytes() if self.member or self.refused else None
        text = readers.read_document(self.path / PurePosixPath(self.member).name, data)
        sha256 = text.sha256 if self.particulars is None else self.sha256()
        return replace(text, name=self.source, id=self.id, received_on=self.received_on, sha256=sha256)


def check_corpus(corpus: Path) -> None:
    """UnreadableDocument when there is no such folder."""
    if not corpus.is_dir():
        raise UnreadableDocument(corpus, Message("not-folder") if corpus.exists() else Message("no-folder"))


def corpus_files(corpus: Path) -> tuple[CorpusFile, ...]:
    """All files that may hold a document, sorted by path; hidden ones are left out. UnreadableDocument when there is no such folder.

    Files that must not be read (a link out of the folder, a folder without permission) are among them, with the reason.
    """
    check_corpus(corpus)
    found = sorted(_walk(corpus), key=lambda file: file.path)
    described = {file.path.with_suffix("") for file in found if file.path.suffix.lower() in PARTICULARS}
    if described:
        described &= {file.path.with_suffix("") for file in found if file.path.suffix.lower() not in PARTICULARS}
    return tuple(each for file in found for each in _members(file, described))


def _walk(corpus: Path) -> Iterator[CorpusFile]:
    base = corpus.resolve()
    closed: list[OSError] = []
    for top, folders, names in os.walk(corpus, onerror=closed.append):
        here = Path(top)
        folder = _relative(here, corpus)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if (here / name).is_symlink():
                yield CorpusFile(here / name, folder, refused=Message("link-to-folder"))
        for name in names:
            if not name.startswith("."):
                file = CorpusFile(here / name, folder)
                yield replace(file, refused=_refusal(file, base))
    for error in closed:
        path = Path(error.filename)
        if path == corpus:
            raise UnreadableDocument(corpus, Message("no-permission"))
        yield CorpusFile(path, _relative(path.parent, corpus), refused=Message("no-permission"))


def _relative(folder: Path, corpus: Path) -> str:
    return "" if folder == corpus else folder.relative_to(corpus).as_posix()


def _refusal(file: CorpusFile, base: Path) -> Message | None:
    """Why a file must not be read, None when it may."""
    try:
        file.source.encode()
    except UnicodeEncodeError:
        return Message("name-not-utf8")
    if _CONTROL.search(file.source):
        return Message("control-character-in-name")
    outside = file.path.is_symlink() and not _leads_inside(file.path, base)
    return Message("link-out-of-folder") if outside else None


def _leads_inside(path: Path, base: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(base)
    except (OSError, RuntimeError):  # to itself, or to nothing: reading it says so
        return True


def _members(file: CorpusFile, described: Container[Path]) -> Iterator[CorpusFile]:
    """The files of an archive; any other file itself, unless it only describes units or another file."""
    path, suffix = file.path, file.path.suffix.lower()
    if suffix in PARTICULARS and (path.name == ORGANIZATIONS or path.with_suffix("") in described):
        return
    if suffix != _ARCHIVE or file.refused:
        yield file
        return
    try:
        for member, times in Counter(readers.members(path)).items():
            yield replace(file, member=member, refused=Message("twice-in-archive") if times > 1 else None)
    except UnreadableDocument:
        yield file  # reading it says why


def file_at(corpus: Path, source: str) -> CorpusFile | None:
    """The file, or file in an archive, at a path relative to the corpus; None when there is none."""
    place = PurePosixPath(source)
    for outer in (place, *place.parents):
        if (corpus / outer).is_file():
            member = source[len(str(outer)) + 1 :]
            return CorpusFile(corpus / outer, _relative((corpus / outer).parent, corpus), member)
    return None


def files_of_document(path: Path) -> list[Path]:
    """The files beside a path that hold the same document, in any format, the path itself among them; an archive holds others."""
    beside = (each for each in path.parent.iterdir() if each.stem == path.stem)
    return sorted(each for each in beside if each.suffix.lower() in readers.SUFFIXES)


def find_original(corpus: Path, source: str, sha256: str) -> CorpusFile | None:
    """The file that a document was read from; None when it is gone or has changed since."""
    file = file_at(corpus, source)
    with suppress(UnreadableDocument):
        return file if file is not None and file.sha256() == sha256 else None
    return None


def changes(corpus: Path, stop: Event | None = None) -> Iterator[None]:
    """Yields whenever files of the folder have changed and then been left alone for a moment, until ``stop`` is set."""
    base = corpus.resolve()

    def is_shown(_: watchfiles.Change, path: str) -> bool:
        return not _is_hidden(Path(path).relative_to(base))

    for _ in watchfiles.watch(base, watch_filter=is_shown, debounce=_QUIET, stop_event=stop, rust_timeout=500):
        yield


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


class _Loader(yaml.SafeLoader):
    """Values that only look like a date or number (2026-13-45) are texts, so that the field can be named that they stand in."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, TypeError, AttributeError):
            if not isinstance(node, yaml.ScalarNode):
                raise
            return node.value


def read_particulars(path: Path) -> Particulars:
    """The particulars in a file beside a document; UnreadableDocument names the line or field that is wrong.

    "title: 某方案\\nissued_on: 2021-12-22" → Particulars(title="某方案", issued_on="2021-12-22")
    """
    data = readers.read_bytes(path)
    if len(data) > _MOST_PARTICULARS:
        raise UnreadableDocument(path, Message("too-many-bytes", count=len(data), most=_MOST_PARTICULARS))
    try:
        content = _content(path, _Loader(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise UnreadableDocument(path, Message("not-utf8")) from error
    except yaml.YAMLError as error:
        raise UnreadableDocument(path, not_yaml(error)) from error
    if content is None:
        return Particulars()
    known = {field.name for field in fields(Particulars)}
    if not isinstance(content, dict):
        raise UnreadableDocument(path, Message("no-fields", fields=tuple(sorted(known))))
    if unknown := Counter(map(str, content)).keys() - known:
        wrong = Message("unknown-fields", names=tuple(sorted(unknown)), fields=tuple(sorted(known)))
        raise UnreadableDocument(path, wrong)
    values: dict[str, Any] = {name: _value(path, name, value) for name, value in content.items() if value is not None}
    start, end = max(values.get(name, "") for name in _STARTS), values.get("valid_until", "")
    if are_reversed(start, end):
        reversed_ = Message("dates-reversed", first=start, last=end)
        raise UnreadableDocument(path, Message("in-field", field="valid_until", reason=reversed_))
    return Particulars(**values)


def _content(path: Path, loader: _Loader) -> Any:
    """What the file holds; of a field that stands there twice nobody knows which is meant."""
    node = loader.get_single_node()
    if isinstance(node, yaml.MappingNode):
        said: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in said:
                twice = Message("field-twice", field=str(key.value))
                raise UnreadableDocument(path, Message("at-line", line=key.start_mark.line + 1, reason=twice))
            said.add(str(key.value))
    return None if node is None else loader.construct_document(node)


def _value(path: Path, name: str, value: object) -> object:
    listed = value if name == "issuers" and isinstance(value, list) else [value]
    # Nothing nested is ever made text: a few lines of YAML can mean terabytes.
    if any(isinstance(one, list | dict | set | tuple) for one in listed):
        raise UnreadableDocument(path, Message("in-field", field=name, reason=Message("one-value")))
    if name in _DATES:
        text = value.isoformat() if isinstance(value, date) else narrow(str(value)).strip()
        if not has_form(DATE, text):
            raise UnreadableDocument(path, Message("in-field", field=name, reason=Message("not-a-date", value=text)))
        return text
    texts = tuple(one.strip() for one in listed if isinstance(one, str))
    if len(texts) < len(listed) or any(map(_CONTROL.search, texts)):
        raise UnreadableDocument(path, Message("in-field", field=name, reason=Message("not-a-text")))
    try:
        "".join(texts).encode()  # an escape such as "\\uD800" is no character
    except UnicodeEncodeError as error:
        raise UnreadableDocument(path, Message("in-field", field=name, reason=Message("not-utf8"))) from error
    return texts if name == "issuers" else texts[0]
