"""What has changed between two versions of a document: clauses, responsibilities and targets added, removed, changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kb.errors import InvalidQuery
from kb.facts import by_clause
from kb.messages import Message
from kb.models import (
    Clause,
    ClauseChange,
    Comparison,
    ParsedDocument,
    Responsibility,
    Target,
)
from kb.text import normalise
from kb.versions.edits import changed_words

_ALIKE = 0.5  # share of common character pairs from which on two clauses are versions of one another
_HEADED_ALIKE = 0.2  # the same when they have one heading
# A clause that was cut or extended: so much of the shorter one stands in the other, when it is long enough not to do so by chance.
_KEPT, _LEAST_PAIRS = 0.75, 15
_END_MARKS = "。；，.;,"  # 。 becomes ； when an item is added behind: no change
_HEAD_PARTS = ("notice", "preamble")  # a text without its letterhead begins with a preamble

_Fact = TypeVar("_Fact", Responsibility, Target)


@dataclass(frozen=True, slots=True)
class _Side:
    """A clause with what it is compared by."""

    clause: Clause
    place: int  # among all clauses
    words: str  # own text without number, blanks, printed variants and the mark at its end
    pairs: frozenset[str]

    @classmethod
    def of(cls, clause: Clause, place: int) -> _Side:
        words = "".join(normalise(clause.text).split()).removeprefix("".join(normalise(clause.num).split()))
        words = words.rstrip(_END_MARKS)
        return cls(clause, place, words, frozenset(words[i : i + 2] for i in range(len(words) - 1)))


def compare(old: ParsedDocument, new: ParsedDocument) -> Comparison:
    """The changes from one version to the other, in the order of the new one, removed clauses where they stood.

    Clauses are paired by what they say, not by their number: one that only moved or was only renumbered has not changed.
    """
    before = [_Side.of(clause, place) for place, clause in enumerate(old.clauses)]
    after = [_Side.of(clause, place) for place, clause in enumerate(new.clauses)]
    pairs = _paired(before, after)
    facts_before, facts_after = _facts(old), _facts(new)
    changes: list[tuple[float, ClauseChange]] = []
    for left, right in pairs:
        change = _change(left, right, facts_before, facts_after)
        if change is not None:
            changes.append((float(right.place), change))
    place_of = {left.place: right.place for left, right in pairs}
    matched = {right.place for _, right in pairs}
    added = (side for side in after if side.place not in matched)
    changes += [(float(side.place), _one_sided("added", side.clause, facts_after)) for side in added]
    above = -1.0
    for side in before:
        above = float(place_of.get(side.place, above))
        if side.place not in place_of:
            changes.append((above + 0.5, _one_sided("removed", side.clause, facts_before)))
    changes.sort(key=lambda change: change[0])
    return Comparison(old.document.id, new.document.id, tuple(change for _, change in changes))


def version_before(parsed: ParsedDocument) -> str:
    """The id of the version that came before a document; InvalidQuery when the knowledge base holds none."""
    older = ""
    for version in parsed.validity.versions:
        if version.id == parsed.document.id:
            break
        older = version.id
    if not older:
        raise InvalidQuery("since", Message("no-older-version", document=parsed.document.id))
    return older


# --- which clause became which --------------------------------------------------------------------


def _paired(before: Sequence[_Side], after: Sequence[_Side]) -> list[tuple[_Side, _Side]]:
    """Pairs of clauses that are versions of one another, each clause in one pair at most: equal ones first, then the most alike."""
    waiting = defaultdict[str, list[_Side]](list)
    for side in after:
        waiting[side.words].append(side)
    pairs = [(side, waiting[side.words].pop(0)) for side in before if waiting[side.words]]
    done_before, done_after = {left.place for left, _ in pairs}, {right.place for _, right in pairs}
    left_over = [side for side in before if side.place not in done_before]
    right_over = [side for side in after if side.place not in done_after]
    for _, left, right in sorted(_candidates(left_over, right_over), key=lambda found: -found[0]):
        if left.place not in done_before and right.place not in done_after:
            pairs.append((left, right))
            done_before.add(left.place)
            done_after.add(right.place)
    return pairs


def _candidates(before: Iterable[_Side], after: Sequence[_Side]) -> Iterator[tuple[float, _Side, _Side]]:
    """Pairs that are alike enough, with how much: 0..1, one more for a common heading."""
    for left in before:
        for right in after:
            if not _same_part(left.clause, right.clause):
                continue
            common = len(left.pairs & right.pairs)
            alike = 2 * common / max(1, len(left.pairs) + len(right.pairs))
            shorter = min(len(left.pairs), len(right.pairs))
            kept = shorter >= _LEAST_PAIRS and common >= _KEPT * shorter
            headed = left.clause.heading != "" and left.clause.heading == right.clause.heading
            if kept or alike >= (_HEADED_ALIKE if headed else _ALIKE):
                yield alike + headed, left, right


def _same_part(one: Clause, other: Clause) -> bool:
    return one.part == other.part or (one.part in _HEAD_PARTS and other.part in _HEAD_PARTS)


# --- what became of it ----------------------------------------------------------------------------

_Facts = tuple[dict[str, list[Responsibility]], dict[str, list[Target]]]


def _facts(parsed: ParsedDocument) -> _Facts:
    return by_clause(parsed.responsibilities), by_clause(parsed.targets)


def _change(left: _Side, right: _Side, before: _Facts, after: _Facts) -> ClauseChange | None:
    """What has changed between two versions of a clause, None when nothing has."""
    responsibilities = [facts[0].get(side.clause.id, []) for facts, side in ((before, left), (after, right))]
    targets = [facts[1].get(side.clause.id, []) for facts, side in ((before, left), (after, right))]
    change = ClauseChange(
        "changed",
        left.clause,
        right.clause,
        responsibilities_added=_only_in(responsibilities[1], responsibilities[0], _said_of_unit),
        responsibilities_removed=_only_in(responsibilities[0], responsibilities[1], _said_of_unit),
        targets_added=_only_in(targets[1], targets[0], _said_of_target),
        targets_removed=_only_in(targets[0], targets[1], _said_of_target),
    )
    if left.words == right.words:
        return change if change.has_facts else None
    removed, added = changed_words(left.clause.text, right.clause.text)
    return replace(change, words_added=added, words_removed=removed)


def _one_sided(kind: str, clause: Clause, facts: _Facts) -> ClauseChange:
    responsibilities, targets = tuple(facts[0].get(clause.id, ())), tuple(facts[1].get(clause.id, ()))
    if kind == "added":
        return ClauseChange("added", None, clause, responsibilities_added=responsibilities, targets_added=targets)
    return ClauseChange("removed", clause, None, responsibilities_removed=responsibilities, targets_removed=targets)


def _said_of_unit(one: Responsibility) -> Hashable:
    return one.unit, one.role


def _said_of_target(one: Target) -> Hashable:
    return one.indicator, one.comparator, one.value, one.upper, one.unit, one.per, one.due


def _only_in(facts: Sequence[_Fact], others: Sequence[_Fact], said: Callable[[_Fact], Hashable]) -> tuple[_Fact, ...]:
    """The facts that the others do not say as often."""
    left = Counter(map(said, others))
    only = []
    for fact in facts:
        if left[said(fact)] > 0:
            left[said(fact)] -= 1
        else:
            only.append(fact)
    return tuple(only)
