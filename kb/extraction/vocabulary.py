"""The lexicon of targets and deadlines (kb/lexicon/measures, comparators, commitments), compiled once for the rules that use it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kb.lexicon import any_of, table
from kb.models import Comparator

MeasureKind = Literal["count", "share", "extent", "money", "time", "soft", "class", "none"]
WordKind = Literal["reach", "ratio", "bound", "change", "near", "is", "stop"]


@dataclass(frozen=True, slots=True)
class ComparatorWord:
    """A word before a number and what it makes of it."""

    kind: WordKind
    sign: Comparator


def begins_with(words: Iterable[str]) -> str:
    """A pattern that looks at one character before the words are all tried: whether any of them begins so."""
    return f"(?=[{re.escape(''.join(sorted({word[0] for word in words})))}])"


_KINDS = table("measures")
# None: a noun that only begins like a measure word (8部门 is no 8 部).
MEASURES: dict[str, MeasureKind | None] = {
    word: None if kind == "words" else kind  # type: ignore[misc]  # the file's other keys are the kinds
    for kind, words in _KINDS.items()
    for word in words
}
LATIN_MEASURES = {word.lower(): kind for word, kind in MEASURES.items() if word[-1].isascii() and word[-1].isalpha()}
_COMPARATORS = table("comparators")
_TURNED: dict[Comparator, Comparator] = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}


def _words_before() -> Iterator[tuple[str, ComparatorWord]]:
    """The words before a number, those that bound it also behind each negation: 低于, 不低于, 不得低于."""
    for kind, entries in _COMPARATORS["before"].items():
        for word, entry in entries.items():
            yield word, ComparatorWord(kind, entry["sign"])
            if kind == "bound" and word[0] >= "\u4e00":
                turned = ComparatorWord(kind, _TURNED[entry["sign"]])
                yield from ((negation + word, turned) for negation in _COMPARATORS["negations"])


WORDS_BEFORE = dict(_words_before())
LONGEST_BEFORE = max(map(len, WORDS_BEFORE))
SIGNS_AFTER: dict[str, Comparator] = {word: entry["sign"] for word, entry in _COMPARATORS["after"].items()}
BETWEEN = re.compile(any_of(_COMPARATORS["ranges"]))
BOUNDS: dict[str, Comparator] = {word: found.sign for word, found in WORDS_BEFORE.items() if found.kind == "bound"}

_COMMITMENTS = table("commitments")
_PROMISES, _ENUMERATIONS = _COMMITMENTS["promises"], _COMMITMENTS["enumerations"]
VERB = re.compile(rf"{any_of(_COMMITMENTS['verbs'])}|新（[^（）]{{1,4}}）建")  # 新（改、扩）建学校40所
VERB_LAST = re.compile(rf"(?:{VERB.pattern})[了出好]?$")
OPENING = re.compile(rf"(?:[ —、〓〒]|{'|'.join(_PROMISES['openings'])})*")
CLOSING = re.compile(rf"(?:[ —、〓〒和及与]|{'|'.join(_PROMISES['closings'])})+$")
PROMISES_MUCH = re.compile(any_of(_PROMISES["strong"]))
# 覆盖率稳步提升，达到60%: how what is named changes
IMPROVED = re.compile(
    r"(?:逐年|逐步|稳步|稳定|持续|不断|进一步|大幅度?|明显|显著|有效|有所|全面|较快|平稳|大大)+(?:提[高升]|增[长加强]|上升|下降|降低|扩大|减少|改善|优化|壮大|回升|发展)$"
)
PERFORMER = re.compile(any_of(_COMMITMENTS["performers"]["verbs"]))
UNDERGOES = re.compile(rf"(?!的|.*[已了])[\u4e00-\u9fff]{{1,12}}?(?:{any_of(_COMMITMENTS['undergoes'])})$")
ENUMERATION = re.compile(
    rf"(?:重点|关键|主要|核心|重要)?(?:{'|'.join(_ENUMERATIONS['abstract'])})|[\u4e00-\u9fff]{{0,4}}(?:机制|制度|体系|原则|程序|基本要求)|(?:{any_of(_ENUMERATIONS['groups'])})(?!、[\u4e00-\u9fff]{{1,3}}级)(?=[ ，。；：、（）的]|$|进行|开展|联合|印发|分工|按|共同|之间)"
)
_CUES: dict[str, re.Pattern[str]] = {cue["name"]: re.compile(cue["pattern"]) for cue in _COMMITMENTS["cues"]}
_SECTIONS = {one["name"]: re.compile(one["pattern"]) for one in _COMMITMENTS["sections"]}
_HEADING_LENGTH = 24  # characters; a longer heading is a sentence
EACH = re.compile("|".join(entry["pattern"] for entry in _COMMITMENTS["each"]))
_COUNTED = (word for word, kind in MEASURES.items() if kind in ("count", "extent"))
EACH_UNIT = re.compile(rf"每[百千万]*(?:{any_of(_COUNTED)})人?$")  # 每平方公里 0.6万人, 每县 1所


@lru_cache(maxsize=16)
def _places(name: str, text: str) -> tuple[list[int], list[int]]:
    """Where the words of a cue begin and end in a text."""
    found = [match.span() for match in _CUES[name].finditer(text)]
    return [start for start, _ in found], [end for _, end in found]


def cued(name: str, text: str, start: int, end: int) -> bool:
    """Whether a word of the cue of that name stands in a stretch of the text."""
    starts, ends = _places(name, text)
    at = bisect_left(starts, start)
    return at < len(ends) and ends[at] <= end


def short_headings(headings: Iterable[str]) -> list[str]:
    """Those that head a section; a longer one is a sentence."""
    return [heading for heading in headings if len(heading) <= _HEADING_LENGTH]


@lru_cache(maxsize=16)  # asked for by two of the finders of a clause
def section_named(headings: tuple[str, ...]) -> str:
    """The kind of section that headings name: "past", "conditions", or "" when they say nothing.

    "存在问题" → past · "申报条件" → conditions
    """
    named = {name for heading in short_headings(headings) for name in _named_in(heading)}
    return next((name for name in _SECTIONS if name in named), "")


@lru_cache(maxsize=1 << 10)  # a heading stands above many clauses
def _named_in(heading: str) -> tuple[str, ...]:
    return tuple(name for name, says in _SECTIONS.items() if says.search(heading))
