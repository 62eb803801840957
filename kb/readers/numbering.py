"""Automatic numbering of Word paragraphs, as displayed (ECMA-376, part 1, 17.9)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from kb.text.numerals import chinese

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_CHINESE = frozenset(
    "chineseCounting chineseCountingThousand chineseLegalSimplified ideographTraditional japaneseCounting taiwaneseCounting "
    "taiwaneseCountingThousand ideographDigital japaneseDigitalTenThousand".split()
)
_CIRCLED = frozenset(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"))
_PLACEHOLDER = re.compile(r"%([1-9])")
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: its first number, its number format, and the level text around the number ("（%1）")."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    figures: bool = False  # isLgl: numbers of all levels in Arabic digits


@dataclass(slots=True)
class Numbering:
    """The lists of a document and the current count of each."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)  # abstract list → level → form
    lists: dict[str, str] = field(default_factory=dict)  # numId → abstract list
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)  # numId → level → first number
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    begun: set[tuple[str, int]] = field(default_factory=set)

    def next(self, number_id: str, level: int) -> str:
        """The number of the next paragraph of a list; "" for bullets and undefined lists.

        the third of "（%1）" in chineseCounting → "（三）"
        """
        abstract = self.lists.get(number_id, "")
        levels = self.levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self.counts[abstract]
        restart = self.restarts.get(number_id, {}).get(level)
        if restart is not None and (number_id, level) not in self.begun:
            counts[level] = restart
        else:
            counts[level] = counts.get(level, levels[level].start - 1) + 1
        self.begun.add((number_id, level))
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        form = levels[level]
        return _PLACEHOLDER.sub(lambda match: self._formatted(levels, counts, int(match[1]) - 1, form), form.text)

    def _formatted(self, levels: dict[int, Level], counts: dict[int, int], level: int, shown: Level) -> str:
        above = levels.get(level, Level())
        return format_number(counts.get(level, above.start), "decimal" if shown.figures else above.form)


def read_numbering(root: Any | None) -> Numbering:
    """The lists that ``word/numbering.xml`` defines; none without it."""
    numbering = Numbering()
    if root is None:
        return numbering
    for abstract in root.iter(f"{W}abstractNum"):
        levels = {parse_int(level.get(f"{W}ilvl"), 0): _level(level) for level in abstract.iter(f"{W}lvl")}
        numbering.levels[abstract.get(f"{W}abstractNumId", "")] = levels
    for instance in root.iter(f"{W}num"):
        number_id, abstract = instance.get(f"{W}numId", ""), instance.find(f"{W}abstractNumId")
        numbering.lists[number_id] = abstract.get(f"{W}val", "") if abstract is not None else ""
        for override in instance.iter(f"{W}lvlOverride"):
            start = override.find(f"{W}startOverride")
            if start is not None:
                level = parse_int(override.get(f"{W}ilvl"), 0)
                numbering.restarts.setdefault(number_id, {})[level] = parse_int(start.get(f"{W}val"), 1)
    return numbering


def parse_int(value: str | None, default: int) -> int:
    """The integer in an attribute; the default when it holds none."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 9 else default


def _level(element: Any) -> Level:
    def value(name: str, default: str) -> str:
        child = element.find(f"{W}{name}")
        return default if child is None else str(child.get(f"{W}val", default))

    form, text = value("numFmt", "decimal"), value("lvlText", "")
    is_unnumbered = form in ("bullet", "none")
    return Level(
        parse_int(value("start", ""), 1), form, "" if is_unnumbered else text, element.find(f"{W}isLgl") is not None
    )


def format_number(number: int, form: str) -> str:
    """A number in one of Word's number formats (ST_NumberFormat).

    (3, "chineseCounting") → "三"; (3, "decimalEnclosedCircle") → "③"; (3, "upperLetter") → "C"; (3, "lowerRoman") → "iii"
    """
    if form in _CHINESE:
        return chinese(number)
    if form in _CIRCLED and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    if form in ("upperLetter", "lowerLetter") and number >= 1:
        letter = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if form == "upperLetter" else letter.lower()
    if form in ("upperRoman", "lowerRoman") and 1 <= number < 40:
        roman = _roman(number)
        return roman.upper() if form == "upperRoman" else roman
    return str(number)


def _roman(number: int) -> str:
    roman = ""
    for value, letters in _ROMAN:
        roman += letters * (number // value)
        number %= value
    return roman
