"""Dates by which, in which or how often something is to be done, found in a text and resolved as far as the document's own dates allow."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from kb.extraction.deadlines import figures, recurrences, relative
from kb.extraction.deadlines.calendar import Calendar, DueMark, Reach, sound
from kb.extraction.deadlines.coming import NOT_COMING, TITLE_LIKE, is_coming, is_foreseen, opens_sentence
from kb.extraction.deadlines.figures import EXPIRY, LABEL, TO
from kb.extraction.deadlines.relative import CLOCK, HEAD, LISTED, QUARTERS, UNTIL, said_year
from kb.text import numerals

_CN = "〇零一二三四五六七八九"
_PATTERN = rf"""
    (?=[\d从自二“十])(?:
    (?P<period>(?:19|20)\d\d\ ?年?{TO}(?P<last>20\d\d)\ ?学?年度?)                          # 2021—2023年
  | (?P<months>(?:(?P<from_year>20\d\d)\ ?年\ ?)?(?<![\d.])(?P<from_month>1[0-2]|0?[1-9])\ ?月?份?(?:[底初]|[上中下]旬|\d{{1,2}}日(?:\d{{1,2}}[：时]\d{{0,2}})?)?{TO}
      (?:(?P<to_year>20\d\d)\ ?年\ ?)?(?P<to_month>1[0-2]|0?[1-9])\ ?月份?(?:(?P<to_day>3[01]|[12]\d|0?[1-9])\ ?日)?(?:[底末]|[上中下]旬)?(?:之?前)?)  # 2025年8月至10月
  | (?P<days>(?:(?P<days_year>20\d\d)\ ?年\ ?)?(?<!\d)(?P<days_month>1[0-2]|0?[1-9])\ ?月\ ?\d{{1,2}}日?{TO}(?P<last_day>3[01]|[12]\d|0?[1-9])\ ?日(?!内))    # 8月15日至22日
  | (?P<starting>[从自]?(?P<start_year>20\d\d)\ ?年(?:\d{{1,2}}月)?(?:起|开始)，?(?:计划|力争|争取)?(?:利?用|经过|通过)?\ ?(?P<years>\d|[一二两三四五六七八九十])\ ?年左?右?(?:之?内|以内|的?时间内?))  # 2021年起5年内
  | (?P<listed>(?:20\d\d\ ?年?[、和及与]){{1,8}}20\d\d\ ?年(?=[^。；\n]{{0,40}}分别|各?(?:组织|开展|召开|举办|进行|实施)(?!了|的|情况)))   # 2024年、2025年分别达到, 2026年和2028年组织评估
  | {figures.PATTERN}
  | (?P<dated>
      (?P<year>(?<!\d)\d{{4}}|二[{_CN}]{{3}})\ ?年
      (?:\ ?(?P<month>1[0-2]|0?[1-9]|[一二三四五六七八九十]{{1,2}})\ ?月(?:份)?
         (?:\ ?(?P<day>3[01]|[12]\d|0?[1-9])\ ?日)? )?                                      # 2025年12月31日
      \ ?(?P<part>上半年|下半年|第?[一二三四1-4]季度)?(?P<fiscal>(?<=年)度(?![的内]))?{CLOCK}
      (?P<close>年?\ ?(?:年?底|年?末|[上中下]旬|主?汛期?|[春夏秋冬]季(?:学期)?(?:开学)?|入冬|[采供]暖季|元旦|春节|五一|国庆节?)?(?:(?:之?前|以前)(?![一二三四两几\d]个?[季月]|半年)|为止|(?:征期|征缴期|申报期)?内)?)                   # 2025年底前
    )
  | (?P<plan>“?十(?P<ordinal>[二三四五六七])五”?\ ?(?:规划)?(?:末期?|期末|时?期间?内?))     # “十四五”末
    )
"""
_LOST = r"(?P<lost>(?<=[到至])(?<!达[到至])年(?!度)(?=底|[\u4e00-\u9fff\d]))  # 到年: the year is gone"
# What a date may begin with, so that the patterns are tried in few places: first by one character, then by a second.
_BEGINS = r"""(?=[\d一二三四五六七八九十两半第年今本当该明次翌上下全“每按从自通方意办规文计措印发公实收受签批长常持立即日周旬月季贯汛雨入春夏秋冬元国中清开供采强台高主于未重传节])
    (?=\d{1,4}\ ?[年月日天个小分周星工自季Qq./—～至到、和及与-]|[一二三四五六七八九十两半年今翌每从自汛]|第\ ?[一二三四1-4]|“十|上半|下[半发个月一]|全年|按[日周旬季月半年]
      |[本当该次明][年月日方通意办规文计措]|方案|通知|意见|办法|规定|文件|计划|措施|印发|发布|公布|实施|收到|受理|签订|批复
      |长期|常[年态]|持续|立[行即]|即[日知]|[日周旬月季][^一二三四五六日，。]{2}|贯穿|雨季|入冬|[春夏秋冬][节播耕收种]|元旦|国庆|中[秋高]|清明|开学|[供采]暖|强降|台风|高考|主汛|未来|[重传][大要统]节|节[前日假]|(?<=应)于)
"""
MARK = rf"""(?:{_PATTERN}|{recurrences.PATTERN}|{relative.PATTERN}|{_LOST}
    )"""
_MARK = re.compile(_BEGINS + MARK, re.VERBOSE)
_LISTED = re.compile(LISTED)
_CITED = re.compile(r"《[^《》\n]{0,80}》")
_MAKES, _PLAN_NAMED = (
    re.compile("(?:编制|制定|制订|出台|修订|印发)$"),
    re.compile("[^，。；\n]{1,16}(?:规划|计划|方案|纲要)"),
)
# 上一年度1月至12月的数据
_VALID_FOR = re.compile(
    "每年自?$|(?:期限|时间|有效期|所属期)为$|(?:期限|有效期|所属期|试点期|执行期)(?:暂?定?为|[自从是])$|(?:上一?年度?|去年)的? ?$"
)
_HAS_RUN = re.compile(r"[^。；，]{0,8}，?[^。；，]{0,8}已(?!知)|的[^，。；]{0,10}预[测估]")
_FROM = re.compile(r"[由从][^，。；（）]{0,24}?(?:19|20)\d\d ?年?[^，。；]{0,24}$")
# 2015年至2021年，投入从1763亿元增加到3000亿元
_CHANGED = re.compile(r"[^。；\n]{0,60}[从由][\d.]+[^，。；]{1,8}[增提升降减扩][^，。；\d]{0,4}[到至]\d")
_SO_FAR = re.compile(r"[^。；]{0,8}(?:[底末]，?)?(?:，|全[省市县国])?[^。；，]{0,8}(?:已|共|累计|现)")
# 2000年以前建成的小区
_BUILT = re.compile(
    "(?:(?!完成|实现|确保|[对将把])[^，。；\n了]){0,16}已经?(?:受理|备案|审批|核准|批准|立项|签订|签约|取得|办理|享受|参保|规定)[^，。；\n]{0,8}的|已|(?:首次|新|获得)*(?:建[成设造]|竣工|投[产用运]|认定|注册|登记|出厂|购置|出生|签订|取得|退休|毕业|入职)(?:使用|投用)?的(?!目标|任务)"
)
_LAST = 12  # 截至2025年12月: the end of a year may lie ahead
_TAKING_EFFECT = re.compile(
    r"(?:正式)?(?:(?:施行|废止|生效)|(?:实施|执行|印发)(?=[，。；）\n]|$))|日?有效|，[^，。；\n]{0,12}(?:继续|仍然?)有效|起|止"
)
# 申报时间为2025年3月, but 申报材料于2025年3月底前报送
_APPLYING = re.compile(r"报名.{0,12}$|申报.{0,12}$|公示[^，。；]{0,8}$")


@lru_cache(maxsize=16)
def due_marks(text: str, times: Calendar) -> tuple[DueMark, ...]:
    """The dates of a normalised text by or in which something is to be done, in order.

    "到2025年" → 2025 · "2025年8月至10月" → 2025-10 · "“十四五”末" → 2025 · "每年" → 每年 · "3年内" → no date · "2020年以来" → nothing
    """
    marks: list[DueMark] = []
    titles = [title.span() for title in _CITED.finditer(text)] if "《" in text else []
    for match in looked_for(text):
        cited = bisect_right(titles, (match.start(), len(text))) - 1
        if cited >= 0 and match.end() < titles[cited][1]:
            continue  # 《申报指南（2021年）》
        if match["listed"]:
            marks.extend(_listed(match, times))
        elif mark := _READERS[match.lastgroup or ""](text, match, times):
            marks.append(mark)
    return tuple(marks)


def looked_for(text: str) -> Iterator[re.Match[str]]:
    """What is written like a date, in order; whether it is one is decided later."""
    return _MARK.finditer(text)


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
    if times.is_past(int(match["last"])) or text[end : end + 1] in ("）", "》") or text[end : end + 2] == "规划":
        return None
    before = text[max(0, start - 6) : start]
    if (_MAKES.search(before) and _PLAN_NAMED.match(text, end)) or TITLE_LIKE.match(text[end : end + 32]):
        return None  # 编制2025—2030年布局专项规划
    if (
        before.endswith(("对", "“"))
        or _CHANGED.match(text, end)
        or EXPIRY.search(before)
        or ("学" in match[0] and not HEAD.search(before))
    ):
        return None  # 沿用2024—2025学年的版本
    return DueMark(start, end, "period", due=match["last"], reach="paragraph")


def _months(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """The last month of 2025年8月至10月; without a year only months that were to come on the day of issue."""
    start, end = match.span()
    month, day, named = int(match["to_month"]), match["to_day"], match["to_year"] or match["from_year"]
    year = named or said_year(text, start) or (times.year if month >= times.issue_month else "")
    labelled = LABEL.search(text, max(0, start - 8), start)
    so_far = not labelled and (not times.since or (not named and 0 < month <= times.issue_month))
    if int(match["from_month"]) == 1 and so_far and "日" not in match[0]:
        return None  # 2018年1-10月，累计实现: figures of a year so far
    if _VALID_FOR.search(text, max(0, start - 8), start) or text.startswith("期间", end):
        return None
    if int(match["from_month"]) == 1 and day == "31" and month == 12:
        return None  # 2019年1月1日至12月31日: how long a rule applies
    is_step = text.startswith("）", end)  # （2025年3月至10月）召开动员会: its bracket says when, not what stands behind
    if not year or times.is_past(int(year), month) or (not is_step and NOT_COMING.match(text, end)):
        return None
    if not named and not ("月" in match[0][:4] or labelled):
        return None
    due = f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")
    return sound(DueMark(start, end, "months", due=due, reach="paragraph"))


def _days(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """The last day of 8月15日至22日, where it was to come on the day of issue."""
    start, end = match.span()
    month = int(match["days_month"])
    year = match["days_year"] or said_year(text, start) or (times.year if month >= times.issue_month else "")
    if not year or times.is_past(int(year), month) or NOT_COMING.match(text, end):
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
    until = UNTIL.search(before)
    before_it = match["close"].strip().endswith(("前", "为止", "内")) or _LISTED.match(text, end) is not None
    if year < times.since or _TAKING_EFFECT.match(after) or EXPIRY.search(before) or is_foreseen(text, match):
        return None
    due = _iso(year, match)
    if _is_over(text, match, due, times) or (not until and before_it and _BUILT.match(after)):
        return None
    if not until and not before_it and (_APPLYING.search(before) or not is_coming(text, match, due, times)):
        return None
    opens = until or opens_sentence(text, start)  # 加快研发，2022年，形成能力: this sentence only
    reach: Reach = "paragraph" if opens and (until or not before_it) else "sentence"
    if before.endswith("（") and after.startswith("）"):
        reach = "none" if not LABEL.search(before) else reach
    return sound(DueMark(start, end, "until" if until or before_it else "year", due=due, reach=reach))


def _is_over(text: str, match: re.Match[str], due: str, times: Calendar) -> bool:
    """Whether a date ends what is told: 到2020年底，已建成; 由2015年的8万亿元增长至2020年的12万亿元; 对2020年前的工作."""
    before, after = text[max(0, match.start() - 14) : match.start()], text[match.end() : match.end() + 32]
    year, month = int(due[:4]), int(due[5:7] or 12)
    if not UNTIL.search(before):
        return before.endswith(("对", "是指")) and match["close"].endswith("前")
    reached = bool(times.issued_on) and due[:7] <= times.issued_on[: len(due[:7])]  # on the day of issue
    if before.endswith("截至") and (_SO_FAR.match(after) or times.is_past(year, month) or (reached and month < _LAST)):
        return True
    comes = times.since < year if times.since else False
    rises = not comes and _FROM.search(text, max(0, match.start() - 48), match.start())
    return bool(rises or _HAS_RUN.match(after))


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
    due = str(numerals.PLAN_ENDS[match["ordinal"]])
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
