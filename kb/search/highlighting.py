"""Highlighting: which words of a query a clause holds, and where in its text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.index.words import fold, runs
from kb.models import Span

_Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """What a text holds of a query."""

    matched: tuple[str, ...]  # the longest substrings of the query, in its order
    highlights: tuple[Span, ...]  # in the clause's own text


def highlight(page: str, texts: Sequence[tuple[int, int, int]], query: str) -> list[Match]:
    """What each text of a folded page holds of the query; the page is the texts, joined by line ends.

    A text is given by where it begins, where the clause's own text begins behind title and headings, and where it ends. Highlights
    are offsets into the clause's own text. A substring that elsewhere in the text is part of a longer match is left out.

    ("教育\n发展学前教育。教育局", [(0, 3, 13)], "学前教育普惠") → 学前教育 and the span (2, 6)
    """
    pieces = _pieces(query)
    pairs = _runs_of(place for pair in pieces.pairs for place in _places(pair, page))
    others = [(place, place + 1) for sign in pieces.alone for place in _places(sign, page)]
    others = sorted(others + _words(pieces.words, page))
    return [
        _match(pieces, page, _within(pairs, begin, end), _within(others, begin, end), own) for begin, own, end in texts
    ]


def _within(found: list[_Bounds], begin: int, end: int) -> list[_Bounds]:
    return found[bisect_left(found, (begin,)) : bisect_left(found, (end,))]


def _match(pieces: _Query, page: str, pairs: list[_Bounds], others: list[_Bounds], own: int) -> Match:
    """The match of one text, whose clause begins at ``own``, from the places of bigrams and of other pieces in it."""
    if not pairs and not others:
        return Match((), ())
    held = {page[place : place + 2] for start, end in pairs for place in range(start, end - 1)}
    in_query = _runs_of(place for pair in held for place in pieces.pairs[pair])
    for piece in {page[start:end] for start, end in others}:
        in_query += [
            (place, place + len(piece)) for place in (*pieces.alone.get(piece, ()), *pieces.words.get(piece, ()))
        ]
    matched = dict.fromkeys(pieces.folded[start:end] for start, end in _longest(in_query, pieces.folded))
    in_text = [bounds for bounds in (*pairs, *others) if bounds[0] >= own]
    return Match(tuple(matched), tuple(Span(start - own, end - own) for start, end in _longest(in_text, page)))


@dataclass(frozen=True, slots=True)
class _Query:
    """The pieces of a query, with their places in it: bigrams, lone characters, Latin words."""

    folded: str
    pairs: Mapping[str, list[int]]
    alone: Mapping[str, list[int]]
    words: Mapping[str, list[int]]


def _pieces(query: str) -> _Query:
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
    return _Query(folded, pairs, alone, words)


def _words(words: Collection[str], page: str) -> list[_Bounds]:
    """The bounds of the Latin words in the page, where they are whole words."""
    if not any(word in page for word in words):
        return []
    return [(start, end) for start, end, han in runs(page) if not han and page[start:end] in words]


def _places(piece: str, text: str) -> list[int]:
    """Where the piece begins in the text, also where it overlaps itself."""
    found = []
    place = text.find(piece)
    while place >= 0:
        found.append(place)
        place = text.find(piece, place + 1)
    return found


def _runs_of(places: Iterable[int]) -> list[_Bounds]:
    """Bounds of the longest runs of overlapping bigrams that begin at the given places."""
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
    """The bounds without pieces that are part of a longer piece elsewhere, in order; adjacent ones are joined."""
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
