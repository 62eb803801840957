"""Titles as names of works, to match versions and citations.

A title names a work and its issuer, and may name the version:
关于印发《某省专利奖励办法（试行）》的通知 → work 某省专利奖励办法, a trial version.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.lexicon import KINDS, ORGAN_ENDING
from kb.text import normalise
from kb.text.numerals import PLAN_ENDS, year

_QUOTES = re.compile(r"[《》〈〉<>“”\"‘’「」『』]")
_FORWARDED = re.compile(
    r"(?P<before>.*?)(?:关于)?(?:印发|转发|批转|发布|公布|下发|颁布|颁发|修订印发|重新印发)(?:关于印发)?(?P<work>.{4,}?)的?(?:通知|公告|决定|命令|函|通告)"
)
_DRAFT = r"(?:公开)?征求意见稿?|(?:修[订正])?草案.{0,8}|送审稿|讨论稿|审议稿|报批稿|初稿"
_MARK = re.compile(
    rf"（(?:(?P<draft>{_DRAFT})|试行稿?|暂行|(?:\d{{4}}年?)?(?:新?修[订正改](?:[稿版本])?|版|[年修]?本|年度版|年版)|\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?修[订正]"
    r"|第[一二三四五六七八九十]次修[订正]|.{0,8}修订版|最新版?|全文|已?废止|已?失效|代拟稿)）"
)
_STAGE = re.compile(rf"(?:暂行|试行)(?={'|'.join(KINDS)})")
_ISSUED_BY = re.compile(r"(?P<organs>[^关]{2,90}?)(?:等[一二三四五六七八九十\d]{0,3}(?:个?部门|部委|单位)?)?关于(?=.)")
_STATE = "中华人民共和国"
_NO_LETTER = re.compile(r"[\W_]+")

# One-time acts: the same title next year is another act, not a newer version.
_ONCE = re.compile(
    r"(?:通知|通报|通告|公告|公报|函|批复|答复|决定|决议|命令|令|报告|请示|议案|纪要|讲话|解读|问答|修正案|倡议书|名单|结果|意见的说明)$"
)
# The year, the years or the five-year plan of an edition; 2025年第四批 and 公告2019年第1号 are none of a year.
_YEAR = r"20\d\d | 二[〇零][〇零一二三四五六七八九]{2}"
_PERIOD = re.compile(
    rf"""
    （? (?: (?: (?P<first> {_YEAR} ) 年? (?: \.?\d{{1,2}}月? )? [—～至到/-]{{1,2}} )?
            (?P<year> {_YEAR} ) (?: 年度? (?!第) (?: \d{{1,2}}月 )? | (?: \.\d{{1,2}} )? (?=） ) )
      | 十 (?P<plan> [一二三四五六七] ) 五 (?= 规划 | 时期 | 期间 | .*规划$ ) ) ）?
    """,
    re.VERBOSE,
)
# How many years a plan is for, and the how manieth it is: 新一轮三年行动计划 follows 三年行动计划, which may be called 行动计划.
_LASTING = re.compile(
    "(?:新一轮|第[一二三四五]轮|新)?(?:的)?[二两三四五六]年(?=行动|攻坚|提升|建设|实施|工作|计划|规划|方案)|新一轮"
)
# A subject that says nothing: (关于做好2025年)有关事项的(意见), but not 医保缴费有关事项.
_NO_SUBJECT = re.compile(
    r"(?:[^省市县区州盟旗]{1,6}[省市县区州盟旗])?(?:关于)?(?:进一步|切实|继续|做好|抓好|明确|调整|处理|解决|研究)*"
    r"(?:有关|相关|若干|部分|一些|几[个项]|各项)(?:重点|具体|政策)?(?:事项|问题|工作|事宜|情况|内容)的?"
)
_LEAST_WORK = 4  # characters of a name without its kind; a shorter name is ambiguous, unless it is a law
_LAWS = re.compile(r"(?:法|条例|法典|宪法|法通则)$")


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a work, read from a title."""

    work: str  # the characters common to all versions; "" when they are too general
    issuers: tuple[str, ...]  # as far as the title names them
    is_draft: bool
    is_once: bool  # a one-time act
    # The characters common to the editions of all years; "" when the title names none, or is too general
    series: str = ""
    period: str = ""  # the last year that the title names
    ends: str = ""  # that year where a plan is for several (2022—2024年, “十四五”规划): when it is over, so is the plan


@lru_cache(maxsize=8192)
def name_of(title: str) -> Name:
    """The name of the work in a title.

    "某省人民政府办公厅关于印发《某省专利奖励办法（试行）》的通知" → work "某省专利奖励办法", of 某省人民政府办公厅;
    "丙市2025年工作要点" → series "丙市工作要点", period "2025";
    "中华人民共和国水法（2016年修正）" → work "水法"; "实施方案" → no work
    """
    text = "".join(_QUOTES.sub("", normalise(title)).split()).replace("〔〔", "").replace("〕〕", "")
    issuers: tuple[str, ...] = ()
    is_draft = False
    while True:
        draft = [mark for mark in _MARK.finditer(text) if mark["draft"]]
        is_draft = is_draft or bool(draft)
        text = _MARK.sub("", text)
        forwarded = _FORWARDED.fullmatch(text)
        if forwarded is None:
            break
        issuers = issuers or _organs(forwarded["before"])
        text = forwarded["work"]
    issued = _ISSUED_BY.match(text)
    if issued and (named := _organs(issued["organs"])):
        issuers, text = named, text[issued.end() :]
    text = text.removeprefix("关于")
    work = _letters(text)
    period, is_span = _period(text)
    series = _letters(_LASTING.sub("", _PERIOD.sub("", text))) if period else ""
    is_once = _ONCE.search(work) is not None
    return Name(
        work if _is_distinctive(work) else "",
        issuers,
        is_draft,
        is_once,
        series if _is_yearly(series) else "",
        period,
        period if is_span and not is_once else "",
    )


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", _STAGE.sub("", text)).removeprefix(_STATE)


def _period(text: str) -> tuple[str, bool]:
    """The last year of the editions that a title names, "" for none; and whether it names several.

    "丙市2025年工作要点" → "2025", False; "行动方案（2024—2026年）" → "2026", True; "丙市养老“十四五”规划" → "2025", True
    """
    named = list(_PERIOD.finditer(text))
    years = [year(each["year"]) if each["year"] else PLAN_ENDS[each["plan"]] for each in named]
    return str(max(filter(None, years), default="")), any(each["first"] or each["plan"] for each in named)


def title_letters(text: str) -> str:
    """The letters by which a text is searched for titles: without signs, blanks, 暂行 and the name of the state.

    "中华人民共和国有线电视管理暂行办法 第二条" → "有线电视管理办法第二条"
    """
    squashed = _QUOTES.sub("", "".join(normalise(text).split()))
    return _NO_LETTER.sub("", _STAGE.sub("", squashed)).replace(_STATE, "")


def _organs(text: str) -> tuple[str, ...]:
    """The organs in a list of names; empty when the text contains anything else."""
    names = [
        name
        for name in re.split("[、，]", re.sub(r"等[一二三四五六七八九十\d]*(?:个?部门|部委|单位)?$", "", text))
        if name
    ]
    return tuple(names) if names and all(_ends_like_organ(name) for name in names) else ()


def _ends_like_organ(name: str) -> bool:
    return name in ("国务院", "中共中央", "中央军委") or any(m.end() == len(name) for m in ORGAN_ENDING.finditer(name))


def _is_distinctive(work: str) -> bool:
    """Whether a name identifies one work: 实施方案 and 国家林业局公告 do not."""
    if _LAWS.search(work):
        return len(work) > 1
    kind = _kind(work)
    return len(work) - len(kind) >= _LEAST_WORK and not _ends_like_organ(work.removesuffix(kind))


def _kind(work: str) -> str:
    return max((kind for kind in KINDS if work.endswith(kind)), key=len, default="")


def _is_yearly(series: str) -> bool:
    """Whether a name is that of a series: notices of two years have nothing to do with one another, nor have two 实施方案 or two 有关事项的意见.

    What an organ makes once a year needs no other subject: 丙市工作要点.
    """
    if series.endswith("政府工作报告"):
        return True
    if _NO_SUBJECT.fullmatch(series.removesuffix(_kind(series))):
        return False
    return not _ONCE.search(series) and (
        _is_distinctive(series) or (series.endswith("工作要点") and series != "工作要点")
    )


def number_key(number: str) -> str:
    """A document number in a form for comparison, "" when its digits are missing.

    "国办发[2016] 82号" → "国办发-2016-82"
    """
    text = "".join(normalise(number).split())
    letters = re.sub(r"[〔〕（）年第号]", " ", text).split()
    return "-".join(letters) if len(letters) > 2 and re.search(r"\d{4}", text) else ""


def could_be_one_number(key: str, other: str) -> bool:
    """Whether two keys may be the same number: the prefix of the organ may be abbreviated.

    "中国人民银行财政部公告-2018-16", "公告-2018-16" → True; "银发-2018-16", "公告-2018-16" → False
    """
    (prefix, *figures), (other_prefix, *other_figures) = key.split("-"), other.split("-")
    return figures == other_figures and (prefix.endswith(other_prefix) or other_prefix.endswith(prefix))


def could_be_one(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two lists of issuers may belong to one document: one is empty, or they share an organ, in full or abbreviated.

    ("科学技术部",), ("科技部", "财政部") → True; ("甲市人民政府",), ("乙市人民政府办公室",) → False
    """
    return not some or not others or any(_same_organ(a, b) for a in some for b in others)


def _same_organ(organ: str, other: str) -> bool:
    short, long = sorted((_bare(organ), _bare(other)), key=len)
    rest = iter(long)
    return bool(short) and all(letter in rest for letter in short)


def _bare(organ: str) -> str:
    return re.sub(r"办公[厅室]$", "", "".join(normalise(organ).split())).removeprefix(_STATE)
