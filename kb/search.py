"""Everything that can be asked of a built knowledge base."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import get_args

import numpy as np

from kb import generations, lexicon
from kb.encoder import Encoder
from kb.errors import IndexUnusable, InvalidQuery
from kb.lexical import WordIndex
from kb.models import (
    Answer,
    ClauseFacts,
    DocumentSummary,
    Filters,
    Hit,
    Organization,
    OrganizationSummary,
    ParsedDocument,
    Responsibility,
    Role,
    SearchResult,
    Status,
    TargetRow,
    Task,
    UnitAnswer,
)
from kb.ranking import RELEVANT, Ranking, fused, highlights
from kb.store import Store, strongest
from kb.vectors import VectorIndex

# How many clauses words and vectors each propose; what neither proposes is not among the hits, however far one pages.
CANDIDATES = 500
MAX_LIMIT = 1000
MAX_QUERY = 10_000

# Who answers is read off the best clause that somebody answers for; it must not be far behind the best clause of all (which may
# be nobody's task), and clauses this near to it in score speak too.
NOT_FAR_BEHIND = 0.7
ABOUT_AS_GOOD = 0.95
_LOOKED_THROUGH = 50  # clauses, for one that somebody answers for

_ISO = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_ROLE_ORDER = {role: place for place, role in enumerate(get_args(Role))}


EVERYTHING = Filters()


class KnowledgeBase:
    """One generation, open for questions; any number of threads may ask at once."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        with ExitStack() as opened:
            self._encoder = encoder
            self._store = opened.enter_context(closing(Store(folder)))
            _check_model(self._store.manifest.model, encoder.name)
            self._words = WordIndex.open(folder)
            self._vectors = VectorIndex.open(folder)
            opened.pop_all()  # close() does it from here on

    @classmethod
    def open(cls, index: Path, encoder: Encoder) -> KnowledgeBase:
        """The generation in use; IndexUnusable when there is none, it is broken, or it was built with another model."""
        while True:
            folder = generations.in_use(index)
            try:
                return cls(folder, encoder)
            except IndexUnusable:
                # Builds may have switched and swept while this one was being opened.
                if generations.in_use(index) == folder:
                    raise

    def close(self) -> None:
        """Give the files back; nobody may be asking."""
        self._store.close()

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- search --------------------------------------------------------------------------------

    def search(self, query: str, filters: Filters = EVERYTHING, limit: int = 10, offset: int = 0) -> SearchResult:
        """One page of the clauses that answer the query, best first.

        ``total`` counts what paging reaches: the ``CANDIDATES`` best clauses that share a word or a character with the query, and
        the ``CANDIDATES`` nearest by meaning, as far as they are above noise.
        """
        asked = _asked(query)
        _check_page(limit, offset)
        ranking = self._ranking(asked, _checked(filters))
        return SearchResult(query, len(ranking), offset, limit, self._hits(ranking, asked, offset, limit))

    def who(self, query: str, limit: int = 10) -> Answer:
        """Which units answer for what is asked, lead first, with at most ``limit`` clauses that say so.

        No units: nothing in the knowledge base is relevant enough (``RELEVANT``), and the evidence is what comes nearest.
        """
        _check_page(limit, 0)
        asked = matter(_asked(query))
        ranking = self._ranking(asked, EVERYTHING)
        answering = self._answers(ranking, asked, limit)
        evidence = tuple(one.hit for one in answering) or self._hits(ranking, asked, 0, limit)
        return Answer(query, _units(answering), evidence)

    def _ranking(self, asked: str, filters: Filters) -> Ranking:
        allowed = self._store.allowed(filters)
        word_rows, word_scores = self._words.search(asked, CANDIDATES, allowed)
        [vector] = self._encoder.encode_queries([asked])
        near = self._vectors.search(vector, CANDIDATES, allowed)[0] if vector.any() else np.empty(0, np.int64)
        rows = np.union1d(word_rows, near)
        words = np.zeros(len(rows), np.float32)
        words[np.searchsorted(rows, word_rows)] = word_scores
        return fused(rows, words, self._vectors.scores(vector, rows))

    def _hits(self, ranking: Ranking, asked: str, offset: int, limit: int) -> tuple[Hit, ...]:
        page = ranking.chosen(slice(offset, offset + limit))
        facts = self._store.clause_facts(page.rows.tolist())
        columns = (page.scores, page.words, page.vectors, page.relevance)
        return tuple(
            Hit(one, score, word, vector, highlights(one.clause.text, asked), weak=relevance < RELEVANT)
            for one, score, word, vector, relevance in zip(facts, *(c.tolist() for c in columns), strict=True)
        )

    def _answers(self, ranking: Ranking, asked: str, limit: int) -> tuple[_Answering, ...]:
        """The best clause that units answer for, and those about as relevant, best first."""
        near = ranking.chosen(slice(0, _LOOKED_THROUGH))
        near = near.chosen(np.flatnonzero(near.scores >= near.scores[:1] * NOT_FAR_BEHIND))
        answered = self._store.answered_by(near.rows.tolist())
        relevant = near.relevance >= RELEVANT
        places = [place for place, by in enumerate(answered) if by is not None and relevant[place]]
        places = [p for p in places if near.scores[p] >= near.scores[places[0]] * ABOUT_AS_GOOD][:limit]
        sources = self._store.clause_facts([row for p in places if (row := answered[p]) is not None])
        return tuple(
            _Answering(self._hits(near, asked, place, 1)[0], strongest(source.responsibilities))
            for place, source in zip(places, sources, strict=True)
        )

    # --- units, targets, documents -------------------------------------------------------------

    def organizations(
        self, name: str = "", limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[OrganizationSummary, ...]]:
        """How many units have ``name`` in one of their names, and one page of them, the busiest first."""
        _check_page(limit, offset)
        return self._store.organizations(_clean(name), limit, offset)

    def organization(self, id_or_name: str) -> Organization:
        """The unit of that id or any of its names; NotInKnowledgeBase."""
        return self._store.organization(_clean(id_or_name))

    def tasks(self, organization_id: str) -> tuple[Task, ...]:
        """What the unit answers for, in reading order; NotInKnowledgeBase for an unknown id."""
        return self._store.tasks(self._store.organization(_clean(organization_id)).id)

    def targets(
        self, filters: Filters = EVERYTHING, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[TargetRow, ...]]:
        """How many targets the filters let through, and one page of them."""
        _check_page(limit, offset)
        return self._store.targets(_checked(filters), limit, offset)

    def documents(self, limit: int = 50, offset: int = 0) -> tuple[int, tuple[DocumentSummary, ...]]:
        """How many documents there are, and one page of them."""
        _check_page(limit, offset)
        return self._store.documents(limit, offset)

    def document(self, document_id: str) -> ParsedDocument:
        """The document with its clauses and facts; NotInKnowledgeBase."""
        return self._store.document(_clean(document_id))

    def clause(self, clause_id: str) -> ClauseFacts:
        """The clause with its facts; NotInKnowledgeBase."""
        return self._store.clause(_clean(clause_id))

    def status(self) -> Status:
        """What the generation in use holds and was built with."""
        return self._store.status()


@dataclass(frozen=True, slots=True)
class _Answering:
    """A found clause and the responsibilities that answer for it."""

    hit: Hit
    responsibilities: tuple[Responsibility, ...]


def _units(answering: Sequence[_Answering]) -> tuple[UnitAnswer, ...]:
    """Each unit once, with the clause that fits best; clause by clause, lead first."""
    units: dict[str, UnitAnswer] = {}
    for one in answering:
        for r in sorted(one.responsibilities, key=lambda r: _ROLE_ORDER[r.role]):
            answer = UnitAnswer(r.unit, r.organization_id, r.role, one.hit.score, r.clause_id, r.start, r.end)
            units.setdefault(r.unit, answer)
    return tuple(units.values())


def matter(question: str) -> str:
    """What a question about responsibility is about; the question itself when nothing is left.

    "学前教育由哪些部门牵头？" → "学前教育"
    """
    left = question
    for frame in _frames():
        left = frame.sub("", left)
    return left.strip() or question


@cache
def _frames() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"], re.VERBOSE) for entry in lexicon.table("question_frames")["frames"])


def _check_model(built_with: str, asked_with: str) -> None:
    if built_with != asked_with:
        raise IndexUnusable(
            f"the index was built with the model {built_with!r}, not {asked_with!r}; use that one or run `kb build`"
        )


# --- what may be asked ----------------------------------------------------------------------------


def _clean(text: str) -> str:
    """The text without what no index holds: lone surrogates and NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def _asked(query: str) -> str:
    asked = _clean(query).strip()
    if not asked:
        raise InvalidQuery("query", "says nothing")
    if len(asked) > MAX_QUERY:
        raise InvalidQuery("query", f"has {len(asked)} characters; {MAX_QUERY} are allowed")
    return asked


def _check_page(limit: int, offset: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQuery("limit", f"must be 1 to {MAX_LIMIT}, not {limit}")
    if not 0 <= offset < 2**31:
        raise InvalidQuery("offset", f"must not be negative or beyond reason: {offset}")


def _checked(filters: Filters) -> Filters:
    if filters.role and filters.role not in _ROLE_ORDER:
        raise InvalidQuery("role", f"must be one of {', '.join(_ROLE_ORDER)}, not {filters.role!r}")
    if filters.due_before and not _ISO.fullmatch(filters.due_before):
        raise InvalidQuery(
            "due_before", f"must be a date such as 2025, 2025-06 or 2025-06-30, not {filters.due_before!r}"
        )
    return replace(filters, document_id=_clean(filters.document_id), unit=_clean(filters.unit))
