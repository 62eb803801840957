"""Lines that a format itself calls headings."""

from __future__ import annotations

from collections.abc import Iterable


class Heading(str):
    """A line that is a heading, and its level, 1 for the highest."""

    level: int

    __slots__ = ("level",)

    def __new__(cls, text: str, level: int) -> Heading:
        """A line of this text and this level."""
        heading = super().__new__(cls, text)
        heading.level = level
        return heading


def headings_of(lines: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Where headings begin in the lines, joined by line breaks, and their levels."""
    found, at = list[tuple[int, int]](), 0
    for line in lines:
        if isinstance(line, Heading):
            found.append((at, line.level))
        at += len(line) + 1
    return tuple(found)
