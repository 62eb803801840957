"""Aggregations over a whole knowledge base: targets as a table, units against tasks, networks, dates, quality."""

from __future__ import annotations

from collections.abc import Iterator

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
    Tally,
    TargetQuery,
    TargetRow,
    TargetTallies,
)
from kb.search.limits import MAX_LIMIT, check_page, checked, clean

_MOST = 12  # kinds and issuers in an overview


class Aggregations:
    """The aggregations of one generation; thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store, self._counts = store, store.counts

    def overview(self) -> Overview:
        """How much there is, of which years, kinds and issuers, and what is doubtful in it."""
        counts = self._counts
        return Overview(
            self._store.status(),
            *counts.roles(),
            counts.documents_by_year(),
            counts.documents_by_kind(_MOST),
            counts.documents_by_issuer(_MOST),
            counts.quality(),
        )

    def targets(
        self, asked: TargetQuery = EVERY_TARGET, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[TargetRow, ...]]:
        """How many targets there are of those asked for, and one page of them with who answers for each."""
        check_page(limit, offset)
        return self._store.targets.page(checked(asked), limit, offset)

    def all_targets(self, asked: TargetQuery = EVERY_TARGET) -> Iterator[TargetRow]:
        """Every target of those asked for."""
        total = limit = MAX_LIMIT
        offset = 0
        while offset < total:
            total, rows = self.targets(asked, limit, offset)
            yield from rows
            offset += limit

    def target_tallies(self, asked: TargetQuery = EVERY_TARGET) -> TargetTallies:
        """How the targets asked for spread over years, units, documents and measures."""
        return self._store.targets.tallies(checked(asked))

    def matrix(self, document_id: str = "", units: int = 40, limit: int = 50, offset: int = 0) -> Matrix:
        """The busiest units against the documents, or against the clauses of one."""
        check_page(limit, offset)
        check_page(units, 0)
        return self._counts.matrix(self._rows(document_id), units, limit, offset)

    def network(self, document_id: str = "", units: int = 40) -> Network:
        """The busiest units and in how many clauses two of them are named together."""
        check_page(units, 0)
        return self._counts.network(self._rows(document_id), units)

    def due_by_month(self, document_id: str = "") -> tuple[Tally, ...]:
        """How many clauses have something due in each month; a date without a month counts to December."""
        return self._counts.due_by_month(self._rows(document_id))

    def due(self, asked: DueQuery = EVERY_DATE, limit: int = 50, offset: int = 0) -> tuple[int, tuple[DueClause, ...]]:
        """How many clauses are due by the dates asked for, and one page of them in their order."""
        check_page(limit, offset)
        asked = checked(asked)
        order = "DESC" if asked.descending else "ASC"
        total, found = self._counts.due(
            self._rows(asked.document_id),
            (asked.since or "0000", period_end(asked.until) or "9999"),
            f"ORDER BY due_end {order}, document_id, row LIMIT {limit} OFFSET {offset}",
        )
        answering = self._store.clauses.answering([row for row, _ in found])
        return total, tuple(DueClause(due, facts) for (_, due), facts in zip(found, answering, strict=True))

    def _rows(self, document_id: str) -> range | None:
        """The clauses of a document, none when there is no such document; None for all."""
        try:
            return self._store.rows_of(clean(document_id)) if document_id else None
        except NotInKnowledgeBase:
            return range(0)
