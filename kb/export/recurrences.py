"""On which days a recurring date falls: 每月25日前, 每季度末, 每年12月底前."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from kb.text import normalise
from kb.text.numerals import number

_EVERY_MONTH = tuple(range(1, 13))
_LAST_OF = {"季": (3, 6, 9, 12), "半年": (6, 12)}
_FIRST_OF = {"季": (1, 4, 7, 10), "半年": (1, 7)}
_WEEKDAYS = "一二三四五六日"
_THIRDS = {"上旬": 10, "中旬": 20}
LAST = -1  # the last day of a month

_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_DAY = rf"(?:{_NUMBER}日|[底末]|[上中下]旬)"
_MONTH = rf"(?:[次翌]年)?{_NUMBER}月{_DAY}?"
_PATTERN = re.compile(
    rf"""
    (?: 每年 (?: (?P<months>{_MONTH}(?:[、和及]{_MONTH})*) | 年?[底末] )                        # 每年12月底前, 每年6月、12月底
      | 每个?(?P<long>季|半年)度? (?:                                                          # 每季度末, 每半年底
            [底末](?:月(?P<last_day>{_DAY}))?                                                  # 每季度末月25日前
          | [首初]月(?P<first_day>{_DAY})                                                      # 每季度首月10日前
          | (?:结束|终了|末)?之?后的?(?P<after>{_NUMBER})[日天]之?[以内]?内 )                  # 每季度结束后10日内
      | (?:每个?月|[次当下]个?月) (?: 的?(?P<day>{_DAY}) | 月[底末] | (?:结束|终了)之?后(?P<later>{_NUMBER})[日天]之?内 )  # 每月25日前
      | 每周(?P<weekday>[{_WEEKDAYS}天]) )
    (?: 下?午?下?班? [之以]?前 )? 。?
    """,
    re.VERBOSE,
)
_ONE = re.compile(rf"(?P<month>{_NUMBER})月(?P<day>{_DAY})?")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Days that come back: one in each of the months (``LAST`` for the last of it), or one in each week (0 Monday)."""

    months: tuple[int, ...] = ()
    day: int = LAST
    weekday: int | None = None

    def next_from(self, day: date) -> date:
        """The first of the days that is not before this one."""
        while not self._falls_on(day):
            day += timedelta(days=1)
        return day

    def _falls_on(self, day: date) -> bool:
        if self.weekday is not None:
            return day.weekday() == self.weekday
        length = monthrange(day.year, day.month)[1]
        return day.month in self.months and day.day == (length if self.day == LAST else min(self.day, length))

    def rule(self) -> dict[str, object]:
        """It as the parts of a recurrence rule (RFC 5545 RRULE)."""
        if self.weekday is not None:
            return {"freq": "weekly", "byday": ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[self.weekday]}
        every = {"freq": "monthly"} | ({} if self.months == _EVERY_MONTH else {"bymonth": list(self.months)})
        if self.day > 28:  # the last day of a month that has no such one
            return {**every, "bymonthday": list(range(28, self.day + 1)), "bysetpos": -1}
        return {**every, "bymonthday": self.day}


def rhythm_of(text: str) -> Rhythm | None:
    """The days of a recurring date; None where it names none.

    "每月25日前" → 25th of every month; "每季度末" → last day of March, June, September, December; "每年" → None
    """
    found = _PATTERN.fullmatch("".join(normalise(text).split()))
    if not found:
        return None
    if found["weekday"]:
        return Rhythm(weekday=_WEEKDAYS.index(found["weekday"].replace("天", "日")))
    if found["months"]:
        return _in_months(found["months"])
    if period := found["long"]:
        if found["first_day"] or found["after"]:
            return _on(_FIRST_OF[period], found["first_day"] or f"{found['after']}日")
        return _on(_LAST_OF[period], found["last_day"])
    later = f"{found['later']}日" if found["later"] else ""
    return _on((12,), None) if found[0].startswith("每年") else _on(_EVERY_MONTH, found["day"] or later)


def _in_months(text: str) -> Rhythm | None:
    """Of several months all have the day of the last: 6月、12月底 → the last days of June and December."""
    parts = [(int(number(one["month"]) or 0), one["day"]) for one in _ONE.finditer(text)]
    days = {day for _, day in parts if day}
    months = tuple(sorted({month for month, _ in parts}))
    return _on(months, days.pop() if days else None) if len(days) <= 1 and set(months) <= set(_EVERY_MONTH) else None


def _on(months: tuple[int, ...], day: str | None) -> Rhythm | None:
    if not day or day in ("底", "末", "下旬"):
        return Rhythm(months)
    which = _THIRDS.get(day) or int(number(day.removesuffix("日")) or 0)
    return Rhythm(months, which) if 1 <= which <= 31 else None
