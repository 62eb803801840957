"""Tables as delimited text (csv, tsv): each row by its cells."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

from kb.models import SourceText
from kb.readers import plain
from kb.readers.tables import rows_of, table_lines

_DELIMITERS, _HEAD = ",\t;|", 5  # the one that the first lines have most of
_DECLARED = re.compile(r"sep=(.)\r?\n")  # Excel's own first line, which is no row


def read(path: Path, data: bytes) -> SourceText:
    """One row per line, read by its columns where they are those of a task table; UnreadableDocument when the file is no text."""
    text = plain.read(path, data).text
    declared = _DECLARED.match(text)
    lines_of_file = text[declared.end() if declared else 0 :].splitlines(keepends=True)
    delimiter = declared[1] if declared else max(_DELIMITERS, key="".join(lines_of_file[:_HEAD]).count)
    rows = csv.reader(lines_of_file, delimiter=delimiter)
    lines = table_lines([[cell.strip() for cell in row] for row in rows])
    return SourceText(path.name, "\n".join(lines) or text, hashlib.sha256(data).hexdigest(), rows=rows_of(lines))
