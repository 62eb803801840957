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


def names_said(corpus: Path, name: str) -> UnitNames:
    """What the file about all units says a unit of that official name is called; nothing where it says nothing."""
    entry = read_review(corpus / ORGANIZATIONS).entries.get(name)
    return UnitNames(entry.name, entry.aliases) if entry else UnitNames()


def check_units(path: Path) -> None:
    """UnreadableDocument, with line and field, when the file about all units is wrong."""
    read_review(path)


def is_described(corpus: Path, name: str) -> bool:
    """Whether that file says more of a unit than what it is called and where it is: members, a function, whom it follows."""
    entry = read_review(corpus / ORGANIZATIONS).entries.get(name)
    return entry is not None and bool(entry.members or entry.function or entry.successor_of)


def with_names(text: str, unit: Organization, names: UnitNames) -> str:
    """The text of that file with what a unit is called; a name that it had is another name of it, by which documents are read."""
    _, _, document = unit.id.partition("@")
    printed = unit.aliases if document else ()

    def name_it(said: dict[str, Any]) -> None:
        entries = said.setdefault(_ENTRIES, [])
        entry = _entry_of(entries, unit.name)
        if entry is None:
            new = {"name": unit.name, "level": unit.level, "jurisdiction": unit.jurisdiction}
            entry = {field: value for field, value in new.items() if value} | (
                {"documents": [document]} if document else {}
            )
            entries.append(entry)
        entry["name"] = names.name or unit.name
        aliases = dict.fromkeys((unit.name, *names.aliases, *printed))
        entry["aliases"] = [alias for alias in aliases if alias != entry["name"]]

    return rewritten(text, name_it)


def without_names(text: str, name: str) -> str:
    """The text of that file without what it says of the unit of that official name."""

    def forget(said: dict[str, Any]) -> None:
        entries = said.get(_ENTRIES) or []
        entry = _entry_of(entries, name)
        if entry is not None:
            entries.remove(entry)
        if not entries:
            said.pop(_ENTRIES, None)

    return rewritten(text, forget)


def _entry_of(entries: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    return next((entry for entry in entries if str(entry["name"]).strip() == name), None)
