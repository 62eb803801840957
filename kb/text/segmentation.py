"""Words of Chinese text: jieba (its Rust port) with the project's own words, so that names of departments stay whole."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kb.lexicon import ORGANS, STANDARD_HEADINGS

if TYPE_CHECKING:
    import rjieba

_FREQUENT = 20_000  # more than jieba's own count of any part, so that the whole wins


def segment(text: str) -> list[str]:
    """The words of a text, in order; together they are the text.

    "市教育局负责" → 市, 教育局, 负责
    """
    cut: list[str] = _jieba().cut(text)
    return cut


def known_words(text: str) -> list[str]:
    """The same with words of the dictionary only, none that is guessed.

    "学前教域" → 学前, 教, 域
    """
    cut: list[str] = _jieba().cut(text, False)
    return cut


@cache
def _jieba() -> rjieba.Jieba:
    """A segmenter of our own, not the process's global one; importing the library reads its dictionary, so that waits for the first call."""
    import rjieba  # noqa: PLC0415

    made = rjieba.Jieba()
    endings = [ending for ending in ORGANS["endings"] if len(ending) > 1]
    departments = [f"{function}{ending}" for function in ORGANS["functions"] for ending in ("局", "厅", "委")]
    for word in (*endings, *departments, *STANDARD_HEADINGS):
        made.add_word(word, _FREQUENT, None)
    return made
