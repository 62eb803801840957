"""Tables without rules: a head whose words say that it is one, what stands below each of its cells, and the rest on the next page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.readers.grid import Table, cell_text
from kb.readers.margins import page_number
from kb.readers.printed import TextRun, needed, on_one_line, printed_lines
from kb.text.plain_tables import is_header_of_figures
from kb.text.tables import FIGURES, column_of, columns_of, is_numbered, is_task_header

_GAP = 0.7  # of the height of a line: between the words of two cells
_GUTTER = 0.4  # of the height: between two columns
_FAR = 4.0  # heights between two lines: the table has ended
_INSIDE = 0.75  # of the gap between two rows: the most between the lines of one
_LONGEST_LABEL, _LONGEST_CHAPTER = 20, 30
_LEAST_CELLS = 3
_DOTS = ".、．"
_FIRST_LINES = 3  # of a page: the rest of a table begins there, below a running head


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words that stand together on a line."""

    runs: tuple[TextRun, ...]

    @property
    def left(self) -> float:
        return self.runs[0].left

    @property
    def right(self) -> float:
        return max(run.right for run in self.runs)

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs).strip()


_Line = list[_Piece]
_Columns = Sequence[tuple[float, float]]  # where each begins and ends


def unruled_tables(runs: Sequence[TextRun], before: Table | None = None) -> list[Table]:
    """The tables without rules in the text of a page, from top to bottom; none where rows or columns cannot be told apart for sure.

    The table at the end of the page ``before`` may go on at the top of this one without its head.
    """
    lines = list(_lines(runs))
    while lines and len(lines[-1]) == 1 and page_number(lines[-1][0].text):
        lines.pop()
    found, at = list[Table](), 0
    if before is not None:
        begin, end = _rest_of(before, lines)
        rest = _rest(before, lines[begin:end])
        if rest is not None:
            found, at = [rest], end
    while at < len(lines):
        head = lines[at]
        body = _body(head, lines[at + 1 :]) if _is_head(head) else []
        table = _table(head, body) if body else None
        if table is not None:
            found.append(table)
        at += 1 + (len(body) if table is not None else 0)
    return found


def _lines(runs: Sequence[TextRun]) -> Iterator[_Line]:
    """The lines of a page from top to bottom, whatever was drawn first, each in its pieces."""
    line: list[TextRun] = []
    for run in sorted((run for run in runs if run.text.strip()), key=lambda run: run.middle):
        if line and not on_one_line(line[0], run):
            yield list(_pieces(line))
            line = []
        line.append(run)
    if line:
        yield list(_pieces(line))


def _pieces(line: Iterable[TextRun]) -> Iterator[_Piece]:
    together: list[TextRun] = []
    for run in sorted(line, key=lambda run: run.left):
        if together and run.left - together[-1].right > _GAP * run.height:
            yield _Piece(tuple(together))
            together = []
        together.append(run)
    yield _Piece(tuple(together))


def _is_head(line: _Line) -> bool:
    labels = ["".join(piece.text.split()) for piece in line]
    if len(labels) < _LEAST_CELLS or max(map(len, labels)) > _LONGEST_LABEL:
        return False
    return is_task_header(columns_of(labels, ())) or is_header_of_figures(labels)


def _body(head: _Line, below: Sequence[_Line]) -> list[_Line]:
    """The lines below a head that belong to its table: up to one that runs across columns, or stands far off."""
    body: list[_Line] = []
    bottom, height = head[0].runs[0].bottom, head[0].runs[0].height
    for line in below:
        if line[0].runs[0].top - bottom > _FAR * height:
            break
        across = any(_covers(piece, head) > 1 for piece in line)
        if across and not (len(line) == 1 and _is_chapter(line[0].text)):
            break
        body.append(line)
        bottom = line[0].runs[0].bottom
    return body


def _covers(piece: _Piece, head: _Line) -> int:
    """How many of the cells of a head stand above a piece."""
    return sum(piece.left < cell.right and cell.left < piece.right for cell in head)


def _is_chapter(text: str) -> bool:
    return is_numbered(text) and len(text) <= _LONGEST_CHAPTER


def _table(head: _Line, body: list[_Line]) -> Table | None:
    columns = _columns(head, body)
    if columns is None:
        return None
    numbers = next((at for at, cell in enumerate(head) if column_of(cell.text).kind == "number"), None)
    rows = [_cells(columns, [head])]
    for block in _blocks(head, body):
        if len(block) == 1 and len(block[0]) == 1 and _covers(block[0][0], head) > 1:
            rows.append((block[0][0].text, *[""] * (len(columns) - 1)))
            continue
        groups = _rows(block, columns, numbers)
        if groups is None:
            return None
        rows += [_cells(columns, group) for group in groups]
    return _placed(columns, (head, *body), rows) if rows[1:] else None


def _placed(columns: _Columns, lines: Sequence[_Line], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table of these rows, where its lines stand."""
    lefts, sure = (
        tuple(left for left, _ in columns),
        all(run.sure for line in lines for piece in line for run in piece.runs),
    )
    top, bottom = min(map(_top, lines)), max(map(_bottom, lines))
    return Table(lefts[0], top, columns[-1][1], bottom, lefts, tuple(rows), sure)


def _rest_of(before: Table, lines: Sequence[_Line]) -> tuple[int, int]:
    """The half-open range of the lines at the top of a page that stand in the columns of a table on the page before."""
    begin = next((at for at, line in enumerate(lines[:_FIRST_LINES]) if len(line) > 1 and _fits(before, line)), 0)
    end, height = begin, lines[begin][0].runs[0].height if lines else 0.0
    for above, below in pairwise(lines[begin:]):
        if not _fits(before, above):
            break
        end += 1
        if _top(below) - _bottom(above) > _FAR * height:
            break
    else:
        end += bool(lines) and _fits(before, lines[-1])
    return begin, end


def _fits(table: Table, line: _Line) -> bool:
    """Whether each piece of a line stands in a column of a table of its own."""
    begins = [bisect_right(table.columns, piece.left + _GUTTER * piece.runs[0].height) for piece in line]
    ends = [bisect_right(table.columns, piece.right) for piece in line]
    return 0 not in begins and begins == ends and len({*begins}) == len(begins)


def _rest(before: Table, lines: Sequence[_Line]) -> Table | None:
    """The rows that lines in the columns of a table add to it; None where these cannot be told apart, or count on from nowhere."""
    pieces = [piece for line in lines for piece in line]
    columns = [
        (left, max((piece.right for piece in pieces if left - piece.runs[0].height < piece.left < after), default=left))
        for left, after in pairwise((*before.columns, float("inf")))
    ]
    numbers = next(
        (at for at, cells in enumerate(zip(*before.rows[1:], strict=False)) if all(map(_is_figure, cells))), None
    )
    groups = _rows(lines, columns, numbers) if lines else None
    rows = [_cells(columns, group) for group in groups or ()]
    if not rows or (numbers is not None and _follows(before.rows[-1][numbers]) != rows[0][numbers].rstrip(_DOTS)):
        return None
    return _placed(columns, lines, rows)


def _is_figure(cell: str) -> bool:
    return FIGURES.fullmatch(cell.rstrip(_DOTS)) is not None


def _follows(number: str) -> str:
    """The number behind one: "12." → "13"; "" behind one that does not count."""
    figures = number.rstrip(_DOTS)
    return str(int(figures) + 1) if figures.isdecimal() else ""


def _columns(head: _Line, body: Sequence[_Line]) -> list[tuple[float, float]] | None:
    """Where each column begins and ends; None where the words of two overlap, or there are others than the head names."""
    height = head[0].runs[0].height
    pieces = [piece for line in body for piece in line if _covers(piece, head) < 2]
    found: list[tuple[float, float]] = []
    for left, right in sorted((piece.left, piece.right) for piece in (*head, *pieces)):
        if found and left < found[-1][1] + _GUTTER * height:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    one_each = all(sum(left <= cell.left < right for cell in head) == 1 for left, right in found)
    return found if len(found) == len(head) and one_each else None


def _blocks(head: _Line, body: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The lines between headings that run across the table, and these headings."""
    block: list[_Line] = []
    for line in body:
        if len(line) == 1 and _covers(line[0], head) > 1:
            if block:
                yield block
            yield [line]
            block = []
        else:
            block.append(line)
    if block:
        yield block


def _rows(lines: Sequence[_Line], columns: _Columns, numbers: int | None) -> list[list[_Line]] | None:
    """The lines by the rows that they make, parted at the widest gaps so that each row has its number; None where that cannot be."""
    ordered = sorted(lines, key=lambda line: line[0].runs[0].top)
    if numbers is None:
        return _unnumbered_rows(ordered, columns)
    gaps = [_top(below) - _bottom(above) for above, below in pairwise(ordered)]
    left, right = columns[numbers]
    numbered = [any(left <= piece.left < right for piece in line) for line in ordered]
    by_width = sorted(range(len(gaps)), key=gaps.__getitem__, reverse=True)
    widest, others = by_width[: max(0, sum(numbered) - 1)], by_width[max(0, sum(numbered) - 1) :]
    if widest and others and gaps[others[0]] > _INSIDE * gaps[widest[-1]]:
        return None  # a row without a number
    bounds = [0, *(at + 1 for at in sorted(widest)), len(ordered)]
    groups = [ordered[start:end] for start, end in pairwise(bounds)]
    each = all(sum(numbered[start:end]) == 1 for start, end in pairwise(bounds))
    figures = all(_is_figure(piece.text) for line in ordered for piece in line if left <= piece.left < right)
    return groups if each and figures else None


def _unnumbered_rows(ordered: Sequence[_Line], columns: _Columns) -> list[list[_Line]] | None:
    """The rows of a table that does not number them: parted by wider gaps, else each begun by a line with all cells.

    None where a row lacks a cell, or such a line may go on with cells that all are full.
    """
    gaps = [_top(below) - _bottom(above) for above, below in pairwise(ordered)]
    widths = sorted({*gaps})
    times, wide = max(((more / max(less, 1.0), more) for less, more in pairwise(widths)), default=(0.0, 0.0))
    whole = [len(line) == len(columns) for line in ordered]
    if all(whole):
        starts = whole
    elif times * _INSIDE >= 1:
        starts = [True, *(gap >= wide for gap in gaps)]
    elif any(below and _is_full(line, columns) for line, below in zip(ordered, whole[1:], strict=False)):
        return None
    else:
        starts = whole
    bounds = [*(at for at, begins in enumerate(starts) if begins), len(ordered)]
    groups = [list(ordered[start:end]) for start, end in pairwise(bounds)]
    complete = all(all(_cells(columns, group)) for group in groups)
    return groups if starts[0] and complete else None


def _is_full(line: _Line, columns: _Columns) -> bool:
    """Whether no cell of a line leaves room for another character, so that all may go on below."""
    rights = [right for left, right in columns if any(left <= piece.right <= right for piece in line)]
    return len(rights) == len(line) and all(
        right - piece.right < needed("国", piece.runs[0].height) for piece, right in zip(line, rights, strict=True)
    )


def _top(line: _Line) -> float:
    return min(run.top for piece in line for run in piece.runs)


def _bottom(line: _Line) -> float:
    return max(run.bottom for piece in line for run in piece.runs)


def _cells(columns: _Columns, lines: Sequence[_Line]) -> tuple[str, ...]:
    """The text of a row in each column."""
    runs = [run for line in lines for piece in line for run in piece.runs]
    inside = ([run for run in runs if left <= (run.left + run.right) / 2 <= right] for left, right in columns)
    return tuple(
        cell_text(printed_lines(cell), right - left) for cell, (left, right) in zip(inside, columns, strict=True)
    )
