"""Whether an index is whole: checksums, counts, and that every fact stands where it says it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

from kb.errors import IndexUnusable
from kb.facts import every_fact
from kb.index.asking import Generation
from kb.index.folders import FolderIndex
from kb.index.keeping import Index
from kb.messages import Message
from kb.models import EVERY_DOCUMENT, FACT_KINDS, Clause, ParsedDocument, Span
from kb.text import UNSEEN

_PAGE = 500  # documents listed at a time
# What each kind of fact is called.
_CALLED = {kind.noun: Message("fact-kind", zh=kind.chinese, en=kind.noun.__name__.lower()) for kind in FACT_KINDS}


def problems(index: Index[Any], name: str) -> Iterator[Message]:
    """What is wrong with a generation; nothing when it is whole. IndexUnusable when that cannot be told."""
    broken = tuple(index.damage(name))
    yield from broken
    try:
        with closing(index.open(name)) as generation:
            yield from _broken_contents(generation)
    except (IndexUnusable, ArithmeticError, LookupError, TypeError, ValueError):  # as far as it can be read
        if not broken:
            raise


def check(folder: Path) -> Iterator[Message]:
    """What is wrong with the generation in a folder."""
    return problems(FolderIndex(folder.parent), folder.name)


def _broken_contents(generation: Generation) -> Iterator[Message]:
    store = generation.store
    yield from (Message("other", text=problem) for problem in store.problems())
    for name, count, expected in generation.counts():
        if count != expected:
            yield Message("counts-differ", name=name, count=count, expected=expected)
    for offset in range(0, store.status().documents, _PAGE):
        for document in store.lists.documents(EVERY_DOCUMENT, _PAGE, offset)[1]:
            laws = dict.fromkeys(broken_laws(store.document(document.id)))
            yield from (Message("in-document", document=document.id, reason=law) for law in laws)


def broken_laws(parsed: ParsedDocument) -> Iterator[Message]:
    """The laws that a document breaks: facts stand where they say, clauses nest, and nothing that is read is outside all of them."""
    text = parsed.document.text
    ids = {clause.id: clause for clause in parsed.clauses}
    if len(ids) < len(parsed.clauses):
        yield Message("clause-id-twice")
    for fact in every_fact(parsed):
        if text[fact.start : fact.end] != fact.text or not fact.text:
            yield Message("fact-misplaced", fact=_CALLED[type(fact)])
        clause = ids.get(fact.clause_id)
        implied = getattr(fact, "implied_by", None) is not None  # its words stand in the clause that declares it
        if clause is None or not (implied or clause.start <= fact.start <= fact.end <= clause.end):
            yield Message("fact-outside-clause", fact=_CALLED[type(fact)])
    yield from _broken_tree(parsed.clauses, ids)
    uncovered = bytearray(b"\1") * len(text)
    covered: Iterable[Clause | Span] = chain(parsed.clauses, parsed.document.boilerplate)
    for span in covered:
        uncovered[span.start : span.end] = bytes(span.end - span.start)
    if any(
        flag and not character.isspace() and character not in UNSEEN
        for flag, character in zip(uncovered, text, strict=True)
    ):
        yield Message("character-outside-clauses")


def _broken_tree(clauses: Sequence[Clause], ids: dict[str, Clause]) -> Iterator[Message]:
    end_of_last: dict[str | None, int] = {}
    for clause in clauses:
        parent = ids.get(clause.parent_id or "")
        inside = parent is not None and parent.start <= clause.start <= clause.end <= parent.end
        if clause.parent_id is not None and not inside:
            yield Message("clause-outside-parent")
        if clause.start < end_of_last.get(clause.parent_id, 0):
            yield Message("clauses-overlap")
        end_of_last[clause.parent_id] = clause.end
