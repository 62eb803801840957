"""Administrative divisions: their names, and which lies in which (GB/T 2260: two digits each for province, city and county)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from kb.lexicon import any_of, table, words
from kb.models import Level

_PEOPLES = any_of(table("places")["peoples"])
_AUTONOMOUS = re.compile(rf"(?P<short>.{{2,}}?)(?:{_PEOPLES})*自治(?P<kind>区|州|县|旗)")
_KINDS: dict[str, Level] = {**table("places")["level_words"], "地区": "city"}
_KIND = re.compile(r"(?:特别行政区|省|市|地区|盟)$")


@dataclass(frozen=True, slots=True)
class Division:
    """行政区划: a division of today or a former one."""

    code: str  # "430302"; an area has the code of the division that it lies in; "" for a place that the table does not list
    name: str  # "雨湖区"
    former: bool = False
    is_area: bool = False  # 雄安新区: administered by a committee that the province or city set up

    @property
    def level(self) -> Level:
        """By the code: "430000" → province, "430300" → city, "430302" → county; an area counts as a city."""
        if self.is_area:
            return "city"
        if not self.code:
            return next((level for end, level in _KINDS.items() if self.name.endswith(end)), "")
        return "province" if self.code.endswith("0000") else "city" if self.code.endswith("00") else "county"

    @property
    def short(self) -> str:
        """The name of a province or city without its last word, of a county in full: 湖南省 → 湖南, 湘西土家族苗族自治州 → 湘西, 雨湖区 → 雨湖区."""
        if autonomous := _AUTONOMOUS.fullmatch(self.name):
            return autonomous["short"] if autonomous["kind"] in "区州" else self.name
        return _KIND.sub("", self.name) if self.level != "county" and len(self.name) > 2 else self.name

    @property
    def is_municipality(self) -> bool:
        """Whether it is a province that is called a city: 北京市."""
        return self.level == "province" and self.name.endswith("市")


@dataclass(frozen=True, slots=True)
class PlaceName:
    """The name of a place in a text: its span there, and the divisions of that name."""

    start: int
    end: int
    divisions: tuple[Division, ...]


@cache
def divisions() -> Mapping[str, Division]:
    """Today's divisions by code, in the order of the codes."""
    return {division.code: division for division in _all() if not division.former and not division.is_area}


def parent(division: Division) -> Division | None:
    """The division that this one lies in, None for a province: 雨湖区 → 湘潭市 → 湖南省; 仙桃市 → 湖北省."""
    if not division.code:
        return None
    if division.is_area:
        return _by_code()[division.code]
    if division.level == "province":
        return None
    above = ("0000",) if division.level == "city" else (f"{division.code[2:4]}00", "0000")
    codes = (division.code[: 6 - len(rest)] + rest for rest in above)
    return next((_by_code()[code] for code in codes if code in _by_code()), None)


def lineage(division: Division) -> Iterator[Division]:
    """The division and all that it lies in, up to the province: 雨湖区 → 雨湖区, 湘潭市, 湖南省."""
    current: Division | None = division
    while current is not None:
        yield current
        current = parent(current)


def children(division: Division) -> tuple[Division, ...]:
    """Today's divisions directly below: 湘潭市 → 雨湖区, 岳塘区, 湘潭县, 湘乡市, 韶山市."""
    return _children().get(division, ())


@cache
def _children() -> Mapping[Division | None, tuple[Division, ...]]:
    below: defaultdict[Division | None, list[Division]] = defaultdict(list)
    for division in divisions().values():
        below[parent(division)].append(division)
    return {above: tuple(several) for above, several in below.items()}


@cache
def full_name(division: Division) -> str:
    """The name, behind that of the division above where several have it: 雨湖区, but 长春市朝阳区."""
    namesakes = {namesake.code for namesake in divisions_named(division.name)}
    above = parent(division)
    return f"{above.name}{division.name}" if len(namesakes) > 1 and above else division.name


def divisions_named(name: str) -> tuple[Division, ...]:
    """All divisions of exactly that name, in full or short."""
    return _names().get(name[:2], {}).get(name, ())


def places_in(text: str) -> Iterator[PlaceName]:
    """The names of places in the text, in order; where several begin, the longest.

    "湖南省湘潭市教育局" → 湖南省, 湘潭市
    """
    names, position = _names(), 0
    while position < len(text) - 1:
        candidates = names.get(text[position : position + 2])
        name = next((n for n in candidates if text.startswith(n, position)), "") if candidates else ""
        if candidates and name:
            yield PlaceName(position, position + len(name), candidates[name])
        position += len(name) or 1


@cache
def _all() -> tuple[Division, ...]:
    rows = (line.split() for line in words("divisions"))
    areas = (Division(code, name, is_area=True) for name, code in table("places")["areas"].items())
    return (*(Division(row[0], row[1], former=len(row) > 2) for row in rows), *areas)


@cache
def _by_code() -> Mapping[str, Division]:
    """The division of each code, today's rather than a former one."""
    return {**{division.code: division for division in _all() if division.former}, **divisions()}


@cache
def _names() -> Mapping[str, Mapping[str, tuple[Division, ...]]]:
    """Divisions by name, names by their first two characters: longer names first, today's divisions before former ones."""
    by_name: defaultdict[str, list[Division]] = defaultdict(list)
    for division in sorted(_all(), key=lambda division: division.former):
        for name in {division.name, division.short, *_with_kind(division)}:
            by_name[name].append(division)
    by_beginning: defaultdict[str, dict[str, tuple[Division, ...]]] = defaultdict(dict)
    for name in sorted(by_name, key=len, reverse=True):
        if len(name) > 1:
            by_beginning[name[:2]][name] = tuple(by_name[name])
    return by_beginning


def _with_kind(division: Division) -> tuple[str, ...]:
    """The name of an autonomous place without the peoples: 湘西土家族苗族自治州 → 湘西州; nothing for an autonomous region."""
    autonomous = _AUTONOMOUS.fullmatch(division.name)
    return (autonomous["short"] + autonomous["kind"],) if autonomous and autonomous["kind"] != "区" else ()
