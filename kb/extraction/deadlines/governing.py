"""Which date governs a place of a passage: its own, one said earlier in the paragraph, or one inherited from above."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache

from kb.extraction.deadlines.calendar import Calendar, DueMark, calendar
from kb.extraction.deadlines.dates import due_marks, opens_sentence
from kb.models import Document
from kb.text import Passage, normalise

# 2025年底前全部完成: no new number follows, or the date would be that of the next item.
_FINISHES = re.compile(
    r"[^，、。；\n\d]{0,8}(?:完成|建成|到位|投入|实现|落实|达到|竣工|投产|见效)[^，、。；\n\d]*(?:[，、。；\n）]|$)|[）。；\n]|$"
)
_PART, _ENDED = re.compile("[，。；、]"), re.compile("[。；\n]")
_CLOSED = re.compile(r"[^，。；\n\d（）]{0,6}）")  # …3所（2025年）
_BRACKET = 12  # characters between a quantity and the bracket that dates it: those of its noun
_TASK_CLOSED = re.compile(
    r"（[^（）]{0,30}(?:责任|牵头|负责|配合)"
)  # the mark that ends a task ends what its date governs
_TASK_ENDED = re.compile(r"（[^（）]*(?:责任|牵头|负责|配合)[^（）]*）")  # a whole mark: what follows is another task
_CLOSES_TASK = re.compile("。 ?（[^（）]{0,40}$")  # …3座。（市水务局，2025年底前完成）
_LABELLED = re.compile(r"(?:时限|期限|完成时间|办结时间|时间节点|时间要求)(?:要求)?：\s?(?:到|至)?$")
# 到2025年，实现以下目标：, and a paragraph that bullets follow
_OPENS_LIST = re.compile(r"[^。\n]{0,80}：\s*(?:\n|$)|[^\n]{0,200}\n\s*(?:—|●|◆|■|一是|第一，)")
_ANCESTOR_TAIL = 600  # characters of a passage above that are looked at: its last paragraphs
_HEAD = 16  # a date this near to its paragraph's beginning rules what follows the paragraph too
_AIMS = re.compile("目标")
_AIMS_SAID = re.compile(r"目标|力争|努力|总体要求|(?:经过|通过|利?用)[一二两三四五\d]{1,2}年")
_AIMS_BEFORE = 300  # characters before a date in which 主要目标 may have been said
_HEADED = 20
_AIMS_LENGTH = 900  # characters that aims take up; a date said further on is that of a task
_TASKS = re.compile(r"[一二三四五六七八九十]、[^，。；\n]{0,16}(?:任务|措施|举措|工程|行动|内容|安排|重点|步骤|保障)")
_RELATIVE = re.compile(r"用[一二两三四五\d]{1,2}年(?:左右)?的?时间|[一二两三四五\d]{1,2}年内")
_VISION = re.compile("(?:展望|远景|再到)[^，。；\n]{0,4}$")
_FEW = 2  # dates that tasks may name when the year of the aims counts for the undated ones
_HEADING_LENGTH = 24  # characters; a longer heading is a sentence


class Governance:
    """The dates of one passage and what governs each place in it.

    ``plans``: the document is a plan, so that the year which its aims name, once and alone, is that of its tasks.
    """

    def __init__(self, passage: Passage, document: Document, *, plans: bool = False) -> None:
        times = calendar(document)
        self.text = passage.reading.text
        self.marks = due_marks(self.text, times)
        self._starts = [mark.start for mark in self.marks]
        self._inherited = _inherited(passage, document, times, plans=plans)

    def mark_for(self, start: int, end: int) -> DueMark | None:
        """The date that stands before or behind a quantity and governs it, None when only what is above can."""
        at = bisect_left(self._starts, start)
        behind = self._behind(at, end)
        before = self._before(at, start)
        if behind is None or behind.rule == "every":
            return before or behind
        beside = before is not None and before.rule != "year" and not _PART.search(self.text, before.end, start)
        return before if beside else behind

    def _before(self, at: int, place: int) -> DueMark | None:
        """The nearest date before a place that reaches it; behind a date of another sentence only one that opens its own."""
        parted = False
        for mark in reversed(self.marks[max(0, at - 12) : at]):
            if self._reaches(mark, place) and not (parted and mark.due and not opens_sentence(self.text, mark.start)):
                return mark
            parted = parted or bool(mark.due)
        return None

    def due_for(self, start: int, end: int) -> str:
        """When what stands at a place is due: an ISO date as precise as printed, 每年 and the like, or "" when nothing says it."""
        return self.due_by(self.mark_for(start, end), start, end)

    def due_by(self, mark: DueMark | None, start: int, end: int) -> str:
        """The same where ``mark_for`` has been asked already."""
        governing = mark or self._labelled(start, end)
        if governing is None:
            return self._inherited
        return governing.due or governing.recurrence

    def _labelled(self, start: int, end: int) -> DueMark | None:
        """The date that the task's own mark gives: …3所。（责任单位：市教育局；完成时限：2025年底前）"""
        for mark in self.marks[bisect_left(self._starts, start) :]:
            labelled = _LABELLED.search(self.text, max(end, mark.start - 12), mark.start)
            closes = _CLOSES_TASK.search(self.text, max(end, mark.start - 48), mark.start)
            if labelled or (closes and _CLOSED.match(self.text, mark.end)):
                return mark if not _TASK_ENDED.search(self.text, end, mark.start) else None
        return None

    def _reaches(self, mark: DueMark, place: int) -> bool:
        between = self.text[mark.end : place]
        if _TASK_CLOSED.search(between):
            return False
        if mark.reach == "part":
            return not any(stop in between for stop in "。；\n")
        if mark.reach == "sentence":
            return "。" not in between and "\n" not in between
        return mark.reach == "paragraph" and ("\n" not in between or _rules_on(self.text, mark))

    def _behind(self, at: int, end: int) -> DueMark | None:
        """A date after the quantity in its sentence that says when it is finished: …100所，2025年底前完成; …100所（2025年）."""
        if at >= len(self.marks):
            return None
        mark = self.marks[at]
        between = self.text[end : mark.start]
        if between.endswith("（") and len(between) <= _BRACKET and _CLOSED.match(self.text, mark.end):
            return mark
        near = len(between) <= 30 and not _ENDED.search(between)
        finishing = near and mark.reach == "sentence" and (mark.rule != "year" or self.text[mark.end - 1] != "年")
        return mark if finishing and _FINISHES.match(self.text, mark.end) else None


def _rules_on(text: str, mark: DueMark) -> bool:
    """Whether a date rules what follows its paragraph too: it stands at the head, or a list is announced."""
    if mark.reach != "paragraph":
        return False
    return mark.start - (text.rfind("\n", 0, mark.start) + 1) <= _HEAD or _OPENS_LIST.match(text, mark.end) is not None


def _inherited(passage: Passage, document: Document, times: Calendar, *, plans: bool) -> str:
    """The date that the passages above leave in force for what hangs below them, at last that of the whole plan."""
    above = passage.parent
    while above is not None:
        tail = above.reading.text[-_ANCESTOR_TAIL:]
        for mark in reversed(due_marks(tail, times)):
            if _rules_on(tail, mark):
                return mark.due
        if _AIMS.search(above.clause.heading[:_HEADING_LENGTH]):
            ends, dues = _paragraph_dates(document.text, (above.clause.start, above.clause.end), times)
            if before := bisect_right(ends, passage.clause.start):
                return dues[before - 1]
        above = above.parent
    if times.plan_year or not plans:
        return times.plan_year
    due, since = _horizon(document.text, times)
    return due if passage.clause.start >= since else ""


@lru_cache(maxsize=16)  # asked for every clause of the section
def _paragraph_dates(text: str, section: tuple[int, int], times: Calendar) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The dates of a section that rule paragraphs: where each ends in the text, rising, and when it is."""
    marks = [mark for mark in due_marks(normalise(text[slice(*section)]), times) if mark.reach == "paragraph"]
    return tuple(section[0] + mark.end for mark in marks), tuple(mark.due for mark in marks)


@lru_cache(maxsize=16)
def _horizon(text: str, times: Calendar) -> tuple[str, int]:
    """The year that a plan's aims name, where they name no other and the tasks do not name it again, and where the aims stand."""
    text = normalise(text)
    marks = [
        mark for mark in due_marks(text, times) if mark.due and not _VISION.search(text, mark.start - 8, mark.start)
    ]
    aims = next((mark for mark in marks if _is_of_year(mark) or mark.rule in ("until", "this-year")), None)
    if aims is None or not _states_aims(text, aims):
        return "", 0
    end = aims.start + _AIMS_LENGTH
    heading = _TASKS.search(text, aims.end, end)
    end = heading.start() if heading else end
    others = {mark.due for mark in marks if _is_of_year(mark) and mark.start < end} - {aims.due}
    tasks = [mark for mark in marks if mark.start >= end]
    restated = any(mark.due[:4] == aims.due[:4] or _is_of_year(mark) for mark in tasks)
    return ("", 0) if others or restated or len(tasks) > _FEW else (aims.due, aims.start)


def _is_of_year(mark: DueMark) -> bool:
    """Whether a mark says to what year, or in which, things are to be done: 到2025年, 2025年."""
    return mark.reach == "paragraph" or mark.rule == "year"


def _states_aims(text: str, mark: DueMark) -> bool:
    """Whether a date is that of a plan's aims, and these are not to be reached in a number of years besides."""
    before = text[max(0, mark.start - _AIMS_BEFORE) : mark.start]
    sentence = before.rpartition("。")[2] + text[mark.start : mark.end + _HEAD]
    near = before if _is_of_year(mark) else before[-_HEADED:]  # 2025年底前: right below the heading 目标
    said = _AIMS.search(near) or _AIMS_SAID.search(sentence)
    return said is not None and not _RELATIVE.search(before)
