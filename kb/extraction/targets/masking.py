"""Masks dates, remarks in brackets, titles and quoted names, so that no rule reads them; the text keeps its length."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.extraction.vocabulary import BOUNDS, VERB, WORDS_BEFORE
from kb.lexicon import any_of

FILLER, DATE = "〓", "〒"

_PASSED_OVER = re.compile(
    r"（(?P<bracket>(?:[^（）\n]|（[^（）\n]{0,24}）){0,120})）|《[^《》\n]{0,80}》|[“\"](?P<quoted>[^“”\"\n]{1,60})[”\"]|〔[^〔〕\n]{0,20}〕"
    # 过50亿项目, 产能120万吨及以上煤矿: of what size
    r"|(?P<size>(?<=[过超逾])(?:\d[\d.]{0,5}|[十百千]{1,2})亿元?(?=[\u4e00-\u9fff]{0,6}?(?:项目|企业|园区|集群))|\d[\d.]{0,6}[\u4e00-\u9fff]{1,4}?及以上(?=[\u4e00-\u9fff])|(?<![\d.多余])[百千万]{1,2}人以上(?=[\u4e00-\u9fff]{0,4}(?:社区|小区|村|乡镇|城镇|学校|企业)))"
)
_LONGEST_NAME = 24  # characters of a quotation that may be a name; a longer one is a sentence
_REACHES = any_of(word for word, found in WORDS_BEFORE.items() if found.kind in ("reach", "bound") and word != "有")
_NUMBER = rf"\d[\d.]*[^，、；{FILLER}]{{0,6}}"
# “产值突破800亿元、企业超过200家”, “新增产值500亿元”: an aim, not a name
_AIM = re.compile(rf"(?:{_REACHES})[^，、；]{{0,3}}{_NUMBER}")
_DEED = re.compile(rf"^(?:{VERB.pattern})[\u4e00-\u9fff]{{2,12}}{_NUMBER}$")
_AIMED_AT = re.compile(r"的?[\u4e00-\u9fff]{0,6}(?:目标|任务|指标)")
_CLOSED = re.compile(r"[，。；]|$")
# 30%（省会50%）, 5000人次（其中乡村教师2000人次）, 30所（2024年10所，2025年20所）: parts of the quantity before
_UNIT = r"%|‰|[万亿]?[\u4e00-\u9fff]{1,3}?"
_COUNTED_BEFORE = re.compile(rf"\d[\d.]*[余多]?(?P<unit>{_UNIT})(?:以上|以下|左右|以内)?[\u4e00-\u9fff]{{0,10}}$")
_PART = rf"(?:其中)?，?(?:{DATE}+[\u4e00-\u9fff]{{0,6}}|(?:含|包括|包含|新增|力争)?[\u4e00-\u9fff“”]{{1,12}}?)(?:{any_of(BOUNDS)})?\d[\d.]*(?P<unit>{_UNIT})(?:以上|以下|左右|以内)?"
_PARTS = re.compile(rf"{_PART}(?:[，、；和](?:{_PART.replace('?P<unit>', '?:')}))*")
_RESTATED = re.compile(r"约|近|即|折合|相当于|占|不含|不包括|人均|合计|共计|总计|责任|牵头|配合|负责|比例为")
_DUTY = re.compile(r"责任|牵头|负责|配合")
_VALUE = re.compile(rf"(?:{any_of(BOUNDS)})\d[\d.]*(?:{_UNIT})(?:以上|以下|左右|以内)?")
_PROPERTY = re.compile("(?:率|比例|比重|占比|面积|数量|人数|规模|强度|浓度)$")
_LISTED_ON = re.compile(r"[ ]*[，、；。和）]|$")
_BEFORE = 30  # characters before a bracket that are looked at


def masked(text: str, dates: Sequence[tuple[int, int]] = ()) -> str:
    """The masked text; aims in quotation marks and parts of a quantity in brackets stay readable, between commas.

    "新建学校（含幼儿园）3所" → 新建学校（〓〓〓〓）3所 · "达到30%（省会50%）" → 达到30%，省会50%， ·
    "实现“产值突破800亿元”的目标" → 实现，产值突破800亿元，的目标
    """
    pieces, at = [], 0
    for start, end in dates:
        pieces += [text[at:start], DATE * (end - start)]
        at = end
    return _PASSED_OVER.sub(_mask, "".join((*pieces, text[at:])))


def _mask(match: re.Match[str]) -> str:
    """The characters in the place of one bracket, title or quotation."""
    text, start, end = match.string, match.start(), match.end()
    if (quoted := match["quoted"]) and _is_aim(text, quoted, end):
        return f"，{quoted}，"
    if quoted and len(quoted) > _LONGEST_NAME:
        return match[0]
    if (bracket := match["bracket"]) and _is_parts(bracket, text[max(0, start - _BEFORE) : start]):
        return f"，{bracket}，"
    if bracket and _VALUE.fullmatch(bracket) and _PROPERTY.search(text, max(0, start - _BEFORE), start):
        return f" {bracket}，"  # 抽查比例（不低于3%）
    if match["size"]:
        return FILLER * len(match[0])
    closing = match[0][-1]
    if bracket and _DUTY.search(bracket) and not _LISTED_ON.match(text, end):
        closing = "。"  # the mark of a task that was printed without its full stop
    return match[0][0] + FILLER * (len(match[0]) - 2) + closing


def _is_aim(text: str, quoted: str, end: int) -> bool:
    """Whether a quotation states what is to be reached."""
    if _AIMED_AT.match(text, end):
        return bool(_AIM.search(quoted) or _DEED.search(quoted))
    return bool(_AIM.search(quoted) and _CLOSED.match(text, end))


def _is_parts(bracket: str, before: str) -> bool:
    """Whether a bracket splits up the quantity before it, in the same unit."""
    counted = _COUNTED_BEFORE.search(before)
    parts = _PARTS.fullmatch(bracket) if counted and not _RESTATED.search(bracket) else None
    # The shortest unit that could stand before the noun was read: 人 in 5000人次.
    return bool(counted and parts and parts["unit"].lstrip("万亿").startswith(counted["unit"].lstrip("万亿")))
