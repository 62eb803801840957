"""The lexicon of targets and deadlines (kb/lexicon/measures, comparators, commitments), compiled once for the rules that use it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kb.lexicon import table
from kb.models import Comparator

MeasureKind = Literal["count", "share", "extent", "money", "time", "soft", "none"]
WordKind = Literal["reach", "bound", "change", "near", "stop"]


@dataclass(frozen=True, slots=True)
class ComparatorWord:
    """A word before a number and what it makes of it."""

    kind: WordKind
    sign: Comparator


def any_of(words: Iterable[str]) -> str:
    """A pattern that matches the longest of the words."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_KINDS: Mapping[MeasureKind, Iterable[str]] = dict(table("measures"))  # type: ignore[assignment]  # the file has these keys
MEASURES = {word: kind for kind, words in _KINDS.items() for word in words}
LONGEST_MEASURE = max(map(len, MEASURES))
WORDS_BEFORE: dict[str, ComparatorWord] = {
    word: ComparatorWord(kind, entry["sign"])
    for kind, entries in table("comparators")["before"].items()
    for word, entry in entries.items()
}
LONGEST_BEFORE = max(map(len, WORDS_BEFORE))
SIGNS_AFTER: dict[str, Comparator] = {word: entry["sign"] for word, entry in table("comparators")["after"].items()}

_COMMITMENTS = table("commitments")
VERB = re.compile(any_of(_COMMITMENTS["verbs"]))
PROMISE = re.compile(rf"(?:{any_of(_COMMITMENTS['promises']['words'])})+")
PERFORMER = re.compile(any_of(_COMMITMENTS["performers"]["verbs"]))
ENUMERATION = re.compile(any_of(_COMMITMENTS["enumerations"]["nouns"]))
CUES: dict[str, re.Pattern[str]] = {cue["name"]: re.compile(cue["pattern"]) for cue in _COMMITMENTS["cues"]}
EACH = re.compile("|".join(entry["pattern"] for entry in _COMMITMENTS["each"]))
PROMISES_MUCH = re.compile(any_of(_COMMITMENTS["promises"]["strong"]))
