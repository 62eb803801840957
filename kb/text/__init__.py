"""Text that is cleaned without losing its place: one character stays one character, and what is left out is skipped, not moved."""

from __future__ import annotations

import sys
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kb.models import Clause, Span
from kb.text.traditional import simplified

# Printed variants of one sign. Brackets, commas and colons go to their Chinese form because rules read better with one of them;
# digits, letters and the full stop of numbering go to ASCII because numbers are read there.
_VARIANTS = {
    "(": "（", ")": "）", ",": "，", ":": "：", ";": "；", "?": "？", "!": "！",
    "[": "〔", "]": "〕", "［": "〔", "］": "〕", "﹝": "〔", "﹞": "〕", "【": "〔", "】": "〕", "〖": "〔", "〗": "〕",
    "．": ".", "\ue011": ".", "\ue00a": ".", "﹒": ".", "・": "·", "•": "·", "％": "%", "﹪": "%", "＋": "+", "－": "-",
    "~": "～", "∼": "～", "〜": "～", "˜": "～", "–": "—", "―": "—", "─": "—", "○": "〇", "◯": "〇", "Ｏ": "〇",
    "\u3000": " ", "\xa0": " ", "\t": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\ufeff": " ", "\u200b": " ",
    "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip
# Radicals and compatibility characters (⼈⽔⺠⻓), which some fonts and keyboards give in place of the characters that they look like.
_RADICALS_WITHOUT_FORM = (
    "⺁厂⺄乙⺇几⺊卜⺍小⺎尢⺒巳⺓幺⺜日⺝月⺟母⺠民⺢水⺧牛⺩王⺫目⺬示⺮竹⺰丝⺱网⺶羊⺷羊⺹老⺼肉⺽臼⻁虎⻄西⻅见⻆角⻇角⻉贝⻊足⻋车⻑長⻒镸⻓长"
    "⻔门⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫齐⻬齐⻭齿⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
_RADICALS = {
    point: unicodedata.normalize("NFKC", chr(point))
    for first, last in ((0x2F00, 0x2FD5), (0xF900, 0xFAD9), (0x2F800, 0x2FA1D))
    for point in range(first, last + 1)
    if len(unicodedata.normalize("NFKC", chr(point))) == 1
} | str.maketrans(_RADICALS_WITHOUT_FORM[::2], _RADICALS_WITHOUT_FORM[1::2])
_SIGNS = str.maketrans(
    {chr(0xFF10 + i): str(i) for i in range(10)}
    | {chr(0xFF21 + i): chr(0x41 + i) for i in range(26)}
    | {chr(0xFF41 + i): chr(0x61 + i) for i in range(26)}
    | _VARIANTS
    | simplified()
)

_SHORT = 48  # characters; longer texts are replaced all at once, which is ten times as fast


class Replacement:
    """Puts one character in the place of another, wherever it stands; the text keeps its length."""

    def __init__(self, table: Mapping[int, str | int]) -> None:
        """``table`` is one of ``str.maketrans`` with single characters."""
        self._table = table
        self._points: NDArray[np.uint32] = np.arange(sys.maxunicode + 1, dtype="<u4")
        for point, other in table.items():
            self._points[point] = ord(other) if isinstance(other, str) else other

    def __call__(self, text: str) -> str:
        """The text with all characters replaced."""
        if len(text) < _SHORT:
            return text.translate(self._table)
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        replaced: bytes = self._points[points].tobytes()
        return replaced.decode("utf-32-le", "surrogatepass")

    def before(self, table: Mapping[int, str | int]) -> Replacement:
        """Both replacements at once, the other one behind this one."""
        return Replacement({**table, **{point: self(chr(point)).translate(table) for point in self._table}})


RADICALS = Replacement(_RADICALS)  # ⽔ → 水: some fonts of PDF files map characters to radicals
NORMAL = RADICALS.before(_SIGNS)  # the compatibility character of 歲 is 歲 first and then 岁

UNSEEN = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"  # without a width: soft hyphens, joiners, marks of direction
)
SENTENCE_ENDS = "。！？\n"


def normalise(text: str) -> str:
    """The text with printed variants of one sign made equal, traditional characters among them, same length.

    "(一)１．５％" → "（一）1.5%"; "養老服務" → "养老服务"
    """
    return NORMAL(text)


@dataclass(frozen=True, slots=True)
class Reading:
    """Normalised characters together with where each stands in the source.

    ``offsets[i]`` is the place of ``text[i]`` in ``source`` and never falls; characters that are not read (line wraps, page
    furniture, second copies) simply have no place here. What is read between the cells of a row and stands nowhere in the source
    (the label of the column) has the place of a neighbour.
    """

    source: str
    text: str
    offsets: array[int]

    def __post_init__(self) -> None:
        if len(self.text) != len(self.offsets):
            raise ValueError(f"{len(self.text)} characters with {len(self.offsets)} offsets")

    @classmethod
    def of(cls, source: str, spans: Iterable[Span] | None = None) -> Reading:
        """Read the given spans of the source, in order; all of it when none are given."""
        if spans is None:
            return cls(source, normalise(source), array("i", range(len(source))))
        offsets = array("i")
        pieces = []
        for span in spans:
            offsets.extend(range(span.start, span.end))
            pieces.append(source[span.start : span.end])
        return cls(source, normalise("".join(pieces)), offsets)

    def __len__(self) -> int:
        return len(self.text)

    def is_printed(self, at: int) -> bool:
        """Whether the character at a place stands in the source, not only in the reading."""
        return _reads(self.text[at], normalise(self.source[self.offsets[at]]))

    def cut(self, start: int, end: int) -> Reading:
        """The part of this reading from ``start`` to ``end`` (places in ``self.text``)."""
        return Reading(self.source, self.text[start:end], self.offsets[start:end])

    def without(self, spans: Iterable[Span]) -> Reading:
        """This reading without some of its ranges, which are in order (places in ``self.text``)."""
        pieces, offsets, at = list[str](), array("i"), 0
        for span in (*spans, Span(len(self), len(self))):
            pieces.append(self.text[at : span.start])
            offsets.extend(self.offsets[at : span.start])
            at = span.end
        return Reading(self.source, "".join(pieces), offsets)

    def joined(self, later: Reading) -> Reading:
        """This reading and a later one of the same source."""
        return Reading(self.source, self.text + later.text, self.offsets + later.offsets)

    def span(self, start: int, end: int) -> Span:
        """Where ``self.text[start:end]`` stands in the source; an empty range stands before its first character."""
        if start >= end:
            at = self.offsets[start] if start < len(self.offsets) else (self.offsets[-1] + 1 if self.offsets else 0)
            return Span(at, at)
        return Span(self.offsets[start], self.offsets[end - 1] + 1)

    def verbatim(self, start: int, end: int) -> str:
        """The characters of ``self.text[start:end]`` as they are printed, without what is not read."""
        source, offsets, read = self.source, self.offsets[start:end], self.text[start:end]
        if offsets and offsets[-1] - offsets[0] == len(offsets) - 1:  # nothing is left out
            printed = source[offsets[0] : offsets[-1] + 1]
        else:
            printed = "".join([source[i] for i in offsets])
        if (same := normalise(printed)) == read:
            return printed
        return "".join(p if r == "\n" or _reads(r, s) else r for p, s, r in zip(printed, same, read, strict=True))


def _reads(read: str, normal: str) -> bool:
    """Whether a character that is read may stand for a normalised one: the figures of a year for those that are written out."""
    return read == normal or (read.isdigit() and normal in "零〇一二三四五六七八九")


@dataclass(frozen=True, slots=True)
class Passage:
    """What extraction works on: a clause, its own text (without sub-clauses), and the passage above it."""

    clause: Clause
    reading: Reading
    parent: Passage | None = None

    @property
    def heading(self) -> str:
        """The heading of the clause, normalised."""
        return _heading(self.clause.heading)

    @property
    def headings(self) -> tuple[str, ...]:
        """The heading of the clause and those above it, from the highest, normalised."""
        return (self.heading, *map(_heading, self.clause.path))


@lru_cache(maxsize=1 << 10)  # a heading stands above many clauses
def _heading(text: str) -> str:
    return normalise(text)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of the sentences of a normalised text, closing mark included; nothing is left out.

    "甲。乙" → (0, 2), (2, 3)
    """
    start = 0
    for i, character in enumerate(text):
        if character in SENTENCE_ENDS:
            yield start, i + 1
            start = i + 1
    if start < len(text):
        yield start, len(text)
