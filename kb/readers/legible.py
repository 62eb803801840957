"""Whether the characters of a page are text, or what a font without a character mapping gives in its place."""

from __future__ import annotations

import unicodedata
from functools import cache

MEANINGLESS = 0.3  # share of the characters of a page, or of a line; in real texts it stays below 0.02
# Beside the Chinese characters in use: ASCII, signs, Greek, Cyrillic, punctuation, symbols, kana, Hangul, wide forms.
_KNOWN = (
    (0x20, 0x7E), (0xA0, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x370, 0x4FF), (0x2000, 0x27BF), (0x2E80, 0x33FF),
    (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE10, 0xFE6F), (0xFF00, 0xFFEF), (0x1F000, 0x1FAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
_HAN = (0x3400, 0x9FFF)


def meaningless(text: str) -> float:
    """The share of letters and digits that documents do not use: private ones, replacements, far scripts, Chinese ones that nobody writes."""
    letters = [sign for sign in text if unicodedata.category(sign)[0] in "LNC"]
    return sum(not _is_used(sign) for sign in letters) / (len(letters) or 1)


@cache
def _is_used(sign: str) -> bool:
    point = ord(sign)
    if _HAN[0] <= point <= _HAN[1]:
        return sign in _written()
    return any(first <= point <= last for first, last in _KNOWN)


@cache
def _written() -> frozenset[str]:
    """The Chinese characters of GB 2312, and the common ones of Big5."""
    simplified = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    traditional = (bytes((row, cell)) for row in range(0xA4, 0xC7) for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return frozenset(code.decode("gb2312", "ignore") for code in simplified) | frozenset(
        code.decode("big5", "ignore") for code in traditional
    )
