"""Clauses → facts: a finder for each kind of fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kb.extraction.citations import find_citations
from kb.extraction.deadlines import find_deadlines
from kb.extraction.responsibilities import find_responsibilities
from kb.extraction.responsibilities.declarations import Declaration, find_declarations
from kb.extraction.targets import find_targets
from kb.models import FACT_KINDS, Document, Fact, ParsedDocument
from kb.text import Passage, normalise

__all__ = ["FINDERS", "extract", "find"]

_Finder = Callable[[Passage, Document, Sequence[Declaration]], Sequence[Fact]]
# How each kind of fact is found, under its name; every kind has a finder.
FINDERS: Mapping[str, _Finder] = {
    "responsibilities": lambda passage, document, declarations: find_responsibilities(
        passage, declarations, title=normalise(document.title), issued_on=document.issued_on
    ),
    "targets": lambda passage, document, _: find_targets(passage, document),
    "deadlines": lambda passage, document, _: find_deadlines(passage, document),
    "citations": lambda passage, document, _: find_citations(passage, document),
}


def extract(document: Document, passages: Sequence[Passage]) -> ParsedDocument:
    """The document with every fact that its clauses state."""
    declarations = _declarations(passages)
    finders = [(kind.name, FINDERS[kind.name]) for kind in FACT_KINDS]
    found: dict[str, list[Any]] = {name: [] for name, _ in finders}
    for passage in passages:  # clause by clause: the finders of one clause share what is cached about it
        for name, find_in in finders:
            found[name].extend(find_in(passage, document, declarations))
    facts: dict[str, Any] = {name: tuple(several) for name, several in found.items()}
    return ParsedDocument(document=document, clauses=tuple(passage.clause for passage in passages), **facts)


def find(kind: str, document: Document, passages: Sequence[Passage]) -> tuple[Fact, ...]:
    """The facts of one kind, a key of ``FINDERS``, as ``extract`` finds them."""
    declarations = _declarations(passages)
    return tuple(fact for passage in passages for fact in FINDERS[kind](passage, document, declarations))


def _declarations(passages: Sequence[Passage]) -> list[Declaration]:
    return [declaration for passage in passages for declaration in find_declarations(passage)]
