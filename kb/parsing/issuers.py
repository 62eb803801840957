"""发文机关 where no signature names them: metadata box, letterhead, lines and brackets under the title, the title itself, the last line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.lexicon import KIND, ORGAN_ENDING
from kb.parsing.addressees import is_full_name
from kb.parsing.document_numbers import DOCUMENT_NUMBER
from kb.parsing.frame import DISCLOSURE, paragraphs
from kb.parsing.signatures import DATE, MONTH, iso_date, organ_names, signers_above
from kb.text import Reading
from kb.units.names import is_unit

_LETTERHEAD = re.compile(r"(?P<organ>[\u4e00-\u9fff、 ]{2,120}?)(?:文件|令|公告|通告)")
_TITLE_PREFIX = re.compile(
    r"(?P<organs>[\u4e00-\u9fff、 　（）]{2,200}?)(?:等[一二三四五六七八九十\d]*(?:部门|单位|部委))?(?:关于|印发|转发|批转|对(?=.*的(?:答复|复函)$))"
)
# 某市人民政府工作报告, 某市水利局2025年工作要点: whose work the title says it is
_WHOSE_WORK = re.compile(
    rf"(?P<organs>(?:(?!关于)[\u4e00-\u9fff]){{2,20}}?(?:{ORGAN_ENDING.pattern}))(?:[12]\d{{3}}年度?)?(?:工作(?:报告|要点|总结|计划|安排)|公告|通告)"
)
# 某市人民政府令第88号《…》, 某市水利局文件某水发〔2022〕9号…, 某市水利局某市财政局某水发〔2022〕9号
_GLUED_LETTERHEAD = re.compile(
    rf"[★ ]*(?P<organs>[\u4e00-\u9fff、 ]{{2,40}}?(?:{ORGAN_ENDING.pattern}))(?:\s?令\s?第|文件(?={DOCUMENT_NUMBER.pattern})|(?<=[\u4e00-\u9fff]{{6}})(?=(?![局厅委部办府法])[\u4e00-\u9fff]{{2,6}}〔\d{{4}}〕\s?\d{{1,5}}\s?号))",
    re.VERBOSE,
)
_DATED = rf"\s?(?P<date>{DATE.pattern})\s?"
# （2018年6月1日）, （2018年6月1日某市人民政府办公室印发）, （2001年9月11日甲部、乙总局令第1号公布 …）
_BELOW_TITLE = re.compile(
    rf"（{_DATED}(?:(?P<organs>[\u4e00-\u9fff、 ]{{2,60}}?)(?:印发|发布|公布|颁布|制定)[^（）]*)?）",
    re.VERBOSE,
)
# （2018年6月1日……审议通过 2018年6月20日某市人民政府令第45号公布）
_PROCLAIMED = re.compile(
    rf"（[^（）]{{0,120}}?{_DATED}(?P<organs>[\u4e00-\u9fff、 ]{{2,60}}?)(?P<number>令\s?第\s?\d+\s?号)(?:公布|发布|颁布)",
    re.VERBOSE,
)
# 2018年6月1日某市第三届人民代表大会常务委员会第十次会议通过
_PASSED = re.compile(
    rf"{_DATED}(?P<place>[\u4e00-\u9fff]{{2,12}}?)?第[一二三四五六七八九十]+届(?P<body>(?(place)|全国)人民代表大会(?:常务委员会)?)[^。；\n（）]{{0,20}}通过",
    re.VERBOSE,
)
# 某市人民政府市长  某某某: who gives a report
_SPEAKER = re.compile(
    r"(?P<organ>[\u4e00-\u9fff]{2,15}?人民政府)(?:代)?(?:省长|主席|市长|州长|盟长|县长|区长|旗长|镇长|乡长)[：\s]+[\u4e00-\u9fff\s·]{2,8}"
)
# 某规定2003年1月16日第一条为了……: a scrape has joined the date to the title
_BEHIND_TITLE = re.compile(rf"(?:{KIND}){DATE.pattern}(?=\s?(?:第一[章条]|一、|为))", re.VERBOSE)
# 某省人民政府关于某事的意见某政字〔2019〕31号2019年7月1日
_DATE_NEXT = re.compile(rf"[）〕]?[ \n]?{DATE.pattern}(?=[ \n]|各|$)", re.VERBOSE)
_NEAR_TITLE = 300  # characters
# ——2024年2月1日在某市第七届人民代表大会第五次会议上: whose government reports
_REPORTED_TO = re.compile(r"[日，]\s?在(?P<place>[\u4e00-\u9fff]{2,12}?)第[一二三四五六七八九十]+届人民代表大会")
_WORDS = re.compile(r"[\u4e00-\u9fff]{6}")
_SENTENCE = re.compile("[。；：]")
_LONGEST_END = 200  # characters
# nobody, or what is done somewhere
_GROUP = re.compile("各|有关|全[省市县]|.*(?:改善|推进|推动|加强|促进|提升|开展|实施|做好)")


def letterhead_end(text: str, at: int) -> int:
    """The offset after a letterhead that a scrape has joined to the number (某市水利局文件某水发〔2022〕9号); ``at`` when there is none."""
    glued = _GLUED_LETTERHEAD.match(text, at)
    return glued.end() if glued and glued.group().endswith("文件") else at


def boxed_issuers(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The issuers that a metadata box names."""
    labels = ("发文机关", "发布机构", "发布机关", "发文单位")
    printed = next((metadata[label] for label in labels if metadata.get(label)), "")
    return tuple(name for name in re.split("[ 、，;；]", printed) if name)


def printed_issuers(head: Reading, title: str) -> tuple[str, ...]:
    """The issuers that a letterhead, the lines under the title or the title name."""
    text = head.text
    for start, end in list(paragraphs(text))[:4]:
        if not title and "印发《" in text[start:end] and (named := issuers_in_title(text[start:end])):
            return named
        line = text[start:end].replace(" ", "")
        letterhead = _LETTERHEAD.fullmatch(re.sub("[（〔]?(?:第|[（〔]).*号[）〕]?(?:（[^（）]*）)?$", "", line))
        organs = letterhead["organ"] if letterhead else line if "文件" in line else ""  # 甲局文件乙局
        if organs and (named := organ_names(organs)):
            return max(
                named, issuers_in_title(title), key=len
            )  # 中共某市委员会文件 heads what 某市人民政府 issues with it
    glued = _GLUED_LETTERHEAD.match(text)
    if glued and (named := _in_note(glued["organs"])):
        return named
    if passed := _PASSED.search(text):
        return ((passed["place"] or "") + passed["body"],)
    below = _PROCLAIMED.search(text) or _BELOW_TITLE.search(text)
    if below and below["organs"] and (named := _in_note(below["organs"])):
        return named
    reported = _REPORTED_TO.search(text) if title.endswith("政府工作报告") else None
    named = issuers_in_title(title) or _in_lines(text)
    return named or ((f"{reported['place']}人民政府",) if reported and reported["place"] != "全国" else ())


def _in_note(organs: str) -> tuple[str, ...]:
    """The organs in the note under a title: "甲部、乙总局" → two"""
    return tuple(name for part in organs.split("、") for name in organ_names(part))


def _in_lines(text: str) -> tuple[str, ...]:
    """Organs on lines of their own in a head, the names that a title begins with among them, or the office of a speaker."""
    named: list[str] = []
    for start, end in paragraphs(text):
        line = text[start:end].strip("（） ")
        if _SENTENCE.search(line):
            break
        if speaker := _SPEAKER.fullmatch(line):
            return (speaker["organ"],)
        line = DATE.sub("", MONTH.sub("", line)).strip()
        names = () if _GROUP.match(line) else organ_names(line)
        if names and all(is_full_name(name) and is_unit(name) and len(name) > 3 for name in names):
            named += [name for name in names if name not in named]
        elif named and not names and line:
            break
    return tuple(named)


def issuers_in_title(title: str) -> tuple[str, ...]:
    """The organs that a title begins with: 某市教育局 某市财政局关于……的通知, 某市水利局2025年工作要点."""
    if whose := _WHOSE_WORK.match(title):
        return organ_names(whose["organs"])
    prefix = _TITLE_PREFIX.match(title)
    printed = [name for name in re.split("[、 　]", prefix["organs"]) if name] if prefix else []
    names = [part for name in printed for part in organ_names(name) or (name,)]
    return tuple(names) if names and all(is_full_name(name) for name in names) else ()


def issuers_above(text: str, title: str) -> tuple[str, ...]:
    """The organs that a scrape has joined to the title of the plan, where no date stands under them.

    "……请认真组织实施。\n甲市教育局甲市财政局甲市某工作方案为了……" → two
    """
    at = text.find(title) if title else -1
    while at >= 0:
        names = signers_above(text, at)
        if names and all(is_full_name(name) and len(name) > 3 and not _GROUP.match(name) for name in names):
            return names
        at = text.find(title, at + 1)
    return ()


def issuers_at_end(text: str) -> tuple[str, ...]:
    """The organs that the last paragraph consists of, or that stand before a note on disclosure, where no date stands under them.

    "……请遵照执行。\n某县人民政府（此件公开发布）" → "某县人民政府"
    """
    ends = [note.start() for note in DISCLOSURE.finditer(text) if note["bracketed"]] + [len(text.rstrip())]
    for end in ends:
        last = re.split("[。；\n]", text[max(0, end - _LONGEST_END) : end].rstrip())[-1].strip()
        names = () if _GROUP.match(last) else organ_names(last)
        if names and all(is_full_name(name) and len(name) > 3 for name in names):
            return names
    return ()


def number_below_title(head: Reading) -> str:
    """The number of the decree that a note under the title names: （2001年9月11日甲部令第1号公布） → "甲部令第1号"."""
    act = _PROCLAIMED.search(head.text)
    return "".join((act["organs"] + act["number"]).split()) if act else ""


def _behind_number(text: str) -> re.Match[str] | None:
    """The date behind the document's own number: "某政字〔2019〕31号2019年7月1日"."""
    number = DOCUMENT_NUMBER.search(text, 0, _NEAR_TITLE)
    return _DATE_NEXT.match(text, number.end()) if number else None


def date_below_title(head: Reading) -> str:
    """The date in a bracket or on a line of its own under the title: （2018年6月1日）, 2026年3月; "" when there is none."""
    if (match := _BELOW_TITLE.search(head.text)) and match["year"]:
        return iso_date(match)
    titled = False
    for start, end in paragraphs(head.text):
        line = head.text[start:end].strip("（） ")
        if _SENTENCE.search(line):
            break
        titled |= _WORDS.search(line) is not None
        dated = MONTH.search(line) or DATE.fullmatch(line)
        if titled and dated and dated["year"] and (not dated.start() or organ_names(line[: dated.start()].strip())):
            return iso_date(dated)
    glued = _BEHIND_TITLE.search(head.text, 0, _NEAR_TITLE) or _behind_number(head.text)
    return iso_date(glued) if glued and glued["year"] else ""
