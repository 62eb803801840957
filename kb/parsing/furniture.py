"""Lines outside the document text: metadata boxes, breadcrumbs, share bars, page headers and footers, text printed twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from kb.lexicon import BOILERPLATE_LINES, BOILERPLATE_TAILS, METADATA_LABELS, any_of
from kb.models import Span
from kb.parsing.lines import TextLine

_PAGE_FURNITURE = re.compile(
    r"""
    [-—–\s]*\d{1,4}[-—–\s]*            # - 3 -
    | 第\s*\d+\s*页(?:\s*，?共\s*\d+\s*页)?  # 第 3 页 共 6 页
    | \d{1,3}/\d{1,3}                  # 3/6
    | \d{4}/\d{1,2}/\d{1,2}\s+\d{1,2}：\d{2}(?:：\d{2})?  # 2026/7/24 15:33, colon normalised
    | https?：//\S+
    """,
    re.VERBOSE,
)
_LONGEST_FURNITURE = 200  # characters; a longer line holds a text that has lost its line breaks
_LABEL_NAMES = any_of(METADATA_LABELS)
# What a page shows above a document, where all of it has become one line.
_HEAD_PIECE = re.compile(
    rf"""
    \s*(?:
      (?:您?的?当前的?位置|您(?:现在)?(?:所?在)?的?位置|现在位置|首页)\s?[：>]\s?(?:[^\s>]{{1,20}}\s*>+\s*)*[^\s>]{{1,20}}(?=\s)   # 当前位置：首页 > 公开
    | (?P<label>{_LABEL_NAMES}|浏览(?:次数|量)|点击(?:数|量|次数)|阅读(?:次数|量)?|访问量|作者|编辑|责任编辑|更新时间)\s?：\s?
      (?P<value>\d{{4}}[-年./]\d{{1,2}}[-月./]\d{{1,2}}日?(?:\s\d{{1,2}}：\d\d(?:：\d\d)?)?|\d{{1,8}}[次人]?    # 发布日期：2026-03-02 16：20
        |[^。；：]{{0,60}}?(?=\s+(?:{_LABEL_NAMES})\s?：)|\S{{0,30}}(?=\s))
    | (?:字体|字号)\s?：?\s?[〔（]?\s?大\s*中\s*小\s?[〕）]?
    | [〔（]?(?:打印|关闭|收藏)(?:本页|窗口)?[〕）]?(?=\s)
    )
    """,
    re.VERBOSE,
)
# A box that has become one line: 索引号：HB/2021-43文号：银发〔2021〕245号发文机关：中国人民银行
_GLUED_FIELD = re.compile(
    rf"(?P<label>{_LABEL_NAMES})：(?P<value>[^：。；]*?)\s*(?=(?:{_LABEL_NAMES}|浏览(?:次数|量)|阅读(?:次数|量)?|点击(?:数|量|次数))：|$)"
)
_LONGEST_BOX, _LEAST_FIELDS = 600, 3  # characters, fields
_BOX_ABOVE, _BOX_BELOW = 150, 30  # lines at the top and the bottom of a page that may hold a metadata box
_BOX_GAP = 6  # lines from one label to the next
_ARTICLE = re.compile(r"第[一二三四五六七八九十百\d]+条")
# Characters from one page number to the next on the average: a page has 22 lines of 28, one with a table fewer
_LEAST_OF_PAGE = 200
CONTINUATION = -1  # indent of the rest of a line after its repeated beginning was removed


def strip_head(lines: list[TextLine]) -> tuple[list[TextLine], list[Span], tuple[tuple[str, str], ...]]:
    """The lines without what a web page shows above a text on the same line, the removed span, and its label and value pairs.

    "首页 > 公开 发布机构：某市政府 字体：大 中 小 某市人民政府关于……" → "某市人民政府关于……"
    """
    pairs: list[tuple[str, str]] = []
    at = pieces = 0
    if lines and len(lines[0].text) > _LONGEST_FURNITURE:
        while piece := _HEAD_PIECE.match(lines[0].text, at):
            at, pieces = piece.end(), pieces + 1
            if piece["label"] in METADATA_LABELS:
                pairs.append((piece["label"], piece["value"].strip()))
    if pieces < 2:
        return lines, [], ()
    first = lines[0]
    at += len(first.text[at:]) - len(first.text[at:].lstrip())
    cut = first.start + at
    shorter = TextLine(cut, first.end, first.text[at:], first.indent, first.width)
    return [shorter, *lines[1:]], [Span(first.start, cut)], tuple(pairs)


def metadata_box(lines: Sequence[TextLine]) -> tuple[tuple[tuple[str, str], ...], set[int]]:
    """The label and value pairs of metadata boxes (索引号：… 主题分类：…) at either end of the text, and the indices of their lines."""
    pairs: list[tuple[str, str]] = []
    used: set[int] = set()
    ends = (range(min(_BOX_ABOVE, len(lines))), range(max(_BOX_ABOVE, len(lines) - _BOX_BELOW), len(lines)))
    for i in (i for part in ends for box in _label_runs(lines, part) for i in box):
        label, value = _label(lines[i]), lines[i].text.partition("：")[2].strip()
        used.add(i)
        if not value and _is_value(lines, label, i + 1):
            value = lines[i + 1].text
            used.add(i + 1)
        pairs.append((label, value))
    for i, line in enumerate(lines[:_BOX_ABOVE]):
        fields = _glued_fields(line.text) if i not in used else []
        used |= {i} if fields else set()
        pairs += fields
    return tuple(pairs), used


def _glued_fields(text: str) -> list[tuple[str, str]]:
    """The fields of a box that has become one line; none of any other line."""
    if len(text) > _LONGEST_BOX or text.count("：") < _LEAST_FIELDS:
        return []
    fields = list(_GLUED_FIELD.finditer(text))
    is_box = len({field["label"] for field in fields}) >= _LEAST_FIELDS and fields[0].start() == 0
    return [(field["label"], field["value"].strip()) for field in fields] if is_box else []


def _label_runs(lines: Sequence[TextLine], part: range) -> list[list[int]]:
    """Runs of neighbouring lines with labels, each with at least three different labels."""
    runs: list[list[int]] = [[]]
    for i in (i for i in part if _label(lines[i])):
        if runs[-1] and i - runs[-1][-1] > _BOX_GAP:
            runs.append([])
        runs[-1].append(i)
    return [run for run in runs if len({_label(lines[i]) for i in run}) >= 3]


def _is_value(lines: Sequence[TextLine], label: str, at: int) -> bool:
    """Whether a line is the value of the label above it: it matches the pattern of the label, or another label follows."""
    if at >= len(lines) or _label(lines[at]):
        return False
    known = METADATA_LABELS[label].fullmatch(lines[at].text) is not None
    return known or (at + 1 < len(lines) and _label(lines[at + 1]) != "")


def _label(line: TextLine) -> str:
    label, colon, _ = line.text.partition("：")
    label = re.sub(r"\s", "", label)
    return label if colon and label in METADATA_LABELS else ""


def is_page_number(line: str) -> bool:
    """Whether a line is a page number with its signs: — 3 —, 第 3 页; a bare number may be a cell."""
    return line[0] in "-—–第" and line[-1] in "-—–页" and _PAGE_FURNITURE.fullmatch(line) is not None


def page_furniture(lines: Sequence[TextLine]) -> set[int]:
    """The indices of lines of web page furniture, page headers and page footers."""
    boilerplate = {
        i
        for i, line in enumerate(lines)
        if len(line.text) <= _LONGEST_FURNITURE and any(pattern.match(line.text) for pattern in BOILERPLATE_LINES)
    }
    # A breadcrumb with one link per line: 首页, >, 公开, >, 正文.
    for i, line in enumerate(lines):
        if line.text in (">", ">>", "»", "›"):
            boilerplate |= {k for k in (i - 1, i, i + 1) if 0 <= k < len(lines) and len(lines[k].text) <= 20}
    margins = {i for i, line in enumerate(lines) if _PAGE_FURNITURE.fullmatch(line.text)} - _cells(lines)
    if len(margins) >= 3:
        # A running header is repeated on each page beside a page number or time stamp.
        beside = Counter(
            lines[k].text for i in margins for k in (i - 1, i + 1) if 0 <= k < len(lines) and k not in margins
        )
        running = {text for text, count in beside.items() if count >= 3}
        margins |= {i for i, line in enumerate(lines) if line.text in running}
    return boilerplate | margins


def _cells(lines: Sequence[TextLine]) -> set[int]:
    """The indices of bare numbers that number no pages: nothing stands between them, or little and they do not count up by one.

    安平县 / 12 / 15 / 青石县 / 20 / 25 → all four
    """
    numbers = [i for i, line in enumerate(lines) if line.text.isdecimal()]
    found = set[int]()
    for i, k in pairwise(numbers):
        counts = int(lines[k].text) == int(lines[i].text) + 1
        if k == i + 1 or (not counts and lines[k].start - lines[i].end < _LEAST_OF_PAGE):
            found |= {i, k}
    return found


_INSIDE = re.compile(r" ?[—–－] ?(?P<page>\d{1,3}) ?[—–－] ?")
_LEAST_PAGES = 3


def page_numbers_inside(text: str) -> list[Span]:
    """The page numbers that a conversion has left in the lines: marks — 8 — that count up, three at least, about a page from one to the next.

    "……任务 — 8 — 落实……措施— 9 —推进……工作 — 10 — 的……" → three spans
    """
    found: list[re.Match[str]] = []
    for one in _INSIDE.finditer(text):
        number = int(one["page"])
        if not found or number == int(found[-1]["page"]) + 1:
            found.append(one)
        elif len(found) < _LEAST_PAGES:
            found = [one]
    if len(found) < _LEAST_PAGES or found[-1].start() - found[0].start() < _LEAST_OF_PAGE * (len(found) - 1):
        return []
    return [Span(*one.span()) for one in found]


def deduplicate(lines: list[TextLine]) -> tuple[list[TextLine], list[Span]]:
    """The lines without text repeated from the line before, and the removed spans: some PDF files hold bold text twice.

    "（一）目标。", "（一）目标。到2025年" → "（一）目标。", "到2025年"; "……（财政部负责）", "（财政部负责）" → the first only
    """
    kept: list[TextLine] = []
    repeated: list[Span] = []
    for line in lines:
        before = kept[-1] if kept else None
        if before and line.text.startswith(before.text) and (len(before.text) >= 4 or _ARTICLE.fullmatch(before.text)):
            cut = len(before.text)
            repeated.append(Span(line.start, line.start + cut))
            if line.text[cut:]:
                kept.append(TextLine(line.start + cut, line.end, line.text[cut:], CONTINUATION, line.width))
        elif before and len(line.text) >= 4 and before.text.endswith(line.text):
            repeated.append(Span(line.start, line.end))
        else:
            kept.append(line)
    # One or two repetitions may be chance; texts with doubled lines have many.
    return (kept, repeated) if len(repeated) >= 3 else (lines, [])


def strip_tail(lines: list[TextLine]) -> tuple[list[TextLine], list[Span]]:
    """The lines without web page boilerplate at the end of the last one, and the removed span."""
    if not lines:
        return lines, []
    last = lines[-1]
    match = BOILERPLATE_TAILS.search(last.text, max(0, len(last.text) - 200))
    if match is None or match.start() == 0:
        return lines, []
    cut = last.start + match.start()
    shorter = TextLine(last.start, cut, last.text[: match.start()], last.indent, last.width)
    return [*lines[:-1], shorter], [Span(cut, last.end)]
