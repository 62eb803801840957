"""Writes a generation's store, document by document; from nothing or on from that of another generation."""

from __future__ import annotations

from dataclasses import replace

from kb.index.store.changing import Tables
from kb.index.store.linking import link
from kb.index.store.rows import DocumentRows
from kb.index.store.settling import settle
from kb.index.store.suggesting import write_suggestions
from kb.index.store.tables import BY_DOCUMENT, Manifest, codec
from kb.models import FACT_KINDS


class StoreWriter:
    """Takes documents in order and gives them and their clauses consecutive row numbers, which they keep in the generations that follow."""

    def __init__(self, tables: Tables, *, is_new: bool) -> None:
        """``is_new`` when the tables are empty, else they hold what the generation has that is gone on from."""
        self._tables, self._is_new = tables, is_new
        tables.temporary("touched", "id")
        [(self._documents, self._clauses)] = tables.rows(
            "SELECT coalesce(max(documents), 0), coalesce(max(rows), 0) FROM manifest"
        )
        self._responsibilities = tables.next_rowid("responsibilities")

    def add(self, document: DocumentRows) -> None:
        """Write one document."""
        row, first, insert = self._documents, self._clauses, self._tables.insert
        rows = range(first, first + len(document.clauses))
        insert("documents", [(row, first, len(rows), *document.document)])
        insert("clauses", [(at, row, *cells) for at, cells in zip(rows, document.clauses, strict=True)])
        insert("answers", [(first + clause, self._responsibilities + place) for clause, place in document.answers])
        for kind, facts in document.facts:
            insert(kind, [(first + place, *cells) for place, *cells in facts])
            if kind == "responsibilities":
                self._responsibilities += len(facts)
        for table, described in document.by_document:
            insert(table, [(row, *cells) for cells in described])
        insert("descriptions", document.descriptions)
        if not self._is_new:
            insert("touched", [(id_,) for _, id_, *_ in document.descriptions])
        self._documents += 1
        self._clauses = rows.stop

    def remove(self, document_id: str) -> tuple[range, range]:
        """Take one document out; the row numbers that it and its clauses had come back, and no other will have them."""
        tables = self._tables
        [(row, first, count)] = tables.rows(
            "SELECT row, first_clause, clauses FROM documents WHERE id = ?", (document_id,)
        )
        described = "SELECT key FROM described WHERE document_row = ?"
        gone = f"key IN ({described}) AND NOT EXISTS (SELECT 1 FROM described o WHERE o.key = descriptions.key AND document_row != ?)"
        tables.do(
            f"INSERT INTO touched SELECT id FROM descriptions WHERE key IN ({described}) ON CONFLICT DO NOTHING", (row,)
        )
        tables.delete("descriptions", gone, (row, row))
        for table in (*(kind.name for kind in FACT_KINDS), "answers", "clauses"):
            tables.delete(table, "row >= ? AND row < ?", (first, first + count))
        for table, column in (*BY_DOCUMENT, ("documents", "row")):
            tables.delete(table, f"{column} = ?", (row,))
        tables.delete("suggestions", "kind = 'document' AND id = ?", (document_id,))
        return range(row, row + 1), range(first, first + count)

    def finish(self, manifest: Manifest) -> None:
        """Write what only all documents together tell and what the generation was built with."""
        tables = self._tables
        if self._is_new:
            tables.index()
            tables.do("INSERT INTO touched SELECT DISTINCT id FROM descriptions")
        settle(tables)
        write_suggestions(tables)
        link(tables)
        whole = replace(manifest, rows=self._clauses, documents=self._documents)
        tables.replace("manifest", [codec(Manifest).row(whole)])
