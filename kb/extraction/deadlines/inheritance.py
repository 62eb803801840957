"""The date that the passages above, the heading, a line 整改时限 or the whole plan leave in force for a passage."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from kb.extraction.deadlines.calendar import Calendar, DueMark
from kb.extraction.deadlines.dates import due_marks
from kb.models import Document
from kb.text import Passage
from kb.text.blanks import plainly
from kb.text.numerals import with_plain_years

# 到2025年，实现以下目标：, and a paragraph that bullets follow
_OPENS_LIST = re.compile(r"[^。\n]{0,80}：\s*(?:\n|$)|[^\n]{0,200}\n\s*(?:—|●|◆|■|一是|第一，)")
# 抓好以下工作，确保2025年12月底前全部完成：
_ANNOUNCES = re.compile(r"[^，。；\n]{0,8}(?:完成|落实|到位|实现|办结)[^。；\n]{0,12}：\s*(?:\n|$)")
_BREAKS = re.compile(r"：\s*\n")  # what is announced stands below
_PREAMBLE = 1500  # characters in which a document announces when all that follows is to be done
_NEXT, _LINE_ENDED = 6, re.compile("[。；\\n]")
# 整改时限：2025年12月底, a line of its own
_LABEL_LINE = re.compile(r"(?:^|[\n。])[ ]*[\u4e00-\u9fff]{0,4}(?:时限|期限|完成时间|办结时间|时间节点)(?:要求)?：\s?")
# 三、2025年重点工作
_YEAR_HEADED = re.compile(
    r"(?P<year>20\d\d) ?年度?(?!以来|前)(?!.*(?:回顾|总结|完成情况|情况|成效|取得))[^。；\n]{0,20}(?:目标|任务|工作|重点|安排|计划|要求|打算|思路|举措|建议|部署)"
)
_ALL_BY = re.compile(
    r"[（(][^（()）]{0,30}(?:均|全部|一律)(?:应|须|要)?[^（()）]{0,24}(?:完成|落实|到位|办结|销号)[)）]$"
)
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
_YEARS_AHEAD = re.compile("(?:今后|未来)[一二两三四五]年")  # in a report that plans one year besides
_FEW = 2  # dates that tasks may name when the year of the aims counts for the undated ones
_HEADING_LENGTH = 24  # characters; a longer heading is a sentence


def rules_on(text: str, mark: DueMark) -> bool:
    """Whether a date rules what follows its paragraph too: it stands at the head, or a list is announced."""
    if mark.reach != "paragraph":
        return False
    return mark.start - (text.rfind("\n", 0, mark.start) + 1) <= _HEAD or _OPENS_LIST.match(text, mark.end) is not None


def inherited(passage: Passage, document: Document, times: Calendar, *, plans: bool) -> str:
    """The date that is in force for a passage, "" when none is: that of its line 整改时限, else what the passages above leave in
    force for what hangs below them, what the nearest heading says, at last that of the whole plan.
    """
    labelled = _label_of(passage, document.text, times)
    if labelled is not None:
        return labelled
    if headed := _headed(passage.heading, times):
        return headed
    above = passage.parent
    while above is not None:
        tail = above.reading.text[-_ANCESTOR_TAIL:]
        for mark in reversed(due_marks(tail, times)):
            if rules_on(tail, mark):
                return mark.due
        if _AIMS.search(above.heading[:_HEADING_LENGTH]):
            ends, dues = _paragraph_dates(document.text, (above.clause.start, above.clause.end), times)
            if before := bisect_right(ends, passage.clause.start):
                return dues[before - 1]
        if headed := _headed(above.heading, times):
            return headed
        above = above.parent
    return _of_plan(passage, document.text, times, plans=plans)


def _label_of(passage: Passage, text: str, times: Calendar) -> str | None:
    """What the one line 整改时限 of a passage, or of the nearest passage above that has any, says; None without one."""
    places, dues = _label_lines(text, times)
    at: Passage | None = passage if places else None
    while at is not None:
        first, last = bisect_left(places, at.clause.start), bisect_left(places, at.clause.end)
        if last > first:
            return dues[first] if last == first + 1 else None
        at = at.parent
    return None


@lru_cache(maxsize=16)
def _label_lines(text: str, times: Calendar) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Where the lines 整改时限 of a document stand, and when each says; "" where it says no date."""
    reading = plainly(text)
    labels = [match.end() for match in _LABEL_LINE.finditer(reading.text)]
    marks = due_marks(reading.text, times) if labels else ()
    starts = [mark.start for mark in marks]
    dues = (_said_by(reading.text, label, marks[bisect_left(starts, label) :]) for label in labels)
    return tuple(reading.span(label, label).start for label in labels), tuple(dues)


def _said_by(text: str, label: int, marks: Sequence[DueMark]) -> str:
    """What the dates behind a label say, "" when none stands right there: 立行立改，2026年2月底前 → 2026-02."""
    if not marks or marks[0].start != label:
        return ""
    first = marks[0]
    if first.rule == "standing":
        behind = marks[1] if len(marks) > 1 else None
        near = behind and behind.start - first.end <= _NEXT and not _LINE_ENDED.search(text, first.end, behind.start)
        return behind.due if behind and near else ""
    return first.due or first.recurrence


def _headed(heading: str, times: Calendar) -> str:
    """The year to come whose work a heading announces, or the day by which it says that all is to be done.

    "三、2025年重点工作" → 2025 · "二、防灾减灾（以下任务均于5月15日前完成）" → 2026-05-15
    """
    if all_by := _ALL_BY.search(heading):
        return next((mark.due for mark in due_marks(all_by[0], times)), "")
    said = _YEAR_HEADED.search(with_plain_years(heading[: 2 * _HEADING_LENGTH]))
    return said["year"] if said and int(said["year"]) >= times.since else ""


def _of_plan(passage: Passage, text: str, times: Calendar, *, plans: bool) -> str:
    """When the whole plan is due: as its preamble announces, else the year that its title or its aims name."""
    announced, since = _announced(text, times)
    if announced and passage.clause.start >= since:
        return announced
    if times.plan_year or not plans:
        ahead = any(_YEARS_AHEAD.search(heading) for heading in passage.headings)
        return "" if ahead else times.plan_year
    due, since = _horizon(text, times)
    return due if passage.clause.start >= since else ""


@lru_cache(maxsize=16)
def _announced(text: str, times: Calendar) -> tuple[str, int]:
    """The date by which a preamble says that all that follows is to be done, and where it says so."""
    opening = plainly(text[:_PREAMBLE])
    if not _BREAKS.search(opening.text):
        return "", 0
    ends = (mark for mark in due_marks(opening.text, times) if mark.due and _ANNOUNCES.match(opening.text, mark.end))
    return next(((mark.due, opening.offsets[mark.start]) for mark in ends), ("", 0))


@lru_cache(maxsize=16)  # asked for every clause of the section
def _paragraph_dates(text: str, section: tuple[int, int], times: Calendar) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The dates of a section that rule paragraphs: where each ends in the text, rising, and when it is."""
    reading = plainly(text[slice(*section)])
    marks = [mark for mark in due_marks(reading.text, times) if mark.reach == "paragraph"]
    return tuple(section[0] + reading.span(mark.start, mark.end).end for mark in marks), tuple(
        mark.due for mark in marks
    )


@lru_cache(maxsize=16)
def _horizon(text: str, times: Calendar) -> tuple[str, int]:
    """The year that a plan's aims name, where they name no other and the tasks do not name it again, and where the aims stand."""
    reading = plainly(text)
    text = reading.text
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
    return ("", 0) if others or restated or len(tasks) > _FEW else (aims.due, reading.offsets[aims.start])


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
