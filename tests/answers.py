"""What tests wait for, and what they compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from kb.models import Hit

T = TypeVar("T")


def eventually(found: Callable[[], T]) -> T:
    """What is found as soon as it is; a minute is too long even on a busy machine."""
    end = time.monotonic() + 60
    while not (result := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return result


def rounded(hit: Hit) -> Hit:
    """The hit with its scores to five digits: how many products are summed at once changes the last ones."""
    return replace(
        hit,
        score=round(hit.score, 5),
        word_score=round(hit.word_score, 5),
        vector_score=round(hit.vector_score, 5),
        expansion_score=round(hit.expansion_score, 5),
    )
