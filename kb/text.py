"""Text that is cleaned without losing its place: one character stays one character, and what is left out is skipped, not moved."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.models import Clause, Span

# Printed variants of one sign. Brackets, commas and colons go to their Chinese form because rules read better with one of them;
# digits, letters and the full stop of numbering go to ASCII because numbers are read there.
_VARIANTS = {
    "(": "（", ")": "）", ",": "，", ":": "：", ";": "；", "?": "？", "!": "！",
    "[": "〔", "]": "〕", "［": "〔", "］": "〕", "﹝": "〔", "﹞": "〕", "【": "〔", "】": "〕",
    "．": ".", "\ue011": ".", "\ue00a": ".", "﹒": ".", "・": "·", "•": "·", "％": "%", "﹪": "%", "＋": "+", "－": "-",
    "~": "～", "∼": "～", "〜": "～", "˜": "～", "–": "—", "―": "—", "─": "—", "○": "〇", "◯": "〇", "Ｏ": "〇",
    "\u3000": " ", "\xa0": " ", "\t": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\ufeff": " ", "\u200b": " ",
    "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip
_TABLE = str.maketrans(
    {chr(0xFF10 + i): str(i) for i in range(10)}
    | {chr(0xFF21 + i): chr(0x41 + i) for i in range(26)}
    | {chr(0xFF41 + i): chr(0x61 + i) for i in range(26)}
    | _VARIANTS
)

SENTENCE_ENDS = "。！？\n"


def normalise(text: str) -> str:
    """The text with printed variants of one sign made equal, same length.

    "(一)１．５％" → "（一）1.5%"
    """
    return text.translate(_TABLE)


@dataclass(frozen=True, slots=True)
class Reading:
    """Normalised characters together with where each stands in the source.

    ``offsets[i]`` is the place of ``text[i]`` in ``source`` and rises strictly; characters that are not read (line wraps, page
    furniture, second copies) simply have no place here.
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

    def cut(self, start: int, end: int) -> Reading:
        """The part of this reading from ``start`` to ``end`` (places in ``self.text``)."""
        return Reading(self.source, self.text[start:end], self.offsets[start:end])

    def span(self, start: int, end: int) -> Span:
        """Where ``self.text[start:end]`` stands in the source; an empty range stands before its first character."""
        if start >= end:
            at = self.offsets[start] if start < len(self.offsets) else (self.offsets[-1] + 1 if self.offsets else 0)
            return Span(at, at)
        return Span(self.offsets[start], self.offsets[end - 1] + 1)

    def verbatim(self, start: int, end: int) -> str:
        """The characters of ``self.text[start:end]`` as they are printed, without what is not read."""
        source = self.source
        return "".join([source[i] for i in self.offsets[start:end]])


@dataclass(frozen=True, slots=True)
class Passage:
    """What extraction works on: a clause, its own text (without sub-clauses), and the passage above it."""

    clause: Clause
    reading: Reading
    parent: Passage | None = None


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
