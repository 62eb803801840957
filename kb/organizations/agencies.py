"""Names of organs without their places: every written form, and the official name that it stands for."""

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
    """A function of government, with the official name of its organ at each level."""

    function: str  # 人力资源和社会保障; unique
    names: Mapping[Level, str]  # templates: * stands for the place, ~ for its short name, = for the place as printed
    successors: tuple[str, ...] = ()  # functions of the agencies that took this one over
    until: int = 0  # the year in which they did, 0 for an agency of today
    needs_place: bool = False  # True for 管理委员会, which names the organ only behind a place
    is_party: bool = False  # an office of a Party committee: 市委督查室


@dataclass(frozen=True, slots=True)
class Form:
    """What a written form stands for: the agency, and its official name at each level."""

    agency: Agency
    names: Mapping[Level, str]


@dataclass(frozen=True, slots=True)
class BodyKind:
    """A kind of body without an agency, known by the ending of its names: 高等学校 by 大学."""

    name: str
    pattern: re.Pattern[str]
    is_local: bool = False  # a body of this kind belongs to the place in its name
    _short: re.Pattern[str] = re.compile("(?!)")
    _full: str = ""

    def written_out(self, name: str) -> str:
        """昭山示范区管委会 → 昭山示范区管理委员会"""
        return self._short.sub(self._full, name)


_NO_KIND = BodyKind("", re.compile(""))


@cache
def forms() -> Mapping[str, tuple[Form, ...]]:
    """What each written form of an agency stands for; * is the place, and a form without it belongs to the central government.

    "*人社局" → *人力资源和社会保障局; "团*委" → 共青团*委员会; "国家发改委" → 国家发展和改革委员会
    """
    by_text: defaultdict[str, list[Form]] = defaultdict(list)
    for entry in table("agencies")["agencies"]:
        for text, form in _forms(entry):
            if form not in by_text[text]:
                by_text[text].append(form)
    # 市编办 is the Party's 市委编办, unless the government has an organ of that name.
    for text in [text for text in by_text if text.startswith("*委") and len(text) > 2]:
        by_text.setdefault(f"*{text[2:]}", by_text[text])
    return {text: tuple(stands_for) for text, stands_for in by_text.items()}


@cache
def agencies() -> Mapping[str, Agency]:
    """All agencies by function."""
    return {entry["stems"][0]: _agency(entry) for entry in table("agencies")["agencies"]}


def body_kind(name: str) -> BodyKind:
    """The kind of body that a name without an agency tells: 湘潭大学 → 高等学校; a kind without a name when it tells none."""
    return next((kind for kind in _body_kinds() if kind.pattern.search(name)), _NO_KIND)


@cache
def _body_kinds() -> tuple[BodyKind, ...]:
    return tuple(
        BodyKind(
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
        yield from ((choice, whole) for choice in _choices(text))
    official = agency.names if "official" in entry else {"national": agency.names.get("national", "")}
    yield from ((name.translate(_STARS), whole) for name in official.values() if name)
    for ending, stem in product(entry.get("endings", ()), _stems(entry)):
        form = whole if "official" in entry else Form(agency, _names(entry, ending))
        heads = _PARTY if entry.get("party") else ("*",)
        for head, tail in product(heads, (ending, _SHORT_ENDING.get(ending, ending))):
            yield head + stem + tail, form
    if "national" in entry:
        yield from ((text, whole) for text in _national_forms(entry))


def _national_forms(entry: Mapping[str, Any]) -> Iterator[str]:
    """Written forms of the central government's organ, from each stem: 工业和信息化部, 工信部; 国家发展改革委, 发展改革委."""
    national: str = entry["national"]
    for ending in (*entry.get("endings", ()), *_NATIONAL_ENDINGS):
        if national.endswith(ending) and not entry.get("party"):
            tails = {ending, _SHORT_ENDING.get(ending, ending)}
            yield from (head + stem + tail for head, stem, tail in product(("", "国家"), _stems(entry), tails))


def _stems(entry: Mapping[str, Any]) -> list[str]:
    return [choice for stem in entry["stems"] for choice in _choices(stem)]


def _agency(entry: Mapping[str, Any]) -> Agency:
    endings = entry.get("endings", ("",))
    below = next((ending for ending in endings if ending != "厅"), endings[0])  # 厅 occurs in provinces only
    names = _names(entry, below)
    if "province" in names:
        names["province"] = _names(entry, endings[0])["province"]
    return Agency(
        entry["stems"][0],
        names,
        tuple(entry.get("successors", ())),
        entry.get("until", 0),
        entry.get("needs_place", False),
        entry.get("party", False),
    )


def _names(entry: Mapping[str, Any], ending: str) -> dict[Level, str]:
    """The official names by level, without the levels that have no such organ."""
    stem = next(_choices(entry["stems"][0]))
    official = entry.get("official", f"{_PARTY_NAME if entry.get('party') else '*'}{stem}{ending}")
    local: Mapping[Level, str] = (
        official if isinstance(official, dict) else dict.fromkeys(("province", "city", "county"), official)
    )
    by_level: dict[Level, str] = {level: local[level] for level in get_args(Level) if level in local}
    if "official" not in entry and not ending:  # an organ of the central government only
        by_level = {}
    return by_level | ({"national": entry["national"]} if "national" in entry else {})


def _choices(text: str) -> Iterator[str]:
    """Every text that the alternatives in brackets allow: "证(券|)监局" → 证券监局, 证监局."""
    pieces = _CHOICE.split(text)
    yield from ("".join(choice) for choice in product(*(p.split("|") if i % 2 else (p,) for i, p in enumerate(pieces))))
