"""How words and vectors are put together to one score, and which words of a clause are shown as found."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.lexical import fold, runs
from kb.models import Span

# Share of the vectors in the score. Measured on 160 judged queries over 16 documents, nDCG@10: words alone 0.759, 0.2 to 0.3
# 0.857 to 0.861, 0.5 0.850, 0.7 0.833; the flat top makes the exact value harmless.
VECTOR_WEIGHT = 0.25

# From this relevance on a clause is about what was asked. Measured on 76 questions and keywords asked with their document in the
# index and without it: with it 92 % of the best hits reach 0.31, without it 10 %; every question for a unit that has an answer
# reaches 0.36, none of twelve about other matters 0.33. Lower answers more and wrongly more often.
RELEVANT = 0.33

# What is below has nothing to do with the query but a common character. Dropping it changed none of the measures above (from
# 0.08 on recall@100 falls) and left 155 hits of 500 candidates in the median query.
NOISE = 0.05


@dataclass(frozen=True, slots=True)
class Ranking:
    """Clauses by descending score; all four arrays belong together, one place a clause."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    words: NDArray[np.float32]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)

    def chosen(self, places: NDArray[np.int64] | slice) -> Ranking:
        """The clauses at the given places."""
        return Ranking(self.rows[places], self.scores[places], self.words[places], self.vectors[places])

    @property
    def relevance(self) -> NDArray[np.float32]:
        """How much each clause is about what was asked, 0..1: half words, half meaning.

        The score orders clauses by their words first; whether the best one answers at all, meaning tells as well as words do.
        """
        return (self.words + self.vectors) * np.float32(0.5)


def fused(rows: NDArray[np.int64], words: NDArray[np.float32], cosines: NDArray[np.float32]) -> Ranking:
    """The clauses above ``NOISE`` in the order of the convex combination of both scores, ties by row."""
    vectors = np.clip(cosines, 0, 1, dtype=np.float32)
    scores = words * np.float32(1 - VECTOR_WEIGHT) + vectors * np.float32(VECTOR_WEIGHT)
    order = np.lexsort((rows, -scores))
    ranking = Ranking(rows[order], scores[order], words[order], vectors[order])
    return ranking.chosen(np.flatnonzero(ranking.relevance >= NOISE))


def highlights(text: str, query: str) -> tuple[Span, ...]:
    """Where words of the query stand in the text; what is found only as part of a longer find elsewhere is not marked.

    ("发展学前教育。教育局", "学前教育") → the span of 学前教育 only
    """
    folded, asked = fold(text), fold(query)
    words = [(asked[start:end], han) for start, end, han in runs(asked)]
    latin = {word for word, han in words if not han or len(word) == 1}
    pairs = {word[i : i + 2] for word, han in words if han for i in range(len(word) - 1)}
    found = _stretches(folded, pairs) + _words(folded, latin)
    longest = ""
    for piece in sorted({folded[start:end] for start, end in found}, key=lambda piece: (-len(piece), piece)):
        if piece not in longest:
            longest += f"\n{piece}"
    whole = set(longest.split("\n"))
    return _joined([(start, end) for start, end in found if folded[start:end] in whole])


def _stretches(text: str, pairs: Container[str]) -> list[tuple[int, int]]:
    """Bounds of the longest stretches made of overlapping pairs."""
    found: list[tuple[int, int]] = []
    for i in range(len(text) - 1):
        if text[i : i + 2] not in pairs:
            continue
        if found and found[-1][1] == i + 1:
            found[-1] = (found[-1][0], i + 2)
        else:
            found.append((i, i + 2))
    return found


def _words(text: str, words: Container[str]) -> list[tuple[int, int]]:
    """Bounds of Latin words, and of Chinese characters that were asked alone."""
    found: list[tuple[int, int]] = []
    for start, end, han in runs(text):
        places = [(i, i + 1) for i in range(start, end)] if han else [(start, end)]
        found.extend(place for place in places if text[place[0] : place[1]] in words)
    return found


def _joined(found: list[tuple[int, int]]) -> tuple[Span, ...]:
    """The spans in order, those that meet made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(Span(start, end) for start, end in joined)
