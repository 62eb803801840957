"""A document as rows of the tables: made where it is read, in whatever process, and written where the store is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kb.answering import answers
from kb.index.store.tables import Cell, codec, computed
from kb.models import FACT_KINDS, Clause, Document, FactKind, Organization, ParsedDocument
from kb.organizations import level_of, places_of
from kb.versions.succession import Card, card_of

_YEAR = re.compile(r"\d{4}")

Row = tuple[Cell, ...]
Table = tuple[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """The rows of one document; its clauses are counted from 0 here, and the document itself has no row yet."""

    id: str
    document: Row  # year, level of the issuers and place, then the cells of the document
    clauses: tuple[Row, ...]  # ``holds``, then the cells of the clause
    facts: tuple[Table, ...]  # each kind in its table; each row begins with the place of its clause
    answers: tuple[tuple[int, int], ...]  # the place of a clause, and that of a responsibility that answers for it
    by_document: tuple[Table, ...]  # rows without that of the document, which comes first
    descriptions: tuple[Row, ...]  # what it says of organisations


def rows_of(parsed: ParsedDocument, organizations: Iterable[Organization]) -> DocumentRows:
    """The rows of a document and of the organisations that it names."""
    places = {clause.id: place for place, clause in enumerate(parsed.clauses)}
    responsibilities = {responsibility: place for place, responsibility in enumerate(parsed.responsibilities)}
    answered = enumerate(answers(parsed.clauses, parsed.responsibilities))
    descriptions = tuple(sorted(map(_description, organizations)))
    holds = [0] * len(parsed.clauses)
    for bit, kind in enumerate(FACT_KINDS):
        for fact in kind.of(parsed):
            holds[places[fact.clause_id]] |= 1 << bit
    return DocumentRows(
        parsed.document.id,
        (*_placed(parsed.document), *codec(Document).row(parsed.document)),
        tuple((held, *codec(Clause).row(clause)) for clause, held in zip(parsed.clauses, holds, strict=True)),
        tuple((kind.name, tuple(_fact_rows(kind, parsed, places))) for kind in FACT_KINDS),
        tuple((place, responsibilities[one]) for place, answering in answered for one in answering),
        (
            ("issuers", tuple((issuer,) for issuer in dict.fromkeys(parsed.document.issuers))),
            ("described", tuple((key,) for key, *_ in descriptions)),
            ("cards", (codec(Card).row(card_of(parsed.document, 0))[1:],)),
        ),
        descriptions,
    )


def _placed(document: Document) -> Row:
    dated = _YEAR.match(document.issued_on)
    level = level_of(document.issuers)
    return dated[0] if dated else "", level, " ".join(places_of(document, level == "national"))


def _fact_rows(kind: FactKind, parsed: ParsedDocument, places: Mapping[str, int]) -> Iterator[Row]:
    """The facts of one kind: the place of the clause, the cells of the fact, the computed columns."""
    cells, columns = codec(kind.noun), computed(kind.noun).values()
    for fact in kind.of(parsed):
        yield places[fact.clause_id], *cells.row(fact), *(compute(fact) for compute in columns)


def _description(organization: Organization) -> Row:
    """What one document says of an organisation, under a key that the same words have wherever they are said."""
    cells = codec(Organization).row(organization)
    digest = hashlib.blake2b(json.dumps(cells, ensure_ascii=False).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True), *cells
