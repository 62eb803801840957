"""jieba with the project's own words: names of departments and their endings stay whole."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from kb.lexicon import ORGANS, STANDARD_HEADINGS

if TYPE_CHECKING:
    from jieba import Tokenizer

_FREQUENT = 20_000  # more than jieba's own count of any part, so that the whole wins


@cache
def segmenter() -> Tokenizer:
    """A segmenter of its own (``cut(text)`` → words), not the process's global one."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    endings = [ending for ending in ORGANS["endings"] if len(ending) > 1]
    departments = [f"{function}{ending}" for function in ORGANS["functions"] for ending in ("局", "厅", "委")]
    for word in (*endings, *departments, *STANDARD_HEADINGS):
        tokenizer.add_word(word, _FREQUENT)
    return tokenizer
