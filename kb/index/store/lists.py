"""Documents and organisations as lists: narrowed, ordered, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from kb.index.store.conditions import LACKING, UNRESOLVED, Condition, all_of, contains
from kb.index.store.connections import Opened
from kb.index.store.standing import validities
from kb.index.store.tables import codec, comparable
from kb.models import DocumentQuery, DocumentSummary, Organization, OrganizationSummary, UnitQuery

_DOCUMENT_ORDERS = {"id": "d.id", "date": "d.year = '', iif(d.year = '', '', d.issued_on) DESC, d.id"}
_UNIT_ORDERS = {
    "tasks": "lead + responsible + support DESC, o.id",
    "lead": "lead DESC, lead + responsible + support DESC, o.id",
    "name": "o.name, o.id",
}


class Lists:
    """The documents and organisations of one generation."""

    def __init__(self, opened: Opened, today: Callable[[], date]) -> None:
        self._opened, self._rows, self._today = opened, opened.rows, today

    def documents(self, asked: DocumentQuery, limit: int, offset: int) -> tuple[int, tuple[DocumentSummary, ...]]:
        """How many documents there are of those asked for, and one page of them."""
        where = _documents_where(asked)
        [(total,)] = self._rows(f"SELECT count(*) FROM documents d WHERE {where.sql}", where.values)
        found = self._rows(
            f"""SELECT d.row, d.id, d.title, d.document_number, d.issuers, d.issued_on, d.kind, d.source, d.clauses,
                (SELECT count(*) FROM responsibilities r WHERE r.row >= first_clause AND r.row < first_clause + d.clauses),
                (SELECT count(*) FROM targets t WHERE t.row >= first_clause AND t.row < first_clause + d.clauses)
            FROM documents d WHERE {where.sql} ORDER BY {_DOCUMENT_ORDERS[asked.order]} LIMIT ? OFFSET ?""",
            (*where.values, limit, offset),
        )
        standing = validities(self._opened, [row for row, *_ in found], self._today())
        read = codec(DocumentSummary).read
        return int(total), tuple(replace(read(cells), validity=standing[row]) for row, *cells in found)

    def organizations(self, asked: UnitQuery, limit: int, offset: int) -> tuple[int, tuple[OrganizationSummary, ...]]:
        """How many organisations there are of those asked for, and one page of them."""
        reader = codec(Organization)
        where = _units_where(asked)
        [(total,)] = self._rows(f"SELECT count(*) FROM organizations o WHERE {where.sql}", where.values)
        found = self._rows(
            f"""SELECT {reader.selected("o")}, lead, responsible, support FROM organizations o WHERE {where.sql}
            ORDER BY {_UNIT_ORDERS[asked.order]} LIMIT ? OFFSET ?""",
            (*where.values, limit, offset),
        )
        return int(total), tuple(OrganizationSummary(reader.read(cells), *cells[-3:]) for cells in found)


def _documents_where(asked: DocumentQuery) -> Condition:
    parts = [Condition(LACKING[asked.lacking])]
    if asked.text:
        found = contains(asked.text)
        sql = "(d.title LIKE ? ESCAPE '\\' OR d.document_number LIKE ? ESCAPE '\\' OR d.id LIKE ? ESCAPE '\\')"
        parts.append(Condition(sql, (found, found, found)))
    if asked.issuer:
        sql = "d.row IN (SELECT document_row FROM issuers WHERE issuer LIKE ? ESCAPE '\\')"
        parts.append(Condition(sql, (contains(asked.issuer),)))
    parts += [
        Condition(f"d.{name} = ?", (value,)) for name, value in (("year", asked.year), ("level", asked.level)) if value
    ]
    return all_of(parts)


def _units_where(asked: UnitQuery) -> Condition:
    """Unresolved are those of no known function, those of an unknown place, and those that could be another as well."""
    parts = []
    if asked.name:
        found = contains(comparable(asked.name))
        sql = """o.id IN (SELECT organization_id FROM names WHERE name LIKE ? ESCAPE '\\'
            UNION ALL SELECT organization_id FROM initials WHERE initials LIKE ? ESCAPE '\\')"""
        parts.append(Condition(sql, (found, found)))
    if asked.level:
        parts.append(Condition("o.level = ?", (asked.level,)))
    if asked.only_unresolved:
        parts.append(Condition(UNRESOLVED))
    return all_of(parts)
