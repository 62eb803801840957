"""Names for several organs at once, and who belongs to them in a document: 各县市区人民政府, 有关部门, 园区管委会, 市教育局等五部门."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.lexicon import table
from kb.models import Document, Level
from kb.organizations.agencies import Form, forms
from kb.organizations.divisions import Division, children, divisions, full_name
from kb.organizations.places import MARKS, RELATIVE, Place
from kb.organizations.resolution import WIDE, Context, Reading, organ, read
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
_APART = set(table("places")["apart"])
_KINDS: dict[Level, tuple[str, ...]] = {  # the kinds of divisions of each level, as they are named in a row
    "province": ("省", "区", "市"),
    "city": ("市", "州", "地区", "盟"),
    "county": ("县", "市", "区", "旗"),
}
_CITIES_AND_COUNTIES = "各市、县（市、区）"
_SOME = "有关部门"  # the function of a group of departments
_BELOW: dict[Level, Level] = {"national": "province", "province": "city", "city": "county", "": "province"}


@dataclass(frozen=True, slots=True)
class Group:
    """Several organs under one name; ``members`` is empty when the document does not tell who they are."""

    name: str
    members: tuple[Reading, ...]
    function: str = ""
    level: Level = ""
    division: Division | None = None
    is_own: bool = True  # who is meant, only this document says


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom a document itself names: who issued it, and whom it is addressed to."""

    issuers: tuple[Reading, ...] = ()
    addressed: tuple[Reading, ...] = ()


def circle(document: Document, context: Context) -> Circle:
    """Issuers and addressees of a document; lists that share a tail are completed.

    "湘潭高新区、经开区和昭山示范区管委会" → 湘潭高新技术产业开发区管理委员会, 湘潭经济技术开发区管理委员会, 昭山示范区管理委员会
    """
    names = (name for addressee in document.addressees for name in _completed(addressee))
    return Circle(
        tuple(read(issuer, context) for issuer in document.issuers), tuple(read(name, context) for name in names)
    )


def group(mention: str, context: Context, around: Circle) -> Group | None:
    """The group that the mention names, None for the name of one organ.

    各县市区人民政府 in a plan of 湘潭市 → 雨湖区人民政府, 岳塘区人民政府, 湘潭县人民政府 …; 有关部门 → nobody in particular
    """
    name = "".join(normalise(mention).split())
    return (
        _by_division(name, context.place)
        or _departments(name, context.place, around)
        or _parks(name, context.place, around)
        or _among_others(name, context, around)
    )


def _by_division(name: str, place: Place) -> Group | None:
    """The same organ of all divisions below the document's place: 各市教育局; 县政府 too, in a document of the province."""
    each = _EACH.fullmatch(name)
    if each is None:
        return None
    for pattern, levels, ending in _DIVISIONS:
        which = pattern.match(each["rest"])
        body = each["rest"][which.end() :] if which else ""
        form = _form(body) if which else None
        at = levels or (_BELOW.get(place.level, "county"),)
        if form is None or not (each["each"] or _is_below(place, at, form, each["rest"])):
            continue
        below = [one for one in _below(place, at) if ending.search(one.name) and one.level in form.names]
        where = full_name(place.division) if place.division else ""
        is_some = each["some"] or (each["count"] and int(each["count"]) != len(below))
        level: Level = at[0] if len(at) == 1 else ""
        if is_some or not below:
            return Group(f"{where}{name}", (), form.agency.function, level, place.division)
        members = tuple(organ(form, one.level, one) for one in below)
        name = f"{where}{_all_of(below)}{_tail(form, below[0].level) or body}"
        return Group(name, members, form.agency.function, level, place.division, is_own=False)
    return None


def _all_of(several: Sequence[Division]) -> str:
    """One way to write all of these divisions: 雨湖区, 湘潭县, 湘乡市 → 各县（市、区）; 长沙市, 湘西州 → 各市（州）."""
    if len({one.level for one in several}) > 1:
        return _CITIES_AND_COUNTIES
    first, *others = [kind for kind in _KINDS[several[0].level] if any(one.name.endswith(kind) for one in several)]
    if first == "市" and several[0].level == "county":
        return f"各县级{first}"
    return f"各{first}（{'、'.join(others)}）" if others else f"各{first}"


def _tail(form: Form, level: Level) -> str:
    """What the official name says behind the place; "" when it says something before it: 中共*委员会."""
    name = form.names[level]
    return name[1:] if name.startswith("*") and not set("*~=") & set(name[1:]) else ""


def _is_below(place: Place, levels: tuple[Level, ...], form: Form, name: str) -> bool:
    """Whether a government named without 各 is none of the document's own: 县政府 in a plan of a province."""
    mark = RELATIVE.match(name)
    own = place.at(MARKS[mark["mark"]], mark["mark"]) if mark else None
    return place.division is not None and own is None and form.agency.function in WIDE and place.level not in levels


def _form(body: str) -> Form | None:
    """What each of the divisions has: the government when nothing is said, 教育局 for 教育局 and 教育部门."""
    if not body:
        return forms()["*人民政府"][0]
    stem = _WORD_FOR_DEPARTMENT.sub("", body)
    bodies = (body,) if stem == body else tuple(f"{stem}{ending}" for ending in _ENDINGS)
    return next((forms()[f"*{one}"][0] for one in bodies if f"*{one}" in forms()), None)


@lru_cache(maxsize=1000)
def _below(place: Place, levels: tuple[Level, ...]) -> tuple[Division, ...]:
    """Today's divisions of these levels inside the place; of the whole country only the provinces."""
    if place.level == "national":
        return tuple(
            one for one in divisions().values() if one.level == "province" in levels and one.code not in _APART
        )
    if place.division is None or not place.division.code:
        return ()
    inside = [each for one in children(place.division) for each in (one, *children(one))]
    return tuple(one for one in inside if one.level in levels)


def _departments(name: str, place: Place, around: Circle) -> Group | None:
    """Departments in general; those that the document is addressed to, if it names any."""
    if not _DEPARTMENTS.fullmatch(name):
        return None
    members = [
        one for one in around.addressed if one.agency and (one.level, one.division) == (place.level, place.division)
    ]
    return Group(name, tuple(members), _SOME, place.level, place.division)


def _parks(name: str, place: Place, around: Circle) -> Group | None:
    """The committees of parks that the document is addressed to."""
    parks = _PARKS.fullmatch(name)
    if parks is None:
        return None
    committees = [one for one in around.addressed if "区管理委员会" in one.name]
    words = (parks["word"],) if parks["word"] in _OWN_PARKS else _OWN_PARKS
    called = [one for one in committees if any(f"{word}管" in one.name for word in words)]
    members = called if words != _OWN_PARKS else [one for one in committees if one not in called]
    return Group(name, tuple(members), parks["word"], place.level, place.division)


def _among_others(name: str, context: Context, around: Circle) -> Group | None:
    """市教育局等五部门: the issuers when they are as many and the named are among them, otherwise only who is named."""
    several = _AMONG_OTHERS.fullmatch(name)
    if several is None:
        return None
    named = tuple(read(one, context) for one in _AND.split(several["first"]) if one)
    is_all = len(around.issuers) == number(several["count"]) and set(named) <= set(around.issuers)
    return Group(name, around.issuers if is_all else named, _SOME, context.place.level, context.place.division)


def _completed(addressee: str) -> Iterator[str]:
    pieces = [piece for piece in _AND.split("".join(normalise(addressee).split())) if piece]
    tail = _SHARED.search(pieces[-1]) if pieces else None
    for piece in pieces:
        yield piece if tail is None or _SHARED.search(piece) else piece + tail.group()
