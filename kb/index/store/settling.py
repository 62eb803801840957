"""What a store says of organisations once all documents are in: merged from what each says, their names, and whose tasks are whose.

Only the organisations are settled that ``touched`` names, and those whose tasks depend on them: in a new store all, in one that
goes on from another those of the documents that came or went.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from kb.index.store.tables import codec, comparable
from kb.models import ROLES, Organization
from kb.organizations import initials_of, merged, names_of

TOUCHED = "CREATE TEMP TABLE touched (id PRIMARY KEY) WITHOUT ROWID"

# Whose tasks depend on whose: a member's on its group's, a successor's on those of whom it took over from.
_DIRECTLY = """
CREATE TEMP TABLE directly (id, by_id, PRIMARY KEY (id, by_id)) WITHOUT ROWID;
INSERT INTO directly
    SELECT o.id, j.value FROM organizations o, json_each(o.successor_of) j WHERE o.successor_of != '[]'
    UNION SELECT j.value, o.id FROM organizations o, json_each(o.members) j WHERE o.members != '[]';
CREATE INDEX temp.directly_by ON directly (by_id);
"""
# Those that depended on a touched one before stand in "through", those that do now are reached by "directly".
_DEPENDENT_BEFORE = (
    "INSERT OR IGNORE INTO touched SELECT organization_id FROM through WHERE by_id IN (SELECT id FROM touched)"
)
_DEPENDENT_NOW = """
INSERT OR IGNORE INTO touched WITH RECURSIVE dependent (id) AS (
    SELECT id FROM touched UNION SELECT d.id FROM dependent JOIN directly d ON d.by_id = dependent.id) SELECT id FROM dependent
"""
_THROUGH = """
INSERT INTO through WITH RECURSIVE reached (id, by_id) AS (
    SELECT id, id FROM touched WHERE id IN (SELECT id FROM organizations UNION SELECT id FROM directly)
    UNION SELECT r.id, d.by_id FROM reached r JOIN directly d ON d.id = r.by_id) SELECT id, by_id FROM reached ORDER BY 1, 2
"""
_COUNT_TASKS = f"""
UPDATE organizations SET ({", ".join(ROLES)}) = (
    SELECT {", ".join(f"count(DISTINCT CASE role WHEN '{role}' THEN row END)" for role in ROLES)}
    FROM through JOIN duties ON duties.organization_id = by_id AND task WHERE through.organization_id = organizations.id)
WHERE id IN (SELECT id FROM touched)
"""


def settle(connection: sqlite3.Connection) -> None:
    """Write anew what is known of the touched organisations; the indexes must be there."""
    for table, column in (("organizations", "id"), ("names", "organization_id"), ("initials", "organization_id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM touched)")
    places = ", ".join("?" * (len(codec(Organization).columns) + 3))
    for organization in _merged(connection):
        connection.execute(
            f"INSERT INTO organizations VALUES ({places})", (*codec(Organization).row(organization), 0, 0, 0)
        )
        names = sorted({comparable(name) for name in (organization.id, *names_of(organization))})
        connection.executemany("INSERT INTO names VALUES (?, ?)", ((name, organization.id) for name in names))
        initials = sorted(set(initials_of(organization)))
        connection.executemany(
            "INSERT INTO initials VALUES (?, ?)", ((letters, organization.id) for letters in initials)
        )
    connection.execute(_DEPENDENT_BEFORE)
    for statement in _DIRECTLY.split(";"):
        connection.execute(statement)
    connection.execute(_DEPENDENT_NOW)
    connection.execute("DELETE FROM through WHERE organization_id IN (SELECT id FROM touched)")
    connection.execute(_THROUGH)
    connection.execute(_COUNT_TASKS)


def _merged(connection: sqlite3.Connection) -> Iterator[Organization]:
    """The touched organisations, each as all documents together describe it, in the order of their ids."""
    reader = codec(Organization)
    every = ", ".join(f"{number}" for number in range(1, len(reader.columns) + 1))
    descriptions = connection.execute(
        f"SELECT {reader.selected('x')} FROM touched t JOIN descriptions x ON x.id = t.id ORDER BY {every}"
    )
    for _, described in groupby(map(reader.read, descriptions), attrgetter("id")):
        yield merged(described)
