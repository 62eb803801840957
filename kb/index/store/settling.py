"""What a store says of organisations once all documents are in: merged from what each says, their names, and whose tasks are whose.

Only the organisations are settled that ``touched`` names, and those whose tasks depend on them: in a new store all, in one that
goes on from another those of the documents that came or went.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from kb.index.store.changing import Tables
from kb.index.store.rows import Row
from kb.index.store.tables import codec, comparable
from kb.models import ROLES, Organization
from kb.organizations import initials_of, merged, names_of

# Whose tasks depend on whose: a member's on its group's, a successor's on those of whom it took over from.
_DIRECTLY = "SELECT id, successor_of, members FROM organizations WHERE successor_of != '[]' OR members != '[]'"
# Those that depended on a touched one before stand in "through", those that do now are reached by "directly".
_DEPENDENT_BEFORE = """
INSERT INTO touched SELECT organization_id FROM through WHERE by_id IN (SELECT id FROM touched) ON CONFLICT DO NOTHING
"""
_DEPENDENT_NOW = """
INSERT INTO touched WITH RECURSIVE dependent (id) AS (
    SELECT id FROM touched UNION SELECT d.id FROM dependent JOIN directly d ON d.by_id = dependent.id) SELECT id FROM dependent
    WHERE true ON CONFLICT DO NOTHING
"""
_THROUGH = """
WITH RECURSIVE reached (id, by_id) AS (
    SELECT id, id FROM touched WHERE id IN (SELECT id FROM organizations UNION SELECT id FROM directly)
    UNION SELECT r.id, d.by_id FROM reached r JOIN directly d ON d.id = r.by_id) SELECT id, by_id FROM reached ORDER BY 1, 2
"""
# One pass over all that are touched: a question for each would be planned before the database knows how many there are.
_COUNT_TASKS = f"""
UPDATE organizations SET {", ".join(f"{role} = counted.{role}" for role in ROLES)} FROM (
    SELECT t.id, {", ".join(f"count(DISTINCT CASE role WHEN '{role}' THEN row END) AS {role}" for role in ROLES)}
    FROM touched t LEFT JOIN through ON through.organization_id = t.id
    LEFT JOIN duties ON duties.organization_id = by_id AND task GROUP BY t.id) AS counted
WHERE organizations.id = counted.id
"""
_TOUCHED = "id IN (SELECT id FROM touched)"


def settle(tables: Tables) -> None:
    """Write anew what is known of the touched organisations; the indexes must be there."""
    for table, column in (("organizations", "id"), ("names", "organization_id"), ("initials", "organization_id")):
        tables.delete(table, f"{column} IN (SELECT id FROM touched)")
    rows: dict[str, list[Row]] = {"organizations": [], "names": [], "initials": []}
    for organization in _merged(tables):
        rows["organizations"].append((*codec(Organization).row(organization), 0, 0, 0))
        names = sorted({comparable(name) for name in (organization.id, *names_of(organization))})
        rows["names"] += ((name, organization.id) for name in names)
        rows["initials"] += ((letters, organization.id) for letters in sorted(set(initials_of(organization))))
    for table, new in rows.items():
        tables.insert(table, new)
    tables.do(_DEPENDENT_BEFORE)
    tables.temporary("directly", "by_id", "id")
    tables.insert("directly", list(_directly(tables)))
    tables.do(_DEPENDENT_NOW)
    tables.delete("through", "organization_id IN (SELECT id FROM touched)")
    tables.insert("through", tables.rows(_THROUGH))
    tables.renew("organizations", _TOUCHED)
    tables.do(_COUNT_TASKS)


def _directly(tables: Tables) -> Iterator[tuple[str, str]]:
    """Each organisation on whose tasks others depend, before one of these."""
    for id_, successor_of, members in tables.rows(_DIRECTLY):
        yield from ((before, id_) for before in json.loads(successor_of))
        yield from ((id_, member) for member in json.loads(members))


def _merged(tables: Tables) -> Iterator[Organization]:
    """The touched organisations, each as all documents together describe it, in the order of their ids."""
    reader = codec(Organization)
    every = ", ".join(f"{number}" for number in range(1, len(reader.columns) + 1))
    descriptions = tables.rows(
        f"SELECT {reader.selected('x')} FROM touched t JOIN descriptions x ON x.id = t.id ORDER BY {every}"
    )
    for _, described in groupby(map(reader.read, descriptions), attrgetter("id")):
        yield merged(described)
