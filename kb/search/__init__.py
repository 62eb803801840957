"""Search: the clauses that match a query, their facets, and the units responsible for what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.answering import answering_units, leads_differ
from kb.encoders.reranker import Reranker
from kb.index.store import Store
from kb.models import (
    EVERYTHING,
    Answer,
    AskedList,
    ClauseFacts,
    Directness,
    Expansion,
    Facets,
    Filters,
    Hit,
    HitOrder,
    Responsibility,
    SearchResult,
)
from kb.models.fields import parameters_of
from kb.search.hits import build_hits
from kb.search.limits import asked_for, check_page, check_rows, checked
from kb.search.lists import asked_list
from kb.search.questions import Question, matter_of, parse_question, unit_asked_for_its_tasks
from kb.search.ranking import Ranking, rerank
from kb.search.retrieval import Retrieved, Retriever
from kb.search.sentences import set_apart
from kb.text import normalise
from kb.units.lists import split_units

RERANKED = 50  # the number of best clauses that a cross-encoder reads

# "Who" is answered by the best clause with a responsible unit. Its score must be at least NEAR_THE_BEST of that of the best clause of
# all, which may have none. Other clauses with at least ABOUT_AS_GOOD of its own score answer too.
NEAR_THE_BEST = 0.8
ABOUT_AS_GOOD = 0.97
# By how much more of the query the first clause has to hold of another spelling, for that to be suggested. Over 548 judged queries the
# score of words rises by 0.02 at most where none has a slip, and by 0.18 or more where a character is one that sounds the same.
CLEARLY_MORE = 0.1
MOSTLY_HELD = 0.5  # a clause that scores so by words has all that is typed; with a wrong character the best have 0.44
_EXAMINED = 50  # the number of best clauses among which one with a responsible unit is looked for

# Each facet with the filters whose values it counts.
_FACETS = {
    facet: tuple(each.field for each in parameters_of(Filters) if each.metadata.get("facet") == facet)
    for facet in dict.fromkeys(each.metadata["facet"] for each in parameters_of(Filters) if "facet" in each.metadata)
}


class ClauseSearch:
    """Searches one generation; thread-safe."""

    def __init__(self, store: Store, retriever: Retriever, reranker: Reranker | None = None) -> None:
        """``reranker`` is a cross-encoder, None for ranking without one."""
        self._store, self._retriever, self._reranker = store, retriever, reranker

    def search(
        self, query: str, filters: Filters = EVERYTHING, limit: int = 10, offset: int = 0, order: HitOrder = "relevance"
    ) -> SearchResult:
        """One page of the clauses that match the query, best first, or by date with the relevant ones first.

        ``total`` counts all clauses that paging reaches: the candidates of retrieval with a relevance of at least ``NOISE``.
        """
        check_page(limit, offset)
        question, narrowed, units = self._understood(query, filters)
        retrieved = self._retrieve(question, narrowed)
        ranking = self._sort(retrieved.ranking, order)
        hits = self._hits(ranking.take(slice(offset, offset + limit)), question, retrieved.expansions)
        relevant = int(ranking.answers.sum())
        meant = self._did_you_mean(question, retrieved.ranking, narrowed)
        role = narrowed.role if units else ""
        return SearchResult(query, len(ranking), offset, limit, hits, relevant, retrieved.missing, units, meant, role)

    def _did_you_mean(self, question: Question, found: Ranking, filters: Filters) -> str:
        """Another spelling of the question of which clauses hold clearly more, "" for none."""
        held = found.words[:1].sum()
        is_asked = held < MOSTLY_HELD and not question.exact and not question.excluded
        meant = self._retriever.spelling.meant(question.text) if is_asked else ""
        if not meant:
            return ""
        better = self._retriever.retrieve(parse_question(meant), filters).ranking
        is_answered = len(better) > 0 and bool(better.answers[0])
        return meant if is_answered and better.words[0] >= held + CLEARLY_MORE else ""

    def answering(
        self, query: str, filters: Filters = EVERYTHING, limit: int = 10, order: HitOrder = "relevance"
    ) -> tuple[ClauseFacts, ...]:
        """The first ``limit`` of the relevant clauses, each with the responsibilities that answer for it: the rows of a ledger."""
        check_rows(limit)
        question, filters, _ = self._understood(query, filters)
        ranking = self._sort(self._retrieve(question, filters).ranking, order)
        return self._store.clauses.answering(ranking.rows[ranking.answers][:limit].tolist())

    def facets(self, query: str, filters: Filters = EVERYTHING) -> Facets:
        """The number of relevant clauses for each unit, role, document, issuer, year, level and due date.

        The values of a filter that is set are counted without it, since a reader may want to change to another of them.
        """
        question, filters, _ = self._understood(query, filters)
        counts = self._store.facets

        @cache
        def rows(*without: str) -> list[int]:
            wider = replace(filters, **{name: getattr(EVERYTHING, name) for name in without})
            return rows() if without and wider == filters else _relevant(self._retrieve(question, wider).ranking)

        counted: dict[str, Any] = {facet: counts.of(facet, rows(*names), filters) for facet, names in _FACETS.items()}
        return Facets(query=query, total=len(rows()), **counted)

    def who(self, query: str, limit: int = 10, filters: Filters = EVERYTHING) -> Answer:
        """The units responsible for what is asked, lead first, with at most ``limit`` clauses as evidence.

        Without units nobody answers for a clause that is relevant (``Ranking.is_sure``), near enough to the best and not from elsewhere than
        the place that the query names; the evidence is then the nearest clauses.
        """
        check_page(limit, 0)
        asked = asked_for(query)
        whole = parse_question(asked)
        question = parse_question(matter_of(asked))
        question = replace(question, role=whole.role, for_person=whole.for_person, for_penalty=whole.for_penalty)
        retrieved = self._retrieve(question, checked(filters))
        is_place_alone = self._store.clauses.matter_of(question.words) == ""  # which asks for nothing
        places, responsibilities = self._answering(retrieved.ranking, 0 if is_place_alone else limit)
        evidence = retrieved.ranking.take(slice(0, limit))
        if len(
            places
        ):  # what says who answers is no weak hit, though what comes before it may hold more of the question
            evidence = replace(retrieved.ranking.take(places), needed=None)
        hits = self._hits(evidence, question, retrieved.expansions)
        ids = sorted({each.organization_id for of_clause in responsibilities for each in of_clause})
        organizations = self._store.organizations_by_id(ids)
        apart = self._apart(hits, responsibilities, question)
        units = answering_units(hits, responsibilities, organizations, apart)
        return Answer(query, units, hits, leads_differ(responsibilities, organizations), retrieved.missing)

    @staticmethod
    def _apart(
        hits: Sequence[Hit], answers: Sequence[Sequence[Responsibility]], question: Question
    ) -> dict[Responsibility, Directness]:
        """The responsibilities for something else than what is asked, in the clauses that part the work among their units."""
        penalty = question.for_penalty
        return {
            responsibility: how
            for hit, several in zip(hits, answers, strict=False)
            for responsibility, how in set_apart(hit.facts.clause, several, question.words, for_penalty=penalty).items()
        }

    def _understood(self, query: str, filters: Filters) -> tuple[Question, Filters, tuple[str, ...]]:
        """The question, the filters, and the units whose tasks it asks for, which narrow it, as their role does: "市教育局牵头什么"."""
        asked, filters = asked_for(query), checked(filters)
        unit, role = unit_asked_for_its_tasks("" if filters.unit else asked)
        unit, units = self._units_called(unit)
        if not units:
            return parse_question(asked), filters, ()
        return parse_question(unit), replace(filters, unit=unit, role=filters.role or role), units

    def _units_called(self, name: str) -> tuple[str, tuple[str, ...]]:
        """What is asked for as a unit, several of them with 、 between, and their ids: "县财政局和审计局" → "县财政局、县审计局"; none where one is not known."""
        if not name or (units := self._store.units_named(name)):
            return name, units if name else ()
        several = [mention.name for mention in split_units(normalise(name), 0, len(name))]
        ids = [self._store.units_named(each) for each in several]
        return ("、".join(several), tuple(chain(*ids))) if len(several) > 1 and all(ids) else (name, ())

    def asked_list(self, query: str) -> AskedList | None:
        """The list that the question asks for today; None when it asks for clauses, or names a unit that no document does."""
        asked = asked_list(asked_for(query), self._store.clauses.today())
        if not asked or not asked.unit:
            return asked
        unit, units = self._units_called(asked.unit)
        return replace(asked, unit=unit) if units else None

    def _retrieve(self, question: Question, filters: Filters) -> Retrieved:
        retrieved = self._retriever.retrieve(question, filters)
        if self._reranker is None or not len(retrieved.ranking):
            return retrieved
        first = self._store.clauses.facts(retrieved.ranking.rows[:RERANKED].tolist())
        texts = ["\n".join((*facts.clause.path, facts.clause.text)) for facts in first]
        return replace(retrieved, ranking=rerank(retrieved.ranking, self._reranker.relevance(question.text, texts)))

    def _sort(self, ranking: Ranking, order: HitOrder) -> Ranking:
        """By date of the document, latest first, or due date, earliest first; dateless clauses last, irrelevant ones behind all."""
        if order == "relevance":
            return ranking
        rows = ranking.rows.tolist()
        if order == "date":
            dates = self._store.clauses.issued(rows)
            ordered = sorted(range(len(rows)), key=lambda place: dates[rows[place]], reverse=True)
        else:
            due = self._store.clauses.first_due(rows)
            ordered = sorted(range(len(rows)), key=lambda place: due.get(rows[place], "9999"))
        weak = (~ranking.answers).tolist()
        return ranking.take(np.array(sorted(ordered, key=weak.__getitem__), np.int64))

    def _hits(self, page: Ranking, question: Question, expansions: Sequence[Expansion]) -> tuple[Hit, ...]:
        rows = [row for row in (*page.duplicate_of.tolist(), *page.earlier_of.tolist()) if row >= 0]
        better = {row: facts.clause.id for row, facts in zip(rows, self._store.clauses.facts(rows), strict=True)}
        return build_hits(page, self._store.clauses.facts(page.rows.tolist()), question.words, expansions, better)

    def _answering(
        self, ranking: Ranking, limit: int
    ) -> tuple[NDArray[np.int64], tuple[tuple[Responsibility, ...], ...]]:
        """The places in the ranking of the clauses that answer "who", best first, and the responsibilities that answer for each."""
        near = ranking.take(slice(0, _EXAMINED))
        near = near.take(np.flatnonzero(near.scores >= near.scores[:1] * NEAR_THE_BEST))
        # What another place has decided does not say who answers here.
        answered = self._store.clauses.answered(near.rows[~near.elsewhere | near.named].tolist())
        relevant = near.is_sure
        relevant &= ~np.isin(near.duplicate_of, list(answered))  # the better one answers already
        relevant &= ~np.isin(near.earlier_of, list(answered))  # and so does that of the later year
        places = [place for place, row in enumerate(near.rows.tolist()) if row in answered and relevant[place]]
        places = [p for p in places if near.scores[p] >= near.scores[places[0]] * ABOUT_AS_GOOD][:limit]
        rows = near.rows[places].tolist()
        answers = self._store.clauses.answers(rows)
        return np.array(places, np.int64), tuple(answers[row] for row in rows)


def _relevant(ranking: Ranking) -> list[int]:
    """The rows of the relevant clauses, of all clauses when none is relevant."""
    relevant = ranking.rows[ranking.answers]
    rows: list[int] = (relevant if len(relevant) else ranking.rows).tolist()
    return rows
