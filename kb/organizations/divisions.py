"""Administrative divisions by name, with what they lie in (GB/T 2260: two digits each for province, city and county)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from kb.lexicon import table, words
from kb.models import Level

_PEOPLES = "|".join(sorted(table("places")["peoples"], key=len, reverse=True))
_AUTONOMOUS = re.compile(rf"(?P<short>.{{2,}}?)(?:{_PEOPLES})*自治(?P<kind>区|州|县|旗)")
_KINDS: dict[str, Level] = {**table("places")["marks"], "地区": "city"}
_KIND = re.compile(r"(?:特别行政区|省|市|地区|盟)$")


@dataclass(frozen=True, slots=True)
class Division:
    """行政区划: one division, today's or a former one."""

    code: str  # "430302"; an area has that of the division it lies in; "" for a place that the table does not know
    name: str  # "雨湖区"
    former: bool = False
    is_area: bool = False  # 雄安新区: ruled by a committee that the province or city set up

    @property
    def level(self) -> Level:
        """By the code: "430000" → province, "430300" → city, "430302" → county; an area is ruled like a city."""
        if self.is_area:
            return "city"
        if not self.code:
            return next((level for end, level in _KINDS.items() if self.name.endswith(end)), "")
        return "province" if self.code.endswith("0000") else "city" if self.code.endswith("00") else "county"

    @property
    def short(self) -> str:
        """The name without its kind, for provinces and cities: 湖南省 → 湖南, 湘西土家族苗族自治州 → 湘西, 雨湖区 → 雨湖区."""
        if autonomous := _AUTONOMOUS.fullmatch(self.name):
            return autonomous["short"] if autonomous["kind"] in "区州" else self.name
        return _KIND.sub("", self.name) if self.level != "county" and len(self.name) > 2 else self.name

    @property
    def is_municipality(self) -> bool:
        """Whether it is a province that is called a city: 北京市."""
        return self.level == "province" and self.name.endswith("市")


@dataclass(frozen=True, slots=True)
class Found:
    """A place named in a text; of the same name there may be several."""

    start: int
    end: int
    divisions: tuple[Division, ...]


@cache
def divisions() -> Mapping[str, Division]:
    """Today's divisions by code, in the order of the codes."""
    return {one.code: one for one in _all() if not one.former and not one.is_area}


def parent(division: Division) -> Division | None:
    """What the division lies in; None above a province: 雨湖区 → 湘潭市 → 湖南省; 仙桃市 → 湖北省."""
    if not division.code:
        return None
    if division.is_area:
        return _by_code()[division.code]
    if division.level == "province":
        return None
    above = ("0000",) if division.level == "city" else (f"{division.code[2:4]}00", "0000")
    codes = (division.code[: 6 - len(rest)] + rest for rest in above)
    return next((_by_code()[code] for code in codes if code in _by_code()), None)


def within(division: Division) -> Iterator[Division]:
    """The division, what it lies in, and so on up to the province."""
    at: Division | None = division
    while at is not None:
        yield at
        at = parent(at)


def children(division: Division) -> tuple[Division, ...]:
    """Today's divisions directly below: 湘潭市 → 雨湖区, 岳塘区, 湘潭县, 湘乡市, 韶山市."""
    return _children().get(division, ())


@cache
def _children() -> Mapping[Division | None, tuple[Division, ...]]:
    found: defaultdict[Division | None, list[Division]] = defaultdict(list)
    for one in divisions().values():
        found[parent(one)].append(one)
    return {above: tuple(below) for above, below in found.items()}


@cache
def full_name(division: Division) -> str:
    """The name by which it cannot be mistaken for another: 雨湖区, but 长春市朝阳区."""
    namesakes = {one.code for one in named(division.name)}
    above = parent(division)
    return f"{above.name}{division.name}" if len(namesakes) > 1 and above else division.name


def named(name: str) -> tuple[Division, ...]:
    """All divisions of exactly that name, in full or short."""
    return _names().get(name[:2], {}).get(name, ())


def places_in(text: str) -> Iterator[Found]:
    """The places named in the text, the longest name where several begin, names in a row each on its own.

    "湖南省湘潭市教育局" → 湖南省, 湘潭市
    """
    names, at = _names(), 0
    while at < len(text) - 1:
        known = names.get(text[at : at + 2])
        name = next((n for n in known if text.startswith(n, at)), "") if known else ""
        if known and name:
            yield Found(at, at + len(name), known[name])
        at += len(name) or 1


@cache
def _all() -> tuple[Division, ...]:
    rows = (line.split() for line in words("divisions"))
    areas = (Division(code, name, is_area=True) for name, code in table("places")["areas"].items())
    return (*(Division(row[0], row[1], former=len(row) > 2) for row in rows), *areas)


@cache
def _by_code() -> Mapping[str, Division]:
    """The division of each code, today's where there is one."""
    return {**{one.code: one for one in _all() if one.former}, **divisions()}


@cache
def _names() -> Mapping[str, Mapping[str, tuple[Division, ...]]]:
    """Names by their first two characters, the longer ones first; today's divisions before former ones."""
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for one in sorted(_all(), key=lambda one: one.former):
        for name in {one.name, one.short, *_with_kind(one)}:
            found[name].append(one)
    grouped: defaultdict[str, dict[str, tuple[Division, ...]]] = defaultdict(dict)
    for name in sorted(found, key=len, reverse=True):
        if len(name) > 1:
            grouped[name[:2]][name] = tuple(found[name])
    return grouped


def _with_kind(division: Division) -> tuple[str, ...]:
    """湘西州 for 湘西土家族苗族自治州, 靖州县 for 靖州苗族侗族自治县."""
    autonomous = _AUTONOMOUS.fullmatch(division.name)
    return (autonomous["short"] + autonomous["kind"],) if autonomous and autonomous["kind"] != "区" else ()
