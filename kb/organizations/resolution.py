"""Resolution of one mention of a unit, in the jurisdiction of its document, to an organ: 市人社局 → 湘潭市人力资源和社会保障局."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from kb.models import Level
from kb.organizations.agencies import Agency, Form, body_kind, forms
from kb.organizations.divisions import Division, PlaceName, full_name, lineage, places_in
from kb.organizations.jurisdiction import LEADING_LEVEL_WORD, LEVEL_WORD, LEVEL_WORDS, Jurisdiction, unlisted_place
from kb.text import normalise
from kb.units.offices import is_short, organ_of

# A name for several organs: 各市政府, 有关部门.
SEVERAL_ORGANS = re.compile(r"各|有关|相关|其他|其它|所属|(?:部门|单位)$")
# An office inside an organ: 省公安厅交警总队, 教育部办公厅.
_OFFICE = re.compile(r"[\u4e00-\u9fff]{2,14}(?:处|科|室|司|局|队|中心|院|所|站|办|厅|部)")
# An office of the issuer, named without the issuer: 就业促进处, 信息中心.
_OFFICE_OF_ISSUER = re.compile(
    r"(?!中国|国家|全国|国铁|中铁|国网|铁路|民航|海关|海事|电网)[^省市县区州或所本该]{2,12}(?:(?<!秘书)处|科|室|司|中心|局)"
)
# A department named by its task: 市民政部门, 国务院科学技术行政部门.
_DEPARTMENT = re.compile(
    r"(?!.*(?:各|有关|相关|其他|以上|所|级|、|和))(?P<centre>国务院)?(?P<task>.+?)(?:行政)?(?:主管)?部门"
)
_LOCAL_ENDINGS = ("局", "厅", "委员会", "办公室")
_CENTRAL_ENDINGS = ("部", "委员会", "总局", "局")
# What a form may leave out: 省政府外办 is 省外办; but 国务院国资委 is a form of its own.
_OF_GOVERNMENT = re.compile(r"(?<=^\*)(?:人民)?政府")
_PLACE_ALONE, _GOVERNMENT = "*", "*人民政府"  # 越秀区 in a list of units is its government
_SHORTEST_ORGAN = 3
_ISSUER_ITSELF = re.compile("[我本](?:厅|局|委|部|署|院|办|会|行)")
_OWN_OFFICE = re.compile("(?:机关)?办公室")
_ABOVE_OR_BELOW = re.compile(rf"(?P<level_word>{LEVEL_WORD.pattern})(?:厅|局)")
_ORGAN_ITSELF = re.compile("^[厅局委部](?=[^、]*(?:中心|局)$)")  # the 厅 in 厅信息中心, in a document of the 厅
_HEADQUARTERS = re.compile("^机关(?=办公[室厅]$)")  # 厅机关办公室 is 厅办公室
_WHOLE_ENDING = {"委": "委员会"}  # of the official name of an organ that is called by its kind alone
_NO_OFFICES = {"人民政府", "党的委员会", "党的委员会和人民政府"}  # what stands behind these names is an organ itself
WIDE = _NO_OFFICES | {"人民政府办公室"}  # functions of organs that issue documents for all departments


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ that a mention resolves to: its official name, and what is known of it."""

    name: str
    function: str = ""
    level: Level = ""
    division: Division | None = None
    agency: Agency | None = None
    is_known_place: bool = True  # False for 市教育局 in a document that does not tell the city
    alternatives: tuple[str, ...] = ()  # other official names that the mention could stand for


@dataclass(frozen=True, slots=True)
class _Split:
    """One way to split a mention into the place that it names and the rest, its form."""

    form: str  # the mention with a star for the place: *人社局
    printed: str  # the place as printed: 湘潭, 市; "" where the mention names none
    level: Level
    division: Division | None


@dataclass(frozen=True, slots=True)
class Context:
    """What a document tells of the names in it: its jurisdiction, and its issuer if that is one department."""

    jurisdiction: Jurisdiction
    issuer: Organ | None = None


@lru_cache(maxsize=200_000)
def resolve_mention(mention: str, context: Context) -> Organ:
    """The organ that the mention names in that context.

    ("市人社局", 湘潭市) → 湘潭市人力资源和社会保障局; ("省教育厅", 湘潭市) → 湖南省教育厅;
    ("发展改革委", national) → 国家发展和改革委员会; ("湘潭大学", …) → 湘潭大学
    """
    name = re.sub(r"\s", "", normalise(mention))
    jurisdiction = context.jurisdiction
    if organ := _by_issuer(name, context):
        return organ
    if SEVERAL_ORGANS.search(name):
        return _by_task(name, jurisdiction) or _unlisted(name, context)
    return _listed(name, jurisdiction) or _office(name, jurisdiction) or _unlisted(name, context)


def _by_issuer(name: str, context: Context) -> Organ | None:
    """The department that issued the document (我厅, 本局), or that of the same function at another level (省厅, 市局)."""
    if _ISSUER_ITSELF.fullmatch(name):
        return context.issuer
    if _OWN_OFFICE.fullmatch(name):
        issuer = context.issuer
        return replace(issuer, name=f"{issuer.name}办公室", agency=None) if issuer else Organ(name)
    if not (match := _ABOVE_OR_BELOW.fullmatch(name)):
        return _office_of_issuer(name, context)
    level_word, issuer = match["level_word"], context.issuer
    division = context.jurisdiction.at(LEVEL_WORDS[level_word], level_word)
    if issuer is None or issuer.agency is None or division is None or division.level not in issuer.agency.names:
        return Organ(name, level=LEVEL_WORDS[level_word], is_known_place=False)
    return organ_at(Form(issuer.agency, issuer.agency.names), division.level, division)


def _office_of_issuer(name: str, context: Context) -> Organ | None:
    """An office in the issuer or in the organ of the same function at another level, called by its kind: 厅法规处, 省厅办公室, 我局人事科."""
    organ = organ_of(name)
    if not is_short(organ) or context.issuer is None or SEVERAL_ORGANS.search(name):
        return None
    whole: Organ | None = context.issuer
    if _ABOVE_OR_BELOW.fullmatch(organ):
        whole = _by_issuer(organ, context)
    elif not context.issuer.name.endswith((kind := organ.lstrip("我本"), _WHOLE_ENDING.get(kind, kind))):
        return Organ(name)  # a 厅 in a document of a 局 is another's
    return (
        replace(whole, name=whole.name + _HEADQUARTERS.sub("", name.removeprefix(organ)), agency=None)
        if whole
        else None
    )


def organ_at(form: Form, level: Level, division: Division | None) -> Organ:
    """The organ of that agency at the level and in the division, by its official name."""
    place = full_name(division) if division else ""
    short = division.short if division else ""
    name = _filled(form.names[level], (place, short, place))
    return Organ(name, form.agency.function, level, division, form.agency)


def _listed(name: str, jurisdiction: Jurisdiction) -> Organ | None:
    """The organ whose written form the whole name is: of the place in the name, else of the jurisdiction or the central government.

    A name without a place that a local and a central organ share (发展改革委) is the local one in a local document, unless the local
    one is a branch of the central one (人民银行).
    """
    if organ := _first(_splits(name, jurisdiction)):
        return organ
    level = jurisdiction.level
    local = _first([_Split(f"*{name}", "", level, jurisdiction.at(level, "市"))])
    if name not in forms():
        return local
    central = forms()[name][0]
    if local and local.agency is central.agency and central.names[local.level].startswith("*"):
        return local
    return Organ(central.names["national"], central.agency.function, "national", None, central.agency)


def _first(splits: Iterable[_Split]) -> Organ | None:
    """The organ of the first split whose form is a written form of an agency."""
    for split in splits:
        form = split.form
        if form == _PLACE_ALONE and split.printed not in LEVEL_WORDS:
            form = _GOVERNMENT
        elif form not in forms():
            form = _OF_GOVERNMENT.sub("", form)
        if split.level not in {"province", "city", "county"} or form not in forms():
            continue
        organs = [
            _placed(ranked, split)
            for ranked in _ranked(forms()[form], split)
            if (split.printed or not ranked.agency.needs_place)
            and not (ranked.agency.is_party and _OF_GOVERNMENT.search(split.form))
            and split.level in ranked.names
        ]
        if organs:
            alternatives = dict.fromkeys(organ.name for organ in organs if organ.name != organs[0].name)
            return replace(organs[0], alternatives=tuple(alternatives))
    return None


def _ranked(candidates: tuple[Form, ...], split: _Split) -> list[Form]:
    """Forms, the likeliest first: behind a short name of a place (山东金融监管局) those whose official name has a short one too."""
    is_short = split.division is not None and split.printed == split.division.short != split.division.name
    return sorted(candidates, key=lambda form: ("~" in form.names.get(split.level, "")) != is_short)


def _placed(form: Form, split: _Split) -> Organ:
    """The organ at the place of the split; a level word stays in its name where the place is not known."""
    full = full_name(split.division) if split.division else split.printed
    short = split.division.short if split.division else split.printed
    printed = full if split.printed in LEVEL_WORDS or not split.printed else split.printed
    name = _filled(form.names[split.level], (full, short, printed))
    return Organ(name, form.agency.function, split.level, split.division, form.agency, split.division is not None)


def _filled(template: str, place: tuple[str, str, str]) -> str:
    """The template of an official name with the place in full for *, short for ~, and as printed for =."""
    for sign, text in zip("*~=", place, strict=True):
        template = template.replace(sign, text)
    return template


def _splits(name: str, jurisdiction: Jurisdiction) -> Iterator[_Split]:
    """Every way to take a place out of the name: a place that it names, or one that a level word stands for."""
    own = jurisdiction.division
    if own and not own.code:  # a place that the table does not list
        printed = next((each for each in (own.name, own.name[:-1]) if len(each) > 1 and each in name), "")
        if printed:
            yield _Split(name.replace(printed, "*", 1), printed, own.level, own)
    if unlisted := unlisted_place(name):
        division, end = unlisted
        yield _Split("*" + name[end:], name[:end], division.level, division)
    places = list(places_in(name))
    for first in range(len(places)):
        last = first
        while last + 1 < len(places) and places[last + 1].start == places[last].end:
            last += 1
        start, end = places[first].start, places[last].end
        division = _division_of(places[last], places[first:last], jurisdiction)
        yield _Split(f"{name[:start]}*{name[end:]}", name[places[last].start : end], division.level, division)
    for match in LEVEL_WORD.finditer(name):
        level_word = match.group()
        meant = jurisdiction.at(LEVEL_WORDS[level_word], level_word)
        level = meant.level if meant else LEVEL_WORDS[level_word]
        yield _Split(f"{name[: match.start()]}*{name[match.end() :]}", level_word, level, meant)
        if match.start() == 0 and name.count(level_word) > 1:
            yield _Split(name.replace(level_word, "*"), level_word, level, meant)


def _division_of(place: PlaceName, before: list[PlaceName], jurisdiction: Jurisdiction) -> Division:
    """The division that a place name means, of several of that name.

    It is the one that lies in the places named before it, else the one nearest to the jurisdiction, else one of today.
    """
    above = {division.code for each in before for division in each.divisions}
    own = {division.code for division in lineage(jurisdiction.division)} if jurisdiction.division else set()
    ranked = sorted(
        place.divisions,
        key=lambda division: (
            -sum(each.code in above for each in lineage(division)),
            -sum(each.code in own for each in lineage(division)),
            division.former,
        ),
    )
    return ranked[0]


def _office(name: str, jurisdiction: Jurisdiction) -> Organ | None:
    """An office inside a listed organ, named behind the organ's official name: 省公安厅交警总队 → 湖南省公安厅交警总队."""
    for end in range(len(name) - 2, _SHORTEST_ORGAN - 1, -1):
        if not _OFFICE.fullmatch(name, end):
            continue
        organ = _listed(name[:end], jurisdiction)
        if organ is not None and organ.function not in _NO_OFFICES:
            return replace(organ, name=organ.name + name[end:], agency=None)
    return None


def _by_task(name: str, jurisdiction: Jurisdiction) -> Organ | None:
    """The department of a place for a task: 市民政部门 → 湘潭市民政局, 国务院科学技术行政部门 → 科学技术部."""
    task = _DEPARTMENT.fullmatch(name)
    if task is None or not task["task"]:
        return None
    if task["centre"]:
        names = (f"{task['task']}{ending}" for ending in _CENTRAL_ENDINGS)
        form = next((forms()[central][0] for central in names if central in forms()), None)
        return organ_at(form, "national", None) if form and "national" in form.names else None
    organs = (_first(_splits(f"{task['task']}{ending}", jurisdiction)) for ending in _LOCAL_ENDINGS)
    return next(filter(None, organs), None)


def _may_be_office_of_issuer(name: str) -> bool:
    """Whether the name may be an office of the issuer: it names no place, and does not end with the name of a listed organ."""
    if _OFFICE_OF_ISSUER.fullmatch(name) is None or next(places_in(name), None) is not None:
        return False
    return not any(name[start:] in forms() for start in range(len(name) - 1))


def _unlisted(name: str, context: Context) -> Organ:
    """An organ that no agency has: its place replaces a leading level word, the issuer stands before its own office."""
    kind = body_kind(name)
    full = kind.written_out(name)
    place = next(places_in(name), None)
    if place is not None and place.start == 0:
        division = _division_of(place, [], context.jurisdiction)
        is_of_place = kind.is_local or name[: place.end] == division.name
        return Organ(full, kind.name, division.level, division) if is_of_place else Organ(full, kind.name)
    if leading := LEADING_LEVEL_WORD.match(name):
        level_word = leading["level_word"]
        meant = context.jurisdiction.at(LEVEL_WORDS[level_word], level_word)
        if meant is None:
            return Organ(full, kind.name, LEVEL_WORDS[level_word], is_known_place=False)
        return Organ(full_name(meant) + full[leading.end() :], kind.name, meant.level, meant)
    is_office = context.issuer is not None and not kind.name and _may_be_office_of_issuer(name)
    if context.issuer is not None and is_office and not SEVERAL_ORGANS.search(name):
        office = _ORGAN_ITSELF.sub("", name, count=1)
        return replace(context.issuer, name=context.issuer.name + office, agency=None)
    return Organ(full, kind.name)
