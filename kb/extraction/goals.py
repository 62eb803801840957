"""Qualitative goals: commitments without a number (全覆盖, 一批, 应保尽保), kept apart from targets that can be counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.extraction.due import Governance
from kb.extraction.vocabulary import VERB
from kb.models import Target
from kb.text import Passage

_GOAL = re.compile(
    rf"""
    (?P<whole>[^，。；：、\n]{{2,40}}?(?:全覆盖|全面覆盖|全员覆盖))          # 义务教育免试就近入学全覆盖
  | (?P<ought>[^，。；：\n]{{0,30}}?(?:应(?P<verb>[\u4e00-\u9fff])尽(?P=verb)))  # 应保尽保
  | (?P<batch>(?:{VERB.pattern})[^，。；：、\n]{{0,6}}?一批[^，。；：\n]{{2,40}}) # 培育一批骨干企业
    """,
    re.VERBOSE,
)
_UNITS = {"batch": "批"}


def find_goals(passage: Passage, governance: Governance) -> Iterator[Target]:
    """The qualitative goals of a passage, by position.

    "培育一批骨干企业" → unit 批 · "实现入学全覆盖" → no unit
    """
    reading = passage.reading
    for match in _GOAL.finditer(reading.text):
        kind = next(name for name in ("whole", "ought", "batch") if match[name])
        span = reading.span(*match.span())
        indicator = reading.verbatim(*match.span()).replace("一批", "", 1).strip()
        yield Target(
            passage.clause.id, reading.source[span.start : span.end], span.start, span.end, indicator, "=", None,
            _UNITS.get(kind, ""), f"goal-{kind}", due=governance.due_for(*match.span()), qualitative=True,
        )  # fmt: skip
