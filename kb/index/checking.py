"""Whether an index is whole: checksums, counts, and that every fact stands where it says it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from kb.errors import IndexUnusable
from kb.facts import every_fact
from kb.index import generations
from kb.index.store import Store
from kb.index.vectors import PassageIndex, VectorIndex
from kb.index.words import DOCUMENTS, WordIndex
from kb.messages import Message
from kb.models import EVERY_DOCUMENT, FACT_KINDS, Clause, ParsedDocument, Span

_UNSEEN = "\ufeff\u200b"  # blanks that Python counts as signs
_PAGE = 500  # documents listed at a time
# What each kind of fact is called.
_CALLED = {kind.noun: Message("fact-kind", zh=kind.chinese, en=kind.noun.__name__.lower()) for kind in FACT_KINDS}


def verify(folder: Path) -> None:
    """IndexUnusable when a file of a generation is not as it was written, or when another version of this software wrote it."""
    for problem in generations.damage(folder):
        try:
            Store.open(folder).close()
        except IndexUnusable as error:
            if error.reason.code == "other-version":
                raise
        raise IndexUnusable(folder, Message("generation-damaged", reason=problem))


def check(folder: Path) -> Iterator[Message]:
    """What is wrong with a generation; nothing when it is whole. IndexUnusable when that cannot be told."""
    broken = tuple(generations.damage(folder))
    yield from broken
    try:
        yield from _broken_contents(folder)
    except (IndexUnusable, ArithmeticError, LookupError, TypeError, ValueError):  # as far as it can be read
        if not broken:
            raise


def _broken_contents(folder: Path) -> Iterator[Message]:
    with closing(Store.open(folder)) as store:
        yield from (Message("other", text=problem) for problem in store.problems())
        status = store.status()
        for name, count, expected in (
            ("words", len(WordIndex.open(folder)), status.clauses),
            ("vectors", len(VectorIndex.open(folder)), status.clauses),
            (DOCUMENTS, len(WordIndex.open(folder, DOCUMENTS)), status.documents),
        ):
            if count != expected:
                yield Message("counts-differ", name=name, count=count, expected=expected)
        for place in folder.glob("contextual-*"):
            if (count := PassageIndex.open(place).stop) > store.manifest.rows:
                yield Message("counts-differ", name=place.name, count=count, expected=store.manifest.rows)
        for offset in range(0, status.documents, _PAGE):
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
        flag and not character.isspace() and character not in _UNSEEN
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
