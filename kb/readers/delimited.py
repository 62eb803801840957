"""Tables as delimited text (csv, tsv): each row by its cells."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from kb.models import SourceText, Span
from kb.readers import plain
from kb.readers.tables import TableRow, rows_of, table_lines

_DELIMITERS, _HEAD = ",\t;|", 5  # the one that most of the first lines have equally often
_DECLARED = re.compile(r"sep=(.)\r?\n")  # Excel's own first line, which is no row
_MOST_LINES = 60  # of a cell


def read(path: Path, data: bytes) -> SourceText:
    """One row per line, read by its columns where they are those of a task table; UnreadableDocument when the file is no text.

    A line with a quote that does not close is read as it stands, and is doubtful.
    """
    text = plain.read(path, data).text
    declared = _DECLARED.match(text)
    lines_of_file = text[declared.end() if declared else 0 :].splitlines(keepends=True)
    delimiter = declared[1] if declared else max(_DELIMITERS, key=lambda sign: _evenness(sign, lines_of_file[:_HEAD]))
    rows, unclosed = list[list[str]](), set[str]()
    for cells, closes in _rows(lines_of_file, delimiter):
        rows.append([cell.strip() for cell in cells])
        unclosed |= set() if closes else {"".join("".join(cells).split())}
    lines = table_lines(rows)
    return SourceText(
        path.name,
        "\n".join(lines) or text,
        hashlib.sha256(data).hexdigest(),
        rows=rows_of(lines),
        doubtful=tuple(_spans_of(unclosed, lines)),
    )


def _rows(lines: list[str], delimiter: str) -> Iterator[tuple[list[str], bool]]:
    """The cells of each row, and whether its quotes close; one that does not close takes no other row for its cell."""
    at = 0
    while at < len(lines):
        reader = csv.reader([*lines[at : at + _MOST_LINES], ""], delimiter=delimiter, strict=True)
        try:
            yield next(reader), True
            at += reader.line_num
        except csv.Error:
            closes = reader.line_num == 1  # "一件事"改革
            yield (
                next(csv.reader(lines[at : at + 1], delimiter=delimiter))
                if closes
                else [cell.strip().removeprefix('"') for cell in lines[at].split(delimiter)],
                closes,
            )
            at += 1


def _spans_of(unclosed: Container[str], lines: Iterable[str]) -> Iterator[Span]:
    """Where the lines of some rows, told by their characters, stand in the text."""
    at = 0
    for line in lines:
        cells = line.cells if isinstance(line, TableRow) and line.cells else (line,)
        if "".join("".join(cells).split()) in unclosed:
            yield Span(at, at + len(line))
        at += len(line) + 1


def _evenness(sign: str, lines: list[str]) -> tuple[int, int]:
    """In how many of the lines a sign stands as often as in others, and how often it stands there."""
    counts = Counter(count for line in lines if (count := line.count(sign)))
    return max(((lines_of, count) for count, lines_of in counts.items()), default=(0, 0))
