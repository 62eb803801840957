"""Everything that can be asked of a built knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kb import generations
from kb.answering import answering_units, in_order, leads_differ
from kb.encoder import Encoder, load_encoder
from kb.errors import IndexUnusable
from kb.facts import strongest
from kb.hits import hit
from kb.limits import asked_for, check_page, checked, clean
from kb.models import (
    Answer,
    ClauseFacts,
    DocumentSummary,
    Expansion,
    Filters,
    Hit,
    Lack,
    Organization,
    OrganizationSummary,
    ParsedDocument,
    Responsibility,
    SearchResult,
    Status,
    Task,
    TaskOrder,
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

EVERYTHING = Filters()


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
            self._retriever = Retriever(folder, encoder, thesaurus)
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

    def search(self, query: str, filters: Filters = EVERYTHING, limit: int = 10, offset: int = 0) -> SearchResult:
        """One page of the clauses that answer the query, best first.

        ``total`` counts what paging reaches: the ``CANDIDATES`` best clauses that share a word or a character with the query, and
        the ``CANDIDATES`` nearest by meaning, as far as they are above noise.
        """
        asked = understood(asked_for(query))
        check_page(limit, offset)
        found = self._found(asked, checked(filters))
        hits = self._hits(found.ranking.chosen(slice(offset, offset + limit)), asked, found.expansions)
        return SearchResult(query, len(found.ranking), offset, limit, hits)

    def who(self, query: str, limit: int = 10) -> Answer:
        """Which units answer for what is asked, lead first, with at most ``limit`` clauses that say so.

        No units: nothing in the knowledge base is relevant enough (``RELEVANT``), and the evidence is what comes nearest.
        """
        check_page(limit, 0)
        asked = understood(matter(asked_for(query)))
        found = self._found(asked, EVERYTHING)
        places, answering = self._answering(found.ranking, limit)
        shown = found.ranking.chosen(places if len(places) else slice(0, limit))
        hits = self._hits(shown, asked, found.expansions)
        known = self._store.organizations_by_id(sorted({r.organization_id for named in answering for r in named}))
        return Answer(query, answering_units(hits, answering, known), hits, leads_differ(answering, known))

    def _found(self, asked: Question, filters: Filters) -> Found:
        found = self._retriever.found(asked, self._store, self._store.allowed(filters))
        if self._reranker is None or not len(found.ranking):
            return found
        first = self._store.clause_facts(found.ranking.rows[:RERANKED].tolist())
        texts = ["\n".join((*one.clause.path, one.clause.text)) for one in first]
        return replace(found, ranking=reranked(found.ranking, self._reranker.relevance(asked.text, texts)))

    def _hits(self, page: Ranking, asked: Question, expansions: Sequence[Expansion]) -> tuple[Hit, ...]:
        better = [row for row in page.same_as.tolist() if row >= 0]
        ids = dict(zip(better, (one.clause.id for one in self._store.clause_facts(better)), strict=True))
        return tuple(
            replace(hit(facts, page, place, asked, expansions), same_as=ids.get(int(page.same_as[place]), ""))
            for place, facts in enumerate(self._store.clause_facts(page.rows.tolist()))
        )

    def _answering(
        self, ranking: Ranking, limit: int
    ) -> tuple[NDArray[np.int64], tuple[tuple[Responsibility, ...], ...]]:
        """Places of the best clause that units answer for and of those about as good, best first, with the responsibilities."""
        near = ranking.chosen(slice(0, _LOOKED_THROUGH))
        near = near.chosen(np.flatnonzero(near.scores >= near.scores[:1] * NOT_FAR_BEHIND))
        answered = self._store.answered_by(near.rows.tolist())
        relevant = near.relevance >= RELEVANT
        places = [place for place, by in enumerate(answered) if by is not None and relevant[place]]
        places = [p for p in places if near.scores[p] >= near.scores[places[0]] * ABOUT_AS_GOOD][:limit]
        sources = self._store.clause_facts([row for p in places if (row := answered[p]) is not None])
        return np.array(places, np.int64), tuple(strongest(source.responsibilities) for source in sources)

    # --- units, documents -------------------------------------------------------------

    def organizations(
        self, name: str = "", limit: int = 50, offset: int = 0, *, only_unresolved: bool = False
    ) -> tuple[int, tuple[OrganizationSummary, ...]]:
        """How many units have ``name`` in a name or its pinyin initials, and one page of them, the busiest first."""
        check_page(limit, offset)
        return self._store.organizations(clean(name), limit, offset, only_unresolved=only_unresolved)

    def organization(self, id_or_name: str) -> Organization:
        """The unit of that id, or the busiest that is called so; NotInKnowledgeBase."""
        return self.called(id_or_name)[0]

    def called(self, id_or_name: str) -> tuple[Organization, ...]:
        """The unit of that id, or all that are called so, the busiest first; NotInKnowledgeBase when there is none."""
        return self._store.called(clean(id_or_name))

    def tasks(self, organization_id: str, order: TaskOrder = "document") -> tuple[Task, ...]:
        """What the unit answers for, by document in reading order unless another is asked for; NotInKnowledgeBase for an unknown id."""
        return in_order(self._store.tasks(self.organization(organization_id).id), order)

    def answering(self, found: ClauseFacts) -> ClauseFacts:
        """The same clause with the responsibilities that answer for it: its own, else those of the nearest clause above with some."""
        above = found
        while not above.responsibilities and above.clause.parent_id is not None:
            above = self._store.clause(above.clause.parent_id)
        return replace(found, responsibilities=strongest(above.responsibilities))

    def documents(
        self, limit: int = 50, offset: int = 0, lacking: Lack | Literal[""] = ""
    ) -> tuple[int, tuple[DocumentSummary, ...]]:
        """How many documents there are (that lack what is named), and one page of them."""
        check_page(limit, offset)
        return self._store.documents(limit, offset, lacking)

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
