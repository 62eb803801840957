"""Hits: ranked clauses with their facts, highlights, and the reasons why they were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from math import isnan

from kb.index.words import fold, tokens
from kb.models import ClauseFacts, Expansion, Hit
from kb.search.highlighting import highlight
from kb.search.ranking import Ranking

_MOSTLY = 0.6  # the share of the bigrams of an official wording that must be in a clause for the wording to be a reason


def build_hits(
    page: Ranking, facts: Sequence[ClauseFacts], words: str, expansions: Sequence[Expansion], better: Mapping[int, str]
) -> tuple[Hit, ...]:
    """The hits of one page of a ranking; ``facts`` holds the clauses in its order.

    ``words`` is the part of the query to highlight; ``better`` is the id, by row, of each clause that another one repeats or was followed by.
    """
    folded, texts = _concatenated(facts)
    matches = highlight(folded, texts, words)
    wordings = [
        (expansion, [(wording, _bigrams(wording)) for wording in expansion.official]) for expansion in expansions
    ]
    bigrams = {bigram for _, of_expansion in wordings for _, of_wording in of_expansion for bigram in of_wording}
    bigrams = {bigram for bigram in bigrams if bigram in folded}  # few are on the page at all
    columns = (page.scores, page.words, page.vectors, page.expansions, page.documents, ~page.answers)
    hits = []
    scores = zip(*(column.tolist() for column in columns), strict=True)
    for place, (clause, (start, _, end), match, of_clause) in enumerate(
        zip(facts, texts, matches, scores, strict=True)
    ):
        score, word_score, vector_score, expansion_score, document_score, weak = of_clause
        context_score = None if page.contextual is None else float(page.contextual[place])
        hits.append(
            Hit(
                *(clause, score, word_score, vector_score, expansion_score, document_score),
                None if context_score is None or isnan(context_score) else context_score,
                highlights=match.highlights,
                matched=match.matched,
                expansions=_in_text(folded[start:end], bigrams, wordings) if expansion_score > 0 else (),
                same_as=better.get(int(page.duplicate_of[place]), ""),
                earlier_of=better.get(int(page.earlier_of[place]), ""),
                rerank_score=_rerank_score(page, place),
                weak=weak,
                document_named=bool(page.named[place]),
                provision_named=bool(page.provisions[place]),
                elsewhere=bool(page.elsewhere[place]),
            )
        )
    return tuple(hits)


def _concatenated(facts: Sequence[ClauseFacts]) -> tuple[str, list[tuple[int, int, int]]]:
    """Title, headings and text of all clauses, folded, with the offsets of each as ``highlight`` wants them."""
    lines: list[str] = []
    texts, start = [], 0
    for clause in facts:
        headings = "\n".join((clause.document_title, *clause.clause.path))
        own_start = start + len(headings) + 1
        end = own_start + len(clause.clause.text)
        lines += headings, clause.clause.text
        texts.append((start, own_start, end))
        start = end + 1
    return fold("\n".join(lines)), texts


def _rerank_score(page: Ranking, place: int) -> float | None:
    return None if page.reranker is None or page.reranker[place] < 0 else float(page.reranker[place])


_Wordings = Sequence[tuple[Expansion, Sequence[tuple[str, AbstractSet[str]]]]]


def _in_text(text: str, bigrams: AbstractSet[str], expansions: _Wordings) -> tuple[Expansion, ...]:
    """The expansions of which an official wording is in the text, at least for the most part, each with these wordings only."""
    present = {bigram for bigram in bigrams if bigram in text}
    if not present:
        return ()
    reasons = []
    for expansion, wordings in expansions:
        official = tuple(
            wording
            for wording, of_wording in wordings
            if of_wording and len(of_wording & present) >= _MOSTLY * len(of_wording)
        )
        if official:
            reasons.append(Expansion(expansion.spoken, official, expansion.weight))
    return tuple(reasons)


@lru_cache(maxsize=1 << 14)  # the thesaurus has some thousands of wordings
def _bigrams(wording: str) -> frozenset[str]:
    return frozenset(token for token in tokens(wording) if len(token) > 1)
