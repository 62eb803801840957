"""Numbers with their measure words, wherever they stand in a text and whatever they mean; ``commitments`` decides what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kb.extraction.targets.measures import RATE_OF_PEOPLE, Measure, half_more, measure_at, scale_at, sign_at
from kb.extraction.vocabulary import BETWEEN, VERB, VERB_LAST, MeasureKind
from kb.models import Comparator
from kb.text import numerals

_NUMBER = re.compile(
    r"""(?=[\d一二两三四五六七八九十百千万亿半\ %])(?:                              # what it may begin with
    (?<![A-Za-z\d.第#./])(?<!(?<![底末日月年旬度季汛之以])前)(?P<mixed>(?:\d{1,4}(?:\.\d{1,4})?(?:[百千]?[万亿]|[百千])){1,3}\d{1,4}(?:\.\d{1,4})?
        (?:[百千]?[万亿]|[百千])?(?![\d.]))                                  # 25万6千   21亿7800万
  | (?<![A-Za-z\d.第#./])(?<!(?<![底末日月年旬度季汛之以])前)(?P<arabic>
        (?:(?<!\d\ )\d{1,3}(?:\ \d{3}){0,2}\ 000(?![\d.])                      # 12 000
         | \d{1,15}+(?:，\d{3}(?!\d))*(?:\.\d{1,9}+)?(?!\d)))                 # 29.79   1，200
      (?:[ ]?(?:～|——?|-|至|到)[ ]?(?P<arabic_top>\d{1,15}+(?:，\d{3}(?!\d))*(?:\.\d{1,9}+)?))? # 3～5   2-3
    | (?P<whole>百|千|万|十万)分之(?P<part>[〇一二两三四五六七八九十百零点·]{1,9}|\d{1,9}(?:\.\d{1,9})?)   # 百分之六十
    | (?P<fraction>[二三四五六七八九十]分之[一二三四五六七八九])         # 三分之二
    | (?<![上下大多过对每个天年倍])(?P<half>半)(?=个?(?:天|小时|工作日))        # 半天
    | (?<![第前数几零○〇·一二三四五六七八九十百统唯逐同\d.])(?P<chinese>
        (?:[一二两三四五六七八九十百千万亿]|(?<=[十百千万亿])零(?=[一二三四五六七八九])|(?<=[一二三四五六七八九十])点(?=[一二三四五六七八九]))++)
      (?:(?:至|到)(?P<chinese_top>[二两三四五六七八九十百千]{1,4}))?    # 三至五
    | (?<=[\u4e00-\u9fff”"])[ ]?(?P<lost>%)(?=[\u4e00-\u9fff，。；])      # 学校%设立: the number is gone
    )""",
    re.VERBOSE,
)
_LOST_COUNT = re.compile(
    rf"""
      (?:{VERB.pattern})(?P<unit>[个所家名座套间处项])(?![人性体别案有在需属辖庭园长政师优校牌目])(?=[\u4e00-\u9fff])  # 建成个学科基地
    | (?:计划|任务|指标|名额)(?P<rest>[名个人所项])(?=[、，。；的])                                                  # 省培计划名、市培计划名
    """,
    re.VERBOSE,
)
_PARTS = {"百": "%", "千": "‰", "万": "‱", "十万": "/10万"}  # the unit of 百分之六十 and its like
# 三千五百万 is 3500 万, not 三千五 of 百万.
_TRAILING_SCALE = re.compile(r"(?<=.)(?:万亿|亿|万)$|(?<=^[一二两三四五六七八九])(?:千亿|百亿|千万|百万)$")
_NO_QUANTITY = re.compile(
    r"[、和及与](?:20\d\d[、和及与]){0,8}20\d\d年|[:：/.]\d|[A-Za-z]|[年月日号](?![以之]?内|时间)|[大强级届]|[+-]\d|后|〕"
)
_YEARS = re.compile(r"(?:19|20)\d\d-(?:19|20)\d\d")
_BETWEEN_RANGE = re.compile(r" ?(?:～|——?|-|至|到) ?")
_ORDINAL_BEFORE = re.compile(r"第[\d一二三四五六七八九十百]{1,4}[、至到～-]$")
_ROUGHLY = re.compile(r"(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])")  # 三五家, 两三个
_LONGEST_NUMERAL = 16  # 一百九十万零三千九百七十一
# What lets 百, 千, 万 count without a figure before them: 超百家, 达到千亿元.
_BARE_AFTER = re.compile("[超过破近逾上达约]$|[达增长高升]到$|[定持]在$")
_BARE_BEFORE = re.compile(r"[，。；、）\n]|$|[的级]|大关|关口|台阶")
_CLASS = re.compile("[百千万]?亿元?级")
_ROUND = ("家", "项", "个", "名", "场", "所", "座")
_VERB = 4  # characters of a verb before a number
_SHARED = re.compile(r"[、和及与]")
_SHARED_OUT = 60  # characters before a number in which 分别 may have been said


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

    "新建3～5所" → 3..5 所 · "5%至10%" → 5..10 % · "百余家" → ~100 家 · "25万6千人" → 25.6 万人 · "千分之三" → 3 ‰ ·
    "分别新增5、6、7个" → 5 个, 6 个, 7 个 · "学校%设立" → None % · "2021年" → nothing;
    where the scan lost its digits also "建成个学科基地" → None 个
    """
    found: list[Quantity] = []
    for quantity in _single(text):
        if found and (joined := _range(text, found[-1], quantity)):
            found[-1] = joined
        else:
            found.append(quantity)
    found = [_closed_range(text, quantity) for quantity in found]
    _share_units(text, found)
    _share_signs(text, found)
    if digits_lost:
        found.extend(_lost_count(match) for match in _LOST_COUNT.finditer(text))
        found.sort(key=lambda quantity: quantity.start)
    return tuple(found)


def _single(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        if quantity := _read(text, match):
            quantity = _classed(text, quantity)
            end, sign = sign_at(text, quantity.end)
            yield replace(quantity, end=end, sign=sign) if sign else quantity


def _read(text: str, match: re.Match[str]) -> Quantity | None:
    """The quantity at a number, without the 以上 that may follow."""
    start, end = match.span()
    if match["lost"]:
        return Quantity(end - 1, end, None, "%", "share", damaged=True)
    if match["whole"]:
        value = numerals.number(match["part"].replace("·", "点"))
        return None if value is None else Quantity(start, end, value, _PARTS[match["whole"]], "share")
    if match["fraction"]:
        return Quantity(start, end, numerals.number(match["fraction"]), "", "share")
    if match["half"]:
        measure = measure_at(text, end)
        return Quantity(start, measure.end, 0.5, measure.unit, measure.kind, chinese=True)
    if match["chinese"]:
        return _chinese(text, match)
    return _mixed(text, match) if match["mixed"] else _arabic(text, match)


def _lost_count(match: re.Match[str]) -> Quantity:
    """A measure word whose number is gone."""
    group = match.lastgroup or ""
    return Quantity(*match.span(group), None, match[group], "count", damaged=True)


def _mixed(text: str, match: re.Match[str]) -> Quantity | None:
    """25万6千人 → 25.6 万人: figures with several scales, told in the largest."""
    digits, shared = match["mixed"], ""
    if digits[-1] == "亿" and "万" in digits:  # 1万2千亿 is 1.2 万 of 亿
        digits, shared = digits[:-1], "亿"
    value, measure = numerals.number(digits), measure_at(text, match.end())
    if value is None or not measure.unit:
        return None
    scale = "亿" if "亿" in digits else "万" if "万" in digits else ""
    value = round(value / numerals.scale(scale), 9)
    scale += shared
    return Quantity(match.start(), measure.end, value, scale + measure.unit, measure.kind)


def _arabic(text: str, match: re.Match[str]) -> Quantity | None:
    """The quantity at figures; without a measure word it is kept (an index, an efficiency) for ``commitments`` to judge."""
    start, end = match.span()
    if _ORDINAL_BEFORE.search(text, max(0, start - 6), start):
        return None
    value, top = numerals.number(match["arabic"]), match["arabic_top"]
    if top and _YEARS.fullmatch(f"{match['arabic']}-{top}"):
        return None  # 2014—2018项目规划
    if of_people := RATE_OF_PEOPLE.match(text, end):  # 12/10万
        unit = of_people[0].replace(" ", "")
        return Quantity(start, of_people.end(), value, unit, "share", upper=numerals.number(top) if top else None)
    scaled = scale_at(text, end)
    measure = measure_at(text, scaled.end)
    if measure.unit:
        measure, value = half_more(text, measure, value)
        unit, kind, end = scaled.scale + measure.unit, measure.kind, measure.end
    else:
        unit, kind, end = scaled.scale, "count" if scaled.scale else "none", scaled.scale_end
    if not unit and (" " in match["arabic"] or _NO_QUANTITY.match(text, match.end())):
        return None
    if measure.kind == "time" and measure.unit == "年" and not _is_duration(text, match, end):
        return None
    damaged = match["arabic"][0] == "0" and match["arabic"][1:2].isdigit()
    upper = numerals.number(top) if top and not damaged else None
    sign: Comparator | None = "~" if scaled.vague else None
    return Quantity(start, end, None if damaged else value, unit, kind, sign, upper, damaged=damaged)


def _is_duration(text: str, match: re.Match[str], end: int) -> bool:
    """Whether 3年 lasts (three years) and is no date: 2021年, 12月 and the like."""
    return len(match["arabic"].partition(".")[0]) < 4 and text[end : end + 1] != "级"


def _chinese(text: str, match: re.Match[str]) -> Quantity | None:
    """The quantity at Chinese numerals; these count only with a measure word, bare 百, 千, 万 only with a word of extent beside."""
    digits, start, end = match["chinese"], match.start(), match.end()
    if digits[-1] in "百千" and len(measure_at(text, end - 1).unit) > 1:  # 三百万千瓦
        digits, end = digits[:-1], end - 1
    scaled = scale_at(text, end)
    measure = measure_at(text, scaled.end)
    if digits == "一" and (text.startswith("一", measure.end) or text.startswith("每", start - 1)):
        return None  # 一县一品, 每一位
    if not digits or (digits[0] in "百千万亿" and not (scaled.vague or _is_extent(text, start, measure))):
        return None
    if not measure.unit:
        if not (digits[0] in "百千万亿" and _BARE_BEFORE.match(text, scaled.end)):
            return None
        measure = Measure("", "count", scaled.scale_end if scaled.scale else end)
    scale, digits = _without_scale(digits)
    value, upper = _value(digits, match["chinese_top"])
    measure, value = half_more(text, measure, value)
    unit = scale + scaled.scale + measure.unit
    if value is None or (measure.kind == "soft" and not _CLASS.fullmatch(unit)):
        return None  # 三级医院, 十分: grades and degrees are said in figures when they are measured
    sign: Comparator | None = "~" if scaled.vague else None
    return Quantity(start, measure.end, value, unit, measure.kind, sign, upper, chinese=True)


def _is_extent(text: str, start: int, measure: Measure) -> bool:
    """Whether bare 百, 千, 万 count: 过千亿, 百名左右, 千亿级."""
    if measure.unit == "级" or text.startswith("级", measure.end):
        return True
    if measure.kind != "money" and sign_at(text, measure.end)[1]:
        return True
    if measure.unit in _ROUND and VERB_LAST.search(text, max(0, start - _VERB), start):
        return True  # 培育百家企业
    return bool(_BARE_AFTER.search(text, max(0, start - 3), start))


def _without_scale(digits: str) -> tuple[str, str]:
    """The scale that is told with the unit, and the numeral without it: 二千五百万 → 万, 二千五百."""
    tail = _TRAILING_SCALE.search(digits)
    # 二十一亿七千八百万 has no part that is a number of 万.
    if tail and numerals.number(digits[: tail.start()]) is not None:
        return tail[0], digits[: tail.start()]
    return "", digits


def _value(digits: str, top: str | None) -> tuple[float | None, float | None]:
    """The value of a numeral and of the end of its range: 三至五, 三五, 两三."""
    if top is None and (rough := _ROUGHLY.fullmatch(digits)):
        low, high = numerals.number(rough["low"]) or 0, numerals.number(rough["high"]) or 0
        return (low, high) if high == low + 1 or digits == "三五" else (None, None)
    if len(digits) > _LONGEST_NUMERAL:
        return None, None
    return numerals.number(digits), numerals.number(top) if top else None


def _classed(text: str, quantity: Quantity) -> Quantity:
    """A quantity that tells how large a thing is meant to be: 百亿级, 500亿元级."""
    if _CLASS.fullmatch(quantity.unit):
        return replace(quantity, kind="class")
    if _CLASS.fullmatch(quantity.unit + text[quantity.end : quantity.end + 1]):
        return replace(quantity, kind="class", unit=quantity.unit + "级", end=quantity.end + 1)
    return quantity


def _range(text: str, low: Quantity, high: Quantity) -> Quantity | None:
    """One quantity for 10%～15%, 5至10个百分点, 5000万—1亿元; 由5%至10% is a change and stays two."""
    between = _BETWEEN_RANGE.fullmatch(text, low.end, high.start)
    if not between or low.value is None or high.value is None or low.upper or low.sign:
        return None
    if text[max(0, low.start - 1) : low.start] in ("由", "从"):
        return None
    (scale, measure), (top_scale, top_measure) = _parted(low.unit), _parted(high.unit)
    if measure not in ("", top_measure):
        return None
    value = low.value * (numerals.scale(scale) / numerals.scale(top_scale) if scale else 1)
    return replace(high, start=low.start, value=round(value, 9), upper=high.value, chinese=low.chinese)


def _closed_range(text: str, quantity: Quantity) -> Quantity:
    """1.2—1.8之间: a range with the word that closes it."""
    closed = BETWEEN.match(text, quantity.end) if quantity.upper is not None else None
    return replace(quantity, end=closed.end()) if closed else quantity


def _parted(unit: str) -> tuple[str, str]:
    """The scale of a unit and its measure word: 万元 → 万, 元."""
    scale = scale_of(unit)
    return scale, unit[len(scale) :]


def scale_of(unit: str) -> str:
    """The scale that a unit is told in: 万元 → 万."""
    return unit[: len(unit) - len(unit.lstrip("十百千万亿"))]


def _share_signs(text: str, found: list[Quantity]) -> None:
    """Give the figures of 分别增长10%、20%以上 what bounds the last."""
    for i in range(len(found) - 2, -1, -1):
        bare, last = found[i], found[i + 1]
        listed = (
            not bare.sign and last.sign and bare.unit == last.unit and _SHARED.fullmatch(text, bare.end, last.start)
        )
        if listed and "分别" in text[max(0, bare.start - _SHARED_OUT) : bare.start]:
            found[i] = replace(bare, sign=last.sign)


def _share_units(text: str, found: list[Quantity]) -> None:
    """Give the figures of 分别新增5、6、7个 the measure word of the last."""
    for i in range(len(found) - 2, -1, -1):
        bare, last = found[i], found[i + 1]
        listed = bare.kind == "none" and last.unit and _SHARED.fullmatch(text, bare.end, last.start)
        if listed and "分别" in text[max(0, bare.start - _SHARED_OUT) : bare.start]:
            found[i] = replace(bare, unit=last.unit, kind=last.kind)
