"""Which date governs a place of a passage: its own, one said earlier in the paragraph, or one inherited from above."""

from __future__ import annotations

import re
from bisect import bisect_left

from kb.extraction.deadlines.dates import Calendar, DueMark, due_marks
from kb.text import Passage

_FINISHES = re.compile(r"[^，。；\n]{0,8}(?:完成|建成|到位|投入|实现|落实|达到|竣工|投产|见效)|[）。；\n]|$")
_TASK_CLOSED = re.compile(
    r"（[^（）]{0,30}(?:责任|牵头|负责|配合)"
)  # the mark that ends a task ends what its date governs
_TASK_ENDED = re.compile(r"（[^（）]*(?:责任|牵头|负责|配合)[^（）]*）")  # a whole mark: what follows is another task
_LABELLED = re.compile(r"(?:时限|期限|完成时间|办结时间|时间节点|时间要求)(?:要求)?：\s?(?:到|至)?$")
_ANCESTOR_TAIL = 600  # characters of a passage above that are looked at: its last paragraphs
_HEAD = 16  # a date this near to its paragraph's beginning rules what follows the paragraph too


class Governance:
    """The dates of one passage and what governs each place in it."""

    def __init__(self, passage: Passage, times: Calendar) -> None:
        self.text = passage.reading.text
        self.marks = due_marks(self.text, times)
        self._starts = [mark.start for mark in self.marks]
        self._inherited = _inherited(passage.parent, times)

    def mark_for(self, start: int, end: int) -> DueMark | None:
        """The date that stands before or behind a quantity and governs it, None when only what is above can."""
        at = bisect_left(self._starts, start)
        behind = self._behind(at, end)
        if behind is not None and behind.rule != "every":
            return behind
        for mark in reversed(self.marks[max(0, at - 12) : at]):
            if self._reaches(mark, start):
                return mark
        return behind

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
            if _LABELLED.search(self.text, max(end, mark.start - 12), mark.start):
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
        if mark.reach == "paragraph":
            return "\n" not in between or mark.start - (self.text.rfind("\n", 0, mark.start) + 1) <= _HEAD
        return False

    def _behind(self, at: int, end: int) -> DueMark | None:
        """A date after the quantity in its sentence that says when it is finished: …100所，2025年底前完成。"""
        if at >= len(self.marks):
            return None
        mark = self.marks[at]
        between = self.text[end : mark.start]
        near = len(between) <= 30 and "。" not in between and "；" not in between and "\n" not in between
        return mark if near and mark.reach == "sentence" and _FINISHES.match(self.text, mark.end) else None


def _inherited(passage: Passage | None, times: Calendar) -> str:
    """The date that the passages above leave in force for what hangs below them, at last the year of a plan of one year."""
    while passage is not None:
        tail = passage.reading.text[-_ANCESTOR_TAIL:]
        for mark in reversed(due_marks(tail, times)):
            if mark.reach == "paragraph" and mark.start - (tail.rfind("\n", 0, mark.start) + 1) <= _HEAD:
                return mark.due
        passage = passage.parent
    return times.plan_year
