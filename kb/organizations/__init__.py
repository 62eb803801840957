"""Mention of a unit → organisation: official name, level and jurisdiction, read in the document's own place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

from kb.models import Level, Organization, ParsedDocument
from kb.organizations.agencies import Form, agencies
from kb.organizations.divisions import full_name
from kb.organizations.groups import Circle, Group, circle, group
from kb.organizations.names import initials_of, names_of, spelled, spellings_of
from kb.organizations.places import Place, place_of
from kb.organizations.resolution import (
    SEVERAL,
    WIDE,
    Context,
    Reading,
    organ,
    read,
)
from kb.organizations.review import Review, Reviewed, read_review, review_hash
from kb.organizations.short_names import short_names

__all__ = [
    "Review",
    "initials_of",
    "level_of",
    "merged",
    "names_of",
    "official_name",
    "read_review",
    "resolve",
    "review_hash",
    "spelled",
    "spellings_of",
]

NOTHING_SAID = Review()
_ANYWHERE = Context(Place())
_OF_DOCUMENT = "@"  # between the name of a unit that only its document can tell, and the document's id

# What is nobody's own name: 信息中心, 县政府.
_BARE = re.compile(
    r"(?!中国|国家|全国)(?:.{0,6}(?:处|科|中心|办公室|局|委|办|部|政府|机构|机关|企业|高校|学校|医院|公司|地方|地区)"
    r"|.{0,12}(?:领导小组|小组|专班|指挥部|组委会|执委会|委员会|联席会议|工作组|秘书处)(?:办公室)?)"
)


def resolve(parsed: ParsedDocument, review: Review = NOTHING_SAID) -> tuple[ParsedDocument, tuple[Organization, ...]]:
    """The document with every responsibility's ``organization_id``, and the organisations that it names.

    市教育局 in a plan of 湘潭市人民政府办公室 → 湘潭市教育局; 各县市区人民政府 → a group with its members, which are there too;
    a name whose place is unknown stays what it is, unless the review knows better
    """
    context = _context(parsed)
    around = circle(parsed.document, context)
    ids: dict[str, str] = {}
    met: dict[str, Organization] = {}
    declared = short_names(parsed.document.text)
    for unit in dict.fromkeys(one.unit for one in parsed.responsibilities):
        named = declared.get(unit, unit)
        found = tuple(_organizations(named, context, around, parsed.document.id))
        if named != unit:
            found = (replace(found[0], aliases=tuple(sorted({*found[0].aliases, unit}))), *found[1:])
        if said := review.of(unit, found[0], parsed.document.id):
            found = (_corrected(unit, found[0], said), *found[1:], *map(_described, said.of_members()))
        ids[unit] = found[0].id
        for one in found:
            met[one.id] = _joined(met[one.id], one) if one.id in met else one
    resolved = tuple(replace(one, organization_id=ids[one.unit]) for one in parsed.responsibilities)
    return replace(parsed, responsibilities=resolved), tuple(met.values())


def official_name(organization_id: str) -> str:
    """The name of the organisation: its id without the document, for one that only a document knows.

    "湘潭市教育局" → "湘潭市教育局"; "有关部门@zhou-37" → "有关部门"
    """
    return organization_id.partition(_OF_DOCUMENT)[0]


def level_of(issuers: Sequence[str]) -> Level:
    """The level of government of who issued a document, the first whose name tells; "" when none does.

    ["湘潭市人民政府办公室"] → "city"; ["国务院"] → "national"
    """
    levels = (read(issuer, _ANYWHERE).level for issuer in issuers)
    return next(filter(None, levels), "")


def merged(several: Iterable[Organization]) -> Organization:
    """One organisation, what is said of it in several places joined; where they differ the first goes before."""
    return reduce(_joined, several)


def _joined(known: Organization, other: Organization) -> Organization:
    return replace(
        known,
        aliases=tuple(sorted({*known.aliases, *other.aliases})),
        successor_of=tuple(sorted({*known.successor_of, *other.successor_of})),
        members=tuple(dict.fromkeys((*known.members, *other.members))),
        candidates=tuple(sorted({*known.candidates, *other.candidates})),
    )


def _context(parsed: ParsedDocument) -> Context:
    """What the names of a document are read in; whose own offices it may name bare, when one department alone issued it."""
    place = place_of(parsed.document, [one.unit for one in parsed.responsibilities])
    if len(parsed.document.issuers) != 1:
        return Context(place)
    issuer = read(parsed.document.issuers[0], Context(place))
    return Context(place, issuer if issuer.agency and issuer.function not in WIDE else None)


def _organizations(unit: str, context: Context, around: Circle, document_id: str) -> Iterator[Organization]:
    """The organisation that the unit names, then its members, or who took over from it."""
    if several := group(unit, context, around):
        yield _grouped(unit, several, document_id)
        yield from map(_described, several.members)
        return
    reading = read(unit, context)
    bare = reading.agency is None and not reading.division and reading.level != "national" and _BARE.fullmatch(unit)
    several_unknown = reading.agency is None and SEVERAL.search(unit) is not None
    is_own = not reading.is_known_place or bool(bare) or several_unknown
    found = _described(reading)
    yield replace(
        found,
        id=reading.name + _OF_DOCUMENT + document_id if is_own else found.id,
        aliases=(unit,) if unit != reading.name else (),
    )
    yield from _successors(reading)


def _grouped(unit: str, several: Group, document_id: str) -> Organization:
    """The organisation that a group is; it is the document's own unless its members are the same in all documents of the place."""
    where = full_name(several.division) if several.division else ""
    return Organization(
        several.name + _OF_DOCUMENT + document_id if several.is_own else several.name,
        several.name,
        aliases=tuple(sorted(({unit} if several.is_own else {unit, where + unit}) - {several.name})),
        level=several.level,
        jurisdiction=where,
        members=tuple(member.name for member in several.members),
        function=several.function,
    )


def _corrected(unit: str, found: Organization, said: Reviewed) -> Organization:
    """What was found with what the operator says of it."""
    return Organization(
        said.name,
        said.name,
        aliases=tuple(sorted({unit, *found.aliases, *said.aliases} - {said.name})),
        level=said.level or found.level,
        jurisdiction=said.jurisdiction or found.jurisdiction,
        successor_of=tuple(read(name, said.context).name for name in said.successor_of) or found.successor_of,
        members=tuple(member.name for member in said.of_members()) or found.members,
        function=said.function or found.function or said.name,
    )


def _described(reading: Reading) -> Organization:
    return Organization(
        reading.name,
        reading.name,
        level=reading.level,
        jurisdiction=full_name(reading.division) if reading.division else "",
        function=reading.function,
        candidates=reading.others,
    )


def _successors(reading: Reading) -> Iterator[Organization]:
    """Who does today what the organ did, and who after them: 省卫生计生委 → 湖南省卫生健康委员会."""
    if reading.agency is None or not reading.is_known_place:
        return
    for function in reading.agency.into:
        successor = agencies()[function]
        if reading.level in successor.names:
            later = organ(Form(successor, successor.names), reading.level, reading.division)
            yield replace(_described(later), successor_of=(reading.name,))
            yield from _successors(later)
