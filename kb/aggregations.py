"""Aggregations over a whole knowledge base: the table of targets, matrix and network of units, due dates, quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kb.errors import NotInKnowledgeBase
from kb.index.store import Store
from kb.index.store.tables import period_end
from kb.models import (
    EVERY_DATE,
    EVERY_TARGET,
    DueClause,
    DueQuery,
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

    def due_by_month(self, document_id: str = "") -> tuple[Tally, ...]:
        """The number of clauses with a due date in each month; a date without a month counts for December."""
        return self._counts.due_by_month(self._rows(document_id))

    def due(self, query: DueQuery = EVERY_DATE, limit: int = 50, offset: int = 0) -> tuple[int, tuple[DueClause, ...]]:
        """The number of clauses with a due date in the period of the query, and one page of them in its order."""
        check_page(limit, offset)
        query = checked(query)
        order = "DESC" if query.descending else "ASC"
        total, dated = self._counts.due(
            self._rows(query.document_id),
            (query.since or "0000", period_end(query.until) or "9999"),
            f"ORDER BY due_end {order}, document_id, row LIMIT {limit} OFFSET {offset}",
        )
        answering = self._store.clauses.answering([row for row, _ in dated])
        return total, tuple(DueClause(due, facts) for (_, due), facts in zip(dated, answering, strict=True))

    def _rows(self, document_id: str) -> range | None:
        """The rows of the clauses of a document, none when there is no such document; None for "", which means all documents."""
        try:
            return self._store.rows_of(clean(document_id)) if document_id else None
        except NotInKnowledgeBase:
            return range(0)
