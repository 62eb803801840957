"""Comparison of two versions of a document: clauses, responsibilities and targets added, removed, changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kb.errors import NotInKnowledgeBase
from kb.facts import by_clause
from kb.models import (
    Clause,
    ClauseChange,
    Comparison,
    Deadline,
    ParsedDocument,
    Responsibility,
    Target,
)
from kb.text import normalise
from kb.versions.edits import changed_words

_ALIKE = 0.5  # share of common character bigrams; two clauses with this share are versions of one another
_HEADED_ALIKE = 0.2  # the same for clauses with the same heading
# A shortened or extended clause: this share of the bigrams of the shorter text is in the longer one, and there are so many at least.
_KEPT, _LEAST_BIGRAMS = 0.75, 15
_END_MARKS = "。；，.;,"  # 。 becomes ； when an item is appended: no change
_HEAD_PARTS = ("notice", "preamble")  # without its letterhead a text begins with a preamble

_Fact = TypeVar("_Fact", Responsibility, Target, Deadline)


@dataclass(frozen=True, slots=True)
class _Side:
    """A clause of one version, prepared for the comparison."""

    clause: Clause
    index: int  # among all clauses
    words: str  # own text, normalised, without number, blanks and final punctuation
    bigrams: frozenset[str]

    @classmethod
    def of(cls, clause: Clause, index: int) -> _Side:
        words = "".join(normalise(clause.text).split()).removeprefix("".join(normalise(clause.num).split()))
        words = words.rstrip(_END_MARKS)
        return cls(clause, index, words, frozenset(words[i : i + 2] for i in range(len(words) - 1)))


def compare(old: ParsedDocument, new: ParsedDocument) -> Comparison:
    """The changes from one version to the other, in the order of the new one, with removed clauses at their former position.

    Clauses are matched by their text, not by their number: a clause that was only moved or renumbered has not changed.
    """
    before = [_Side.of(clause, index) for index, clause in enumerate(old.clauses)]
    after = [_Side.of(clause, index) for index, clause in enumerate(new.clauses)]
    pairs = _match(before, after)
    facts_before, facts_after = _facts(old), _facts(new)
    changes: list[tuple[float, ClauseChange]] = []
    for left, right in pairs:
        change = _change(left, right, facts_before, facts_after)
        if change is not None:
            changes.append((float(right.index), change))
    new_index = {left.index: right.index for left, right in pairs}
    matched = {right.index for _, right in pairs}
    added = (side for side in after if side.index not in matched)
    changes += [(float(side.index), _one_sided("added", side.clause, facts_after)) for side in added]
    above = -1.0
    for side in before:
        above = float(new_index.get(side.index, above))
        if side.index not in new_index:
            changes.append((above + 0.5, _one_sided("removed", side.clause, facts_before)))
    changes.sort(key=lambda change: change[0])
    return Comparison(old.document.id, new.document.id, tuple(change for _, change in changes))


def version_before(parsed: ParsedDocument) -> str:
    """The id of the version that came before a document, else of that of an earlier year; NotInKnowledgeBase when the knowledge base holds none."""
    for documents in (parsed.validity.versions, parsed.validity.series):
        ids = [each.id for each in documents]
        if place := ids.index(parsed.document.id) if parsed.document.id in ids else 0:
            return ids[place - 1]
    raise NotInKnowledgeBase("version", parsed.document.id)


# --- matching of clauses --------------------------------------------------------------------------


def _match(before: Sequence[_Side], after: Sequence[_Side]) -> list[tuple[_Side, _Side]]:
    """Pairs of clauses that are versions of one another, each clause in one pair at most: equal ones first, then the most similar."""
    waiting = defaultdict[str, list[_Side]](list)
    for side in after:
        waiting[side.words].append(side)
    pairs = [(side, waiting[side.words].pop(0)) for side in before if waiting[side.words]]
    done_before, done_after = {left.index for left, _ in pairs}, {right.index for _, right in pairs}
    left_over = [side for side in before if side.index not in done_before]
    right_over = [side for side in after if side.index not in done_after]
    for _, left, right in sorted(_candidates(left_over, right_over), key=lambda candidate: -candidate[0]):
        if left.index not in done_before and right.index not in done_after:
            pairs.append((left, right))
            done_before.add(left.index)
            done_after.add(right.index)
    return pairs


def _candidates(before: Iterable[_Side], after: Sequence[_Side]) -> Iterator[tuple[float, _Side, _Side]]:
    """Pairs above the threshold with their similarity (Dice coefficient of the bigrams, 0..1, plus 1 for the same heading)."""
    for left in before:
        for right in after:
            if not _same_part(left.clause, right.clause):
                continue
            common = len(left.bigrams & right.bigrams)
            similarity = 2 * common / max(1, len(left.bigrams) + len(right.bigrams))
            shorter = min(len(left.bigrams), len(right.bigrams))
            kept = shorter >= _LEAST_BIGRAMS and common >= _KEPT * shorter
            headed = left.clause.heading != "" and left.clause.heading == right.clause.heading
            if kept or similarity >= (_HEADED_ALIKE if headed else _ALIKE):
                yield similarity + headed, left, right


def _same_part(left: Clause, right: Clause) -> bool:
    return left.part == right.part or (left.part in _HEAD_PARTS and right.part in _HEAD_PARTS)


# --- changes of a clause --------------------------------------------------------------------------

_Facts = tuple[dict[str, list[Responsibility]], dict[str, list[Target]], dict[str, list[Deadline]]]


def _facts(parsed: ParsedDocument) -> _Facts:
    return by_clause(parsed.responsibilities), by_clause(parsed.targets), by_clause(parsed.deadlines)


def _change(left: _Side, right: _Side, before: _Facts, after: _Facts) -> ClauseChange | None:
    """The change between two versions of a clause, None when there is none."""
    responsibilities = [facts[0].get(side.clause.id, []) for facts, side in ((before, left), (after, right))]
    targets = [facts[1].get(side.clause.id, []) for facts, side in ((before, left), (after, right))]
    deadlines = [facts[2].get(side.clause.id, []) for facts, side in ((before, left), (after, right))]
    change = ClauseChange(
        "changed",
        left.clause,
        right.clause,
        responsibilities_added=_only_in(responsibilities[1], responsibilities[0], _responsibility_key),
        responsibilities_removed=_only_in(responsibilities[0], responsibilities[1], _responsibility_key),
        targets_added=_only_in(targets[1], targets[0], _target_key),
        targets_removed=_only_in(targets[0], targets[1], _target_key),
        deadlines_added=_only_in(deadlines[1], deadlines[0], _deadline_key),
        deadlines_removed=_only_in(deadlines[0], deadlines[1], _deadline_key),
    )
    if left.words == right.words:
        return change if change.has_facts else None
    removed, added = changed_words(left.clause.text, right.clause.text)
    return replace(change, words_added=added, words_removed=removed)


def _one_sided(kind: str, clause: Clause, facts: _Facts) -> ClauseChange:
    responsibilities, targets = tuple(facts[0].get(clause.id, ())), tuple(facts[1].get(clause.id, ()))
    deadlines = tuple(facts[2].get(clause.id, ()))
    if kind == "added":
        return ClauseChange(
            "added",
            None,
            clause,
            responsibilities_added=responsibilities,
            targets_added=targets,
            deadlines_added=deadlines,
        )
    return ClauseChange(
        "removed",
        clause,
        None,
        responsibilities_removed=responsibilities,
        targets_removed=targets,
        deadlines_removed=deadlines,
    )


def _responsibility_key(responsibility: Responsibility) -> Hashable:
    return responsibility.unit, responsibility.role


def _target_key(target: Target) -> Hashable:
    return target.indicator, target.comparator, target.value, target.upper, target.unit, target.per, target.due


def _deadline_key(deadline: Deadline) -> Hashable:
    return deadline.due or deadline.recurrence or "".join(deadline.text.split())


def _only_in(facts: Sequence[_Fact], others: Sequence[_Fact], key: Callable[[_Fact], Hashable]) -> tuple[_Fact, ...]:
    """The multiset difference of the facts and the others by their keys."""
    left = Counter(map(key, others))
    only = []
    for fact in facts:
        if left[key(fact)] > 0:
            left[key(fact)] -= 1
        else:
            only.append(fact)
    return tuple(only)
