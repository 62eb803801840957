"""Names of groups of organs, and their members in a document: 各县市区人民政府, 有关部门, 园区管委会, 市教育局等五部门."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.lexicon import table
from kb.models import Document, Level
from kb.organizations.agencies import Form, forms
from kb.organizations.divisions import Division, children, divisions, full_name
from kb.organizations.jurisdiction import LEADING_LEVEL_WORD, LEVEL_WORDS, Jurisdiction
from kb.organizations.resolution import WIDE, Context, Organ, organ_at, resolve_mention
from kb.text import normalise
from kb.text.numerals import CHINESE_NUMERALS, number

_GROUPS = table("groups")
_EACH = re.compile(r"(?:全[国省市县区]|所有|本)?(?P<each>各?(?P<some>有关|相关)|各|(?P<count>\d+)个)?(?P<rest>.+)")
_DIVISIONS = [
    (re.compile(entry["pattern"]), tuple(entry["levels"]), re.compile(entry.get("ending", "")))
    for entry in _GROUPS["divisions"]
]
_DEPARTMENTS = re.compile("|".join(entry["pattern"] for entry in _GROUPS["departments"]))
_ALL_PARKS, _OWN_PARKS = (tuple(_GROUPS["parks"][key]) for key in ("all", "own"))
_PARKS = re.compile(rf"各?(?P<word>{'|'.join((*_ALL_PARKS, *_OWN_PARKS))})(?:{'|'.join(_GROUPS['parks']['tails'])})")
_AMONG_OTHERS = re.compile(
    rf"(?P<first>.+?)等(?P<count>[{CHINESE_NUMERALS}\d]+)(?:个|家)?(?:有关)?(?:部门|单位|部委|委办局)"
)
_AND = re.compile("[、，]|以及|和|及|与")
_SHARED = re.compile(r"(?:管委会|管理委员会|人民政府|政府)$")
_WORD_FOR_DEPARTMENT = re.compile(r"(?:行政)?(?:主管)?部门$")
_ENDINGS = ("局", "委员会", "办公室", "厅", "委", "办")
_EXCLUDED = set(table("places")["excluded"])
_KINDS: dict[Level, tuple[str, ...]] = {  # kinds of divisions of each level, in the order of a list: 县（市、区）
    "province": ("省", "区", "市"),
    "city": ("市", "州", "地区", "盟"),
    "county": ("县", "市", "区", "旗"),
}
_CITIES_AND_COUNTIES = "各市、县（市、区）"
_DEPARTMENTS_IN_GENERAL = "有关部门"  # the function of a group of departments
_BELOW: dict[Level, Level] = {"national": "province", "province": "city", "city": "county", "": "province"}


@dataclass(frozen=True, slots=True)
class Group:
    """Several organs under one name; ``members`` is empty when the document does not tell them."""

    name: str
    members: tuple[Organ, ...]
    function: str = ""
    level: Level = ""
    division: Division | None = None
    is_own: bool = True  # only this document tells the members


@dataclass(frozen=True, slots=True)
class Parties:
    """Issuers and addressees of a document."""

    issuers: tuple[Organ, ...] = ()
    addressees: tuple[Organ, ...] = ()


def parties_of(document: Document, context: Context) -> Parties:
    """Issuers and addressees of a document; the names in a list that share an ending are completed.

    "湘潭高新区、经开区和昭山示范区管委会" → 湘潭高新技术产业开发区管理委员会, 湘潭经济技术开发区管理委员会, 昭山示范区管理委员会
    """
    names = (name for addressee in document.addressees for name in _completed(addressee))
    return Parties(
        tuple(resolve_mention(issuer, context) for issuer in document.issuers),
        tuple(resolve_mention(name, context) for name in names),
    )


def group_of(mention: str, context: Context, parties: Parties) -> Group | None:
    """The group that the mention names, None when it names one organ.

    各县市区人民政府 in a plan of 湘潭市 → 雨湖区人民政府, 岳塘区人民政府, 湘潭县人民政府 …; 有关部门 → the departments among the addressees
    """
    name = "".join(normalise(mention).split())
    return (
        _by_division(name, context.jurisdiction)
        or _departments(name, context.jurisdiction, parties)
        or _parks(name, context.jurisdiction, parties)
        or _among_others(name, context, parties)
    )


def _by_division(name: str, jurisdiction: Jurisdiction) -> Group | None:
    """The same organ of all divisions below the jurisdiction: 各市教育局; also 县政府 in a document of the province."""
    match = _EACH.fullmatch(name)
    if match is None:
        return None
    for pattern, levels, ending in _DIVISIONS:
        which = pattern.match(match["rest"])
        organ = match["rest"][which.end() :] if which else ""
        form = _form(organ) if which else None
        of_levels = levels or (_BELOW.get(jurisdiction.level, "county"),)
        if form is None or not (match["each"] or _is_below(jurisdiction, of_levels, form, match["rest"])):
            continue
        inside = _divisions_inside(jurisdiction, of_levels)
        below = [division for division in inside if ending.search(division.name) and division.level in form.names]
        where = full_name(jurisdiction.division) if jurisdiction.division else ""
        is_some = match["some"] or (match["count"] and int(match["count"]) != len(below))
        level: Level = of_levels[0] if len(of_levels) == 1 else ""
        is_unlisted = jurisdiction.division is not None and not jurisdiction.division.code and level in form.names
        if is_some or not (below or is_unlisted):
            return Group(f"{where}{name}", (), form.agency.function, level, jurisdiction.division)
        if which and not below:  # nobody knows which divisions a place has that the table does not list
            name = f"{where}{_usual_name(which.group(), level)}{_behind_place(form, level) or organ}"
            return Group(name, (), form.agency.function, level, jurisdiction.division, is_own=False)
        members = tuple(organ_at(form, division.level, division) for division in below)
        name = f"{where}{_all_of(below)}{_behind_place(form, below[0].level) or organ}"
        return Group(name, members, form.agency.function, level, jurisdiction.division, is_own=False)
    return None


def _all_of(several: Sequence[Division]) -> str:
    """The common name of all these divisions: 雨湖区, 湘潭县, 湘乡市 → 各县（市、区）; 长沙市, 湘西州 → 各市（州）."""
    level = several[0].level
    if any(division.level != level for division in several):
        return _CITIES_AND_COUNTIES
    first, *others = [kind for kind in _KINDS[level] if any(division.name.endswith(kind) for division in several)]
    if first == "市" and level == "county":
        return f"各县级{first}"
    return f"各{first}（{'、'.join(others)}）" if others else f"各{first}"


def _usual_name(printed: str, level: Level) -> str:
    """One name for all divisions of a level, however it is printed: 县区, 县市区 → 各县（市、区）, 市州 → 各市（州）; 区 → 各区."""
    several = {"city": "各市（州）", "county": "各县（市、区）"}
    kinds = [kind for kind in _KINDS[level] if kind in printed]
    return f"各{kinds[0]}" if len(kinds) == 1 else several.get(level, f"各{printed}")


def _behind_place(form: Form, level: Level) -> str:
    """The official name without the place before it; "" when the place is not its beginning: 中共*委员会."""
    name = form.names[level]
    return name[1:] if name.startswith("*") and not set("*~=") & set(name[1:]) else ""


def _is_below(jurisdiction: Jurisdiction, levels: tuple[Level, ...], form: Form, name: str) -> bool:
    """Whether a government named without 各 is one of those below the jurisdiction: 县政府 in a plan of a province."""
    leading = LEADING_LEVEL_WORD.match(name)
    own = jurisdiction.at(LEVEL_WORDS[leading["level_word"]], leading["level_word"]) if leading else None
    is_government = form.agency.function in WIDE
    return jurisdiction.division is not None and own is None and is_government and jurisdiction.level not in levels


def _form(organ: str) -> Form | None:
    """The organ that each of the divisions has: the government for "", *教育局 for 教育局 and 教育部门."""
    if not organ:
        return forms()["*人民政府"][0]
    stem = _WORD_FOR_DEPARTMENT.sub("", organ)
    names = (organ,) if stem == organ else tuple(f"{stem}{ending}" for ending in _ENDINGS)
    return next((forms()[f"*{name}"][0] for name in names if f"*{name}" in forms()), None)


@lru_cache(maxsize=1000)
def _divisions_inside(jurisdiction: Jurisdiction, levels: tuple[Level, ...]) -> tuple[Division, ...]:
    """Today's divisions of these levels inside the jurisdiction; of the whole country only the provinces."""
    if jurisdiction.level == "national":
        provinces = [division for division in divisions().values() if division.level == "province"]
        return tuple(one for one in provinces if one.code not in _EXCLUDED) if "province" in levels else ()
    if jurisdiction.division is None or not jurisdiction.division.code:
        return ()
    inside = [each for child in children(jurisdiction.division) for each in (child, *children(child))]
    return tuple(division for division in inside if division.level in levels)


def _departments(name: str, jurisdiction: Jurisdiction, parties: Parties) -> Group | None:
    """Departments in general (有关部门): the agencies of the jurisdiction among the addressees."""
    if not _DEPARTMENTS.fullmatch(name):
        return None
    level, division = jurisdiction.level, jurisdiction.division
    members = [
        addressee
        for addressee in parties.addressees
        if addressee.agency and (addressee.level, addressee.division) == (level, division)
    ]
    return Group(name, tuple(members), _DEPARTMENTS_IN_GENERAL, level, division)


def _parks(name: str, jurisdiction: Jurisdiction, parties: Parties) -> Group | None:
    """The administrative committees of parks (园区管委会) among the addressees."""
    parks = _PARKS.fullmatch(name)
    if parks is None:
        return None
    committees = [addressee for addressee in parties.addressees if "区管理委员会" in addressee.name]
    words = (parks["word"],) if parks["word"] in _OWN_PARKS else _OWN_PARKS
    of_words = [committee for committee in committees if any(f"{word}管" in committee.name for word in words)]
    # 园区 means all parks but those that documents name by a word of their own, as 示范区.
    members = of_words if words != _OWN_PARKS else [committee for committee in committees if committee not in of_words]
    return Group(name, tuple(members), parks["word"], jurisdiction.level, jurisdiction.division)


def _among_others(name: str, context: Context, parties: Parties) -> Group | None:
    """市教育局等五部门: the issuers when they are five and include 市教育局, otherwise only the organs that are named."""
    match = _AMONG_OTHERS.fullmatch(name)
    if match is None:
        return None
    named = tuple(resolve_mention(mention, context) for mention in _AND.split(match["first"]) if mention)
    is_all = len(parties.issuers) == number(match["count"]) and set(named) <= set(parties.issuers)
    members = parties.issuers if is_all else named
    return Group(name, members, _DEPARTMENTS_IN_GENERAL, context.jurisdiction.level, context.jurisdiction.division)


def _completed(addressee: str) -> Iterator[str]:
    """The names in one addressee, each with the ending that they share: 高新区、经开区管委会 → 高新区管委会, 经开区管委会."""
    pieces = [piece for piece in _AND.split("".join(normalise(addressee).split())) if piece]
    ending = _SHARED.search(pieces[-1]) if pieces else None
    for piece in pieces:
        yield piece if ending is None or _SHARED.search(piece) else piece + ending.group()
