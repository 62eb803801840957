"""Which words of a query are shown as found, and where in the text of a clause."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.index.words import fold, runs
from kb.models import Span

_Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marks:
    """What of a query stands in a text."""

    matched: tuple[str, ...]  # the longest stretches of the query, in its order
    highlights: tuple[Span, ...]  # where they stand in the text's own words


def marked(page: str, texts: Sequence[tuple[int, int, int]], query: str) -> list[Marks]:
    """What of the query stands in each text of a folded page, which has one behind the other, a line end between.

    A text is where it begins in the page, where its own words begin, behind what it stands under, and where it ends. Places are counted
    from its own words on; what is found only as part of a longer find elsewhere in the text is left out.

    ("教育\n发展学前教育。教育局", [(0, 3, 13)], "学前教育普惠") → 学前教育 and the span (2, 6)
    """
    sought = _sought(query)
    pairs = _stretches(place for pair in sought.pairs for place in _places(pair, page))
    others = [(place, place + 1) for sign in sought.alone for place in _places(sign, page)]
    others = sorted(others + _words(sought.words, page))
    return [
        _marks(sought, page, _within(pairs, begin, end), _within(others, begin, end), own) for begin, own, end in texts
    ]


def _within(found: list[_Bounds], begin: int, end: int) -> list[_Bounds]:
    return found[bisect_left(found, (begin,)) : bisect_left(found, (end,))]


def _marks(sought: _Sought, page: str, pairs: list[_Bounds], others: list[_Bounds], own: int) -> Marks:
    """The marks of one text, of which the own words begin at ``own``, from all that stands in it."""
    if not pairs and not others:
        return Marks((), ())
    held = {page[place : place + 2] for start, end in pairs for place in range(start, end - 1)}
    in_query = _stretches(place for pair in held for place in sought.pairs[pair])
    for piece in {page[start:end] for start, end in others}:
        in_query += [
            (place, place + len(piece)) for place in (*sought.alone.get(piece, ()), *sought.words.get(piece, ()))
        ]
    matched = dict.fromkeys(sought.folded[start:end] for start, end in _longest(in_query, sought.folded))
    in_text = [bounds for bounds in (*pairs, *others) if bounds[0] >= own]
    return Marks(tuple(matched), tuple(Span(start - own, end - own) for start, end in _longest(in_text, page)))


@dataclass(frozen=True, slots=True)
class _Sought:
    """What of a query is looked for in texts, with its places in the query: pairs of neighbours, lone characters, Latin words."""

    folded: str
    pairs: Mapping[str, list[int]]
    alone: Mapping[str, list[int]]
    words: Mapping[str, list[int]]


def _sought(query: str) -> _Sought:
    folded = fold(query)
    pairs: dict[str, list[int]] = {}
    alone: dict[str, list[int]] = {}
    words: dict[str, list[int]] = {}
    for start, end, han in runs(folded):
        if not han:
            words.setdefault(folded[start:end], []).append(start)
        elif end - start == 1:
            alone.setdefault(folded[start], []).append(start)
        else:
            for place in range(start, end - 1):
                pairs.setdefault(folded[place : place + 2], []).append(place)
    return _Sought(folded, pairs, alone, words)


def _words(sought: Collection[str], page: str) -> list[_Bounds]:
    """The bounds of the Latin words that stand in the page as words."""
    if not any(word in page for word in sought):
        return []
    return [(start, end) for start, end, han in runs(page) if not han and page[start:end] in sought]


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
        every = "\n".join(pieces)
        parts = {piece for piece in pieces if every.count(piece) > 1}  # once it stands there itself
        if parts:
            found = [(start, end) for start, end in found if text[start:end] not in parts]
    joined: list[_Bounds] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
