"""Quantities of what is there already, has been reached or is foretold: no targets, one named rule each."""

from __future__ import annotations

import re

from kb.extraction.targets.findings import Finding
from kb.extraction.vocabulary import PROMISES_MUCH, VERB, cued

_YEAR_SAID = re.compile(
    r"(?<![比较以由从对])(?<![比较以由从对] )((?:19|20)\d\d) ?年(?!.{0,6}(?:相比|为基|基础)|[以之]?前(?:建[成设造]|竣工|投[产用运]|注册|登记|出厂|购置)|[底末]?的[\d.一二三四五六七八九十百]{1,6}[倍番])"
)
_OF_YEAR = re.compile(r"(?:19|20)\d\d ?年[底末]?的$")  # 2024年的一倍半
_YEAR_HEADS = re.compile(r"^\s*((?:19|20)\d\d) ?年[底末]?，")
_COUNTED_THERE = re.compile(r"[^，]{0,24}\d")  # 现有能力1920万吨，其中
_STOCK = re.compile("(?:(?<![发实体出呈])现有(?!林)|现存|共有|现状)(?![^，。；]{0,12}基础上)")
_THERE = re.compile("[\u4e00-\u9fff](?<![总目])的(?:共|约)?有$")  # 运行不正常的有23家
_ADDS = re.compile("新|[改扩续迁]建|建[设成立]|改造|增|培[育养]|引进|达到|提[升高]|完成|实现|力争|确保")
_DONE = re.compile(rf"(?:{VERB.pattern})了")
# 截至目前，已开工30个；完成投资5亿元
_SO_FAR = re.compile(r"(?:^|[。\n])\s*(?:(?:截至|截止)|[^。\n]{0,60}已(?:建成|完成|实现)的)[^。\n]*；$")
# 实现就业1200万人，同比增加9万人; 失业率为3.8%，降至10年来低位
_SEEN = re.compile(
    r"[^，。；]{0,12}[，（](?:同比|环比|[比较](?:上年|去年)|(?:降至|创|居|排|位居|达到?)[^，。；]{0,12}(?:新高|新低|低位|高位|第[一二三四五\d]))"
)
_BEFORE = 200  # characters before a part of a sentence in which it may stand
_WAS_DONE = re.compile("[^，]{0,12}(?:参加|出席|完成|实现|达到|通过)了")  # 50名代表参加了会议


def is_set(finding: Finding) -> bool:
    """Whether a date that is to come governs the quantity; 全年 may also tell of the year that is over."""
    return finding.mark is not None and bool(finding.mark.due) and finding.mark.rule != "all-year"


def stock(finding: Finding) -> bool:
    """现有储备能力1920万吨，其中政府储备420万吨; 运行不正常的有23家: what is there already, and its parts."""
    s = finding.statement
    if _THERE.search(s.sentence_before) and not PROMISES_MUCH.search(s.sentence_before):
        return True
    if s.reached:
        return False
    there = _STOCK.search(s.sentence_before)
    if there is None or _ADDS.search(s.sentence_before, there.end()):
        return False
    between = s.sentence_before[there.end() :]
    return "，" not in between or _COUNTED_THERE.match(between) is not None


def past(finding: Finding) -> bool:
    """已建成30所, 同比增长8%, 据预测: what has been reached or is foretold."""
    s = finding.statement
    since = s.sentence[0]
    if cued("forecast", s.text, since, s.quantity.start):
        return True
    if _SO_FAR.search(s.text, max(0, since - _BEFORE), since) and not PROMISES_MUCH.search(s.sentence_before):
        return True
    if _SEEN.match(s.sentence_after) and not (finding.due or PROMISES_MUCH.search(s.sentence_before)):
        return True
    if finding.mark is not None and finding.mark.start >= since and is_set(finding):
        since = min(finding.mark.end, s.quantity.start)
    cues = ["past"]
    # 能耗同比下降5%以上 in a plan: who tells of the past knows the figure.
    is_bound = s.quantity.sign in (">=", "<=") and finding.setting.plans and not finding.setting.reports
    if not is_bound and since == s.sentence[0] and not PROMISES_MUCH.search(s.sentence_before):
        cues.append("reported")
    if any(cued(cue, s.text, since, s.quantity.start) for cue in cues) or s.sentence_before.endswith("了"):
        return True
    return bool(_DONE.search(s.text, max(since, s.start), s.quantity.start) or _WAS_DONE.match(s.after))


def earlier(finding: Finding) -> bool:
    """2020年达到60%: in a year before that of issue, or before the one in which the sentence says that its aims are due."""
    s = finding.statement
    if is_set(finding):
        times = _OF_YEAR.search(s.text, s.start, s.quantity.start) if s.quantity.unit in ("倍", "番") else None
        own = _YEAR_SAID.findall(s.text, s.start, times.start() if times else s.quantity.start)
        return bool(own and finding.due[:4].isdigit()) and max(own) < finding.due[:4]
    years = _YEAR_SAID.findall(s.text, s.sentence[0], s.quantity.start)
    if not years and finding.mark is None and s.text[s.sentence[0] - 1 : s.sentence[0]] == "；":
        before = s.text[max(0, s.sentence[0] - _BEFORE) : s.sentence[0]].rpartition("。")[2].rpartition("\n")[2]
        years = _YEAR_HEADS.findall(before)  # 2015年，…位居第2；成交额达到98亿元
    return bool(years) and int(max(years)) < finding.setting.issued_year
