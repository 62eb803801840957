"""Numerals of Chinese official texts read as numbers: 一百二十三, 1.2亿, 百分之六十, （二）, ①, 二〇二一.

Everything here expects normalised text (``kb.text.normalise``).
"""

from __future__ import annotations

import re
from functools import lru_cache

DIGITS = "零〇一二两三四五六七八九"
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
CHINESE_NUMERALS = DIGITS + "".join(SCALES)
PLAN_ENDS = {ordinal: 2010 + 5 * i for i, ordinal in enumerate("一二三四五六七")}  # “十一五”: 2006 to 2010
_FIGURES = "零一二三四五六七八九"

_SCALED = re.compile(r"(?P<number>\d{1,3}(?: \d{3})+|\d+(?:，\d{3})*(?:\.\d+)?) ?(?P<scale>[十百千万亿]{1,3})?")
_LONGEST = 40  # characters; the longest number that can be meant, 九千九百九十九万…亿…, has fewer
_SCALE = "[百千]?[万亿]|[百千]"
_MAGNITUDE = re.compile(rf"(\d+(?:\.\d+)?)({_SCALE}|)")
_MAGNITUDES = re.compile(rf"(?:\d+(?:\.\d+)?(?:{_SCALE}))+\d+(?:\.\d+)?(?:{_SCALE})?")
_CHINESE = re.compile(rf"[{CHINESE_NUMERALS}]+(?:点[{DIGITS}]+)?")
_FRACTION = re.compile(rf"(?P<whole>百|千|万|[{CHINESE_NUMERALS}]+)分之(?P<part>[{CHINESE_NUMERALS}点]+|\d+(?:\.\d+)?)")
_SLASHED = re.compile(r"(?P<part>\d+)/(?P<whole>\d+)")
_YEAR = re.compile(rf"(?:19|20)\d\d|[一二][{DIGITS}]{{3}}")
_PRINTED_YEAR = re.compile(rf"[一二][{DIGITS}]{{3}}(?= ?年)")
_MARKER = re.compile(rf"第?（?(?P<number>\d+|[{CHINESE_NUMERALS}]+)）?[章节条款项]?[、.，）]?")
_ZEROS = str.maketrans("0O零", "〇〇〇")
_ARABIC_DIGITS = {ord(c): str(i) for i, c in enumerate("〇一二三四五六七八九")} | {ord("零"): "0"}

# ①..⑳ ㈠..㈩ ⑴..⒇ ⒈..⒛: one character that is a whole number
_SIGNS = {
    chr(first + i): i + 1
    for first, count in ((0x2460, 20), (0x3220, 10), (0x2474, 20), (0x2488, 20))
    for i in range(count)
}
_SIGNS |= {chr(0x3251 + i): 21 + i for i in range(15)} | {chr(0x32B1 + i): 36 + i for i in range(15)}


def scale(characters: str) -> int:
    """What scale characters multiply by.

    "万亿" → 1_000_000_000_000; "" → 1
    """
    product = 1
    for character in characters:
        product *= SCALES[character]
    return product


@lru_cache(maxsize=4096)
def number(text: str) -> float | None:
    """The value of a whole numeral, None when the text is not one.

    "一百二十三" → 123; "1.2亿" → 120000000; "1，200" → 1200; "12 000" → 12000; "25万6千" → 256000; "百分之六十" → 0.6;
    "3/4" → 0.75; "百" → 100; "六十左右" → None
    """
    text = text.strip()
    if match := _SCALED.fullmatch(text):
        return _tidy(float(match["number"].replace("，", "").replace(" ", "")) * scale(match["scale"] or ""))
    if _MAGNITUDES.fullmatch(text):
        return _magnitudes(text)
    if match := _FRACTION.fullmatch(text) or _SLASHED.fullmatch(text):
        whole, part = number(match["whole"]), number(match["part"])
        return _tidy(part / whole) if whole and part is not None else None
    if _CHINESE.fullmatch(text):
        return _chinese(text)
    return None


def _magnitudes(text: str) -> float | None:
    """The value of figures with several scales, which must fall: 25万6千 → 256000; 1亿2亿 → None."""
    total, below = 0.0, float("inf")
    for figures, sign in _MAGNITUDE.findall(text):
        part = float(figures) * scale(sign)
        if part >= below:
            return None
        total, below = total + part, scale(sign)
    return _tidy(total)


def _chinese(text: str) -> float | None:
    """The value of a numeral written in Chinese characters only; None when their order makes no number."""
    text = text.replace("〇", "零").replace("两", "二")
    if text[0] in SCALES and text[0] != "十":
        text = "一" + text
    whole, _, tenths = text.partition("点")
    if len(whole) > 1 and not any(character in SCALES for character in whole):
        return None  # 三五, 一二三: figures in a row are a name or a guess, not a number
    value = _whole(whole)
    return None if value is None else float(f"{value}.{tenths.translate(_ARABIC_DIGITS)}")


def _whole(text: str) -> int | None:
    """The value of a whole numeral; None when its parts do not stand from the largest to the smallest.

    "一万零五百" → 10500; "一百五" → 150; "三亿八千" → None, for 千万 may be meant
    """
    if len(text) == 1 and text in _FIGURES:
        return _FIGURES.index(text)
    if len(text) > _LONGEST:
        return None
    sign = next((sign for sign in reversed(SCALES) if sign in text), "")
    head, _, tail = text.rpartition(sign) if sign else ("", "", "")
    times = _whole(head) if head else int(sign == "十")
    if not times:
        return None
    scale, rest = SCALES[sign], _whole(tail.lstrip("零") or "零")
    if times >= (scale if sign in "万亿" else 10) or rest is None or rest >= scale:
        return None
    if tail and tail[0] != "零" and rest < scale // 10:  # 一万五: a tenth is left out
        if len(tail) > 1 or sign == "亿":
            return None
        rest *= scale // 10
    return times * scale + rest


def _tidy(value: float) -> float:
    """The value without the dust of binary fractions: 29.79万 is 297900, not 297899.99999999994."""
    return round(value, 9)


def year(text: str) -> int | None:
    """The year that four figures say, None when they say none.

    "2021" → 2021; "二〇二一", "二00九" → 2021, 2009; "0403" → None
    """
    if not text.isdigit() or not text.isascii():
        text = text.translate(_ZEROS)
    if not _YEAR.fullmatch(text):
        return None
    value = int(text.translate(_ARABIC_DIGITS).replace("两", "2"))
    return value if 1900 <= value < 2100 else None


def with_plain_years(text: str) -> str:
    """The text with all years in Arabic figures; it keeps its length.

    "二〇二四年" → "2024年"
    """
    return _PRINTED_YEAR.sub(lambda match: str(year(match[0]) or match[0]), text)


def ordinal(marker: str) -> int | None:
    """The number that a printed marker of a clause bears, None when it bears none.

    "（二）" → 2; "十二、" → 12; "①" → 1; "第十二条" → 12; "3." → 3; "甲" → None
    """
    marker = marker.strip()
    if marker in _SIGNS:
        return _SIGNS[marker]
    match = _MARKER.fullmatch(marker)
    value = number(match["number"]) if match else None
    return int(value) if value is not None else None


def chinese(value: int) -> str:
    """A whole number in Chinese numerals, as clauses are counted.

    3 → "三"; 12 → "十二"; 20 → "二十"; 101 → "一百零一"
    """
    written = _written(value)
    return written[1:] if written.startswith("一十") else written


def _written(value: int) -> str:
    if value < len(_FIGURES):
        return _FIGURES[value]
    sign, scale = next((sign, scale) for sign, scale in reversed(SCALES.items()) if value >= scale)
    times, rest = divmod(value, scale)
    zero = "零" if 0 < rest < scale // 10 else ""
    return f"{_written(times)}{sign}{zero}{_written(rest) if rest else ''}"
