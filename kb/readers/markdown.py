"""Markdown: its signs taken away, its tables read by their cells, its numbers kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from kb.models import SourceText
from kb.readers import plain
from kb.readers.tables import table_lines

_HEAD = re.compile(r" {0,3}#{1,6}\s+(?P<text>.*?)\s*#*\s*$")
_QUOTE_OR_BULLET = re.compile(r"\s{0,3}(?:>\s?|[-*+]\s+)")
_RULE = re.compile(r"\s{0,3}(?:[-*_]\s*){3,}$")
# Bounded, so that signs without their other half cost no more than these lengths.
_EMPHASIS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.{1,300}?)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,1000})\]\([^()\[\s]{0,2000}(?:\s{1,9}\"[^\"]{0,500}\")?\)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|-])")
_DIVIDER = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")


def read(path: Path, data: bytes) -> SourceText:
    """One paragraph, heading or table row a line; UnreadableDocument when the file is no text."""
    text = "\n".join(_lines(plain.read(path, data).text.split("\n")))
    return SourceText(path.name, text, hashlib.sha256(data).hexdigest())


def _lines(lines: list[str]) -> Iterator[str]:
    rows: list[list[str]] = []
    for line in [*lines, ""]:
        if "|" in line and (rows or line.lstrip().startswith("|")):
            if not _DIVIDER.fullmatch(line):
                rows.append([_bare(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
            continue
        yield from table_lines(rows)
        rows = []
        if not _RULE.match(line):
            head = _HEAD.match(line)
            yield _bare(head["text"] if head else _QUOTE_OR_BULLET.sub("", line, count=1))


def _bare(text: str) -> str:
    return _ESCAPED.sub(r"\1", _LINK.sub(r"\1", _EMPHASIS.sub(r"\2", text))).strip(" ")
