"""Elements of a page → lines of text as a browser would break them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from kb.readers.page import INLINE, Element
from kb.readers.tables import is_task_table, table_lines

_CJK = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
# A line break in the markup between two Chinese characters is no space (CSS Text 4, segment breaks).
_SEGMENT_BREAK = re.compile(rf"(?<={_CJK})[ \t\r\f]*\n[ \t\r\n\f]*(?={_CJK})")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_FILE_LINK = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|ofd|wps|et|txt|zip|rar|7z)(?:$|[?#])", re.IGNORECASE)
_CELLS = frozenset(("td", "th"))
_LAYOUT_PROSE = 1500  # characters of running text from which on a cell lays out the page and is no cell of a table
_CELL_BREAK = "\v"


@dataclass(frozen=True, slots=True)
class WebLine:
    """One paragraph, heading or table row: its text, how many characters of it are links, the block it stands in."""

    text: str
    linked: int
    attached: bool  # a link in it leads to a file
    tag: str


def lines(top: Element) -> list[WebLine]:
    """The lines of an element in the order of the page; empty ones are left out.

    "<p>甲<br>乙</p><p>丙</p>" → "甲", "乙", "丙";
    "<tr><td>序号</td><td>任务</td></tr>" → "序号\\t任务"
    """
    writer = _Writer()
    # A loop, not a recursion: broken pages nest thousands deep.
    open_elements = [(top, iter(top.children))]
    writer.enter(top)
    while open_elements:
        element, rest = open_elements[-1]
        child = next(rest, None)
        if child is None:
            open_elements.pop()
            writer.leave(element)
        elif isinstance(child, str):
            writer.text(child)
        elif child.tag == "table" and is_task_table(rows := _rows(child)):
            writer.table(table_lines(rows))
        else:
            writer.enter(child)
            open_elements.append((child, iter(child.children)))
    writer.finish_line()
    return writer.done


@dataclass(slots=True)
class _Writer:
    """The lines so far and the one that is being put together."""

    done: list[WebLine] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    attached: bool = False
    blocks: list[str] = field(default_factory=list)  # tags of the open blocks
    rows: int = 0  # open table rows whose cells share one line
    links: int = 0  # open links

    def enter(self, element: Element) -> None:
        if element.tag == "br":
            self._break()
        elif element.tag == "a" and element.href:
            self.links += 1
            self.attached |= _FILE_LINK.search(element.href) is not None
        elif element.tag not in INLINE:
            self._break()
            self.blocks.append(element.tag)
            if element.tag == "tr" and _is_data_row(element):
                self.rows += 1

    def leave(self, element: Element) -> None:
        if element.tag == "a" and element.href:
            self.links -= 1
        elif element.tag not in INLINE and element.tag != "br":
            if element.tag == "tr" and _is_data_row(element):
                self.rows -= 1
            if self.rows and element.tag in _CELLS:
                self.pieces.append(_CELL_BREAK)
            self._break()
            self.blocks.pop()

    def text(self, text: str) -> None:
        text = text.replace(_CELL_BREAK, " ")
        if self.links:
            self.linked += len("".join(text.split()))
        if "pre" not in self.blocks:
            self.pieces.append(text)
            return
        for line in text.splitlines(keepends=True):
            self.pieces.append(line)
            if line.endswith("\n"):
                self._break()

    def table(self, rows: list[str]) -> None:
        """Lines of a table that is read by its rows."""
        self.finish_line()
        self.done += [WebLine(row, 0, False, "tr") for row in rows]

    def finish_line(self) -> None:
        cells = [_collapse(cell) for cell in "".join(self.pieces).split(_CELL_BREAK)]
        text = "\t".join(cells).rstrip()
        if text:
            self.done.append(WebLine(text, self.linked, self.attached, self.blocks[-1] if self.blocks else ""))
        self.pieces, self.linked, self.attached = [], 0, False

    def _break(self) -> None:
        if self.rows:
            self.pieces.append(" ")
        else:
            self.finish_line()


def is_data_table(table: Element) -> bool:
    """Whether the rows belong together: those of a task table, or several with as many cells; other tables lay out a page.

    Of a page that is laid out in two rows, one has the menu.
    """
    rows = [row for row in table.elements() if row.tag == "tr" and _is_data_row(row)]
    cells = [sum(isinstance(child, Element) and child.tag in _CELLS for child in row.children) for row in rows]
    return is_task_table(_rows(table)) or any(cells.count(count) > (2 if table.linked else 1) for count in cells)


def _rows(element: Element) -> list[list[str]]:
    """The cells of a table, merged ones repeated wherever they reach; none when a table stands inside it."""
    inside: list[Element] = []
    for one in itertools.islice(element.elements(), 1, None):
        if one.tag == "table":
            return []
        inside.append(one)
    below: dict[int, tuple[int, str]] = {}  # column → how many more rows a cell from above takes, and its text
    return [_cells(row, below) for row in inside if row.tag == "tr"]


def _cells(row: Element, below: dict[int, tuple[int, str]]) -> list[str]:
    cells: list[str] = []
    for cell in (child for child in row.children if isinstance(child, Element) and child.tag in _CELLS):
        _fill_from_above(cells, below)
        text = "\n".join(line.text for line in lines(cell))
        rows, columns = cell.covers
        if rows > 1:
            below |= {len(cells) + at: (rows - 1, text) for at in range(columns)}
        cells += [text] * columns
    _fill_from_above(cells, below)
    return cells


def _fill_from_above(cells: list[str], below: dict[int, tuple[int, str]]) -> None:
    while len(cells) in below:
        left, text = below.pop(len(cells))
        if left > 1:
            below[len(cells)] = (left - 1, text)
        cells.append(text)


def _is_data_row(row: Element) -> bool:
    """Whether the cells of a row are read side by side: not one cell alone, and not the frame of a page laid out as a table."""
    cells = [child for child in row.children if isinstance(child, Element) and child.tag in _CELLS]
    return len(cells) > 1 and not any(
        cell.prose >= _LAYOUT_PROSE or any(inside.tag == "table" for inside in cell.elements()) for cell in cells
    )


def _collapse(text: str) -> str:
    return _SPACES.sub(" ", _SEGMENT_BREAK.sub("", text)).strip()
