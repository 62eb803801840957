"""The interface of a built knowledge base: every query, passed on to the part that answers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

from kb.aggregations import Aggregations
from kb.encoders import Encoder, load_encoder
from kb.encoders.reranker import Reranker, load_reranker
from kb.errors import IndexUnusable
from kb.index.asking import Generation
from kb.index.folders import at
from kb.index.keeping import Address
from kb.messages import Message
from kb.models import (
    ALL_TASKS,
    EVERY_DOCUMENT,
    EVERY_UNIT,
    EVERYTHING,
    Answer,
    AskedList,
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
from kb.search.contextual import read_clauses
from kb.search.limits import check_page, checked, clean
from kb.search.retrieval import Retriever
from kb.search.thesaurus import OwnThesaurus


class KnowledgeBase:
    """One open generation; thread-safe."""

    def __init__(
        self,
        generation: Generation,
        encoder: Encoder,
        thesaurus: OwnThesaurus | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """``thesaurus`` is that of the operator, ``reranker`` a cross-encoder; None for neither."""
        with ExitStack() as opened:
            self._verify: Callable[[], object] = lambda: None
            self._generation = opened.enter_context(closing(generation))
            generation.hold()
            self._store = generation.store
            _check_model(generation.address, self._store.manifest.model, encoder.name)
            self._status = replace(self._store.status(), contextual=read_clauses(generation, encoder))
            retriever = Retriever(generation, encoder, thesaurus)
            self._search = ClauseSearch(self._store, retriever, reranker)
            self.aggregations = Aggregations(self._store, self.status)
            opened.pop_all()  # from here on close() closes the generation

    @classmethod
    def open(
        cls,
        index: Address,
        encoder: Encoder | None = None,
        thesaurus: OwnThesaurus | None = None,
        reranker: Reranker | None = None,
    ) -> KnowledgeBase:
        """The generation in use; ``encoder`` must be the one that it was built with, by default the embedded one.

        IndexUnusable when there is none, it is broken, or it was built with another model. A large one is opened before it is
        verified: ``verify``.
        """
        kept, encoder = at(index), encoder or load_encoder()
        while True:
            name = kept.in_use()
            try:
                is_small = kept.is_verified_at_once(name)
                if is_small:
                    kept.verify(name)
                opened = cls(kept.open(name), encoder, thesaurus, reranker)
            except IndexUnusable:
                # A build may have put another generation in use and removed this one meanwhile.
                if kept.in_use() == name:
                    raise
            else:
                opened._verify = partial(kept.verify, name)
                opened._status = replace(opened._status, verified=is_small)
                return opened

    def verify(self) -> None:
        """Compare all files with their checksums, once; IndexUnusable when one is not as it was written."""
        if not self._status.verified:
            self._verify()
            self._status = replace(self._status, verified=True)

    def close(self) -> None:
        """Close the files; no query may be running."""
        self._generation.close()

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
        """One page of the clauses that match the query; see ``ClauseSearch.search``."""
        return self._search.search(query, filters, limit, offset, order)

    def facets(self, query: str, filters: Filters = EVERYTHING) -> Facets:
        """The number of relevant clauses for each unit, role, document, issuer, year, level and due date."""
        return self._search.facets(query, filters)

    def suggestions(self, typed: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Completions of what is typed: units, tasks, documents."""
        check_page(limit, 0)
        return self._store.suggestions.of(clean(typed).strip(), limit)

    def who(self, query: str, limit: int = 10, filters: Filters = EVERYTHING) -> Answer:
        """The units responsible for what is asked, with at most ``limit`` clauses as evidence; see ``ClauseSearch.who``."""
        return self._search.who(query, limit, filters)

    def asked_list(self, query: str) -> AskedList | None:
        """The list that a question asks for (12月份要完成的任务), or that it asks for progress; None when it asks for clauses."""
        return self._search.asked_list(query)

    # --- units, documents -------------------------------------------------------------

    def organizations(
        self, query: UnitQuery = EVERY_UNIT, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[OrganizationSummary, ...]]:
        """The number of units of the query, and one page of them."""
        check_page(limit, offset)
        return self._store.lists.organizations(checked(query), limit, offset)

    def organization(self, id_or_name: str) -> Organization:
        """The unit of that id, else the unit of that name with most tasks; NotInKnowledgeBase."""
        return self.organizations_named(id_or_name)[0]

    def organizations_named(self, id_or_name: str) -> tuple[Organization, ...]:
        """The unit of that id before all others of that name, those with most tasks first; NotInKnowledgeBase when there is none."""
        return self._store.organizations_named(clean(id_or_name))

    def only_organization(self, id_or_name: str) -> Organization:
        """The unit of that id, else the only one of that name; NotInKnowledgeBase, InvalidQuery that lists them when several have it."""
        return self._store.only_organization(clean(id_or_name))

    def summary(self, organization: Organization) -> OrganizationSummary:
        """The unit with the number of its tasks by role."""
        return self._store.summary(organization)

    def tasks(self, organization_id: str, query: TaskQuery = ALL_TASKS) -> tuple[Task, ...]:
        """All tasks of the unit that the query admits, in its order; NotInKnowledgeBase for an unknown id."""
        return self._store.tasks(self.organization(organization_id).id, checked(query))[1]

    def task_page(
        self, organization_id: str, query: TaskQuery, limit: int, offset: int = 0
    ) -> tuple[int, tuple[Task, ...]]:
        """The number of these tasks, and one page of them; NotInKnowledgeBase for an unknown id."""
        check_page(limit, offset)
        return self._store.tasks(self.organization(organization_id).id, checked(query), limit, offset)

    def profile(self, organization_id: str) -> UnitProfile:
        """The units that share its tasks, its documents, and the months in which its tasks are due; NotInKnowledgeBase."""
        return self._store.shares.profile(self.organization(organization_id).id)

    def answering_hits(
        self, query: str, filters: Filters = EVERYTHING, limit: int = 10, order: HitOrder = "relevance"
    ) -> tuple[ClauseFacts, ...]:
        """The relevant hits with the responsibilities that answer for each; see ``ClauseSearch.answering``."""
        return self._search.answering(query, filters, limit, order)

    def answering(self, clause_ids: Sequence[str]) -> tuple[ClauseFacts, ...]:
        """The clauses of these ids, each with the responsibilities that answer for it (``kb.answering``); NotInKnowledgeBase."""
        return self._store.answering([clean(clause_id) for clause_id in clause_ids])

    def documents(
        self, query: DocumentQuery = EVERY_DOCUMENT, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[DocumentSummary, ...]]:
        """The number of documents of the query, and one page of them."""
        check_page(limit, offset)
        return self._store.lists.documents(checked(query), limit, offset)

    def document(self, document_id: str) -> ParsedDocument:
        """The document with its clauses and facts; NotInKnowledgeBase."""
        return self._store.document(clean(document_id))

    def sources(self) -> frozenset[str]:
        """The files of the corpus that documents were read from, with the folders and archives that those lie in."""
        return self._store.lists.sources()

    def clause(self, clause_id: str) -> ClauseFacts:
        """The clause with its facts; NotInKnowledgeBase."""
        return self._store.clause(clean(clause_id))

    def status(self) -> Status:
        """The counts of the generation, and the model and program that built it."""
        return self._status


def opener(
    model: str = "", query_prefix: str = "", thesaurus: Path | None = None, reranker: str = ""
) -> Callable[[Address], KnowledgeBase]:
    """A function that opens the index in a folder. Model, thesaurus and cross-encoder are loaded now; "" for none, or the embedded model.

    ModelUnusable, ThesaurusUnusable or RerankerUnusable when one of them cannot be loaded.
    """
    encoder = load_encoder(model, query_prefix)
    own = OwnThesaurus(thesaurus, encoder) if thesaurus else None
    return partial(KnowledgeBase.open, encoder=encoder, thesaurus=own, reranker=load_reranker(reranker))


def _check_model(address: Address, built_with: str, asked_with: str) -> None:
    """IndexUnusable when the index was built with another model."""
    if built_with != asked_with:
        raise IndexUnusable(address, Message("other-model", built_with=built_with, asked_with=asked_with))
