"""The lexicon of targets and deadlines (kb/lexicon/measures, comparators, commitments), compiled once for the rules that use it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kb.lexicon import table
from kb.models import Comparator

MeasureKind = Literal["count", "share", "extent", "money", "time", "soft", "none"]
WordKind = Literal["reach", "ratio", "bound", "change", "near", "is", "stop"]


@dataclass(frozen=True, slots=True)
class ComparatorWord:
    """A word before a number and what it makes of it."""

    kind: WordKind
    sign: Comparator


def any_of(words: Iterable[str]) -> str:
    """A pattern that matches the longest of the words."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_KINDS = table("measures")
# None: a noun that only begins like a measure word (8部门 is no 8 部).
MEASURES: dict[str, MeasureKind | None] = {
    word: None if kind == "words" else kind  # type: ignore[misc]  # the file's other keys are the kinds
    for kind, words in _KINDS.items()
    for word in words
}
LONGEST_MEASURE = max(map(len, MEASURES))
WORDS_BEFORE: dict[str, ComparatorWord] = {
    word: ComparatorWord(kind, entry["sign"])
    for kind, entries in table("comparators")["before"].items()
    for word, entry in entries.items()
}
LONGEST_BEFORE = max(map(len, WORDS_BEFORE))
SIGNS_AFTER: dict[str, Comparator] = {word: entry["sign"] for word, entry in table("comparators")["after"].items()}
BOUNDS: dict[str, Comparator] = {word: found.sign for word, found in WORDS_BEFORE.items() if found.kind == "bound"}

_COMMITMENTS = table("commitments")
_PROMISES, _ENUMERATIONS = _COMMITMENTS["promises"], _COMMITMENTS["enumerations"]
VERB = re.compile(any_of(_COMMITMENTS["verbs"]))
VERB_LAST = re.compile(rf"(?:{VERB.pattern})[了出好]?$")
OPENING = re.compile(rf"(?:[ —、〓〒]|{'|'.join(_PROMISES['openings'])})*")
CLOSING = re.compile(rf"(?:[ —、〓〒和及与]|{'|'.join(_PROMISES['closings'])})+$")
PROMISES_MUCH = re.compile(any_of(_PROMISES["strong"]))
PERFORMER = re.compile(any_of(_COMMITMENTS["performers"]["verbs"]))
ENUMERATION = re.compile(
    rf"{any_of(_ENUMERATIONS['abstract'])}|[\u4e00-\u9fff]{{0,4}}(?:机制|制度|体系)|(?:{any_of(_ENUMERATIONS['groups'])})(?=[ ，。；：、）的]|$|进行|开展|联合|印发|分工|按|共同|之间)"
)
CUES: dict[str, re.Pattern[str]] = {cue["name"]: re.compile(cue["pattern"]) for cue in _COMMITMENTS["cues"]}
SECTIONS: dict[str, re.Pattern[str]] = {one["name"]: re.compile(one["pattern"]) for one in _COMMITMENTS["sections"]}
EACH = re.compile("|".join(entry["pattern"] for entry in _COMMITMENTS["each"]))
