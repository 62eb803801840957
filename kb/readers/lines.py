"""Elements of a web page → lines of text, broken where a browser starts a new block."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kb.readers.page import INLINE, Element
from kb.readers.table_heads import Row, goes_on_with, is_task_table
from kb.readers.tables import continued_lines

_CJK = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
# A line break in the source between two Chinese characters is removed, not turned into a space (CSS Text 4, segment breaks).
_SEGMENT_BREAK = re.compile(rf"(?<={_CJK})[ \t\r\f]*\n[ \t\r\n\f]*(?={_CJK})")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_FILE_LINK = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|ofd|wps|et|txt|zip|rar|7z)(?:$|[?#])", re.IGNORECASE)
_CELLS = frozenset(("td", "th"))
_LAYOUT_PROSE = 1500  # least characters of running text in a cell that belongs to the page layout, not to a data table
_CELL_BREAK = "\v"
_HEADER_ROWS = 6  # among which the header of a task table stands


@dataclass(frozen=True, slots=True)
class WebLine:
    """One paragraph, heading or table row of a web page."""

    text: str
    linked: int  # characters inside links
    attached: bool  # a link in it leads to a file
    tag: str  # of the block element it stands in


def lines(top: Element) -> list[WebLine]:
    """The non-empty lines of an element in document order.

    "<p>甲<br>乙</p><p>丙</p>" → "甲", "乙", "丙";
    "<tr><td>序号</td><td>任务</td></tr>" → "序号\\t任务"
    """
    writer = _Writer()
    # A loop instead of recursion: malformed pages nest thousands of elements.
    open_elements = [(top, iter(top.children))]
    writer.enter(top)
    while open_elements:
        element, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            open_elements.pop()
            writer.leave(element)
        elif isinstance(child, str):
            writer.text(child)
        elif child.tag == "table" and writer.takes(rows := _rows(child)):
            writer.table(rows)
        else:
            writer.enter(child)
            open_elements.append((child, iter(child.children)))
    writer.finish_line()
    return writer.finished


@dataclass(slots=True)
class _Writer:
    """The finished lines, and the pieces of the current one."""

    finished: list[WebLine] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    attached: bool = False
    blocks: list[str] = field(default_factory=list)  # tags of the open blocks
    rows: int = 0  # the number of open rows of data tables, whose cells share one line
    links: int = 0  # the number of open links
    header: Sequence[Row] = ()  # of the last task table
    after: int = -1  # the number of finished lines behind it

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

    def takes(self, rows: Sequence[Row]) -> bool:
        """Whether rows are those of a task table, or go on with the one right above."""
        is_next = self.after == len(self.finished) and not "".join(self.pieces).strip()
        self.header = self.header if is_next else ()
        return is_task_table(rows) or (len(rows) > 0 and goes_on_with(self.header, rows))

    def table(self, rows: Sequence[Row]) -> None:
        """Add the lines of a task table."""
        self.finish_line()
        lines, self.header = continued_lines(rows, self.header)
        self.finished += [WebLine(line, 0, False, "tr") for line in lines]
        self.after = len(self.finished)

    def finish_line(self) -> None:
        cells = [_collapse_spaces(cell) for cell in "".join(self.pieces).split(_CELL_BREAK)]
        text = "\t".join(cells).rstrip()
        if text:
            self.finished.append(WebLine(text, self.linked, self.attached, self.blocks[-1] if self.blocks else ""))
        self.pieces, self.linked, self.attached = [], 0, False

    def _break(self) -> None:
        if self.rows:
            self.pieces.append(" ")
        else:
            self.finish_line()


def is_data_table(table: Element) -> bool:
    """Whether a table holds data: it is a task table, or has several rows with the same number of cells.

    Other tables lay out a page. A table with links needs three such rows, since one may be the menu.
    """
    rows = [row for row in table.elements() if row.tag == "tr" and _is_data_row(row)]
    cells = [sum(isinstance(child, Element) and child.tag in _CELLS for child in row.children) for row in rows]
    return is_task_table(_rows(table)) or any(cells.count(count) > (2 if table.linked else 1) for count in cells)


def _rows(element: Element) -> list[list[str]]:
    """The cells of a table; merged cells are repeated in every row and column that they span.

    Empty for a table around others, unless it is a task table itself.
    """
    rows = list(_own_rows(element))
    holding = [_holds_table(row) for row in rows]
    plain = [row for row, holds in zip(rows, holding, strict=True) if not holds]
    spanning: dict[int, tuple[int, str]] = {}  # column → rows that a cell above still spans, and its text
    # Whether it is a task table is told by rows without tables: to read those inside at each level would take for ever.
    if any(holding) and not is_task_table([_cells(row, {}) for row in plain[:_HEADER_ROWS]]):
        return []
    return [_cells(row, spanning) for row in rows]


def _holds_table(element: Element) -> bool:
    return any(inside.tag == "table" for inside in itertools.islice(element.elements(), 1, None))


def _own_rows(table: Element) -> Iterator[Element]:
    """The rows of a table, those of tables in its cells left out."""
    waiting = list(reversed(table.children))
    while waiting:
        child = waiting.pop()
        if isinstance(child, Element) and child.tag == "tr":
            yield child
        elif isinstance(child, Element) and child.tag != "table":
            waiting.extend(reversed(child.children))


def _cells(row: Element, spanning: dict[int, tuple[int, str]]) -> list[str]:
    cells: list[str] = []
    for cell in (child for child in row.children if isinstance(child, Element) and child.tag in _CELLS):
        _fill_spanned(cells, spanning)
        text = _cell(cell)
        rows, columns = cell.spans
        if rows > 1:
            spanning |= {len(cells) + offset: (rows - 1, text) for offset in range(columns)}
        cells += [text] * columns
    _fill_spanned(cells, spanning)
    return cells


def _cell(cell: Element) -> str:
    """The text of a cell; a table in it stands in brackets: 更新管网120公里（城区80公里；乡镇40公里）."""
    if not _holds_table(cell):
        return "\n".join(line.text for line in lines(cell))
    text, rows, waiting = list[str](), list[list[str]](), list(reversed(cell.children))
    while waiting:
        child = waiting.pop()
        if isinstance(child, str):
            text.append(child)
        elif child.tag == "tr":
            rows.append(
                [_collapse_spaces("".join(_strings(each))) for each in child.children if isinstance(each, Element)]
            )
        else:
            waiting.extend(reversed(child.children))
    inside = "；".join(filter(None, ("".join(row) for row in rows)))
    return f"{_collapse_spaces(''.join(text))}（{inside}）"


def _strings(element: Element) -> Iterator[str]:
    for inside in element.elements():
        yield from (child for child in inside.children if isinstance(child, str))


def _fill_spanned(cells: list[str], spanning: dict[int, tuple[int, str]]) -> None:
    while len(cells) in spanning:
        left, text = spanning.pop(len(cells))
        if left > 1:
            spanning[len(cells)] = (left - 1, text)
        cells.append(text)


def _is_data_row(row: Element) -> bool:
    """Whether a row has several cells and none of them is part of the page layout (nested tables, long running text)."""
    cells = [child for child in row.children if isinstance(child, Element) and child.tag in _CELLS]
    return len(cells) > 1 and not any(
        cell.prose >= _LAYOUT_PROSE or any(inside.tag == "table" for inside in cell.elements()) for cell in cells
    )


def _collapse_spaces(text: str) -> str:
    return _SPACES.sub(" ", _SEGMENT_BREAK.sub("", text)).strip()
