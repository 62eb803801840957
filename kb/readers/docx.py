"""Word documents (ECMA-376): paragraphs with their automatic numbers, tables, and text boxes at their anchors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers.numbering import Numbering, W, parse_int, read_numbering
from kb.readers.package import open_package, read_xml
from kb.readers.tables import table_lines

_BODY = "word/document.xml"
_PARAGRAPH, _TABLE, _ROW, _CELL = f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Not displayed: deleted text, field codes, properties, the fallback drawing for older programs.
_HIDDEN = frozenset((f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}pPr", f"{W}rPr", f"{W}delText", _FALLBACK))
_MOST_BASE_STYLES = 20  # length of a chain of basedOn; Word stops at 11
_MOST_COLUMNS = 64  # Word allows 63
_BREAKS = frozenset((f"{W}br", f"{W}cr"))


def read(path: Path, data: bytes) -> SourceText:
    """One paragraph or table row per line; UnreadableDocument when the file is broken, encrypted or without text."""
    package = open_package(path, data)
    root = read_xml(path, package, _BODY)
    if root is None:
        raise UnreadableDocument(path, Message("not-word"))
    body = root.find(f"{W}body")
    styles = _Styles.of(read_xml(path, package, "word/styles.xml"))
    numbering = read_numbering(read_xml(path, package, "word/numbering.xml"))
    text = "\n".join(_lines(body, _Counter(styles, numbering))) if body is not None else ""
    if not text.strip():
        raise UnreadableDocument(path, Message("no-text-save-as-pdf"))
    notes = (read_xml(path, package, f"word/{name}.xml") for name in ("footnotes", "endnotes"))
    characters = sum(_characters(part) for part in (root, *notes) if part is not None)
    return SourceText(path.name, text, hashlib.sha256(data).hexdigest(), characters=characters)


def _characters(part: Any) -> int:
    """The characters of all text nodes of a part, white space left out, but for what older programs show in the place of others."""
    return _length(part) - sum(_length(again) for again in part.iter(_FALLBACK))


def _length(element: Any) -> int:
    return sum(len("".join((node.text or "").split())) for node in element.iter("{*}t"))


@dataclass(frozen=True, slots=True)
class _Styles:
    """The list and level of each paragraph style, its own or inherited through basedOn."""

    lists: dict[str, tuple[str, int]]

    @classmethod
    def of(cls, root: Any | None) -> _Styles:
        if root is None:
            return cls({})
        own = {style.get(f"{W}styleId", ""): _list_of(style.find(f"{W}pPr")) for style in root.iter(f"{W}style")}
        based = {
            style.get(f"{W}styleId", ""): above.get(f"{W}val", "")
            for style in root.iter(f"{W}style")
            if (above := style.find(f"{W}basedOn")) is not None
        }
        lists = {}
        for name in own:
            seen, at = set[str](), name
            while at and at not in seen and not own.get(at) and len(seen) < _MOST_BASE_STYLES:
                seen.add(at)
                at = based.get(at, "")
            if listed := own.get(at):
                lists[name] = listed
        return cls(lists)


@dataclass(frozen=True, slots=True)
class _Counter:
    """Numbers the paragraphs; ``number`` must be called in document order."""

    styles: _Styles
    numbering: Numbering

    def number(self, paragraph: Any) -> str:
        """The automatic number of the next paragraph: "（三）", "" when it has none."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return ""
        style = properties.find(f"{W}pStyle")
        listed = _list_of(properties) or self.styles.lists.get("" if style is None else style.get(f"{W}val", ""))
        return self.numbering.next(*listed) if listed else ""


def _list_of(properties: Any | None) -> tuple[str, int] | None:
    """The list and level in paragraph properties; numId 0 stands for no list."""
    numbering = properties.find(f"{W}numPr") if properties is not None else None
    if numbering is None:
        return None
    number_id, level = numbering.find(f"{W}numId"), numbering.find(f"{W}ilvl")
    if number_id is None and level is None:
        return None
    list_id = "0" if number_id is None else str(number_id.get(f"{W}val", "0"))
    return list_id, parse_int(level.get(f"{W}val"), 0) if level is not None else 0


def _lines(container: Any, counter: _Counter) -> Iterator[str]:
    """The lines of a body, cell or text box, in order."""
    for element in _blocks(container):
        if element.tag == _TABLE:
            yield from table_lines(_rows(element, counter))
            continue
        number, pieces = counter.number(element), "".join(_text(element))
        boxed = [line for box in _boxes(element) for line in _lines(box, counter)]
        yield from boxed
        yield from f"{number}{pieces}".split("\n") if pieces.strip() or number else ()


def _blocks(container: Any) -> Iterator[Any]:
    """Paragraphs and tables of a container, also those inside content controls and insertions."""
    # A stack, not a recursion: hostile files nest thousands deep.
    waiting = list(reversed(container))
    while waiting:
        element = waiting.pop()
        if element.tag in (_PARAGRAPH, _TABLE):
            yield element
        elif isinstance(element.tag, str) and element.tag not in _HIDDEN:
            waiting.extend(reversed(element))


def _text(paragraph: Any) -> Iterator[str]:
    """The displayed text of a paragraph, without the text boxes anchored in it."""
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        if element.tag == f"{W}t":
            yield element.text or ""
        elif element.tag == f"{W}tab":
            yield "\t"
        elif element.tag in _BREAKS:
            yield "" if element.get(f"{W}type") in ("page", "column") else "\n"
        elif element.tag == f"{W}noBreakHyphen":
            yield "-"
        elif isinstance(element.tag, str) and element.tag not in _HIDDEN and element.tag != f"{W}txbxContent":
            waiting.extend(reversed(element))


def _boxes(paragraph: Any) -> Iterator[Any]:
    for box in paragraph.iter(f"{W}txbxContent"):
        if not any(above.tag == _FALLBACK for above in box.iterancestors()):
            yield box


def _rows(element: Any, counter: _Counter) -> list[list[str]]:
    """The cells of a table; the text of a merged cell is repeated in every row and column that it spans."""
    rows: list[list[str]] = []
    for row in element.iterchildren(_ROW):
        cells: list[str] = []
        for cell in row.iterchildren(_CELL):
            properties = cell.find(f"{W}tcPr")
            merged = properties.find(f"{W}vMerge") if properties is not None else None
            continues = merged is not None and merged.get(f"{W}val", "continue") == "continue"
            above = rows[-1][len(cells)] if rows and len(rows[-1]) > len(cells) else ""
            text = above if continues else "\n".join(_lines(cell, counter))
            cells.extend([text] * _width(properties))
        rows.append(cells)
    return rows


def _width(properties: Any | None) -> int:
    span = properties.find(f"{W}gridSpan") if properties is not None else None
    return min(max(parse_int(span.get(f"{W}val"), 1), 1), _MOST_COLUMNS) if span is not None else 1
