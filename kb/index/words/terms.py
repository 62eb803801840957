"""Tokens: Chinese characters, their bigrams and, for whole documents, trigrams, and Latin words and numbers; and how often texts hold them."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add

import numpy as np
from numpy.typing import NDArray

from kb.text import NORMAL

_HAN = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_LATIN_WORD = rf"(?:(?!{_HAN})[^\W_]){{1,64}}"  # PUE, 2025, 5g
_RUN = re.compile(rf"(?P<han>{_HAN}+)|{_LATIN_WORD}")
_WORD = re.compile(_LATIN_WORD)
_CASE = str.maketrans({chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)})
_FOLDED = NORMAL.before(_CASE)


def fold(text: str) -> str:
    """The text for comparison, of the same length: printed variants and Latin case made equal.

    "ＰＵＥ（1.5）" → "pue（1.5）"
    """
    return _FOLDED(text)


def runs(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end and whether it is Chinese, of every stretch of a folded text that holds words.

    "5g+教育" → (0, 2, False), (3, 5, True)
    """
    for match in _RUN.finditer(text):
        yield *match.span(), match["han"] is not None


def tokens(text: str, longest: int = 2) -> list[str]:
    """The tokens of a text, for indexing and for queries, in order, repeats kept; Chinese ones of at most so many characters.

    "教育局 5G" → ["教", "育", "局", "教育", "育局", "5g"]
    """
    folded = fold(text)
    found: list[str] = []
    for start, end, han in runs(folded):
        if han:
            run = folded[start:end]
            found += run
            grams: Iterable[str] = run
            for length in range(1, longest):
                grams = list(map(add, grams, run[length:]))
                found += grams
        else:
            found.append(folded[start:end])
    return found


@dataclass(frozen=True, slots=True)
class Weighting:
    """The longest Chinese tokens, and the constants of BM25. The usual length, in tokens, is one of them, so that no text's weight depends on
    other texts.
    """

    longest: int
    k1: float
    b: float
    usual_length: int


# A clause is as long as the mean of a million clauses. With the usual 1.2 and 0.75 judged queries lose 0.002 nDCG@10 and 300 questions
# over 62,827 articles 0.003 recall@10. What was tried for whole documents is in docs/encoder.md.
OF_CLAUSE, OF_DOCUMENT = Weighting(2, 1.6, 0.6, 200), Weighting(3, 1.2, 0.6, 2500)

WEIGHT_STEPS = 255

# --- terms as numbers ------------------------------------------------------------------------------

_BITS = 20  # of a code point, of which none of a character of Chinese has more than 18; a bigram is its first character above its second
PAIRS = 1 << _BITS  # the numbers of single characters are less
_LATIN = 1 << 62  # Latin words and numbers: this and 62 bits of a hash

_IS_HAN = np.zeros(sys.maxunicode + 1, np.bool_)
for _range in re.findall("(.)(?:-(.))?", _HAN[1:-1]):
    _IS_HAN[ord(_range[0]) : ord(_range[1] or _range[0]) + 1] = True


@lru_cache(maxsize=1 << 16)
def key(token: str) -> int:
    """The number of a token, the same on every machine."""
    if not _IS_HAN[ord(token[0])]:
        digest = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return _LATIN | int.from_bytes(digest, "big") >> 2
    number = 0
    for character in token:
        number = number << _BITS | ord(character)
    return number


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The terms of some texts, ascending, the document frequency of each, and its postings: text and weight, term after term.

    Shapes: (terms,), (terms,), (postings,), (postings,). A weight is the saturated, length-normalised term frequency of BM25 in steps
    of 1/``WEIGHT_STEPS`` of its upper bound.
    """

    count: int  # of texts
    terms: NDArray[np.int64]
    frequencies: NDArray[np.int64]
    texts: NDArray[np.int32]  # ascending for each term
    weights: NDArray[np.uint8]


def count_terms(texts: Sequence[str], of: Weighting = OF_CLAUSE) -> TermCounts:
    """The terms that the texts, clauses unless said otherwise, hold of their ``tokens``."""
    folded = fold("\n".join((*texts, "")))
    points = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    han = _IS_HAN[points]
    starts, grams = [np.flatnonzero(han)], [points[han]]
    for length in range(1, of.longest):
        begin = starts[-1][: np.searchsorted(starts[-1], len(points) - length)]
        is_longer = han[begin + length]
        grams.append(grams[-1][: len(begin)][is_longer] << _BITS | points[begin[is_longer] + length])
        starts.append(begin[is_longer])
    words = [(match.start(), key(match[0])) for match in _WORD.finditer(folded)]
    latin, latin_keys = np.array(words, np.int64).reshape(-1, 2).T
    keys = np.concatenate((*grams, latin_keys))
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    owners = owner[np.concatenate((*starts, latin))]
    terms, term = np.unique(keys, return_inverse=True)
    occurrences = np.sort(term * max(len(texts), 1) + owners)
    first = np.flatnonzero(np.diff(occurrences, prepend=-1))
    term, text = np.divmod(occurrences[first], max(len(texts), 1))
    times = np.diff(first, append=len(occurrences))
    lengths = np.bincount(owners, minlength=len(texts))
    weights = times / (times + (of.k1 * (1 - of.b) + of.k1 * of.b / of.usual_length * lengths)[text])
    return TermCounts(
        len(texts),
        terms,
        np.bincount(term, minlength=len(terms)),
        text.astype(np.int32),
        np.maximum(np.rint(WEIGHT_STEPS * weights), 1).astype(np.uint8),
    )
