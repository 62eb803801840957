"""Tables as delimited text (csv, tsv): each row by its cells."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from pathlib import Path

from kb.models import SourceText
from kb.readers import plain
from kb.readers.tables import rows_of, table_lines

_DELIMITERS, _HEAD = ",\t;|", 5  # the one that most of the first lines have equally often
_DECLARED = re.compile(r"sep=(.)\r?\n")  # Excel's own first line, which is no row


def read(path: Path, data: bytes) -> SourceText:
    """One row per line, read by its columns where they are those of a task table; UnreadableDocument when the file is no text."""
    text = plain.read(path, data).text
    declared = _DECLARED.match(text)
    lines_of_file = text[declared.end() if declared else 0 :].splitlines(keepends=True)
    delimiter = declared[1] if declared else max(_DELIMITERS, key=lambda sign: _evenness(sign, lines_of_file[:_HEAD]))
    rows = csv.reader(lines_of_file, delimiter=delimiter)
    lines = table_lines([[cell.strip() for cell in row] for row in rows])
    return SourceText(path.name, "\n".join(lines) or text, hashlib.sha256(data).hexdigest(), rows=rows_of(lines))


def _evenness(sign: str, lines: list[str]) -> tuple[int, int]:
    """In how many of the lines a sign stands as often as in others, and how often it stands there."""
    counts = Counter(count for line in lines if (count := line.count(sign)))
    return max(((lines_of, count) for count, lines_of in counts.items()), default=(0, 0))
