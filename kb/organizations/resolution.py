"""One mention of a unit, read in the place of its document: which organ of which place it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from kb.models import Level
from kb.organizations.agencies import Agency, Form, forms, kind_of
from kb.organizations.divisions import Division, Found, full_name, places_in, within
from kb.organizations.places import MARK, MARKS, RELATIVE, Place
from kb.text import normalise

# 各市政府, 有关部门: several organs under one name.
SEVERAL = re.compile(r"各|有关|相关|其他|其它|所属|(?:部门|单位)$")
# An office inside an organ: 省公安厅交警总队, 教育部办公厅.
_OFFICE = re.compile(r"[\u4e00-\u9fff]{2,14}(?:处|科|室|司|局|队|中心|院|所|站|办|厅|部)")
# An office that the issuer names without itself: 就业促进处, 信息中心.
_INSIDE = re.compile(
    r"(?!中国|国家|全国|国铁|中铁|国网|铁路|民航|海关|海事|电网)[^省市县区州或所本该]{2,12}(?:(?<!秘书)处|科|室|司|中心|局)"
)
# 市民政部门, 国务院科学技术行政部门
_DEPARTMENT = re.compile(
    r"(?!.*(?:各|有关|相关|其他|以上|所|级|、|和))(?P<centre>国务院)?(?P<task>.+?)(?:行政)?(?:主管)?部门"
)
_LOCAL_ENDINGS = ("局", "厅", "委员会", "办公室")
_CENTRAL_ENDINGS = ("部", "委员会", "总局", "局")
# 省政府外办 is 省外办, 国务院国资委 is found as such.
_OF_GOVERNMENT = re.compile(r"(?<=^\*)(?:人民)?政府")
_PLACE_ALONE, _GOVERNMENT = "*", "*人民政府"  # 越秀区 in a list of bodies is its government
_SHORTEST_ORGAN = 3
_ISSUER_ITSELF = re.compile("[我本](?:厅|局|委|部|署|院|办|会|行)")
_ABOVE_OR_BELOW = re.compile(rf"(?P<mark>{MARK.pattern})(?:厅|局)")
_ORGAN_ITSELF = "厅局委部"  # 厅就业促进处, in a document of the 厅
_NO_OFFICES = {"人民政府", "党的委员会", "党的委员会和人民政府"}  # what follows their names is an organ of its own
WIDE = _NO_OFFICES | {"人民政府办公室"}  # who speaks for all departments


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mention means: an official name, and what is known of the organ behind it."""

    name: str
    function: str = ""
    level: Level = ""
    division: Division | None = None
    agency: Agency | None = None
    is_known_place: bool = True  # False: 市教育局 of a city that the document does not tell
    others: tuple[str, ...] = ()  # official names that the mention could stand for as well


@dataclass(frozen=True, slots=True)
class _Place:
    """A place as a mention names it, with the mention around it."""

    form: str  # the mention with a star in its stead
    printed: str
    level: Level
    division: Division | None


@dataclass(frozen=True, slots=True)
class Context:
    """The place that a document speaks for, and the department that issued it alone, if one did."""

    place: Place
    issuer: Reading | None = None


@lru_cache(maxsize=200_000)
def read(mention: str, context: Context) -> Reading:
    """The organ that the mention names in a document of that place.

    ("市人社局", 湘潭市) → 湘潭市人力资源和社会保障局; ("省教育厅", 湘潭市) → 湖南省教育厅;
    ("发展改革委", national) → 国家发展和改革委员会; ("湘潭大学", …) → 湘潭大学
    """
    name = re.sub(r"\s", "", normalise(mention))
    if meant := _by_the_issuer(name, context):
        return meant
    if SEVERAL.search(name):
        return _by_its_task(name, context.place) or _unknown(name, context)
    return _known(name, context.place) or _office(name, context.place) or _unknown(name, context)


def _by_the_issuer(name: str, context: Context) -> Reading | None:
    """The department that issued the document, or the one above or below it: 我厅, 本局; 省厅, 市局 are of its own function."""
    if _ISSUER_ITSELF.fullmatch(name):
        return context.issuer
    if not (relative := _ABOVE_OR_BELOW.fullmatch(name)):
        return None
    mark, issuer = relative["mark"], context.issuer
    there = context.place.at(MARKS[mark], mark)
    if issuer is None or issuer.agency is None or there is None or there.level not in issuer.agency.names:
        return Reading(name, level=MARKS[mark], is_known_place=False)
    return organ(Form(issuer.agency, issuer.agency.names), there.level, there)


def organ(form: Form, level: Level, division: Division | None) -> Reading:
    """The organ of that place, by its official name."""
    place = full_name(division) if division else ""
    short = division.short if division else ""
    name = _written(form.names[level], (place, short, place))
    return Reading(name, form.agency.function, level, division, form.agency)


def _known(name: str, place: Place) -> Reading | None:
    """The agency whose form the whole name is, of the place that the name tells, of the document's own place, or of the centre.

    A bare name that the centre's organ and a local one share (发展改革委) is local in a local document, unless the local one is an
    office of the centre (人民银行).
    """
    if named := _first(_places(name, place)):
        return named
    bare = _first([_Place(f"*{name}", "", place.level, place.at(place.level, "市"))])
    if name not in forms():
        return bare
    central = forms()[name][0]
    if bare and bare.agency is central.agency and central.names[bare.level].startswith("*"):
        return bare
    return Reading(central.names["national"], central.agency.function, "national", None, central.agency)


def _first(places: Iterable[_Place]) -> Reading | None:
    """The agency of the first place without which the name is one of its forms."""
    for named in places:
        form = named.form
        if form == _PLACE_ALONE and named.printed not in MARKS:
            form = _GOVERNMENT
        elif form not in forms():
            form = _OF_GOVERNMENT.sub("", form)
        if named.level not in {"province", "city", "county"} or form not in forms():
            continue
        several = [
            one
            for one in _ranked(forms()[form], named)
            if (named.printed or not one.agency.needs_place)
            and not (one.agency.is_party and _OF_GOVERNMENT.search(named.form))
        ]
        readings = [_placed(each, named) for each in several if named.level in each.names]
        if readings:
            others = dict.fromkeys(one.name for one in readings if one.name != readings[0].name)
            return replace(readings[0], others=tuple(others))
    return None


def _ranked(several: tuple[Form, ...], named: _Place) -> list[Form]:
    """Forms in the order of likelihood: with a short name of a place (山东金融监管局) go offices that are named so."""
    is_short = named.division is not None and named.printed == named.division.short != named.division.name
    return sorted(several, key=lambda form: ("~" in form.names.get(named.level, "")) != is_short)


def _placed(form: Form, named: _Place) -> Reading:
    """The official name at the place; the mark itself stays where the place is not known."""
    full = full_name(named.division) if named.division else named.printed
    short = named.division.short if named.division else named.printed
    printed = full if named.printed in MARKS or not named.printed else named.printed
    name = _written(form.names[named.level], (full, short, printed))
    return Reading(name, form.agency.function, named.level, named.division, form.agency, named.division is not None)


def _written(template: str, ways: tuple[str, str, str]) -> str:
    """The template with the place in full, short, and as printed."""
    for sign, way in zip("*~=", ways, strict=True):
        template = template.replace(sign, way)
    return template


def _places(name: str, place: Place) -> Iterator[_Place]:
    """Every way to take a place out of the name: one that is named, or one that a mark of its level stands for."""
    own = place.division
    if own and not own.code and own.name in name:  # a place that only the document knows
        yield _Place(name.replace(own.name, "*", 1), own.name, own.level, own)
    found = list(places_in(name))
    for first in range(len(found)):
        last = first
        while last + 1 < len(found) and found[last + 1].start == found[last].end:
            last += 1
        start, end = found[first].start, found[last].end
        division = _meant(found[last], found[first:last], place)
        yield _Place(f"{name[:start]}*{name[end:]}", name[found[last].start : end], division.level, division)
    for relative in MARK.finditer(name):
        mark = relative.group()
        level = MARKS[mark]
        division_there = place.at(level, mark)
        at_level = division_there.level if division_there else level
        yield _Place(f"{name[: relative.start()]}*{name[relative.end() :]}", mark, at_level, division_there)
        if relative.start() == 0 and name.count(mark) > 1:
            yield _Place(name.replace(mark, "*"), mark, at_level, division_there)


def _meant(found: Found, before: list[Found], place: Place) -> Division:
    """Of namesakes the one that lies in the places named before it, or where the document is; else the first, today's before former."""
    above = {one.code for each in before for one in each.divisions}
    here = {one.code for one in within(place.division)} if place.division else set()
    ranked = sorted(
        found.divisions,
        key=lambda one: (
            -sum(each.code in above for each in within(one)),
            -sum(each.code in here for each in within(one)),
            one.former,
        ),
    )
    return ranked[0]


def _office(name: str, place: Place) -> Reading | None:
    """An office inside a known organ, under the organ's official name: 省公安厅交警总队 → 湖南省公安厅交警总队."""
    for end in range(len(name) - 2, _SHORTEST_ORGAN - 1, -1):
        if not _OFFICE.fullmatch(name, end):
            continue
        inside = _known(name[:end], place)
        if inside is not None and inside.function not in _NO_OFFICES:
            return replace(inside, name=inside.name + name[end:], agency=None)
    return None


def _by_its_task(name: str, place: Place) -> Reading | None:
    """The department that a place has for a task: 市民政部门 → 湘潭市民政局, 国务院科学技术行政部门 → 科学技术部."""
    task = _DEPARTMENT.fullmatch(name)
    if task is None or not task["task"]:
        return None
    if task["centre"]:
        form = next(
            (forms()[one][0] for one in (f"{task['task']}{e}" for e in _CENTRAL_ENDINGS) if one in forms()), None
        )
        return organ(form, "national", None) if form and "national" in form.names else None
    readings = (_first(_places(f"{task['task']}{ending}", place)) for ending in _LOCAL_ENDINGS)
    return next(filter(None, readings), None)


def _is_inside(name: str) -> bool:
    """Whether a bare name may be an office of who issued the document: it names no place and no organ of its own."""
    if _INSIDE.fullmatch(name) is None or next(places_in(name), None) is not None:
        return False
    return not any(name[at:] in forms() for at in range(len(name) - 1))


def _unknown(name: str, context: Context) -> Reading:
    """What no form fits: with the name of its place where it says only the level, otherwise as it is."""
    place = context.place
    kind = kind_of(name)
    full = kind.written_out(name)
    found = next(places_in(name), None)
    if found is not None and found.start == 0:
        division = _meant(found, [], place)
        is_of_place = kind.is_local or name[: found.end] == division.name
        return Reading(full, kind.name, division.level, division) if is_of_place else Reading(full, kind.name)
    if relative := RELATIVE.match(name):
        mark = relative["mark"]
        there = place.at(MARKS[mark], mark)
        if there is None:
            return Reading(full, kind.name, MARKS[mark], is_known_place=False)
        return Reading(full_name(there) + full[relative.end() :], kind.name, there.level, there)
    if context.issuer is not None and not kind.name and _is_inside(name) and not SEVERAL.search(name):
        inside = name[1:] if name[0] in _ORGAN_ITSELF else name
        return replace(context.issuer, name=context.issuer.name + inside, agency=None)
    return Reading(full, kind.name)
