"""Positioned text on pages (OFD, OCR, PDF) → printed lines, and the offset at which each page starts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kb.models import SourceText, Span

INDENT = "\u3000\u3000"
_SAME_LINE = 0.5  # of the text height


@dataclass(frozen=True, slots=True)
class TextRun:
    """A run of text and its position from the left and the top of the page, in any unit."""

    left: float
    top: float
    height: float
    text: str
    sure: bool = True  # False: text recognition had a low score


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One printed line; ``sure`` when all of its runs are."""

    text: str
    sure: bool = True


def is_indented(left: float, margin: float, height: float) -> bool:
    """Whether a line is indented like the first line of a paragraph: by about two characters."""
    return 1.2 * height < left - margin < 4 * height


def printed_lines(runs: Iterable[TextRun]) -> Iterator[PrintedLine]:
    """The lines of a page from top to bottom; the first lines of paragraphs keep their indent."""
    rows: list[list[TextRun]] = []
    for run in sorted(runs, key=lambda run: (run.top, run.left)):
        if rows and abs(run.top - rows[-1][0].top) <= _SAME_LINE * max(run.height, rows[-1][0].height):
            rows[-1].append(run)
        else:
            rows.append([run])
    margin = min((run.left for row in rows for run in row), default=0.0)
    for row in rows:
        ordered = sorted(row, key=lambda run: run.left)
        first = ordered[0]
        text = "".join(run.text for run in ordered).strip()
        indent = INDENT if is_indented(first.left, margin, first.height) else ""
        yield PrintedLine(indent + text, all(run.sure for run in ordered))


@dataclass(slots=True)
class Pages:
    """The text of a document, built up page by page."""

    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)  # offset of each page
    recognised: list[Span] = field(default_factory=list)
    doubtful: list[Span] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)  # page numbers, from 1, of pictures that could not be recognised
    length: int = 0

    def add(self, lines: Iterable[PrintedLine], *, recognised: bool = False) -> None:
        """Append the next page; ``recognised`` when its text comes from text recognition."""
        start = self.length
        self.starts.append(start)
        for line in lines:
            end = self.length + len(line.text)
            if not line.sure:
                self.doubtful.append(Span(self.length, end))
            self.lines.append(line.text)
            self.length = end + 1
        if recognised and self.length > start:
            self.recognised.append(Span(start, self.length - 1))

    def source(self, path: Path, data: bytes) -> SourceText:
        """The text of all pages as that of the file with these bytes."""
        text = "\n".join(self.lines)
        return SourceText(
            path.name,
            text,
            hashlib.sha256(data).hexdigest(),
            pages=tuple(min(at, len(text)) for at in self.starts),
            recognised=tuple(self.recognised),
            doubtful=tuple(self.doubtful),
            unread_pages=tuple(self.unread),
        )
