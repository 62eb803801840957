"""Unnumbered items: rows of a task table and paragraphs of which each ends with a mark of its own: …。（责任单位：市教育局）"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kb.lexicon import any_of, table
from kb.parsing.closing_lines import NOUN, ROLE, runs_of_fields
from kb.parsing.frame import paragraphs
from kb.parsing.signatures import organ_names

_VERB = any_of(table("duties")["labels"]["short"])
# What a bracket says that names who answers: 责任单位：市教育局; 市教育局牵头，市财政局配合
_NAMES = re.compile(
    rf"(?:{ROLE})(?:(?:考核|整改|督导|落实|实施)?(?:{NOUN}))?：[^：]{{2}}|(?<=[\u4e00-\u9fff]{{2}})(?:{_VERB}|实施|组织实施)$"
)
_SAYS = re.compile("^(?:以下|下称|简称|详见|注：)")
_FURTHER_COLUMN = re.compile(r"[\u4e00-\u9fff]{2,10}：[^\n（）]{1,120}$")  # …（责任单位：市教育局）备注：跨年。
_NOTE = re.compile(r"\n(?=〔?(?:注|备注|附注|说明|注释)\d?〕?：)")
_REACH = 400  # characters of a bracket
_FEWEST = 2  # marked paragraphs


def unnumbered_items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The ranges of the items in ``text[start:end]`` without printed numbers, which reach to its end; none when only one is marked.

    "建好公园。（市城管局负责）⏎修好道路。（市交通局负责）⏎" → two; what stands before the first of them is none, what stands
    behind the last is one. Where most marks stand behind several paragraphs, these are one item ·
    "建好公园。⏎责任单位：市城管局⏎修好道路。⏎责任单位：市交通局⏎" → two
    """
    if max(text.count("）", start, end), text.count("：", start, end)) < _FEWEST:
        return []
    bounds = list(paragraphs(text, start, end))
    numbered = start > 0 and text[start - 1] != "\n"  # the line of the number is no item
    fields = runs_of_fields([text[a:b] for a, b in bounds])
    if len(fields) >= _FEWEST:
        return _above_fields(bounds, fields, numbered, end)
    marked = [k for k, (a, b) in enumerate(bounds) if _is_marked(text, a, b)]
    if len(marked) < _FEWEST:
        return []
    first = marked[0] + (marked[0] == 0 and numbered)
    shared = [after - before > 1 for before, after in pairwise([0, *marked] if numbered else marked)]
    each = sum(shared) < _FEWEST or 2 * sum(shared) <= len(shared)
    begins = [
        bounds[k][0] for k in range(first, min(marked[-1] + 2, len(bounds))) if each or k == first or k - 1 in marked
    ]
    return list(zip(begins, [*begins[1:], end], strict=True))


def _above_fields(
    bounds: Sequence[tuple[int, int]], fields: Sequence[tuple[int, int]], numbered: bool, end: int
) -> list[tuple[int, int]]:
    """The items that end with fields, each behind those before; the first has no more paragraphs than the longest of the others."""
    longest = max(after[0] - before[1] for before, after in pairwise(fields))
    first = max(int(numbered), fields[0][0] - longest)
    begins = [bounds[k][0] for k in sorted({first, *(stop for _, stop in fields)}) if k < len(bounds)]
    return list(zip(begins, [*begins[1:], end], strict=True))


def note_below(text: str, start: int, end: int) -> int:
    """Where the note begins that stands below the last row of a table, which is no part of the row; -1 when there is none.

    "2.建好公园。（责任单位：市城管局）⏎注：责任单位排名不分先后。⏎" → the place of 注
    """
    for note in _NOTE.finditer(text, start, end):
        if _is_marked(text, max(start, text.rfind("\n", start, note.start()) + 1), note.start()):
            return note.end()
    return -1


def _is_marked(text: str, start: int, end: int) -> bool:
    """Whether a paragraph ends with a bracket that names who answers; behind it further columns of a row may stand."""
    close = text.rfind("）", start, end)
    rest = text[close + 1 : end].strip(" 。；，")
    if close < 0 or (rest and not _FURTHER_COLUMN.match(rest)):
        return False
    depth = 0
    for at in range(close, max(start, close - _REACH) - 1, -1):
        depth += (text[at] == "）") - (text[at] == "（")
        if not depth:
            inside = text[at + 1 : close].strip(" 。；")
            if _SAYS.match(inside):
                return False
            # Bare names only behind a full stop: 赵某（市教育局） tells who somebody is.
            return _NAMES.search(inside) is not None or (text[at - 1] in "。；" and _is_list_of_organs(inside))
    return False


def _is_list_of_organs(inside: str) -> bool:
    names = re.split("[、，；]", inside)
    return len(inside) <= _REACH // 2 and all(len(organ_names(name)) == 1 for name in names)
