"""Tables without rules down the page: lines whose words stand in columns."""

from __future__ import annotations

from collections.abc import Sequence

from kb.readers.grid import Table
from kb.readers.printed import TextRun


def unruled_tables(lines: Sequence[TextRun]) -> tuple[list[TextRun], list[Table]]:
    """The lines that are in no such table, and the tables."""
    return list(lines), []
