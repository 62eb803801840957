"""Dates that are written in figures: 2024.06.30前, 2026.4.27—4.30, 2026Q3."""

from __future__ import annotations

import re

from kb.extraction.deadlines.calendar import Calendar, DueMark, sound
from kb.extraction.deadlines.relative import QUARTERS, UNTIL

TO = r"\ ?(?:——?|-|～|至|到)\ ?"
PATTERN = rf"""
    (?P<between>(?<![\d.])20\d\d(?P<parting>[./])(?:1[0-2]|0?[1-9])(?P=parting)(?:3[01]|[12]\d|0?[1-9]){TO}
      (?:20\d\d(?P=parting))?(?:1[0-2]|0?[1-9])(?P=parting)(?:3[01]|[12]\d|0?[1-9])(?![\d./]))                # 2026.4.27—4.30
  | (?P<figures>(?<![\d.])20\d\d(?P<sign>[./-])(?:1[0-2]|0?[1-9])(?:(?P=sign)(?:3[01]|[12]\d|0?[1-9]))?(?![\d./])(?!\ ?[%万亿元个人])\ ?(?P<figures_before>之?前|以前)?)    # 2024.06.30前
  | (?P<quarterly>(?<![\d.])(?P<quarter_year>20\d\d)\ ?年?\ ?[Qq](?P<quarter_number>[1-4])[底末]?(?:之?前|以前)?)            # 2026Q3
"""
LABEL = re.compile(r"(?:时限|期限|限期|完成时间|办结时间|节点|时间安排|进度安排|[（；](?:时间|进度))：\ ?$")
EXPIRY = re.compile(
    r"[当次]月至$|(?:延续|延长|顺延|暂定|执行|发放|缓缴)(?:执行|实施)?[到至]?\ ?$|有效期?.{0,4}$|试行期[^，。；]{0,16}$|截止.{0,4}$|(?:收费年限|执行期限?|实施期限?|实施年度).{0,3}$|(?:期限?|政策)截[至止]$|(?:(?<!工)期限?|政策(?:执行|实施)?)[到至]$|(?:注册|出生|成立)[^，。；]{0,4}$"
)
_LEAST_FIGURES = 5  # of a range of days; with six, the last day names its year too


def _figures(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """2024.06.30 and 2024/6/30, behind a label or with a word that says until when."""
    start, end = match.span()
    before = text[max(0, start - 14) : start]
    until = UNTIL.search(before) and match[0].count(match["sign"]) > 1  # 到2024.06.30, but 达到2027.3
    sure = match["figures_before"] or LABEL.search(before) or until
    numbers = [int(number) for number in re.findall(r"\d+", match[0])]
    if not sure or numbers[0] < times.since or EXPIRY.search(before):
        return None
    due = "-".join(f"{number:02}" for number in numbers)
    return sound(DueMark(start, end, "until", due=due))


def _between(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """2026.4.27—4.30: from one day to another, the last of which counts."""
    numbers = [int(number) for number in re.findall(r"\d+", match[0])]
    *_, month, day = numbers
    year = numbers[-3] if len(numbers) > _LEAST_FIGURES else numbers[0]
    if year < times.since or EXPIRY.search(text[max(0, match.start() - 14) : match.start()]):
        return None
    return sound(DueMark(*match.span(), "until", due=f"{year}-{month:02}-{day:02}"))


def _quarterly(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """2026Q3, as tables write it."""
    year, month = match["quarter_year"], QUARTERS[match["quarter_number"]]
    if times.is_past(int(year), month) or EXPIRY.search(text[max(0, match.start() - 14) : match.start()]):
        return None
    return DueMark(match.start(), match.end(), "quarter", due=f"{year}-{month:02}")


READERS = {"between": _between, "figures": _figures, "quarterly": _quarterly}
