"""Reads a generation's store; nothing is ever changed in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from kb.errors import IndexUnusable, InvalidQuery, NotInKnowledgeBase
from kb.index.store.clauses import ClauseTable
from kb.index.store.conditions import COVERED, one_of
from kb.index.store.connections import SEVERAL, Opened, OpenedFile
from kb.index.store.counting import Counts
from kb.index.store.dues import DueTable
from kb.index.store.filters import FacetCounts
from kb.index.store.lists import Lists
from kb.index.store.standing import validities
from kb.index.store.suggestions import Suggestions
from kb.index.store.tables import FILE, FORMAT, Manifest, codec, comparable
from kb.index.store.targets import TargetTable
from kb.index.store.tasks import TaskTable
from kb.messages import Message, reason_of
from kb.models import (
    FACT_KINDS,
    Clause,
    ClauseFacts,
    Document,
    Gap,
    Organization,
    OrganizationSummary,
    ParsedDocument,
    Scan,
    Status,
    Task,
    TaskQuery,
)

T = TypeVar("T")

EVERY = 2**31 - 1  # a limit that is none


class Store:
    """Everything that one generation knows about documents, clauses, facts and organisations."""

    def __init__(self, opened: Opened, where: Path | str, name: str, today: Callable[[], date] = date.today) -> None:
        """``where`` is what errors name, ``name`` the generation. ``today`` is the day on which a document has to be in force."""
        self._today, self._name = today, name
        self._opened, self.rows, self.rows_in = opened, opened.rows, opened.rows_in
        self._rows, self._all, self._one = opened.rows, opened.all, opened.one
        self.clauses = ClauseTable(opened, today)
        self.counts, self.targets = Counts(opened), TargetTable(opened, self.clauses)
        self.dues = DueTable(opened, self.clauses)
        self.lists = Lists(opened, today)
        self.facets, self.shares, self.suggestions = FacetCounts(opened), TaskTable(opened), Suggestions(opened)
        try:
            is_known = self._rows("SELECT format FROM manifest") == [(FORMAT,)]
            if is_known:
                self.manifest = self._one(codec(Manifest), "FROM manifest x")
        except IndexUnusable:
            self.close()
            raise
        except (sqlite3.DatabaseError, LookupError, TypeError, ValueError) as error:
            self.close()
            raise IndexUnusable(where, Message("index-damaged", reason=reason_of(error))) from error
        if not is_known:
            self.close()
            raise IndexUnusable(where, Message("other-version"))

    @classmethod
    def open(cls, folder: Path, today: Callable[[], date] = date.today) -> Store:
        """The store in the folder of a generation; IndexUnusable when it cannot be read."""
        return cls(OpenedFile(folder / FILE), folder, folder.name, today)

    def close(self) -> None:
        """Close all connections; nobody may be reading."""
        self._opened.close()

    # --- by id ---------------------------------------------------------------------------------

    def clause(self, clause_id: str) -> ClauseFacts:
        """The clause with its facts; NotInKnowledgeBase for an unknown id."""
        rows = self._rows("SELECT row FROM clauses WHERE id = ?", (clause_id,))
        if not rows:
            raise NotInKnowledgeBase("clause", clause_id)
        return self.clauses.facts([rows[0][0]])[0]

    def answering(self, clause_ids: Sequence[str]) -> tuple[ClauseFacts, ...]:
        """The clauses of these ids, each with the responsibilities that answer for it; NotInKnowledgeBase for an unknown id."""
        rows = dict(self._opened.rows_in(f"SELECT id, row FROM clauses WHERE id IN {SEVERAL}", clause_ids))
        for clause_id in clause_ids:
            if clause_id not in rows:
                raise NotInKnowledgeBase("clause", clause_id)
        return self.clauses.answering([rows[clause_id] for clause_id in clause_ids])

    def rows_of(self, document_id: str) -> range:
        """The rows of a document's clauses; NotInKnowledgeBase for an unknown id."""
        rows = self._rows("SELECT first_clause, clauses FROM documents WHERE id = ?", (document_id,))
        if not rows:
            raise NotInKnowledgeBase("document", document_id)
        first, count = rows[0]
        return range(first, first + count)

    def origins(self) -> frozenset[tuple[str, str, str]]:
        """Of every document its id, the name of the file that it was read from, and the hash of its bytes."""
        return frozenset(self._rows("SELECT id, source, sha256 FROM documents"))

    def document(self, document_id: str) -> ParsedDocument:
        """The document with its clauses and facts; NotInKnowledgeBase for an unknown id."""
        rows = self.rows_of(document_id)
        [(row,)] = self._rows("SELECT row FROM documents WHERE id = ?", (document_id,))
        facts: dict[str, Any] = {kind.name: self._between(kind.noun, kind.name, rows) for kind in FACT_KINDS}
        return ParsedDocument(
            document=self._one(codec(Document), "FROM documents x WHERE x.id = ?", (document_id,)),
            clauses=self._between(Clause, "clauses", rows),
            validity=validities(self._opened, [row], self._today())[row],
            **facts,
        )

    def _between(self, noun: type[T], table: str, rows: range) -> tuple[T, ...]:
        where = f"FROM {table} x WHERE x.row >= ? AND x.row < ? ORDER BY x.rowid"
        return self._all(codec(noun), where, (rows.start, rows.stop))

    # --- lists ---------------------------------------------------------------------------------

    def organizations_named(self, id_or_name: str) -> tuple[Organization, ...]:
        """The organisation of that id before all others that have that name, the busiest first; NotInKnowledgeBase when there is none."""
        organizations = self._all(
            codec(Organization),
            """FROM organizations x WHERE x.id = ? OR x.id IN (SELECT organization_id FROM names WHERE name = ?)
            ORDER BY x.id = ? DESC, lead + responsible + support DESC, x.id""",
            (id_or_name, comparable(id_or_name), id_or_name),
        )
        if not organizations:
            raise NotInKnowledgeBase("unit", id_or_name)
        return organizations

    def units_named(self, name: str) -> tuple[str, ...]:
        """The ids of the units of that name that answer for something, those with most tasks first."""
        rows = self._rows(
            """SELECT id FROM organizations WHERE id IN (SELECT organization_id FROM names WHERE name = ?)
            AND lead + responsible + support > 0 ORDER BY lead + responsible + support DESC, id""",
            (comparable(name),),
        )
        return tuple(id_ for (id_,) in rows)

    def only_organization(self, id_or_name: str) -> Organization:
        """The organisation of that id, otherwise the only one that has that name; NotInKnowledgeBase, InvalidQuery when several have it."""
        first, *others = self.organizations_named(id_or_name)
        if others and first.id != id_or_name:
            units = tuple(each.id for each in (first, *others))
            raise InvalidQuery("unit", Message("several-units", name=id_or_name, count=len(units), units=units))
        return first

    def organizations_by_id(self, ids: Sequence[str]) -> dict[str, Organization]:
        """The organisations of these ids."""
        organizations = self._all(codec(Organization), f"FROM organizations x WHERE x.id {one_of(ids)}", ids)
        return {organization.id: organization for organization in organizations}

    def tasks(
        self, organization_id: str, query: TaskQuery, limit: int = EVERY, offset: int = 0
    ) -> tuple[int, tuple[Task, ...]]:
        """How many tasks the organisation has, one for each of its roles in a clause, and one page of them, by default all.

        Clauses of the groups that it is in, and of whom it took over from, come with these as ``through``. A clause has the
        responsibilities that answer for it before others that it names.
        """
        total, tasks = self.shares.rows(organization_id, query, limit, offset)
        rows = [row for row, *_ in tasks]
        answers = self.clauses.answers(rows)
        clauses = (
            replace(facts, responsibilities=tuple(dict.fromkeys((*answers[row], *facts.responsibilities))))
            for row, facts in zip(rows, self.clauses.facts(rows), strict=True)
        )
        return total, tuple(
            Task(role, facts, through) for (_, role, through), facts in zip(tasks, clauses, strict=True)
        )

    def summary(self, organization: Organization) -> OrganizationSummary:
        """The organisation with how many clauses it answers for by role."""
        [counts] = self._rows("SELECT lead, responsible, support FROM organizations WHERE id = ?", (organization.id,))
        return OrganizationSummary(organization, *counts)

    def status(self) -> Status:
        """What the generation holds and was built with."""
        manifest = self.manifest
        tables = ("documents", "clauses", "responsibilities", "targets", "organizations")
        documents, clauses, responsibilities, targets, units = [self._count(table) for table in tables]
        made = manifest.built_at, manifest.code_version, manifest.model
        return Status(self._name, *made, documents, clauses, responsibilities, targets, units)

    def scans(self) -> tuple[Scan, ...]:
        """The documents of which pages are pictures, or lines in doubt, by id."""
        rows = self._rows(
            "SELECT id, source, recognised, doubtful, unread_pages FROM documents"
            " WHERE recognised != '[]' OR doubtful != '[]' OR unread_pages != '[]' ORDER BY id"
        )
        return tuple(
            Scan(document, source, len(json.loads(pages)), len(json.loads(lines)), tuple(json.loads(unread)))
            for document, source, pages, lines, unread in rows
        )

    def gaps(self) -> tuple[Gap, ...]:
        """The documents of which much of the text stands in no clause, by id."""
        rows = self._rows(f"SELECT id, source, coverage FROM documents WHERE coverage < {COVERED} ORDER BY id")
        return tuple(Gap(*row) for row in rows)

    def problems(self) -> tuple[str, ...]:
        """What the engine itself finds wrong."""
        return self._opened.problems()

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])
