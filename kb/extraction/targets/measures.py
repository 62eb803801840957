"""What stands behind a number: its scale (万), its measure word (公里, 吨/日) and what bounds it (以上)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_letters

from kb.extraction.vocabulary import LATIN_MEASURES, MEASURES, SIGNS_AFTER, MeasureKind
from kb.lexicon import any_of
from kb.models import Comparator

_SCALE = re.compile(
    r" ?(?P<vague>[多余几])?(?P<scale>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百)?(?P<vague_after>[多余])? ?"
)
_COUNTED = [word for word, kind in MEASURES.items() if kind in ("count", "extent", "money", "time")]
_RATE = re.compile(
    rf" ?/ ?(?:[百千万亿]|\d0*万)?(?:{any_of(_COUNTED)}|[月车床]|m[²³23]|k?m|[hHdDaALl])(?![A-Za-z])(?:·[年月日人])?"
)
_OR = re.compile(rf"（(?:{any_of(_COUNTED)})）")  # 4500套（间）
_AFTER = re.compile(rf" ?(?P<after>{any_of(SIGNS_AFTER)})")
_AND_A_HALF = re.compile(r"半(?![年径数])")
_HALF_OF = re.compile(r"半(?P<unit>小时|月)")  # 一个半小时

RATE_OF_PEOPLE = re.compile(r" ?/ ?(?:[1十百]0*)?[万千](?![元人户亩吨平立公])")  # 12/10万
_LETTERS = frozenset(ascii_letters)
_SIZES: dict[str, list[int]] = {}  # by their first character: how long measure words are, the longest first
for _word in sorted(MEASURES, key=len, reverse=True):
    for _first in {_word[0].lower(), _word[0].upper()}:
        if len(_word) not in (_sizes := _SIZES.setdefault(_first, [])):
            _sizes.append(len(_word))


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure word: unit as printed, kind, and where it ends; without one the unit is empty."""

    unit: str
    kind: MeasureKind
    end: int


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale behind a number, "" when there is none, and whether 多, 余 make it vague."""

    scale: str
    vague: bool
    scale_end: int  # behind the scale itself
    end: int  # where the measure word may begin


def scale_at(text: str, at: int) -> Scale:
    """The scale behind a number; none where it begins a measure word.

    "余万人" → 万, vague · "千瓦", "百分点" → none
    """
    unit = measure_at(text, at).unit
    match = _SCALE.match(text, at, at if len(unit) > 1 else len(text))
    assert match is not None  # every part of the pattern may be empty
    scale = match["scale"] or ""
    return Scale(scale, bool(match["vague"] or match["vague_after"]), match.end("scale") if scale else at, match.end())


def measure_at(text: str, at: int) -> Measure:
    """The longest measure word at a place, with the rate that it is told in; none when the word is another.

    "公里的路" → 公里 · "吨/日以上" → 吨/日 · "部门" → none
    """
    for size in _SIZES.get(text[at : at + 1], ()):
        word = text[at : at + size]
        kind = _kind(word) if len(word) == size else "none"
        if kind is None:
            break
        if kind == "none" or (word[-1] in _LETTERS and text[at + size : at + size + 1] in _LETTERS):
            continue
        rate = _RATE.match(text, at + size)
        other = None if rate else _OR.match(text, at + size)
        return (
            Measure(word + rate[0].replace(" ", ""), kind, rate.end())
            if rate
            else Measure(word, kind, other.end() if other else at + size)
        )
    return Measure("", "none", at)


def _kind(word: str) -> MeasureKind | None:
    """The kind of a measure word, None for a noun that only begins like one; Latin letters count in either case."""
    return MEASURES.get(word, "none") if word[-1] not in _LETTERS else LATIN_MEASURES.get(word.lower(), "none")


def half_more(text: str, measure: Measure, value: float | None) -> tuple[Measure, float | None]:
    """The measure and the value with the half that follows: 一倍半 → 1.5 倍, 一个半小时 → 1.5 小时."""
    if value is None:
        return measure, value
    if measure.unit == "个" and (half := _HALF_OF.match(text, measure.end)):
        unit = "个月" if half["unit"] == "月" else half["unit"]
        return Measure(unit, "time", half.end()), value + 0.5
    if measure.unit in ("倍", "年", "天", "番") and _AND_A_HALF.match(text, measure.end):
        return Measure(measure.unit, measure.kind, measure.end + 1), value + 0.5
    return measure, value


def sign_at(text: str, at: int) -> tuple[int, Comparator | None]:
    """Where the 以上, 左右 behind a quantity ends, and what it says of it."""
    match = _AFTER.match(text, at)
    return (match.end(), SIGNS_AFTER[match["after"]]) if match else (at, None)
