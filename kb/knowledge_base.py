"""The face of a built knowledge base: everything that can be asked of it, handed on to what answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from types import TracebackType

from kb.aggregations import Aggregations
from kb.encoders import Encoder, load_encoder
from kb.encoders.reranker import Reranker, load_reranker
from kb.errors import IndexUnusable
from kb.index import generations
from kb.index.store import Store
from kb.messages import Message
from kb.models import (
    ALL_TASKS,
    EVERY_DOCUMENT,
    EVERY_UNIT,
    EVERYTHING,
    Answer,
    ClauseFacts,
    DocumentQuery,
    DocumentSummary,
    Facets,
    Filters,
    HitOrder,
    Organization,
    OrganizationSummary,
    ParsedDocument,
    SearchResult,
    Status,
    Suggestion,
    Task,
    TaskQuery,
    UnitProfile,
    UnitQuery,
)
from kb.search import ClauseSearch
from kb.search.limits import check_page, checked, clean
from kb.search.retrieval import Retriever
from kb.search.thesaurus import OwnThesaurus


class KnowledgeBase:
    """One generation, open for questions; any number of threads may ask at once."""

    def __init__(
        self, folder: Path, encoder: Encoder, thesaurus: OwnThesaurus | None = None, reranker: Reranker | None = None
    ) -> None:
        """``thesaurus`` and ``reranker`` are an operator's own, if there are any."""
        with ExitStack() as opened:
            self._store = opened.enter_context(closing(Store(folder)))
            _check_model(folder, self._store.manifest.model, encoder.name)
            retriever = Retriever(folder, self._store.clauses, encoder, thesaurus)
            self._search = ClauseSearch(self._store, retriever, reranker)
            self.aggregations = Aggregations(self._store)
            opened.pop_all()  # close() does it from here on

    @classmethod
    def open(
        cls,
        index: Path,
        encoder: Encoder | None = None,
        thesaurus: OwnThesaurus | None = None,
        reranker: Reranker | None = None,
    ) -> KnowledgeBase:
        """The generation in use, asked with the encoder that it was built with, by default the embedded one.

        IndexUnusable when there is none, it is broken, or it was built with another model.
        """
        encoder = encoder or load_encoder()
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
        """One page of the clauses that answer the query; see ``ClauseSearch.search``."""
        return self._search.search(query, filters, limit, offset, order)

    def facets(self, query: str, filters: Filters = EVERYTHING) -> Facets:
        """How the relevant clauses spread over units, roles, documents, issuers, years, levels and due dates."""
        return self._search.facets(query, filters)

    def suggestions(self, typed: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What somebody who has typed so much may mean: units, tasks, documents."""
        check_page(limit, 0)
        return self._store.suggestions.of(clean(typed).strip(), limit)

    def who(self, query: str, limit: int = 10, filters: Filters = EVERYTHING) -> Answer:
        """Which units answer for what is asked, with at most ``limit`` clauses that say so; see ``ClauseSearch.who``."""
        return self._search.who(query, limit, filters)

    # --- units, documents -------------------------------------------------------------

    def organizations(
        self, asked: UnitQuery = EVERY_UNIT, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[OrganizationSummary, ...]]:
        """How many units there are of those asked for, and one page of them."""
        check_page(limit, offset)
        return self._store.lists.organizations(checked(asked), limit, offset)

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
        return self._store.tasks(self.organization(organization_id).id, checked(asked))[1]

    def task_page(
        self, organization_id: str, asked: TaskQuery, limit: int, offset: int = 0
    ) -> tuple[int, tuple[Task, ...]]:
        """How many tasks of the unit there are, and one page of them; NotInKnowledgeBase for an unknown id."""
        check_page(limit, offset)
        return self._store.tasks(self.organization(organization_id).id, checked(asked), limit, offset)

    def profile(self, organization_id: str) -> UnitProfile:
        """Whom the unit works with, in which documents its tasks stand and when they are due; NotInKnowledgeBase."""
        return self._store.shares.profile(self.organization(organization_id).id)

    def answering(self, clause_ids: Sequence[str]) -> tuple[ClauseFacts, ...]:
        """The clauses of these ids, each with the responsibilities that answer for it (``kb.answering``); NotInKnowledgeBase."""
        return self._store.answering([clean(clause_id) for clause_id in clause_ids])

    def documents(
        self, asked: DocumentQuery = EVERY_DOCUMENT, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[DocumentSummary, ...]]:
        """How many documents there are of those asked for, and one page of them."""
        check_page(limit, offset)
        return self._store.lists.documents(checked(asked), limit, offset)

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


def _check_model(folder: Path, built_with: str, asked_with: str) -> None:
    if built_with != asked_with:
        raise IndexUnusable(folder, Message("other-model", built_with=built_with, asked_with=asked_with))
