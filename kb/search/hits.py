"""Hits: ranked clauses with their facts, their highlights, and the reasons why they were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from kb.index.words import fold, tokens
from kb.models import ClauseFacts, Expansion, Hit
from kb.search.highlighting import highlight
from kb.search.ranking import RELEVANT, Ranking

_MOSTLY = 0.6  # share of the bigrams of a wording that a clause must hold for the wording to count as a reason


def build_hits(
    page: Ranking, facts: Sequence[ClauseFacts], words: str, expansions: Sequence[Expansion], better: Mapping[int, str]
) -> tuple[Hit, ...]:
    """The clauses of one page of a ranking; ``facts`` lie in its order.

    ``words`` of the query are highlighted; ``better`` holds the ids of the clauses, by row, that duplicates are duplicates of.
    """
    folded, texts = _concatenated(facts)
    matches = highlight(folded, texts, words)
    wordings = [
        (expansion, [(wording, _bigrams(wording)) for wording in expansion.official]) for expansion in expansions
    ]
    bigrams = {bigram for _, of_expansion in wordings for _, own in of_expansion for bigram in own}
    bigrams = {bigram for bigram in bigrams if bigram in folded}  # most are nowhere on the page
    columns = (page.scores, page.words, page.vectors, page.expansions, page.relevance)
    hits = []
    scores = zip(*(column.tolist() for column in columns), strict=True)
    for place, (clause, (begin, _, end), match, of_clause) in enumerate(
        zip(facts, texts, matches, scores, strict=True)
    ):
        score, word_score, vector_score, expansion_score, relevance = of_clause
        hits.append(
            Hit(
                *(clause, score, word_score, vector_score, expansion_score),
                highlights=match.highlights,
                matched=match.matched,
                expansions=_held(folded[begin:end], bigrams, wordings) if expansion_score > 0 else (),
                same_as=better.get(int(page.duplicate_of[place]), ""),
                rerank_score=_rerank_score(page, place),
                weak=relevance < RELEVANT,
            )
        )
    return tuple(hits)


def _concatenated(facts: Sequence[ClauseFacts]) -> tuple[str, list[tuple[int, int, int]]]:
    """Title, headings and text of all clauses, folded at once, and where each clause begins, where its text begins, and where it ends."""
    lines: list[str] = []
    texts, begin = [], 0
    for clause in facts:
        headings = "\n".join((clause.document_title, *clause.clause.path))
        own = begin + len(headings) + 1
        end = own + len(clause.clause.text)
        lines += headings, clause.clause.text
        texts.append((begin, own, end))
        begin = end + 1
    return fold("\n".join(lines)), texts


def _rerank_score(page: Ranking, place: int) -> float | None:
    return None if page.reranker is None or page.reranker[place] < 0 else float(page.reranker[place])


_Wordings = Sequence[tuple[Expansion, Sequence[tuple[str, AbstractSet[str]]]]]


def _held(text: str, bigrams: AbstractSet[str], expansions: _Wordings) -> tuple[Expansion, ...]:
    """The expansions with those of their wordings that the text holds for the most part, of the given bigrams."""
    in_text = {bigram for bigram in bigrams if bigram in text}
    if not in_text:
        return ()
    kept = []
    for expansion, wordings in expansions:
        held = tuple(wording for wording, own in wordings if own and len(own & in_text) >= _MOSTLY * len(own))
        if held:
            kept.append(Expansion(expansion.spoken, held, expansion.weight))
    return tuple(kept)


@lru_cache(maxsize=1 << 14)  # the thesaurus has some thousands of wordings
def _bigrams(wording: str) -> frozenset[str]:
    return frozenset(token for token in tokens(wording) if len(token) > 1)
