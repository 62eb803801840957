"""A document as rows of the tables: made where it is read, in whatever process, and written where the store is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.answering import answered_by
from kb.index.store.tables import BY_CLAUSE, Cell, codec, period_end
from kb.models import (
    Citation,
    Clause,
    Deadline,
    Document,
    Organization,
    ParsedDocument,
    Responsibility,
    Target,
)
from kb.organizations import level_of
from kb.versions.succession import Card, card_of
from kb.versions.titles import name_of, number_key

_YEAR = re.compile(r"\d{4}")

Row = tuple[Cell, ...]
Table = tuple[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """The rows of one document; its clauses are counted from 0 here, and the document itself has no row yet."""

    id: str
    document: Row  # year and level of the issuers, then the cells of the document
    clauses: tuple[Row, ...]  # the place of the clause that answers, or None; ``holds``; the cells of the clause
    by_clause: tuple[Table, ...]  # each row begins with the place of its clause
    by_document: tuple[Table, ...]  # rows without that of the document, which comes first
    descriptions: tuple[Row, ...]  # what it says of organisations


def rows_of(parsed: ParsedDocument, organizations: Iterable[Organization]) -> DocumentRows:
    """The rows of a document and of the organisations that it names."""
    clause, responsibility, citation = codec(Clause), codec(Responsibility), codec(Citation)
    place = {one.id: i for i, one in enumerate(parsed.clauses)}
    answers = answered_by(parsed.clauses, parsed.responsibilities)
    descriptions = tuple(sorted(map(_description, organizations)))
    by_clause: tuple[Table, ...] = (
        ("responsibilities", tuple((place[r.clause_id], *responsibility.row(r)) for r in parsed.responsibilities)),
        ("targets", tuple(_dated(parsed.targets, place))),
        ("deadlines", tuple(_dated(parsed.deadlines, place))),
        ("citations", tuple((place[one.clause_id], *citation.row(one), *_meant(one)) for one in parsed.citations)),
    )
    holds = [0] * len(parsed.clauses)
    kinds = list(BY_CLAUSE.values())
    for table, rows in by_clause:
        for at, *_ in rows:
            holds[at] |= 1 << kinds.index(table)  # type: ignore[index]  # a place
    return DocumentRows(
        parsed.document.id,
        (*_placed(parsed.document), *codec(Document).row(parsed.document)),
        tuple((by, held, *clause.row(one)) for one, by, held in zip(parsed.clauses, answers, holds, strict=True)),
        by_clause,
        (
            ("issuers", tuple((issuer,) for issuer in dict.fromkeys(parsed.document.issuers))),
            ("described", tuple((key,) for key, *_ in descriptions)),
            ("cards", (codec(Card).row(card_of(parsed.document, 0))[1:],)),
        ),
        descriptions,
    )


def _placed(document: Document) -> Row:
    dated = _YEAR.match(document.issued_on)
    return dated[0] if dated else "", level_of(document.issuers)


def _meant(citation: Citation) -> Row:
    return name_of(citation.title).work, number_key(citation.document_number)


def _dated(facts: Sequence[Target] | Sequence[Deadline], place: dict[str, int]) -> Iterator[Row]:
    return ((place[fact.clause_id], *codec(type(fact)).row(fact), period_end(fact.due)) for fact in facts)


def _description(organization: Organization) -> Row:
    """What one document says of an organisation, under a key that the same words have wherever they are said."""
    cells = codec(Organization).row(organization)
    digest = hashlib.blake2b(json.dumps(cells, ensure_ascii=False).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True), *cells
