"""Numbers with their measure words, wherever they stand in a text and whatever they mean; ``targets`` decides what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kb.extraction.vocabulary import (
    LONGEST_MEASURE,
    MEASURES,
    SIGNS_AFTER,
    VERB,
    MeasureKind,
    any_of,
)
from kb.models import Comparator
from kb.text import numerals

_NUMBER = re.compile(
    r"""
    (?<![A-Za-z\d.第前#./])(?P<arabic>\d{1,15}+(?:，\d{3}(?!\d))*(?:\.\d{1,9}+)?(?!\d))   # 29.79   1，200
      (?:[ ]?(?:～|——?|-|至|到)[ ]?(?P<arabic_top>\d{1,15}+(?:\.\d{1,9}+)?))?   # 3～5   2-3
    | 百分之(?P<share>[一二三四五六七八九十百零点]{1,9}|\d{1,9}(?:\.\d{1,9})?)   # 百分之六十
    | (?P<fraction>[二三四五六七八九十]分之[一二三四五六七八九])         # 三分之二
    | (?<![第前数几零一二三四五六七八九十百统唯逐同])(?P<chinese>[一二两三四五六七八九十百千万亿]++)
      (?:(?:至|到)(?P<chinese_top>[二三四五六七八九十]{1,4}))?          # 三至五
    | (?<=[\u4e00-\u9fff”"])[ ]?(?P<lost>%)(?=[\u4e00-\u9fff，。；])      # 学校%设立: the number is gone
    """,
    re.VERBOSE,
)
_LOST_COUNT = re.compile(
    rf"""
      (?:{VERB.pattern})(?P<unit>[个所家名座套间处项])(?![人性体别案有在需属庭园长政师优校牌目])(?=[\u4e00-\u9fff])  # 建成个学科基地
    | (?:计划|任务|指标|名额)(?P<rest>[名个人所项])(?=[、，。；的])                                                  # 省培计划名、市培计划名
    """,
    re.VERBOSE,
)
_SCALE = re.compile(
    r" ?(?P<vague>[多余])?(?P<scale>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百)?(?P<vague_after>[多余])? ?"
)
_RATE = re.compile(r"/[\u4e00-\u9fffA-Za-z]{1,4}|（[套次组人]）")
_AFTER = re.compile(rf" ?(?P<after>{any_of(SIGNS_AFTER)})")
# 三千五百万 is 3500 万, not 三千五 of 百万.
_TRAILING_SCALE = re.compile(r"(?<=.)(?:万亿|亿|万)$|(?<=^[一二两三四五六七八九])(?:千亿|百亿|千万|百万)$")
_NO_QUANTITY = re.compile(r"[:：/.]\d|[A-Za-z]|[年月日号](?![以之]?内|时间)|[大强级届]|[+-]\d|后|〕")
_BETWEEN_RANGE = re.compile(r" ?(?:～|——?|-|至|到) ?")
_ORDINAL_BEFORE = re.compile(r"第[\d一二三四五六七八九十百]{1,4}[、至到～-]$")
_LONGEST_NUMERAL = 12  # 一千二百三十四万五千
_VAGUE_BEFORE = "超过破近逾上达约"
_BOUNDED_BEFORE = re.compile("(?:(?:达|增加|提高|提升|增长)到|(?:稳定|保持|维持)?在)$")  # 保持在万亿元以上


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its measure word; places count in the text it was found in.

    ``start`` is where the number begins, ``end`` where its measure word or 以上, 左右 … ends.
    """

    start: int
    end: int
    value: float | None  # None: the number is lost
    unit: str
    kind: MeasureKind
    sign: Comparator | None = None  # said after the number or by its vagueness
    upper: float | None = None
    chinese: bool = False  # written 一间, not 1间
    damaged: bool = False


def find_quantities(text: str, *, digits_lost: bool = False) -> tuple[Quantity, ...]:
    """All quantities of a normalised text, in order, ranges as one.

    "新建3～5所" → 3..5 所; "5%至10%" → 5..10 %; "百余家" → ~100 家; "学校%设立" → None %; "2021年" → nothing;
    where the scan lost its digits also "建成个学科基地" → None 个
    """
    found: list[Quantity] = []
    for quantity in _single(text):
        if found and (joined := _range(text, found[-1], quantity)):
            found[-1] = joined
        else:
            found.append(quantity)
    if digits_lost:
        found.extend(_lost_count(match) for match in _LOST_COUNT.finditer(text))
        found.sort(key=lambda quantity: quantity.start)
    return tuple(found)


def _single(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        kind = match.lastgroup
        if kind == "lost":
            yield Quantity(match.end() - 1, match.end(), None, "%", "share", damaged=True)
        elif kind == "share":
            if (value := numerals.number(match["share"])) is not None:
                yield _closed(text, Quantity(match.start(), match.end(), value, "%", "share"))
        elif kind == "fraction":
            yield _closed(text, Quantity(match.start(), match.end(), numerals.number(match["fraction"]), "", "share"))
        elif quantity := _arabic(text, match) if match["arabic"] else _chinese(text, match):
            yield quantity


def _lost_count(match: re.Match[str]) -> Quantity:
    """A measure word whose number is gone."""
    group = match.lastgroup or ""
    return Quantity(*match.span(group), None, match[group], "count", damaged=True)


def _arabic(text: str, match: re.Match[str]) -> Quantity | None:
    """The quantity at figures; without a measure word it is kept (an index, an efficiency) for ``targets`` to judge."""
    scaled = _scaled(text, match.end())
    if _ORDINAL_BEFORE.search(text, max(0, match.start() - 6), match.start()):
        return None
    vague, scale = scaled["vague"] or scaled["vague_after"], scaled["scale"] or ""
    unit, kind, end = _measure(text, scaled.end())
    if not unit:
        end = scaled.end("scale") if scale else match.end()
        unit, kind = "", "count" if scale else "none"
    if not (unit or scale) and _NO_QUANTITY.match(text, match.end()):
        return None
    if kind == "time" and unit == "年" and not _is_duration(text, match, end):
        return None
    value, top = numerals.number(match["arabic"]), match["arabic_top"]
    damaged = match["arabic"][0] == "0" and match["arabic"][1:2].isdigit()
    quantity = Quantity(
        match.start(), end, None if damaged else value, scale + unit, kind, "~" if vague else None,
        upper=numerals.number(top) if top and not damaged else None, damaged=damaged,
    )  # fmt: skip
    return _closed(text, quantity)


def _is_duration(text: str, match: re.Match[str], end: int) -> bool:
    """Whether 3年 lasts (three years) and is no date: 2021年, 12月 and the like."""
    return len(match["arabic"]) < 4 and text[end : end + 1] != "级"


def _chinese(text: str, match: re.Match[str]) -> Quantity | None:
    """The quantity at Chinese numerals; these count only with a measure word, bare 百, 千, 万 only with a word of extent beside."""
    digits = match["chinese"]
    scaled = _scaled(text, match.end())
    vague = scaled["vague"] or scaled["vague_after"]
    unit, kind, end = _measure(text, scaled.end())
    tail = _TRAILING_SCALE.search(digits)
    # 二十一亿七千八百万 has no part that is a number of 万.
    if tail and numerals.number(digits[: tail.start()]) is None:
        tail = None
    scale = (tail[0] if tail else "") + (scaled["scale"] or "")
    digits = digits[: tail.start()] if tail else digits
    if match["chinese"] == "一" and (text.startswith("一", end) or text.startswith("每", match.start() - 1)):
        return None  # 一县一品, 每一位
    bare = digits[0] in "百千万亿"
    bounded = _BOUNDED_BEFORE.search(text, max(0, match.start() - 3), match.start()) and _AFTER.match(text, end)
    if bare and not (vague or bounded or text[match.start() - 1 : match.start()] in tuple(_VAGUE_BEFORE)):
        return None
    if not unit:
        if not (bare and match.start() and _AFTER_BARE.match(text, scaled.end())):
            return None
        kind, end = "count", scaled.end("scale") if scaled["scale"] else match.end()
    value = numerals.number(digits) if len(digits) <= _LONGEST_NUMERAL else None
    top = match["chinese_top"]
    if value is None or kind == "soft":  # 三级医院, 十分: grades and degrees are said in figures when they are measured
        return None
    quantity = Quantity(
        match.start(), end, value, scale + unit, kind, "~" if vague else None,
        upper=numerals.number(top) if top else None, chinese=True,
    )  # fmt: skip
    return _closed(text, quantity)


_AFTER_BARE = re.compile(r"[，。；、）\n]|$|的")


def _scaled(text: str, at: int) -> re.Match[str]:
    """The scale behind a number, an empty match where it begins a measure word (千瓦, 百分点)."""
    unit, _, _ = _measure(text, at)
    match = _SCALE.match(text, at, at if len(unit) > 1 else len(text))
    assert match is not None  # every part of the pattern may be empty
    return match


def _measure(text: str, at: int) -> tuple[str, MeasureKind, int]:
    """The longest measure word at a place, its kind and its end; "" when there is none or the word is another."""
    for size in range(LONGEST_MEASURE, 0, -1):
        word = text[at : at + size]
        if word in MEASURES and len(word) == size:
            kind, end = MEASURES[word], at + size
            if kind is None:
                break
            rate = _RATE.match(text, end)
            return (word + rate[0], kind, rate.end()) if rate else (word, kind, end)
    return "", "none", at


def _closed(text: str, quantity: Quantity) -> Quantity:
    """The quantity with the 以上, 左右 … that follows it."""
    match = _AFTER.match(text, quantity.end)
    return replace(quantity, end=match.end(), sign=SIGNS_AFTER[match["after"]]) if match else quantity


def _range(text: str, low: Quantity, high: Quantity) -> Quantity | None:
    """One quantity for 10%～15% or 5至10个百分点; 由5%至10% is a change and stays two."""
    between = _BETWEEN_RANGE.fullmatch(text, low.end, high.start)
    if not between or low.value is None or high.value is None or not high.unit.startswith(low.unit):
        return None
    if text[max(0, low.start - 1) : low.start] in ("由", "从"):
        return None
    return replace(low, end=high.end, upper=high.value, unit=high.unit, kind=high.kind, sign=high.sign)
