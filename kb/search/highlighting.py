"""Highlighting: the words of a query that a clause contains, and where."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.index.words import fold, runs
from kb.models import Span

_Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """The words of a query in a text."""

    matched: tuple[str, ...]  # the longest substrings of the query, in its order
    highlights: tuple[Span, ...]  # offsets into the clause's own text


def highlight(page: str, texts: Sequence[tuple[int, int, int]], query: str) -> list[Match]:
    """The words of the query in each text of a folded page, which is the texts joined by line feeds.

    A text is title, headings and the clause's own text, given by three offsets into the page: its start, the start of the clause's
    own text, and its end. A substring that elsewhere in the text is part of a longer match is left out.

    ("教育\n发展学前教育。教育局", [(0, 3, 13)], "学前教育普惠") → 学前教育 and the span (2, 6)
    """
    pieces = _pieces(query)
    bigrams = _runs_of(offset for bigram in pieces.bigrams for offset in _offsets(bigram, page))
    others = [(offset, offset + 1) for character in pieces.characters for offset in _offsets(character, page)]
    others = sorted(others + _words(pieces.words, page))
    return [
        _match(pieces, page, _within(bigrams, start, end), _within(others, start, end), own_start)
        for start, own_start, end in texts
    ]


def _within(bounds: list[_Bounds], start: int, end: int) -> list[_Bounds]:
    return bounds[bisect_left(bounds, (start,)) : bisect_left(bounds, (end,))]


def _match(pieces: _Query, page: str, bigrams: list[_Bounds], others: list[_Bounds], own_start: int) -> Match:
    """The match of one text, whose clause starts at ``own_start``, from the bounds of the pieces of the query in it."""
    if not bigrams and not others:
        return Match((), ())
    in_page = {page[offset : offset + 2] for start, end in bigrams for offset in range(start, end - 1)}
    in_query = _runs_of(offset for bigram in in_page for offset in pieces.bigrams[bigram])
    for piece in {page[start:end] for start, end in others}:
        in_query += [
            (offset, offset + len(piece))
            for offset in (*pieces.characters.get(piece, ()), *pieces.words.get(piece, ()))
        ]
    matched = dict.fromkeys(pieces.folded[start:end] for start, end in _longest(in_query, pieces.folded))
    in_clause = [bounds for bounds in (*bigrams, *others) if bounds[0] >= own_start]
    highlights = (Span(start - own_start, end - own_start) for start, end in _longest(in_clause, page))
    return Match(tuple(matched), tuple(highlights))


@dataclass(frozen=True, slots=True)
class _Query:
    """A folded query and its pieces with their offsets: bigrams, single Han characters, Latin words."""

    folded: str
    bigrams: Mapping[str, list[int]]
    characters: Mapping[str, list[int]]
    words: Mapping[str, list[int]]


def _pieces(query: str) -> _Query:
    folded = fold(query)
    bigrams: dict[str, list[int]] = {}
    characters: dict[str, list[int]] = {}
    words: dict[str, list[int]] = {}
    for start, end, han in runs(folded):
        if not han:
            words.setdefault(folded[start:end], []).append(start)
        elif end - start == 1:
            characters.setdefault(folded[start], []).append(start)
        else:
            for offset in range(start, end - 1):
                bigrams.setdefault(folded[offset : offset + 2], []).append(offset)
    return _Query(folded, bigrams, characters, words)


def _words(words: Collection[str], page: str) -> list[_Bounds]:
    """The bounds of these Latin words in the page, only where they are whole words."""
    if not any(word in page for word in words):
        return []
    return [(start, end) for start, end, han in runs(page) if not han and page[start:end] in words]


def _offsets(piece: str, text: str) -> list[int]:
    """Where the piece starts in the text, also where it overlaps itself."""
    offsets = []
    offset = text.find(piece)
    while offset >= 0:
        offsets.append(offset)
        offset = text.find(piece, offset + 1)
    return offsets


def _runs_of(offsets: Iterable[int]) -> list[_Bounds]:
    """Bounds of the longest runs of overlapping bigrams that start at these offsets."""
    runs_so_far: list[_Bounds] = []
    start = end = -1
    for offset in sorted(offsets):
        if offset + 1 != end:
            if end >= 0:
                runs_so_far.append((start, end))
            start = offset
        end = offset + 2
    return [*runs_so_far, (start, end)] if end >= 0 else runs_so_far


def _longest(matches: list[_Bounds], text: str) -> list[_Bounds]:
    """The bounds in order, without pieces that are part of a longer piece elsewhere; adjacent ones are joined."""
    pieces = {text[start:end] for start, end in matches}
    if len(pieces) > 1:
        all_pieces = "\n".join(pieces)
        parts = {piece for piece in pieces if all_pieces.count(piece) > 1}  # one occurrence is the piece itself
        if parts:
            matches = [(start, end) for start, end in matches if text[start:end] not in parts]
    joined: list[_Bounds] = []
    for start, end in sorted(matches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
