"""What is read out of the hand-labelled documents does not fall below the floors; scripts/evaluate.py gold tells the figures."""

from __future__ import annotations

import pytest
from evaluate import GOLD, MEASURES, Measure, extraction_figures


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    if not GOLD.exists():
        pytest.skip(f"no labelled documents at {GOLD}")
    return extraction_figures(GOLD)[0]


@pytest.mark.parametrize(
    "measure",
    [one for one in MEASURES if not one.key.startswith(("search", "who", "none"))],
    ids=lambda measure: measure.key,
)
def test_floor(measure: Measure, figures: dict[str, float]) -> None:
    assert figures[measure.key] >= measure.floor
