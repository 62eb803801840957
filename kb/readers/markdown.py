"""Markdown (CommonMark with tables): its signs taken away, its tables read by their cells, its numbers kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers import plain
from kb.readers.headings import Heading, headings_of
from kb.readers.lines import lines
from kb.readers.page import read_page
from kb.readers.tables import rows_of, table_lines

_MOST_NESTED = 100  # what stands in lists or quotations deeper than that the parser leaves out
# An indented paragraph is no code, and "[注]: 本办法所称…" no address of a link, which would not be shown.
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": _MOST_NESTED})
_MARKDOWN.disable(["code", "reference"]).enable(["table", "strikethrough"])
# CommonMark ends no emphasis between a mark and a Chinese character: **（一）**加强, **目标：**到2025年.
_EMPHASIS = re.compile(r"\*\*(?=\S)(.{1,300}?)(?<=\S)\*\*")
_PIPE = re.compile(r"(?<!\\)\|")


def read(path: Path, data: bytes) -> SourceText:
    """One paragraph, heading or table row a line; UnreadableDocument when the file is no text, or nested beyond reason."""
    text = plain.read(path, data).text
    tokens = _MARKDOWN.parse(text)
    if max((token.level for token in tokens), default=0) >= _MOST_NESTED - 2:
        raise UnreadableDocument(path, Message("lists-too-deep", most=_MOST_NESTED // 2))
    found = list(_lines(tokens, text.split("\n")))
    digest = hashlib.sha256(data).hexdigest()
    return SourceText(path.name, "\n".join(found), digest, headings=headings_of(found), rows=rows_of(found))


def _lines(tokens: Sequence[Token], source: Sequence[str]) -> Iterator[str]:
    number, table_end, level = "", 0, 0
    for _, run in groupby(tokens, attrgetter("type")):
        first, *more = run
        begin, end = first.map or (table_end, 0)
        if begin < table_end:
            continue  # a cell, read with its table
        if first.type == "list_item_open" and first.info:
            number += f"{first.info}{first.markup} "
        elif first.type == "table_open":
            table_end = end
        elif first.type in ("heading_open", "heading_close"):
            level = int(first.tag[1:]) if first.type == "heading_open" else 0
        for line in _read((first, *more), source[begin:end]):
            yield number + line if number else Heading(line, level) if level else line
            number = ""


def _read(tokens: Sequence[Token], source: Sequence[str]) -> list[str]:
    """The lines of neighbouring tokens of one kind, which stand in these lines of the file."""
    content = "".join(token.content for token in tokens)
    match tokens[0].type:
        case "inline":
            return _text(tokens[0]).split("\n")
        case "table_open":  # by its lines: the tokens leave out what a row has more than the head
            return table_lines([_cells(row) for at, row in enumerate(source) if at != 1])
        case "html_block":  # a table with empty lines in it is several
            return [line.text for line in lines(read_page(content).body)]
        case _:
            return content.splitlines()


def _cells(row: str) -> list[str]:
    """ "| 1 | **新建公园**3个 |" → "1", "新建公园3个" """
    cells = _PIPE.split(row.strip().removeprefix("|"))
    return [_text(_MARKDOWN.parseInline(cell.strip())[0]) for cell in (cells if cells[-1].strip() else cells[:-1])]


def _text(inline: Token) -> str:
    """What is seen of a line: "**目标**：[详见](a.html)" → "目标：详见" """
    return _EMPHASIS.sub(r"\1", "".join(map(_seen, inline.children or ())))


def _seen(part: Token) -> str:
    if part.type == "html_inline":
        return "\n" if part.content.lower().startswith("<br") else ""
    if part.type in {"softbreak", "hardbreak"}:
        return "\n"
    return "".join(map(_seen, part.children)) if part.children else part.content
