"""Quantities that only tell which thing is meant: 主营业务收入超10亿元的企业, 20万人口以上的县 (MeasEval: qualifiers)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.extraction.targets.quantities import Quantity
from kb.extraction.vocabulary import OPENING, PERFORMER, UNDERGOES, VERB, VERB_LAST, ComparatorWord

BUILDS = re.compile(rf"(?:{VERB.pattern}|[迈冲]向|冲刺)(?:[^，；。\d]{{0,20}}等|成为?|出|一个)?$")  # 打造千亿级产业
COUNTED = re.compile(r"[\d两三四五六七八九十][个家条]$")  # 3个百亿级
_ORGANIZATION = re.compile("[\u4e00-\u9fff]{0,8}?(?:企业|公司|项目|集群|园区|主体|市场|[县镇村])")
_HOLDS = re.compile(r"[\u4e00-\u9fff]{0,8}(?:[县市区乡镇村校院园]|企业)\d.*")
_FUND, _SETS_UP = re.compile("的[^，。；、]{0,12}(?:基金|资金池)$"), re.compile("(?:设立|组建|成立|建立|保持|安排)$")
_OVERALL = re.compile(r"(?:总?规模|总额|总量|总投资|投资额?|面积|容量|产能|产量|里程)(?:合计|累计)?$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quantity that a noun follows, with the words of its part of the sentence."""

    quantity: Quantity
    words: Sequence[ComparatorWord]  # right before the number
    before: str  # the part up to those words
    after: str  # the part behind the quantity
    alone: bool  # nothing else is counted in the part


def is_qualifier(candidate: Candidate) -> bool:
    """Whether the quantity is said of the noun that follows it.

    "营业收入超10亿元" + "的企业" → yes · "培育10家" + "企业" → no · "60万吨" + "产能退出" → no
    """
    kind = candidate.quantity.kind
    if kind == "class":
        return _size_is_qualifier(candidate)
    rating = not candidate.words and candidate.quantity.unit.startswith(("蒸吨", "千伏"))
    if rating or UNDERGOES.match(candidate.after):
        return rating  # 淘汰14台35蒸吨以下锅炉
    fund = kind == "money" and _is_fund(candidate)
    if fund or (kind == "money" and _bounded(candidate) and _ORGANIZATION.match(candidate.after)):
        return not fund  # 培育超10亿元优势企业, 规模超千亿元的集群
    if kind == "share":
        return _share_is_qualifier(candidate)
    if candidate.after.startswith("的"):
        return _amount_before_noun(candidate)
    return _count_is_qualifier(candidate) if kind == "count" else _amount_is_qualifier(candidate)


def _size_is_qualifier(candidate: Candidate) -> bool:
    """打造百亿级产业集群 says how large a thing becomes; 百亿级产业集群3个 which things are counted."""
    return not (candidate.alone and (candidate.words or BUILDS.search(candidate.before)))


def _share_is_qualifier(candidate: Candidate) -> bool:
    """占比超过50%的企业; but 超六成的企业开展改造 and 50%的县创建 tell how many do it."""
    words, after = candidate.words, candidate.after
    of_group = not OPENING.sub("", candidate.before, count=1) and all(word.kind in ("near", "bound") for word in words)
    if not words or of_group:
        return False
    return after.startswith("的") or not (VERB.search(after) or PERFORMER.search(after))


def _is_fund(candidate: Candidate) -> bool:
    """设立2亿元的产业基金, 保持3000万元以上的扶持基金: the noun is what the money makes."""
    kept = any(word.kind == "reach" for word in candidate.words)
    return bool(_FUND.match(candidate.after) and (kept or _SETS_UP.search(candidate.before)))


def _amount_before_noun(candidate: Candidate) -> bool:
    """年收入1亿元的企业; but 设立总规模10亿元的基金 and 培育20家以上的企业 state the amount."""
    before = candidate.before
    overall = _OVERALL.search(before)
    if overall and "投资" in overall[0] and not candidate.words:
        return True  # 抓好总投资46亿元的项目
    states = overall and VERB.search(before, 0, overall.start())
    counts = candidate.quantity.kind == "count" and VERB_LAST.search(before)
    return not (candidate.alone and (states or counts))


def _count_is_qualifier(candidate: Candidate) -> bool:
    """10个县126个幼儿园: the places that hold what is counted; 300人以上企业5家: the size of it."""
    if not candidate.words and _HOLDS.fullmatch(candidate.after):
        return True
    done = VERB_LAST.search(candidate.before) or candidate.words
    return bool(not candidate.alone and candidate.quantity.sign and candidate.before and not done)


def _amount_is_qualifier(candidate: Candidate) -> bool:
    """500兆帕钢筋; but 形成300吨生产能力, 完成5亿元投资 state the amount."""
    if candidate.quantity.kind == "soft" and not candidate.words and not candidate.alone:
        return True  # 新建220千伏变电站2座
    added = any(word.kind == "change" for word in candidate.words)  # 新增5万亩林地
    if VERB_LAST.search(candidate.before) or added:
        return not candidate.alone and _bounded(candidate)
    return not candidate.words if candidate.quantity.kind == "none" else not VERB.match(candidate.after)


def _bounded(candidate: Candidate) -> bool:
    return bool(candidate.words or candidate.quantity.sign)
