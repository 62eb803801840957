"""Documents and organisations as lists: narrowed, ordered, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from kb.index.store.conditions import LACKING, UNRESOLVED, Condition, all_of, contains
from kb.index.store.connections import Opened
from kb.index.store.standing import validities
from kb.index.store.tables import codec, comparable
from kb.models import DocumentQuery, DocumentSummary, Organization, OrganizationSummary, UnitQuery
from kb.text import normalise

_BRACKET = re.compile("[〔〕（）]")
_DOCUMENT_ORDERS = {
    "id": "d.id",
    "date": "d.year = '', CASE d.year WHEN '' THEN '' ELSE d.issued_on END DESC, d.id",
    "received": "d.received_on DESC, d.row DESC",
}
_UNIT_ORDERS = {
    "tasks": "lead + responsible + support DESC, o.id",
    "lead": "lead DESC, lead + responsible + support DESC, o.id",
    "name": "o.name, o.id",
}


class Lists:
    """The documents and organisations of one generation."""

    def __init__(self, opened: Opened, today: Callable[[], date]) -> None:
        self._opened, self._rows, self._today = opened, opened.rows, today

    def documents(self, query: DocumentQuery, limit: int, offset: int) -> tuple[int, tuple[DocumentSummary, ...]]:
        """How many documents match, and one page of them."""
        where = _documents_where(query)
        [(total,)] = self._rows(f"SELECT count(*) FROM documents d WHERE {where.sql}", where.values)
        rows = self._rows(
            f"""SELECT d.row, d.id, d.title, d.document_number, d.issuers, d.issued_on, d.kind, d.source, d.received_on, d.clauses,
                (SELECT count(*) FROM responsibilities r WHERE r.row >= first_clause AND r.row < first_clause + d.clauses),
                (SELECT count(*) FROM targets t WHERE t.row >= first_clause AND t.row < first_clause + d.clauses)
            FROM documents d WHERE {where.sql} ORDER BY {_DOCUMENT_ORDERS[query.order]} LIMIT ? OFFSET ?""",
            (*where.values, limit, offset),
        )
        standing = validities(self._opened, [row for row, *_ in rows], self._today())
        read = codec(DocumentSummary).read
        return int(total), tuple(replace(read(cells), validity=standing[row]) for row, *cells in rows)

    def sources(self) -> frozenset[str]:
        """The files of the corpus that documents were read from, with the folders and archives that those lie in."""
        paths = (PurePosixPath(source) for (source,) in self._rows("SELECT source FROM documents", ()))
        return frozenset(str(each) for path in paths for each in (path, *path.parents))

    def organizations(self, query: UnitQuery, limit: int, offset: int) -> tuple[int, tuple[OrganizationSummary, ...]]:
        """How many organisations match, and one page of them."""
        reader = codec(Organization)
        where = _units_where(query)
        [(total,)] = self._rows(f"SELECT count(*) FROM organizations o WHERE {where.sql}", where.values)
        rows = self._rows(
            f"""SELECT {reader.selected("o")}, lead, responsible, support FROM organizations o WHERE {where.sql}
            ORDER BY {_UNIT_ORDERS[query.order]} LIMIT ? OFFSET ?""",
            (*where.values, limit, offset),
        )
        return int(total), tuple(OrganizationSummary(reader.read(cells), *cells[-3:]) for cells in rows)


def _documents_where(query: DocumentQuery) -> Condition:
    parts = [Condition(LACKING[query.lacking])]
    if query.text:
        pattern, narrow = contains(query.text), contains(normalise(query.text))
        number = _BRACKET.sub("_", narrow)  # 滨政发[2025]9号 is printed 滨政发〔2025〕9号
        like = " OR ".join(f"d.{name} LIKE ? ESCAPE '\\'" for name in ("title", "title", "document_number", "id"))
        parts.append(Condition(f"({like})", (pattern, narrow, number, pattern)))
    if query.issuer:
        sql = "d.row IN (SELECT document_row FROM issuers WHERE issuer LIKE ? ESCAPE '\\')"
        parts.append(Condition(sql, (contains(query.issuer),)))
    parts += [
        Condition(f"d.{name} = ?", (value,)) for name, value in (("year", query.year), ("level", query.level)) if value
    ]
    return all_of(parts)


def _units_where(query: UnitQuery) -> Condition:
    """Unresolved are those of no known function, those of an unknown place, and those that could be another as well."""
    parts = []
    if query.name:
        pattern = contains(comparable(query.name))
        sql = """o.id IN (SELECT organization_id FROM names WHERE name LIKE ? ESCAPE '\\'
            UNION ALL SELECT organization_id FROM initials WHERE initials LIKE ? ESCAPE '\\')"""
        parts.append(Condition(sql, (pattern, pattern)))
    if query.level:
        parts.append(Condition("o.level = ?", (query.level,)))
    if query.only_unresolved:
        parts.append(Condition(UNRESOLVED))
    return all_of(parts)
