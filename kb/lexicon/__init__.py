"""Knowledge as data: each file holds entries with their own examples, and a test checks all of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def table(name: str) -> Mapping[str, Any]:
    """The entries of ``kb/lexicon/<name>.toml``."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


def words(name: str) -> tuple[str, ...]:
    """The lines of ``kb/lexicon/<name>.txt``, without comments."""
    lines = (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def any_of(words: Iterable[str]) -> str:
    """A pattern that matches the longest of the words."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _patterns(name: str, key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"]) for entry in table(name)[key])


BOILERPLATE_LINES = _patterns("furniture", "lines")
BOILERPLATE_TAILS = re.compile("|".join(entry["pattern"] for entry in table("furniture")["tails"]))
METADATA_LABELS = {
    label: re.compile(entry["value"]) for entry in table("furniture")["labels"] for label in entry["names"]
}

KINDS = words("kinds")  # 文种: 通知, 意见, 办法
# A pattern of those that are words of their own, all but 函, 法.
KIND = "|".join(kind for kind in KINDS if len(kind) > 1)
STANDARD_HEADINGS = words("headings")
HEADING_ENDS, HEADING_LABELS = words("heading_ends"), words("heading_labels")
TEXT_OPENINGS, VERB_OPENINGS = words("text_openings"), words("verb_openings")
ORGANS = table("organs")
# Patterns by name: what tells of the past, and of what is to come.
TENSES: Mapping[str, str] = {entry["name"]: entry["pattern"] for entry in table("tenses")["tenses"]}
FUNCTION = any_of(ORGANS["functions"])  # a pattern of what bureaus are for: 教育, 财政
OTHER_FORM = re.compile(  # what some places call a body: 财政厅（局）, 办公厅（室）, 水利（水务）局
    rf"（[厅局委办室部站所、]{{1,5}}）$|(?<=[\u4e00-\u9fff]{{2}})（(?:{FUNCTION}|业务[一-鿿]{{2}})）(?=[厅局委办]|部门|集团)"
)
ORGAN_ENDING = re.compile(any_of(ORGANS["endings"]))
