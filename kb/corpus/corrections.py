"""What is corrected of documents and of units, in the files of the corpus that say so: the texts of these files before and after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb.corpus import ORGANIZATIONS
from kb.models import Organization, UnitNames
from kb.organizations import read_review
from kb.rewriting import quoted, rewritten

_ENTRIES = "organizations"


def corrected_particulars(text: str, corrections: Mapping[str, str | tuple[str, ...]]) -> str:
    """The text of the file beside a document with these fields changed, those that are empty taken out; its comments stay.

    "title: 某方案  # 按红头" with issued_on "2021-12-22" → "title: 某方案  # 按红头\\nissued_on: \"2021-12-22\""
    """

    def correct(said: dict[str, Any]) -> None:
        for name, value in corrections.items():
            if value:
                said[name] = list(map(quoted, value)) if isinstance(value, tuple) else quoted(value)
            else:
                said.pop(name, None)

    return rewritten(text, correct)


def names_said(corpus: Path, unit: Organization) -> UnitNames:
    """What the file about all units says a unit is called; nothing where it says nothing."""
    entry = read_review(corpus / ORGANIZATIONS).entry(unit.name, _document_of(unit))
    return UnitNames(entry.name, entry.aliases) if entry else UnitNames()


def check_units(path: Path) -> None:
    """UnreadableDocument, with line and field, when the file about all units is wrong."""
    read_review(path)


def is_described(corpus: Path, unit: Organization) -> bool:
    """Whether that file says more of a unit than what it is called and where it is: members, a function, whom it follows."""
    entry = read_review(corpus / ORGANIZATIONS).entry(unit.name, _document_of(unit))
    return entry is not None and bool(entry.members or entry.function or entry.successor_of)


def with_names(text: str, unit: Organization, name: str, aliases: tuple[str, ...] | None) -> str:
    """The text of that file with what a unit is called, "" for its name and None for its other names where they stay.

    A name that it had is another name of it, by which documents are read. Of several documents that an entry holds for, the unit of one
    gets an entry of its own.
    """

    def name_it(said: dict[str, Any]) -> None:
        entry = _entry_made(said.setdefault(_ENTRIES, []), unit)
        entry["name"] = name or unit.name
        known = _listed(entry, "aliases") if aliases is None else aliases
        entry["aliases"] = [one for one in dict.fromkeys((unit.name, *known)) if one != entry["name"]]

    return rewritten(text, name_it)


def without_names(text: str, unit: Organization) -> str:
    """The text of that file without what it says of a unit."""

    def forget(said: dict[str, Any]) -> None:
        entries = said.get(_ENTRIES) or []
        document = _document_of(unit)
        for entry in _entries_of(entries, unit.name, document):
            if document and len(_listed(entry, "documents")) > 1:
                entry["documents"].remove(document)
            else:
                entries.remove(entry)
        if not entries:
            said.pop(_ENTRIES, None)

    return rewritten(text, forget)


def _entry_made(entries: list[dict[str, Any]], unit: Organization) -> dict[str, Any]:
    """The entry that holds for the unit and for no other; a new one knows it by the names that documents print."""
    document = _document_of(unit)
    found = _entries_of(entries, unit.name, document)
    if found and not (document and len(_listed(found[0], "documents")) > 1):
        return found[0]
    if found:
        found[0]["documents"].remove(document)
        entry = dict(found[0]) | {"documents": [document]}
    else:
        new = {"name": unit.name, "level": unit.level, "jurisdiction": unit.jurisdiction}
        of_one = {"documents": [document], "aliases": list(unit.aliases)} if document else {}
        entry = {field: value for field, value in new.items() if value} | of_one
    entries.append(entry)
    return entry


def _entries_of(entries: list[dict[str, Any]], name: str, document: str) -> list[dict[str, Any]]:
    """Those of a unit of that official name, that of all documents first; where a document is given those that hold for it."""
    named = sorted(
        (entry for entry in entries if str(entry["name"]).strip() == name),
        key=lambda entry: bool(entry.get("documents")),
    )
    return [entry for entry in named if not document or document in _listed(entry, "documents")]


def _listed(entry: dict[str, Any], field: str) -> list[str]:
    """The texts of a field that may hold one alone."""
    value = entry.get(field) or []
    return [value] if isinstance(value, str) else list(value)


def _document_of(unit: Organization) -> str:
    """The document that alone knows the unit, "" when others may name it."""
    return unit.id.partition("@")[2]
