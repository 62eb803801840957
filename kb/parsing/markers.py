"""Printed numbers that may begin a clause: where they stand, what they count, how much the place speaks for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kb.numerals import number
from kb.text import Reading

Place = Literal["line", "sentence", "running"]

# From the outermost in: the usual order of GB/T 9704 (一、（一）1.（1）), laws above it, circled numbers below it.
STYLES = ("编", "章", "节", "条", "一、", "（一）", "1.", "1.1", "1.1.1", "（1）", "1）", "①")

_HAN = "一二三四五六七八九十百零〇"
_MARKER = re.compile(
    rf"""
    (?P<law>第\s?(?P<law_n>[{_HAN}]{{1,7}}|\d{{1,4}})\s?(?P<law_style>编|章|节|条|部分))   # 第三条
    | (?P<han>(?P<han_n>[{_HAN}]{{1,4}})\ ?[、.])(?!\d)                         # 三、
    | (?P<han_bracket>（\ ?(?P<han_bracket_n>[{_HAN}]{{1,4}})\ ?）[、.]?)      # （三）
    | (?P<deep>(?P<deep_n>\d{{1,2}}(?:\.\d{{1,2}}){{1,2}})[.、]?(?=[\ ]?[^\d\s.%，。、；）～—\-:：]))  # 3.1 组织, at the beginning of a line only
    | (?P<digit>(?P<digit_n>\d{{1,3}})\ ?[.、](?!\d(?!\d{{3}}年)))                # 3. and 3.2025年, not 3.5
    | (?P<digit_bracket>（\ ?(?P<digit_bracket_n>\d{{1,3}})\ ?）[、.]?)      # （3）
    | (?P<half_bracket>(?P<half_bracket_n>\d{{1,2}})\ ?）[、.]?)             # 3）
    | (?P<circle>[①-⑳])                                                    # ③
    """,
    re.VERBOSE,
)
_STYLE_OF = {"han": "一、", "han_bracket": "（一）", "digit": "1.", "digit_bracket": "（1）", "half_bracket": "1）"}

# What follows shows that the number is named, not counted: "（一）、（二）项", "第三条规定", "（二）中所称".
_NAMED_AFTER = re.compile(
    r"[、，和至及或与到—～]\s?(?:第?（|第[一二三四五六七八九十百零〇\d])|[款项目]|中所|中的|规定|所列|所述|所称|之[一二三四五六七八九十]?(?:规定|的)|以[上下]"
)
# What stands before shows the same: "本法第三条", "符合（一）", "附件1.", "表2.".
_NAMED_BEFORE = re.compile(
    r"(?:[本该前第《、见]|按照|依据|违反|符合|属于|附件|附表|规定的|依照|根据|适用|参照|[法例定则]|(?:）|条|款|项)[和与及或至])\s?$"
)
_IN_A_WORD = re.compile(rf"[A-Za-z\d{_HAN}第.～—〔-]$")
_SENTENCE_BEFORE = "。！？；：）”》…:;"


@dataclass(frozen=True, slots=True)
class Marker:
    """A printed number: its place in the reading, its style (one of ``STYLES``), the number, and where it stands."""

    start: int
    end: int
    style: str
    number: int
    place: Place
    near: bool = False  # the marker before stands close, with only a heading between


def find_markers(reading: Reading, shift: int = 0) -> list[Marker]:
    """Every place of the reading where a clause may begin, in order, counted from ``shift``.

    "一、总体要求（一）指导思想" → 一、 at a line's beginning, （一） in running text, near
    """
    text = reading.text
    found: list[Marker] = []
    for match in _MARKER.finditer(text):
        kind = _kind(match)
        place = _place(text, match.start())
        style, count = _value(match, kind)
        if count is None or _is_named(text, match, kind, place):
            continue
        near = (
            bool(found)
            and match.start() + shift - found[-1].end <= 60
            and not re.search("[。；！？\n]", text[found[-1].end - shift : match.start()].rstrip("\n。"))
        )
        found.append(Marker(shift + match.start(), shift + match.end(), style, count, place, near))
    return found


def _kind(match: re.Match[str]) -> str:
    for kind in ("law", "han", "han_bracket", "deep", "digit", "digit_bracket", "half_bracket", "circle"):
        if match.group(kind):
            return kind
    raise AssertionError("one of the alternatives has matched")


def _value(match: re.Match[str], kind: str) -> tuple[str, int | None]:
    if kind == "circle":
        return "①", ord(match.group()) - ord("①") + 1
    if kind == "deep":
        parts = match.group("deep_n").split(".")
        return ("1.1", "1.1.1")[len(parts) - 2], int(parts[-1])
    digits = match.group(f"{kind}_n")
    value = number(digits)
    style = match.group("law_style") if kind == "law" else _STYLE_OF[kind]
    return ("章" if style == "部分" else style), None if value is None else int(value)


def _place(text: str, start: int) -> Place:
    before = text[max(0, start - 8) : start].rstrip(" ")[-1:]
    if not before or before == "\n":
        return "line"
    return "sentence" if before in _SENTENCE_BEFORE else "running"


def _is_named(text: str, match: re.Match[str], kind: str, place: Place) -> bool:
    """Whether the number is part of a reference, a quantity or a word."""
    if (kind == "deep" and place != "line") or _NAMED_AFTER.match(text, match.end()):
        return True
    if place == "line":
        return False
    start = match.start()
    before = text[max(0, start - 4) : start]
    if kind in ("digit", "half_bracket", "han") and _IN_A_WORD.search(before):
        return True
    if kind == "half_bracket":
        low = max(0, start - 40)
        return place == "running" or text.rfind("（", low, start) > text.rfind("）", low, start)
    # In running text a law's own article follows a full stop or a heading; anything tighter is a reference.
    return place == "running" and kind != "han" and _NAMED_BEFORE.search(before) is not None
