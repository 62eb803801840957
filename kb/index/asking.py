"""What a search asks of a generation, and what comes back, whatever keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.index.segments import Rows
from kb.index.store import Store
from kb.index.vectors import PassageIndex, Quantised
from kb.models import Expansion, Filters

# The number of candidates by words, and as many by expansions; and of candidate passages by meaning. A clause that is not among them is
# no hit. On 300 questions over 62,827 articles 100 of each retrieve as much as 500.
CANDIDATES, NEAR = 120, 200

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a generation: by words, expansions and meaning, among the clauses that the filters and quotes let through."""

    words: str
    matter: str  # the words without the places among them; "" where these are all, or none
    expansions: tuple[Expansion, ...]
    vector: Floats  # of unit length, zeros for a question without a meaning; shape (dimension,)
    filters: Filters
    exact: tuple[str, ...]  # texts that a clause must hold word for word
    excluded: tuple[str, ...]  # and those that it must not
    documents: Rows  # those that it names: their clauses are candidates too
    provisions: Rows  # clauses that it names

    @property
    def is_quoting(self) -> bool:
        """Whether there are texts that a clause must hold or must not."""
        return bool(self.exact or self.excluded)


@dataclass(frozen=True, slots=True)
class Matches:
    """The candidates in reading order, in parallel arrays; scores are 0..1."""

    rows: Rows
    documents: Rows  # the row of the document of each
    words: Floats
    expansions: Floats
    passages: Floats
    context: Floats  # of the clause with title and headings
    document_words: Floats  # of the document as a whole
    provisions: Rows  # those of the named ones that the filters let through
    matter: Floats | None  # by the words without places; None where there are none


class Vocabulary(Protocol):
    """The tokens of the clauses of a generation."""

    @property
    def rows(self) -> int:
        """The number of clauses, deleted ones included."""

    def frequencies(self, terms: Sequence[str]) -> Rows:
        """In how many rows each of these tokens stands, deleted ones included."""

    def characters(self) -> list[str]:
        """All Chinese characters that stand anywhere."""


class ReadClauses(Protocol):
    """The vectors of a contextual model, as far as it has read the clauses."""

    @property
    def stop(self) -> int:
        """The row behind the last one that may have vectors."""

    @property
    def filled(self) -> int:
        """The number of clauses that have."""

    def scores(self, query: Floats, rows: Rows) -> Floats:
        """For each row the highest inner product of the query with one of its vectors; 0 without any."""


class Generation(Protocol):
    """One open generation; thread-safe, and never changed."""

    @property
    def name(self) -> str:
        """Its name, by which it can be put in use again."""

    @property
    def address(self) -> Path | str:
        """Where it is, as messages say it."""

    @property
    def store(self) -> Store:
        """Its documents, clauses, facts and organisations."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens of its clauses."""

    def matches(self, asked: Asked) -> Matches:
        """The clauses that speak for themselves by one of the signals, with all of these."""

    def means(self, rows: Rows) -> Floats:
        """The mean of the passages of each row, of unit length (zeros for an empty clause); shape (rows, dimension)."""

    def documents_holding(self, words: str) -> Rows:
        """The rows of the documents that hold all tokens of a text."""

    def vectors(self, name: str) -> PassageIndex | None:
        """Vectors that lie beside those of the clauses under a name; None where it has none."""

    def vectors_of(self, rows: range) -> tuple[Quantised, tuple[int, ...], Quantised]:
        """The vectors of these rows: of each clause, the number of its passages, and of all passages."""

    def counts(self) -> Iterator[tuple[str, int, int]]:
        """What it holds beside the store, by name: how many, and how many there have to be."""

    def contextual(self, model: str) -> ReadClauses | None:
        """What that contextual model has read of the clauses; None where it has read nothing."""

    def hold(self) -> None:
        """Open all that questions need, so that they are answered even when a build removes the generation meanwhile."""

    def close(self) -> None:
        """Let go of it; nobody may be reading."""
