"""Which of the printed numbers begin clauses: the reading of the whole sequence that makes most sense.

A number in running text may count clauses or only be named there, and a style may stand on any level. So every candidate is taken or left, on every
level that it may have, and the cheapest sequence wins (beam search over the open lists; costs below). The cost is linear in the number of candidates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from kb.parsing.markers import STYLES, Marker

_RANK = {style: rank for rank, style in enumerate(STYLES)}
_BEAM = 24
_COST = attrgetter("cost")

# Costs, in the unit "one surprise". Found by reading what they did to real documents; only their order matters much.
_LEAVE = {"line": 2.6, "mark": 2.0, "sentence": 0.3, "running": 0.0}
_TAKE = {"line": 0.0, "mark": 0.0, "sentence": 0.4, "running": 1.6}
_TAKE_NEAR = 0.5  # in running text, right behind a heading
# Some styles are hardly ever named in running text, others are notes there: "“两权”（2）".
_TAKE_RUNNING = {"编": 0.8, "章": 0.8, "节": 0.8, "（1）": 2.6, "1）": 2.6, "①": 2.6}
_NEXT = -2.0  # the number that was due
_RUN_ON = -1.6  # （四） under 二、 after （三） under 一、
_OPEN = 0.6  # a new list that begins with 1
_OPEN_ELSEWHERE = 3.2  # a new list that begins with another number
_OPEN_CUT = 1.8  # the same at the head of a fragment: nothing of its style was seen
_GAP, _GAP_STEP = 1.6, 0.6
_MOST_GAP = 2.4  # at the beginning of a line a number goes on with its list, however many are missing
_OPEN_UNDER = -1.2  # a list that begins right behind a heading: "一、加强建设1.加大投入"
_RESUME = -0.6  # the list that another of its style, a box or a sample, has interrupted goes on
_NEAR = 4  # numbers that a list which runs on may have lost
_SAME = 2.0  # the author counts wrong
_AGAIN = 2.6  # the same number twice, or a step back
_RESTART = 2.6  # a list begins again on its own level
_OUTWARD = 1.5  # a style that usually stands outside opens inside


@dataclass(frozen=True, slots=True)
class Placed:
    """A marker taken as the beginning of a clause, and the index of the clause above it (-1: none)."""

    marker: Marker
    parent: int


class _State(NamedTuple):  # thousands a document: a dataclass takes three times as long to make
    cost: float
    stack: tuple[tuple[int, float], ...]  # (rank, number) of the open lists, outermost first
    clauses: tuple[int, ...]  # the index of the last clause of each
    seen: tuple[
        tuple[float, float], ...
    ]  # by rank: last number taken, and that of the list which its list has interrupted
    chain: _Chain | None


class _Chain(NamedTuple):
    """Markers taken so far, as a linked list, so that a step of the search costs the same in a long text."""

    marker: Marker
    parent: int
    before: _Chain | None
    size: int


class _Step(NamedTuple):
    """A way to go on from a state: its cost, and the depth at which the marker is taken (None: it is left out)."""

    cost: float
    state: _State
    depth: int | None


def place_markers(markers: Sequence[Marker]) -> list[Placed]:
    """The markers that begin clauses, in order, each with its parent.

    一、 （一） （二） 二、 （三） → the fifth is a child of the fourth, because numbers may run on
    """
    states = [_State(0.0, (), (), ((0, 0),) * len(STYLES), None)]
    for marker in markers:
        steps = sorted(chain.from_iterable(_steps(state, marker) for state in states), key=_COST)
        # Of those that lead to the same open lists only the cheapest is followed, so only that one is made.
        best: dict[tuple[tuple[tuple[int, float], ...], tuple[tuple[float, float], ...]], _State] = {}
        for step in steps:
            state = _follower(step, marker)
            best.setdefault((state.stack, state.seen), state)
            if len(best) == _BEAM:
                break
        states = list(best.values())
    taken: list[Placed] = []
    link = states[0].chain
    while link is not None:
        taken.append(Placed(link.marker, link.parent))
        link = link.before
    return taken[::-1]


def _steps(state: _State, marker: Marker) -> Iterator[_Step]:
    """What may be made of the marker: left out, or taken on each level that it may have."""
    cost, stack, _, seen, taken = state
    if taken and taken.marker.start == marker.start:
        yield _Step(cost, state, None)  # the other reading of the same place is taken
        return
    yield _Step(cost + _LEAVE[marker.place], state, None)
    rank = _RANK[marker.style]
    if marker.place != "running":
        take = cost + _TAKE[marker.place]
    else:
        take = cost + (_TAKE_NEAR if marker.near else _TAKE_RUNNING.get(marker.style, _TAKE["running"]))
    under = 0
    for depth, (open_rank, number) in enumerate(stack):
        if open_rank == rank:
            yield _Step(take + _step_cost(number, seen[rank][1], marker), state, depth)
            return
        under += open_rank < rank
    opened = _open_cost(state, marker)
    yield _Step(take + opened + (_OUTWARD if under == 0 and stack else 0.0), state, under)
    if under < len(stack):
        yield _Step(take + opened + _OUTWARD * 1.5, state, len(stack))


def _step_cost(last: float, list_before: float, marker: Marker) -> float:
    number = marker.number
    if _follows(last, number):
        return _NEXT
    if list_before and _follows(list_before, number):
        return _RESUME
    if number > last:
        gap = _GAP + _GAP_STEP * min(number - last - 1, 20)
        return min(gap, _MOST_GAP) if marker.place == "line" else gap
    if number == last > 1:
        return _SAME
    return _RESTART if number == 1 else _AGAIN + _GAP_STEP * min(last - number, 20)


def _open_cost(state: _State, marker: Marker) -> float:
    last, list_before = state.seen[_RANK[marker.style]]
    if marker.number == 1:
        return _OPEN + (_OPEN_UNDER if marker.near and marker.style in ("1.", "（一）") and state.stack else 0)
    if _follows(last, marker.number) or (list_before and _follows(list_before, marker.number)):
        return _RUN_ON
    if last and last < marker.number <= last + _NEAR:
        return _GAP + _GAP_STEP * (marker.number - last - 1)
    if not last and marker.place == "line":
        return _OPEN_CUT + (_GAP_STEP * min(marker.number - 1, 5) if state.stack else 0)
    return _OPEN_ELSEWHERE + _GAP_STEP * min(marker.number, 5)


def _follows(last: float, number: float) -> bool:
    return 0 < number - last <= 1


def _follower(step: _Step, marker: Marker) -> _State:
    cost, state, depth = step
    _, stack, clauses, seen, taken = state
    if depth is None:
        return _State(cost, stack, clauses, seen, taken)
    rank, number = _RANK[marker.style], marker.number
    index = taken.size if taken else 0
    parent = clauses[depth - 1] if depth else -1
    last, list_before = seen[rank]
    if not _follows(last, number):
        is_open = depth < len(stack) and stack[depth][0] == rank
        list_before = last if is_open else 0
    return _State(
        cost,
        (*stack[:depth], (rank, number)),
        (*clauses[:depth], index),
        (*seen[:rank], (number, list_before), *seen[rank + 1 :]),
        _Chain(marker, parent, taken, index + 1),
    )
