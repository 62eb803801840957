"""Ranked clauses as they are shown: with what was found in each, and why it is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from kb.lexical import fold, tokens
from kb.marking import marked
from kb.models import ClauseFacts, Expansion, Hit
from kb.ranking import RELEVANT, Ranking

_MOSTLY = 0.6  # share of the pairs of a wording that must stand in a clause for the wording to have helped to find it


def as_hits(
    page: Ranking, facts: Sequence[ClauseFacts], words: str, expansions: Sequence[Expansion], better: Mapping[int, str]
) -> tuple[Hit, ...]:
    """The clauses of a ranking with their facts, which lie in its order.

    ``words`` of the query are looked for in them; ``better`` has the ids of clauses, by row, that say the same.
    """
    columns = (page.scores, page.words, page.vectors, page.expansions, page.relevance)
    pairs = frozenset(pair for one in expansions for wording in one.official for pair in _pairs(wording))
    hits = []
    for place, (one, scores) in enumerate(
        zip(facts, zip(*(column.tolist() for column in columns), strict=True), strict=True)
    ):
        score, word_score, vector_score, expansion_score, relevance = scores
        folded = fold("\n".join((one.document_title, *one.clause.path, one.clause.text)))
        matched, highlights = marked(folded, len(folded) - len(one.clause.text), words)
        hits.append(
            Hit(
                *(one, score, word_score, vector_score, expansion_score),
                highlights=highlights,
                matched=matched,
                expansions=_standing(folded, expansions, pairs) if expansion_score > 0 else (),
                same_as=better.get(int(page.same_as[place]), ""),
                rerank_score=_read_again(page, place),
                weak=relevance < RELEVANT,
            )
        )
    return tuple(hits)


def _read_again(page: Ranking, place: int) -> float | None:
    return None if page.reranked is None or page.reranked[place] < 0 else float(page.reranked[place])


def _standing(folded: str, expansions: Sequence[Expansion], pairs: Collection[str]) -> tuple[Expansion, ...]:
    """The expansions with those of their wordings that stand in the text, in whole or for the most part."""
    held = {pair for pair in pairs if pair in folded}
    kept = ((one, tuple(w for w in one.official if _stands(w, held))) for one in expansions)
    return tuple(Expansion(one.spoken, standing, one.weight) for one, standing in kept if standing)


def _stands(wording: str, held: set[str]) -> bool:
    pairs = _pairs(wording)
    return bool(pairs) and len(pairs & held) >= _MOSTLY * len(pairs)


@lru_cache(maxsize=1 << 14)  # the thesaurus has some thousands of wordings
def _pairs(wording: str) -> frozenset[str]:
    return frozenset(term for term in tokens(wording) if len(term) > 1)
