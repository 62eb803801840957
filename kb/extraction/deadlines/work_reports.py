"""A government's work report (政府工作报告): in which year it is read, and where it turns from the year that is over to the one that begins."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.text import normalise

# The title, and what opens a report whose title is lost.
_WORK_REPORT = re.compile(
    "政府工作报告(?!》?[^，。]{0,12}(?:任务|分工|分解|目标|落实))|向(?:大会|会议)(?:报告(?:政府)?工作|作(?:政府)?工作报告)"
)
_DELIVERED = re.compile(r"(20\d\d) ?年(?: ?\d{1,2} ?月 ?\d{1,2} ?日|政府工作报告)")
_YEAR = re.compile(r"20\d\d(?= ?年)")
_OPENING = 300  # characters in which a report says what it is and when it is read
# 二、2025年工作安排; 今年主要预期目标是：
_TURNS = re.compile(
    r"""
    (?:^|\n)[^\n，。]{0,40}(?:今年|(?<!去)(?<!过去)20\d\d年|下一步|今后|未来)[^\n，。]{0,16}
      (?:总体要求|目标|重点工作|总体思路|主要任务|工作)[^\n，。]{0,12}(?=\n|。)(?<!回顾)(?<!总结)
  | 今年[^\n，。]{0,20}(?:预期目标|总体要求|总体思路|主要目标)[^\n，。]{0,6}[是为：]
    """,
    re.VERBOSE,
)
_GENERAL_TURN = re.compile(r"做好(?:今年|20\d\d年)[^\n，。]{0,10}工作")  # where nothing clearer is said
_ITSELF = 200  # characters that name the report itself


def is_work_report(title: str, text: str) -> bool:
    """Whether a document is a government's report on its work."""
    return _WORK_REPORT.search(title or text[:_OPENING]) is not None


def reported_year(title: str, text: str, issued_on: str) -> str:
    """The year in which a work report is read, which is that of its plans; "" for other documents and where nothing tells."""
    if not is_work_report(title, text):
        return ""
    if issued_on[:4].isdigit():
        return issued_on[:4]
    delivered = _DELIVERED.search(title) or _DELIVERED.search(text[:_OPENING])
    if delivered:
        return delivered[1]
    year = _YEAR.search(_turn(text)[1])
    return year[0] if year else ""


def turn_of(title: str, text: str) -> int:
    """Where a work report begins to look ahead; 0 for other documents and where nothing tells."""
    return _turn(text)[0] if is_work_report(title, text) else 0


@lru_cache(maxsize=16)
def _turn(text: str) -> tuple[int, str]:
    """Where the words stand with which a report turns to what is planned, and these words."""
    text = normalise(text)
    turn = _TURNS.search(text, _ITSELF) or _GENERAL_TURN.search(text, _ITSELF)
    return (turn.start(), turn[0]) if turn else (0, "")
