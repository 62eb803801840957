"""Dates by which, in which or how often something is to be done, found in a text and resolved as far as the document's own dates allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from kb.extraction.vocabulary import VERB
from kb.models import Document
from kb.text import numerals

# How far a date reaches: "到2025年" governs the rest of its paragraph and what hangs below it, "2025年6月底前" its sentence,
# "每年" its own part of the sentence; "none" is said of nothing but itself.
Reach = Literal["paragraph", "sentence", "part", "none"]

_CN = "〇零一二三四五六七八九"
_MARK = re.compile(
    rf"""
    (?=[\d一二三四五六七八九十两半第年今本当明底内“每自方通意办规文计措印发公下实收受签批长常全持])  # what a date may begin with
    (?:(?P<period>(?:19|20)\d\d\ ?年?\ ?(?:——?|-|～|至|到)\ ?(?P<last>20\d\d)\ ?学?年度?)       # 2021—2023年
  | (?P<dated>
      (?P<year>(?<!\d)\d{{4}}|二[{_CN}]{{3}})\ ?年
      (?:\ ?(?P<month>1[0-2]|0?[1-9]|[一二三四五六七八九十]{{1,2}})\ ?月(?:份)?
         (?:\ ?(?P<day>3[01]|[12]\d|0?[1-9])\ ?日)? )?                                      # 2025年12月31日
      \ ?(?P<part>上半年|下半年|第?[一二三四1-4]季度)?(?P<fiscal>(?<=年)度(?![的内]))?
      (?P<close>年?\ ?(?:年?底|年?末|[上中下]旬)?(?:之?前|以前|为止|内)?)                   # 2025年底前
    )
  | (?P<month_only>(?<![\d年.])(?P<lone_month>1[0-2]|[1-9])\ ?月(?:份)?
      (?:\ ?(?P<lone_day>3[01]|[12]\d|[1-9])\ ?日)?\ ?[底末]?(?:[上中下]旬)?(?:之?前|以前|(?<=[底末])))   # 12月底前
  | (?P<quarter>(?<![年每上])第?(?P<lone_quarter>[一二三四1-4])季度\ ?[末底]?(?:(?:之?前|以前)|(?=，|完成|启动)))  # 三季度末前
  | (?P<this_year>(?<![半一二两三四五六七八九十几])(?P<which>[今本当明]年度?)?(?:年底|年末|年内|底|内)(?:之?前|以前)?)  # 年底前, 今年底
  | (?P<labelled>(?:(?<=时限：)|(?<=期限：)|(?<=成时间：))\ ?
      (?:(?P<labelled_month>1[0-2]|[1-9])\ ?月(?:份|底|末|中旬)?|长期[\u4e00-\u9fff]{0, 4}|持续[\u4e00-\u9fff]{0, 4}|常态化[\u4e00-\u9fff]{0, 4}|全年))
  | (?P<plan>“?十(?P<ordinal>[二三四五六七])五”?\ ?(?:规划)?(?:末期?|期末|时?期间?内?))     # “十四五”末
  | (?P<recurring>(?<![人名家户均个项])(?P<every>每(?:学?年度?|半年|[一两二三]?个?(?:季度|月|周|季|学期)|[两二三]年))(?![度级份均生一二三四五六日天])
      (?:\ ?(?:1[0-2]|[1-9]|[一二三四五六七八九十]{{1,2}})\ ?月(?:\d{{1,2}}日)?\ ?[底末]?(?:[上中下]旬)?(?:之?前|以前)?|年?底前?)?)     # 每年12月底前
  | (?P<since>自?[本该]?(?:方案|通知|意见|办法|规定|文件|计划|措施)?(?:印发|发布|公布|下发|实施|收到|受理|签订|批复)
      [^，。；\n]{{0,8}}?(?:之?日起?|后)\ ?(?P<count>\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})
      \ ?(?P<span>个?工作日|个?自然日|日|天|个月|年)(?:之内|以内|内))                      # 自印发之日起30日内
  | (?P<within>(?<![\d.第近前后起的])(?<!毕业)(?<!创办)(?<!成立)(?<!离校)(?<!退役)(?<!注册)(?<!结束)(?<!期满)(?:\d{{1,2}}|[半一二三四五六七八九十两]{{1,2}})\ ?(?:年|个月)(?:之内|以内|内)) # 3年内
  | (?P<standing>(?:长期|常年)(?:坚持|推进|执行)?(?=[；，。）\n]|$)|(?:持续|常态化)(?:推进|实施|开展|坚持)(?=[；。）\n]|$))
  | (?P<lost>(?<=[到至])年(?=底|[\u4e00-\u9fff\d]))                                         # 到年: the year is gone
    )
    """,
    re.VERBOSE,
)
_UNTIL = re.compile(r"(?:到|至|截至|截止)\ ?$")
_EVERY_YEAR = re.compile(r"每年[^，。；\n]{0,14}$")  # 每年6月15日和 12月15日前
_REACHES = re.compile(r"力争|分别|达|实现|完成|建成|提[高升]|增[至加长]|降[至低到]|不[低少高超]")
_PROMISED = re.compile(r"(?:力争|争取|确保|计划)$")
_LABEL = re.compile(r"(?:时限|期限|完成时间)：\ ?$")
_REFERENCE = re.compile(r"(?:(?<!占)比|[较以对自从由的及和将按是为与〔《（]|相比|完成|公布|颁布|发布|根据|参照)\ ?$")
_COMING = re.compile(
    rf"[ ，、）]|[\n]?$|力争|计划|争取|确保|预计|[全新再要将各]|基本|累计|初步|正式|试点|启动|稳[定步]|达|投产|(?:{VERB.pattern})(?!情况|工作|方案|计划)"
)
_TITLE_LIKE = re.compile(
    r"[^，。；\n]{0,30}(?:方案|计划|要点|名单|目录|清单|报告|通知|指南|规划|项目申报)(?:[（》\n]|$)"
)
_SO_FAR = re.compile(r"[^。；]{0,8}(?:[底末]，?)?(?:，|全[省市县国])?[^。；，]{0,8}(?:已|共|累计|现)")
_HEAD = re.compile(r"(?:^|[，。；：\n）—、]) *(?:力争|争取|确保|计划|其中|在|于)?$")
_NOT_COMING = re.compile(
    r"[起的版来]|开始|修[订正]|以[来后前]|第|.{0,25}(?:印发|发布|出台|下发|颁布|召开|已|[建完实达取]成?了|会议|精神|以来|研究决定)"
)
_TAKING_EFFECT = re.compile(r"起?(?:正式)?(?:施行|实施|执行|废止|印发|生效)|日?有效|起")
_EXPIRY = re.compile(
    r"有效期?.{0,4}$|截止.{0,4}$|报名.{0,12}$|申报.{0,12}$|公示.{0,8}$|(?:注册|出生|成立)[^，。；]{0,4}$"
)
_ANNUAL = re.compile(r"(?<![\d—至到-])(20\d\d)年(?:度|[^—至到\-\d].*(?:方案|要点|计划|安排|任务|工程|实事|意见|措施))")
_NUMBERED = re.compile(r"[〔\[（(](20[0-3]\d)[〕\]）)]\s?第?\d{1,4}号")
_QUARTERS = {"一": "03", "二": "06", "三": "09", "四": "12", "1": "03", "2": "06", "3": "09", "4": "12"}
_PLAN_ENDS = {ordinal: 2015 + 5 * i for i, ordinal in enumerate("二三四五六七")}  # “十二五”: 2011 to 2015
_FIVE_YEARS = re.compile(r"(?<![第二三四五六七八九])十(?P<ordinal>[二三四五六七])五(?=”|规|时期|期间)")


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a document says about its own time: when it was issued, and the year it plans when it is a plan of one year."""

    issued_on: str = ""
    plan_year: str = ""
    since: int = 0  # years before it are past

    @property
    def year(self) -> str:
        """The year that 年底前 means, "" when the document does not say."""
        return self.plan_year or (self.issued_on[:4] if self.issued_on[:4].isdigit() else "")

    def year_of_month(self, month: int) -> str:
        """The year that 3月底前 means: the next one when that month had passed on the day of issue."""
        if self.plan_year or not self.year or not self.issued_on[5:7]:
            return self.year
        return self.year if month >= int(self.issued_on[5:7]) else str(int(self.year) + 1)


@dataclass(frozen=True, slots=True)
class DueMark:
    """A date found in a text, places counted in that text."""

    start: int
    end: int
    rule: str
    due: str = ""
    recurrence: str = ""
    reach: Reach = "sentence"


def calendar(document: Document) -> Calendar:
    """The document's own time; it plans one year when its title says so and its text says that year again."""
    return _calendar(document.title, document.text, document.issued_on)


@lru_cache(maxsize=16)
def _calendar(title: str, text: str, issued_on: str) -> Calendar:
    since = latest_year(title, text, issued_on)
    annual = _ANNUAL.search(title)
    again = rf"(?<![《\d]){annual[1]}年(?!\d|.{{0,25}}{re.escape(title[-4:])})" if annual else ""
    if annual and re.search(again, text.replace(title, "")):
        return Calendar(issued_on, annual[1], since)
    return Calendar(issued_on, since=since)


def latest_year(title: str, text: str, issued_on: str) -> int:
    """The year of issue, 0 when nothing tells it: as printed, else the first of the five years that the title plans (“十三五”: 2016),
    or the latest year of a document number that the text cites.
    """
    if issued_on[:4].isdigit():
        return int(issued_on[:4])
    planned = _FIVE_YEARS.search(title)
    first = _PLAN_ENDS[planned["ordinal"]] - 4 if planned else 0
    return first or max(map(int, _NUMBERED.findall(text)), default=0)


@lru_cache(maxsize=16)
def due_marks(text: str, times: Calendar) -> tuple[DueMark, ...]:
    """The dates of a normalised text by or in which something is to be done, in order.

    "到2025年" → 2025 · "2025年12月底前" → 2025-12 · "“十四五”末" → 2025 · "每年" → 每年 · "3年内" → no date · "2020年以来" → nothing
    """
    marks: list[DueMark] = []
    for match in _MARK.finditer(text):
        mark = _READERS[match.lastgroup or ""](text, match, times)
        if mark:
            marks.append(mark)
    return tuple(marks)


def _period(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    if int(match["last"]) < times.since or text[end : end + 1] in ("）", "》") or text[end : end + 2] == "规划":
        return None
    return DueMark(start, end, "period", due=match["last"], reach="paragraph")


def _dated(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    before, after = text[max(0, start - 14) : start], text[end : end + 32]
    year = numerals.year(match["year"])
    if year is None:
        return DueMark(start, end, "garbled") if match["close"] else None
    until, before_it = _UNTIL.search(before), match["close"].strip().endswith(("前", "为止", "内"))
    if year < times.since or _TAKING_EFFECT.match(after) or _EXPIRY.search(before):
        return None
    if before.endswith("截至") and _SO_FAR.match(after):
        return None
    if not until and not before_it and not _is_coming(text, match, times):
        return None
    reach: Reach = "paragraph" if until or not before_it else "sentence"
    return DueMark(start, end, "until" if until or before_it else "year", due=_iso(year, match), reach=reach)


def _is_coming(text: str, match: re.Match[str], times: Calendar) -> bool:
    """Whether a bare date at the head of a statement (2024年，新建…) is one of the future."""
    start, end = match.span()
    before, after = text[max(0, start - 14) : start], text[end : end + 32]
    if _LABEL.search(before):
        return True
    later = 0 < times.since < (numerals.year(match["year"]) or 0)
    heads = _HEAD.search(before) or (later and _REACHES.match(after))
    if _REFERENCE.search(before) or not heads or _NOT_COMING.match(after):
        return False
    if _TITLE_LIKE.match(after) or (match["day"] and not after.startswith("，")):
        return False
    if match["fiscal"] or not match["dated"].strip().endswith("年"):
        return bool(_COMING.match(after))
    return later or bool(_COMING.match(after) or _PROMISED.search(before))


def _iso(year: int, match: re.Match[str]) -> str:
    """The date as precise as printed."""
    if match["part"]:
        quarter = match["part"].strip("第季度")
        return (
            f"{year}-{_QUARTERS[quarter]}"
            if quarter in _QUARTERS
            else f"{year}-06"
            if match["part"] == "上半年"
            else str(year)
        )
    if not match["month"]:
        return str(year)
    month = int(numerals.number(match["month"]) or 0)
    if not 1 <= month <= 12:
        return str(year)
    return f"{year}-{month:02}" + (f"-{int(match['day']):02}" if match["day"] else "")


def _month_only(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    if _EVERY_YEAR.search(text, max(0, match.start() - 16), match.start()):
        return DueMark(match.start(), match.end(), "every", recurrence="每年", reach="part")
    month, day = int(match["lone_month"]), match["lone_day"]
    said = _said_year(text, match.start()) or times.year_of_month(month)
    due = f"{said}-{month:02}" + (f"-{int(day):02}" if day else "") if said else ""
    return DueMark(match.start(), match.end(), "month", due=due)


def _said_year(text: str, at: int) -> str:
    """The year last named in the same paragraph, shortly before: 2021年6月底前…，12月底前…"""
    start = max(text.rfind("\n", 0, at) + 1, at - 120)
    years = re.findall(r"(20\d\d)年(?=\d)", text[start:at])
    return years[-1] if years else ""


def _this_year(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    which, before = match["which"], text[max(0, start - 3) : start]
    until = _UNTIL.search(before)
    if not which and (
        match[0] in ("底", "内", "底前", "内前", "底以前") or (not until and not match[0].endswith(("前", "内")))
    ):
        return None
    if not which and before[-1:].isdigit():
        return None
    year = str(int(times.year) + 1) if which and which[0] == "明" and times.year else times.year
    return DueMark(start, end, "this-year", due=year, reach="paragraph" if until else "sentence")


def _plan(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    due = str(_PLAN_ENDS[match["ordinal"]])
    return DueMark(match.start(), match.end(), "plan", due=due, reach="paragraph") if int(due) >= times.since else None


def _quarter(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    year = _said_year(text, match.start()) or times.year
    due = f"{year}-{_QUARTERS[match['lone_quarter']]}" if year else ""
    return DueMark(match.start(), match.end(), "quarter", due=due) if due else None


def _labelled(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """What stands behind 完成时限： without a year."""
    start, end = match.span()
    if not match["labelled_month"]:
        return DueMark(start, end, "standing", recurrence=match[0].strip(), reach="none")
    month = int(match["labelled_month"])
    year = _said_year(text, start) or times.year_of_month(month)
    return DueMark(start, end, "month", due=f"{year}-{month:02}" if year else "")


def _recurring(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "every", recurrence=match["every"], reach="part")


def _since(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    count, unit = numerals.number(match["count"]), match["span"]
    issuing = re.search("印发|发布|公布|下发|实施", match[0])
    if not (
        issuing
        and count
        and len(times.issued_on) == 10
        and times.issued_on[:4].isdigit()
        and unit in ("日", "天", "个自然日", "自然日")
    ):
        return DueMark(start, end, "since")
    return DueMark(start, end, "since", due=str(date.fromisoformat(times.issued_on) + timedelta(days=int(count))))


def _within(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "within", reach="none")


def _standing(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "standing", recurrence=match[0], reach="none")


def _lost(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "lost", reach="paragraph")


_READERS: dict[str, Callable[[str, re.Match[str], Calendar], DueMark | None]] = {
    "period": _period, "dated": _dated, "month_only": _month_only, "quarter": _quarter, "this_year": _this_year,
    "labelled": _labelled, "plan": _plan,
    "recurring": _recurring, "since": _since, "within": _within, "standing": _standing, "lost": _lost,
}  # fmt: skip
