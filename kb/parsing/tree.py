"""The tree of clauses: every character of the reading belongs to the own text of exactly one clause."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter

from kb.models import Clause, Document, Part, PrintedRow, Recognition, Span
from kb.parsing.closing_lines import behind_items, closes_list, closing_lines, fields_behind, is_bracket
from kb.parsing.frame import Zone
from kb.parsing.headings import Item, heading_lengths
from kb.parsing.items import note_below, unnumbered_items
from kb.parsing.sequence import ClauseStart
from kb.text import Passage, Reading

ITEM = "项"  # the style of an item without a number
UNNUMBERED = {"notice": "通知", "preamble": "引言", "conclusion": "落款", "attachment": "附件", "body": "正文"}


@dataclass(frozen=True, slots=True)
class _Node:
    """A clause before it has an id: its range of the reading (sub-clauses included), the end of its own text, its parent."""

    part: Part
    style: str
    num: tuple[int, int]  # range of the marker; empty for unnumbered clauses
    start: int
    end: int
    own_end: int
    parent: int  # index, -1: none
    # Range of the lines behind the sub-clauses that speak of this clause: 责任单位：…
    closing: tuple[int, int] = 0, 0


def build_tree(
    document: Document,
    reading: Reading,
    zones: Sequence[tuple[Zone, Sequence[ClauseStart]]],
    rows: Sequence[PrintedRow],
) -> tuple[Passage, ...]:
    """The clauses of a document in reading order, each with its own text, given the rows of its tables."""
    nodes: list[_Node] = []
    for zone, starts in zones:
        first = len(nodes)
        _add_zone(nodes, zone, starts)
        _give_closing_lines(reading, rows, nodes, first)
    headings = _headings(reading, nodes)
    nodes, headings = _with_items(reading, rows, nodes, headings)
    passages: list[Passage] = []
    ids: Counter[str] = Counter()
    for node, heading in zip(nodes, headings, strict=True):
        above = passages[node.parent] if node.parent >= 0 else None
        passages.append(_passage(document, reading, node, (heading, above), ids))
    return tuple(passages)


def _add_zone(nodes: list[_Node], zone: Zone, starts: Sequence[ClauseStart]) -> None:
    """Append the clauses of a zone: those of the plan at the top level, those of a notice or attachment below its own clause."""
    first = starts[0].marker.start if starts else zone.end
    plan = zone.part == "body"
    lead: Part = ("preamble" if starts else "body") if plan else zone.part
    top = -1
    if first > zone.start:
        nodes.append(_Node(lead, "", (first, first), zone.start, first if plan else zone.end, first, -1))
        top = -1 if plan else len(nodes) - 1
    base = len(nodes)
    offsets = [item.marker.start for item in starts] + [zone.end]
    for k, (item, end) in enumerate(zip(starts, _ends(starts, zone.end), strict=True)):
        parent = base + item.parent if item.parent >= 0 else top
        number = (item.marker.start, item.marker.end)
        nodes.append(_Node(zone.part, item.marker.style, number, offsets[k], end, offsets[k + 1], parent))


def _give_closing_lines(reading: Reading, rows: Sequence[PrintedRow], nodes: list[_Node], first: int) -> None:
    """Take lines such as 整改时限：… and 责任单位：… behind the last of a clause's measures from that measure, and give them to the clause.

    So are the further columns of a row taken from the last measure in its column of tasks.
    """
    text = reading.text
    below: dict[int, list[int]] = {}
    for k in range(first, len(nodes)):
        below.setdefault(nodes[k].parent, []).append(k)
    for k in range(first, len(nodes)):
        if k in below:
            continue
        end = nodes[k].own_end
        at = closing_lines(text, nodes[k].start, end)
        inside = _spoken_of(text, nodes, below, (k, at)) if at >= 0 else []
        if not inside:
            at, inside = _of_article(text, nodes, below, k)
        if not inside:
            at, end, inside = _of_row(reading, rows, nodes, k)
        for each in inside:
            nodes[each] = replace(nodes[each], end=at, own_end=min(at, nodes[each].own_end))
        if inside:
            above = nodes[inside[-1]].parent
            nodes[above] = replace(nodes[above], closing=(at, end))


def _spoken_of(
    text: str, nodes: Sequence[_Node], below: Mapping[int, Sequence[int]], last: tuple[int, int]
) -> list[int]:
    """The clauses, from the innermost, that end with lines which speak of the clause around them; none when they speak of the innermost."""
    k, at = last
    end = nodes[k].own_end
    inside = [k]
    while (above := nodes[inside[-1]].parent) >= 0 and nodes[inside[-1]].end == end:
        siblings = [text[nodes[i].start : nodes[i].end] for i in below.get(above, ())]
        if closes_list(text[nodes[above].start : nodes[above].own_end], siblings, text[at:end]):
            return inside
        if len(siblings) > 1 and is_bracket(text[at:end]):
            break  # it speaks of the last of them
        inside.append(above)
    return []


def _of_article(text: str, nodes: Sequence[_Node], below: Mapping[int, Sequence[int]], k: int) -> tuple[int, list[int]]:
    """Where text begins behind the items of an article that belongs to the article, and the clauses that lose it."""
    inside = [k]
    while (above := nodes[inside[-1]].parent) >= 0 and nodes[above].end == nodes[k].own_end:
        if nodes[above].style == "条":
            items = [(nodes[i].start, nodes[i].own_end) for i in below[nodes[k].parent]]
            at = behind_items(text, items)
            return at, inside if at >= 0 else []
        inside.append(above)
    return -1, []


def _of_row(reading: Reading, rows: Sequence[PrintedRow], nodes: Sequence[_Node], k: int) -> tuple[int, int, list[int]]:
    """Where the columns behind the tasks of a row begin and end that ends with a measure, and the clauses that lose them."""
    row, inside = _row_of(reading, rows, nodes[k]), [k]
    while row and (above := nodes[inside[-1]].parent) >= 0 and _row_of(reading, rows, nodes[above]) is row:
        inside.append(above)
    if row is None or len(inside) < 2 or reading.offsets[nodes[inside.pop()].start] != row.start:
        return -1, -1, []
    end = bisect_left(reading.offsets, row.end, nodes[k].start, nodes[k].own_end)
    at = fields_behind(reading.text, nodes[k].start, end, row.labels)
    return (at, end, inside) if at >= 0 else (-1, -1, [])


def _ends(starts: Sequence[ClauseStart], zone_end: int) -> list[int]:
    """The end of each clause, sub-clauses included: the start of the first later clause that is not inside it."""
    ends = [zone_end] * len(starts)
    open_clauses: list[int] = []
    for k, item in enumerate(starts):
        while open_clauses and open_clauses[-1] > item.parent:
            ends[open_clauses.pop()] = item.marker.start
        open_clauses.append(k)
    return ends


def _with_items(
    reading: Reading, rows: Sequence[PrintedRow], nodes: Sequence[_Node], headings: Sequence[str]
) -> tuple[list[_Node], list[str]]:
    """The clauses with the unnumbered items in their own texts, each a clause below, and the headings of all.

    What stands behind a row of a table, and is no part of it, is a clause beside that of the row.
    """
    whole: list[_Node] = []
    titles: list[str] = []
    moved: list[int] = []  # the place of each clause among all
    for node, heading in zip(nodes, headings, strict=True):
        items = _items(reading, rows, node) if node.part != "conclusion" else []
        is_last = node.end == node.own_end
        row = _row_of(reading, rows, node) if items and is_last else None
        row = row if row and reading.offsets[items[0][0]] >= row.end else None  # that all items stand behind
        is_note = not items and is_last
        note = note_below(reading.text, node.num[1] if node.style else node.start, node.own_end) if is_note else -1
        is_below = note >= 0 and not node.style and node.part == "attachment"  # the note of a part without clauses
        parent = above = moved[node.parent] if node.parent >= 0 else -1
        is_all = bool(items) and items[0][0] == node.start  # a text that is nothing but rows
        if is_all and node.part not in ("body", "preamble"):
            items, is_all = items[1:], False
        moved.append(len(whole))
        if not is_all:
            own_end = items[0][0] if items else note if note >= 0 else node.own_end
            end = own_end if (note >= 0 and not is_below) or row else node.end
            whole.append(replace(node, parent=parent, end=end, own_end=own_end))
            titles.append(heading)
        if not is_all and (is_below or (items and not row)):
            above = moved[-1]
        while row and above >= 0 and _row_of(reading, rows, whole[above]) is row:
            whole[above] = replace(whole[above], end=items[0][0])
            above = whole[above].parent
        inside = [_Node(node.part, ITEM, (a, a), a, b, b, above) for a, b in items or [(note, node.end)][: note >= 0]]
        whole += inside
        titles += _headings(reading, inside)
    return whole, titles


def _items(reading: Reading, rows: Sequence[PrintedRow], node: _Node) -> list[tuple[int, int]]:
    """The ranges of the unnumbered items in the own text of a clause: rows of tables, what stands behind them, marked paragraphs."""
    begin, end = node.num[1] if node.style else node.start, node.own_end
    cuts = set[int]()
    first = bisect_right(rows, reading.offsets[begin] if begin < end else -1, key=attrgetter("end"))
    for row in rows[first:]:
        start, behind = (bisect_left(reading.offsets, place, begin, end) for place in (row.start, row.end))
        if start == end:
            break
        behind += len(reading.text[behind:end]) - len(reading.text[behind:end].lstrip())
        cuts |= {at for at in (start, behind) if (at > begin or not node.style) and at < end}
    parts = sorted(cuts)
    before = unnumbered_items(reading.text, begin, parts[0] if parts else end)
    return [*before, *pairwise([*parts, end])]


def _row_of(reading: Reading, rows: Sequence[PrintedRow], node: _Node) -> PrintedRow | None:
    """The row of a table in which a numbered clause begins, None when it begins in none."""
    start = reading.offsets[node.start] if node.style and node.start < len(reading) else -1
    at = bisect_right(rows, start, key=attrgetter("start")) - 1
    return rows[at] if at >= 0 and start < rows[at].end else None


def _headings(reading: Reading, nodes: Sequence[_Node]) -> list[str]:
    """The heading of each node, "" when it has none."""
    texts = [reading.text[node.num[1] : node.own_end] if node.style else "" for node in nodes]
    items = [
        Item(text.strip(), (node.parent, node.style), node.style == "条", node.end > node.own_end)
        for node, text in zip(nodes, texts, strict=True)
    ]
    headings = []
    for node, text, length in zip(nodes, texts, heading_lengths(items), strict=True):
        begin = node.num[1] + len(text) - len(text.lstrip())
        headings.append(reading.verbatim(begin, begin + length))
    return headings


def _passage(
    document: Document, reading: Reading, node: _Node, frame: tuple[str, Passage | None], ids: Counter[str]
) -> Passage:
    heading, above = frame
    num = reading.verbatim(*node.num).strip()
    own = reading.cut(node.start, node.own_end)
    if node.closing[1]:
        own = own.joined(reading.cut(*node.closing))
    segment = re.sub(r"[\s、.．（）()]", "", num) or (ITEM if node.style else UNNUMBERED[node.part])
    base = f"{above.clause.id}.{segment}" if above else f"{document.id}#{segment}"
    ids[base] += 1
    clause_id = base if ids[base] == 1 else f"{base}~{ids[base]}"
    label = heading or num or (ITEM if node.style else UNNUMBERED[node.part])
    whole = reading.span(node.start, node.end)
    clause = Clause(
        id=clause_id,
        document_id=document.id,
        parent_id=above.clause.id if above else None,
        num=num,
        heading=heading,
        start=whole.start,
        end=whole.end,
        path=(*(above.clause.path if above else ()), label),
        text=own.verbatim(0, len(own)).strip(),
        part=node.part,
        page=bisect_right(document.pages, whole.start),
        ocr=_recognition(document, reading.span(node.start, node.own_end)),
    )
    return Passage(clause, own, above)


def _recognition(document: Document, own: Span) -> Recognition:
    if any(_overlap(own, span) for span in document.doubtful):
        return "doubtful"
    return "sure" if any(_overlap(own, span) for span in document.recognised) else ""


def _overlap(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end
