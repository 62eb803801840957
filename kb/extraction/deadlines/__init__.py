"""Deadlines (时限) that a passage sets, and which of its dates governs a place in it."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.extraction.deadlines.calendar import DueMark, calendar
from kb.extraction.deadlines.dates import due_marks
from kb.extraction.setting import section_of, setting_of
from kb.extraction.vocabulary import VERB
from kb.models import Deadline, Document
from kb.text import Passage

_LEAD_IN = re.compile(r"(?:(?:力争|争取|努力|确保)(?:到|至|在|于)?|截?[到至]|[在于])\ ?$")
_OF_THE_PLAN = ("all-year", "standing")
_OF_THE_YEAR = ("year", "months", "period", "month", "quarter", "this-year")
_TO_COME = (
    re.compile(r"(?:力争|争取|确保|计划)$"),
    re.compile(r"[^，。；\n]{0,8}，?[^，。；\n]{0,12}(?:[将要拟]|力争|计划|确保)"),
)
_ABOUT = re.compile(r"[^，。；\n]{0,24}\d[\d.]*[万亿]?余")
_YEARS_ONLY = re.compile(r"[一二两三四五\d]年")
_INTRODUCES = re.compile(r"[^，。；\n]{0,20}(?:总体思路|总体要求|指导思想|基本思路|总体考虑)(?:是|为|：)")
# 2024年，是建县70周年, 今年9月10日是第30个教师节
_SIGNIFIES = re.compile(
    r"，?将迎来|(?:\d{1,2}月\d{1,2}日)?，?(?:[也正]|既)?是(?![^，。；\n]{0,12}目标)[^，。；\n]{1,40}(?:年|[节日]|时?期|阶段)(?=[，。；、”\n])"
)
# “十四五”时期，我市面临新的机遇
_FACES = re.compile(
    r"，?(?:是|[^。；\n\d]{0,60}(?:面临|开启|处于|机遇|挑战|演变|随着|带来|形势|内外部环境|发展环境)|[^，。；\n]{0,24}环境更加复杂)"
)
# 9月底前开工的，…; 六个月内进行的视为…; 2022年实施的项目按40%给予补助; 全年门票达50万元给予奖励
_CONDITION, _SUCH = (
    re.compile(
        r"(?!对)[^，。；：\n]{1,32}的(?:，|视[为同]|不予|不得|取消)|[^，。；\n]{1,40}(?:的(?:项目|企业|单位|人员)，?|达到?)[^，。；\n]{0,24}(?:给予|予以)[^，。；\n]{0,16}[奖补]"
    ),
    re.compile(r"[^，。；：\n]{1,20}的[\u4e00-\u9fff]"),
)
# 三、2026年重点工作, 附件：2026年名额分配表: a year in a heading
_HEADING_BEGUN = re.compile(
    r"(?:^|[\n\t|。])[ （]*(?:[一二三四五六七八九十\d]{1,3}[）、.]|第[一二三四五六七八九十]{1,3}[章节部])?[ ]*(?:附[件表录]\d{0,2}：?)?[ ]*$"
)
_HEADING_GOES_ON = re.compile(
    rf"(?:(?!{VERB.pattern})[^，。；：\n\t|]){{0,18}}?(?:工作|任务|目标|安排|要求|计划|重点|指标|思路|打算|建议|部署|标准|方向|名单|表|规定|措施|举措)(?:（[^（）\n]{{0,20}}）)?[ ]?(?=[\n\t|]|$)"
)
# 指标 | 2024年 | 2027年 | 属性: a year as the head of a column
_HEAD_CELL = r"(?:20\d\d ?年[度底末]?(?:目标值?|实际值?|规划值?|预期值?|现状值?|完成值?|基数)?|指标[\u4e00-\u9fff]{0,4}|属性|单位|合计|总计|年均[\u4e00-\u9fff]{0,6}|类别|名称)"
_CELL_BEFORE = re.compile(rf"(?:^|[\n\t| ]){_HEAD_CELL}(?:（[^（）\n]{{1,10}}）)?[ ]*[\n\t| ]+$")
_CELL_AFTER = re.compile(rf"(?:目标值?|实际值?|规划值?|预期值?|现状值?)?[\n\t| ]+{_HEAD_CELL}[ ]*(?:[\n\t| （]|$)")
# 绿化率（%）。2020年：40。2025年目标：45。, the row of such a table as a sentence
_OWN_LABEL = re.compile(
    r"(?:[度底末]|目标|实际|规划|计划|预期|现状|完成|基数|[值数]){0,3}：[≥≤<>约]?\d[\d.，]*[^\d，。；：\n]{0,6}。"
)
# 乡镇 | 2026年新建（所） | 2027年新建（所）
_OWN_CELL = re.compile(r"[^，。；：\d\n ]{0,10}?(?:（[^（）\n]{1,6}）)?(?=[\n ]|$)")
_YEARS_BESIDE = (
    re.compile(r"(?:^|[\n ])20\d\d ?年[^，。；：\d\n ]{0,10}[\n ]+$"),
    re.compile(r"[\n ]+20\d\d ?年"),
)
_ROW_OF_YEAR = re.compile(r"(?:^|\n)20\d\d ?年?[ \n]+(?=\d)")  # 2026年 | 300个 | 500万元
_BARE_YEAR = len("2025")
_NEAR = 40  # characters before a year in which a heading begins
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
        promised = setting.plans and not setting.reports and VERB.match(reading.text, mark.end)
        if mark.rule == "all-year" and not promised and _ABOUT.match(reading.text, mark.end):
            continue  # 全年推送800余篇
        end = mark.start + len(reading.text[mark.start : mark.end].rstrip())  # 2026年 | 30所
        if len(mark.due) == _BARE_YEAR and mark.rule in ("year", "plan") and _is_head(reading.text, mark.start, end):
            continue
        if mark.rule == "plan" and _FACES.match(reading.text, mark.end):
            continue
        if reading.text.endswith("日", mark.start, mark.end) and _is_alone(reading.text, mark.start, mark.end):
            continue
        lead_in = _LEAD_IN.search(reading.text, max(0, mark.start - 4), mark.start)
        span = reading.span(lead_in.start() if lead_in else mark.start, end)
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


def _is_head(text: str, start: int, end: int) -> bool:
    """Whether a year only says what stands below it: 三、2026年重点工作, the head of a column."""
    before = text[max(0, start - _NEAR) : start]
    if _HEADING_BEGUN.search(before) and _HEADING_GOES_ON.match(text, end):
        return True
    if _CELL_BEFORE.search(before) or _CELL_AFTER.match(text, end) or _OWN_LABEL.match(text, end):
        return True
    own = _OWN_CELL.match(text, end)
    left, right = _YEARS_BESIDE
    if (
        own
        and (own[0].endswith("）") or not VERB.search(own[0]))
        and (left.search(before) or right.match(text, own.end()))
    ):
        return True
    return _ROW_OF_YEAR.match(text, max(0, start - 1)) is not None and _has_rows_of_years(text)


@lru_cache(maxsize=16)  # asked for every row
def _has_rows_of_years(text: str) -> bool:
    """Whether a text is a table with a year at the head of its rows, which are no times of steps."""
    return "时限" not in text and "时间" not in text and len(_ROW_OF_YEAR.findall(text)) > 1


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether a date stands in brackets on a line of its own, as the date of a document below its title."""
    return bool(_LINE_ENDS.match(text, end) and _LINE_BEGINS.search(text, max(0, start - 4), start))
