"""What a document says of its own time, and the dates that are resolved with it."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from kb.extraction.deadlines.work_reports import reported_year
from kb.models import Document
from kb.text import normalise
from kb.text.blanks import plainly
from kb.text.numerals import PLAN_ENDS

# How far a date reaches: "到2025年" governs the rest of its paragraph and what hangs below it, "2025年6月底前" its sentence,
# "每年" its own part of the sentence; "none" is said of nothing but itself.
Reach = Literal["paragraph", "sentence", "part", "none"]

NEXT_YEAR = "明次翌下"  # what makes 年 the year after
_FIVE_YEARS = re.compile(r"(?<![第二三四五六七八九])十(?P<ordinal>[二三四五六七])五(?=”|规|时期|期间)")
_ANNUAL = re.compile(r"(?<![\d—至到-])(20\d\d)年(?:度|[^—至到\-\d].*(?:方案|要点|计划|安排|任务|工程|实事|意见|措施))")
# 2021年度部门决算公开报告, 2013年信息公开工作总结: what tells of a year that is over
_ANNUAL_REPORT = re.compile(
    r"(20\d\d) ?年(?:度[^，。]{0,24}报告|[^，。]{0,24}(?:总结|年度报告|年报|决算|公报))(?:的通[知告]|）)?$"
)
_NUMBERED = re.compile(r"[〔\[（(](20[0-3]\d)[〕\]）)]\s?第?\d{1,4}号")
_YEARS = re.compile(r"(?<!\d)((?:19[5-9]|20[0-5])\d) ?年")
_LETTERHEAD = 60  # characters in which a text that has lost its header prints its number
_OPENING = 300  # characters in which a plan says what it carries out


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a document was issued, and the year it plans when it is a plan of one year."""

    issued_on: str = ""
    plan_year: str = ""
    since: int = 0  # years before it are past; 0 when nothing tells
    farthest: int = 0  # the latest year that the text names
    title_year: str = ""  # of a plan of one year whose text need not say it again
    number_year: str = ""  # of the document's own number, or the only one that its text and the numbers in it tell

    @property
    def year(self) -> str:
        """The year that 年底前 means, "" when the document does not say."""
        issued = self.issued_on[:4] if self.issued_on[:4].isdigit() else ""
        return self.plan_year or issued or self.title_year or self.number_year

    @property
    def issue_month(self) -> int:
        """The month of issue, 0 when it is not known or the plan is of another year."""
        month = self.issued_on[5:7]
        return int(month) if month.isdigit() and self.issued_on[:4] == self.year else 0

    def year_of_month(self, month: int) -> str:
        """The year that 3月底前 means: the next one when that month had passed on the day of issue."""
        return self.year if not self.year or month >= self.issue_month else str(int(self.year) + 1)

    def year_called(self, word: str) -> str:
        """The year that 今年, 当年, 明年 means."""
        return str(int(self.year) + 1) if self.year and word[0] in NEXT_YEAR else self.year

    def is_past(self, year: int, month: int = 12) -> bool:
        """Whether a month was over when the document was issued; where nothing tells when, all but the latest year is."""
        since = self.since or self.farthest
        return year < since or (year == since and self.issued_on[:4] == str(year) and month < self.issue_month)


@dataclass(frozen=True, slots=True)
class DueMark:
    """A date found in a text, places counted in that text."""

    start: int
    end: int
    rule: str
    due: str = ""
    recurrence: str = ""
    reach: Reach = "sentence"
    each: tuple[str, ...] = ()  # 2025年、2026年分别: the years that are shared out, this one the last


def sound(mark: DueMark) -> DueMark:
    """The mark; without its day, and named as garbled, where no month has such a day: 4月31日."""
    year, month, day = ([int(number) for number in mark.due.split("-")] + [0, 0])[:3] if mark.due else (0, 0, 0)
    if not day or day <= monthrange(year, month)[1]:
        return mark
    return replace(mark, due=mark.due[: len("2025-04")], rule="garbled")


def calendar(document: Document) -> Calendar:
    """The document's own time; it plans one year when its title says so and its text says that year again."""
    return _calendar(document.title, document.text, document.issued_on, document.document_number)


@lru_cache(maxsize=16)
def _calendar(title: str, text: str, issued_on: str, number: str) -> Calendar:
    title, text = plainly(title).text, plainly(text).text
    since = latest_year(title, text, issued_on)
    if reported := reported_year(title, text, issued_on):
        return Calendar(issued_on or reported, reported, since or int(reported), int(reported))
    annual = _ANNUAL.search(title)
    again = rf"(?<![《\d]){annual[1]}年(?!\d|.{{0,25}}{re.escape(title[-4:])})" if annual else ""
    plan_year = annual[1] if annual and re.search(again, text.replace(title, "")) else ""
    farthest = max(map(int, _YEARS.findall(text)), default=0)
    own = _NUMBERED.search(normalise(number) or text[:_LETTERHEAD])
    told = own[1] if own else str(since) if since == farthest else ""
    return Calendar(issued_on, plan_year, since, farthest, annual[1] if annual else "", told if since else "")


def latest_year(title: str, text: str, issued_on: str) -> int:
    """The year of issue, 0 when nothing tells it: as printed, else the first of the five years that the title plans (“十三五”: 2016),
    or the latest that its opening (为实施“十三五”规划) or a document number cited tells; a report on a year (2021年度…报告) comes after it.
    """
    reported = _ANNUAL_REPORT.search(title)
    after = int(reported[1]) + 1 if reported else 0
    if issued_on[:4].isdigit():
        return max(int(issued_on[:4]), after)
    planned = _FIVE_YEARS.search(title)
    first = PLAN_ENDS[planned["ordinal"]] - 4 if planned else 0
    opening = [PLAN_ENDS[ordinal] - 4 for ordinal in _FIVE_YEARS.findall(text[:_OPENING])]
    return first or after or max([*opening, *map(int, _NUMBERED.findall(text))], default=0)
