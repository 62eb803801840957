"""Cells of a workbook as they are shown: a value under its number format (ECMA-376, part 1, 18.8.31)."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS

# What Chinese editions of Excel and WPS show under numbers of formats that a file does not spell out; openpyxl knows the English ones only.
_YEAR_MONTH, _MONTH_DAY, _WHOLE = 'yyyy"年"m"月"', 'm"月"d"日"', 'yyyy"年"m"月"d"日"'
BUILTIN_FORMATS.update(
    {14: "yyyy/m/d", 22: "yyyy/m/d h:mm", 27: _YEAR_MONTH, 28: _MONTH_DAY, 29: _MONTH_DAY, 30: "yyyy/m/d", 31: _WHOLE}
    | {36: _YEAR_MONTH, 50: _YEAR_MONTH, 51: _MONTH_DAY, 52: _YEAR_MONTH, 53: _MONTH_DAY, 54: _MONTH_DAY}
    | {57: _YEAR_MONTH, 58: _MONTH_DAY}
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*')
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.|(?P<plain>.)'
)
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?,*|\.[#0?]+")
_UNCOMMON = re.compile(r"[Ee][+-]|/")  # powers of ten, fractions
_OF_DATE = re.compile(r"[yY]+|[eE]+|[mM]+|[dD]+|[hH]+|[sS]+")
_LETTERS = re.compile("m{3,}|d{3,}|am/pm|a/p", re.IGNORECASE)  # names of months and days
_PRECISION = 40  # digits; values have at most 17
_QUOTE = "\x00"  # before a character that stands for itself

_PICTURE = "=DISPIMG("  # what WPS writes into a cell for a picture in it


def shown(value: object, form: str) -> str:
    """What a cell shows: (0.65, "0%") → "65%"; (1100.9, "#,##0.0") → "1,100.9"; (2025-12-01, 'yyyy"年"m"月"') → "2025年12月"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, form)
    if isinstance(value, datetime | date | time):
        return _date(value, form)
    text = str(value)
    return "" if text.startswith(_PICTURE) else text


def _number(value: float, form: str) -> str:
    if not math.isfinite(value):
        return str(value)
    sections = _sections(form)
    negative = value < 0 and len(sections) > 1
    section = sections[1] if negative else sections[2] if value == 0 and len(sections) > 2 else sections[0]
    before, digits, after = _parted(section)
    size = abs(value) if negative else value
    if digits:
        return before + _figures(size, digits, percents=(before + after).count("%")) + after
    if not section and len(sections) > 1:
        return ""  # hidden on purpose
    if "General" in section or not section.strip("@") or _UNCOMMON.search(section):
        return before.replace("General", _general(size)) + after if "General" in before else _general(value)
    return before + after  # a section of words only: "-" for zero


@lru_cache(maxsize=256)
def _sections(form: str) -> list[str]:
    """The sections of a format: for what is greater than zero, less, and zero."""
    found, at = [], 0
    while True:
        end = next(_SECTION.finditer(form, at)).end()  # it may be empty
        found.append(form[at:end])
        if end >= len(form):
            return found
        at = end + 1


@lru_cache(maxsize=256)
def _parted(section: str) -> tuple[str, str, str]:
    """What stands before the digits of a section, how they are written, and what stands behind."""
    marked = _marked(section)
    plain = re.sub(f"{_QUOTE}.", "\x01\x01", marked)
    digits = None if _UNCOMMON.search(plain) else _DIGITS.search(plain)
    if digits is None:
        return marked.replace(_QUOTE, ""), "", ""
    before, after = marked[: digits.start()], marked[digits.end() :]
    return before.replace(_QUOTE, ""), digits[0], after.replace(_QUOTE, "")


def _marked(section: str) -> str:
    """A section without colours, conditions and fill; a sign before each character that stands for itself."""
    pieces = []
    for token in _TOKEN.finditer(section):
        own = token["quoted"] or token["escaped"] or token["currency"] or ""
        pieces.append("".join(_QUOTE + sign for sign in own) or token["plain"] or "")
    return "".join(pieces)


def _figures(value: float, digits: str, *, percents: int) -> str:
    """A number by a pattern of digits: (1100.9, "#,##0.00") → "1,100.90"."""
    whole, _, fraction = digits.partition(".")
    thousands = len(digits) - len(digits.rstrip(",")) if fraction else len(whole) - len(whole.rstrip(","))
    fraction = fraction.rstrip(",")
    with localcontext() as context:
        context.prec = _PRECISION + len(digits) + 330  # a float has up to 309 digits before the point
        exact = Decimal(repr(value)).scaleb(2 * percents - 3 * thousands)
        rounded = exact.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
        text = f"{abs(rounded):,f}" if "," in whole.rstrip(",") else f"{abs(rounded):f}"
    units, _, decimals = text.partition(".")
    least = len(fraction.rstrip("#?"))
    decimals = decimals[:least] + decimals[least:].rstrip("0")
    units = units.zfill(whole.count("0"))
    return "-" * (rounded < 0) + units + ("." + decimals if decimals else "")


def _general(value: float) -> str:
    """A number without a format: 3.0 → "3"; 0.1 + 0.2 → "0.3"."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return format(Decimal(format(value, ".11g")), "f")


def _date(value: date | time, form: str) -> str:
    section = _sections(form)[0]
    marked = _marked(section)
    plain = re.sub(f"{_QUOTE}.", "", marked)
    if form == "General" or _LETTERS.search(plain) or "[" in section.replace("[$", "") or not _OF_DATE.search(plain):
        return str(value).removesuffix(" 00:00:00")
    pieces, last, minutes = [], "", False
    for part in re.finditer(f"{_QUOTE}.|{_OF_DATE.pattern}|.", marked):
        token = part[0]
        kind = token[0].lower() if _OF_DATE.fullmatch(token) else ""
        minutes = kind == "m" and (
            last == "h" or re.match(r"[^a-zA-Z]*s", marked[part.end() :], re.IGNORECASE) is not None
        )
        pieces.append(_field(value, "n" if minutes else kind, len(token)) if kind else token.lstrip(_QUOTE))
        last = kind or last
    return "".join(pieces).removesuffix("@")


def _field(value: date | time, kind: str, width: int) -> str:
    """One field of a date or time, with leading zeros up to its width."""
    names = {"y": "year", "e": "year", "m": "month", "d": "day", "h": "hour", "n": "minute", "s": "second"}
    number: int = getattr(value, names[kind], 0)
    if kind == "y" and width <= 2:
        return f"{number % 100:02d}"
    return str(number) if kind in "ye" else str(number).zfill(min(width, 2))
