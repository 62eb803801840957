"""The lines of a text, without surrounding blanks and Markdown marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.text import UNSEEN, normalise
from kb.text.numerals import with_plain_years

_MARKDOWN = re.compile(r"(?:#{1,6}\s*|(?:>|\*)\s+)(?=\S)|\*\*(?=\S)")
_CELL = re.compile(
    r"[^\s\d一二三四五六七八九十百第章节条、.．（）()①-⑳·•●-]\t"
)  # not 一、 before the words of a heading
_BLANK = f" \t\u3000\xa0\u2002\u2003\u2009\r\x0b\x0c{UNSEEN}"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line without surrounding white space: its range in the source, and its normalised text."""

    start: int
    end: int
    text: str
    indent: int
    width: float  # with the blanks before it, in full-width characters
    markdown: int = 0  # length of the Markdown mark before it
    is_row: bool = False  # of a table
    sentence: tuple[tuple[str, int], ...] = ()  # how a row of a task table is read: characters, and the place of each


def lines_of(text: str) -> list[TextLine]:
    """The non-empty lines of a text.

    "　　## 第一章 总则" → text "第一章 总则", indent 2
    """
    lines = []
    normal = with_plain_years(normalise(text))
    start, has_tabs = 0, "\t" in text
    for raw in normal.split("\n"):
        end = start + len(raw)
        indent = len(raw) - len(raw.lstrip(_BLANK))
        mark = _MARKDOWN.match(raw, indent)
        first = mark.end() if mark else indent
        body = raw[first:].rstrip(_BLANK)
        if body:
            at = start + first
            end_of_body = at + len(body)
            width, is_row = (
                _width(text[start:end_of_body]),
                has_tabs and _CELL.search(text, at, end_of_body) is not None,
            )
            lines.append(TextLine(at, end_of_body, body, indent, width, first - indent, is_row))
        start = end + 1
    return lines


def _width(text: str) -> float:
    return len(text) - len(text.replace("\xa0", " ").encode("ascii", "ignore")) / 2
