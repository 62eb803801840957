"""Clauses that say the same as a better one, or said it in an older version or for an earlier year, stand right behind it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kb.index.store.clauses import ClauseTable
from kb.search.ranking import Ranking, by_score
from kb.text import normalise

COMPARED = 30  # the number of best clauses that are compared
# The cosine of the mean passages from which on two clauses are alike: copies of a text, and one task in the plans of two years.
_SAME, _CORRESPONDING = 0.97, 0.85
_FIGURE = re.compile(r"\d+(?:\.\d+)*%?")

_Pairs = NDArray[np.bool_]


def group_alike(ranking: Ranking, vectors: NDArray[np.float32], clauses: ClauseTable, newest_first: bool) -> Ranking:
    """The ranking with copies of better clauses, and older versions and earlier years of a clause, right behind these.

    ``vectors`` holds the mean passage, of unit length, of each of the first clauses; the others are not compared. Copies are clauses
    with the same figures, dates and units; where one differs, both are told. With ``newest_first`` the newer clause takes the
    better place of the two.
    """
    compared = len(vectors)
    alike = vectors @ vectors.T
    before = np.tri(compared, k=-1, dtype=np.bool_)  # row i marks the clauses before clause i
    rows = ranking.rows[:compared]
    followed = _followed(rows, clauses) if newest_first else np.zeros_like(before)
    corresponding = (alike >= _CORRESPONDING) & followed
    near = (alike >= _SAME) & before & ~corresponding.T & ~corresponding.any(axis=1, keepdims=True)
    copies = near & _equal(rows, near, clauses)
    if not copies.any() and not corresponding.any():
        return ranking
    duplicate_of, earlier_of, scores = ranking.duplicate_of.copy(), ranking.earlier_of.copy(), ranking.scores.copy()
    for place in np.flatnonzero(corresponding.any(axis=1)).tolist():
        later = int(np.flatnonzero(corresponding[place])[0])
        earlier_of[place] = rows[later]
        scores[later] = max(scores[later], scores[place])
        scores[place] = np.nextafter(scores[later], np.float32(0))
    for place in np.flatnonzero(copies.any(axis=1)).tolist():
        earlier = np.flatnonzero(copies[place, :place] & (duplicate_of[:place] < 0))
        if len(earlier):
            duplicate_of[place] = rows[earlier[0]]
            scores[place] = np.nextafter(scores[earlier[0]], np.float32(0))
    return by_score(replace(ranking, duplicate_of=duplicate_of, earlier_of=earlier_of, scores=scores))


def _followed(rows: NDArray[np.int64], clauses: ClauseTable) -> _Pairs:
    """For each pair whether the document of the second is a newer version of that of the first, or of a later year."""
    documents = clauses.documents(rows)
    pairs = np.zeros((len(rows), len(rows)), np.bool_)
    for old, new in clauses.successors(np.unique(documents)):
        pairs |= (documents == old)[:, None] & (documents == new)
    return pairs


def _equal(rows: NDArray[np.int64], pairs: _Pairs, clauses: ClauseTable) -> _Pairs:
    """For each of the pairs whether the figures, dates and units of both are equal."""
    places = np.flatnonzero(pairs.any(axis=0) | pairs.any(axis=1))
    said = _statements(rows[places].tolist(), clauses)
    of_place: list[Hashable] = [None] * len(rows)
    for place, statement in zip(places.tolist(), said, strict=True):
        of_place[place] = statement
    numbers = {statement: number for number, statement in enumerate(dict.fromkeys(of_place))}
    kinds = np.array([numbers[statement] for statement in of_place], np.int64)
    return np.asarray(kinds[:, None] == kinds, np.bool_)


def _statements(rows: list[int], clauses: ClauseTable) -> list[Hashable]:
    """What tells clauses of almost one wording apart: their figures, in order, and who answers for them in which role."""
    answers = clauses.answers(rows)
    return [
        (
            tuple(_FIGURE.findall(normalise(facts.clause.text.removeprefix(facts.clause.num)))),
            # 园区管委会@plan: known in its document only
            frozenset((each.organization_id.partition("@")[0], each.role) for each in answers[row]),
        )
        for row, facts in zip(rows, clauses.facts(rows), strict=True)
    ]
