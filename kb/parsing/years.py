"""Headings without a number that part a review of one year from the plans for the next, each with a list that begins with 一、."""

from __future__ import annotations

import re

from kb.parsing.markers import Marker
from kb.text import Reading

_HEADING = re.compile(  # 2023年工作回顾, 2024年全市工作总体要求和目标任务, 今年工作安排
    r"^ ?(?:20\d\d ?年度?|过去[一五]年|今年|今后五年)[^\n，。；：！？、《》]{0,12}(?:(?P<review>回顾|总结|情况|成效)|工作|任务|安排|建议|目标|打算|部署)[^\n，。；：！？《》]{0,12} ?$",
    re.MULTILINE,
)
_LIST = re.compile(r"\n ?一、")


def year_headings(reading: Reading, shift: int = 0) -> list[Marker]:
    """The headings as markers of no length on the outermost level, in order; none unless one of them reviews, another plans.

    "2023年工作回顾⏎一、生态建设⏎…⏎2024年工作安排⏎一、城市更新⏎…" → two
    """
    text = reading.text
    found = [one for one in _HEADING.finditer(text) if reading.is_printed(one.start())]
    ends = [*(one.start() for one in found[1:]), len(text)][: len(found)]
    lists = [one for one, end in zip(found, ends, strict=True) if _LIST.search(text, one.end(), end)]
    if len({bool(one["review"]) for one in lists}) < 2:
        return []
    starts = [shift + one.start() for one in lists]
    return [Marker(start, start, "编", number, "line") for number, start in enumerate(starts, 1)]
