"""What tests wait for, compare and time."""

from __future__ import annotations

import gc
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


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Whether ten times as much takes no more than thirty times the time; a quadratic step would make it a hundred.

    A busy machine now and then counts several times the time for the same: only what is slow five times over is slow.
    """
    return any(_seconds(work, 10 * size) < 30 * max(_seconds(work, size), 0.02) for _ in range(5))


def _seconds(work: Callable[[int], object], size: int) -> float:
    gc.disable()  # a collection goes through all that the tests before have left
    began = time.process_time()
    try:
        work(size)
        return time.process_time() - began
    finally:
        gc.enable()


def rounded(hit: Hit) -> Hit:
    """The hit with its scores to five digits: how many products are summed at once changes the last ones."""
    return replace(
        hit,
        score=round(hit.score, 5),
        word_score=round(hit.word_score, 5),
        vector_score=round(hit.vector_score, 5),
        expansion_score=round(hit.expansion_score, 5),
        document_score=round(hit.document_score, 5),
    )
