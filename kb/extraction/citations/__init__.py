"""Other documents named in a clause: title in 《》, number behind it, and what the clause does with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from kb.extraction.citations.repeal_lists import is_bare, listed_titles, lists_repeals
from kb.models import Citation, Document, Relation
from kb.text import Passage, normalise
from kb.text.document_numbers import signs_begin

_CITED = re.compile(
    r"""
    《(?P<title>(?:[^《》\n]|《[^《》\n]{0,80}》|\n(?!\s*\n)){2,120})》                            # 《关于推进教育高质量发展的若干意见》
    (?:\s?（(?P<number>[^（）\n]{0,24}?(?:〔\s?\d{0,4}\s?〕|（\d{4}）|\d{4}年|令)\s?第?\s?\d{0,5}\s?号)[^（）\n]{0,40}）)?   # （潭市发〔2021〕4号）
    | (?P<bare>[\u4e00-\u9fff]{2,12}〔\s?\d{4}\s?〕\s?第?\d{1,5}(?:(?:、|——?|-|～|至)\d{1,5}){0,9}\s?号)   # 国办发〔2016〕82号 without a title; 〔2023〕6、7号, 3—5号
    """,
    re.VERBOSE,
)
_REPEALS_BEFORE = re.compile(r"(?<!应当)(?<!研究)(?:废止|不再执行)[^。；，《》]{0,12}$")
_REPEALS_AFTER = re.compile(
    r"(?>《[^《》]{2,120}》(?:（[^（）]{0,60}）)?|[^。；，《》]){0,60}?(?<!未)(?:废止|停止执行|停止施行|不再执行|失效(?=[。；，]|$))|，(?:同时|即行|一并|予以)+废止"
)
# What is repealed of a document is less than the document: 《甲办法》第三条同时废止, 《乙条例》中有关收费的规定同时废止.
_PART = re.compile(r"(?:（[^（）]{0,60}）)?(?:第[一二三四五六七八九十百\d、和至]+[条章款项]|中|[^。；，《》]{0,6}有关)")
# 修订《甲办法》 is an amendment in a document that amends; elsewhere it is a task for somebody.
_AMENDS_BEFORE = re.compile(r"(?:^|[\n、.． ）]|决定)(?:删除|修改|修订|修正)\s?$")
_AMENDING = re.compile(r"修[改订正]|废止|清理|失效")
_AMENDS_AFTER = re.compile(
    r"""[^。；，《》]{0,20}?(?:作如下修[改订]|作出?[^。；，《》]{0,6}修[改订]|(?:进行|予以)修[改订]|修改如下)
        |[^。；《》]{0,60}?(?<!拟)修改为""",
    re.VERBOSE,
)
_NOT_YET = re.compile(r"正在|推[动进]|研究|抓紧|加快|适时|及时|计划|拟|组织|启动|按程序|建议|负责|完善|要求")
# 关于修改《甲条例》等三件法规的决定: the name of an act that amends, told in the history of another law.
_NAME_OF_ACT = re.compile(r"关于(?:修改|修订|修正|废止)[^《》]{0,6}$")
# When the cited document was issued: 1999年10月18日省人民政府公布、2010年11月30日修正的《甲办法》.
_ISSUED = re.compile(
    r"(?P<year>\d{4})年\s?(?P<month>\d{1,2})月\s?(?P<day>\d{1,2})日[^。；《》]{0,80}?(?:发布|公布|颁布|通过|批准|印发|修[订正])[^。；，《》]{0,30}$"
)
_SINCE = re.compile(
    r"自\s?(?P<year>\d{4})年\s?(?P<month>\d{1,2})月\s?(?P<day>\d{1,2})日\s?起[^。；]{0,12}(?:废止|停止执行|停止施行|不再执行|失效)"
)
_SEVERAL_NUMBERS = re.compile(
    r"(?P<before>[^、]*?〔\s?\d{4}\s?〕\s?第?)(?P<numbers>\d{1,5}(?:(?:、|——?|-|～|至)\d{1,5})+)\s?号"
)
_FROM_TO = re.compile(r"(\d+)(?:——?|-|～|至)(\d+)")
_MOST_TOGETHER = 50  # numbers of a range; more is a mistake of print
# （滨政发〔2021〕3号，以下简称《决定》）, （以下统称“《决定》”）
_SHORT_TITLE = re.compile(
    r"""
    《(?P<title>(?:[^《》\n]|《[^《》\n]{0,80}》){4,120})》\s?
    （(?:(?P<number>[^（）\n，；]{0,24}?〔\s?\d{4}\s?〕\s?第?\s?\d{1,5}\s?号)[，；])?[^（）\n]{0,20}?以下(?:统|均|通)?简?称：?[“"]?《(?P<short>[^《》]{1,20})》
    """,
    re.VERBOSE,
)
_DECLARED_SHORT = re.compile('称：?[“"]?$')
_LINE_BREAK = re.compile(r"\s*\n\s*")
_LOOK_BEHIND = 100  # characters in which the verb that governs a title is looked for
_VERBS = re.compile(
    r"(?P<implements>贯彻|落实|执行|实施)|(?P<based_on>根据|依据|按照|按(?=[^，]{0,12}$)|依照|遵照|参照|结合|以$)"
)
_JOINED = re.compile(r"[^。；：，《》]{0,4}(?:(?:、|以及|和|及|与|并|）)?[^。；：，《》、]{0,24}|，)$")
_HEAD_GOES_ON = re.compile(r" *(?:$|\n|各|\d{4}年)")
_DOCUMENTS = re.compile(
    r"(?:意见|通知|方案|办法|规划|计划|条例|规定|法|决定|纲要|措施|细则|政策|批复|要点|标准|规范|规程|通则|导则|指南|指引|目录|公告|制度|规则|准则|解释|议定书|公约|框架协议|章程|宪法|清单|函|命令|决议|战略|大纲|行动|任务分工|若干要求|20\d\d)(?:[（〈][^（）]*[）〉])?$|〔"
)


def find_citations(passage: Passage, document: Document | None = None) -> tuple[Citation, ...]:
    """The documents that a clause's own text names, in order; names of journals, films and systems are not documents.

    Given the document, its own title and number are no citations.

    "根据《关于推进教育高质量发展的若干意见》（潭市发〔〕4号）" → based_on, number 潭市发〔〕4号, damaged
    """
    reading = passage.reading
    text = reading.text
    found: list[Citation] = []
    listed: Relation = "mentions"
    amending = document is not None and _AMENDING.search(document.title) is not None
    last_end = -1
    in_list = document is not None and lists_repeals(passage, document)
    short = _short_titles(document.text) if document is not None else {}
    for match in _CITED.finditer(text) if "《" in text or "〔" in text else ():
        # 《甲》《乙》、省《丙》 share what stands before the first of them.
        joined = last_end >= 0 and match.start() - last_end < 30 and _JOINED.match(text, last_end, match.start())
        start = match.start() + signs_begin(match["bare"]) if match["bare"] else match.start()
        relation = _relation(text, (start, match.end()), listed if joined else "mentions", amending=amending)
        last_end, listed = match.end(), relation
        if in_list and relation == "mentions" and is_bare(text, start):
            relation = "repeals"
        numbered = (start, match.end()) if match["bare"] else match.span("number")
        number = reading.verbatim(*numbered) if numbered[0] >= 0 else ""
        title = _LINE_BREAK.sub("", reading.verbatim(*match.span("title"))) if match["title"] else ""
        if title in short:
            if _DECLARED_SHORT.search(text, max(0, start - 10), start):
                continue
            title, number = short[title]
        if title and not (_DOCUMENTS.search(match["title"].strip()) or number):
            continue
        # What repeals a document of its own title repeals an older version.
        older = relation == "repeals" and not amending
        if _heads(text, match) or (document and not older and _is_itself(document, title, number, relation)):
            continue
        span = reading.span(start, match.end())
        found.extend(
            Citation(
                clause_id=passage.clause.id,
                text=reading.source[span.start : span.end],
                start=span.start,
                end=span.end,
                title=title,
                rule="title" if title else "number",
                document_number=each,
                relation=relation,
                issued_on=_issued_on(text, start),
                since=_since(text, match.end()) if relation in ("repeals", "amends") else "",
                damaged=_is_damaged(match["number"] or ""),
            )
            for each in _numbers(number)
        )
    return _with_listed(passage, found) if in_list else tuple(found)


def _with_listed(passage: Passage, found: Sequence[Citation]) -> tuple[Citation, ...]:
    """The citations and the items of the list that have no 《》; a title that stands inside such an item is part of its name."""
    reading = passage.reading
    items = []
    for item in listed_titles(passage):
        span = reading.span(item.title[0], (item.number or item.title)[1])
        items.append(
            Citation(
                clause_id=passage.clause.id,
                text=reading.source[span.start : span.end],
                start=span.start,
                end=span.end,
                title=reading.verbatim(*item.title),
                rule="listed",
                document_number=reading.verbatim(*item.number) if item.number else "",
                relation="repeals",
                issued_on=item.issued_on,
            )
        )
    others = [c for c in found if not any(item.start <= c.start < item.end for item in items)]
    return tuple(sorted([*others, *items], key=lambda citation: citation.start))


def _numbers(printed: str) -> tuple[str, ...]:
    """The numbers that are printed together: 滨政发〔2023〕6、7号 → 滨政发〔2023〕6号, 滨政发〔2023〕7号; also 〔2023〕3—5号."""
    several = _SEVERAL_NUMBERS.fullmatch(printed)
    if several is None:
        return (printed,)
    numbers = (number for part in several["numbers"].split("、") for number in _range(part))
    return tuple(f"{several['before']}{number}号" for number in numbers)


def _range(part: str) -> Iterator[str]:
    """The numbers from one to another: "3—5" → "3", "4", "5"; the ends alone where nothing counts up between them."""
    ends = _FROM_TO.fullmatch(part)
    if ends is None:
        yield part
    elif int(ends[1]) < int(ends[2]) <= int(ends[1]) + _MOST_TOGETHER:
        yield from map(str, range(int(ends[1]), int(ends[2]) + 1))
    else:
        yield from ends.groups()


@lru_cache(maxsize=4)  # asked for every clause of a document
def _short_titles(text: str) -> dict[str, tuple[str, str]]:
    """The short titles that a document declares, each with the title and the number that it stands for.

    "《关于加强节能工作的决定》（滨政发〔2021〕3号，以下简称《决定》）" → 决定
    """
    short = {}
    for match in _SHORT_TITLE.finditer(normalise(text)):
        title = _LINE_BREAK.sub("", text[slice(*match.span("title"))])
        number = text[slice(*match.span("number"))] if match["number"] else ""
        short[match["short"]] = title, number
    return short


def _heads(text: str, match: re.Match[str]) -> bool:
    """Whether a number stands in a document's head: at the end of a line, or before the addressees or the date."""
    return match["bare"] is not None and _HEAD_GOES_ON.match(text, match.end()) is not None


def _is_itself(document: Document, title: str, number: str, relation: Relation) -> bool:
    """Whether a title or number is the document's own, as in 现将《…》印发给你们; one that is passed on has a number of its own."""
    same = "".join(number.split()) == "".join(document.document_number.split())
    if title:
        if number and not same and (document.document_number or "转发" in document.title):
            return False  # 现将《…的通知》（教基〔2022〕3号）转发给你们
        own, named = "".join(document.title.split()), "".join(title.split())
        in_title = relation == "mentions" and f"《{named}》" in own  # 关于印发《…》的通知
        return bool(own) and (own == named or in_title or (len(named) > 8 and own.endswith(named)))
    return same


def _relation(text: str, place: tuple[int, int], otherwise: Relation, *, amending: bool) -> Relation:
    start, end = place
    before = text[max(0, start - _LOOK_BEHIND) : start]
    sentence = before[max(before.rfind(mark) for mark in "。；\n") + 1 :]
    quoted = text.rfind("“", 0, start) > text.rfind("”", 0, start)  # the new wording of a document
    if not quoted and not _NAME_OF_ACT.search(sentence):
        if _REPEALS_AFTER.match(text, end, end + 400) or _REPEALS_BEFORE.search(sentence):
            return "amends" if _PART.match(text, end) else "repeals"
        if _AMENDS_AFTER.match(text, end) and not _NOT_YET.search(sentence):
            return "amends"
        if amending and _AMENDS_BEFORE.search(sentence):
            return "amends"
    near = sentence[max(sentence.rfind(mark) for mark in "》，") + 1 :]
    verbs = [verb.lastgroup for verb in _VERBS.finditer(near)]
    if verbs:
        return "based_on" if verbs[-1] == "based_on" else "implements"
    return otherwise


def _issued_on(text: str, start: int) -> str:
    """The last day that the words before a title say it was issued, passed or revised on."""
    before = text[max(0, start - _LOOK_BEHIND) : start]
    before = before[max(before.rfind(mark) for mark in "》。；") + 1 :]
    dates = [place.start() for place in re.finditer(r"\d{4}年", before)]
    found = next((match for at in reversed(dates) if (match := _ISSUED.match(before, at))), None)
    return f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}" if found else ""


def _since(text: str, end: int) -> str:
    """From when on, when the sentence says so: 《…》自2025年1月1日起废止."""
    stop = min(place for place in (text.find("。", end), text.find("；", end), end + 300) if place >= 0)
    found = _SINCE.search(text, end, stop + 1)
    return f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}" if found else ""


def _is_damaged(number: str) -> bool:
    return re.search(r"〔\s*〕|〕\s*第?\s*号|〔\d{1,3}〕", number) is not None
