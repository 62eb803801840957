"""Pages that lie on their side or upside down, as landscape tables do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """How a page lies: its quarters of a turn to the left until its text is upright, and its size as it lies in the file."""

    quarters: int
    width: float
    height: float

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A box in the file (from the lower left corner), from the left and the top of the upright page."""
        if self.quarters == 1:
            return bottom, left, top, right
        if self.quarters == 2:
            return self.width - right, bottom, self.width - left, top
        if self.quarters == 3:
            return self.height - top, self.width - right, self.height - bottom, self.width - left
        return left, self.height - top, right, self.height - bottom
