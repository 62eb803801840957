"""The context that a document and a section give to their sentences: plan or rule, report of the past, lost digits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kb.extraction.deadlines.calendar import latest_year
from kb.extraction.deadlines.work_reports import turn_of
from kb.extraction.vocabulary import section_named, short_headings
from kb.models import Document
from kb.text import Passage
from kb.text.blanks import plainly

# Documents that rule, report or publish rather than plan: there a quantity is a commitment only when a date or a promise says so.
_PLANS = re.compile(r"方案|计划|规划|意见|措施|要点|行动|工程|纲要|决定|安排|任务|目标|部署|政策")
_RULES = re.compile(
    r"办法|规定|条例|细则|规则|规程|法$|章程|准则|规范|标准|指南|指引|目录|公告|公示|通告|名单|表彰|认定|解读|答记者问|批复|公报|纪要|总结|年度报告|申报|评选|申请|招聘|解释|复函|答复|释义|白皮书"
)
# Words of documents without a title that call for applications, explain, report or rule.
_RULES_IN_TEXT = re.compile(
    r"申报|申请人|推荐单位|评审|评选|提名|第[一二三四五六七八九十]{1,3}条|记者|　答：|解读|（图|收悉|同意你"
)
_LOST_DIGITS = re.compile(r"〔〕|[\u4e00-\u9fff”]%(?=[\u4e00-\u9fff])|[到至]年(?=底|[\u4e00-\u9fff])")
_RULE_LAST = re.compile(
    r"(?:办法|规定|条例|细则|规则|规程|章程|准则|规范|指南|目录|公告|通告|司法解释|若干问题的解释|(?:修改|废止|修订)[^，。]{1,60}的决定)(?:[（〔\[(][^）)]{1,6}[）)\]〕])?$"
)
_REPORTS = re.compile(
    "政府工作报告(?!》?[^，。]{0,12}(?:任务|分工|分解|目标|落实))|工作(?:报告|汇报|总结)$|(?:检查|督查|评估|审计|调查|监测|调研|验收|述职|绩效)报告|情况(?:的?(?:报告|汇报|通报|函))?$"
)
_REPORT_OPENS = re.compile(
    "各位代表|(?<!《)政府工作报告(?![》确提]|[^，。]{0,12}(?:任务|分工|分解|目标|落实))|(?:情况|工作)(?:函告|报告|汇报|通报|通告|公告|公布)如下"
)
# The headings of a report that every office writes each year, whatever opens it.
_YEARLY_REPORT = re.compile("(?:主动公开|依申请公开)(?:政府)?信息情况|政府信息公开工作年度报告|依申请公开方面")
_YEAR_OVER = re.compile(r"\s*(20\d\d) ?年(?:度|来|以来)?，?(?![^。]{0,60}(?:将|要|计划))")  # 2018年，我局认真落实…
_AHEAD = re.compile(r"(?:目标|任务|安排|计划|重点工作|部署|下一步|今年|打算|建议|要求|规划|思路)(?!.*情况$)")
# A rule that lost its title and the numbers of its articles.
_RULES_ITSELF = re.compile("(?:制定|适用|违反)本(?:办法|规定|条例|细则|规则|规程)")
# What publishes, approves or answers: 现将通过复核的…名单予以公布, …收悉, 经研究，批准…
_PUBLISHES = re.compile(
    "现(?:将|予|对)?[^。；\n]{0,60}予以?公[布示]|现[予将]公[布示告]|特此(?:公[布示告]|批复|函复)|收悉。|经研究，?(?:同意|批准|认定|决定(?:认定|授予|命名|取消|撤销|表彰))|同意你[省市县区公单]"
)
# The articles of a rule; a title may be lost.
_ARTICLE = re.compile(r"(?:^|\n) *第[一二三四五六七八九十百]{1,5}条[ \u3000]")
_ARTICLES = 4
_OPENING = 400  # characters in which a report says what it is
_RULED_PER_THOUSAND = 2.5  # such words in a thousand characters; plans of the sample stay below 1.5
PROMISES_NOTHING = ("past", "conditions")  # sections


@dataclass(frozen=True, slots=True)
class Setting:
    """What a document is, as far as its kind decides which of its quantities are commitments."""

    plans: bool = True
    reports: bool = False  # a report on work done, which plans only under some of its headings
    digits_lost: bool = False
    issued_year: int = 0
    ahead: int = 0  # where a work report begins to look ahead


def setting_of(document: Document) -> Setting:
    """What kind of document this is, whether its scan lost digits, and when it was issued."""
    return _setting(document.title, document.kind, document.text, document.issued_on)


@lru_cache(maxsize=16)
def _setting(title: str, kind: str, text: str, issued_on: str) -> Setting:
    title, reading = plainly(title).text, plainly(text)
    text, turn = reading.text, turn_of(title, reading.text)
    return Setting(
        _plans(title, kind, text),
        bool(_REPORTS.search(title) or _REPORT_OPENS.search(text[:_OPENING])) or _looks_back(title, text, issued_on),
        bool(_LOST_DIGITS.search(text)),
        latest_year(title, text, issued_on),
        reading.span(turn, turn).start if turn else 0,
    )


def _looks_back(title: str, text: str, issued_on: str) -> bool:
    """Whether a text begins with the year before that of its issue (2018年，我局认真落实…, signed in 2019) or is a yearly report."""
    opening = _YEAR_OVER.match(text.strip().removeprefix(title))
    return _PLANS.search(title) is None and bool(
        (opening and opening[1] < issued_on[:4]) or _YEARLY_REPORT.search(text)
    )


def _plans(title: str, kind: str, text: str) -> bool:
    if _RULE_LAST.search(title) or _PUBLISHES.search(text[:_OPENING]):
        return False  # 科技计划项目管理办法
    if name := title + kind:
        return bool(_PLANS.search(name)) or not _RULES.search(name)
    if len(_ARTICLE.findall(text)) >= _ARTICLES or _RULES_ITSELF.search(text):
        return False
    return len(_RULES_IN_TEXT.findall(text)) <= _RULED_PER_THOUSAND * max(1, len(text) / 1000)


def section_of(passage: Passage, setting: Setting) -> str:
    """The kind of section by the headings above a passage: "past", "conditions", "aims", or "" when they say nothing.

    In a report every section is past unless a heading looks ahead; where a work report turns from one year to the next is known.

    "一、2021年工作回顾" → past · "（二）申报条件" → conditions
    """
    headings = passage.headings
    said = section_named(headings)
    aims = "" if said else next(("aims" for heading in short_headings(headings) if "目标" in heading), "")
    if setting.reports and not setting.ahead and not any(_AHEAD.search(heading) for heading in headings):
        return said or "past"
    return said or aims
