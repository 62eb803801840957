"""Dates by which, in which or how often something is to be done, found in a text and resolved as far as the document's own dates allow."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from kb.extraction.deadlines import figures, recurrences, relative
from kb.extraction.deadlines.calendar import PLAN_ENDS, Calendar, DueMark, Reach, sound
from kb.extraction.deadlines.figures import EXPIRY, LABEL, TO
from kb.extraction.deadlines.relative import CLOCK, HEAD, QUARTERS, UNTIL, in_field, said_year
from kb.extraction.vocabulary import VERB
from kb.text import numerals

_CN = "〇零一二三四五六七八九"
_PATTERN = rf"""
    (?=[\d从自二“十])(?:
    (?P<period>(?:19|20)\d\d\ ?年?{TO}(?P<last>20\d\d)\ ?学?年度?)                          # 2021—2023年
  | (?P<months>(?:(?P<from_year>20\d\d)\ ?年\ ?)?(?<![\d.])(?P<from_month>1[0-2]|0?[1-9])\ ?月?份?(?:[底初]|[上中下]旬|\d{{1,2}}日)?{TO}
      (?:(?P<to_year>20\d\d)\ ?年\ ?)?(?P<to_month>1[0-2]|0?[1-9])\ ?月份?(?:(?P<to_day>3[01]|[12]\d|0?[1-9])\ ?日)?(?:[底末]|[上中下]旬)?(?:之?前)?)  # 2025年8月至10月
  | (?P<days>(?:(?P<days_year>20\d\d)\ ?年\ ?)?(?<!\d)(?P<days_month>1[0-2]|0?[1-9])\ ?月\ ?\d{{1,2}}日?{TO}(?P<last_day>3[01]|[12]\d|0?[1-9])\ ?日(?!内))    # 8月15日至22日
  | (?P<starting>[从自]?(?P<start_year>20\d\d)\ ?年(?:\d{{1,2}}月)?(?:起|开始)，?(?:计划|力争|争取)?(?:利?用|经过|通过)?\ ?(?P<years>\d|[一二两三四五六七八九十])\ ?年左?右?(?:之?内|以内|的?时间内?))  # 2021年起5年内
  | (?P<listed>(?:20\d\d\ ?年?[、和及与]){{1,8}}20\d\d\ ?年(?=[^。；\n]{{0,40}}分别))              # 2024年、2025年分别达到
  | {figures.PATTERN}
  | (?P<dated>
      (?P<year>(?<!\d)\d{{4}}|二[{_CN}]{{3}})\ ?年
      (?:\ ?(?P<month>1[0-2]|0?[1-9]|[一二三四五六七八九十]{{1,2}})\ ?月(?:份)?
         (?:\ ?(?P<day>3[01]|[12]\d|0?[1-9])\ ?日)? )?                                      # 2025年12月31日
      \ ?(?P<part>上半年|下半年|第?[一二三四1-4]季度)?(?P<fiscal>(?<=年)度(?![的内]))?{CLOCK}
      (?P<close>年?\ ?(?:年?底|年?末|[上中下]旬|主?汛期?|[春夏秋冬]季(?:学期)?(?:开学)?|入冬|[采供]暖季|元旦|春节|五一|国庆节?)?(?:(?:之?前|以前)(?![一二三四两几\d]个?[季月]|半年)|为止|内)?)                   # 2025年底前
    )
  | (?P<plan>“?十(?P<ordinal>[二三四五六七])五”?\ ?(?:规划)?(?:末期?|期末|时?期间?内?))     # “十四五”末
    )
"""
_LOST = r"(?P<lost>(?<=[到至])(?<!达[到至])年(?!度)(?=底|[\u4e00-\u9fff\d]))  # 到年: the year is gone"
# What a date may begin with, so that the patterns are tried in few places: first by one character, then by a second.
_BEGINS = r"""(?=[\d一二三四五六七八九十两半第年今本当该明次翌上下全“每按从自通方意办规文计措印发公实收受签批长常持立即日周旬月季贯汛雨入春夏秋冬元国中清开供采强台高主于未重传节])
    (?=\d{1,4}\ ?[年月日天个小分周星工自季./—～至到、和及与-]|[一二三四五六七八九十两半年今翌每从自汛]|第\ ?[一二三四1-4]|“十|上半|下[半发个月一]|全年|按[日周旬季月半年]
      |[本当该次明][年月日方通意办规文计措]|方案|通知|意见|办法|规定|文件|计划|措施|印发|发布|公布|实施|收到|受理|签订|批复
      |长期|常[年态]|持续|立[行即]|即[日知]|[日周旬月季][^一二三四五六日，。]{2}|贯穿|雨季|入冬|[春夏秋冬][节播耕收种]|元旦|国庆|中[秋高]|清明|开学|[供采]暖|强降|台风|高考|主汛|未来|[重传][大要统]节|节[前日假]|(?<=应)于)
"""
_MARK = re.compile(
    rf"""{_BEGINS}
    (?:{_PATTERN}|{recurrences.PATTERN}|{relative.PATTERN}|{_LOST}
    )""",
    re.VERBOSE,
)
_REACHES = re.compile(
    r"\d|力争|争取|确保|预计|分别|突破|超|控制|稳定|保持|不[低少高超]|达|实现|完成|建成|提[高升]|增[至加长]|降[至低到]"
)
# 2025年供水普及率达到97%, where the document was issued early in that year or at a time that nothing tells
_WILL_REACH = re.compile(r"[^，。；\n\d]{0,24}(?:达到?|不[低少高超]于?|突破|超过|控制在|提高到|[增升降][到至])\ ?\d")
_NEXT_YEAR = re.compile(r"[^，。；\n（）]{0,40}[，、；](?P<year>20\d\d) ?年(?=[^，。；\n]{0,16}\d)")
_PROMISED = re.compile(r"(?:力争|争取|确保|计划)$")
_REFERENCE = re.compile(r"(?:(?<!占)比|[较以对自从由的及和将按是为与〔《]|相比|完成|公布|颁布|发布|根据|参照|截至)\ ?$")
_COMING = re.compile(
    rf"[ ，、）：]|[\n]?$|[^，。；\n]{{0,24}}目标(?:任务)?(?:是|为|：)|在[^，。；\n]{{1,14}}(?:{VERB.pattern})(?!了)|力争|计划|争取|确保|预计|[全新再要将各]|[^，。；\n已了]{{1,30}}要(?:率先|全[面部力]|积极|加快|力争|{VERB.pattern})|[我本][省市县区][^，。；\n]{{0,6}}将|基本|累计|初步|正式|试点|启动|稳[定步]|达|投产|(?:年度)?(?:重点|主要|工作)?(?:目标|任务|重点工作)|(?:{VERB.pattern})(?!情况|工作|方案|计划)"
)
_CITED = re.compile(r"《[^《》\n]{0,80}》")
_TITLE_LIKE = re.compile(
    r"[^，。；\n]{0,30}(?:方案|计划|要点|名单|目录|清单|报告|通知|指南|规划|范围|[\u4e00-\u9fff]表|人数|项目申报|[大竞比]赛)(?:[（》\n.]|$|为了?(?:进一步|深入|贯彻|落实|全面|切实|加[快强]|扎实|做好))"
)
_COUNTED = re.compile(r"\d[\d.]*[万亿]?(?:%|[\u4e00-\u9fff](?![底末日]))")
_MAKES, _PLAN_NAMED = (
    re.compile("(?:编制|制定|制订|出台|修订|印发)$"),
    re.compile("[^，。；\n]{1,16}(?:规划|计划|方案|纲要)"),
)
_NAMED_BEFORE = re.compile(
    r"(?:》|方案|计划|意见|决定|条例|规则|细则|通知|体系|汇编|指南|规划|纲要|要点|办法|规定|标准|目录|版|号|清单|基期|上年|基准|总结)（$"
)
_VALID_FOR = re.compile("(?:期限|时间|有效期)为$|(?:上一?年度?|去年)的? ?$")  # 上一年度1月至12月的数据
_FORESEEN, _WILL = (
    re.compile("预[计测]到$|展望[到至]?$"),
    re.compile(r"[^。；\n]{0,40}将(?:[达超增会]|突破|占)"),
)  # 预计到2030年，…将达到
_SO_FAR = re.compile(r"[^。；]{0,8}(?:[底末]，?)?(?:，|全[省市县国])?[^。；，]{0,8}(?:已|共|累计|现)")
_NOT_COMING = re.compile(
    r"[起版来]|的(?![^，。；\n]{0,20}目标)|开始|修[订正]|以[来后前]|第|.{0,6}(?:奥运|奥会|残奥|亚运|全运|大运会|世博|世园)|.{0,25}(?:印发|发布|出台|下发|颁布|召开|已|[建完实达取][成得]?了|会议|精神|以来|研究决定|[举召][办开行]的)|(?:首次|新|获得)*(?:认定|入选|入库)的|，[^，。；\n]{0,10}(?:收到|受理|接到|荣获|获评|享受|印发)"
)
# 2023年，全市专利授权2.9万件，同比增长22%
_STATED = re.compile(
    r"(?![^。；\n]{0,60}(?:以上|左右|力争|争取|确保|目标|预期|不[低少]于))[^。；\n]{0,60}(?:历史新高|仅为\d|同比(?:增长|提高|上升|下降)\d)"
)
_BUILT = re.compile(
    "已|(?:首次|新|获得)*(?:建[成设造]|竣工|投[产用运]|认定|注册|登记|出厂|购置|出生|签订|取得|退休|毕业|入职)(?:使用|投用)?的(?!目标|任务)"
)  # 2000年以前建成的小区
_TAKING_EFFECT = re.compile(r"(?:正式)?(?:(?:施行|废止|生效)|(?:实施|执行|印发)(?=[，。；）\n]|$))|日?有效|起|止")
_APPLYING = re.compile(r"报名.{0,12}$|申报.{0,12}$|公示.{0,8}$")  # 申报时间为2025年3月, but 申报材料于2025年3月底前报送
_HEAD_OF_VALUE = re.compile(r"[率值额量数比重例积入模度力人口]$")  # 供水普及率 2025年达到97%
_DONE_BY = re.compile(r"[^，。；\n了已]{0,12}(?:实现|完成|达到|建成)(?!了)")  # 2025年底化工企业实现全覆盖
_OPENS = re.compile(r"(?:^|[。；：\n）（—]|[、.] ?)\s*(?:力争|争取|确保|计划|其中|在|于)?(?:[到至] ?)?$")
_EARLY = 6  # a month of issue up to which the year of issue lies ahead


@lru_cache(maxsize=16)
def due_marks(text: str, times: Calendar) -> tuple[DueMark, ...]:
    """The dates of a normalised text by or in which something is to be done, in order.

    "到2025年" → 2025 · "2025年8月至10月" → 2025-10 · "“十四五”末" → 2025 · "每年" → 每年 · "3年内" → no date · "2020年以来" → nothing
    """
    marks: list[DueMark] = []
    titles = [title.span() for title in _CITED.finditer(text)] if "《" in text else []
    for match in _MARK.finditer(text):
        cited = bisect_right(titles, (match.start(), len(text))) - 1
        if cited >= 0 and match.end() < titles[cited][1]:
            continue  # 《申报指南（2021年）》
        if match["listed"]:
            marks.extend(_listed(match, times))
        elif mark := _READERS[match.lastgroup or ""](text, match, times):
            marks.append(mark)
    return tuple(marks)


def _listed(match: re.Match[str], times: Calendar) -> Iterator[DueMark]:
    """The years of 2024年、2025年分别达到, the last of which knows them all."""
    years = list(re.finditer(r"(\d{4}) ?年?", match[0]))
    coming = tuple(year[1] for year in years)
    if int(coming[-1]) >= times.since:
        for i, year in enumerate(years):
            start, end = (match.start() + at for at in year.span())
            each = coming if i == len(years) - 1 else ()
            yield DueMark(start, end, "year", due=year[1], reach="paragraph", each=each)


def _period(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    if int(match["last"]) < times.since or text[end : end + 1] in ("）", "》") or text[end : end + 2] == "规划":
        return None
    before = text[max(0, start - 6) : start]
    if (_MAKES.search(before) and _PLAN_NAMED.match(text, end)) or _TITLE_LIKE.match(text[end : end + 32]):
        return None  # 编制2025—2030年布局专项规划
    if before.endswith("对") or EXPIRY.search(before) or ("学" in match[0] and not HEAD.search(before)):
        return None  # 沿用2024—2025学年的版本
    return DueMark(start, end, "period", due=match["last"], reach="paragraph")


def _months(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """The last month of 2025年8月至10月; without a year only months that were to come on the day of issue."""
    start, end = match.span()
    month, day, named = int(match["to_month"]), match["to_day"], match["to_year"] or match["from_year"]
    year = named or said_year(text, start) or (times.year if month >= times.issue_month else "")
    so_far = not times.since or (not named and 0 < month <= times.issue_month)
    if int(match["from_month"]) == 1 and so_far and "日" not in match[0]:
        return None  # 2018年1-10月，累计实现: figures of a year so far
    if _VALID_FOR.search(text, max(0, start - 8), start) or text.startswith("期间", end):
        return None
    if int(match["from_month"]) == 1 and day == "31" and month == 12:
        return None  # 2019年1月1日至12月31日: how long a rule applies
    if not year or times.is_past(int(year), month) or _NOT_COMING.match(text, end):
        return None
    if not named and not ("月" in match[0][:4] or LABEL.search(text, max(0, start - 8), start)):
        return None
    due = f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")
    return sound(DueMark(start, end, "months", due=due, reach="paragraph"))


def _days(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """The last day of 8月15日至22日, where it was to come on the day of issue."""
    start, end = match.span()
    month = int(match["days_month"])
    year = match["days_year"] or said_year(text, start) or (times.year if month >= times.issue_month else "")
    if not year or times.is_past(int(year), month) or _NOT_COMING.match(text, end):
        return None
    reach: Reach = "paragraph" if opens_sentence(text, start) else "sentence"
    return sound(DueMark(start, end, "months", due=f"{year}-{month:02}-{int(match['last_day']):02}", reach=reach))


def _starting(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    last = int(match["start_year"]) + int(numerals.number(match["years"]) or 1) - 1
    if last < times.since:
        return None
    return DueMark(match.start(), match.end(), "period", due=str(last), reach="paragraph")


def _dated(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    before, after = text[max(0, start - 14) : start], text[end : end + 32]
    year = numerals.year(match["year"])
    if year is None:
        return DueMark(start, end, "garbled") if match["close"] and not _BUILT.match(after) else None
    until, before_it = UNTIL.search(before), match["close"].strip().endswith(("前", "为止", "内"))
    if year < times.since or _TAKING_EFFECT.match(after) or EXPIRY.search(before) or _is_foreseen(text, match):
        return None
    if not until and before_it and _BUILT.match(after):
        return None
    month = int(numerals.number(match["month"]) or 12) if match["month"] else 12
    if before.endswith("截至") and (_SO_FAR.match(after) or times.is_past(year, month)):
        return None
    if not until and not before_it and (_APPLYING.search(before) or not _is_coming(text, match, times)):
        return None
    opens = until or opens_sentence(text, start)  # 加快研发，2022年，形成能力: this sentence only
    reach: Reach = "paragraph" if opens and (until or not before_it) else "sentence"
    if before.endswith("（") and after.startswith("）"):
        reach = "none" if not LABEL.search(before) else reach
    return sound(DueMark(start, end, "until" if until or before_it else "year", due=_iso(year, match), reach=reach))


def _is_foreseen(text: str, match: re.Match[str]) -> bool:
    """Whether a date says when something is foretold: 预计到2030年，人口将达到50万."""
    said = _FORESEEN.search(text, max(0, match.start() - 4), match.start())
    return said is not None and (said[0] != "预计到" or _WILL.match(text, match.end()) is not None)


def opens_sentence(text: str, at: int) -> bool:
    """Whether a date stands at the head of its sentence: 到2025年，…"""
    return _OPENS.search(text, max(0, at - 8), at) is not None


def _is_coming(text: str, match: re.Match[str], times: Calendar) -> bool:
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
    heads = ends or HEAD.search(before) or (reaches and (later or _HEAD_OF_VALUE.search(before)))
    over = (match["month"] or match["part"]) and times.is_past(year, int(_iso(year, match)[5:7] or 12))
    if over or _REFERENCE.search(before) or not heads or _NOT_COMING.match(after):
        return False
    ahead = not match["day"] or (
        after.startswith("，") and _iso(year, match) > (times.issued_on or f"{times.since or year}-99")
    )
    if _TITLE_LIKE.match(text[end : end + 40]) or not ahead or _STATED.match(text, end):
        return False  # 2019年2月26日，省教育厅研究制定
    unknown = times.since == 0 and year == times.farthest
    if unknown or (year == times.since and 0 < times.issue_month <= _EARLY):
        valued = after[:1].isdigit() and _HEAD_OF_VALUE.search(before)  # 占比2025年60%以上
        later = later or bool(valued or _WILL_REACH.match(after))
    if match["fiscal"] or not match["dated"].strip().endswith("年"):
        return bool(ends or _COMING.match(after)) or (unknown and later)
    return later or bool(_COMING.match(after) or _PROMISED.search(before))


def _then_later(text: str, end: int, year: int) -> bool:
    """Whether the sentence goes on to a later year: 2026年完成320家，2027年完成400家."""
    then = _NEXT_YEAR.match(text, end)
    return then is not None and int(then["year"]) > year


def _iso(year: int, match: re.Match[str]) -> str:
    """The date as precise as printed; a half or a quarter is told by its last month."""
    part = (match["part"] or "").strip("第季度")
    if part:
        return f"{year}-{QUARTERS.get(part) or (6 if part == '上半年' else 12):02}"
    if not match["month"]:
        return str(year)
    month = int(numerals.number(match["month"]) or 0)
    if not 1 <= month <= 12:
        return str(year)
    return f"{year}-{month:02}" + (f"-{int(match['day']):02}" if match["day"] else "")


def _plan(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    due = str(PLAN_ENDS[match["ordinal"]])
    before = text[max(0, match.start() - 4) : match.start()]
    if not (HEAD.search(before) or UNTIL.search(before) or "末" in match[0]):
        return None
    return DueMark(match.start(), match.end(), "plan", due=due, reach="paragraph") if int(due) >= times.since else None


def _lost(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "lost", reach="paragraph")


_READERS = {
    "period": _period, "months": _months, "days": _days, "starting": _starting, "dated": _dated, "plan": _plan, "lost": _lost,
    **figures.READERS, **relative.READERS, **recurrences.READERS,
}  # fmt: skip
