"""Score fusion: the signals of each clause, and that of its document, are combined into one score, by which clauses are ranked."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Shares of the evidence of a clause. Measured on 160 judged queries over 16 documents, on 113 of our own over 56 others and on 300 questions over
# all articles of law; the figures are in docs/encoder.md. 0.05 more or less of any share changes nDCG@10 by less than 0.005.
WORDS, EXPANSIONS, MEANING = 0.48, 0.15, 0.37
PASSAGE_SHARE = 0.65  # share of the best passage in the meaning; the rest is of the clause with title and headings

# Bonuses for a clause for which a unit in the query is responsible, for one that some unit answers for in the role that it asks for, for one
# that says how a breach is punished where that is asked, and for one that is due in a year in the query.
NAMED_UNIT, NAMED_ROLE, PENAL, NAMED_YEAR = 0.05, 0.15, 0.15, 0.03

# How much the words of the query in the document as a whole add to the evidence of its clauses, as a multiple of it, and the power of that
# signal: a document counts that holds most of them, not one that holds some. A factor leaves the clauses of a document in their order
# and proportion. The figures are in docs/encoder.md.
DOCUMENT_POWER = 2
# The multiple for questions of at most so many letters, which ask for a matter, and of at least so many, which tell a document from others.
SHORT, OF_SHORT, LONG, OF_LONG = 12, 4.0, 24, 20.0
_USUAL = 7.0  # of all questions: "who" tells by the proportion of scores what is about as good

# For documents of another place than the query names, and for one that it names by number or title.
ELSEWHERE_FACTOR, NAMED_DOCUMENT = 0.75, 6.0
NAMED_PROVISION = 1000.0  # more than all other evidence together can be

# For what leads up to the body (notice, preamble), which names the whole matter and seldom says what is asked, and for what comes behind it.
OPENING, CLOSING = 0.85, 0.9
AIMS = 0.85  # for what says what a plan is for (总体要求, 主要目标): it names every matter of the plan, too, unless aims or figures are asked for
# For documents of an issuer that the question names, for those whose title names its year, and for those whose title names others only.
NAMED_ISSUER, TITLE_YEAR, OTHER_YEAR = 1.3, 1.15, 0.9

# Factors of relevance: a score of words or expansions is stronger evidence than the same score of meaning. A clause with a relevance of
# at least ``RELEVANT`` answers the query. Measured on the first hit: it is reached by 11 % of 132 unanswerable questions, by all 112
# keywords, questions and questions for a unit, and by 60 % to 78 % of needs in people's own words. The mean of words and meaning
# separates answerable from unanswerable questions less well (area under the curve 0.87, against 0.93 of this maximum).
WORD_EVIDENCE, EXPANSION_EVIDENCE, RELEVANT = 1.7, 1.15, 0.48

# What the contextual model adds to meaning. Of 269 questions that something answers 239 reach ``RELEVANT`` by their first hit without it
# and 252 with it, of 74 that nothing answers 3 either way; with twice as much 6.
CONTEXT_EVIDENCE = 0.05
# What it must say at least of a clause that is relevant by meaning alone, for its units to be named. Of 19 such clauses that answer a
# question all have 0.36 or more, of 4 that do not three have less.
DOUBTED = 0.34

# And it has this share of the relevance of the first clause, so that what has half of 人工智能 伦理 does not count beside what has both. Of 244
# queries it takes 148 of 898 clauses off, of 241 judged to answer well one, and 11 of 75 judged to be of some use.
BESIDE_THE_FIRST = 0.65

# How many times the words of the matter all words of a query may count for the relevance of a clause: the place among them adds half at most.
MATTER = 1.5

# A clause of less relevance shares no more than a common character with the query; it is no hit.
NOISE = 0.1

# For clauses of documents that are not in force or that one of a later year follows. It is less than ABOUT_AS_GOOD: they do not answer
# "who" beside a clause in force that is as good.
OUT_OF_FORCE_FACTOR = 0.94


@dataclass(frozen=True, slots=True)
class Signals:
    """The evidence for each clause, in parallel arrays; all values are 0..1."""

    rows: NDArray[np.int64]
    words: NDArray[np.float32]
    expansions: NDArray[np.float32]
    passages: NDArray[np.float32]
    context: NDArray[np.float32]
    documents: NDArray[np.float32]  # words of the query in the document as a whole
    bonus: NDArray[np.float32]  # for units and years that the query names
    elsewhere: NDArray[np.bool_]  # whether the document is from another place than the query names
    named: NDArray[np.bool_]  # whether the query names the document
    provisions: NDArray[np.bool_]  # whether it names that very article or item of it
    weights: NDArray[np.float32]  # by the part that the clause stands in, and issuer and year of its document
    multiple: float = OF_SHORT  # of the evidence, for a document that holds all words of the query
    # By the contextual model, not a number where it has not read the clause.
    contextual: NDArray[np.float32] | None = None
    contextual_share: float = 0.0  # its share in the evidence
    # By the words without the places that the query names; None: it names none
    matter: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Clauses by descending score, in parallel arrays."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    words: NDArray[np.float32]
    expansions: NDArray[np.float32]
    vectors: NDArray[np.float32]
    documents: NDArray[np.float32]
    elsewhere: NDArray[np.bool_]
    named: NDArray[np.bool_]  # the document, by the query
    provisions: NDArray[np.bool_]  # that very article or item
    duplicate_of: NDArray[np.int64]  # row of a better clause that says the same, -1 for none
    earlier_of: NDArray[np.int64]  # row of the clause of a newer version or a later year in its place, -1 for none
    # By the contextual model, not a number where it has not read the clause.
    contextual: NDArray[np.float32] | None = None
    reranker: NDArray[np.float32] | None = None  # relevance by a cross-encoder, -1 for clauses that it has not read
    # By the words without the places that the query names; None: it names none
    matter: NDArray[np.float32] | None = None
    needed: NDArray[np.float32] | None = None  # the relevance from which on a clause answers; None: ``RELEVANT``
    # The question names a document or article that is not here; None: it does not
    beside: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: NDArray[np.int64] | slice) -> Ranking:
        """The clauses at the given places."""
        columns = ((field.name, getattr(self, field.name)) for field in fields(self))
        taken: dict[str, Any] = {name: column[places] for name, column in columns if column is not None}
        return replace(self, **taken)

    @property
    def answers(self) -> NDArray[np.bool_]:
        """Which clauses answer the query: those that are relevant enough, and all of a document or the article that it names."""
        answers = (self.relevance >= (RELEVANT if self.needed is None else self.needed)) | self.named | self.provisions
        return np.asarray(answers if self.beside is None else answers & ~self.beside, np.bool_)

    @property
    def is_sure(self) -> NDArray[np.bool_]:
        """Which clauses are so surely relevant that who answers for them answers the query; without words of it only as the contextual model says too."""
        sure = (self.relevance >= RELEVANT) & (self.answers if self.beside is not None else True)
        if self.contextual is not None:
            sure &= (self._lexical >= RELEVANT) | np.isnan(self.contextual) | (self.contextual >= DOUBTED)
        return np.asarray(sure, np.bool_)

    @property
    def relevance(self) -> NDArray[np.float32]:
        """How surely each clause answers the query, 0..1: the strongest evidence of words, expansions and meaning.

        The score, which is the sum of all evidence, is for the order only.
        """
        context = 0.0 if self.contextual is None else np.nan_to_num(self.contextual).clip(0, 1)
        meaning = self.vectors + np.float32(CONTEXT_EVIDENCE) * context
        return np.asarray(np.minimum(np.maximum(self._lexical, meaning), np.float32(1)), np.float32)

    @property
    def _lexical(self) -> NDArray[np.float32]:
        """By words and expansions. A place says where, not what is asked: a clause that has only its name does not answer."""
        words = self.words if self.matter is None else np.minimum(self.words, np.float32(MATTER) * self.matter)
        found = np.maximum(words * np.float32(WORD_EVIDENCE), self.expansions * np.float32(EXPANSION_EVIDENCE))
        return np.asarray(found, np.float32)


def multiple_for(letters: int) -> float:
    """How much a document counts that holds all words of a query of so many letters, as a multiple of the evidence of a clause."""
    return float(np.interp(letters, (SHORT, LONG), (OF_SHORT, OF_LONG)))


def fuse(signals: Signals, past: NDArray[np.bool_] | None = None) -> Ranking:
    """The clauses with a relevance of at least ``NOISE`` or of a document that is named, by the weighted sum of their signals times that of their documents; ties stay in
    the given order.

    A score is 0..1 without ever being 1, so that more evidence always is a higher score. ``past`` marks the clauses to demote because
    their documents are not in force, or are those of an earlier year.
    """
    vectors = signals.passages * np.float32(PASSAGE_SHARE) + signals.context * np.float32(1 - PASSAGE_SHARE)
    evidence = signals.words * np.float32(WORDS) + signals.expansions * np.float32(EXPANSIONS)
    evidence += vectors * np.float32(MEANING) + signals.bonus
    if signals.contextual is not None:
        evidence = _with_contextual(evidence, signals.contextual, signals.contextual_share)
    evidence *= signals.weights
    evidence *= 1 + np.float32(signals.multiple) * signals.documents**DOCUMENT_POWER
    evidence[signals.elsewhere] *= np.float32(ELSEWHERE_FACTOR)
    evidence[signals.named] *= np.float32(NAMED_DOCUMENT)
    evidence[signals.provisions] += np.float32(NAMED_PROVISION)
    evidence *= np.float32(_USUAL / (1 + signals.multiple))
    scores = evidence / (1 + evidence)
    if past is not None:
        scores[past] *= np.float32(OUT_OF_FORCE_FACTOR)
    none = np.full(len(scores), -1, np.int64)
    columns = (
        signals.words,
        signals.expansions,
        vectors,
        signals.documents,
        signals.elsewhere,
        signals.named,
        signals.provisions,
    )
    ranking = Ranking(signals.rows, scores, *columns, none, none, signals.contextual, matter=signals.matter)
    return by_score(replace(ranking, needed=_needed(ranking)), NOISE)


def _needed(ranking: Ranking) -> NDArray[np.float32]:
    """For each clause the relevance from which on it answers, by that of the first; by the first of the place that is asked about, if that is relevant."""
    relevance = ranking.relevance
    here = np.where(ranking.elsewhere, 0, ranking.scores)
    firsts = [relevance[scores.argmax()] for scores in (here, ranking.scores) if len(scores)]
    first = next((each for each in firsts if each >= RELEVANT), 0.0)
    return np.full(len(ranking), max(RELEVANT, BESIDE_THE_FIRST * first), np.float32)


def _with_contextual(
    evidence: NDArray[np.float32], contextual: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    """The evidence with that share of the contextual model, times the part of the clauses that it has read.

    A clause that it has not read gets what those that it has read have at the same evidence: a straight line (least squares). With half of
    the clauses read nDCG@10 lies between that without the model and that with all read; with the whole share it lay below both.
    """
    read = ~np.isnan(contextual)
    if not read.any():
        return evidence
    middle, level = evidence[read].mean(), contextual[read].mean()
    spread = evidence[read] - middle
    slope = (spread @ (contextual[read] - level)) / max(spread @ spread, 1e-6)
    added = np.where(read, contextual, (level + slope * (evidence - middle)).clip(0, 1))
    return np.asarray(evidence + np.float32(share * read.mean()) * (added - evidence), np.float32)


def by_score(ranking: Ranking, least: float = 0.0) -> Ranking:
    """The clauses by descending score, without those below the least relevance; ties stay in the given order."""
    order = (-ranking.scores).argsort(kind="stable")
    if least:
        order = order[((ranking.relevance >= least) | ranking.named | ranking.provisions)[order]]
    return ranking.take(order)


def rerank(ranking: Ranking, relevance: NDArray[np.float32]) -> Ranking:
    """The ranking with its first clauses sorted by the mean of their score and their relevance by a cross-encoder.

    ``relevance`` is that of the first clauses; the others stay behind them.
    """
    read = len(relevance)
    padded = np.concatenate((relevance, np.full(len(ranking) - read, -1, np.float32)))
    scores = ranking.scores.copy()
    scores[:read] = (scores[:read] + relevance) / 2
    order = np.concatenate((np.argsort(-scores[:read], kind="stable"), np.arange(read, len(ranking))))
    return replace(ranking, scores=scores, reranker=padded).take(order)
