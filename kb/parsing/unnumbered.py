"""Headings without a number: those that the format of the file calls so, and those that part a review from the plans for the next year."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from kb.lexicon import TENSES
from kb.parsing.markers import Marker
from kb.parsing.titles import is_title
from kb.text import Reading

_HEADING = re.compile(  # 2023年工作回顾, 2024年全市工作总体要求和目标任务, 今年工作安排
    rf"^ ?(?:20\d\d ?年度?|过去[一五]年|今年|今后五年)[^\n，。；：！？、《》]{{0,12}}(?:(?P<review>{TENSES['review']})|工作|任务|安排|建议|目标|打算|部署)[^\n，。；：！？《》]{{0,12}} ?$",
    re.MULTILINE,
)
_LIST = re.compile(r"\n ?一、")
_LEVELS = ("编", "章", "节")  # the styles of as many levels of headings
_LEAST_HEADINGS = 2
_LONGEST = 40  # characters; a longer one is a sentence in the style of a heading


def styled_headings(
    reading: Reading, shift: int, headings: Sequence[tuple[int, int]], markers: Sequence[Marker]
) -> list[Marker]:
    """The headings of the format as markers of no length, in order; none where some are numbered, which says the same by itself.

    The first one is the title where it reads so, or is the only one of the highest level.

    总体要求 and 重点任务 in the style “heading 1” → two of the outermost level
    """
    placed = [(_place(reading, offset), level) for offset, level in headings]
    inside = [(at, level) for at, level in placed if at is not None and _begins_line(reading.text, at)]
    highest = min((level for _, level in inside), default=0)
    alone = [level for _, level in inside].count(highest) == 1 and inside[0][1] == highest
    if inside and (alone or is_title("".join(_line(reading.text, inside[0][0]).split()))):
        inside = inside[1:]
    starts = {marker.start for marker in markers}
    if len(inside) < _LEAST_HEADINGS or any(shift + at in starts for at, _ in inside):
        return []
    levels = sorted({level for _, level in inside})[: len(_LEVELS)]
    found, counts = list[Marker](), [0] * len(levels)
    for at, level in inside:
        if level in levels:
            depth = levels.index(level)
            counts[depth:] = [counts[depth] + 1, *[0] * (len(levels) - depth - 1)]
            found.append(Marker(shift + at, shift + at, _LEVELS[depth], counts[depth], "line"))
    return found


def _place(reading: Reading, offset: int) -> int | None:
    """Where a text has what stands at a place of the source, but for blanks before it; None where it stands in another part, or is not read."""
    at = bisect_left(reading.offsets, offset)
    if at == len(reading.offsets) or reading.offsets[at] - offset > _LONGEST:
        return None
    return None if reading.source[offset : reading.offsets[at]].strip() else at


def _begins_line(text: str, at: int) -> bool:
    """Whether a short line with words begins at a place."""
    return at < len(text) and (not at or text[at - 1] == "\n") and 0 < len(_line(text, at).strip()) <= _LONGEST


def _line(text: str, at: int) -> str:
    """What stands on a line from a place."""
    end = text.find("\n", at)
    return text[at : end if end >= 0 else len(text)]


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
