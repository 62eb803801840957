"""From what the knowledge base returns to what an assistant is told: the same, in fewer words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kb.models import (
    Clause,
    ClauseChange,
    ClauseFacts,
    Deadline,
    DocumentPassage,
    FoundClause,
    Hit,
    OutlineEntry,
    ParsedDocument,
    QuotedChange,
    QuotedClause,
    QuotedDeadline,
    QuotedTarget,
    QuotedUnit,
    Responsibility,
    StatedTarget,
    Target,
    TargetRow,
    Validity,
)

_MOST_CHARACTERS = 1_200  # of a clause in a list; nine in ten clauses are shorter than 400


def quoted_clause(facts: ClauseFacts) -> QuotedClause:
    """The whole clause with its facts."""
    return QuotedClause(**(_fields(facts) | {"text": facts.clause.text, "is_cut": False}))


def found_clause(hit: Hit, answering: ClauseFacts) -> FoundClause:
    """The clause of a hit with the units that answer for it, named there or above."""
    return FoundClause(**_fields(answering), score=round(hit.score, 4), weak=hit.weak, elsewhere=hit.elsewhere)


def with_fields(noun: type[Any], facts: ClauseFacts, **more: Any) -> Any:
    """A noun that holds more than a QuotedClause."""
    return noun(**_fields(facts), **more)


def stated_target(row: TargetRow) -> StatedTarget:
    """A target with its clause and the units that answer for it."""
    return StatedTarget(
        clause_id=row.target.clause_id,
        document_id=row.document_id,
        document_title=row.document_title,
        path=row.path,
        target=_target(row.target),
        units=_units(row.responsibilities),
    )


def passage(parsed: ParsedDocument, start: int, most: int) -> DocumentPassage:
    """Header and outline of a document, and at most so many characters of its text."""
    document = parsed.document
    return DocumentPassage(
        document_id=document.id,
        title=document.title,
        document_number=document.document_number,
        issuers=document.issuers,
        issued_on=document.issued_on,
        standing=parsed.validity.standing,
        followed_by=_followed_by(parsed.validity),
        outline=tuple(
            OutlineEntry(each.id, each.parent_id, each.num, each.heading, each.start, each.end)
            for each in parsed.clauses
        ),
        text=document.text[start : start + most],
        start=min(start, len(document.text)),
        end=min(start + most, len(document.text)),
        characters=len(document.text),
    )


def quoted_change(change: ClauseChange) -> QuotedChange:
    """One change, with the names of the units and the words of the targets that came and went."""
    return QuotedChange(
        kind=change.kind,
        old_clause_id=change.old.id if change.old else "",
        new_clause_id=change.new.id if change.new else "",
        old_text=_text(change.old),
        new_text=_text(change.new),
        units_added=tuple(each.unit for each in change.responsibilities_added),
        units_removed=tuple(each.unit for each in change.responsibilities_removed),
        targets_added=tuple(each.text for each in change.targets_added),
        targets_removed=tuple(each.text for each in change.targets_removed),
    )


def _fields(facts: ClauseFacts) -> dict[str, Any]:
    clause = facts.clause
    return {
        "clause_id": clause.id,
        "document_id": clause.document_id,
        "document_title": facts.document_title,
        "document_number": facts.document_number,
        "issued_on": facts.issued_on,
        "standing": facts.validity.standing,
        "followed_by": _followed_by(facts.validity),
        "path": clause.path,
        "text": _text(clause),
        "is_cut": len(clause.text) > _MOST_CHARACTERS,
        "start": clause.start,
        "end": clause.end,
        "page": clause.page,
        "units": _units(facts.responsibilities),
        "targets": tuple(map(_target, facts.targets)),
        "deadlines": tuple(map(_deadline, facts.deadlines)),
    }


def _followed_by(validity: Validity) -> str:
    return validity.followed_by.id if validity.followed_by else ""


def _text(clause: Clause | None) -> str:
    return clause.text[:_MOST_CHARACTERS] if clause else ""


def _units(responsibilities: Iterable[Responsibility]) -> tuple[QuotedUnit, ...]:
    named = {(each.unit, each.role): each for each in reversed(tuple(responsibilities))}
    return tuple(
        QuotedUnit(each.text, each.start, each.end, each.unit, each.role, each.organization_id)
        for each in reversed(named.values())
    )


def _target(target: Target) -> QuotedTarget:
    return QuotedTarget(
        target.text,
        target.start,
        target.end,
        target.indicator,
        target.comparator,
        target.value,
        target.upper,
        target.unit,
        target.due,
    )


def _deadline(deadline: Deadline) -> QuotedDeadline:
    return QuotedDeadline(deadline.text, deadline.start, deadline.end, deadline.due or deadline.recurrence)
