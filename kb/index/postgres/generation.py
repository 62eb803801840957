"""One generation of a database, open: what a search asks of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.index.asking import CANDIDATES, NEAR, Asked, Floats, Matches
from kb.index.postgres.connecting import shown
from kb.index.postgres.opened import OpenedSchema
from kb.index.postgres.records import ReadClauses, Records, unpacked
from kb.index.postgres.sql import translated
from kb.index.postgres.words import BlockIndex, BlockScores, score
from kb.index.segments import Rows
from kb.index.store import Store
from kb.index.store.conditions import Condition, all_of
from kb.index.store.connections import SEVERAL
from kb.index.store.filters import documents_where, rows_asked
from kb.index.vectors import PassageIndex, Quantised
from kb.index.vectors.segments import VectorSegment
from kb.index.vectors.writing import EXACT
from kb.index.words import fold, tokens
from kb.index.words.reading import terms_of, terms_of_expansions
from kb.index.words.terms import OF_DOCUMENT
from kb.models import EVERYTHING, Filters

_FEW = 8192  # at most so many clauses that a filter lets through are known by row, and compared one by one
_MARGIN = 20  # rows: half precision orders those that are as near otherwise
_TERMS = 12  # of a text that is looked for word for word; what holds the rarest is read

_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which clauses filters and quotes let through."""

    where: Condition | None = None  # of a clause ``c``; None for all
    few: Rows | None = None  # all of them, ascending, where they are few
    without: Rows | None = None  # those that are left out besides, ascending


class DatabaseGeneration:
    """A generation in a database; thread-safe."""

    def __init__(
        self,
        address: str,
        name: str,
        files: Callable[[str], PassageIndex | None],
        today: Callable[[], date] = date.today,
    ) -> None:
        """``files`` reads vectors that lie beside those of the clauses. IndexUnusable when it cannot be read."""
        self.name, self.address, self.vectors = name, shown(address), files
        self._opened = OpenedSchema(address, name)
        self.store = Store(self._opened, f"{self.address}#{name}", name, today)
        self._narrowed = lru_cache(maxsize=16)(self._read_filter)
        self._records = Records(self._opened, "vectors")

    def hold(self) -> None:
        """Nothing is open: the database is asked for what is needed."""

    def close(self) -> None:
        """Close all connections."""
        self.store.close()

    def counts(self) -> Iterator[tuple[str, int, int]]:
        """The rows of words and vectors, and those of the store."""
        status = self.store.status()
        for name in ("vectors", "passages"):
            [(count,)] = self._opened.raw(f"SELECT count(DISTINCT v.row) FROM {name} v JOIN clauses c ON c.row = v.row")
            yield name, count, status.clauses
        yield "words", self.vocabulary.live, status.clauses
        yield "documents", self._documents.live, status.documents
        if self._may_be_read:
            sql = "SELECT model, count(*), count(DISTINCT x.row) FROM contextual x JOIN clauses c ON c.row = x.row GROUP BY model"
            yield from self._opened.raw(sql)

    # --- words ---------------------------------------------------------------------------------

    @cached_property
    def vocabulary(self) -> BlockIndex:
        """The words of its clauses."""
        rows = self.store.manifest.rows
        return BlockIndex(self._opened, "words", rows, rows - int(np.diff(self._holes[0]).sum()))

    @cached_property
    def _documents(self) -> BlockIndex:
        rows = self.store.manifest.documents
        return BlockIndex(self._opened, "document_words", rows, rows - len(self._holes[1]))

    @cached_property
    def _holes(self) -> tuple[Rows, Rows]:
        """First row and row behind the last, of the clauses of each document that is gone, ascending, shape (n, 2); and the rows of these documents."""
        holes = self._opened.raw("SELECT first_clause, first_clause + clauses, row FROM holes ORDER BY first_clause")
        found = np.array(holes, np.int64).reshape(-1, 3)
        return found[:, :2], found[:, 2]

    def documents_holding(self, words: str) -> Rows:
        """The rows of the documents that hold the rarest tokens of a text."""
        found = self._documents.holding(tokens(words, OF_DOCUMENT.longest), _TERMS)
        return np.setdiff1d(found, self._holes[1])

    # --- vectors -------------------------------------------------------------------------------

    def contextual(self, model: str) -> ReadClauses | None:
        """What that contextual model has read; None where it has read nothing."""
        if not self._may_be_read:
            return None
        sql = "SELECT count(*) FROM contextual x JOIN clauses c ON c.row = x.row WHERE model = $1"
        [(filled,)] = self._opened.raw(sql, (model,))
        return ReadClauses(self._opened, model, self.store.manifest.rows, filled) if filled else None

    @property
    def _may_be_read(self) -> bool:
        """Whether there is a table for what a contextual model reads: not in what an earlier version of this software has made, until somebody writes."""
        return self._opened.raw("SELECT to_regclass('contextual') IS NOT NULL") == [(True,)]

    def means(self, rows: Rows) -> Floats:
        """The mean of the passages of each row, of unit length (zeros for an empty clause); shape (rows, dimension)."""
        return self._read(rows)[1].means(np.arange(len(rows)))

    def vectors_of(self, rows: range) -> tuple[Quantised, tuple[int, ...], Quantised]:
        """The vectors of these rows: of each clause, the number of its passages, and of all passages."""
        clauses, passages = self._read(np.arange(rows.start, rows.stop, dtype=np.int64))
        every = np.arange(len(rows))
        return clauses, tuple(passages.counts(every).tolist()), passages.vectors(every)

    def _read(self, rows: Rows) -> tuple[Quantised, PassageIndex]:
        """The vectors of rows, counted from 0 in the given order: of the clauses, and of their passages."""
        vectors, bounds = unpacked(self._records.of(rows), self._dimension)
        is_first = np.zeros(len(vectors), np.bool_)
        is_first[bounds[:-1]] = True
        passages = VectorSegment(
            0, len(rows), vectors[np.flatnonzero(~is_first)], bounds - np.arange(len(bounds)), None
        )
        return vectors[np.flatnonzero(is_first)], PassageIndex([passages], np.empty(0, np.int64))

    @cached_property
    def _dimension(self) -> int:
        sql = "SELECT atttypmod FROM pg_attribute WHERE attrelid = 'passages'::regclass AND attname = 'vector'"
        [(dimension,)] = self._opened.raw(sql)
        return int(dimension)

    def _near(self, vector: Floats, narrowed: _Filter) -> Rows:
        """About the ``NEAR`` rows of the nearest passages, unordered; of few passages, as of few clauses, the nearest rows."""
        asked = f"[{','.join(map(str, vector.tolist()))}]"
        order = f"vector <#> $1::halfvec({len(vector)})"
        where, values = "true", tuple[Any, ...]()
        if narrowed.few is not None:
            where, values = "row = ANY($2::bigint[])", (narrowed.few.tolist(),)
        elif narrowed.where is not None:
            condition, values = translated(narrowed.where.sql, taken=1), narrowed.where.values
            where = f"EXISTS (SELECT 1 FROM clauses c WHERE c.row = p.row AND {condition})"
        left = _Filter(without=narrowed.without)  # the rest the question asks for itself
        if narrowed.few is None and not self._are_few:
            sql = f"SELECT row FROM passages p WHERE {where} ORDER BY {order} LIMIT {NEAR}"
            rows = np.unique(np.array(self._opened.raw(sql, (asked, *values)), np.int64))
            return rows[self._let_through(rows, left)]
        sql = f"SELECT row FROM passages p WHERE {where} GROUP BY row ORDER BY min({order}) LIMIT {NEAR + _MARGIN}"
        rows = np.array(self._opened.raw(sql, (asked, *values)), np.int64).reshape(-1)
        rows = np.sort(rows[self._let_through(rows, left)])
        scores = self._read(rows)[1].scores(vector, np.arange(len(rows)))
        return rows if len(rows) <= NEAR else rows[np.argpartition(-scores, NEAR)[:NEAR]]

    @cached_property
    def _are_few(self) -> bool:
        [(count,)] = self._opened.raw(f"SELECT count(*) FROM (SELECT 1 FROM passages LIMIT {EXACT + 1}) x")
        return int(count) <= EXACT

    # --- all together --------------------------------------------------------------------------

    def matches(self, asked: Asked) -> Matches:
        """The clauses that speak for themselves by one of the signals, with all of these."""
        table, narrowed = self.store.clauses, self._filter(asked)
        words, expanded, document_words, *of_matter = score(
            self._opened,
            [
                (self.vocabulary, terms_of(asked.words), 1.0),
                (self.vocabulary, *terms_of_expansions(asked.expansions)),
                (self._documents, terms_of(asked.words, OF_DOCUMENT.longest), 1.0),
                *([(self.vocabulary, terms_of(asked.matter), 1.0)] if asked.matter else []),
            ],
        )
        provisions = asked.provisions[self._let_through(asked.provisions, narrowed)]

        def best(scores: BlockScores) -> Rows:
            return scores.top(CANDIDATES, lambda rows: self._let_through(rows, narrowed))

        candidates = [best(words), best(expanded), provisions]
        if asked.vector.any():
            candidates.append(self._near(asked.vector, narrowed))
        if len(asked.documents):
            clauses = table.clauses_of(asked.documents)
            clauses = clauses[self._let_through(clauses, narrowed)]
            candidates.append(clauses[np.argsort(-words.of(clauses), kind="stable")[:CANDIDATES]])
        rows = table.in_reading_order(np.unique(np.concatenate(candidates)))
        documents, (clause_vectors, passages) = table.documents(rows), self._read(rows)
        return Matches(
            rows,
            documents,
            words.of(rows),
            expanded.of(rows),
            passages.scores(asked.vector, np.arange(len(rows))).clip(0, 1),
            clause_vectors.products(asked.vector).clip(0, 1),
            document_words.of(documents),
            provisions,
            of_matter[0].of(rows) if of_matter else None,
        )

    # --- filters -------------------------------------------------------------------------------

    def _filter(self, asked: Asked) -> _Filter:
        narrowed = _Filter()
        if asked.filters != EVERYTHING:
            narrowed = self._narrowed(asked.filters, self.store.clauses.today())
        if not asked.is_quoting:
            return narrowed
        few, without = narrowed.few, [self._holding(text) for text in asked.excluded]
        for text in asked.exact:
            held = self._holding(text)
            few = held[self._let_through(held, narrowed)] if few is None else np.intersect1d(few, held)
        return _Filter(narrowed.where, few, np.unique(np.concatenate([np.empty(0, np.int64), *without])))

    def _read_filter(self, filters: Filters, day: date) -> _Filter:
        rows = (Condition(f"c.row IN ({one.sql})", one.values) for one in rows_asked(filters))
        where = all_of([documents_where(filters, day), *rows])
        found = self.store.rows(f"SELECT c.row FROM clauses c WHERE {where.sql} LIMIT {_FEW + 1}", where.values)
        few = np.sort(np.array(found, np.int64).reshape(-1)) if len(found) <= _FEW else None
        return _Filter(where, few)

    def _let_through(self, rows: Rows, narrowed: _Filter) -> _Mask:
        """Which of the rows are let through."""
        if narrowed.few is not None:
            mask = np.isin(rows, narrowed.few)
        elif narrowed.where is not None and len(rows):
            mask = np.isin(rows, self._passing(rows.tolist(), narrowed.where))
        else:
            firsts, ends = self._holes[0].T
            places = firsts.searchsorted(rows, "right") - 1
            mask = (places < 0) | (rows >= ends[places]) if len(firsts) else np.ones(len(rows), np.bool_)
        if narrowed.without is not None:
            mask &= ~np.isin(rows, narrowed.without)
        return mask

    def _passing(self, rows: Collection[int], where: Condition) -> Rows:
        sql = f"SELECT c.row FROM clauses c WHERE c.row IN {SEVERAL} AND {where.sql}"
        return np.array(self.store.rows_in(sql, rows, *where.values), np.int64).reshape(-1)

    def _holding(self, text: str) -> Rows:
        folded = fold(text)
        return np.sort(self.store.clauses.containing(self.vocabulary.holding(tokens(folded), _TERMS), folded))
