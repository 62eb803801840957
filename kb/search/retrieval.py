"""Retrieval: candidates by words, expansions and meaning, fused into one ranking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.encoders import Encoder
from kb.index.segments import AllowedRows, sorted_unique
from kb.index.store.clauses import ClauseTable
from kb.index.vectors import PassageIndex, VectorIndex
from kb.index.words import DOCUMENTS, WordIndex, fold
from kb.models import Expansion, Filters
from kb.search import thesaurus
from kb.search.contextual import open_contextual
from kb.search.likeness import COMPARED, group_alike
from kb.search.questions import Question, in_any_brackets
from kb.search.ranking import (
    AIMS,
    CLOSING,
    NAMED_ISSUER,
    NAMED_ROLE,
    NAMED_UNIT,
    NAMED_YEAR,
    OPENING,
    OTHER_YEAR,
    TITLE_YEAR,
    Ranking,
    Signals,
    fuse,
    multiple_for,
)
from kb.search.spelling import Spelling

# The number of candidates by words, and as many by expansions; and of candidate passages by meaning. A clause that is not among them is
# no hit. On 300 questions over 62,827 articles 100 of each retrieve as much as 500.
CANDIDATES, NEAR = 120, 200

_CACHED = 1000  # queries; the next page, the facets and other people ask the same query again

_READ = 200  # documents that are read for a number

_Rows = NDArray[np.int64]
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The clauses that match a query, best first, and the expansions of the query."""

    ranking: Ranking
    expansions: tuple[Expansion, ...]
    missing: str = ""  # what the question names that is not here, as it is printed there: a number, an article


@dataclass(frozen=True, slots=True)
class _Meant:
    """The documents and their articles that a question names, by row, and what it names that is not here."""

    documents: _Rows
    provisions: _Rows
    missing: str


class Retriever:
    """The indexes of one generation, searched together; thread-safe."""

    def __init__(
        self, folder: Path, clauses: ClauseTable, encoder: Encoder, own: thesaurus.OwnThesaurus | None = None
    ) -> None:
        """``own`` is the thesaurus of the operator, if there is one."""
        self._table, self._encoder, self._own = clauses, encoder, own
        self._words, self._documents = WordIndex.open(folder), WordIndex.open(folder, DOCUMENTS)
        self.spelling = Spelling(self._words)
        self._clauses = VectorIndex.open(folder)
        self._passages = PassageIndex.open(folder)
        self._contextual = open_contextual(folder, encoder)
        self._thesaurus = thesaurus.load(folder, encoder)
        self._cached = lru_cache(maxsize=_CACHED)(self._retrieve)

    def retrieve(self, question: Question, filters: Filters) -> Retrieved:
        """The clauses that match the question and pass the filters; recent results are cached."""
        today = self._table.today()
        # A new object when its file has changed, so that the cache is missed.
        own = self._own.current() if self._own else None
        return self._cached(question, filters, today, own)

    def _retrieve(self, question: Question, filters: Filters, _: date, own: thesaurus.Thesaurus | None) -> Retrieved:
        if self._contextual:
            self._contextual.begin(question.text)
        [vector] = self._encoder.encode_queries([question.text])
        by_operator = own.expansions(question.text, vector) if own else ()
        expansions = thesaurus.strongest(by_operator, self._thesaurus.expansions(question.text, vector))
        allowed = self._allowed(question, filters)
        meant = self._meant(question, filters)
        signals = self._signals(question, vector, expansions, allowed, meant)
        past = self._table.out_of_force(signals.rows)
        if newest_first := not question.years and not len(meant.documents):
            past |= self._table.followed(signals.rows)
        ranking = fuse(signals, past)
        means = self._passages.means(ranking.rows[:COMPARED])
        ranking = group_alike(ranking, means, self._table, newest_first)
        if meant.missing or question.for_person:
            citing = self._table.names.citing(question.numbers) if question.numbers else _NONE
            ranking = replace(ranking, beside=~np.isin(ranking.rows, citing))
        return Retrieved(ranking, expansions, meant.missing)

    def _signals(
        self,
        question: Question,
        vector: NDArray[np.float32],
        expansions: tuple[Expansion, ...],
        allowed: AllowedRows | None,
        meant: _Meant,
    ) -> Signals:
        named = meant.documents
        provisions = meant.provisions if allowed is None else meant.provisions[allowed.mask[meant.provisions]]
        with (
            self._words.score(question.words, allowed) as words,
            self._words.score_expansions(expansions, allowed) as expanded,
        ):
            candidates = [words.top(CANDIDATES), expanded.top(CANDIDATES)]
            if vector.any():
                candidates.append(self._passages.candidates(vector, NEAR, allowed))
            candidates.append(provisions)
            if len(named):
                clauses = self._table.clauses_of(named, allowed)
                candidates.append(clauses[np.argsort(-words.of(clauses), kind="stable")[:CANDIDATES]])
            rows = self._table.in_reading_order(sorted_unique(np.concatenate(candidates)))
            word_scores, expansion_scores = words.of(rows), expanded.of(rows)
        of_rows = self._table.documents(rows)
        with self._documents.score(question.words) as of_documents:
            documents = of_documents.of(of_rows)
        return Signals(
            rows,
            word_scores,
            expansion_scores,
            self._passages.scores(vector, rows).clip(0, 1),
            self._clauses.scores(vector, rows).clip(0, 1),
            documents,
            self._bonus(question, rows),
            self._table.elsewhere(question.text, rows),
            np.isin(of_rows, named),
            np.isin(rows, provisions),
            self._weights(question, rows, of_rows),
            multiple_for(sum(map(str.isalnum, question.words))),
            self._contextual.evidence(question.text, rows) if self._contextual else None,
            self._contextual.share if self._contextual else 0.0,
        )

    def _allowed(self, question: Question, filters: Filters) -> AllowedRows | None:
        """The clauses that pass the filters, hold what the question has in quotes and nothing that it excludes; None for all."""
        allowed = self._table.allowed(filters)
        if not question.exact and not question.excluded:
            return allowed
        mask = np.ones(self._words.rows, np.bool_) if allowed is None else allowed.mask.copy()
        for text in question.exact:
            held = np.zeros(len(mask), np.bool_)
            held[self._holding(text)] = True
            mask &= held
        for text in question.excluded:
            mask[self._holding(text)] = False
        return AllowedRows.from_mask(mask)

    def _holding(self, text: str) -> _Rows:
        folded = fold(text)
        return self._table.containing(self._words.holding(folded), folded)

    def _meant(self, question: Question, filters: Filters) -> _Meant:
        """What the question names of what is here: documents, else the one that is asked, and their article or item."""
        names = self._table.names
        named = names.named(question.numbers, question.works, question.letters)
        missing = "" if names.numbered(question.numbers) or self._stands_somewhere(question.number) else question.number
        if not question.provision:
            return _Meant(named, _NONE, missing)
        asked = named
        if not len(asked):
            asked = names.meant_by_short_title(question.before_provision)
        if not question.works and names.is_another(question.before_provision, asked.tolist()):
            return _Meant(_NONE, _NONE, question.before_provision + question.provision_text)
        if not len(asked):
            asked = names.of_id(filters.document_id)
        provisions = names.provisions(asked.tolist(), question.provision)
        if len(asked) and not len(provisions):
            missing = missing or question.provision_text
        return _Meant(named, provisions, missing)

    def _stands_somewhere(self, number: str) -> bool:
        """Whether some document has that number anywhere in its text, in brackets of any kind."""
        looked_for = in_any_brackets(number)
        if not looked_for:
            return False
        words, pattern = looked_for
        rows = self._documents.holding(words)[:_READ]
        return any(pattern.search(text) for text in self._table.names.texts(rows.tolist()))

    def _weights(self, question: Question, rows: _Rows, of_rows: _Rows) -> NDArray[np.float32]:
        """How much each clause counts by its part, and by issuer and year of its document (``of_rows``), where the question names these."""
        weights, evidence = np.ones(len(rows), np.float32), self._table.evidence
        opening, closing, aims = evidence.framing(rows)
        weights[opening] *= OPENING
        weights[closing] *= CLOSING
        if not question.for_aims:
            weights[aims] *= AIMS
        if not question.role:
            weights[np.isin(of_rows, evidence.issued_by_one_named_in(question.text))] *= NAMED_ISSUER
        if question.years:
            named, others = evidence.of_years(question.years, of_rows)
            weights[named] *= TITLE_YEAR
            weights[others] *= OTHER_YEAR
        return weights

    def _bonus(self, question: Question, rows: _Rows) -> NDArray[np.float32]:
        """The bonus of each clause for the units, the role and the years that the question names."""
        bonus = np.zeros(len(rows), np.float32)
        bonus[self._table.evidence.of_units_named_in(question.text, question.role, rows)] += NAMED_UNIT
        if question.role:
            bonus[self._table.evidence.answered_as(question.role, rows)] += NAMED_ROLE
        if question.years:
            bonus[self._table.evidence.due_in(question.years, rows)] += NAMED_YEAR
        return bonus
