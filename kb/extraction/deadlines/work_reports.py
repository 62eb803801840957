"""Reports on a year's work and the next year's plans (政府工作报告 above all): the year that is planned, and where the text turns to it.

Titles and texts are normalised, with their years in plain figures.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from kb.lexicon import TENSES

# The title, and what opens a report whose title is lost.
_WORK_REPORT = re.compile(
    "政府工作报告(?!》?[^，。]{0,12}(?:任务|分工|分解|目标|落实))|(?:向|请)(?:大会|会议)(?:报告(?:政府)?工作|作(?:政府)?工作报告)|^[\\s\\u3000]*各位代表[：！，]"
)
_DELIVERED = re.compile(r"(20\d\d) ?年(?: ?\d{1,2} ?月 ?\d{1,2} ?日|政府工作报告)")
_YEAR = re.compile(r"20\d\d(?= ?年)")
_OPENING = 300  # characters in which a report says what it is and when it is read
_BEGINS = 40  # characters of the number and the name of a section
# 一、2023年工作回顾, above which nothing may be said
_REVIEW = re.compile(
    rf"(?:^|[\n。！])[ 　]{{0,4}}(?:[（(]?[一二三四][）)]?[、.]?)?[ 　]{{0,4}}(?P<year>20\d\d) ?年(?:度|全[市省县区])?(?:政府)?(?:主要|重点)?(?:工作)?(?:的|开展|完成|总体|基本)?(?:{TENSES['review']})(?= ?(?:[\n。]|20\d\d|一年来|过去))"
)
_WHEN = r"(?:对?今年|(?<!去)(?<!过去)20\d\d ?年|下一步|今后|未来|新的一年)"
# 二、2025年工作安排; a scrape may have lost the line breaks around it.
_HEADING = re.compile(
    rf"""
    (?:(?:^|\n)[^\n，。：；《》“”]{{0,16}}?|[。！][ ]*(?:[（(]?[一二三四五][）)]?[、.][ ]?|第[一二三四]部分[：、 ]?)?)
      {_WHEN}[^\n，。；：《》“”]{{0,16}}?(?:总体要求|目标|重点工作|总体思路|主要任务|工作|任务|安排|建议|部署|打算)
      [^\n，。；：《》“”]{{0,14}}?(?=[\n。：]|\ (?=\S)|20\d\d年|今年|$)
  | (?:主要|总体|发展|奋斗|工作){{0,4}}(?:预期目标|目标任务|总体要求|总体思路|主要目标|总的要求)(?:建议)?(?:[是：]|(?<!作)为)
    """,
    re.VERBOSE,
)
_NO_TURN = re.compile(rf"{TENSES['review']}|以来|规划|纲要|远景|报告")  # of a heading
_GENERAL_TURN = re.compile(r"做好(?:今年|20\d\d年)[^\n，。]{0,10}工作")  # where nothing clearer is said
# What tells of what was done, and of what is to be done.
_DONE, _TO_DO = (re.compile(TENSES[name]) for name in ("done", "to_do"))
_REACH = 2500  # characters behind a heading that tell whether it turns
# Words in a thousand characters that look ahead: less is review; plans have more than usual, reviews less.
_LEAST_AHEAD, _USUAL = 6, 18
_SHORT = 400  # characters, too few to tell


def is_work_report(title: str, text: str) -> bool:
    """Whether a document is a government's report on its work, or tells by its headings that it reviews one year and plans the next."""
    return _WORK_REPORT.search(title or text[:_OPENING]) is not None or _reviewed(text) > 0


@lru_cache(maxsize=16)
def _reviewed(text: str) -> int:
    """The year that a text reviews below a heading of its own before it plans the next one; 0 when it does not: 2023年工作回顾 → 2023."""
    if "回顾" not in text and "总结" not in text and "情况" not in text:
        return 0
    review = next((one for one in _REVIEW.finditer(text[: len(text) // 2]) if one.start() < _OPENING * 2), None)
    if review is None:
        return 0
    year = int(review["year"])
    planned = (one for one in _HEADING.finditer(text, review.end()) if not _NO_TURN.search(one[0]))
    return year if any(str(year + 1) in one[0] or "今年" in one[0] or "下一步" in one[0] for one in planned) else 0


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
    if year:
        return year[0]
    reviewed = _reviewed(text)
    return str(reviewed + 1) if reviewed else ""


def turn_of(title: str, text: str) -> int:
    """Where a work report begins to look ahead; 0 for other documents and where nothing tells."""
    return _turn(text)[0] if is_work_report(title, text) else 0


@lru_cache(maxsize=16)
def _turn(text: str) -> tuple[int, str]:
    """Where the words stand with which a report turns to what is planned, and these words."""
    tone = _Tone(text)
    for found in _HEADING.finditer(text):
        if not _NO_TURN.search(found[0]) and tone.turns(found.end()):
            return found.start(), found[0]
    turn = _GENERAL_TURN.search(text, len(text) // 10)
    if turn:
        return turn.start(), turn[0]
    return tone.change(), ""


class _Tone:
    """How much a text tells of what was done and of what is to be done, up to each place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._done = [one.start() for one in _DONE.finditer(text)]
        self._to_do = [one.start() for one in _TO_DO.finditer(text)]

    def ahead(self, start: int, end: int) -> int:
        """How many more words of a stretch look ahead than look back, which count twice."""
        done, to_do = (bisect_left(all_of, end) - bisect_left(all_of, start) for all_of in (self._done, self._to_do))
        return to_do - 2 * done

    def turns(self, heading: int) -> bool:
        """Whether what stands behind the end of a heading looks ahead."""
        length = min(_REACH, len(self._text) - heading)
        found = self.ahead(heading, heading + length)
        return found >= 0 if length < _SHORT else 1000 * found > _LEAST_AHEAD * length

    def change(self) -> int:
        """Where a text turns that has no such heading: before it less than usual looks ahead, behind it more; 0 where it does not."""
        starts = [0, *(one.end() for one in re.finditer(r"\n+" if "\n" in self._text else "。", self._text))]
        before = [self.ahead(0, start) - _USUAL * start / 1000 for start in starts]
        at = min(range(len(starts)), key=before.__getitem__)
        whole = self.ahead(0, len(self._text)) - _USUAL * len(self._text) / 1000
        return max(1, starts[at]) if whole - before[at] > 0 else 0
