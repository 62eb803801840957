"""Aggregations over a whole knowledge base: the table of targets, matrix and network of units, due dates, quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kb.errors import NotInKnowledgeBase
from kb.index.store import Store
from kb.models import (
    EVERY_DATE,
    EVERY_TARGET,
    DueClause,
    DueQuery,
    DueTallies,
    Matrix,
    Network,
    Overview,
    Status,
    Tally,
    TargetQuery,
    TargetRow,
    TargetTallies,
)
from kb.search.limits import MAX_LIMIT, check_page, checked, clean

_MOST = 12  # kinds and issuers in an overview


class Aggregations:
    """The aggregations of one generation; thread-safe."""

    def __init__(self, store: Store, status: Callable[[], Status]) -> None:
        self._store, self._counts, self._status = store, store.counts, status

    def overview(self) -> Overview:
        """Counts: documents by year, kind and issuer, clauses by role, and what was read with doubt."""
        counts = self._counts
        return Overview(
            self._status(),
            *counts.roles(),
            counts.documents_by_year(),
            counts.documents_by_kind(_MOST),
            counts.documents_by_issuer(_MOST),
            counts.quality(),
        )

    def targets(
        self, query: TargetQuery = EVERY_TARGET, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[TargetRow, ...]]:
        """The number of targets of the query, and one page of them with the responsible units."""
        check_page(limit, offset)
        return self._store.targets.page(checked(query), limit, offset)

    def all_targets(self, query: TargetQuery = EVERY_TARGET) -> Iterator[TargetRow]:
        """All targets of the query."""
        total = limit = MAX_LIMIT
        offset = 0
        while offset < total:
            total, rows = self.targets(query, limit, offset)
            yield from rows
            offset += limit

    def target_tallies(self, query: TargetQuery = EVERY_TARGET) -> TargetTallies:
        """The number of targets of the query for each year, unit, document and measure."""
        return self._store.targets.tallies(checked(query))

    def matrix(self, document_id: str = "", units: int = 40, limit: int = 50, offset: int = 0) -> Matrix:
        """Tasks of the units with most tasks, by document, or by clause of one document."""
        check_page(limit, offset)
        check_page(units, 0)
        return self._counts.matrix(self._rows(document_id), units, limit, offset)

    def network(self, document_id: str = "", units: int = 40) -> Network:
        """The units with most tasks, and the number of clauses in which two of them are named together."""
        check_page(units, 0)
        return self._counts.network(self._rows(document_id), units)

    def due_by_month(self, query: DueQuery = EVERY_DATE) -> tuple[Tally, ...]:
        """The number of tasks of the query with a due date in each month, whatever its period; a date without a month counts for December."""
        return self._store.dues.months(checked(query))

    def due(self, query: DueQuery = EVERY_DATE, limit: int = 50, offset: int = 0) -> tuple[int, tuple[DueClause, ...]]:
        """The number of tasks due in the period of the query, each once, and one page of them in its order."""
        check_page(limit, offset)
        return self._store.dues.page(checked(query), limit, offset)

    def all_due(self, query: DueQuery = EVERY_DATE) -> Iterator[DueClause]:
        """All tasks of the query."""
        total = limit = MAX_LIMIT
        offset = 0
        while offset < total:
            total, rows = self.due(query, limit, offset)
            yield from rows
            offset += limit

    def due_tallies(self, query: DueQuery = EVERY_DATE) -> DueTallies:
        """The number of tasks of the query for each unit, place and document."""
        return self._store.dues.tallies(checked(query))

    def _rows(self, document_id: str) -> range | None:
        """The rows of the clauses of a document, none when there is no such document; None for "", which means all documents."""
        try:
            return self._store.rows_of(clean(document_id)) if document_id else None
        except NotInKnowledgeBase:
            return range(0)
