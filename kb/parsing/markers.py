"""Printed numbers that may begin a clause (markers), with their style, value and position."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kb.lexicon import KIND
from kb.parsing.contents import contents_at_end, contents_end
from kb.text import Reading
from kb.text.numerals import number, ordinal
from kb.text.plain_tables import figure_tables

# Where a marker occurs: at the beginning of a line, after a responsibility mark （责任单位：市教育局）, after a full stop with its sign
# before a word (。7.通电), after a sentence, in running text.
Position = Literal["line", "mark", "stop", "sentence", "running"]

# From the outermost to the innermost level: those of laws, those of GB/T 9704 (一、（一）1.（1）) below rarer ones, circled numbers, letters.
STYLES = ("编", "章", "节", "条", "壹、", "Ⅰ.", "一、", "（一）", "1.", "1.1", "1.1.1", "（1）", "1）", "①", "A.", "a.")

_HAN = "一二三四五六七八九十百零〇"
# Characters that a font or a conversion has put in place of the dot after a number.
_ODD = "\u2022\u25a0-\u25ff\u2610-\u2612\ufffc\ufffd\ue000-\uf8ff"
# Measure words after a number without a dot: 2所小学, 5个工作日, 3大行动.
_COUNTED = re.compile(
    "[个家所人名项年月日号时分秒座条万亿千百十元公里亩米吨倍户村镇乡县市区省位次场批期届级类种套台辆件处片栋间张只支部门岁周天班组点成层股大会起幅块道段份代路笔架艘列节幕头匹株棵方平立斤克升度]|小时|工作日"
)
_MARKER = re.compile(
    rf"""(?=[\d{_HAN}第（①-⑳㈠-㈩⑴-⒇⒈-⒛]|^)(?:                               # what it may begin with; anything that begins a line
    (?P<law>第\s?(?P<law_n>[{_HAN}千]{{1,7}}|\d{{1,4}})\s?(?P<law_style>[编篇章节条]|部分)(?:之(?P<law_insert>[{_HAN}]{{1,2}})(?![{_HAN}规款项的、]))?)  # 第三条, 第三条之一
    | (?P<han>(?P<han_n>[{_HAN}]{{1,4}})\ ?(?:、|\.(?!\d)))                    # 三、
    | (?P<han_bracket>(?:（\ ?|^)(?P<han_bracket_n>[{_HAN}]{{1,4}}|(?<=（)[-—])\ ?）[、.]?)  # （三）, （-） for （一）, 三） where a scrape has lost the first bracket
    | (?P<deep>(?P<deep_n>\d{{1,2}}(?:\.\d{{1,2}}){{1,2}})[.、]?(?=[\ ]?[^\d\s.%，。、；）～—\-:：亿万]))  # 3.1 组织, only at the beginning of a line
    | (?P<glued>(?<!\d)(?P<glued_n>\d{{1,2}})\.(?=\d{{3,6}}(?!\d{{0,3}}年)[\u4e00-\u9fff]))  # 2. in "2.215人才项目"
    | (?P<digit>(?P<digit_n>\d{{1,3}})\ ?(?:、|\.(?!\d(?!\d{{3}}(?:[-—～至]\d{{2,4}})?年))))  # 3. and 3.2025年, 3.2025—2027年, not 3.5
    | (?P<digit_bracket>（\ ?(?P<digit_bracket_n>\d{{1,3}})\ ?）[、.]?)      # （3）
    | (?P<half_bracket>(?P<half_bracket_n>\d{{1,2}})\ ?）[、.]?)             # 3）
    | (?P<bare>^(?P<bare_n>\d{{1,2}})\ {{1,2}}(?=[\u4e00-\u9fff]{{2}}))         # 3 组织体系, when 3.1 follows
    | (?P<unsigned>(?<![^\n。；）])(?P<unsigned_n>\d{{1,2}})(?P<odd>[{_ODD}]?)(?=[\u4e00-\u9fff]{{2}}))  # 2健全, 2□健全: the dot is lost
    | (?P<lettered>^(?P<lettered_n>[壹贰叁肆伍陆柒捌玖拾]{{1,2}}|[Ⅰ-Ⅻ]|[IVX]{{1,4}}|[A-Za-z])\ ?[、.）](?=\ ?[\u4e00-\u9fff“《]))  # 壹、 Ⅰ. A.
    | (?P<sign>[①-⑳㈠-㈩⑴-⒇⒈-⒛])                                          # ③ ㈢ ⑶ ⒊
    )""",
    re.VERBOSE | re.MULTILINE,
)
_STYLE_OF = {
    "han": "一、", "han_bracket": "（一）", "digit": "1.", "bare": "1.", "glued": "1.", "unsigned": "1.", "digit_bracket": "（1）", "half_bracket": "1）",
    "篇": "编", "部分": "章", "㈠": "（一）", "⑴": "（1）", "⒈": "1.", "①": "①",
}  # fmt: skip

# Text after a number that shows it to be a reference, not a marker: "（一）、（二）项", "第三条规定", "（二）中所称".
_REFERENCE_AFTER = re.compile(
    rf"[、，和至及或与到—～]\s?(?:第?（|第[{_HAN}\d])|\s?第[{_HAN}\d]+[款项目]|款(?!项)|项(?!目)|目(?![标录前的])|中所|中的|规定|所列|所述|所称|之[{_HAN}]?(?:规定|的)|以[上下](?![人情单行各列])"
)
# The same at the beginning of a line, where a clause may begin with such a word: "（二）规定期限", "（三）项目管理".
_REFERENCE_AT_LINE = re.compile(
    rf"[、，和至及或与到—～]\s?(?:第（|（[{_HAN}]{{1,3}}）|第[{_HAN}\d]+[条款项])|[条款项](?:[、，。；）和至及或与之]|规定|所|的|情形|中|第|涉及)|\s?注："  # （一）注：, left of the title of a table
)
# Text before a number that shows it to be a reference: "本法第三条", "符合（一）", "附件1.", "表2.".
_REFERENCE_BEFORE = re.compile(
    r"(?:[本该前第《、将原为]|(?<!意)见|删去|按照|依据|违反|符合|属于|附件|附表|规定的|依照|根据|适用|参照|(?:）|条|款|项)[和与及或至])\s?$"
)
_KINDS = (
    "law",
    "han",
    "han_bracket",
    "deep",
    "glued",
    "digit",
    "digit_bracket",
    "half_bracket",
    "bare",
    "unsigned",
    "lettered",
    "sign",
)
_PADDED = re.compile(r"^(?P<n>0\d)\ {1,2}(?=[\u4e00-\u9fff]{2})", re.MULTILINE)
_LETTERED = re.compile(r"^[ ]?(?P<n>[壹贰叁肆伍陆柒捌玖拾]{1,2}|[Ⅰ-Ⅻ]|[IVX]{1,4}|[A-Za-z])[ ]?[、.）]", re.MULTILINE)
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")
_ROMAN = {roman: i for i, roman in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), 1)}
_ROMAN |= {chr(0x2160 + i): i + 1 for i in range(12)}
_DEEP = re.compile(r"^(?P<deep_n>\d{1,2})\.\d{1,2}(?:[.、 ]|[\u4e00-\u9fff])", re.MULTILINE)
_BEGINS_ITEM = re.compile(
    rf"[。；](?:\d{{1,2}}|[{_HAN}]{{1,3}})[.、](?=[\u4e00-\u9fff“《])(?![^。]{{2,60}}\.(?:docx?|xlsx?|pdf|wps|zip))"
)
_DIGIT_BEFORE = re.compile(r"(?P<n>\d{1,2})\.(?=\d{1,2}[^\d.、 ])")  # 4. in "4.5G网络"
_AFTER_TITLE = re.compile(rf"(?<!本)(?:{KIND}|名单|附表)(?:（[^（）]{{1,6}}）)?$")
_RATIO_BEFORE = re.compile(r"\d：\s?$")  # 按1：|1配套, broken
_LAW_BEFORE = re.compile(r"(?:[法例定]|(?<![总附分])则)$")  # "民法第三条"
_IN_A_WORD = re.compile(rf"[A-Za-z\d{_HAN}第.～—〔-]$")
_NUMERAL = re.compile(rf"[{_HAN}]{{1,3}}")
_LISTED = re.compile(rf"[^，。；：\n]{{1,24}}，第?[{_HAN}\d]{{1,3}}[编章节条]")
_LISTED_BEFORE = re.compile(rf"第?[{_HAN}\d]{{1,3}}[编章节条][^，。；：\n]{{1,24}}，$")
_BLANKS = " \ue003\ue004\ue5e5"  # with the private-use characters of old fonts for a blank
_ANNOUNCES = re.compile(rf"(?<=[\u4e00-\u9fff）])(?<!附件)(?<!附)：[{_BLANKS}]*$")  # not 附件：1., not 1：1
_SENTENCE_BEFORE = "。！？；：）…:;"
_DUTY = re.compile("责任|牵头|负责|配合|主管|单位|部门")
_MARK_REACH = 400  # characters


@dataclass(frozen=True, slots=True)
class Marker:
    """A printed number in the reading, and its style (one of ``STYLES``)."""

    start: int
    end: int
    style: str
    number: float  # 第三条之一 is 3.01
    position: Position
    near: bool = False  # only a heading stands between the previous marker and this one
    announced: bool = False  # the first number of a list, behind a colon


def find_markers(reading: Reading, shift: int = 0) -> list[Marker]:
    """The markers of a reading in order; ``shift`` is added to their offsets.

    "一、总体要求（一）指导思想" → 一、 at the beginning of a line, （一） in running text, near;
    "4.5G网络" at the beginning of a line → 4. and 4.5 as alternatives
    """
    text = reading.text
    markers: list[Marker] = []
    contents, end_of_text = contents_end(text), contents_at_end(text)
    parents = {match["deep_n"] for match in _DEEP.finditer(text)} | _padded(text)
    lettered = _lettered(text)
    figures = [(one.header[0].start, one.rows[-1][-1].end) for one in figure_tables(reading)]
    for match in _MARKER.finditer(text, contents, end_of_text):
        if any(start <= match.start() < end for start, end in figures) or not reading.is_printed(match.start()):
            continue
        kind = _kind(match)
        position = _position_of(text, match, kind)
        start, end = shift + match.start(), shift + match.end()
        near = (
            bool(markers)
            and start - markers[-1].end <= 60
            and _only_heading(text[markers[-1].end - shift : match.start()])
        )
        first = _DIGIT_BEFORE.match(text, match.start()) if kind == "deep" else None
        if first and (position == "line" or (position in ("mark", "sentence") and not _is_decimal(text, match))):
            markers.append(Marker(start, shift + first.end(), "1.", int(first["n"]), "sentence", near))
        opens = near and kind == "law" and markers[-1].style in ("章", "节")  # 第五章罚则|第三十二条
        is_reference = not opens and _is_reference(text, match, kind, position)
        if is_reference or (kind == "bare" and match.group("bare_n") not in parents):
            continue
        style, count = lettered.get(match["lettered_n"], ("", 0)) if kind == "lettered" else _value(match, kind)
        if count:
            announced = count == 1 and bool(_ANNOUNCES.search(text[max(0, match.start() - 12) : match.start()]))
            markers.append(Marker(start, end, style, count, position, near, announced))
    return markers


def _padded(text: str) -> set[str]:
    """The numbers of a list that counts 01, 02, 03 without a sign; none when it does not begin with 01 and 02."""
    printed = {match["n"] for match in _PADDED.finditer(text)}
    return printed if {"01", "02"} <= printed else set()


def _lettered(text: str) -> dict[str, tuple[str, float]]:
    """The style and the value of numerals and letters at the beginning of lines, of those that have a neighbour: 壹、 beside 贰、.

    "I." beside "II." is a numeral, beside "H." a letter
    """
    printed = {match["n"] for match in _LETTERED.finditer(text)}
    values: dict[str, tuple[str, float]] = {}
    for one in printed:
        if one[0] in "壹贰叁肆伍陆柒捌玖拾":
            values[one] = "壹、", number(one.translate(_FORMAL)) or 0
        elif one in _ROMAN and not (one in ("I", "V", "X") and chr(ord(one) - 1) in printed):
            values[one] = "Ⅰ.", _ROMAN[one]
        elif len(one) == 1 and one.isascii():
            first = "A" if one.isupper() else "a"
            values[one] = f"{first}.", ord(one) - ord(first) + 1
    counted = set(values.values())
    return {
        one: (style, value)
        for one, (style, value) in values.items()
        if (style, value + 1) in counted or (style, value - 1) in counted
    }


def _position_of(text: str, match: re.Match[str], kind: str) -> Position:
    position = _position(text, match.start())
    if kind in ("glued", "unsigned") and not match["odd"]:
        # It may be a quantity, so it counts no more than a number after a sentence.
        return "running" if position == "running" else "sentence"
    if position == "sentence" and kind in ("digit", "han") and _BEGINS_ITEM.match(text, match.start() - 1):
        return "stop"
    is_first = position == "running" and kind == "han" and match["han_n"] == "一"
    if is_first and _AFTER_TITLE.search(text, max(0, match.start() - 12), match.start()):
        return "sentence"  # 某市工作要点|一、抓好生产
    return position


def _is_decimal(text: str, match: re.Match[str]) -> bool:
    """Whether a measure word follows a number with a dot: 3.5万人; not 4.5G网络, 6.3岁以下婴幼儿照护."""
    return _COUNTED.match(text, match.end()) is not None and not text.startswith("岁以", match.end())


def _only_heading(between: str) -> bool:
    return not re.search("[。；！？\n]|“[^”]*$|《[^》]*$", between.rstrip("\n。"))


def _kind(match: re.Match[str]) -> str:
    return next(kind for kind in _KINDS if match.group(kind))


def _value(match: re.Match[str], kind: str) -> tuple[str, float]:
    if kind == "sign":
        return _STYLE_OF[max(first for first in "①㈠⑴⒈" if first <= match.group())], ordinal(match.group()) or 0
    if kind == "deep":
        parts = match.group("deep_n").split(".")
        return ("1.1", "1.1.1")[len(parts) - 2], int(parts[-1])
    style = match.group("law_style") if kind == "law" else kind
    digits = match.group(f"{kind}_n")
    count = 1 if digits in "-—" else number(digits) or 0
    insert = number(match.group("law_insert")) if kind == "law" and match.group("law_insert") else 0
    return _STYLE_OF.get(style, style), int(count) + (insert or 0) / 100


def _before(text: str, start: int) -> str:
    """The character before a marker, blanks left out."""
    return text[max(0, start - 8) : start].rstrip(_BLANKS)[-1:]


def _position(text: str, start: int) -> Position:
    before = _before(text, start)
    if not before or before == "\n":
        return "line"
    if before == "）" and _closes_mark(text, start):
        return "mark"
    return "sentence" if before in _SENTENCE_BEFORE else "running"


def _closes_mark(text: str, end: int) -> bool:
    """Whether the bracket that closes before ``end`` is a mark of responsibility: "（责任单位：市教育局、园区（示范区）管委会）"."""
    low, depth = max(0, end - _MARK_REACH), 0
    close = text.rfind("）", low, end)
    for place in range(close, low - 1, -1):
        depth += (text[place] == "）") - (text[place] == "（")
        if not depth:
            return _DUTY.search(text, place, close) is not None
    return False


def _is_reference(text: str, match: re.Match[str], kind: str, position: Position) -> bool:
    """Whether the number is part of a reference, a quantity or a word."""
    if _is_enumeration(text, match, kind):
        return True
    if kind == "unsigned" and _RATIO_BEFORE.search(text, max(0, match.start() - 4), match.start()):
        return True
    if kind in ("glued", "unsigned"):
        return position == "running" or (not match["odd"] and _COUNTED.match(text, match.end()) is not None)
    if position == "line" and text[max(0, match.start() - 4) : match.start()].rstrip().endswith("第"):
        return True  # a scrape has broken the line: 附则第⏎（三）（四）条
    if position in ("line", "mark") or kind == "deep":
        return (kind == "deep" and position != "line") or _REFERENCE_AT_LINE.match(text, match.end()) is not None
    return _REFERENCE_AFTER.match(text, match.end()) is not None or _is_in_words(text, match, kind, position)


def _is_in_words(text: str, match: re.Match[str], kind: str, position: Position) -> bool:
    """Whether the text before a number makes it part of a word, a bracket or a reference."""
    start = match.start()
    before = text[max(0, start - 4) : start]
    if kind in ("digit", "half_bracket", "han") and _IN_A_WORD.search(before):
        return True
    if kind == "half_bracket":
        low = max(0, start - 40)
        return position == "running" or text.rfind("（", low, start) > text.rfind("）", low, start)
    return position == "running" and _is_referred_to(match, kind, before)


def _is_referred_to(match: re.Match[str], kind: str, before: str) -> bool:
    """Whether the text before a number in running text makes it a reference; never for 一、, chapters and first articles."""
    if kind == "han" or (kind == "law" and (match["law_style"] != "条" or match["law_n"] in "一1")):
        return False
    return bool(_REFERENCE_BEFORE.search(before) or (kind == "law" and _LAW_BEFORE.search(before)))


def _is_enumeration(text: str, match: re.Match[str], kind: str) -> bool:
    """Whether the next number follows immediately: "一、二层", "四、五名", "一、二、三等奖", "（一）、（二）项", "第一条目的，第二条范围"."""
    if kind == "law":
        listed = _LISTED_BEFORE.search(text, max(0, match.start() - 32), match.start())
        return listed is not None or (
            text.endswith("：", 0, match.start()) and _LISTED.match(text, match.end()) is not None
        )
    if kind.endswith("bracket"):
        return match.group().endswith("、") and text.startswith("（", match.end())
    following = _NUMERAL.match(text, match.end()) if kind == "han" else None
    return following is not None and number(following.group()) == (number(match["han_n"]) or 0) + 1
