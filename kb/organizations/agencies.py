"""How organs are named: every way to write one, with the place left out, and the official name behind it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, get_args

from kb.lexicon import table
from kb.models import Level

_CHOICE = re.compile(r"\(([^()]*)\)")
_SHORT_ENDING = {"委员会": "委", "办公室": "办"}
_NATIONAL_ENDINGS = ("部", "总局", "署")
_PARTY = ("*委", "*党委", "中共*委", "中共*委员会", "中国共产党*委员会")
_PARTY_NAME = "中共*委"
_STARS = str.maketrans("~=", "**")


@dataclass(frozen=True, slots=True, eq=False)
class Agency:
    """What an organ is for, the same at every level, and its names; there is one of each function."""

    function: str  # 人力资源和社会保障
    names: Mapping[Level, str]  # official, with * for the place, ~ for its short name, = for the place as printed
    into: tuple[str, ...] = ()  # functions that took this one over
    until: int = 0  # the year when they did
    needs_place: bool = False  # what is written without its place is no name of it: 管理委员会
    is_party: bool = False  # one of the Party's committee: 市委督查室


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write an agency, and the official name that it stands for at each level."""

    agency: Agency
    names: Mapping[Level, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of body, known by how its names end."""

    name: str
    pattern: re.Pattern[str]
    is_local: bool = False  # the place in the name is the one that it is of
    _short: re.Pattern[str] = re.compile("(?!)")
    _full: str = ""

    def written_out(self, name: str) -> str:
        """昭山示范区管委会 → 昭山示范区管理委员会"""
        return self._short.sub(self._full, name)


_NO_KIND = Kind("", re.compile(""))


@cache
def forms() -> Mapping[str, tuple[Form, ...]]:
    """All ways to write all agencies; a star stands for the place, a form without one is the centre's.

    "*人社局" → *人力资源和社会保障局; "团*委" → 共青团*委员会; "国家发改委" → 国家发展和改革委员会
    """
    found: defaultdict[str, list[Form]] = defaultdict(list)
    for entry in table("agencies")["agencies"]:
        for text, form in _forms(entry):
            if form not in found[text]:
                found[text].append(form)
    # 市编办 is the Party's 市委编办, unless the government has an organ of that name.
    for text in [text for text in found if text.startswith("*委") and len(text) > 2]:
        found.setdefault(f"*{text[2:]}", found[text])
    return {text: tuple(several) for text, several in found.items()}


@cache
def agencies() -> Mapping[str, Agency]:
    """All agencies by function."""
    return {entry["stems"][0]: _agency(entry) for entry in table("agencies")["agencies"]}


def kind_of(name: str) -> Kind:
    """What sort of body it is by its name, though of no function: 湘潭大学 → 高等学校."""
    return next((kind for kind in _kinds() if kind.pattern.search(name)), _NO_KIND)


@cache
def _kinds() -> tuple[Kind, ...]:
    return tuple(
        Kind(
            entry["kind"],
            re.compile(entry["pattern"]),
            entry.get("local", False),
            re.compile(entry.get("short", "(?!)")),
            entry.get("full", ""),
        )
        for entry in table("agencies")["kinds"]
    )


def _forms(entry: Mapping[str, Any]) -> Iterator[tuple[str, Form]]:
    agency = agencies()[entry["stems"][0]]
    whole = Form(agency, agency.names)
    for text in entry.get("forms", ()):
        yield from ((each, whole) for each in _choices(text))
    named = agency.names if "official" in entry else {"national": agency.names.get("national", "")}
    yield from ((name.translate(_STARS), whole) for name in named.values() if name)
    for ending, stem in product(entry.get("endings", ()), _stems(entry)):
        form = whole if "official" in entry else Form(agency, _names(entry, ending))
        heads = _PARTY if entry.get("party") else ("*",)
        for head, tail in product(heads, (ending, _SHORT_ENDING.get(ending, ending))):
            yield head + stem + tail, form
    if "national" in entry:
        yield from ((text, whole) for text in _national_forms(entry))


def _national_forms(entry: Mapping[str, Any]) -> Iterator[str]:
    """The centre's organ by each stem: 工业和信息化部, 工信部; 国家发展改革委, 发展改革委."""
    national: str = entry["national"]
    for ending in (*entry.get("endings", ()), *_NATIONAL_ENDINGS):
        if national.endswith(ending) and not entry.get("party"):
            tails = {ending, _SHORT_ENDING.get(ending, ending)}
            yield from (head + stem + tail for head, stem, tail in product(("", "国家"), _stems(entry), tails))


def _stems(entry: Mapping[str, Any]) -> list[str]:
    return [each for stem in entry["stems"] for each in _choices(stem)]


def _agency(entry: Mapping[str, Any]) -> Agency:
    endings = entry.get("endings", ("",))
    below = next((ending for ending in endings if ending != "厅"), endings[0])  # 厅 is the province's
    names = _names(entry, below)
    if "province" in names:
        names["province"] = _names(entry, endings[0])["province"]
    return Agency(
        entry["stems"][0],
        names,
        tuple(entry.get("into", ())),
        entry.get("until", 0),
        entry.get("needs_place", False),
        entry.get("party", False),
    )


def _names(entry: Mapping[str, Any], ending: str) -> dict[Level, str]:
    """The official names by level; a level that has none is left out."""
    stem = next(_choices(entry["stems"][0]))
    named = entry.get("official", f"{_PARTY_NAME if entry.get('party') else '*'}{stem}{ending}")
    local: Mapping[Level, str] = (
        named if isinstance(named, dict) else dict.fromkeys(("province", "city", "county"), named)
    )
    by_level: dict[Level, str] = {level: local[level] for level in get_args(Level) if level in local}
    if "official" not in entry and not ending:  # the centre's alone
        by_level = {}
    return by_level | ({"national": entry["national"]} if "national" in entry else {})


def _choices(text: str) -> Iterator[str]:
    """Every text that the choices in it allow: "证(券|)监局" → 证券监局, 证监局."""
    pieces = _CHOICE.split(text)
    yield from ("".join(choice) for choice in product(*(p.split("|") if i % 2 else (p,) for i, p in enumerate(pieces))))
