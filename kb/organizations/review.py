"""What an operator says of units: names, aliases, successions and groups that the lexicon does not know or gets wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

import yaml

from kb.errors import UnreadableDocument
from kb.messages import Message, not_yaml, reason_of
from kb.models import Level, Organization
from kb.organizations.names import division_of
from kb.organizations.places import Place
from kb.organizations.resolution import Context, Reading, read

_TOP = "organizations"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is said of one organisation; what is left out stays as it was read."""

    name: str  # the official one
    aliases: tuple[str, ...] = ()  # as documents of its place write it
    level: Level = ""
    jurisdiction: str = ""
    function: str = ""
    successor_of: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # ids of the only documents in which the aliases mean it

    @property
    def context(self) -> Context:
        """Where its aliases are read."""
        division = division_of(self.jurisdiction)
        return Context(Place(division.level, division) if division else Place("national"))

    def of_members(self) -> tuple[Reading, ...]:
        """Its members, read in its own place."""
        return tuple(read(member, self.context) for member in self.members)


class Review:
    """All that is said, ready to be asked for one unit of one document."""

    def __init__(self, reviewed: tuple[Reviewed, ...] = ()) -> None:
        self._by_name: dict[str, Reviewed] = {}
        self._in_document: dict[tuple[str, str], Reviewed] = {}
        for one in reviewed:
            names = (one.name, *one.aliases)
            self._in_document |= {(document, name): one for document in one.documents for name in names}
            if not one.documents:
                self._by_name |= {read(name, one.context).name: one for name in names} | {one.name: one}

    def of(self, unit: str, found: Organization, document_id: str) -> Reviewed | None:
        """What is said of the organisation that a document calls so, None when nothing is."""
        said = self._by_name.get(found.name)
        is_same = said is not None and (found.id == found.name or found.jurisdiction == said.jurisdiction != "")
        return self._in_document.get((document_id, unit)) or (said if is_same else None)


def read_review(path: Path) -> Review:
    """What the file says; an empty review when there is no file, UnreadableDocument with line and field when it is wrong.

    "organizations:\\n- {name: 湘潭市大数据中心, aliases: [市数据中心], jurisdiction: 湘潭市}"
    """
    if not path.is_file():
        return Review()
    try:
        root = yaml.compose(path.read_text("utf-8-sig"), yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise UnreadableDocument(path, Message("not-utf8")) from error
    except OSError as error:
        raise UnreadableDocument(path, reason_of(error)) from error
    except yaml.YAMLError as error:
        raise UnreadableDocument(path, not_yaml(error)) from error
    reader = _Reader(path)
    return Review(tuple(reader.entries(root)) if root is not None else ())


def review_hash(path: Path) -> str:
    """What tells one content of the file from another; "" when there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


class _Reader:
    """Turns the nodes of the file into entries and says at which line something is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fields = {field.name: field.type for field in fields(Reviewed)}

    def entries(self, root: yaml.Node) -> Iterator[Reviewed]:
        pairs = self._pairs(root, {_TOP})
        listed = pairs.get(_TOP)
        if not isinstance(listed, yaml.SequenceNode):
            raise self._wrong(listed or root, Message("no-list-of-units", field=_TOP))
        names: dict[str, int] = {}
        for node in listed.value:
            entry = self._entry(node)
            if entry.name in names:
                raise self._wrong(node, Message("unit-twice", name=entry.name, line=names[entry.name]))
            names[entry.name] = node.start_mark.line + 1
            yield entry

    def _entry(self, node: yaml.Node) -> Reviewed:
        pairs = self._pairs(node, set(self._fields))
        if "name" not in pairs:
            raise self._wrong(node, Message("field-missing", field="name"))
        given: dict[str, Any] = {
            field: self._texts(value) if "tuple" in str(self._fields[field]) else self._text(value)
            for field, value in pairs.items()
        }
        if given.get("level", "") not in get_args(Level):
            wrong = Message("one-of", values=tuple(filter(None, get_args(Level))), value=given["level"])
            raise self._wrong(pairs["level"], Message("in-field", field="level", reason=wrong))
        return Reviewed(**given)

    def _pairs(self, node: yaml.Node, known: set[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, Message("no-fields", fields=tuple(sorted(known))))
        pairs: dict[str, yaml.Node] = {}
        for key, value in node.value:
            field = self._text(key)
            if field not in known:
                raise self._wrong(key, Message("unknown-fields", names=(field,), fields=tuple(sorted(known))))
            if field in pairs:
                raise self._wrong(key, Message("field-twice", field=field))
            pairs[field] = value
        return pairs

    def _text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self._wrong(node, Message("one-value"))
        return str(node.value).strip()

    def _texts(self, node: yaml.Node) -> tuple[str, ...]:
        return tuple(map(self._text, node.value)) if isinstance(node, yaml.SequenceNode) else (self._text(node),)

    def _wrong(self, node: yaml.Node, reason: Message) -> UnreadableDocument:
        return UnreadableDocument(self._path, Message("at-line", line=node.start_mark.line + 1, reason=reason))
