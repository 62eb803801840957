"""Whether a date that stands alone (2024年, 2025年6月) is one by which something is to be done, or tells of the past, of a title or of a forecast."""

from __future__ import annotations

import re

from kb.extraction.deadlines.calendar import Calendar
from kb.extraction.deadlines.figures import LABEL
from kb.extraction.deadlines.relative import HEAD, in_field
from kb.extraction.vocabulary import VERB
from kb.lexicon import TENSES
from kb.text import numerals

_REACHES = re.compile(
    r"\d|力争|争取|确保|预计|分别|突破|超|控制|稳定|保持|不[低少高超]|达|实现|完成|建成|提[高升]|增[至加长]|降[至低到]"
)
# 2025年供水普及率达到97%, where the document was issued early in that year or at a time that nothing tells
_WILL_REACH = re.compile(r"[^，。；\n\d]{0,24}(?:达到?|不[低少高超]于?|突破|超过|控制在|提高到|[增升降][到至])\ ?\d")
_NEXT_YEAR = re.compile(r"[^，。；\n（）]{0,40}[，、；](?P<year>20\d\d) ?年(?=[^，。；\n]{0,16}\d)")
_PROMISED = re.compile(r"(?:力争|争取|确保|计划|决定|(?:[决拟将定]|计划)[于在])\Z")
_REFERENCE = re.compile(r"(?:(?<!占)比|[较以对自从由的及和将按是为与〔《]|相比|完成|公布|颁布|发布|根据|参照|截至)\ ?$")
_COMING = re.compile(
    rf"[ ，、）：]|[\n]?$|[^，。；\n]{{0,24}}目标(?:任务)?(?:是|为|：)|在[^，。；\n]{{1,14}}(?:{VERB.pattern})(?!了)|力争|计划|争取|确保|预计|继续(?!保持|位|领)|[全新再要将各]|[^，。；\n已了]{{1,30}}要(?:率先|全[面部力]|积极|加快|力争|{VERB.pattern})|[我本][省市县区][^，。；\n]{{0,6}}将|基本|累计|初步|正式|试点|启动|稳[定步]|达|投产|部署|动员|(?:年度)?(?:重点|主要|工作)?(?:目标|任务|重点工作)|(?:{VERB.pattern})(?!情况|工作|方案|计划)"
)
TITLE_LIKE = re.compile(
    r"20\d\d ?年|[^，。；\n]{0,30}(?:报名|推荐|申报|汇总|登记|申请|统计)表|[^，。；\n]{0,30}组委会|[^，。；\n]{0,30}(?:方案|计划|要点|名单|目录|清单|报告|通知|指南|规划|范围|[\u4e00-\u9fff]表|人数|程序|条件|流程|项目申报|[大竞比]赛)(?:[（》\n.]|\d{1,2}[.、](?!\d)|$|如下|为了?(?:进一步|深入|贯彻|落实|全面|切实|加[快强]|扎实|做好))"
)
_COUNTED = re.compile(r"\d[\d.]*[万亿]?(?:%|[\u4e00-\u9fff](?![底末日]))")
_NAMED_BEFORE = re.compile(
    r"(?:》|方案|计划|意见|决定|条例|规则|细则|通知|体系|汇编|指南|规划|纲要|要点|办法|规定|标准|目录|版|号|清单|基期|上年|基准|总结)（$"
)
# 预计到2030年，…将达到
_FORESEEN, _WILL = re.compile("预[计测]到$|展望[到至]?$"), re.compile(r"[^。；\n]{0,40}将(?:[达超增会]|突破|占)")
_FORETOLD = re.compile(TENSES["foretold"])
NOT_COMING = re.compile(TENSES["not_coming"])
# 2023年，全市专利授权2.9万件，同比增长22%
_STATED = re.compile(
    r"(?![^。；\n]{0,60}(?:以上|左右|力争|争取|确保|目标|预期|不[低少]于))[^。；\n]{0,60}(?:(?<!为)了(?![解结])|指出|历史新高|仅为\d|(?:同比|[比较]上年)(?:增长|提高|上升|下降)\d)"
)
# 2025年，全市有托位3100个, said in the second half of that year
_STANDS = re.compile(
    rf"，?(?:[全我][省市县区]|现)(?:(?!{VERB.pattern}|达|力争|确保|争取|[将要拟超增]|突破|不[低少]于|控制|目标|计划|安排)[^，。；\n\d]){{0,16}}\d[\d.]*[万亿]?[\u4e00-\u9fff%]{{1,3}}(?=[，。；\n]|$)"
)
_HEAD_OF_VALUE = re.compile(r"[率值额量数比重例积入模度力人口]$")  # 供水普及率 2025年达到97%
_DONE_BY = re.compile(r"[^，。；\n了已]{0,12}(?:实现|完成|达到|建成)(?!了)")  # 2025年底化工企业实现全覆盖
_OPENS = re.compile(r"(?:^|[。；：\n）（—]|[、.] ?)\s*(?:力争|争取|确保|计划|其中|在|于)?(?:[到至] ?)?$")
_EARLY = 6  # a month of issue up to which the year of issue lies ahead


def is_foreseen(text: str, match: re.Match[str]) -> bool:
    """Whether a date says when something is foretold: 预计到2030年，人口将达到50万."""
    said = _FORESEEN.search(text, max(0, match.start() - 4), match.start())
    if _FORETOLD.match(text, match.end()):
        return True
    return said is not None and (said[0] != "预计到" or _WILL.match(text, match.end()) is not None)


def opens_sentence(text: str, at: int) -> bool:
    """Whether a date stands at the head of its sentence: 到2025年，…"""
    return _OPENS.search(text, max(0, at - 8), at) is not None


def is_coming(text: str, match: re.Match[str], due: str, times: Calendar) -> bool:
    """Whether a bare date at the head of a statement (2024年，新建…) is one of the future."""
    start, end = match.span()
    before, after = text[max(0, start - 14) : start], text[end : end + 32]
    year = numerals.year(match["year"]) or 0
    if LABEL.search(before) or in_field(text, start):
        return True
    if before.endswith("（"):
        closed = after.startswith("）") or _COUNTED.match(after)  # 200个（2025年80个，2026年120个）
        return not times.is_past(year) and bool(closed) and not _NAMED_BEFORE.search(before)
    later = 0 < times.since < year or (year == times.since and _then_later(text, end, year))
    reaches = _REACHES.match(after)
    ends = match["close"] and _DONE_BY.match(after)
    heads = (
        ends
        or HEAD.search(before)
        or _PROMISED.search(before)
        or (reaches and (later or _HEAD_OF_VALUE.search(before)))
    )
    over = (match["month"] or match["part"]) and times.is_past(year, int(due[5:7] or 12))
    if over or _REFERENCE.search(before) or not heads or NOT_COMING.match(after):
        return False
    ahead = not match["day"] or (after.startswith("，") and due > (times.issued_on or f"{times.since or year}-99"))
    stands = year == times.since and times.issue_month > _EARLY and _STANDS.match(text, end)
    if TITLE_LIKE.match(text[end : end + 40]) or not ahead or stands or _STATED.match(text, end):
        return False  # 2019年2月26日，省教育厅研究制定
    unknown = times.since == 0 and year == times.farthest
    if unknown or (year == times.since and 0 < times.issue_month <= _EARLY):
        valued = after[:1].isdigit() and _HEAD_OF_VALUE.search(before)  # 占比2025年60%以上
        later = later or bool(valued or _WILL_REACH.match(after))
    if match["fiscal"] or not match["dated"].strip().endswith("年"):
        return bool(ends or _COMING.match(after) or _PROMISED.search(before)) or (unknown and later)
    return later or bool(_COMING.match(after) or _PROMISED.search(before))


def _then_later(text: str, end: int, year: int) -> bool:
    """Whether the sentence goes on to a later year: 2026年完成320家，2027年完成400家."""
    then = _NEXT_YEAR.match(text, end)
    return then is not None and int(then["year"]) > year
