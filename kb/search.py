"""Everything that can be asked of a built knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from kb import generations
from kb.answering import answering_units, leads_differ
from kb.encoder import Encoder, load_encoder
from kb.errors import IndexUnusable
from kb.facts import strongest
from kb.hits import as_hits
from kb.limits import asked_for, check_page, checked, checked_tasks, clean
from kb.models import (
    Answer,
    ClauseFacts,
    DocumentQuery,
    DocumentSummary,
    Expansion,
    Facets,
    Filters,
    Hit,
    HitOrder,
    Organization,
    OrganizationSummary,
    ParsedDocument,
    Responsibility,
    SearchResult,
    Status,
    Suggestion,
    Task,
    TaskQuery,
    UnitProfile,
    UnitQuery,
)
from kb.questions import Question, matter, understood
from kb.ranking import RELEVANT, Ranking, reranked
from kb.reranker import Reranker, load_reranker
from kb.retrieval import Found, Retriever
from kb.store import Store
from kb.survey import Survey
from kb.thesaurus import OwnThesaurus

RERANKED = 50  # so many of the best clauses a cross-encoder reads again

# Who answers is read off the best clause that somebody answers for; it must not be far behind the best clause of all (which may
# be nobody's task), and clauses this near to it in score speak too.
NOT_FAR_BEHIND = 0.7
ABOUT_AS_GOOD = 0.95
_LOOKED_THROUGH = 50  # clauses, for one that somebody answers for

EVERYTHING, ALL_TASKS, EVERY_UNIT, EVERY_DOCUMENT = Filters(), TaskQuery(), UnitQuery(), DocumentQuery()


class KnowledgeBase:
    """One generation, open for questions; any number of threads may ask at once."""

    def __init__(
        self, folder: Path, encoder: Encoder, thesaurus: OwnThesaurus | None = None, reranker: Reranker | None = None
    ) -> None:
        """``thesaurus`` and ``reranker`` are an operator's own, if there are any."""
        with ExitStack() as opened:
            self._reranker = reranker
            self._store = opened.enter_context(closing(Store(folder)))
            _check_model(self._store.manifest.model, encoder.name)
            self._retriever = Retriever(folder, self._store.clauses, encoder, thesaurus)
            self.survey = Survey(self._store)
            opened.pop_all()  # close() does it from here on

    @classmethod
    def open(
        cls, index: Path, encoder: Encoder, thesaurus: OwnThesaurus | None = None, reranker: Reranker | None = None
    ) -> KnowledgeBase:
        """The generation in use; IndexUnusable when there is none, it is broken, or it was built with another model."""
        while True:
            folder = generations.in_use(index)
            try:
                return cls(folder, encoder, thesaurus, reranker)
            except IndexUnusable:
                # Builds may have switched and swept while this one was being opened.
                if generations.in_use(index) == folder:
                    raise

    def close(self) -> None:
        """Give the files back; nobody may be asking."""
        self._store.close()

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- search --------------------------------------------------------------------------------

    def search(
        self, query: str, filters: Filters = EVERYTHING, limit: int = 10, offset: int = 0, order: HitOrder = "relevance"
    ) -> SearchResult:
        """One page of the clauses that answer the query, best first, or by date, relevant ones first.

        ``total`` counts what paging reaches: the ``CANDIDATES`` best clauses that share a word or a character with the query, and
        the ``CANDIDATES`` nearest by meaning, as far as they are above noise.
        """
        asked = understood(asked_for(query))
        check_page(limit, offset)
        found = self._found(asked, checked(filters))
        ranking = self._arranged(found.ranking, order)
        hits = self._hits(ranking.chosen(slice(offset, offset + limit)), asked, found.expansions)
        relevant = int((ranking.relevance >= RELEVANT).sum())
        return SearchResult(query, len(ranking), offset, limit, hits, relevant)

    def facets(self, query: str, filters: Filters = EVERYTHING) -> Facets:
        """How the relevant clauses spread over units, roles, documents, issuers, years, levels and due dates.

        What is narrowed already is counted without that filter, so that one can change to another value of it.
        """
        asked, filters, counts = understood(asked_for(query)), checked(filters), self._store.facets

        @cache
        def rows(without: str = "") -> list[int]:
            wider = replace(filters, **{name: getattr(EVERYTHING, name) for name in without.split()})
            return rows() if without and wider == filters else _relevant(self._found(asked, wider).ranking)

        return Facets(
            query,
            len(rows()),
            counts.with_targets(rows("has_targets")),
            counts.units(rows("unit"), filters),
            counts.roles(rows("role"), filters),
            counts.documents(rows("document_id")),
            counts.issuers(rows("issuers")),
            counts.years(rows("years")),
            counts.levels(rows("levels")),
            counts.due(rows("due_after due_before")),
        )

    def suggestions(self, typed: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What somebody who has typed so much may mean, by name or pinyin: units, tasks, documents; the weightiest for nothing."""
        check_page(limit, 0)
        return self._store.suggestions.of(clean(typed).strip(), limit)

    def who(self, query: str, limit: int = 10, filters: Filters = EVERYTHING) -> Answer:
        """Which units answer for what is asked, lead first, with at most ``limit`` clauses that say so.

        No units: nothing in the knowledge base is relevant enough (``RELEVANT``), and the evidence is what comes nearest.
        """
        check_page(limit, 0)
        asked = understood(matter(asked_for(query)))
        found = self._found(asked, checked(filters))
        places, answering = self._answering(found.ranking, limit)
        shown = found.ranking.chosen(places if len(places) else slice(0, limit))
        hits = self._hits(shown, asked, found.expansions)
        known = self._store.organizations_by_id(sorted({r.organization_id for named in answering for r in named}))
        return Answer(query, answering_units(hits, answering, known), hits, leads_differ(answering, known))

    def _found(self, asked: Question, filters: Filters) -> Found:
        found = self._retriever.found(asked, filters)
        if self._reranker is None or not len(found.ranking):
            return found
        first = self._store.clauses.facts(found.ranking.rows[:RERANKED].tolist())
        texts = ["\n".join((*one.clause.path, one.clause.text)) for one in first]
        return replace(found, ranking=reranked(found.ranking, self._reranker.relevance(asked.text, texts)))

    def _arranged(self, ranking: Ranking, order: HitOrder) -> Ranking:
        """The latest documents or the earliest dates due first; what has no date last, what is weak behind all that is relevant."""
        if order == "relevance":
            return ranking
        rows = ranking.rows.tolist()
        if order == "date":
            dates = self._store.facets.dates(rows)
            ordered = sorted(range(len(rows)), key=lambda place: dates[rows[place]], reverse=True)
        else:
            due = self._store.facets.earliest_due(rows)
            ordered = sorted(range(len(rows)), key=lambda place: due.get(rows[place], "9999"))
        weak = (ranking.relevance < RELEVANT).tolist()
        return ranking.chosen(np.array(sorted(ordered, key=weak.__getitem__), np.int64))

    def _hits(self, page: Ranking, asked: Question, expansions: Sequence[Expansion]) -> tuple[Hit, ...]:
        rows = [row for row in page.same_as.tolist() if row >= 0]
        better = {row: one.clause.id for row, one in zip(rows, self._store.clauses.facts(rows), strict=True)}
        return as_hits(page, self._store.clauses.facts(page.rows.tolist()), asked.words, expansions, better)

    def _answering(
        self, ranking: Ranking, limit: int
    ) -> tuple[NDArray[np.int64], tuple[tuple[Responsibility, ...], ...]]:
        """Places of the best clause that units answer for and of those about as good, best first, with the responsibilities."""
        near = ranking.chosen(slice(0, _LOOKED_THROUGH))
        near = near.chosen(np.flatnonzero(near.scores >= near.scores[:1] * NOT_FAR_BEHIND))
        answered = self._store.clauses.answered_by(near.rows.tolist())
        relevant = near.relevance >= RELEVANT
        places = [place for place, by in enumerate(answered) if by is not None and relevant[place]]
        places = [p for p in places if near.scores[p] >= near.scores[places[0]] * ABOUT_AS_GOOD][:limit]
        sources = self._store.clauses.facts([row for p in places if (row := answered[p]) is not None])
        return np.array(places, np.int64), tuple(strongest(source.responsibilities) for source in sources)

    # --- units, documents -------------------------------------------------------------

    def organizations(
        self, asked: UnitQuery = EVERY_UNIT, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[OrganizationSummary, ...]]:
        """How many units there are of those asked for, and one page of them."""
        check_page(limit, offset)
        return self._store.lists.organizations(replace(asked, name=clean(asked.name)), limit, offset)

    def organization(self, id_or_name: str) -> Organization:
        """The unit of that id, or the busiest that is called so; NotInKnowledgeBase."""
        return self.called(id_or_name)[0]

    def called(self, id_or_name: str) -> tuple[Organization, ...]:
        """The unit of that id, or all that are called so, the busiest first; NotInKnowledgeBase when there is none."""
        return self._store.called(clean(id_or_name))

    def summary(self, organization: Organization) -> OrganizationSummary:
        """The unit with how many clauses it answers for by role."""
        return self._store.summary(organization)

    def tasks(self, organization_id: str, asked: TaskQuery = ALL_TASKS) -> tuple[Task, ...]:
        """All that the unit answers for, in the order asked for; NotInKnowledgeBase for an unknown id."""
        return self._store.tasks(self.organization(organization_id).id, checked_tasks(asked))[1]

    def task_page(
        self, organization_id: str, asked: TaskQuery, limit: int, offset: int = 0
    ) -> tuple[int, tuple[Task, ...]]:
        """How many tasks of the unit there are, and one page of them; NotInKnowledgeBase for an unknown id."""
        check_page(limit, offset)
        return self._store.tasks(self.organization(organization_id).id, checked_tasks(asked), limit, offset)

    def profile(self, organization_id: str) -> UnitProfile:
        """Whom the unit works with, in which documents its tasks stand and when they are due; NotInKnowledgeBase."""
        return self._store.shares.profile(self.organization(organization_id).id)

    def answering(self, found: ClauseFacts) -> ClauseFacts:
        """The same clause with the responsibilities that answer for it: its own, else those of the nearest clause above with some."""
        above = found
        while not above.responsibilities and above.clause.parent_id is not None:
            above = self._store.clause(above.clause.parent_id)
        return replace(found, responsibilities=strongest(above.responsibilities))

    def documents(
        self, asked: DocumentQuery = EVERY_DOCUMENT, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[DocumentSummary, ...]]:
        """How many documents there are of those asked for, and one page of them."""
        check_page(limit, offset)
        asked = replace(asked, text=clean(asked.text), issuer=clean(asked.issuer))
        return self._store.lists.documents(asked, limit, offset)

    def document(self, document_id: str) -> ParsedDocument:
        """The document with its clauses and facts; NotInKnowledgeBase."""
        return self._store.document(clean(document_id))

    def clause(self, clause_id: str) -> ClauseFacts:
        """The clause with its facts; NotInKnowledgeBase."""
        return self._store.clause(clean(clause_id))

    def status(self) -> Status:
        """What the generation in use holds and was built with."""
        return self._store.status()


def opener(
    model: str = "", query_prefix: str = "", thesaurus: Path | None = None, reranker: str = ""
) -> Callable[[Path], KnowledgeBase]:
    """Opens the index in a folder, with the model, thesaurus and cross-encoder of these names loaded once; none for "".

    ModelUnusable, ThesaurusUnusable or RerankerUnusable at once when one of them cannot be had.
    """
    encoder = load_encoder(model, query_prefix)
    own = OwnThesaurus(thesaurus, encoder) if thesaurus else None
    return partial(KnowledgeBase.open, encoder=encoder, thesaurus=own, reranker=load_reranker(reranker))


def _check_model(built_with: str, asked_with: str) -> None:
    if built_with != asked_with:
        raise IndexUnusable(
            f"the index was built with the model {built_with!r}, not {asked_with!r}; use that one or run `kb build`"
        )


def _relevant(ranking: Ranking) -> list[int]:
    """The rows of the relevant clauses, of all when none is."""
    relevant = ranking.rows[ranking.relevance >= RELEVANT]
    rows: list[int] = (relevant if len(relevant) else ranking.rows).tolist()
    return rows
