"""The names by which an organisation can be looked up: its written forms, their pinyin, and the initials of the pinyin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from kb.models import Organization
from kb.organizations.agencies import Form, forms
from kb.organizations.divisions import Division, full_name, places_in
from kb.organizations.jurisdiction import LEVEL_WORDS
from kb.organizations.resolution import organ_at
from kb.text.pinyin import initials, spelled


def names_of(organization: Organization) -> Iterator[str]:
    """The name, the aliases, and every other written form of the organisation.

    湘潭市人力资源和社会保障局 → 湘潭市人社局, 湘潭人社局, 市人社局, 市人力资源社会保障局 …
    """
    yield from (organization.name, *organization.aliases)
    yield from (text.replace("*", place) for text, place in _forms_and_places(organization))


def initials_of(organization: Organization) -> Iterator[str]:
    """The initials of the pinyin of all these names, in small letters; Latin letters and figures stay.

    湘潭市人力资源和社会保障局 → xtsrlzyhshbzj, xtsrsj, srsj …; 重庆市教育委员会 → cqsjywyh …
    """
    yield from map(initials, (organization.name, *organization.aliases))
    for text, place in _forms_and_places(organization):
        yield initials(place).join(map(initials, text.split("*")))


def spellings_of(organization: Organization) -> Iterator[tuple[str, str]]:
    """All names of the organisation, each with its pinyin.

    湘潭市教育局 → (湘潭市教育局, XiangTanShiJiaoYuJu), (市教育局, ShiJiaoYuJu) …
    """
    yield from ((name, spelled(name)) for name in (organization.name, *organization.aliases))
    for text, place in _forms_and_places(organization):
        yield text.replace("*", place), spelled(place).join(map(spelled, text.split("*")))


def _forms_and_places(organization: Organization) -> Iterator[tuple[str, str]]:
    """The written forms of the organisation, each with every text that may stand for its star: 湘潭市, 湘潭, 市."""
    if not organization.function or organization.members:
        return
    division = division_of(organization.jurisdiction)
    places = (
        sorted({organization.jurisdiction, division.name, division.short, _level_word(division)}) if division else [""]
    )
    for text, form in _by_function().get(organization.function, ()):
        is_form = organization.level in form.names and ("*" in text) == (division is not None)
        if is_form and organ_at(form, organization.level, division).name == organization.name:
            yield from ((text, place) for place in places)


@cache
def _by_function() -> Mapping[str, tuple[tuple[str, Form], ...]]:
    by_function: defaultdict[str, list[tuple[str, Form]]] = defaultdict(list)
    for text, stands_for in forms().items():
        for form in stands_for:
            by_function[form.agency.function].append((text, form))
    return {function: tuple(written) for function, written in by_function.items()}


def division_of(jurisdiction: str) -> Division | None:
    """The division of that full name, one without a code when the table does not list it; None for ""."""
    if not jurisdiction:
        return None
    candidates = (division for place in places_in(jurisdiction) for division in place.divisions)
    listed = next((division for division in candidates if full_name(division) == jurisdiction), None)
    return listed or Division("", jurisdiction)


def _level_word(division: Division) -> str:
    """The last word of the name, which tells the level: 湘潭市 → 市, 湘西土家族苗族自治州 → 州."""
    longest_first = sorted(LEVEL_WORDS, key=len, reverse=True)
    return next((word for word in longest_first if division.name.endswith(word)), division.name)
