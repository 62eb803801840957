"""Tables without rules: a head whose words say that it is one, what stands below each of its cells, and the rest on the next page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from kb.readers.grid import Table
from kb.readers.margins import page_number
from kb.readers.printed import TextRun, on_one_line
from kb.readers.unruled_rows import DOTS, Columns, Line, Piece, bottom_of, cells_of, is_figure, rows_of, top_of
from kb.text.plain_tables import is_header_of_figures
from kb.text.tables import column_of, columns_of, is_numbered, is_task_header

_GAP = 0.7  # of the height of a line: between the words of two cells
_GUTTER = 0.4  # of the height: between two columns
_FAR = 4.0  # heights between two lines: the table has ended
_LONGEST_LABEL, _LONGEST_CHAPTER = 20, 30
_LEAST_CELLS = 3
_FIRST_LINES = 3  # of a page: the rest of a table begins there, below a running head


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


def _lines(runs: Sequence[TextRun]) -> Iterator[Line]:
    """The lines of a page from top to bottom, whatever was drawn first, each in its pieces."""
    line: list[TextRun] = []
    for run in sorted((run for run in runs if run.text.strip()), key=lambda run: run.middle):
        if line and not on_one_line(line[0], run):
            yield list(_pieces(line))
            line = []
        line.append(run)
    if line:
        yield list(_pieces(line))


def _pieces(line: Iterable[TextRun]) -> Iterator[Piece]:
    together: list[TextRun] = []
    for run in sorted(line, key=lambda run: run.left):
        if together and run.left - together[-1].right > _GAP * run.height:
            yield Piece(tuple(together))
            together = []
        together.append(run)
    yield Piece(tuple(together))


def _is_head(line: Line) -> bool:
    labels = ["".join(piece.text.split()) for piece in line]
    if len(labels) < _LEAST_CELLS or max(map(len, labels)) > _LONGEST_LABEL:
        return False
    return is_task_header(columns_of(labels, ())) or is_header_of_figures(labels)


def _body(head: Line, below: Sequence[Line]) -> list[Line]:
    """The lines below a head that belong to its table: up to one that runs across columns, or stands far off."""
    body: list[Line] = []
    bottom, height = head[0].runs[0].bottom, head[0].runs[0].height
    for line in below:
        if line[0].runs[0].top - bottom > _FAR * height:
            break
        across = any(_covers(piece, head) > 1 for piece in line)
        if across and not (len(line) == 1 and _is_chapter(line[0].text)):
            break
        body.append(line)
        bottom = line[0].runs[0].bottom
    while body and len(body[-1]) == 1 and is_numbered(body[-1][0].text):  # the heading below the table
        body.pop()
    return body


def _covers(piece: Piece, head: Line) -> int:
    """How many of the cells of a head stand above a piece."""
    return sum(piece.left < cell.right and cell.left < piece.right for cell in head)


def _is_chapter(text: str) -> bool:
    return is_numbered(text) and len(text) <= _LONGEST_CHAPTER


def _table(head: Line, body: list[Line]) -> Table | None:
    columns = _columns(head, body)
    if columns is None:
        return None
    numbers = next((at for at, cell in enumerate(head) if column_of(cell.text).kind == "number"), None)
    rows = [cells_of(columns, [head])]
    for block in _blocks(head, body):
        if len(block) == 1 and len(block[0]) == 1 and _covers(block[0][0], head) > 1:
            rows.append((block[0][0].text, *[""] * (len(columns) - 1)))
            continue
        groups = rows_of(block, columns, numbers)
        if groups is None:
            return None
        rows += [cells_of(columns, group) for group in groups]
    return _placed(columns, (head, *body), rows) if rows[1:] else None


def _placed(columns: Columns, lines: Sequence[Line], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table of these rows, where its lines stand."""
    lefts, sure = (
        tuple(left for left, _ in columns),
        all(run.sure for line in lines for piece in line for run in piece.runs),
    )
    top, bottom = min(map(top_of, lines)), max(map(bottom_of, lines))
    return Table(lefts[0], top, columns[-1][1], bottom, lefts, tuple(rows), sure)


def _rest_of(before: Table, lines: Sequence[Line]) -> tuple[int, int]:
    """The half-open range of the lines at the top of a page that stand in the columns of a table on the page before."""
    begin = next((at for at, line in enumerate(lines[:_FIRST_LINES]) if len(line) > 1 and _fits(before, line)), 0)
    end, height = begin, lines[begin][0].runs[0].height if lines else 0.0
    for above, below in pairwise(lines[begin:]):
        if not _fits(before, above):
            break
        end += 1
        if top_of(below) - bottom_of(above) > _FAR * height:
            break
    else:
        end += bool(lines) and _fits(before, lines[-1])
    return begin, end


def _fits(table: Table, line: Line) -> bool:
    """Whether each piece of a line stands in a column of a table of its own."""
    begins = [bisect_right(table.columns, piece.left + _GUTTER * piece.runs[0].height) for piece in line]
    ends = [bisect_right(table.columns, piece.right) for piece in line]
    return 0 not in begins and begins == ends and len({*begins}) == len(begins)


def _rest(before: Table, lines: Sequence[Line]) -> Table | None:
    """The rows that lines in the columns of a table add to it; None where these cannot be told apart, or count on from nowhere."""
    pieces = [piece for line in lines for piece in line]
    columns = [
        (left, max((piece.right for piece in pieces if left - piece.runs[0].height < piece.left < after), default=left))
        for left, after in pairwise((*before.columns, float("inf")))
    ]
    numbers = next(
        (at for at, cells in enumerate(zip(*before.rows[1:], strict=False)) if all(map(is_figure, cells))), None
    )
    groups = rows_of(lines, columns, numbers) if lines else None
    rows = [cells_of(columns, group) for group in groups or ()]
    if not rows or (numbers is not None and _follows(before.rows[-1][numbers]) != rows[0][numbers].rstrip(DOTS)):
        return None
    return _placed(columns, lines, rows)


def _follows(number: str) -> str:
    """The number behind one: "12." → "13"; "" behind one that does not count."""
    figures = number.rstrip(DOTS)
    return str(int(figures) + 1) if figures.isdecimal() else ""


def _columns(head: Line, body: Sequence[Line]) -> list[tuple[float, float]] | None:
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


def _blocks(head: Line, body: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines between headings that run across the table, and these headings."""
    block: list[Line] = []
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
