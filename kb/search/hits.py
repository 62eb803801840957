"""Ranked clauses as they are shown: with what was found in each, and why it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from kb.index.words import fold, tokens
from kb.models import ClauseFacts, Expansion, Hit
from kb.search.highlighting import marked
from kb.search.ranking import RELEVANT, Ranking

_MOSTLY = 0.6  # share of the pairs of a wording that must stand in a clause for the wording to have helped to find it


def as_hits(
    page: Ranking, facts: Sequence[ClauseFacts], words: str, expansions: Sequence[Expansion], better: Mapping[int, str]
) -> tuple[Hit, ...]:
    """The clauses of a ranking with their facts, which lie in its order.

    ``words`` of the query are looked for in them; ``better`` has the ids of clauses, by row, that say the same.
    """
    folded, texts = _folded(facts)
    marks = marked(folded, texts, words)
    wordings = [(one, [(wording, _pairs(wording)) for wording in one.official]) for one in expansions]
    pairs = {pair for _, several in wordings for _, own in several for pair in own}
    pairs = {pair for pair in pairs if pair in folded}  # most stand nowhere on the page
    columns = (page.scores, page.words, page.vectors, page.expansions, page.relevance)
    hits = []
    scores = zip(*(column.tolist() for column in columns), strict=True)
    for place, (one, (begin, _, end), found, own) in enumerate(zip(facts, texts, marks, scores, strict=True)):
        score, word_score, vector_score, expansion_score, relevance = own
        hits.append(
            Hit(
                *(one, score, word_score, vector_score, expansion_score),
                highlights=found.highlights,
                matched=found.matched,
                expansions=_standing(folded[begin:end], pairs, wordings) if expansion_score > 0 else (),
                same_as=better.get(int(page.same_as[place]), ""),
                rerank_score=_read_again(page, place),
                weak=relevance < RELEVANT,
            )
        )
    return tuple(hits)


def _folded(facts: Sequence[ClauseFacts]) -> tuple[str, list[tuple[int, int, int]]]:
    """All texts with what they stand under, folded at once, and where each begins, where its own words begin, and where it ends."""
    lines: list[str] = []
    texts, begin = [], 0
    for one in facts:
        above = "\n".join((one.document_title, *one.clause.path))
        own = begin + len(above) + 1
        end = own + len(one.clause.text)
        lines += above, one.clause.text
        texts.append((begin, own, end))
        begin = end + 1
    return fold("\n".join(lines)), texts


def _read_again(page: Ranking, place: int) -> float | None:
    return None if page.reranked is None or page.reranked[place] < 0 else float(page.reranked[place])


_Wordings = Sequence[tuple[Expansion, Sequence[tuple[str, AbstractSet[str]]]]]


def _standing(text: str, pairs: AbstractSet[str], expansions: _Wordings) -> tuple[Expansion, ...]:
    """The expansions with those of their wordings of which the pairs, of all that are given, stand in the text for the most part."""
    held = {pair for pair in pairs if pair in text}
    if not held:
        return ()
    kept = []
    for one, wordings in expansions:
        standing = tuple(wording for wording, own in wordings if own and len(own & held) >= _MOSTLY * len(own))
        if standing:
            kept.append(Expansion(one.spoken, standing, one.weight))
    return tuple(kept)


@lru_cache(maxsize=1 << 14)  # the thesaurus has some thousands of wordings
def _pairs(wording: str) -> frozenset[str]:
    return frozenset(term for term in tokens(wording) if len(term) > 1)
