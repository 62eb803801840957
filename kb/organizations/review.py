"""The operator's corrections of units: names, aliases, successors and members that the lexicon lacks or has wrong."""

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
from kb.organizations.jurisdiction import Jurisdiction
from kb.organizations.names import division_of
from kb.organizations.resolution import Context, Organ, resolve_mention

_TOP = "organizations"


@dataclass(frozen=True, slots=True)
class Correction:
    """The correction of one organisation; a field that is left out changes nothing."""

    name: str  # official
    aliases: tuple[str, ...] = ()  # as documents of its jurisdiction write it
    level: Level = ""
    jurisdiction: str = ""
    function: str = ""
    successor_of: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # ids of the documents to which the correction is limited

    @property
    def context(self) -> Context:
        """The context in which its names are resolved: its jurisdiction, else the whole country."""
        division = division_of(self.jurisdiction)
        return Context(Jurisdiction(division.level, division) if division else Jurisdiction("national"))

    def of_members(self) -> tuple[Organ, ...]:
        """Its members, resolved in the same context."""
        return tuple(resolve_mention(member, self.context) for member in self.members)


class Review:
    """All corrections, to be looked up for one unit of one document."""

    def __init__(self, corrections: tuple[Correction, ...] = ()) -> None:
        self._entries = corrections
        self._by_name: dict[str, Correction] = {}
        self._in_document: dict[tuple[str, str], Correction] = {}
        for entry in corrections:
            names = (entry.name, *entry.aliases)
            self._in_document |= {(document, name): entry for document in entry.documents for name in names}
            if not entry.documents:
                self._by_name |= {resolve_mention(name, entry.context).name: entry for name in names}
                self._by_name[entry.name] = entry

    def entry(self, name: str, document_id: str = "") -> Correction | None:
        """What is said of the unit of that official name, where a document is given of the one that is known in that alone."""
        named = sorted(
            (entry for entry in self._entries if entry.name == name), key=lambda entry: bool(entry.documents)
        )
        return next((entry for entry in named if not document_id or document_id in entry.documents), None)

    def of(self, unit: str, organization: Organization, document_id: str) -> Correction | None:
        """The correction of what the unit of that document was resolved to, None when there is none."""
        entry = self._by_name.get(organization.name)
        is_same_everywhere = organization.id == organization.name
        is_same = entry is not None and (is_same_everywhere or organization.jurisdiction == entry.jurisdiction != "")
        return self._in_document.get((document_id, unit)) or (entry if is_same else None)


def read_review(path: Path) -> Review:
    """The corrections in the file, none when there is no file; UnreadableDocument with line and field when it is wrong.

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
    """A hash of the content of the file, "" when there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


class _Reader:
    """Turns the nodes of the file into entries; its errors name the line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fields = {field.name: field.type for field in fields(Correction)}

    def entries(self, root: yaml.Node) -> Iterator[Correction]:
        pairs = self._pairs(root, {_TOP})
        entries = pairs.get(_TOP)
        if not isinstance(entries, yaml.SequenceNode):
            raise self._wrong(entries or root, Message("no-list-of-units", field=_TOP))
        lines: dict[tuple[str, str], int] = {}
        for node in entries.value:
            entry = self._entry(node)
            for document in entry.documents or ("",):
                line = lines.setdefault((entry.name, document), node.start_mark.line + 1)
                if line != node.start_mark.line + 1:
                    raise self._wrong(node, Message("unit-twice", name=entry.name, line=line))
            yield entry

    def _entry(self, node: yaml.Node) -> Correction:
        pairs = self._pairs(node, set(self._fields))
        if "name" not in pairs:
            raise self._wrong(node, Message("field-missing", field="name"))
        values: dict[str, Any] = {
            field: self._texts(value) if "tuple" in str(self._fields[field]) else self._text(value)
            for field, value in pairs.items()
        }
        if values.get("level", "") not in get_args(Level):
            wrong = Message("one-of", values=tuple(filter(None, get_args(Level))), value=values["level"])
            raise self._wrong(pairs["level"], Message("in-field", field="level", reason=wrong))
        return Correction(**values)

    def _pairs(self, node: yaml.Node, allowed: set[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, Message("no-fields", fields=tuple(sorted(allowed))))
        pairs: dict[str, yaml.Node] = {}
        for key, value in node.value:
            field = self._text(key)
            if field not in allowed:
                raise self._wrong(key, Message("unknown-fields", names=(field,), fields=tuple(sorted(allowed))))
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
