"""Retrieval: candidates by words, expansions and meaning, fused into one ranking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kb.encoders import Encoder
from kb.index.asking import Asked, Generation
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
    PENAL,
    TITLE_YEAR,
    Ranking,
    Signals,
    fuse,
    multiple_for,
)
from kb.search.spelling import Spelling

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

    def __init__(self, generation: Generation, encoder: Encoder, own: thesaurus.OwnThesaurus | None = None) -> None:
        """``own`` is the thesaurus of the operator, if there is one."""
        self._generation, self._table = generation, generation.store.clauses
        self._encoder, self._own = encoder, own
        self.spelling = Spelling(generation.vocabulary)
        self._contextual = open_contextual(generation, encoder)
        self._thesaurus = thesaurus.load(generation.vectors(thesaurus.vectors_name(encoder.name)), encoder)
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
        meant = self._meant(question, filters)
        asked = Asked(
            *(question.words, self._table.matter_of(question.words) or "", expansions, vector, filters),
            *(question.exact, question.excluded),
            *(meant.documents, meant.provisions),
        )
        signals = self._signals(question, asked)
        past = self._table.out_of_force(signals.rows)
        if newest_first := not question.years and not len(meant.documents):
            past |= self._table.followed(signals.rows)
        ranking = fuse(signals, past)
        means = self._generation.means(ranking.rows[:COMPARED])
        ranking = group_alike(ranking, means, self._table, newest_first)
        if meant.missing or question.for_person:
            citing = self._table.names.citing(question.numbers) if question.numbers else _NONE
            ranking = replace(ranking, beside=~np.isin(ranking.rows, citing))
        return Retrieved(ranking, expansions, meant.missing)

    def _signals(self, question: Question, asked: Asked) -> Signals:
        found = self._generation.matches(asked)
        rows = found.rows
        return Signals(
            rows,
            found.words,
            found.expansions,
            found.passages,
            found.context,
            found.document_words,
            self._bonus(question, rows),
            self._table.elsewhere(question.text, rows),
            np.isin(found.documents, asked.documents),
            np.isin(rows, found.provisions),
            self._weights(question, rows, found.documents),
            multiple_for(sum(map(str.isalnum, question.words))),
            self._contextual.evidence(question.text, rows) if self._contextual else None,
            self._contextual.share if self._contextual else 0.0,
            found.matter,
        )

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
        rows = self._generation.documents_holding(words)[:_READ]
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
        """The bonus of each clause for the units, the role and the years that the question names, and for punishing where it asks who does."""
        bonus = np.zeros(len(rows), np.float32)
        bonus[self._table.evidence.of_units_named_in(question.text, question.role, rows)] += NAMED_UNIT
        if question.for_penalty:
            bonus[self._table.evidence.penal(rows)] += PENAL
        if question.role:
            bonus[self._table.evidence.answered_as(question.role, rows)] += NAMED_ROLE
        if question.years:
            bonus[self._table.evidence.due_in(question.years, rows)] += NAMED_YEAR
        return bonus
