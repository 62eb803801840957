"""Which words of a query are shown as found, and where in the text of a clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kb.lexical import fold, runs
from kb.models import Span

_Bounds = tuple[int, int]


def marked(folded: str, begin: int, query: str) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """The longest stretches of the query that stand in a folded text, in the order of the query, and where, from ``begin`` on.

    The places are counted from ``begin``; what is found only as part of a longer find elsewhere is left out of both.

    ("教育\n发展学前教育。教育局", 3, "学前教育普惠") → ("学前教育",) and the span (2, 6)
    """
    sought, own = _sought(query), folded[begin:]
    pairs = [pair for pair in sought.pairs if pair in folded]
    alone = [sign for sign in sought.alone if sign in folded]
    words = _words(sought, folded)
    in_query = _stretches(place for pair in pairs for place in sought.pairs[pair])
    in_query += [(place, place + 1) for sign in alone for place in sought.alone[sign]]
    in_query += [bounds for word in words for bounds in sought.words[word]]
    in_text = _stretches(place for pair in pairs for place in _places(pair, own))
    in_text += [(place, place + 1) for sign in alone for place in _places(sign, own)]
    in_text += [(start - begin, end - begin) for places in words.values() for start, end in places if start >= begin]
    matched = dict.fromkeys(sought.folded[start:end] for start, end in _longest(in_query, sought.folded))
    return tuple(matched), tuple(Span(start, end) for start, end in _longest(in_text, own))


@dataclass(frozen=True, slots=True)
class _Sought:
    """What of a query is looked for in texts, with its places in the query: pairs of neighbours, lone characters, Latin words."""

    folded: str
    pairs: Mapping[str, list[int]]
    alone: Mapping[str, list[int]]
    words: Mapping[str, list[_Bounds]]


@lru_cache(maxsize=256)  # a query is looked for in every clause of a page
def _sought(query: str) -> _Sought:
    folded = fold(query)
    pairs: dict[str, list[int]] = {}
    alone: dict[str, list[int]] = {}
    words: dict[str, list[_Bounds]] = {}
    for start, end, han in runs(folded):
        if not han:
            words.setdefault(folded[start:end], []).append((start, end))
        elif end - start == 1:
            alone.setdefault(folded[start], []).append(start)
        else:
            for place in range(start, end - 1):
                pairs.setdefault(folded[place : place + 2], []).append(place)
    return _Sought(folded, pairs, alone, words)


def _words(sought: _Sought, folded: str) -> dict[str, list[_Bounds]]:
    """The Latin words that stand in the text as words, with their bounds."""
    found: dict[str, list[_Bounds]] = {}
    if any(word in folded for word in sought.words):
        for start, end, han in runs(folded):
            if not han and folded[start:end] in sought.words:
                found.setdefault(folded[start:end], []).append((start, end))
    return found


def _places(piece: str, text: str) -> list[int]:
    """Where the piece begins in the text, also where it overlaps itself."""
    found = []
    place = text.find(piece)
    while place >= 0:
        found.append(place)
        place = text.find(piece, place + 1)
    return found


def _stretches(places: Iterable[int]) -> list[_Bounds]:
    """Bounds of the longest stretches made of overlapping pairs that begin at the given places."""
    found: list[_Bounds] = []
    start = end = -1
    for place in sorted(places):
        if place + 1 != end:
            if end >= 0:
                found.append((start, end))
            start = place
        end = place + 2
    return [*found, (start, end)] if end >= 0 else found


def _longest(found: list[_Bounds], text: str) -> list[_Bounds]:
    """Those that are no part of a longer one found elsewhere, in order; those that meet are made one."""
    pieces = {text[start:end] for start, end in found}
    if len(pieces) > 1:
        parts = {piece for piece in pieces if any(piece in other and piece != other for other in pieces)}
        found = [(start, end) for start, end in found if text[start:end] not in parts]
    joined: list[_Bounds] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
