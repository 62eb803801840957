"""Tables as delimited text (csv, tsv): each row by its cells."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from kb.models import SourceText
from kb.readers import plain
from kb.readers.tables import table_lines


def read(path: Path, data: bytes) -> SourceText:
    """One row per line, read by its columns where they are those of a task table; UnreadableDocument when the file is no text."""
    text = plain.read(path, data).text
    first = text.split("\n", 1)[0]
    rows = csv.reader(text.splitlines(), delimiter="\t" if first.count("\t") > first.count(",") else ",")
    lines = table_lines([[cell.strip() for cell in row] for row in rows])
    return SourceText(path.name, "\n".join(lines) or text, hashlib.sha256(data).hexdigest())
