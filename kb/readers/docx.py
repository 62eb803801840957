"""Word documents (ECMA-376): paragraphs with their automatic numbers, tables, and text boxes at their anchors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers.breaks import paragraph_lines
from kb.readers.headings import Heading, headings_of
from kb.readers.numbering import Numbering, W, parse_int, read_numbering
from kb.readers.package import main_part, open_package, read_xml
from kb.readers.table_heads import Below, Beside, Row
from kb.readers.tables import continued_lines, rows_of, without_heads

_PARAGRAPH, _RUN, _TABLE, _ROW, _CELL = f"{W}p", f"{W}r", f"{W}tbl", f"{W}tr", f"{W}tc"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Not displayed: deleted text, field codes, properties, what is printed over ruby, the fallback drawing for older programs.
_HIDDEN = frozenset(
    (f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}pPr", f"{W}rPr", f"{W}delText", f"{W}rt", _FALLBACK)
)
_UNSEEN = (f"{W}vanish", f"{W}strike", f"{W}dstrike")  # properties of hidden text, and of text struck out
_OFF = frozenset(("0", "false", "off"))
_CONTINUED = re.compile(r"[（(]?(?:续表|接上[页表]|续上表|续)\s?\d{0,2}[）)]?")  # above the rest of a table
_NOTES = "附注"  # above the footnotes, which stand behind the text
_HEADING = re.compile(r"(?:heading|标题) ?([1-9])", re.IGNORECASE)  # names of styles
_BODY_TEXT = 9  # the level of what is no heading
_MOST_BASE_STYLES = 20  # length of a chain of basedOn; Word stops at 11
_MOST_COLUMNS = 64  # Word allows 63
_BREAKS = frozenset((f"{W}br", f"{W}cr"))


def read(path: Path, data: bytes) -> SourceText:
    """One paragraph or table row per line; UnreadableDocument when the file is broken, encrypted or without text."""
    package = open_package(path, data)
    main = main_part(path, package, "word/document.xml")
    root = read_xml(path, package, main)
    if root is None:
        raise UnreadableDocument(path, Message("not-word"))
    folder = main.rpartition("/")[0]
    body = root.find(f"{W}body")
    styles = _Styles.of(read_xml(path, package, f"{folder}/styles.xml"))
    numbering = read_numbering(read_xml(path, package, f"{folder}/numbering.xml"))
    counter = _Counter(styles, numbering)
    lines = [] if body is None else list(_lines(body, counter))
    notes = [
        part
        for name in ("footnotes", "endnotes")
        if (part := read_xml(path, package, f"{folder}/{name}.xml")) is not None
    ]
    lines += _notes(notes, counter)
    text = "\n".join(lines)
    if not text.strip():
        raise UnreadableDocument(path, Message("no-text-save-as-pdf"))
    return SourceText(
        path.name,
        text,
        hashlib.sha256(data).hexdigest(),
        headings=headings_of(lines),
        rows=rows_of(lines),
        printed=without_heads("".join(_printed(part, styles) for part in (root, *notes)), lines),
    )


def _printed(part: Any, styles: _Styles) -> str:
    """The characters of all text nodes of a part that are displayed, white space left out."""
    unseen = [
        *part.iter(_FALLBACK, f"{W}rt", f"{W}moveFrom"),
        *(run for run in part.iter(_RUN) if not styles.shows(run)),
    ]
    hidden = {node for element in unseen for node in element.iter("{*}t")}
    return "".join("".join((node.text or "").split()) for node in part.iter("{*}t") if node not in hidden)


@dataclass(frozen=True, slots=True)
class _Styles:
    """The list and level of each paragraph style, its own or inherited through basedOn, and the styles that hide text."""

    lists: dict[str, tuple[str, int]]
    hiding: frozenset[str] = frozenset()
    levels: dict[str, int] = field(default_factory=dict)  # of the styles of headings, 1 for the highest

    @classmethod
    def of(cls, root: Any | None) -> _Styles:
        if root is None:
            return cls({})
        levels = {style.get(f"{W}styleId", ""): _level(style) for style in root.iter(f"{W}style")}
        hiding = (style.get(f"{W}styleId", "") for style in root.iter(f"{W}style") if _hides(style.find(f"{W}rPr")))
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
        return cls(lists, frozenset(hiding), {name: level for name, level in levels.items() if level})

    def shows(self, run: Any) -> bool:
        """Whether a run is displayed: neither hidden nor struck out, by itself or by its style."""
        properties = run.find(f"{W}rPr")
        if properties is None:
            return True
        style = properties.find(f"{W}rStyle")
        return not (_hides(properties) or (style is not None and style.get(f"{W}val", "") in self.hiding))


def _level(style: Any) -> int:
    """The level of a style of headings, 0 of another: "heading 1", "标题 1" → 1."""
    name = style.find(f"{W}name")
    named = _HEADING.fullmatch(name.get(f"{W}val", "")) if name is not None else None
    return int(named[1]) if named else _outline(style.find(f"{W}pPr"))


def _outline(properties: Any | None) -> int:
    """The level in the outline of the document that paragraph properties give, 0 for none."""
    level = properties.find(f"{W}outlineLvl") if properties is not None else None
    found = parse_int(level.get(f"{W}val"), _BODY_TEXT) if level is not None else _BODY_TEXT
    return found + 1 if found < _BODY_TEXT else 0


def _hides(properties: Any | None) -> bool:
    """Whether the properties of a run hide it or strike it out."""
    if properties is None:
        return False
    found = (properties.find(name) for name in _UNSEEN)
    return any(one is not None and one.get(f"{W}val", "true") not in _OFF for one in found)


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

    def level(self, paragraph: Any) -> int:
        """The level of a paragraph that is a heading, by its own properties or its style; 0 of another."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return 0
        style = properties.find(f"{W}pStyle")
        of_style = self.styles.levels.get(style.get(f"{W}val", ""), 0) if style is not None else 0
        return of_style or _outline(properties)


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
    header: Sequence[Row] = ()  # of the table right above
    for element in _blocks(container):
        if element.tag == _TABLE:
            if frame := _frame(element):
                yield from (line for cell in frame for line in _lines(cell, counter))
                continue
            lines, header = continued_lines(_rows(element, counter), header, are_marked=True)
            yield from lines
            continue
        number, pieces = counter.number(element), "".join(_text(element, counter.styles))
        boxed = [line for box in _boxes(element) for line in _lines(box, counter)]
        yield from boxed
        if pieces.strip() or number:
            header = header if _CONTINUED.fullmatch(pieces.strip()) else ()
            level = 0 if number else counter.level(element)
            first, *more = paragraph_lines(f"{number}{pieces}")
            yield Heading(first, level) if level else first
            yield from more


def _notes(parts: Iterable[Any], counter: _Counter) -> Iterator[str]:
    """The footnotes and endnotes below a label of their own, numbered in their order; nothing without any."""
    notes = [
        note for part in parts for note in part.iter(f"{W}footnote", f"{W}endnote") if note.get(f"{W}type") is None
    ]
    texts = filter(None, ("".join(_lines(note, counter)).strip() for note in notes))
    for number, text in enumerate(texts, 1):
        if number == 1:
            yield _NOTES
        yield f"{number}.{text}"


def _frame(table: Any) -> list[Any]:
    """The cells of a table of one column, which only draws a frame around its text; none for other tables."""
    rows = [list(_parts(row, _CELL)) for row in _parts(table, _ROW)]
    return [cells[0] for cells in rows] if all(len(cells) == 1 for cells in rows) else []


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


def _text(paragraph: Any, styles: _Styles) -> Iterator[str]:
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
        elif element.tag == _RUN and not styles.shows(element):
            continue
        elif isinstance(element.tag, str) and element.tag not in _HIDDEN and element.tag != f"{W}txbxContent":
            waiting.extend(reversed(element))


def _boxes(paragraph: Any) -> Iterator[Any]:
    for box in paragraph.iter(f"{W}txbxContent"):
        if not any(above.tag == _FALLBACK for above in box.iterancestors()):
            yield box


def _rows(element: Any, counter: _Counter) -> list[list[str]]:
    """The cells of a table; the text of a merged cell is repeated in every row and column that it spans."""
    rows: list[list[str]] = []
    for row in _parts(element, _ROW):
        properties = row.find(f"{W}trPr")
        if properties is not None and properties.find(f"{W}del") is not None:
            continue
        cells = [""] * _number(properties, "gridBefore", 0)
        for cell in _parts(row, _CELL):
            of_cell = cell.find(f"{W}tcPr")
            merged = of_cell.find(f"{W}vMerge") if of_cell is not None else None
            continues = merged is not None and merged.get(f"{W}val", "continue") == "continue"
            above = rows[-1][len(cells)] if rows and len(rows[-1]) > len(cells) else ""
            text = Below(above) if continues else _cell(cell, counter)
            cells += [text, *[Beside(text)] * (_number(of_cell, "gridSpan", 1) - 1)]
        rows.append(cells)
    return rows


def _cell(cell: Any, counter: _Counter) -> str:
    """The text of a cell; a table in it stands in brackets: 更新管网120公里（城区80公里；乡镇40公里）."""
    inside = [element for element in _blocks(cell) if element.tag == _TABLE]
    if not inside:
        return "\n".join(_lines(cell, counter))
    paragraphs = ("".join(_text(element, counter.styles)) for element in _blocks(cell) if element.tag == _PARAGRAPH)
    rows = ("".join(row) for table in inside for row in _rows(table, counter))
    return "\n".join(filter(str.strip, paragraphs)) + f"（{'；'.join(filter(None, rows))}）"


def _parts(container: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those inside content controls and insertions."""
    waiting = list(reversed(container))
    while waiting:
        element = waiting.pop()
        if element.tag == tag:
            yield element
        elif isinstance(element.tag, str) and element.tag not in _HIDDEN and element.tag != _PARAGRAPH:
            waiting.extend(reversed(element))


def _number(properties: Any | None, name: str, default: int) -> int:
    """A number of columns in the properties of a row or a cell."""
    found = properties.find(f"{W}{name}") if properties is not None else None
    return min(max(parse_int(found.get(f"{W}val"), default), default), _MOST_COLUMNS) if found is not None else default
