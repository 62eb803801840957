"""Clauses that say the same as a better one, or said it in an older version or for an earlier year, stand right behind it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kb.index.store.clauses import ClauseTable
from kb.models import ClauseFacts
from kb.search.ranking import Ranking, by_score
from kb.text import normalise

COMPARED = 30  # the number of best clauses that are compared
# The cosine of the mean passages from which on two clauses are alike: copies of a text, and one task in the plans of two years. One task
# said in other words has 0.77 to 0.93 there, another one 0.47 at most.
_SAME, _CORRESPONDING = 0.97, 0.75
_AS_GOOD = 0.95  # of its score an original must have, to stand before its copy: who asks for the one that a county forwarded gets that one
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
    copies, before_copies = _copies(rows, near, clauses)
    if not copies.any() and not corresponding.any():
        return ranking
    duplicate_of, earlier_of, scores = ranking.duplicate_of.copy(), ranking.earlier_of.copy(), ranking.scores.copy()
    for place in np.flatnonzero(corresponding.any(axis=1)).tolist():
        later = int(np.where(corresponding[place], alike[place], 0).argmax())
        earlier_of[place] = rows[later]
        scores[later] = max(scores[later], scores[place])
        scores[place] = np.nextafter(scores[later], np.float32(0))
    for place in np.flatnonzero(copies.any(axis=1)).tolist():
        earlier = np.flatnonzero(copies[place, :place] & (duplicate_of[:place] < 0))
        if len(earlier):
            first, last = int(earlier[0]), place
            if before_copies[place, first] and scores[place] >= _AS_GOOD * scores[first]:
                first, last, scores[place] = place, first, scores[first]
                duplicate_of[duplicate_of == rows[last]] = rows[first]
            duplicate_of[last] = rows[first]
            scores[last] = np.nextafter(scores[first], np.float32(0))
    return by_score(replace(ranking, duplicate_of=duplicate_of, earlier_of=earlier_of, scores=scores))


def _followed(rows: NDArray[np.int64], clauses: ClauseTable) -> _Pairs:
    """For each pair whether the document of the second is a newer version of that of the first, or of a later year."""
    documents = clauses.documents(rows)
    pairs = np.zeros((len(rows), len(rows)), np.bool_)
    for old, new in clauses.successors(np.unique(documents)):
        pairs |= (documents == old)[:, None] & (documents == new)
    return pairs


def _copies(rows: NDArray[np.int64], pairs: _Pairs, clauses: ClauseTable) -> tuple[_Pairs, _Pairs]:
    """Which of the pairs are copies, having equal figures, dates and units; and whether the first of a pair is the original of the second."""
    places = np.flatnonzero(pairs.any(axis=0) | pairs.any(axis=1)).tolist()
    facts = dict(zip(places, clauses.facts(rows[places].tolist()), strict=True))
    said = dict(zip(places, _statements(list(facts.values()), rows[places].tolist(), clauses), strict=True))
    copies, originals = np.zeros_like(pairs), np.zeros_like(pairs)
    for one, other in np.argwhere(pairs).tolist():
        if said[one] == said[other]:
            copies[one, other] = True
            originals[one, other] = _is_original(facts[one], facts[other])
    return copies, originals


def _is_original(facts: ClauseFacts, other: ClauseFacts) -> bool:
    """Whether a clause stands in the notice that the document of its copy reprints or forwards: by number, and by date within a year."""
    is_numbered, dated, other_dated = bool(facts.document_number), facts.issued_on, other.issued_on
    if is_numbered != bool(other.document_number):
        return is_numbered and not ("" < other_dated < dated)
    return bool(dated and other_dated) and dated[:4] == other_dated[:4] and dated < other_dated


def _statements(facts: Sequence[ClauseFacts], rows: list[int], clauses: ClauseTable) -> list[Hashable]:
    """What tells clauses of almost one wording apart: their figures, in order, and who answers for them in which role."""
    answers = clauses.answers(rows)
    return [
        (
            tuple(_FIGURE.findall(normalise(each.clause.text.removeprefix(each.clause.num)))),
            # 园区管委会@plan: known in its document only
            frozenset((answer.organization_id.partition("@")[0], answer.role) for answer in answers[row]),
        )
        for row, each in zip(rows, facts, strict=True)
    ]
