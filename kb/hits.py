"""A ranked clause as it is shown: with what was found in it, and why it is there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from kb.lexical import tokens
from kb.models import ClauseFacts, Expansion, Hit
from kb.questions import Question
from kb.ranking import RELEVANT, Ranking, folded_once, highlights, matched_words

_MOSTLY = 0.6  # share of the pairs of a wording that must stand in a clause for the wording to have helped to find it


def hit(facts: ClauseFacts, page: Ranking, place: int, asked: Question, expansions: Sequence[Expansion]) -> Hit:
    """The clause at a place of the ranking, with its facts."""
    text = "\n".join((facts.document_title, *facts.clause.path, facts.clause.text))
    return Hit(
        facts,
        score=float(page.scores[place]),
        word_score=float(page.words[place]),
        vector_score=float(page.vectors[place]),
        expansion_score=float(page.expansions[place]),
        highlights=highlights(facts.clause.text, asked.words),
        matched=matched_words(text, asked.words),
        expansions=_standing(text, expansions) if page.expansions[place] > 0 else (),
        rerank_score=None if page.reranked is None or page.reranked[place] < 0 else float(page.reranked[place]),
        weak=bool(page.relevance[place] < RELEVANT),
    )


def _standing(text: str, expansions: Sequence[Expansion]) -> tuple[Expansion, ...]:
    """The expansions with those of their wordings that stand in the text, in whole or for the most part."""
    folded = folded_once(text)
    kept = ((one, tuple(w for w in one.official if _stands(w, folded))) for one in expansions)
    return tuple(Expansion(one.spoken, standing, one.weight) for one, standing in kept if standing)


def _stands(wording: str, folded: str) -> bool:
    pairs = _pairs(wording)
    return bool(pairs) and sum(pair in folded for pair in pairs) >= _MOSTLY * len(pairs)


@lru_cache(maxsize=4096)  # the thesaurus has some thousands of wordings
def _pairs(wording: str) -> frozenset[str]:
    return frozenset(term for term in tokens(wording) if len(term) > 1)
