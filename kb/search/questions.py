"""Query understanding: the matter, the role and the years that a question names, without its question words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kb import lexicon
from kb.models import Role

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=年|[-./]\d|\s|$)")  # 2025年, 2025-06, not 2000万元


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and what it names."""

    text: str  # as it was asked
    words: str  # the part that is matched by words
    role: Role | Literal[""] = ""  # the first that it names
    years: tuple[str, ...] = ()


def parse_question(text: str) -> Question:
    """The question that a query asks.

    "2025年由市教育局牵头的任务怎么办" → words without 怎么办, role lead, year 2025
    """
    words = text
    for frame in _patterns("asking"):
        words = frame.sub(" ", words)
    role: Role | Literal[""] = next((role for role, cue in _roles() if cue in text), "")
    return Question(text, words.strip() or text, role, tuple(dict.fromkeys(_YEAR.findall(text))))


def matter_of(question: str) -> str:
    """The matter of a question about responsibility; the whole question when it has no other words.

    "学前教育由哪些部门牵头？" → "学前教育"
    """
    matter = question
    for frame in _patterns("frames"):
        matter = frame.sub("", matter)
    return matter.strip() or question


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"], re.VERBOSE) for entry in lexicon.table("question_frames")[name])


@cache
def _roles() -> tuple[tuple[Role, str], ...]:
    return tuple((role, cue) for role, cues in lexicon.table("question_frames")["roles"].items() for cue in cues)
