"""How often something is to be done: 每年12月底前, 一周一调度, 按月通报, 长期坚持."""

from __future__ import annotations

import re

from kb.extraction.deadlines.calendar import Calendar, DueMark

_REPORTS = "报送|上报|报告|调度|通报|汇总|总结|小结|研判|会商|检查|巡查|排查|督查|督导|考核|评估|统计|排名|发布|公布|公示|更新|监测|例会"
# What a date of a rhythm is written with: 末月25日前, 五下班前, 上午10时前.
_WHEN = r"[\d一二三四五六七八九十月周日号时点：分底末首初中上下旬午晚班 ]"
# 每年1000元, 每年给予: what is paid by the year sets no date.
_NOT_PAID = "|\\s*(?:\\d[\\d.]*[百千万亿]*元|最高|给予|补[助贴]|奖励|资助|不[少低超高多][于过]\\d[\\d.]*[百千万亿]*元)"

PATTERN = rf"""
    (?=[每一按当次长常持])(?:
    (?P<recurring>(?:(?<![人名家户均个项])|(?=每.{{1,2}}(?:至少|应|须|要|组织|开展|主持|召开|听取|研究|参加|撰写)))(?!每年[\d一二三四五六七八九十]{{1,2}}月[\d一二三四五六七八九十]{{1,3}}日为)(?P<every>每(?:学?年度?|半年|[一两二三]?个?(?:季度|月|周|季|学期|旬)|[两二三]年
        |[日天](?={_WHEN}{{2,10}}前|及?时?(?:{_REPORTS}))))
      (?:\ ?{_WHEN}{{1,10}}?(?:之?前|以前)                                                   # 每季度末月25日前
       |\ ?(?:1[0-2]|[1-9]|[一二三四五六七八九十]{{1,2}})\ ?月(?:\d{{1,2}}日)?|(?<=周)[一二三四五六日](?!周|[人名例])|\ ?\d{{1,2}}日|年?底|(?![度级份均生一二三四五六日天]{_NOT_PAID})))
  | (?P<once>一(?P<once_unit>日|天|周|旬|季度?|月|年)(?:一(?:{_REPORTS})|(?=(?:{_REPORTS})一次)))    # 一周一调度
  | (?P<by>按(?P<by_unit>日|周|旬|季度?|月|半年|年度?)(?=度?(?:{_REPORTS}|推进|拨付)))                # 按月调度
  | (?P<monthly>[当次]月\ ?\d{{1,2}}日(?:之?前|以前))                                                # 次月5日前
  | (?P<standing>(?<![增成生])(?:长期|常年)(?:坚持|推进|执行)?(?=[；，。\n]|）(?![\u4e00-\u9fff])|$)|(?:持续|常态化)(?:推进|实施|开展|坚持)(?=[；。）\n]|$))
    )
"""


def _recurring(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "every", recurrence=match["every"], reach="part")


def _once(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "rhythm", recurrence=f"每{match['once_unit']}", reach="part")


def _by(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    unit = match["by_unit"].removesuffix("度") if match["by_unit"] == "年度" else match["by_unit"]
    return DueMark(match.start(), match.end(), "rhythm", recurrence=f"每{unit}", reach="part")


def _monthly(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "every", recurrence="每月", reach="none")


def _standing(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "standing", recurrence=match[0], reach="none")


READERS = {"recurring": _recurring, "once": _once, "by": _by, "monthly": _monthly, "standing": _standing}
