"""Units of a document → organisations, each with official name, level and jurisdiction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

from kb.lexicon import OTHER_FORM
from kb.models import Level, Organization, ParsedDocument
from kb.organizations.agencies import Form, agencies
from kb.organizations.divisions import full_name
from kb.organizations.groups import Group, Parties, group_of, parties_of
from kb.organizations.jurisdiction import Jurisdiction, jurisdiction_of
from kb.organizations.names import initials_of, names_of, spellings_of
from kb.organizations.places import (
    are_apart,
    names_of_places,
    place_name,
    places_called,
    places_named,
    places_of,
    without_places,
)
from kb.organizations.resolution import (
    SEVERAL_ORGANS,
    WIDE,
    Context,
    Organ,
    organ_at,
    resolve_mention,
)
from kb.organizations.review import Correction, Review, read_review, review_hash
from kb.organizations.short_names import short_names

__all__ = [
    "Review",
    "are_apart",
    "initials_of",
    "level_of",
    "merged",
    "names_of",
    "names_of_places",
    "official_name",
    "place_name",
    "places_called",
    "places_named",
    "places_of",
    "read_review",
    "resolve",
    "review_hash",
    "spellings_of",
    "without_places",
]

NO_CORRECTIONS = Review()
_ANYWHERE = Context(Jurisdiction())
_OF_DOCUMENT = "@"  # between name and document in the id of an organisation that only its document tells

# Names that say only what sort of organ it is: 信息中心, 县政府.
_BARE = re.compile(
    r"(?!中国|国家|全国)(?:.{0,6}(?:处|科|中心|办公室|局|委|办|部|政府|机构|机关|企业|高校|学校|医院|公司|地方|地区)"
    r"|.{0,12}(?:领导小组|小组|专班|指挥部|组委会|执委会|委员会|联席会议|工作组|秘书处)(?:办公室)?)"
)


def resolve(parsed: ParsedDocument, review: Review = NO_CORRECTIONS) -> tuple[ParsedDocument, tuple[Organization, ...]]:
    """The document with every responsibility's ``organization_id``, and the organisations that it names.

    市教育局 in a plan of 湘潭市人民政府办公室 → 湘潭市教育局; 各县市区人民政府 → a group and its members.
    A name of an unknown place stays as printed. Corrections of the review come last.
    """
    context = _context(parsed)
    parties = parties_of(parsed.document, context)
    full_names = short_names(parsed.document.text)
    ids: dict[str, str] = {}
    by_id: dict[str, Organization] = {}
    for unit in dict.fromkeys(responsibility.unit for responsibility in parsed.responsibilities):
        name = full_names.get(unit) or OTHER_FORM.sub("", unit)  # 各省财政厅（局）
        organization, *related = _organizations(name, context, parties, parsed.document.id)
        if name != unit:
            organization = replace(organization, aliases=tuple(sorted({*organization.aliases, unit})))
        if correction := review.of(unit, organization, parsed.document.id):
            own, *_ = _organizations(correction.name, context, parties, parsed.document.id)
            is_local = bool(correction.documents) and own.id == correction.name + _OF_DOCUMENT + parsed.document.id
            id_ = own.id if is_local else correction.name
            organization = replace(_corrected(unit, organization, correction), id=id_)
            related += map(_described, correction.of_members())
        ids[unit] = organization.id
        for each in (organization, *related):
            by_id[each.id] = _merged(by_id[each.id], each) if each.id in by_id else each
    resolved = tuple(replace(each, organization_id=ids[each.unit]) for each in parsed.responsibilities)
    return replace(parsed, responsibilities=resolved), tuple(by_id.values())


def official_name(organization_id: str) -> str:
    """The name of the organisation with that id: the id, without the document that may stand in it.

    "湘潭市教育局" → "湘潭市教育局"; "有关部门@zhou-37" → "有关部门"
    """
    return organization_id.partition(_OF_DOCUMENT)[0]


def level_of(issuers: Sequence[str]) -> Level:
    """The level of government of the first issuer whose name tells it; "" when none does.

    ["湘潭市人民政府办公室"] → "city"; ["国务院"] → "national"
    """
    levels = (resolve_mention(issuer, _ANYWHERE).level for issuer in issuers)
    return next(filter(None, levels), "")


def merged(descriptions: Iterable[Organization]) -> Organization:
    """One organisation from several descriptions of it: their lists are joined, the other fields are those of the first."""
    return reduce(_merged, descriptions)


def _merged(first: Organization, second: Organization) -> Organization:
    return replace(
        first,
        aliases=tuple(sorted({*first.aliases, *second.aliases})),
        successor_of=tuple(sorted({*first.successor_of, *second.successor_of})),
        members=tuple(dict.fromkeys((*first.members, *second.members))),
        candidates=tuple(sorted({*first.candidates, *second.candidates})),
    )


def _context(parsed: ParsedDocument) -> Context:
    """The jurisdiction of the document, and its issuer when that is one department."""
    jurisdiction = jurisdiction_of(parsed.document, [each.unit for each in parsed.responsibilities])
    if len(parsed.document.issuers) != 1:
        return Context(jurisdiction)
    issuer = resolve_mention(parsed.document.issuers[0], Context(jurisdiction))
    return Context(jurisdiction, issuer if issuer.agency and issuer.function not in WIDE else None)


def _organizations(unit: str, context: Context, parties: Parties, document_id: str) -> Iterator[Organization]:
    """The organisation that the unit names, then its members or its successors."""
    if group := group_of(unit, context, parties):
        yield _grouped(unit, group, document_id)
        yield from map(_described, group.members)
        return
    organ = resolve_mention(unit, context)
    is_bare = not organ.division and organ.level != "national" and _BARE.fullmatch(unit) is not None
    is_unlisted = organ.agency is None and (is_bare or SEVERAL_ORGANS.search(unit) is not None)
    yield replace(
        _described(organ),
        id=organ.name + _OF_DOCUMENT + document_id if is_unlisted or not organ.is_known_place else organ.name,
        aliases=(unit,) if unit != organ.name else (),
    )
    yield from _successors(organ)


def _grouped(unit: str, group: Group, document_id: str) -> Organization:
    """The organisation of a group; its id holds the document unless every document of the jurisdiction means the same members."""
    jurisdiction = full_name(group.division) if group.division else ""
    return Organization(
        group.name + _OF_DOCUMENT + document_id if group.is_own else group.name,
        group.name,
        aliases=tuple(sorted(({unit} if group.is_own else {unit, jurisdiction + unit}) - {group.name})),
        level=group.level,
        jurisdiction=jurisdiction,
        members=tuple(member.name for member in group.members),
        function=group.function,
    )


def _corrected(unit: str, organization: Organization, correction: Correction) -> Organization:
    """The organisation with the fields that the operator corrects."""
    former = tuple(resolve_mention(name, correction.context).name for name in correction.successor_of)
    return Organization(
        correction.name,
        correction.name,
        aliases=tuple(sorted({unit, *organization.aliases, *correction.aliases} - {correction.name})),
        level=correction.level or organization.level,
        jurisdiction=correction.jurisdiction or organization.jurisdiction,
        successor_of=former or organization.successor_of,
        members=tuple(member.name for member in correction.of_members()) or organization.members,
        function=correction.function or organization.function or correction.name,
    )


def _described(organ: Organ) -> Organization:
    return Organization(
        organ.name,
        organ.name,
        level=organ.level,
        jurisdiction=full_name(organ.division) if organ.division else "",
        function=organ.function,
        candidates=organ.alternatives,
    )


def _successors(organ: Organ) -> Iterator[Organization]:
    """The organs that have the function today, and those in between: 省卫生计生委 → 湖南省卫生健康委员会."""
    if organ.agency is None or not organ.is_known_place:
        return
    for function in organ.agency.successors:
        agency = agencies()[function]
        if organ.level in agency.names:
            successor = organ_at(Form(agency, agency.names), organ.level, organ.division)
            yield replace(_described(successor), successor_of=(organ.name,))
            yield from _successors(successor)
