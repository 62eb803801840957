"""A text that a web scrape contains twice."""

from __future__ import annotations

from kb.models import Span

_PROBE = 40  # characters
_LEAST = 200  # characters; a shorter repetition is a quotation


def second_copy(text: str) -> Span | None:
    """The span of the second copy, when most of the text occurs twice; None otherwise.

    Offsets refer to ``text``; white space is ignored. The cost is linear: a few probes with one search each.
    """
    solid = "".join(text.split())
    size = len(solid)
    for at in (0, size // 20, size // 10, size // 5, size // 3):
        probe = solid[at : at + _PROBE]
        repeated = solid.find(probe, at + _PROBE) if len(probe) == _PROBE else -1
        if repeated < 0:
            continue
        first, second = at, repeated
        while first > 0 and second > at + _PROBE and solid[first - 1] == solid[second - 1]:
            first, second = first - 1, second - 1
        length = min(second - first, size - second)
        if length < _LEAST or length < 0.6 * (size - second) or length < 0.3 * size:
            continue
        steps = range(0, length - _PROBE, max(_PROBE, length // 50))
        same = sum(solid[second + k : second + k + _PROBE] == solid[first + k : first + k + _PROBE] for k in steps)
        if same >= 0.8 * max(1, len(steps)):
            end = size if size - second - length < 0.1 * size else second + length
            offsets = [i for i, character in enumerate(text) if not character.isspace()]
            return Span(offsets[second], offsets[end - 1] + 1)
    return None
