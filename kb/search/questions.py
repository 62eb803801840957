"""Query understanding: the matter, the role, the years and the documents that a question names, without its question words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kb import lexicon
from kb.models import Role
from kb.text import normalise
from kb.versions.titles import name_of, number_key

_TITLE = re.compile("[《〈]([^《》〈〉]{2,80})[》〉]")
_BLANK = re.compile(r"[\s、]")  # 财政部、税务总局公告2020年第8号
_NUMBER = re.compile(  # 滨政发〔2025〕9号, 滨政发(2025)第9号, 公告2020年第8号
    r"(?P<signs>[\u4e00-\u9fffA-Za-z]{2,30})[〔（]?(?P<year>(?:19|20)\d{2})(?:[〕）年]第?|第)(?P<number>\d{1,5})号?"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=年|[-./]\d|\s|$)")  # 2025年, 2025-06, not 2000万元


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and what it names."""

    text: str  # as it was asked
    words: str  # the part that is matched by words
    role: Role | Literal[""] = ""  # the first that it names
    years: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()  # of documents, as ``number_key`` gives them, for each place where signs may begin
    works: tuple[str, ...] = ()  # titles in 《》, as ``name_of`` gives them


def parse_question(text: str) -> Question:
    """The question that a query asks.

    "2025年由市教育局牵头的任务怎么办" → words without 怎么办, role lead, year 2025;
    "依滨政发[2025]第9号" → numbers 依滨政发-2025-9, 滨政发-2025-9, 政发-2025-9
    """
    words = text
    for frame in _patterns("asking"):
        words = frame.sub(" ", words)
    role: Role | Literal[""] = next((role for role, cue in _roles() if cue in text), "")
    return Question(
        text,
        words.strip() or text,
        role,
        tuple(dict.fromkeys(_YEAR.findall(text))),
        tuple(_numbers(text)),
        tuple(filter(None, (name_of(title).work for title in _TITLE.findall(text)))),
    )


def _numbers(text: str) -> Iterator[str]:
    for number in _NUMBER.finditer(_BLANK.sub("", normalise(text))):
        for start in range(len(number["signs"]) - 1):
            yield number_key(f"{number['signs'][start:]}〔{number['year']}〕{int(number['number'])}号")


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
