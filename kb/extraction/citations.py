"""Other documents named in a clause: title in 《》, number behind it, and what the clause does with it."""

from __future__ import annotations

import re

from kb.models import Citation, Relation
from kb.text import Passage

_CITED = re.compile(
    r"""
    《(?P<title>(?:[^《》\n]|《[^《》\n]*》){2,120})》                            # 《关于推进教育高质量发展的若干意见》
    (?:\s?（(?P<number>[^（）\n]{0,16}?(?:〔\s?\d{0,4}\s?〕|\d{4}年)\s?第?\s?\d{0,5}\s?号)[^（）\n]{0,20}）)?   # （潭市发〔2021〕4号）
    | (?<![\u4e00-\u9fff])(?P<bare>[\u4e00-\u9fff]{2,12}〔\s?\d{4}\s?〕\s?\d{1,5}\s?号)   # 国办发〔2016〕82号 without a title
    """,
    re.VERBOSE,
)
_REPEALS_BEFORE = re.compile(r"(?:废止|同时废止|不再执行)\s?$")
_REPEALS_AFTER = re.compile(r"[^。；]{0,60}?(?:同时|即行|一并|予以)?(?:废止|停止执行|停止施行|不再执行|失效)")
_AMENDS = re.compile(r"(?:对|将)\s?$|(?:修改|修订|调整)\s?$")
_AMENDS_AFTER = re.compile(r"[^。；，]{0,20}?(?:作如下修改|作出修改|予以修改|修改为)")
_IMPLEMENTS = re.compile(r"(?:落实|贯彻|贯彻实施|执行|实施)(?:好|了)?[^。；《》]{0,40}$")
_BASED_ON = re.compile(r"(?:根据|依据|按照|依照|遵照|结合)[^。；《》]{0,40}$")
_DOCUMENTS = re.compile(
    r"(?:意见|通知|方案|办法|规划|计划|条例|规定|法|决定|纲要|措施|细则|政策|批复|要点|标准|规范|指南|目录|公告|制度|规则|准则|解释|议定书|公约|协定|章程|宪法|清单|函|命令|决议)(?:（[^（）]*）)?$|〔"
)


def find_citations(passage: Passage) -> tuple[Citation, ...]:
    """The documents that a clause's own text names, in order; names of journals, films and systems are not documents.

    "根据《关于推进教育高质量发展的若干意见》（潭市发〔〕4号）" → based_on, number 潭市发〔〕4号, damaged
    """
    reading = passage.reading
    text = reading.text
    found = []
    listed: Relation = "mentions"
    last_end = -1
    for match in _CITED.finditer(text):
        title = match["title"] or ""
        if title and not _DOCUMENTS.search(title) and not match["number"]:
            continue
        # 《甲》《乙》、《丙》 share what stands before the first of them.
        joined = last_end >= 0 and re.fullmatch(r"[、和及与，\s]{0,2}", text[last_end : match.start()]) is not None
        relation = _relation(text, match, listed if joined else "mentions")
        last_end, listed = match.end(), relation
        number = (
            reading.verbatim(*match.span("number"))
            if match["number"]
            else reading.verbatim(*match.span("bare"))
            if match["bare"]
            else ""
        )
        span = reading.span(*match.span())
        found.append(
            Citation(
                passage.clause.id,
                reading.source[span.start : span.end],
                span.start,
                span.end,
                title=reading.verbatim(*match.span("title")) if title else "",
                rule="title" if title else "number",
                document_number=number,
                relation=relation,
                damaged=_is_damaged(match["number"] or ""),
            )
        )
    return tuple(found)


def _relation(text: str, match: re.Match[str], otherwise: Relation) -> Relation:
    before = text[max(0, match.start() - 60) : match.start()]
    sentence = before[max(before.rfind(mark) for mark in "。；\n") + 1 :]
    if _REPEALS_AFTER.match(text, match.end()) or _REPEALS_BEFORE.search(sentence):
        return "repeals"
    if _AMENDS_AFTER.match(text, match.end()) or _AMENDS.search(sentence):
        return "amends"
    if _BASED_ON.search(sentence):
        return "based_on"
    return "implements" if _IMPLEMENTS.search(sentence) else otherwise


def _is_damaged(number: str) -> bool:
    return re.search(r"〔\s*〕|〕\s*第?\s*号|〔\d{1,3}〕", number) is not None
