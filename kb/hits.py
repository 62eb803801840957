"""A ranked clause as it is shown: with what was found in it, and why it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb.lexical import tokens
from kb.models import ClauseFacts, Expansion, Hit
from kb.questions import Question
from kb.ranking import RELEVANT, Ranking, highlights, matched_words

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
    held = set(tokens(text))
    kept = (replace(one, official=tuple(w for w in one.official if _stands(w, held))) for one in expansions)
    return tuple(one for one in kept if one.official)


def _stands(wording: str, held: set[str]) -> bool:
    pairs = {term for term in tokens(wording) if len(term) > 1}
    return bool(pairs) and len(pairs & held) >= _MOSTLY * len(pairs)
