"""By what names an organisation may be looked up: every way to write it, and the initials of its pinyin."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import ModuleType

from kb.models import Organization
from kb.organizations.agencies import Form, forms
from kb.organizations.divisions import Division, full_name, places_in
from kb.organizations.places import MARKS
from kb.organizations.resolution import organ


def names_of(organization: Organization) -> Iterator[str]:
    """The names that documents use, and those that they could use for it.

    湘潭市人力资源和社会保障局 → 湘潭市人社局, 湘潭人社局, 市人社局, 市人力资源社会保障局 …
    """
    yield from (organization.name, *organization.aliases)
    yield from (text.replace("*", head) for text, head in _ways(organization))


def initials_of(organization: Organization) -> Iterator[str]:
    """The first letters of the pinyin of all these names, small, letters and figures as they are.

    湘潭市人力资源和社会保障局 → xtsrlzyhshbzj, xtsrsj, srsj …; 重庆市教育委员会 → cqsjywyh …
    """
    yield from map(_initials, (organization.name, *organization.aliases))
    for text, head in _ways(organization):
        yield _initials(head).join(map(_initials, text.split("*")))


def spellings_of(organization: Organization) -> Iterator[tuple[str, str]]:
    """All these names, each with its pinyin.

    湘潭市教育局 → (湘潭市教育局, XiangTanShiJiaoYuJu), (市教育局, ShiJiaoYuJu) …
    """
    yield from ((name, spelled(name)) for name in (organization.name, *organization.aliases))
    for text, head in _ways(organization):
        yield text.replace("*", head), spelled(head).join(map(spelled, text.split("*")))


@lru_cache(maxsize=20_000)
def spelled(text: str) -> str:
    """The text in pinyin, each syllable beginning with a capital; letters and figures as they are, signs left out.

    "湘潭市教育局" → "XiangTanShiJiaoYuJu"; "《5G方案》" → "5GFangAn"
    """
    syllables = _pypinyin().lazy_pinyin(re.sub(r"[\W_]+", "", text))
    return "".join(syllable[:1].upper() + syllable[1:] for syllable in syllables)


@lru_cache(maxsize=20_000)
def _initials(text: str) -> str:
    pinyin = _pypinyin()
    return "".join(pinyin.lazy_pinyin(text, style=pinyin.Style.FIRST_LETTER)).lower()


@cache
def _pypinyin() -> ModuleType:
    """The library with its large dictionaries: most processes spell nothing."""
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")  # it copies them otherwise, in case somebody changes them
    import pypinyin  # noqa: PLC0415

    return pypinyin


def _ways(organization: Organization) -> Iterator[tuple[str, str]]:
    """The forms of the organ's agency, and what may stand in the place of the star: 湘潭市, 湘潭, 市."""
    if not organization.function or organization.members:
        return
    division = division_of(organization.jurisdiction)
    heads = sorted({organization.jurisdiction, division.name, division.short, _mark(division)}) if division else [""]
    for text, form in _by_function().get(organization.function, ()):
        is_form = organization.level in form.names and ("*" in text) == (division is not None)
        if is_form and organ(form, organization.level, division).name == organization.name:
            yield from ((text, head) for head in heads)


@cache
def _by_function() -> Mapping[str, tuple[tuple[str, Form], ...]]:
    found: defaultdict[str, list[tuple[str, Form]]] = defaultdict(list)
    for text, several in forms().items():
        for form in several:
            found[form.agency.function].append((text, form))
    return {function: tuple(ways) for function, ways in found.items()}


def division_of(jurisdiction: str) -> Division | None:
    """The division of that full name; one that the table does not know when it is not there."""
    if not jurisdiction:
        return None
    known = (one for found in places_in(jurisdiction) for one in found.divisions if full_name(one) == jurisdiction)
    return next(known, None) or Division("", jurisdiction)


def _mark(division: Division) -> str:
    """The word for a place of that level: 湘潭市 → 市, 湘西土家族苗族自治州 → 州."""
    return next((mark for mark in sorted(MARKS, key=len, reverse=True) if division.name.endswith(mark)), division.name)
