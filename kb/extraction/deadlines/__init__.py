"""Deadlines (时限) that a passage sets, and which of its dates governs a place in it."""

from __future__ import annotations

import re

from kb.extraction.deadlines.calendar import DueMark, calendar
from kb.extraction.deadlines.dates import due_marks
from kb.extraction.setting import section_of, setting_of
from kb.models import Deadline, Document
from kb.text import Passage

_LEAD_IN = re.compile(r"(?:(?:力争|争取|努力|确保)(?:到|至|在|于)?|截?[到至]|[在于])\ ?$")
_OF_THE_PLAN = ("all-year", "standing")
_OF_THE_YEAR = ("year", "months", "period", "month", "quarter", "this-year")
_TO_COME = (
    re.compile(r"(?:力争|争取|确保|计划)$"),
    re.compile(r"[^，。；\n]{0,8}，?[^，。；\n]{0,12}(?:[将要拟]|力争|计划|确保)"),
)
_YEARS_ONLY = re.compile(r"[一二两三四五\d]年")
_INTRODUCES = re.compile(r"[^，。；\n]{0,20}(?:总体思路|总体要求|指导思想|基本思路|总体考虑)(?:是|为|：)")
# 2024年，是建县70周年, 今年9月10日是第30个教师节
_SIGNIFIES = re.compile(
    r"(?:\d{1,2}月\d{1,2}日)?，?(?:[也正]|既)?是(?![^，。；\n]{0,12}目标)[^，。；\n]{1,40}(?:年|[节日]|时?期|阶段)(?=[，。；、”\n])"
)
_FACES = re.compile(
    r"，?(?:是|[^。；\n\d]{0,60}(?:面临|开启|处于|机遇|挑战|演变|随着|带来|形势|内外部环境|发展环境)|[^，。；\n]{0,24}环境更加复杂)"
)  # “十四五”时期，我市面临新的机遇
# 9月底前开工的，…; 六个月内进行的视为…; 2022年实施的项目按40%给予补助; 全年门票达50万元给予奖励
_CONDITION, _SUCH = (
    re.compile(
        r"(?!对)[^，。；：\n]{1,32}的(?:，|视[为同])|[^，。；\n]{1,40}(?:的(?:项目|企业|单位|人员)，?|达到?)[^，。；\n]{0,24}(?:给予|予以)[^，。；\n]{0,16}[奖补]"
    ),
    re.compile(r"[^，。；：\n]{1,20}的[\u4e00-\u9fff]"),
)
_LINE_BEGINS, _LINE_ENDS = re.compile(r"\n ?（ ?$"), re.compile(r" ?） ?(?:\n|$)")


def find_deadlines(passage: Passage, document: Document) -> tuple[Deadline, ...]:
    """The deadlines that a passage sets, by position.

    "2025年底前" → 2025 · "到2025年6月底" → 2025-06 · "每年12月底前" → 每年 · "“十四五”末" → 2025 · "长期坚持" → 长期坚持
    """
    reading = passage.reading
    setting = setting_of(document)
    looks_back = section_of(passage, setting) == "past"
    deadlines = []
    for mark in due_marks(reading.text, calendar(document)):
        over = looks_back or reading.offsets[mark.start] < setting.ahead
        if over and _tells(reading.text, mark):
            continue  # 全年新增35项, 三年新增60家, 2023年，办理提案20件 in a review
        if _SIGNIFIES.match(reading.text, mark.end) or _INTRODUCES.match(reading.text, mark.end):
            continue  # “十四五”时期是关键五年; 2025年工作的总体思路是
        if _is_condition(reading.text, mark):
            continue
        if mark.rule == "plan" and _FACES.match(reading.text, mark.end):
            continue
        if reading.text.endswith("日", mark.start, mark.end) and _is_alone(reading.text, mark.start, mark.end):
            continue
        lead_in = _LEAD_IN.search(reading.text, max(0, mark.start - 4), mark.start)
        span = reading.span(lead_in.start() if lead_in else mark.start, mark.end)
        deadlines.append(
            Deadline(
                clause_id=passage.clause.id,
                text=document.text[span.start : span.end],
                start=span.start,
                end=span.end,
                rule=mark.rule,
                due=mark.due,
                recurrence=mark.recurrence,
                damaged=mark.rule in ("lost", "garbled"),
            )
        )
    return tuple(deadlines)


def _tells(text: str, mark: DueMark) -> bool:
    """Whether a time of a review tells when something was done; not one that a promise stands beside: 2024年，我们将…"""
    if mark.rule in _OF_THE_PLAN or _YEARS_ONLY.fullmatch(text, mark.start, mark.end):
        return True
    before, behind = _TO_COME
    promised = before.search(text, max(0, mark.start - 4), mark.start) or behind.match(text, mark.end)
    return mark.rule in _OF_THE_YEAR and not (promised or text.endswith("前", mark.start, mark.end))


def _is_condition(text: str, mark: DueMark) -> bool:
    """Whether a time says what a rule applies to: 9月底前开工的，给予奖励, 对9月底前开工的项目."""
    return bool(
        _CONDITION.match(text, mark.end) or (text[mark.start - 1 : mark.start] == "对" and _SUCH.match(text, mark.end))
    )


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether a date stands in brackets on a line of its own, as the date of a document below its title."""
    return bool(_LINE_ENDS.match(text, end) and _LINE_BEGINS.search(text, max(0, start - 4), start))
