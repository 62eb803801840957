"""Which of the markers begin clauses: a beam search for the sequence with the lowest cost.

A number in running text may be a marker or a reference, and a style may occur on any level. Each step of the search therefore skips
a marker or takes it on one of its possible levels. The running time is linear in the number of markers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from kb.parsing.markers import STYLES, Marker

_BEAM = 24
_COST = itemgetter(0)

# Costs, tuned on real documents; mostly their order matters.
_SKIP = {"line": 2.8, "mark": 2.0, "stop": 2.0, "sentence": 0.3, "running": 0.0}
_SKIP_ANNOUNCED = 2.0  # "下列情形：（一）"
_TAKE = {"line": 0.0, "mark": 0.0, "stop": 0.4, "sentence": 0.4, "running": 1.6}
_TAKE_NEAR = 0.5  # in running text, right behind a heading
# Some styles are rarely references in running text, others usually are notes: "“两权”（2）".
_TAKE_RUNNING = {"编": 0.8, "章": 0.8, "节": 0.8, "（1）": 2.6, "1）": 2.6, "①": 2.6}
_NEXT = -2.0  # the next number of the list
_RUN_ON = -1.6  # （四） under 二、 after （三） under 一、
_OPEN = 0.6  # a new list that begins with 1
_OPEN_ELSEWHERE = 3.2  # a new list that begins with another number
_OPEN_CUT = 1.8  # the same at the beginning of a fragment: the style has not occurred yet
_GAP, _GAP_STEP = 1.6, 0.6
_MOST_GAP = {"line": 2.4, "stop": 1.5}  # with its sign a number continues its list, however many are missing
_OPEN_UNDER = -1.2  # a list that begins right after a heading: "一、加强建设1.加大投入"
_RESUME = -0.6  # a list continues after another list of its style (a box, a sample) has interrupted it
_NEAR = 4  # the most numbers missing in a list that runs on
_SAME = 2.0  # the same number twice: a mistake of the author
_SAME_STOP = 1.5  # with its sign behind a full stop it is hardly a reference
_BACK = 2.6  # a number below the last one
_RESTART = 2.6  # a list begins again on its own level
_OUTWARD = 1.5  # a style of an outer level below one of an inner level


@dataclass(frozen=True, slots=True)
class ClauseStart:
    """A marker that begins a clause, and the index of the parent clause (-1: none)."""

    marker: Marker
    parent: int


class _Hypothesis(NamedTuple):  # thousands per document; a dataclass takes three times as long to create
    cost: float
    stack: tuple[tuple[int, float], ...]  # (rank, number) of the open lists, outermost first
    clauses: tuple[int, ...]  # the index of the last clause of each
    # By rank: last number of the list, last number of the list that it has interrupted.
    seen: tuple[tuple[float, float], ...]
    chain: _Chain | None


class _Chain(NamedTuple):
    """The markers taken so far, as a linked list, so that a step costs the same in a long text."""

    marker: Marker
    parent: int
    before: _Chain | None
    size: int


# A step from a hypothesis: its total cost, and the depth at which the marker is taken (-1: it is skipped).
_Step = tuple[float, _Hypothesis, int]


def select_markers(markers: Sequence[Marker]) -> list[ClauseStart]:
    """The markers that begin clauses, in order, each with its parent.

    一、 （一） （二） 二、 （三） → the fifth is a child of the fourth, because numbers may run on
    """
    present = {marker.style for marker in markers}
    ranks = {style: rank for rank, style in enumerate(filter(present.__contains__, STYLES))}  # the outermost is 0
    hypotheses = [_Hypothesis(0.0, (), (), ((0, 0),) * len(ranks), None)]
    for marker in markers:
        rank = ranks[marker.style]
        steps = sorted(_steps(hypotheses, marker, rank), key=_COST)
        # Of the steps to the same open lists only the cheapest is kept, so only that one is created.
        best: dict[tuple[tuple[tuple[int, float], ...], tuple[tuple[float, float], ...]], _Hypothesis] = {}
        for step in steps:
            hypothesis = _apply(step, marker, rank)
            best.setdefault((hypothesis.stack, hypothesis.seen), hypothesis)
            if len(best) == _BEAM:
                break
        hypotheses = list(best.values())
    taken: list[ClauseStart] = []
    link = hypotheses[0].chain
    while link is not None:
        taken.append(ClauseStart(link.marker, link.parent))
        link = link.before
    return taken[::-1]


def _steps(hypotheses: Sequence[_Hypothesis], marker: Marker, rank: int) -> list[_Step]:
    """The possible steps: the marker is skipped, or taken on one of its possible levels."""
    steps: list[_Step] = []
    skip_cost, take_cost = _skip_cost(marker), _take_cost(marker)
    for hypothesis in hypotheses:
        cost, stack, _, seen, taken = hypothesis
        if taken and taken.marker.start == marker.start:
            steps.append((cost, hypothesis, -1))  # the alternative at the same offset is taken
            continue
        steps.append((cost + skip_cost, hypothesis, -1))
        take = cost + take_cost
        under = 0
        for depth, (open_rank, number) in enumerate(stack):
            if open_rank == rank:
                steps.append((take + _step_cost(number, seen[rank][1], marker), hypothesis, depth))
                break
            under += open_rank < rank
        else:
            opened = _open_cost(hypothesis, marker, rank)
            steps.append((take + opened + (_OUTWARD if under == 0 and stack else 0.0), hypothesis, under))
            if under < len(stack):
                steps.append((take + opened + _OUTWARD * 1.5, hypothesis, len(stack)))
    return steps


def _skip_cost(marker: Marker) -> float:
    return _SKIP_ANNOUNCED if marker.announced else _SKIP[marker.position]


def _take_cost(marker: Marker) -> float:
    if marker.position != "running":
        return _TAKE[marker.position]
    return _TAKE_NEAR if marker.near else _TAKE_RUNNING.get(marker.style, _TAKE["running"])


def _step_cost(last: float, list_before: float, marker: Marker) -> float:
    number = marker.number
    if _follows(last, number):
        return _NEXT
    if list_before and _follows(list_before, number):
        return _RESUME
    if number > last:
        gap = _GAP + _GAP_STEP * min(number - last - 1, 20)
        return min(gap, _MOST_GAP.get(marker.position, gap))
    if number == last > 1:
        return _SAME_STOP if marker.position == "stop" else _SAME
    return _RESTART if number == 1 else _BACK + _GAP_STEP * min(last - number, 20)


def _open_cost(hypothesis: _Hypothesis, marker: Marker, rank: int) -> float:
    last, list_before = hypothesis.seen[rank]
    if marker.number == 1:
        return _OPEN + (_OPEN_UNDER if marker.near and marker.style in ("1.", "（一）") and hypothesis.stack else 0)
    if _follows(last, marker.number) or (list_before and _follows(list_before, marker.number)):
        return _RUN_ON
    if last and last < marker.number <= last + _NEAR:
        return _GAP + _GAP_STEP * (marker.number - last - 1)
    if not last and marker.position == "line":
        return _OPEN_CUT + (_GAP_STEP * min(marker.number - 1, 5) if hypothesis.stack else 0)
    return _OPEN_ELSEWHERE + _GAP_STEP * min(marker.number, 5)


def _follows(last: float, number: float) -> bool:
    return 0 < number - last <= 1


def _apply(step: _Step, marker: Marker, rank: int) -> _Hypothesis:
    cost, hypothesis, depth = step
    _, stack, clauses, seen, taken = hypothesis
    if depth < 0:
        return _Hypothesis(cost, stack, clauses, seen, taken)
    number = marker.number
    index = taken.size if taken else 0
    parent = clauses[depth - 1] if depth else -1
    last, list_before = seen[rank]
    if not _follows(last, number):
        is_open = depth < len(stack) and stack[depth][0] == rank
        list_before = last if is_open else 0
    return _Hypothesis(
        cost,
        (*stack[:depth], (rank, number)),
        (*clauses[:depth], index),
        (*seen[:rank], (number, list_before), *seen[rank + 1 :]),
        _Chain(marker, parent, taken, index + 1),
    )
