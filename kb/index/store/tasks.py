"""What one organisation answers for: its clauses page by page, and how they spread over partners, documents and months."""

from __future__ import annotations

from collections.abc import Sequence

from kb.index.store.conditions import Condition, all_of, clause_due_between
from kb.index.store.connections import Opened
from kb.index.store.tables import dated
from kb.models import ROLES, Role, Tally, TaskQuery, UnitProfile

PARTNERS = 12
DOCUMENTS = 50

# Its clauses, with the group that it is in or whom it took over from where the clause names that. SQLite uses the indexes below the view only
# where nothing is counted or told apart, so that is done with what this brings.
_OWN = """WITH own AS MATERIALIZED (SELECT r.row, r.role, t.by_id, t.organization_id
    FROM through t JOIN duties r ON r.organization_id = t.by_id AND r.task WHERE t.organization_id = ?)"""
_MINE = f"{_OWN}, mine AS MATERIALIZED (SELECT DISTINCT row FROM own)"
_EARLIEST = f"(SELECT min(due_end) FROM ({dated('f.due_end', 'f.row = r.row')}) x WHERE due_end != '')"
_BY_ROLE = "".join(f"WHEN '{role}' THEN {place} " for place, role in enumerate(ROLES))
_ORDERS = {
    "document": "c.document_id, r.row, r.role",
    "role": f"CASE r.role {_BY_ROLE}END, c.document_id, r.row",
    "due": f"{_EARLIEST} IS NULL, {_EARLIEST}, c.document_id, r.row, r.role",
}


class TaskTable:
    """The tasks of organisations."""

    def __init__(self, opened: Opened) -> None:
        self._rows = opened.rows

    def rows(
        self, organization_id: str, query: TaskQuery, limit: int, offset: int
    ) -> tuple[int, list[tuple[int, Role, str]]]:
        """How many tasks there are, and one page: row of the clause, role, and through whom ("" when it is named itself)."""
        where = _where(query)
        own, values = f"FROM own r JOIN clauses c ON c.row = r.row WHERE {where.sql}", (organization_id, *where.values)
        [(total,)] = self._rows(f"{_OWN} SELECT count(*) FROM (SELECT DISTINCT r.row, r.role {own}) x", values)
        page = self._rows(
            f"""{_OWN} SELECT r.row, r.role, min(CASE r.by_id WHEN r.organization_id THEN '' ELSE r.by_id END) {own}
            GROUP BY r.row, r.role, c.document_id ORDER BY {_ORDERS[query.order]} LIMIT ? OFFSET ?""",
            (*values, limit, offset),
        )
        return int(total), page

    def profile(self, organization_id: str) -> UnitProfile:
        """Who shares its clauses, where they stand, and when something in them is due."""
        partners = self._tallies(
            f"""{_MINE}, beside AS MATERIALIZED (
                SELECT other.row, other.organization_id FROM mine JOIN duties other ON other.row = mine.row AND other.task)
            SELECT o.id, o.name, count(DISTINCT b.row) FROM beside b JOIN organizations o ON o.id = b.organization_id
            WHERE o.id NOT IN (SELECT by_id FROM through WHERE organization_id = ?) GROUP BY o.id, o.name ORDER BY 3 DESC, 1 LIMIT {PARTNERS}""",
            (organization_id, organization_id),
        )
        documents = self._tallies(
            f"""{_MINE} SELECT d.id, coalesce(nullif(d.title, ''), d.id), count(*) FROM mine JOIN clauses c ON c.row = mine.row
            JOIN documents d ON d.row = c.document_row GROUP BY d.row, d.id, d.title ORDER BY 3 DESC, 1 LIMIT {DOCUMENTS}""",
            (organization_id,),
        )
        months = dated("f.row, substr(f.due_end, 1, 7) AS month", "f.row IN (SELECT row FROM mine) AND f.due_end != ''")
        due = self._tallies(
            f"{_MINE} SELECT month, month, count(DISTINCT row) FROM ({months}) x GROUP BY 1 ORDER BY 1",
            (organization_id,),
        )
        return UnitProfile(organization_id, partners, documents, due)

    def _tallies(self, sql: str, values: Sequence[str | int]) -> tuple[Tally, ...]:
        return tuple(Tally(*cells) for cells in self._rows(sql, values))


def _where(query: TaskQuery) -> Condition:
    parts = [clause_due_between("r.row", query.due_after, query.due_before)]
    if query.role:
        parts.append(Condition("r.role = ?", (query.role,)))
    if query.document_id:
        parts.append(Condition("c.document_id = ?", (query.document_id,)))
    return all_of(parts)
