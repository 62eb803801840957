"""Mention of a unit → organisation: official name, level and jurisdiction, read in the document's own place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kb.models import Document, Organization, ParsedDocument
from kb.organizations.agencies import agencies
from kb.organizations.divisions import full_name
from kb.organizations.places import place_of
from kb.organizations.resolution import SEVERAL, WIDE, Context, Reading, organ, read

# What is nobody's own name: 信息中心, 县政府.
_BARE = re.compile(r".{0,6}(?:处|科|中心|办公室|局|委|办|部|政府|机构|企业|高校|学校|地方|地区)")


def resolve(parsed: ParsedDocument) -> tuple[ParsedDocument, tuple[Organization, ...]]:
    """The document with every responsibility's ``organization_id``, and the organisations that it names.

    市教育局 in a plan of 湘潭市人民政府办公室 → 湘潭市教育局; a name whose place is unknown stays what it is
    """
    context = _context(parsed)
    met: dict[str, Organization] = {}
    responsibilities = []
    for responsibility in parsed.responsibilities:
        reading = read(responsibility.unit, context)
        found = _organization(responsibility.unit, reading, parsed.document)
        responsibilities.append(replace(responsibility, organization_id=found.id))
        for one in (found, *_successors(reading)):
            known = met.get(one.id)
            met[one.id] = _joined(known, one) if known else one
    return replace(parsed, responsibilities=tuple(responsibilities)), tuple(met.values())


def merge(groups: Iterable[tuple[Organization, ...]]) -> tuple[Organization, ...]:
    """One organisation an id, aliases of all documents joined, sorted by id."""
    met: dict[str, Organization] = {}
    for group in groups:
        for organization in group:
            known = met.get(organization.id)
            met[organization.id] = _joined(known, organization) if known else organization
    return tuple(met[key] for key in sorted(met))


def _joined(known: Organization, other: Organization) -> Organization:
    return replace(
        known,
        aliases=tuple(sorted({*known.aliases, *other.aliases})),
        successor_of=tuple(sorted({*known.successor_of, *other.successor_of})),
        candidates=tuple(sorted({*known.candidates, *other.candidates})),
    )


def _context(parsed: ParsedDocument) -> Context:
    """What the names of a document are read in; whose own offices it may name bare, when one department alone issued it."""
    place = place_of(parsed.document, [one.unit for one in parsed.responsibilities])
    if len(parsed.document.issuers) != 1:
        return Context(place)
    issuer = read(parsed.document.issuers[0], Context(place))
    return Context(place, issuer if issuer.agency and issuer.function not in WIDE else None)


def _organization(unit: str, reading: Reading, document: Document) -> Organization:
    """The organisation of a reading; one that only the document itself can tell is the document's own."""
    bare = reading.agency is None and not reading.division and reading.level != "national" and _BARE.fullmatch(unit)
    is_own = not reading.is_known_place or bool(bare) or SEVERAL.search(unit) is not None
    found = _described(reading)
    return replace(
        found,
        id=f"{reading.name}@{document.id}" if is_own else found.id,
        aliases=(unit,) if unit != reading.name else (),
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
            later = organ(successor, reading.level, reading.division)
            yield replace(_described(later), successor_of=(reading.name,))
            yield from _successors(later)
