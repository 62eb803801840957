"""The jurisdiction of a document: the province, city or county that its 省财政厅, 市教育局 and 区政府 belong to."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from kb.lexicon import ORGANS, any_of, table
from kb.models import Document, Level
from kb.organizations.agencies import forms
from kb.organizations.divisions import Division, PlaceName, divisions, lineage, places_in
from kb.text import normalise
from kb.text.segmentation import known_words

LEVEL_WORDS: dict[str, Level] = table("places")["level_words"]
LEVEL_WORD = re.compile(any_of(LEVEL_WORDS))
# A level word that stands for a place: 市教育局, 市市场监管局, but not 市级, 市场, 县区.
LEADING_LEVEL_WORD = re.compile(
    rf"""(?P<level_word>{LEVEL_WORD.pattern})(?=[\u4e00-\u9fff])
    (?![级直属场长域块间内位辖县区]|市(?![场政监容域]))""",
    re.VERBOSE,
)
_UNLISTED = re.compile(  # a place that the table does not list: 滨江市, 岭东省|滨江市
    r"(?!关于)(?:[\u4e00-\u9fff]{2,3}省(?=[\u4e00-\u9fff]{2,}[市州盟县区旗]))?"
    r"(?P<name>[^\W各全本该有其国中共党团局司委公厅部院网省为表在由对将按从与和及或等]{2,4}(?:省|市|州|盟|县|区|旗))"
)
_LONGEST_PLACE, _GOVERNMENT = 9, ("人民政府", "政府", "委")
_OPENING_NAME = re.compile(r"[^\W\d_a-zA-Z各全本该有其国我一几哪每这那多个]{2}[市县](?=.{2})")
# What stands before the place in names of party organs and in titles: 中共沅桥县委, 关于印发沅桥县托育方案的通知.
_PARTY = re.compile("^(?:中国共产党|中共|中国共产主义青年团|共青团|中国人民政治协商会议|政协)")
_FORWARDING = re.compile("^(?:关于)?(?:(?:印发|转发|批转|公布|发布|下发|同意|批准)(?=.{6}))?[《〈“]?")
_NO_DIVISION = re.compile("|".join(map(re.escape, (*table("places")["no_divisions"], *ORGANS["parks"]))))
_NUMBERS: dict[str, str] = table("places")["numbers"]
_LEVELS: list[tuple[Level, re.Pattern[str]]] = [
    (e["level"], re.compile(e["pattern"])) for e in table("places")["levels"]
]
_ADDRESSED: list[tuple[Level, re.Pattern[str]]] = [
    (e["level"], re.compile(e["pattern"])) for e in table("places")["addressed"]
]

# The weight of each piece of evidence. The issuer decides nearly always; the text counts only where the header tells nothing.
_SAID = 1000.0  # by the operator
_ISSUER, _TITLE, _NUMBER, _ADDRESSEE, _MENTION, _TEXT = 100.0, 30.0, 10.0, 40.0, 3.0, 1.0
_FIRST_WORDS = 40  # characters that may be a title when none was found
_MOST = 30.0  # the most that all units of a level, or all words of a level, count together
_LEAST = 3.0  # the least evidence for a division
_LEAD = 1.5  # and how many times as much it must have as the next division


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The level of government that a document is from, and the division; both are empty where they are not known."""

    level: Level = ""
    division: Division | None = None

    def at(self, level: Level, level_word: str = "") -> Division | None:
        """The division of that level that the jurisdiction is or lies in; 市 may be a municipality or a city of county rank.

        (雨湖区, "city") → 湘潭市; (北京市, "city", "市") → 北京市; (嵊州市, "city", "市") → 嵊州市
        """
        above = list(lineage(self.division)) if self.division else []
        if (
            level_word == "市"
            and above
            and (above[0].is_municipality or (self.level == "county" and above[0].name[-1] == "市"))
        ):
            return above[0]
        of_level = next((division for division in above if division.level == level and not division.is_area), None)
        return of_level or next((each for each in above if level_word == "市" and each.is_municipality), None)


def unlisted_place(name: str) -> tuple[Division, int] | None:
    """The place that the table does not list but an organ's name begins with, and where it ends: 滨江市教育局 → 滨江市."""
    if any(place.start == 0 for place in places_in(name)):
        return None
    for end in range(3, min(len(name), _LONGEST_PLACE)):
        match = _UNLISTED.fullmatch(name, 0, end)
        organ = name[end:]
        if (
            match
            and not _NO_DIVISION.search(match["name"])
            and (organ.startswith(_GOVERNMENT) or f"*{organ}" in forms())
        ):
            return Division("", match["name"]), end
    return None


def unlisted_at_head(name: str) -> str:
    """The place that the table does not list but an issuer or a title begins with, "" for none.

    "中共沅桥县委办公室", "沅桥县人民政府关于…的通知", "关于印发沅桥县托育方案的通知" → "沅桥县"
    """
    head = _FORWARDING.sub("", _PARTY.sub("", name))
    unlisted = unlisted_place(head.partition("关于")[0])
    return unlisted[0].name if unlisted else opening_place(head)


def opening_place(text: str) -> str:
    """The place that the table does not list but a text begins with, "" for none: "滨江市的托育园" → "滨江市"; "百强县", "批发市场" → ""."""
    name = _OPENING_NAME.match(text)
    if not name or _NO_DIVISION.search(name[0]) or any(place.start < name.end() for place in places_in(text)):
        return ""
    return name[0] if name.end() in accumulate(map(len, known_words(text))) else ""


def jurisdiction_of(document: Document, units: Sequence[str]) -> Jurisdiction:
    """The jurisdiction of a document, from its header, the units that it names, and, where these do not tell, its text.

    湘潭市人民政府办公室 → 湘潭市; 国务院办公厅 → national; 省科技厅, 石家庄海关 → 河北省
    """
    evidence = _Evidence()
    evidence.add_header(document)
    evidence.add_units(units)
    level = evidence.level()
    if level == "national":
        return Jurisdiction(level)
    if not evidence.is_in_header(level):
        evidence.add_text(document.text)
        level = evidence.level()
    return evidence.jurisdiction(level)


class _Evidence:
    """The weight of the evidence for each level and for each division."""

    def __init__(self) -> None:
        self._levels: defaultdict[Level, float] = defaultdict(float)
        self._divisions: defaultdict[Division, float] = defaultdict(float)

    def add_header(self, document: Document) -> None:
        if document.locality:
            self._add_name(f"{normalise(document.locality)}人民政府", _SAID)
        for issuer in document.issuers:
            self._add_name(normalise(issuer), _ISSUER)
        self._add_name(normalise(document.title or document.text[:_FIRST_WORDS].lstrip()), _TITLE)
        if document.document_number[:1] in _NUMBERS:
            self._divisions[divisions()[_NUMBERS[document.document_number[0]]]] += _NUMBER
        addressees = normalise("、".join(document.addressees))
        for level, pattern in _ADDRESSED:
            if pattern.search(addressees):
                self._levels[level] += _ADDRESSEE
                break
        for place in places_in(addressees):
            self._add(place.divisions, _MENTION)

    def add_units(self, units: Sequence[str]) -> None:
        mentions: Counter[Level] = Counter()
        for unit in units:
            if leading := LEADING_LEVEL_WORD.match(unit):
                mentions[LEVEL_WORDS[leading["level_word"]]] += 1
            elif unit in forms() and f"*{unit}" not in forms():
                mentions["national"] += 1
            for place in places_in(unit):
                self._add(place.divisions, _MENTION)
        for level, count in mentions.items():
            self._levels[level] += min(_MOST, count) * (0.5 if level == "national" else 1)

    def add_text(self, text: str) -> None:
        for level, pattern in _LEVELS:
            if words := pattern.findall(text):
                self._levels[level] += min(_MOST, len(words) * _TEXT)
        for place in places_in(text):
            is_full = place.end - place.start > 2
            self._add(place.divisions, _TEXT if is_full else _TEXT / 2)

    def level(self) -> Level:
        """The level with the most evidence, "" when there is none."""
        return max(self._levels, key=lambda level: self._levels[level], default="")

    def is_in_header(self, level: Level) -> bool:
        """Whether the header names a division of that level."""
        return any(weight >= _NUMBER for _, weight in self._candidates(level))

    def jurisdiction(self, level: Level) -> Jurisdiction:
        """The level with the division that has the most evidence, if it has clearly more than the next."""
        if not level:
            return Jurisdiction()
        ranked = sorted(self._candidates(level), key=lambda candidate: -candidate[1])
        if not ranked or ranked[0][1] < _LEAST or (len(ranked) > 1 and ranked[0][1] < _LEAD * ranked[1][1]):
            return Jurisdiction(level)
        division = ranked[0][0]
        return Jurisdiction("province" if division.is_municipality else level, division)

    def _candidates(self, level: Level) -> Iterator[tuple[Division, float]]:
        """Divisions of the level, each with the evidence for it and, at less weight, for the divisions that lie in it."""
        weights: defaultdict[Division, float] = defaultdict(float)
        for named, weight in self._divisions.items():
            for distance, division in enumerate(lineage(named)):
                weights[division] += weight / (1 + distance)
        for division, weight in weights.items():
            if division.level == level or (level == "city" and division.is_municipality):
                yield division, weight

    def _add_name(self, name: str, weight: float) -> None:
        """Count the place that an issuer's name or a title begins with, or the central government."""
        name = _PARTY.sub("", name)
        chain: list[PlaceName] = []
        for place in places_in(name):
            if place.start != (chain[-1].end if chain else 0):
                break
            chain.append(place)
        if chain:
            *before, last = chain
            narrowest = [division for division in last.divisions if _fits(division, before)] or list(last.divisions)
            self._add(narrowest, weight)
            self._levels[narrowest[0].level] += weight
        elif leading := LEADING_LEVEL_WORD.match(name):
            self._levels[LEVEL_WORDS[leading["level_word"]]] += weight / 2
        elif _is_central(name):
            self._levels["national"] += weight
        elif unlisted := unlisted_at_head(name):
            division = Division("", unlisted)
            self._divisions[division] += weight
            self._levels[division.level] += weight

    def _add(self, namesakes: Sequence[Division], weight: float) -> None:
        """Share the weight among divisions of one name; a former division and an area count for the one they lie in."""
        for namesake in namesakes:
            today = next((each for each in lineage(namesake) if not each.is_area and not each.former), None)
            if today:
                self._divisions[today] += weight / len(namesakes)


def _fits(division: Division, before: Sequence[PlaceName]) -> bool:
    """Whether the division lies in a place that is named before it, or none is."""
    above = {each.code for place in before for each in place.divisions}
    return not above or any(each.code in above for each in lineage(division))


def _is_central(name: str) -> bool:
    """Whether the name is, or begins with, that of an organ of the central government: 国务院办公厅, 国家发展改革委等."""
    return any(
        name[:end] in forms() and (f"*{name[:end]}" not in forms() or name.startswith(("国", "中")))
        for end in range(len(name), 2, -1)
    )
