"""The place that a document speaks for: of which province, city, county its 省财政厅, 市教育局 and 区政府 are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.lexicon import table
from kb.models import Document, Level
from kb.organizations.agencies import forms
from kb.organizations.divisions import Division, divisions, places_in, within
from kb.text import normalise

MARKS: dict[str, Level] = table("places")["marks"]
MARK = re.compile("|".join(sorted(MARKS, key=len, reverse=True)))
# 市教育局, not 市级, 市场, 县区; but 市市场监管局.
RELATIVE = re.compile(
    rf"""(?P<mark>{MARK.pattern})(?=[\u4e00-\u9fff])
    (?![级直属场长域块间内位辖县区]|市(?![场政监容域]))""",
    re.VERBOSE,
)
# A place that the table does not list, by the organ behind its name: 云溪市人民政府办公室, 云溪市委.
_UNLISTED = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,10}?(?:省|自治区|市|自治州|州|地区|盟|自治县|县|区|旗))(?=人民政府|政府|委)"
)
_NUMBERS: dict[str, str] = table("places")["numbers"]
_LEVELS: list[tuple[Level, re.Pattern[str]]] = [
    (e["level"], re.compile(e["pattern"])) for e in table("places")["levels"]
]
_ADDRESSED: list[tuple[Level, re.Pattern[str]]] = [
    (e["level"], re.compile(e["pattern"])) for e in table("places")["addressed"]
]

# How much each piece of evidence counts. Who issued it says nearly all; the text says something only where the head is silent.
_ISSUER, _TITLE, _NUMBER, _ADDRESSEE, _MENTION, _TEXT = 100.0, 30.0, 10.0, 40.0, 3.0, 1.0
_FIRST_WORDS = 40  # characters that may be a title when none was found
_MOST = 30.0  # what all units of a kind, or all words of a kind, count together
_SURE, _AHEAD = (
    3.0,
    1.5,
)  # a place that only the text names must be named so often, and so much more often than the next


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document speaks from; without a division only its level is known, or nothing."""

    level: Level = ""
    division: Division | None = None

    def at(self, level: Level, mark: str = "") -> Division | None:
        """The division of that level that the place is or lies in; 市 may be a municipality or a city of county rank.

        (雨湖区, "city") → 湘潭市; (北京市, "city", "市") → 北京市; (嵊州市, "city", "市") → 嵊州市
        """
        above = list(within(self.division)) if self.division else []
        if (
            mark == "市"
            and above
            and (above[0].is_municipality or (self.level == "county" and above[0].name[-1] == "市"))
        ):
            return above[0]
        found = next((one for one in above if one.level == level and not one.is_area), None)
        return found or next((one for one in above if mark == "市" and one.is_municipality), None)


def place_of(document: Document, units: Sequence[str]) -> Place:
    """The place of a document, from its head, the units that it names, and its text where those do not say.

    湘潭市人民政府办公室 → 湘潭市; 国务院办公厅 → national; 省科技厅, 石家庄海关 → 河北省
    """
    evidence = _Evidence()
    evidence.hear_head(document)
    evidence.hear_units(units)
    level = evidence.level()
    if level == "national":
        return Place(level)
    if not evidence.is_sure(level):
        evidence.hear_text(document.text)
        level = evidence.level()
    return evidence.place(level)


class _Evidence:
    """What speaks for each level and for each division."""

    def __init__(self) -> None:
        self._levels: defaultdict[Level, float] = defaultdict(float)
        self._divisions: defaultdict[Division, float] = defaultdict(float)

    def hear_head(self, document: Document) -> None:
        for issuer in document.issuers:
            self._hear_name(normalise(issuer), _ISSUER)
        self._hear_name(normalise(document.title or document.text[:_FIRST_WORDS].lstrip()), _TITLE)
        if document.document_number[:1] in _NUMBERS:
            self._divisions[divisions()[_NUMBERS[document.document_number[0]]]] += _NUMBER
        addressees = normalise("、".join(document.addressees))
        for level, pattern in _ADDRESSED:
            if pattern.search(addressees):
                self._levels[level] += _ADDRESSEE
                break
        for found in places_in(addressees):
            self._count(found.divisions, _MENTION)

    def hear_units(self, units: Sequence[str]) -> None:
        said: Counter[Level] = Counter()
        for unit in units:
            if relative := RELATIVE.match(unit):
                said[MARKS[relative["mark"]]] += 1
            elif unit in forms() and f"*{unit}" not in forms():
                said["national"] += 1
            for found in places_in(unit):
                self._count(found.divisions, _MENTION)
        for level, count in said.items():
            self._levels[level] += min(_MOST, count) * (0.5 if level == "national" else 1)

    def hear_text(self, text: str) -> None:
        for level, pattern in _LEVELS:
            if words := pattern.findall(text):
                self._levels[level] += min(_MOST, len(words) * _TEXT)
        for found in places_in(text):
            is_full = found.end - found.start > 2
            self._count(found.divisions, _TEXT if is_full else _TEXT / 2)

    def level(self) -> Level:
        return max(self._levels, key=lambda level: self._levels[level], default="")

    def is_sure(self, level: Level) -> bool:
        """Whether the head names a division of that level."""
        return any(votes >= _NUMBER for _, votes in self._candidates(level))

    def place(self, level: Level) -> Place:
        """The division that most speaks for, when it is clearly ahead."""
        if not level:
            return Place()
        ranked = sorted(self._candidates(level), key=lambda one: -one[1])
        if not ranked or ranked[0][1] < _SURE or (len(ranked) > 1 and ranked[0][1] < _AHEAD * ranked[1][1]):
            return Place(level)
        division = ranked[0][0]
        return Place("province" if division.is_municipality else level, division)

    def _candidates(self, level: Level) -> Iterator[tuple[Division, float]]:
        """Divisions of the level with what speaks for them and for what lies in them."""
        votes: defaultdict[Division, float] = defaultdict(float)
        for named, count in self._divisions.items():
            for distance, one in enumerate(within(named)):
                votes[one] += count / (1 + distance)
        for one, total in votes.items():
            if one.level == level or (level == "city" and one.is_municipality):
                yield one, total

    def _hear_name(self, name: str, weight: float) -> None:
        """A name of an issuer or a title: the place it begins with, or the centre."""
        name = name.removeprefix("中国共产党").removeprefix("中共")
        chain = []
        at = 0
        for found in places_in(name):
            if found.start != at:
                break
            chain.append(found)
            at = found.end
        if chain:
            narrowest = [one for one in chain[-1].divisions if _fits(one, chain[:-1])] or list(chain[-1].divisions)
            self._count(narrowest, weight)
            self._levels[narrowest[0].level] += weight
        elif relative := RELATIVE.match(name):
            self._levels[MARKS[relative["mark"]]] += weight / 2
        elif _is_central(name):
            self._levels["national"] += weight
        elif unlisted := _UNLISTED.match(name):
            division = Division("", unlisted["name"])
            self._divisions[division] += weight
            self._levels[division.level] += weight

    def _count(self, named: Iterable[Division], weight: float) -> None:
        """Namesakes share the weight; a former division and an area count for what they lie in."""
        several = list(named)
        for one in several:
            known = next((each for each in within(one) if not each.is_area and not each.former), None)
            if known:
                self._divisions[known] += weight / len(several)


def _fits(division: Division, chain: Sequence[object]) -> bool:
    above = {one.code for found in chain for one in getattr(found, "divisions", ())}
    return not above or any(one.code in above for one in within(division))


def _is_central(name: str) -> bool:
    """Whether the name is, or begins with, that of an organ of the centre: 国务院办公厅, 国家发展改革委等."""
    return any(
        name[:end] in forms() and (f"*{name[:end]}" not in forms() or name.startswith(("国", "中")))
        for end in range(len(name), 2, -1)
    )
