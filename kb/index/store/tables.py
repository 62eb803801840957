"""How the nouns of ``models`` lie in SQLite: one table a noun, one column a field, tuples and spans as JSON; every kind of fact has a table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints

from kb.models import FACT_KINDS, Citation, Clause, Document, Fact, Organization, PrintedRow, Span
from kb.models.fields import DATE
from kb.text import normalise
from kb.versions.succession import Card, Event
from kb.versions.titles import name_of, number_key

FILE = "knowledge.sqlite"

_DATE = re.compile(DATE)

Cell = str | int | float | None
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built with; one row."""

    format: int
    built_at: str  # ISO, UTC
    code_version: str
    model: str
    predecessor: str  # the generation that was in use before, "" for the first
    review: str  # a hash of what the operator says of units
    rows: int = 0  # numbers given to clauses, those of documents that are gone included
    documents: int = 0  # numbers given to documents, likewise


# Bumped whenever tables, tokens or the layout of a generation change: what was built before is then refused, not misread.
FORMAT = 29


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Turns one noun into a row of cells and back."""

    noun: type[T]
    columns: tuple[str, ...]  # the fields
    readers: tuple[tuple[int, Any], ...]  # which fields are not as their cells are, and what makes them of these
    stored: tuple[str, ...]  # the columns as the table has them

    def row(self, noun: T) -> tuple[Cell, ...]:
        """The cells of one noun, in the order of ``stored``."""
        return tuple(
            json.dumps(_plain(value), ensure_ascii=False) if isinstance(value, tuple | Span) else value
            for value in (getattr(noun, name) for name in self.stored)
        )

    def read(self, cells: Sequence[Any]) -> T:
        """The noun of a row; cells behind the last column are left alone."""
        values = list(cells[: len(self.columns)])
        for place, made in self.readers:
            if values[place] is not None:
                values[place] = made(values[place])
        return self.noun(*values)

    def selected(self, alias: str) -> str:
        """The columns for a SELECT: ``c.id, c.num, …``."""
        return ", ".join(f'{alias}."{name}"' for name in self.columns)

    @property
    def definition(self) -> str:
        """The columns for a CREATE TABLE; without types SQLite keeps every value as it comes."""
        return ", ".join(f'"{name}"' for name in self.stored)


def codec(noun: type[T]) -> Codec[T]:
    """The codec of a noun of ``models``, made from its fields."""
    made: Codec[T] = _codec(noun)  # type: ignore[arg-type]  # a class is hashable
    return made


@cache
def _codec(noun: Any) -> Codec[Any]:
    hints = get_type_hints(noun)
    columns = tuple(field.name for field in fields(noun))
    # The text last: SQLite walks through a long one to reach what stands behind it.
    stored = sorted(columns, key="text".__eq__)
    readers = ((place, made) for place, name in enumerate(columns) if (made := _reader(hints[name])) is not None)
    return Codec(noun, columns, tuple(readers), tuple(stored))


def _plain(value: tuple[Any, ...] | Span | PrintedRow) -> list[Any]:
    if isinstance(value, Span | PrintedRow):
        return list(astuple(value))
    return [_plain(item) if isinstance(item, Span | PrintedRow) else item for item in value]


def _reader(hint: Any) -> Any:
    if hint in (tuple[str, ...], tuple[int, ...]):
        return lambda cell: tuple(json.loads(cell))
    if hint == tuple[Span, ...]:
        return lambda cell: tuple(Span(*pair) for pair in json.loads(cell))
    if hint == tuple[PrintedRow, ...]:
        return lambda cell: tuple(
            PrintedRow(start, end, tuple(labels), tuple(cells)) for start, end, labels, cells in json.loads(cell)
        )
    if hint == Span | None:
        return lambda cell: Span(*json.loads(cell))
    return bool if hint is bool else None


def period_end(iso: str) -> str:
    """The last day of an ISO date of any precision, to compare as text; "" for what is not a date.

    "2025" → "2025-12-31"; "2025-06" → "2025-06-31"; "每年" → ""
    """
    return iso + "0000-12-31"[len(iso) :] if _DATE.fullmatch(iso) else ""


def comparable(name: str) -> str:
    """A unit's name as names are compared: printed variants made equal, no blanks."""
    return "".join(normalise(name).split())


# --- facts ----------------------------------------------------------------------------------------

# Columns that stand behind those of the noun, computed from it.
# of all that have a ``due``
_DUE_END: Mapping[str, Callable[[Any], Cell]] = {"due_end": lambda fact: period_end(fact.due)}
_COMPUTED: Mapping[type[Fact], Mapping[str, Callable[[Any], Cell]]] = {
    Citation: {
        "work": lambda citation: name_of(citation.title).work,
        "number": lambda citation: number_key(citation.document_number),
    },
}
DATED = tuple(kind.name for kind in FACT_KINDS if "due" in codec(kind.noun).columns)  # tables of facts that have a date


def computed(noun: type[Fact]) -> Mapping[str, Callable[[Any], Cell]]:
    """The columns of a kind of fact that are computed, each with what computes it."""
    has_date = "due" in codec(noun).columns
    return {**(_DUE_END if has_date else {}), **_COMPUTED.get(noun, {})}


def dated(select: str, where: str) -> str:
    """The columns ``select`` of every fact ``f`` that has a date, whatever its kind, under the condition."""
    return " UNION ALL ".join(f"SELECT {select} FROM {table} f WHERE {where}" for table in DATED)


_FACT_TABLES = "\n".join(
    f"CREATE TABLE {kind.name} ({', '.join(('row INTEGER', codec(kind.noun).definition, *computed(kind.noun)))});"
    for kind in FACT_KINDS
)
_FACT_INDEXES = "\n".join(f"CREATE INDEX {kind.name}_row ON {kind.name} (row);" for kind in FACT_KINDS)

# Who answers for each clause: ``a.row`` is the clause, ``r`` the responsibility, which may stand in another one.
ANSWERS = "answers a JOIN responsibilities r ON r.rowid = a.responsibility"
_COUNTS_OR_DATES = sum(1 << bit for bit, kind in enumerate(FACT_KINDS) if kind.name in DATED)
# Whom each clause names and who answers for it from above; ``task`` as in ``kb.answering``.
_DUTIES = f"""
CREATE VIEW duties AS SELECT row, organization_id, role, true AS task FROM responsibilities
    UNION ALL SELECT a.row, r.organization_id, r.role, c.holds & {_COUNTS_OR_DATES} != 0 FROM {ANSWERS}
    JOIN clauses c ON c.row = a.row WHERE r.row != a.row;
"""

# --- all tables -----------------------------------------------------------------------------------

# Numbers of rows are declared as such: SQLite finds a declared number by an index over undeclared ones no more than a word.
SCHEMA = f"""
CREATE TABLE manifest ({codec(Manifest).definition});
CREATE TABLE documents (row INTEGER PRIMARY KEY, first_clause, clauses, year, level, place, {codec(Document).definition});
CREATE TABLE issuers (document_row INTEGER, issuer);
CREATE TABLE clauses (row INTEGER PRIMARY KEY, document_row INTEGER, holds INTEGER, {codec(Clause).definition});
{_FACT_TABLES}
CREATE TABLE answers (row INTEGER, responsibility INTEGER);
{_DUTIES}
CREATE TABLE cards ({codec(Card).definition});
CREATE TABLE lineages (kind, line, row INTEGER, place);
CREATE TABLE events ({codec(Event).definition});
CREATE TABLE terms (row INTEGER PRIMARY KEY, begins, ends);
CREATE TABLE descriptions (key INTEGER PRIMARY KEY, {codec(Organization).definition});
CREATE TABLE described (document_row INTEGER, key INTEGER, PRIMARY KEY (document_row, key)) WITHOUT ROWID;
CREATE TABLE organizations ({codec(Organization).definition}, lead, responsible, support);
CREATE TABLE through (organization_id, by_id, PRIMARY KEY (organization_id, by_id)) WITHOUT ROWID;
CREATE TABLE names (name, organization_id, PRIMARY KEY (name, organization_id)) WITHOUT ROWID;
CREATE TABLE suggestions (kind, id, name, count, weight, names, compared, starts, spelled, initials);
CREATE TABLE initials (initials, organization_id, PRIMARY KEY (initials, organization_id)) WITHOUT ROWID;
"""
# Tables with rows of one document, under its row in a column: what goes when a document goes, as do the facts of its clauses.
BY_DOCUMENT = (("issuers", "document_row"), ("described", "document_row"), ("cards", "row"))

# Clauses that only frame the body of their document.
FRAME = "part IN ('notice', 'preamble', 'conclusion')"

INDEXES = f"""
CREATE UNIQUE INDEX documents_id ON documents (id);
CREATE INDEX cards_row ON cards (row);
CREATE INDEX cards_work ON cards (work);
CREATE INDEX cards_number ON cards (number);
CREATE INDEX lineages_line ON lineages (kind, line);
CREATE INDEX lineages_row ON lineages (row);
CREATE INDEX events_row ON events (row);
CREATE INDEX issuers_issuer ON issuers (issuer, document_row);
CREATE INDEX issuers_document ON issuers (document_row);
CREATE UNIQUE INDEX clauses_id ON clauses (id);
CREATE INDEX clauses_frame ON clauses (part) WHERE {FRAME};
{_FACT_INDEXES}
CREATE INDEX answers_row ON answers (row);
CREATE INDEX answers_responsibility ON answers (responsibility);
CREATE INDEX responsibilities_unit ON responsibilities (organization_id, role, row);
CREATE INDEX citations_work ON citations (work);
CREATE INDEX citations_number ON citations (number);
CREATE INDEX descriptions_id ON descriptions (id);
CREATE INDEX described_key ON described (key);
CREATE UNIQUE INDEX organizations_id ON organizations (id);
CREATE INDEX through_by ON through (by_id);
CREATE INDEX names_of ON names (organization_id);
CREATE INDEX initials_of ON initials (organization_id);
"""
