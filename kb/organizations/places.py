"""Places of documents and of questions, as keys of which one begins with another where one place lies in the other: "4303" in "43"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate

from kb.lexicon import table
from kb.models import Document
from kb.organizations.divisions import Division, divisions, divisions_named, full_name, lineage, places_in
from kb.organizations.jurisdiction import opening_place, unlisted_at_head
from kb.text import normalise
from kb.text.segmentation import segment

# Words that sound like a place: 长治久安; and what most cities have, where no city stands before it: 城区.
_WORDS = re.compile(f"{'|'.join(table('places')['words'])}|(?<![市州盟])(?:{'|'.join(table('places')['generic'])})")
_ALSO_WORDS = frozenset(table("places")["also_words"])
_KINDS = "省市州盟县区旗"  # what names of places end in that are no parts of other words
_OPENING = 200  # characters of a text that tell where it is from, when neither issuers nor title do


def places_of(document: Document, is_national: bool) -> tuple[str, ...]:
    """The place that a document is from, by its issuers, title or opening: several where several have its name, none when it is national.

    湘潭市教育局 → ("4303",); 云溪市人民政府, which no table lists → ("云溪市",). What the operator says goes before.
    """
    if document.locality:
        return _first(f"{document.locality}人民政府") or (document.locality,)
    for name in document.issuers:
        if place := _first(name):
            return place
    return () if is_national else _first(document.title) or _first(document.text[:_OPENING])


def places_named(text: str, unlisted: Iterable[str] = ()) -> tuple[str, ...]:
    """The places that a question names, of which ``unlisted`` are known from documents only.

    "湖南省湘潭市的幼儿园" → ("4303",); "长沙、湘潭" → ("4301", "4303"); "滨江桥梁检测" → ("滨江市",), where that is known
    """
    normal = _cleared(text)
    listed = (key for chain in _chains(normal) for key in chain)
    known = [name for name in unlisted if name in normal or _stands_short(name, normal)]
    opening = "" if known else opening_place(normal)
    return *dict.fromkeys(listed), *known, *filter(None, (opening,))


def places_called(name: str) -> tuple[str, ...]:
    """The keys of the places of exactly that name, else of those that a text names: "东城区" → "110101"; "白鹭区东城街道" → …"""
    exact = (each for division in divisions_named(name) for each in _today(division))
    return _keys(exact) or places_named(name)


def names_of_places(text: str, unlisted: Iterable[str] = ()) -> tuple[str, ...]:
    """What the places that a question names are called, without those that they lie in: in other clauses they may stand so.

    "湖南省湘潭市的幼儿园" → ("湘潭",); "滨江市的幼儿园" → ("滨江市",); "滨江桥梁检测" → ("滨江",)
    """
    normal = _cleared(text)
    found = list(places_in(normal))
    starts = {place.start for place in found}
    inner = [place.divisions[0].short for place in found if place.end not in starts]
    named = (key for key in places_named(text, unlisted) if not key.isdigit())
    return *inner, *(key if key in normal else key[:-1] for key in named)


def without_places(text: str, unlisted: Iterable[str] = ()) -> str:
    """A question without the places that it names: "松坡县谁负责养老" → "谁负责养老", where 松坡县 is known or stands at its head."""
    normal, rest = _cleared(text), normalise(text).strip()
    spans = [(place.start, place.end) for place in places_in(normal)]
    for key in (key for key in places_named(text, unlisted) if not key.isdigit()):
        name = key if key in normal else key[:-1]
        spans += [match.span() for match in re.finditer(re.escape(name), normal)]
    for start, end in sorted(spans, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    return rest.strip()


def place_name(key: str) -> str:
    """What the place of a key is called: "4303" → "湘潭市"; "滨江市", which no table lists, is its own name."""
    division = divisions().get(key.ljust(6, "0"))
    return full_name(division) if division else key


def are_apart(places: Collection[str], others: Collection[str]) -> bool:
    """Whether no place of the ones lies in one of the others, or the other way round, nor may: what lies in 岭东省, which no table lists, is not known."""
    return not any(
        one.startswith(other) or other.startswith(one) or (_may_hold(one, other) or _may_hold(other, one))
        for one in places
        for other in others
    )


def _may_hold(province: str, place: str) -> bool:
    return province.endswith("省") and not place.endswith("省") and not place.isdigit()


def _stands_short(name: str, text: str) -> bool:
    """Whether a place that no table lists stands in a text without what it is: 滨江市 in 滨江桥梁检测, but 平安县 not in 平安建设."""
    short = name[:-1]
    if name[-1] not in "市县" or len(short) < 2 or short in _ALSO_WORDS or short not in text:
        return False
    bounds = {0, *accumulate(map(len, segment(text)))}
    return any({found.start(), found.end()} <= bounds for found in re.finditer(re.escape(short), text))


def _cleared(text: str) -> str:
    masked = _WORDS.sub(lambda word: "＿" * len(word[0]), normalise(text).strip())
    return _without_parts_of_words(masked)


def _without_parts_of_words(text: str) -> str:
    """The text without the names of places that are words or that only the ends of other words make: 投资阳光项目 names no 资阳."""
    found = list(places_in(text))
    short = [place for place in found if text[place.end - 1] not in _KINDS]
    if not short:
        return text
    bounds = {0, *accumulate(map(len, segment(text)))}
    for place in short:
        is_word = text[place.start : place.end] in _ALSO_WORDS and not (
            any(other.end == place.start for other in found) or (not place.start and text.startswith("的", place.end))
        )
        if is_word or not {place.start, place.end} <= bounds:
            text = f"{text[: place.start]}{'＿' * (place.end - place.start)}{text[place.end :]}"
    return text


def _first(text: str) -> tuple[str, ...]:
    normal = normalise(text).lstrip()
    unlisted = unlisted_at_head(normal.partition("\n")[0])
    return (unlisted,) if unlisted else next(_chains(normal), ())


def _chains(text: str) -> Iterator[tuple[str, ...]]:
    """For each place that is named, be it 湖南省湘潭市 or 湘潭市, the keys of those that may be meant."""
    meant: list[Division] = []
    end = -1
    for place in places_in(text):
        today = [each for division in place.divisions for each in _today(division)]
        above = {each.code for each in meant} if place.start == end else set()
        inside = [division for division in today if above & {each.code for each in lineage(division)}]
        if meant and not inside:
            yield _keys(meant)
        meant, end = inside or today, place.end
    if meant:
        yield _keys(meant)


def _today(division: Division) -> Iterator[Division]:
    """The division, or the one that a former one or an area lies in."""
    yield from [each for each in lineage(division) if not each.is_area and not each.former][:1]


def _keys(divisions: Iterable[Division]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(division.code.removesuffix("00").removesuffix("00") for division in divisions))
