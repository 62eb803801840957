"""Query understanding: the matter, the role and the years that a question names, without the words that frame it."""

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
    """A query as it was asked, the part of it that is matched by words, and what it names."""

    text: str
    words: str
    role: Role | Literal[""] = ""
    years: tuple[str, ...] = ()


def parse_question(text: str) -> Question:
    """The question that a query asks.

    "2025年由市教育局牵头的任务怎么办" → words without 怎么办, role lead, year 2025
    """
    words = text
    for frame in _patterns("asking"):
        words = frame.sub(" ", words)
    named = [role for role, sign in _roles() if sign in text]
    return Question(text, words.strip() or text, named[0] if named else "", tuple(dict.fromkeys(_YEAR.findall(text))))


def matter_of(question: str) -> str:
    """What a question about responsibility is about; the question itself when nothing else is in it.

    "学前教育由哪些部门牵头？" → "学前教育"
    """
    left = question
    for frame in _patterns("frames"):
        left = frame.sub("", left)
    return left.strip() or question


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"], re.VERBOSE) for entry in lexicon.table("question_frames")[name])


@cache
def _roles() -> tuple[tuple[Role, str], ...]:
    return tuple((role, sign) for role, signs in lexicon.table("question_frames")["roles"].items() for sign in signs)
