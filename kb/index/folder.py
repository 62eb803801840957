"""A generation in a folder of files: SQLite, inverted files and FAISS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.index.asking import CANDIDATES, NEAR, Asked, Floats, Matches
from kb.index.segments import AllowedRows, Rows, sorted_unique
from kb.index.store import Store
from kb.index.store.conditions import Condition
from kb.index.store.filters import documents_where, rows_asked
from kb.index.vectors import PassageIndex, Quantised, VectorIndex
from kb.index.words import DOCUMENTS, WordIndex, fold
from kb.models import EVERYTHING, Filters


class FolderGeneration:
    """A generation in a folder; thread-safe. Words and vectors are opened by ``hold``, or when something is asked of them."""

    def __init__(self, folder: Path, today: Callable[[], date] = date.today) -> None:
        """``today`` is the day on which a document has to be in force. IndexUnusable when it cannot be read."""
        self.folder, self.name = folder, folder.name
        self.store = Store.open(folder, today)
        self._let_through = lru_cache(maxsize=16)(self._read_allowed)

    @property
    def address(self) -> Path:
        """The folder."""
        return self.folder

    def counts(self) -> Iterator[tuple[str, int, int]]:
        """The rows of words and vectors, and those of the store."""
        status = self.store.status()
        yield "words", len(self.vocabulary), status.clauses
        yield "vectors", len(self.clauses), status.clauses
        yield DOCUMENTS, len(self._documents), status.documents
        for place in self.folder.glob("contextual-*"):
            stop, rows = PassageIndex.open(place).stop, self.store.manifest.rows
            yield place.name, max(stop, rows), rows

    def hold(self) -> None:
        """Open all files; what is open stays readable when its folder is removed."""
        self._held = self.vocabulary, self.clauses, self.passages, self._documents

    def close(self) -> None:
        """Close the files; nobody may be reading."""
        self.store.close()

    @cached_property
    def vocabulary(self) -> WordIndex:
        """The words of its clauses."""
        return WordIndex.open(self.folder)

    @cached_property
    def clauses(self) -> VectorIndex:
        """One vector for each clause."""
        return VectorIndex.open(self.folder)

    @cached_property
    def passages(self) -> PassageIndex:
        """The vectors of the passages of each clause."""
        return PassageIndex.open(self.folder)

    @cached_property
    def _documents(self) -> WordIndex:
        return WordIndex.open(self.folder, DOCUMENTS)

    def vectors(self, name: str) -> PassageIndex | None:
        """Vectors that lie beside those of the clauses under a name; None where it has none."""
        return PassageIndex.open(self.folder / name) if (self.folder / name).is_dir() else None

    def contextual(self, model: str) -> PassageIndex | None:
        """What that contextual model has read; None where it has read nothing."""
        return self.vectors(model)

    def means(self, rows: Rows) -> Floats:
        """The mean of the passages of each row, of unit length (zeros for an empty clause); shape (rows, dimension)."""
        return self.passages.means(rows)

    def vectors_of(self, rows: range) -> tuple[Quantised, tuple[int, ...], Quantised]:
        """The vectors of these rows: of each clause, the number of its passages, and of all passages."""
        wanted = np.arange(rows.start, rows.stop, dtype=np.int64)
        counts = tuple(self.passages.counts(wanted).tolist())
        return self.clauses.vectors(wanted), counts, self.passages.vectors(wanted)

    def documents_holding(self, words: str) -> Rows:
        """The rows of the documents that hold all tokens of a text."""
        return self._documents.holding(words)

    def matches(self, asked: Asked) -> Matches:
        """The clauses that speak for themselves by one of the signals, with all of these."""
        table, words_of = self.store.clauses, self.vocabulary
        allowed = self._allowed(asked)
        provisions = asked.provisions if allowed is None else asked.provisions[allowed.mask[asked.provisions]]
        with (
            words_of.score(asked.words, allowed) as words,
            words_of.score_expansions(asked.expansions, allowed) as expanded,
        ):
            candidates = [words.top(CANDIDATES), expanded.top(CANDIDATES)]
            if asked.vector.any():
                candidates.append(self.passages.candidates(asked.vector, NEAR, allowed))
            candidates.append(provisions)
            if len(asked.documents):
                clauses = table.clauses_of(asked.documents)
                clauses = clauses if allowed is None else clauses[allowed.mask[clauses]]
                candidates.append(clauses[np.argsort(-words.of(clauses), kind="stable")[:CANDIDATES]])
            rows = table.in_reading_order(sorted_unique(np.concatenate(candidates)))
            word_scores, expansion_scores = words.of(rows), expanded.of(rows)
        matter = None
        if asked.matter:
            with words_of.score(asked.matter) as of_matter:
                matter = of_matter.of(rows)
        of_rows = table.documents(rows)
        with self._documents.score(asked.words) as of_documents:
            document_scores = of_documents.of(of_rows)
        return Matches(
            rows,
            of_rows,
            word_scores,
            expansion_scores,
            self.passages.scores(asked.vector, rows).clip(0, 1),
            self.clauses.scores(asked.vector, rows).clip(0, 1),
            document_scores,
            provisions,
            matter,
        )

    def _allowed(self, asked: Asked) -> AllowedRows | None:
        """The clauses that pass the filters, hold what the question has in quotes and nothing that it excludes; None for all."""
        allowed = None
        if asked.filters != EVERYTHING:
            allowed = self._let_through(asked.filters, self.store.clauses.today())
        if not asked.is_quoting:
            return allowed
        mask = np.ones(self.vocabulary.rows, np.bool_) if allowed is None else allowed.mask.copy()
        for text in asked.exact:
            mask &= _marked(len(mask), self._holding(text))
        for text in asked.excluded:
            mask[self._holding(text)] = False
        return AllowedRows.from_mask(mask)

    def _holding(self, text: str) -> Rows:
        folded = fold(text)
        return self.store.clauses.containing(self.vocabulary.holding(folded), folded)

    def _read_allowed(self, filters: Filters, day: date) -> AllowedRows:
        count = self.store.manifest.rows
        spans = self.store.clauses.spans_where(documents_where(filters, day))
        steps = np.zeros(count + 1, np.int64)
        np.add.at(steps, spans[:, 0], 1)
        np.add.at(steps, spans[:, 1], -1)
        mask = np.cumsum(steps[:-1]) > 0
        for asked in rows_asked(filters):
            mask &= _marked(count, self._numbers(asked))
        return AllowedRows.from_mask(mask)

    def _numbers(self, asked: Condition) -> Rows:
        """The one column that a question brings, as a string of numbers instead of a Python object a row: there may be a million."""
        [(joined,)] = self.store.rows(
            f"WITH asked AS MATERIALIZED ({asked.sql}) SELECT group_concat(row) FROM asked", asked.values
        )
        return np.fromstring(joined or "", np.int64, sep=",")


def _marked(count: int, rows: Rows) -> NDArray[np.bool_]:
    mask = np.zeros(count, np.bool_)
    mask[rows] = True
    return mask
