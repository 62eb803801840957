"""Text that stands at places on pages (OFD, OCR, PDF) → lines as printed, and where each page begins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kb.models import SourceText, Span

INDENT = "\u3000\u3000"
_SAME_LINE = 0.5  # of the height of the text


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: its place from the left and from the top of the page, in any unit; whether it was read beyond doubt."""

    left: float
    top: float
    height: float
    text: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One printed line; ``sure`` when all of it was read beyond doubt."""

    text: str
    sure: bool = True


def is_indented(left: float, margin: float, height: float) -> bool:
    """Whether a line begins where a paragraph does: about two characters to the right of the margin."""
    return 1.2 * height < left - margin < 4 * height


def lines_of(pieces: Iterable[Piece]) -> Iterator[PrintedLine]:
    """The lines of a page from the top down, those of paragraphs with their indent."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top, piece.left)):
        if rows and abs(piece.top - rows[-1][0].top) <= _SAME_LINE * max(piece.height, rows[-1][0].height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    margin = min((piece.left for row in rows for piece in row), default=0.0)
    for row in rows:
        ordered = sorted(row, key=lambda piece: piece.left)
        first = ordered[0]
        text = "".join(piece.text for piece in ordered).strip()
        indent = INDENT if is_indented(first.left, margin, first.height) else ""
        yield PrintedLine(indent + text, all(piece.sure for piece in ordered))


@dataclass(slots=True)
class Pages:
    """The pages of a document, filled one after the other."""

    lines: list[str] = field(default_factory=list)
    begin: list[int] = field(default_factory=list)  # where each page begins
    recognised: list[Span] = field(default_factory=list)
    doubtful: list[Span] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)  # numbers, from 1, of pages that are pictures and could not be read
    length: int = 0

    def add(self, lines: Iterable[PrintedLine], *, recognised: bool = False) -> None:
        """Put the next page behind the others; ``recognised`` when it was read from a picture."""
        start = self.length
        self.begin.append(start)
        for line in lines:
            end = self.length + len(line.text)
            if not line.sure:
                self.doubtful.append(Span(self.length, end))
            self.lines.append(line.text)
            self.length = end + 1
        if recognised and self.length > start:
            self.recognised.append(Span(start, self.length - 1))

    def source(self, path: Path, data: bytes) -> SourceText:
        """What was read out of the file with these bytes."""
        text = "\n".join(self.lines)
        return SourceText(
            path.name,
            text,
            hashlib.sha256(data).hexdigest(),
            pages=tuple(min(at, len(text)) for at in self.begin),
            recognised=tuple(self.recognised),
            doubtful=tuple(self.doubtful),
            unread_pages=tuple(self.unread),
        )
