"""Reads a generation's store; nothing is ever changed in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable, NotInKnowledgeBase
from kb.models import (
    Citation,
    Clause,
    ClauseFacts,
    Deadline,
    Document,
    Filters,
    Organization,
    OrganizationSummary,
    ParsedDocument,
    Responsibility,
    Status,
    Target,
    Task,
    TaskQuery,
)
from kb.store.connections import Opened
from kb.store.counting import Counts
from kb.store.facets import FacetCounts
from kb.store.filtering import clauses_where
from kb.store.lists import Lists
from kb.store.standing import out_of_force, validities
from kb.store.suggestions import Suggestions
from kb.store.tables import FILE, FORMAT, Manifest, codec, comparable
from kb.store.targets import TargetTable
from kb.store.tasks import TaskTable

T = TypeVar("T")


class Store:
    """Everything that one generation knows about documents, clauses, facts and organisations."""

    def __init__(self, folder: Path, today: Callable[[], date] = date.today) -> None:
        """``today`` is the day on which a document has to be in force."""
        self._today = today
        self._opened = opened = Opened(folder / FILE)
        self._rows, self._all, self._one = opened.rows, opened.all, opened.one
        self.counts, self.targets = Counts(opened), TargetTable(opened, today)
        self.lists = Lists(opened, today)
        self.facets, self.shares, self.suggestions = FacetCounts(opened), TaskTable(opened), Suggestions(opened)
        try:
            if self._rows("SELECT format FROM manifest") != [(FORMAT,)]:
                raise IndexUnusable(f"{folder}: built by another version of this software; run `kb build`")
            self.manifest = self._one(codec(Manifest), "FROM manifest x")
        except sqlite3.DatabaseError as error:
            self.close()
            raise IndexUnusable(f"{folder / FILE}: cannot be read ({error}); run `kb build`") from error

    def close(self) -> None:
        """Close all connections; nobody may be reading."""
        self._opened.close()

    # --- clauses by row ------------------------------------------------------------------------

    def allowed(self, filters: Filters) -> NDArray[np.int64] | None:
        """The rows of the clauses that the filters let through, ascending; None when nothing is narrowed."""
        if filters == Filters():
            return None
        where = clauses_where(filters, self._today())
        # One string of numbers instead of a Python object a row: a filter may let a million clauses through.
        [(joined,)] = self._rows(f"SELECT group_concat(c.row) FROM clauses c WHERE {where.sql}", where.values)
        return np.sort(np.fromstring(joined or "", np.int64, sep=","))

    def clause_facts(self, rows: Sequence[int]) -> tuple[ClauseFacts, ...]:
        """The clauses of the given rows with their facts, in the given order."""
        if not rows:
            return ()
        listed = ", ".join(str(int(row)) for row in rows)
        clauses = codec(Clause)
        found = self._rows(
            f"SELECT c.row, d.row, d.title, d.document_number, d.issued_on, {clauses.selected('c')} FROM clauses c"
            f" JOIN documents d ON d.row = c.document_row WHERE c.row IN ({listed})"
        )
        at = {cells[0]: cells for cells in found}
        validity = validities(self._opened, [cells[1] for cells in found], self._today())
        responsibilities = self._facts(Responsibility, "responsibilities", listed)
        targets = self._facts(Target, "targets", listed)
        deadlines = self._facts(Deadline, "deadlines", listed)
        citations = self._facts(Citation, "citations", listed)
        return tuple(
            ClauseFacts(
                clauses.read(at[row][5:]),
                at[row][2],
                tuple(responsibilities.get(row, ())),
                tuple(targets.get(row, ())),
                tuple(deadlines.get(row, ())),
                tuple(citations.get(row, ())),
                validity[at[row][1]],
                *at[row][3:5],
            )
            for row in rows
        )

    def answered_by(self, rows: Sequence[int]) -> tuple[int | None, ...]:
        """For each row the row whose responsibilities answer for the clause, None when nobody does."""
        listed = ", ".join(str(int(row)) for row in rows)
        answers = dict(self._rows(f"SELECT row, answered_by FROM clauses WHERE row IN ({listed})"))
        return tuple(answers[row] for row in rows)

    def rows_of_units_named_in(self, text: str, role: str = "") -> NDArray[np.int64]:
        """The rows that a unit answers for, in that role if one is given, whose name of three characters or more stands in the text."""
        found = self._rows(
            "SELECT DISTINCT r.row FROM names n JOIN responsibilities r ON r.organization_id = n.organization_id"
            " WHERE length(n.name) > 2 AND instr(?, n.name) AND (? = '' OR r.role = ?)",
            (comparable(text), role, role),
        )
        return np.fromiter((row for (row,) in found), np.int64)

    def rows_due_in(self, years: Sequence[str]) -> NDArray[np.int64]:
        """The rows with a target or deadline that is due in one of these years."""
        listed = ", ".join("?" * len(years))
        due = f"SELECT row FROM {{}} WHERE substr(due, 1, 4) IN ({listed})"
        found = self._rows(f"{due.format('targets')} UNION {due.format('deadlines')}", (*years, *years))
        return np.fromiter((row for (row,) in found), np.int64)

    def out_of_force(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each row whether its document is not in force today."""
        spans = out_of_force(self._opened, self._today())
        if not len(spans):
            return np.zeros(len(rows), np.bool_)
        before = np.searchsorted(spans[:, 0], rows, "right") - 1
        return np.asarray((before >= 0) & (rows < spans[before, 1]), np.bool_)

    def _facts(self, noun: type[T], table: str, listed: str) -> dict[int, list[T]]:
        reader = codec(noun)
        facts: dict[int, list[T]] = {}
        for row, *cells in self._rows(
            f"SELECT f.row, {reader.selected('f')} FROM {table} f WHERE f.row IN ({listed}) ORDER BY f.rowid"
        ):
            facts.setdefault(row, []).append(reader.read(cells))
        return facts

    def in_reading_order(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of the given rows, ordered by document id and then as they stand in the document."""
        firsts = self._first_rows
        rising = np.argsort(firsts)
        return np.lexsort((rows, rising[np.searchsorted(firsts, rows, "right", rising) - 1]))

    @cached_property
    def _first_rows(self) -> NDArray[np.int64]:
        """Where each document begins, ordered by document id; one without a clause has the first row of the one behind it."""
        found = self._rows("SELECT first_clause FROM documents WHERE clauses ORDER BY id")
        return np.fromiter((first for (first,) in found), np.int64)

    # --- by id ---------------------------------------------------------------------------------

    def clause(self, clause_id: str) -> ClauseFacts:
        """The clause with its facts; NotInKnowledgeBase for an unknown id."""
        found = self._rows("SELECT row FROM clauses WHERE id = ?", (clause_id,))
        if not found:
            raise NotInKnowledgeBase("clause", clause_id)
        return self.clause_facts([found[0][0]])[0]

    def rows_of(self, document_id: str) -> range:
        """The rows of a document's clauses; NotInKnowledgeBase for an unknown id."""
        found = self._rows("SELECT first_clause, clauses FROM documents WHERE id = ?", (document_id,))
        if not found:
            raise NotInKnowledgeBase("document", document_id)
        first, count = found[0]
        return range(first, first + count)

    def origins(self) -> frozenset[tuple[str, str, str]]:
        """Of every document its id, the name of the file that it was read from, and the hash of its bytes."""
        return frozenset(self._rows("SELECT id, source, sha256 FROM documents"))

    def document(self, document_id: str) -> ParsedDocument:
        """The document with its clauses and facts; NotInKnowledgeBase for an unknown id."""
        rows = self.rows_of(document_id)
        [(row,)] = self._rows("SELECT row FROM documents WHERE id = ?", (document_id,))
        return ParsedDocument(
            self._one(codec(Document), "FROM documents x WHERE x.id = ?", (document_id,)),
            self._between(Clause, "clauses", rows),
            self._between(Responsibility, "responsibilities", rows),
            self._between(Target, "targets", rows),
            self._between(Deadline, "deadlines", rows),
            self._between(Citation, "citations", rows),
            validities(self._opened, [row], self._today())[row],
        )

    def _between(self, noun: type[T], table: str, rows: range) -> tuple[T, ...]:
        where = f"FROM {table} x WHERE x.row >= ? AND x.row < ? ORDER BY x.rowid"
        return self._all(codec(noun), where, (rows.start, rows.stop))

    # --- lists ---------------------------------------------------------------------------------

    def called(self, id_or_name: str) -> tuple[Organization, ...]:
        """The organisation of that id, otherwise all that have that name, the busiest first; NotInKnowledgeBase when there is none."""
        reader = codec(Organization)
        found = self._all(reader, "FROM organizations x WHERE x.id = ?", (id_or_name,)) or self._all(
            reader,
            """FROM organizations x JOIN names n ON n.organization_id = x.id WHERE n.name = ?
            ORDER BY lead + responsible + support DESC, x.id""",
            (comparable(id_or_name),),
        )
        if not found:
            raise NotInKnowledgeBase("unit", id_or_name)
        return found

    def organizations_by_id(self, ids: Sequence[str]) -> dict[str, Organization]:
        """The organisations of these ids."""
        places = ", ".join("?" * len(ids))
        found = self._all(codec(Organization), f"FROM organizations x WHERE x.id IN ({places})", ids)
        return {one.id: one for one in found}

    def tasks(
        self, organization_id: str, asked: TaskQuery, limit: int = -1, offset: int = 0
    ) -> tuple[int, tuple[Task, ...]]:
        """How many clauses the organisation answers for, one for each role it has there, and one page of them; all for -1.

        Clauses of the groups that it is in, and of whom it took over from, come with these as ``through``.
        """
        total, found = self.shares.rows(organization_id, asked, limit, offset)
        facts = self.clause_facts([row for row, *_ in found])
        return total, tuple(Task(role, one, through) for (_, role, through), one in zip(found, facts, strict=True))

    def summary(self, organization: Organization) -> OrganizationSummary:
        """The organisation with how many clauses it answers for by role."""
        [counts] = self._rows("SELECT lead, responsible, support FROM organizations WHERE id = ?", (organization.id,))
        return OrganizationSummary(organization, *counts)

    def status(self) -> Status:
        """What the generation holds and was built with."""
        made = self.manifest
        tables = ("documents", "clauses", "responsibilities", "targets", "organizations")
        counts = [self._count(table) for table in tables]
        return Status(made.generation, made.built_at, made.code_version, made.model, *counts)

    def problems(self) -> tuple[str, ...]:
        """What SQLite itself finds wrong with the file."""
        return tuple(said for (said,) in self._rows("PRAGMA integrity_check") if said != "ok")

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])
