"""Qualitative goals: commitments without a number (全覆盖, 一批, 应保尽保), kept apart from targets that can be counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.extraction.deadlines.governing import Governance
from kb.extraction.targets.masking import FILLER, masked
from kb.extraction.targets.statements import without_promise
from kb.extraction.vocabulary import VERB
from kb.models import Target
from kb.text import Passage, normalise

_SAID = re.compile(
    r"""
    (?P<whole>(?:全覆盖|全面覆盖|全员覆盖|清零)(?=[，。；、）\n]|$))             # 义务教育免试就近入学全覆盖
  | (?P<ought>应(?P<verb>[\u4e00-\u9fff])尽(?P=verb))                        # 应保尽保
  | (?P<batch>(?<![〓“个])一批(?=[\u4e00-\u9fff“〓]{2}))                       # 培育一批骨干企业
  | (?P<all>(?<![〓“])全部(?:完成|建成|创建|实现|达标|达到|消除|淘汰|关闭|退出|拆除|整治|整改|投用|投产|销号|清零|纳入|覆盖|接入)(?![后时的了]))  # 燃煤锅炉全部完成淘汰
  | (?P<state>(?:基本|初步|全面)(?:建成|形成|建立|消除)(?!小康)(?=[\u4e00-\u9fff“〓]{2}))  # 基本建成现代化教育体系
    """,
    re.VERBOSE,
)
_DECISIVE = re.compile("覆盖|清零|尽|一批|全部|基本|初步|全面")  # one of them stands in whatever says a goal
_STOP = re.compile(rf"[，。；：\n]|、(?={VERB.pattern})|、(?=[^，。；：、\n]{{0,20}}一批)|$")
_LONGEST_BEFORE, _LONGEST_BEHIND = 40, 80  # characters around the word that says so
_DOES = re.compile(rf"(?:{VERB.pattern})[^，。；：、\n了]{{0,6}}$")
_NOT_YET = re.compile(r"未|不|已|了$|试点|按照|根据|关于|以来")
_UNITS = {"batch": "批"}


def find_goals(passage: Passage, governance: Governance) -> Iterator[Target]:
    """The qualitative goals of a passage, by position.

    "培育一批骨干企业" → unit 批 · "实现入学全覆盖" → no unit · "已实现全覆盖" → nothing ·
    "2025年前设区市全部创建节水型城市" → due 2025
    """
    reading = passage.reading
    if not _DECISIVE.search(reading.text):
        return
    number = len(normalise(passage.clause.num))  # which opens the text of its clause
    text = FILLER * number + masked(reading.text, [(mark.start, mark.end) for mark in governance.marks])[number:]
    for match in _SAID.finditer(text):
        kind = next(name for name in ("whole", "ought", "batch", "all", "state") if match[name])
        around = _around(text, match, kind)
        if around is None or around[1] - around[0] < len(match[0]) + 2 or _NOT_YET.search(text, *around):
            continue
        start, end = around
        span = reading.span(start, end)
        indicator = reading.verbatim(start, end).replace("一批", "", 1).strip()
        yield Target(
            clause_id=passage.clause.id,
            text=reading.source[span.start : span.end],
            start=span.start,
            end=span.end,
            rule=f"goal-{kind}",
            indicator=indicator,
            comparator="=",
            value=None,
            unit=_UNITS.get(kind, ""),
            due=governance.due_for(start, end),
            qualitative=True,
        )


def _around(text: str, match: re.Match[str], kind: str) -> tuple[int, int] | None:
    """Where the goal begins and ends whose decisive word was found, None when no verb asks for 一批."""
    low = max(0, match.start() - _LONGEST_BEFORE)
    parting = "，。；：\n" if kind == "all" else "，。；：、\n"
    start = max(low, *(text.rfind(mark, low, match.start()) + 1 for mark in parting))
    if kind == "state":
        start = match.start()
    if kind == "batch":
        does = _DOES.search(text, start, match.start())
        if does is None:
            return None
        start = does.start()
    start = match.start() - len(without_promise(text[start : match.start()]))
    if kind in ("whole", "ought"):
        return start, match.end()
    stop = _STOP.search(text, match.end(), match.end() + _LONGEST_BEHIND)
    return start, stop.start() if stop else match.end()
