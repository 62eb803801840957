"""Which date governs a place of a passage: its own, one said earlier in the paragraph, or one inherited from above."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import islice, pairwise

from kb.extraction.deadlines.calendar import DueMark, calendar
from kb.extraction.deadlines.coming import opens_sentence
from kb.extraction.deadlines.dates import due_marks
from kb.extraction.deadlines.inheritance import inherited, rules_on
from kb.models import Document
from kb.text import Passage

# 2025年底前全部完成: no number and no object of its own follows, or the date would be that of the next item.
_FINISHES = re.compile(
    r"[^，、。；\n\d]{0,8}(?:完成|建成|到位|投入|实现|落实|达到|竣工|投产|见效)"
    r"(?:并|投入|全部|任务|建设|改造|整治|整改|治理|使用|运营|运行|目标|工作|施工|验收|投用|效果|到位|销号)*(?:[，、。；\n）]|$)|[）。；\n]|$"
)
_HEADS_PART = re.compile(r"(?:^|[，。；：、\n ）])(?:(?!每)[\u4e00-\u9fff]){0,5}$")
_PART_HEAD = 8
_RATE_REACHED = re.compile(
    r"(?:率|比例|比重|占比|系数|[意盖]度)(?:[\u4e00-\u9fff]{0,3}(?:达到?|到|不低于|不少于|保持在|稳定在|控制在|不高于|超过|至|为))?$"
)
_LOCAL = re.compile("(?:其中|[率值额量比重例积度力])$")
_FOR_ALL = re.compile(r"^[^。；\n]*，(?:以上[^，。；\n]{0,6})?(?:均|都|全部|一律)(?:应|须|要|必须)?[于在]?$")
_OWN_TIME = re.compile(r"(?:主?汛[前期]|节[前后]|[春夏秋冬]季|年度|首次)")  # 每季度演练1次，汛前演练2次
_PART, _ENDED = re.compile("[，。；、]"), re.compile("[。；\n]")
_CLOSED = re.compile(r"[^，。；\n\d（）]{0,6}）")  # …3所（2025年）
_BRACKET = 12  # characters between a quantity and the bracket that dates it: those of its noun
# The mark that ends a task ends what its date governs.
_TASK_CLOSED = re.compile(r"（[^（）]{0,30}?(?:责任|牵头|负责|配合)")
# A whole mark: what follows is another task.
_TASK_ENDED = re.compile(r"（(?=[^（）]*(?:责任|牵头|负责|配合))[^（）]*）")
# What may stand between a task and its date: （牵头单位：市水务局）分管领导：某某。（完成时限：
_FIELD, _BETWEEN_FIELDS = re.compile(r"\s*(?:[\u4e00-\u9fff]{2,8}：[^：]{0,40})?"), re.compile(r"[。；\n（）]")
_OTHER_YEAR = re.compile(r"[，；、](?:到|至)?20\d\d ?年")
_BARE_YEAR = len("2025")
_MARK = 160  # characters of a mark in which another bracket may stand
_OPEN_BRACKET, _SENTENCE_CLOSED = (
    re.compile(r"，[^（）]*（[^（）\d]*[，；：][^（）\d]*$"),
    re.compile(r"(?:完成)?）(?:[。；\n]|$)"),
)
_CLOSES_TASK = re.compile("。 ?（[^（）]{0,40}$")  # …3座。（市水务局，2025年底前完成）
_LABELLED = re.compile(
    r"(?:时限|期限|完成时间|办结时间|时间节点|时间要求|时间安排|进度安排|[（；](?:时间|进度|节点))(?:要求)?：\s?(?:到|至)?$"
)


class Governance:
    """The dates of one passage and what governs each place in it.

    ``plans``: the document is a plan, so that the year which its aims name, once and alone, is that of its tasks.
    """

    def __init__(self, passage: Passage, document: Document, *, plans: bool = False) -> None:
        times = calendar(document)
        self.text = passage.reading.text
        self.marks = due_marks(self.text, times)
        self._starts = [mark.start for mark in self.marks]
        self._above = (passage, document, times, plans)

    @cached_property
    def _inherited(self) -> str:
        """The date that is in force where the passage itself says none."""
        passage, document, times, plans = self._above
        return inherited(passage, document, times, plans=plans)

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
        spans = False  # 经过3年投入: its sentence has a time of its own, beside the year of another one
        for mark in reversed(self.marks[max(0, at - 12) : at]):
            own = mark.rule == "within" and "年" in self.text[mark.start : mark.end]
            spans = spans or (own and not _ENDED.search(self.text, mark.end, place))
            if spans and mark.rule == "year" and _ENDED.search(self.text, mark.end, place):
                return None
            if self._reaches(mark, place) and not (parted and mark.due and not opens_sentence(self.text, mark.start)):
                return mark
            parted = parted or bool(mark.due)
        return None

    def due_for(self, start: int, end: int) -> str:
        """When what stands at a place is due: an ISO date as precise as printed, 每年 and the like, or "" when nothing says it."""
        return self.due_by(self.mark_for(start, end), end)

    def due_by(self, mark: DueMark | None, end: int) -> str:
        """The same where ``mark_for`` has been asked already, for what ends at a place."""
        governing = mark
        if mark is None or len(mark.due) == _BARE_YEAR:  # 2026年新增20家。（完成时限：10月底前）
            labelled = self._labelled(end)
            if labelled and (mark is None or self._sharpens(labelled, mark)):
                governing = labelled
        if governing is None or governing.rule == "standing":  # 长期坚持 is no date of a quantity
            return self._inherited
        return governing.due or governing.recurrence

    def _sharpens(self, labelled: DueMark, mark: DueMark) -> bool:
        """Whether a task's date is within the bare year of a quantity, and the task has no steps of several years."""
        return labelled.due.startswith(mark.due) and len(self._years) == 1

    @cached_property
    def _years(self) -> set[str]:
        return {mark.due[:_BARE_YEAR] for mark in self.marks if mark.due}

    def _labelled(self, end: int) -> DueMark | None:
        """The date that the task's own mark gives: …3所。（责任单位：市教育局；完成时限：2025年底前）"""
        first = bisect_left(self._dating, end, key=lambda dating: dating[1].start)
        for opens, mark in islice(self._dating, first, None):
            if opens >= end:
                return mark if self._is_same_task(end, mark.start) else None
        return None

    @cached_property
    def _dating(self) -> list[tuple[int, DueMark]]:
        """The dates that a label or the bracket behind a task gives, each with where that label or bracket begins."""
        found = []
        for mark in self.marks:
            labelled = _LABELLED.search(self.text, max(0, mark.start - 12), mark.start)
            closes = _CLOSES_TASK.search(self.text, max(0, mark.start - 48), mark.start)
            if closes and not _CLOSED.match(self.text, mark.end):
                closes = None
            if said := labelled or closes:
                found.append((said.start(), mark))
        return found

    def _is_same_task(self, start: int, end: int) -> bool:
        """Whether no task ends in a stretch, or only fields with labels stand behind its mark: 分管领导：某某。（完成时限："""
        opens, closes = self._tasks
        at = bisect_left(opens, start)
        if at == len(opens) or closes[at] > end:
            return True
        starts, others = self._fields
        last = starts[bisect_right(starts, end) - 1]
        are_fields = bisect_left(others, closes[at]) >= bisect_left(others, last)
        return are_fields and _FIELD.fullmatch(self.text, last, end) is not None

    @cached_property
    def _tasks(self) -> tuple[list[int], list[int]]:
        """Where each whole mark of a task begins and ends; （牵头） within an open bracket is no mark."""
        found = []
        for mark in _TASK_ENDED.finditer(self.text):
            low = max(0, mark.start() - _MARK)
            if self.text.count("（", low, mark.start()) <= self.text.count("）", low, mark.start()):
                found.append(mark.span())
        return [start for start, _ in found], [end for _, end in found]

    @cached_property
    def _fields(self) -> tuple[list[int], list[int]]:
        """Where each part between two signs begins, and where those do that are no field with a label."""
        starts = [0, *(sign.end() for sign in _BETWEEN_FIELDS.finditer(self.text))]
        others = [a for a, b in pairwise(starts) if not _FIELD.fullmatch(self.text, a, b - 1)]
        return starts, others

    def _reaches(self, mark: DueMark, place: int) -> bool:
        opens, ends = self._closings
        if (at := bisect_left(opens, mark.end)) < len(opens) and ends[at] <= place:
            return False
        between = self.text[mark.end : place]
        if mark.reach == "part":
            return not any(stop in between for stop in "。；\n") and self._goes_on(mark, place)
        if mark.reach == "sentence":
            # …，2028年底全部完成；…
            ended = "；" in between and (self._is_local(mark) or _FINISHES.match(self.text, mark.end))
            return not ended and "。" not in between and "\n" not in between
        if mark.rule == "year" and "。" in between and _OTHER_YEAR.search(between.partition("。")[0]):
            return False  # 2023年启动，2024年推广，2025年总结。三年培育50家
        return mark.reach == "paragraph" and ("\n" not in between or rules_on(self.text, mark))

    @cached_property
    def _closings(self) -> tuple[list[int], list[int]]:
        """Where each bracket opens that ends a task, and where the word stands that tells so."""
        found = list(_TASK_CLOSED.finditer(self.text))
        return [one.start() for one in found], [one.end() for one in found]

    def _is_local(self, mark: DueMark) -> bool:
        """Whether a date is said of its own part only: 其中2026年不少于1000个, 占比2026年达到60%."""
        return _LOCAL.search(self.text, max(0, mark.start - 2), mark.start) is not None

    def _goes_on(self, mark: DueMark, place: int) -> bool:
        """Whether 每年 at the head of its part rules the parts behind it too: no rate that is reached once, 合格率达到90%."""
        last = self.text.rfind("，", mark.end, place)
        if last < 0 or mark.rule not in ("every", "rhythm"):
            return True
        if mark.rule == "rhythm":  # 实行月调度、季通报，…
            return False
        if _OWN_TIME.match(self.text, last + 1, place):
            return False
        heads = _HEADS_PART.search(self.text, max(0, mark.start - _PART_HEAD), mark.start)
        return heads is not None and not _RATE_REACHED.search(self.text, last, place)

    def _behind(self, at: int, end: int) -> DueMark | None:
        """A date after the quantity in its sentence that says when it is finished: …100所，2025年底前完成; …100所（2025年）."""
        if at >= len(self.marks):
            return None
        mark = self.marks[at]
        between = self.text[end : mark.start]
        if between.endswith("（") and len(between) <= _BRACKET and _CLOSED.match(self.text, mark.end):
            return mark
        if len(between) <= _MARK and _FOR_ALL.search(between):
            return mark  # 甲乡30吨，乙乡20吨，均须于5月底前备齐
        near = len(between) <= 30 and not _ENDED.search(between)
        finishing = near and mark.reach == "sentence" and (mark.rule != "year" or self.text[mark.end - 1] != "年")
        if finishing and _FINISHES.match(self.text, mark.end):
            return mark
        return mark if mark.reach == "sentence" and self._signs(mark, between) else None

    def _signs(self, mark: DueMark, between: str) -> bool:
        """Whether a date closes the bracket at the end of its sentence: …2处，…，…（市水务局，2025年12月底前）。"""
        if len(between) > _MARK or _ENDED.search(between) or _TASK_ENDED.search(between):
            return False
        return bool(_OPEN_BRACKET.search(between) and _SENTENCE_CLOSED.match(self.text, mark.end))
