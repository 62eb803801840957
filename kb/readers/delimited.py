"""Tables as delimited text (csv, tsv): each row by its cells."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from kb.models import SourceText
from kb.readers import plain
from kb.readers.tables import rows_of, table_lines

_DELIMITERS, _HEAD = ",\t;", 5  # the one that the first lines have most of


def read(path: Path, data: bytes) -> SourceText:
    """One row per line, read by its columns where they are those of a task table; UnreadableDocument when the file is no text."""
    text = plain.read(path, data).text
    head = "".join(text.splitlines(keepends=True)[:_HEAD])
    rows = csv.reader(text.splitlines(keepends=True), delimiter=max(_DELIMITERS, key=head.count))
    lines = table_lines([[cell.strip() for cell in row] for row in rows])
    return SourceText(path.name, "\n".join(lines) or text, hashlib.sha256(data).hexdigest(), rows=rows_of(lines))
