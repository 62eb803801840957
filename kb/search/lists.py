"""Questions that a list answers better than clauses: what is due in a span of time (12月份要完成的任务), and what no document tells: progress."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import cache

from kb import lexicon
from kb.models import AskedList
from kb.text import normalise
from kb.text.numerals import number

_LONGEST = 80  # characters of such a question
_COUNTED = re.compile(r"(?P<count>\d{1,3}|[一二三四五六七八九十]{1,3})(?P<unit>天|个月)")
_MONTH = re.compile(r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})月")
_PART = re.compile(r"(?P<half>[上下])半年|(?P<quarter>[一二三四1-4])季度")
_YEAR = re.compile(r"(20\d\d)年")


def asked_list(text: str, today: date) -> AskedList | None:
    """The list that a question asks for on a day; None when it asks for clauses.

    "12月份要完成的任务", 30 November 2026 → due, 2026-12 to 2026-12; "哪些任务已过期" → due, to 2026-11-29;
    "到期清单" → due, from 2026-11-30;
    "老旧小区改造进展到哪一步了" → progress
    """
    read = "".join(normalise(text).split())
    if len(read) > _LONGEST:
        return None
    if found := _pattern("due").fullmatch(read):
        span = span_of(found["when"], today)
        return AskedList("due", *span, found["unit"] or "") if span else None
    if found := _pattern("gone").fullmatch(read):
        return AskedList("due", until=str(today - timedelta(days=1)), unit=found["unit"] or "")
    if found := _pattern("coming").fullmatch(read):
        return AskedList("due", since=str(today), unit=found["unit"] or "")
    found = _pattern("progress").fullmatch(read)
    return AskedList("progress", matter=found["matter"]) if found else None


def span_of(when: str, today: date) -> tuple[str, str] | None:
    """First and last day, month or year of a span as it is said on a day; None when it is none.

    "12月份" in November 2026 → ("2026-12", "2026-12"); "3月", when March is over → that of the next year; "今年" → ("2026", "2026");
    "四季度" → ("2026-10", "2026-12")
    """
    if counted := _COUNTED.search(when):
        count = int(number(counted["count"]) or 0)
        last = today + timedelta(days=count) if counted["unit"] == "天" else _months_later(today, count)
        return str(today), str(last)
    year = _year(when, today)
    if month := _MONTH.search(when):
        which = int(number(month["month"]) or 0)
        if not 1 <= which <= 12:
            return None
        year = year or today.year + (which < today.month)
        return (f"{year}-{which:02}",) * 2
    if part := _PART.search(when):
        begins, ends = _months_of(part["half"], int(number(part["quarter"] or "") or 0))
        year = year or today.year + (ends < today.month)
        return f"{year}-{begins:02}", f"{year}-{ends:02}"
    if re.search("年[底末]", when) and year in (0, today.year):
        return str(today), str(today.year)
    return (str(year),) * 2 if year else _named(when, today)


def _months_of(half: str, quarter: int) -> tuple[int, int]:
    """The first and the last month of a half (上, 下) or a quarter (1 to 4) of a year."""
    if half:
        return (1, 6) if half == "上" else (7, 12)
    return 3 * quarter - 2, 3 * quarter


def _year(when: str, today: date) -> int:
    """The year that is named; 0 for none."""
    if said := _YEAR.search(when):
        return int(said[1])
    return today.year + ("明年" in when) if re.search("[今明本这]个?年", when) else 0


def _named(when: str, today: date) -> tuple[str, str] | None:
    ahead = when.startswith("下")
    if when == "今天":
        return str(today), str(today)
    if "周" in when:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
        return str(monday), str(monday + timedelta(days=6))
    if "季" in when:
        first = today.replace(day=1, month=today.month - (today.month - 1) % 3)
        first = _months_later(first, 3) if ahead else first
        return f"{first:%Y-%m}", f"{_months_later(first, 2):%Y-%m}"
    if "月" in when:
        first = _months_later(today.replace(day=1), 1) if ahead else today
        return (f"{first:%Y-%m}",) * 2
    return None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    [entry] = lexicon.table("question_frames")[name]
    return re.compile(entry["pattern"], re.VERBOSE)
