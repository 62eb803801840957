"""Mention of a unit → organisation: a name that says only its level is read in the document's own jurisdiction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from kb.models import Document, Level, Organization, ParsedDocument

_JURISDICTION: tuple[tuple[Level, re.Pattern[str]], ...] = (
    ("province", re.compile(r"(?P<place>[\u4e00-\u9fff]{2,6}?(?:省|自治区)|(?:北京|天津|上海|重庆)市)")),
    ("city", re.compile(r"(?:省|自治区)?(?P<place>[\u4e00-\u9fff]{2,6}?(?:市|自治州|盟|地区))")),
    ("county", re.compile(r"(?:省|市|州)?(?P<place>[\u4e00-\u9fff]{1,6}?(?:县|区|旗))(?=人民政府|委|政府|办)")),
)
_RELATIVE = re.compile(r"(?P<level>省|自治区|市|县|区|州)(?=[\u4e00-\u9fff])(?!级|直|属|场|长|政协)")
_LEVEL_OF: dict[str, Level] = {
    "省": "province",
    "自治区": "province",
    "市": "city",
    "州": "city",
    "县": "county",
    "区": "county",
}
_NATIONAL = re.compile(
    r"国务院|国家|中央|中国|中共中央|全国|最高人民|(?:[\u4e00-\u9fff]{2,12}部$)|(?:[\u4e00-\u9fff]{2,8}总局$)|(?:[\u4e00-\u9fff]{2,8}总署$)"
)


def resolve(parsed: ParsedDocument) -> tuple[ParsedDocument, tuple[Organization, ...]]:
    """The document with every responsibility's ``organization_id``, and the organisations that it names.

    市教育局 in a plan of 湘潭市人民政府办公室 → 湘潭市教育局; a name whose place is unknown stays what it is
    """
    places = _jurisdictions(parsed.document)
    met: dict[str, Organization] = {}
    responsibilities = []
    for responsibility in parsed.responsibilities:
        organization = _organization(responsibility.unit, places)
        known = met.get(organization.id)
        met[organization.id] = _joined(known, organization) if known else organization
        responsibilities.append(replace(responsibility, organization_id=organization.id))
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
    return replace(known, aliases=tuple(sorted({*known.aliases, *other.aliases})))


def _jurisdictions(document: Document) -> dict[Level, str]:
    """The places that the document speaks for, as its issuers and title name them."""
    places: dict[Level, str] = {}
    for name in (*document.issuers, document.title):
        rest = name
        for level, pattern in _JURISDICTION:
            match = pattern.match(rest)
            if match:
                places.setdefault(level, match["place"])
                rest = rest[match.end() :] if level != "province" or match["place"].endswith(("省", "自治区")) else rest
    return places


def _organization(unit: str, places: dict[Level, str]) -> Organization:
    relative = _RELATIVE.match(unit)
    if relative is None:
        return Organization(unit, unit, level="national" if _NATIONAL.match(unit) else "")
    level = _LEVEL_OF[relative["level"]]
    place = places.get(level) or (
        places.get("province", "") if relative["level"] == "市" and places.get("province", "").endswith("市") else ""
    )
    if not place:
        return Organization(unit, unit, level=level)
    name = place + unit[relative.end() :]
    return Organization(name, name, aliases=(unit,), level=level, jurisdiction=place)
