"""A text that a scrape holds twice."""

from __future__ import annotations

from kb.models import Span

_PROBE = 40
_LEAST = 200  # a repetition shorter than this is quotation, not a second copy


def second_copy(text: str) -> Span | None:
    """Where the second printing of the same text stands, if most of it stands there twice.

    Places are those of ``text``; white space is looked through. Cost is linear: a few probes, each one search.
    """
    solid = "".join(text.split())
    size = len(solid)
    for at in (0, size // 20, size // 10, size // 5, size // 3):
        probe = solid[at : at + _PROBE]
        again = solid.find(probe, at + _PROBE) if len(probe) == _PROBE else -1
        if again < 0:
            continue
        first, second = at, again
        while first > 0 and second > at + _PROBE and solid[first - 1] == solid[second - 1]:
            first, second = first - 1, second - 1
        length = min(second - first, size - second)
        if length < _LEAST or length < 0.6 * (size - second) or length < 0.3 * size:
            continue
        steps = range(0, length - _PROBE, max(_PROBE, length // 50))
        same = sum(solid[second + k : second + k + _PROBE] == solid[first + k : first + k + _PROBE] for k in steps)
        if same >= 0.8 * max(1, len(steps)):
            end = size if size - second - length < 0.1 * size else second + length
            places = [i for i, character in enumerate(text) if not character.isspace()]
            return Span(places[second], places[end - 1] + 1)
    return None
