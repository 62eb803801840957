"""Provisions of documents: 第九条, 第9条 and 9条 are one, and so are 三、（二） and the clause ``#三.二``."""

from __future__ import annotations

import re

from kb.text.numerals import CHINESE_NUMERALS, ordinal

NUMERAL = rf"(?:\d{{1,4}}|[{CHINESE_NUMERALS}]{{1,9}})"
_COUNTED = re.compile(rf"第?(?P<number>{NUMERAL})(?P<level>分编|[编章节条])(?:之(?P<inserted>{NUMERAL}))?")

Path = tuple[str, ...]


def level_key(number: str) -> str:
    """The printed number of one level in a form for comparison.

    "第一百二十条之一", "120条之1" → "120条1"; "三、" → "3"; "（二）" → "2"; "附件" → "附件"
    """
    if counted := _COUNTED.fullmatch(number):
        inserted = ordinal(counted["inserted"] or "")
        return f"{ordinal(counted['number'])}{counted['level']}{inserted or ''}"
    value = ordinal(number)
    return number if value is None else str(value)


def path_of(clause_id: str) -> Path:
    """The levels of a clause from the top, in a form for comparison: "law#第二章.第九条" → ("2章", "9条")."""
    return tuple(level_key(level.partition("~")[0]) for level in clause_id.rpartition("#")[2].split("."))
