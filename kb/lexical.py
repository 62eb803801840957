"""Which clauses share words with a query (tantivy, only here): BM25 over characters, character pairs and Latin words.

Chinese is not segmented: single characters and pairs of neighbours find more than segmented words do on official texts, and a
dictionary that lacks a term cannot hide it. Queries are put together term by term, never parsed, so no character has a meaning
of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import add
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from kb import generations
from kb.errors import IndexUnusable
from kb.models import Expansion
from kb.text import NORMAL

_FOLDER = "words"
_ROW, _WORDS = "row", "words"
_MANAGED = ".managed.json"  # tantivy's list of its files

# At most so many terms are asked, the rarest: a question of a person has fewer, a pasted page stays as quick as a question.
MAX_TERMS = 96

# Of these, the rarest that stand in clauses at most so often together, or in a sixth of all clauses: the commonest characters cost
# most and tell least. On 300 questions over 62,827 articles recall@10 of the whole search is 0.500 with all terms, 0.512 with 50,000
# places and 0.49 with 16,000.
POSTINGS, _SHARE = 50_000, 6

# Where many clauses are allowed, the best of all are read so many times deeper than wanted (at most to _DEEPEST) and the others dropped.
_DEEPER, _DEEPEST = 2, 5000

_ALTERNATIVES = 3
_K1 = 1.2  # tantivy's, not adjustable

_HAN = r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_RUN = re.compile(
    rf"""
    (?P<han>{_HAN}+)                         # 学前教育
    | (?P<word>(?:(?!{_HAN})[^\W_]){{1,64}})   # PUE, 2025, 5g
    """,
    re.VERBOSE,
)
_CASE = str.maketrans({chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)})
_FOLDED = NORMAL.before(_CASE)


def fold(text: str) -> str:
    """The text as it is compared, same length: printed variants and Latin case made equal.

    "ＰＵＥ（1.5）" → "pue（1.5）"
    """
    return _FOLDED(text)


def runs(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end and whether it is Chinese, of every stretch of a folded text that holds words.

    "5g+教育" → (0, 2, False), (3, 5, True)
    """
    for match in _RUN.finditer(text):
        yield *match.span(), match["han"] is not None


def tokens(text: str) -> list[str]:
    """What a text is indexed and asked by, in order, repeats kept.

    "教育局 5G" → ["教", "育", "局", "教育", "育局", "5g"]
    """
    folded = fold(text)
    found: list[str] = []
    for start, end, han in runs(folded):
        if han:
            run = folded[start:end]
            found += run
            found += map(add, run, run[1:])
        else:
            found.append(folded[start:end])
    return found


@lru_cache(maxsize=4096)  # the thesaurus has some thousands of concepts
def _pairs(wordings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(term for term in tokens("\n".join(wordings)) if len(term) > 1)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(_ROW, indexed=True, fast=True)
    builder.add_text_field(_WORDS, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class WordWriter:
    """Writes the words of clauses into a generation folder, from nothing or behind those of the generation before."""

    def __init__(self, folder: Path, previous: Path | None = None) -> None:
        """``previous`` is the folder of the generation that is gone on from, if any."""
        place = folder / _FOLDER
        place.mkdir()
        if previous is not None:  # its files are never changed: tantivy writes new ones beside them
            for file in (*sorted((previous / _FOLDER).glob("[!.]*")), previous / _FOLDER / _MANAGED):
                generations.take_over(file, place / file.name)
        # One thread: the same clauses give the same segments, so the same scores.
        self._schema = _schema()
        self._writer = tantivy.Index(self._schema, str(place)).writer(num_threads=1)

    def add(self, row: int, words: str) -> None:
        """Index the words of one clause, with blanks between, under its row number."""
        document = tantivy.Document()
        document.add_unsigned(_ROW, row)
        document.add_text(_WORDS, words)
        self._writer.add_document(document)

    def remove(self, rows: range) -> None:
        """Leave out the words of these rows."""
        if rows:
            kind = tantivy.FieldType.Unsigned
            gone = tantivy.Query.range_query(self._schema, _ROW, kind, rows.start, rows.stop - 1)
            self._writer.delete_documents_by_query(gone)

    def close(self) -> None:
        """Write what is left and wait until the files are final."""
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except (ValueError, OSError) as error:
            raise IndexUnusable(f"words: cannot be written: {error}") from error


class WordIndex:
    """The words of one generation; safe to ask from several threads."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._counted = lru_cache(maxsize=1 << 16)(self._count)

    @classmethod
    def open(cls, folder: Path) -> WordIndex:
        """The index in a generation folder; IndexUnusable when it cannot be read."""
        place = folder / _FOLDER
        try:
            return cls(tantivy.Index.open(str(place)))
        except (ValueError, OSError) as error:
            raise IndexUnusable(f"{place}: cannot be read; run `kb build`") from error

    def __len__(self) -> int:
        return self._searcher.num_docs

    def search(
        self, text: str, limit: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows and word scores of the ``limit`` best clauses, best first, among the allowed rows if given.

        The score is BM25 divided by the bound that it cannot pass (every term of the query, each repeated without end): it says
        how much of the query was found, so scores of different queries compare, 0..1; a clause that holds every term once gets
        about 0.45.
        """
        return self._best(dict.fromkeys(tokens(text), 1.0), limit, allowed)

    def widened(
        self, expansions: Sequence[Expansion], limit: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The same for the official wordings of expansions, pairs and words only, each by its weight; 0..1.

        The wordings are alternatives, so a clause that holds a third of them all holds what can be asked of it.
        """
        terms: dict[str, float] = {}
        for one in expansions:
            for term in _pairs(one.official):
                terms[term] = max(terms.get(term, 0.0), one.weight)
        rows, scores = self._best(terms, limit, allowed)
        return rows, np.minimum(scores * np.float32(_ALTERNATIVES * max(terms.values(), default=0.0)), np.float32(1))

    def _best(
        self, terms: Mapping[str, float], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The best clauses by weighted terms, of these only those that ``_telling`` leaves."""
        limit = min(limit, len(self) if allowed is None else len(allowed))
        telling = self._telling(terms)
        if not telling or limit == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        query = self._query(telling)
        rows, scores = self._found(query, limit) if allowed is None else self._found_among(query, limit, allowed)
        bound = (_K1 + 1) * sum(boost * self._counted(term)[0] for term, boost in telling)
        return rows, scores / np.float32(bound)

    def _telling(self, terms: Mapping[str, float]) -> list[tuple[str, float]]:
        """The terms that count most, ``MAX_TERMS`` at most, and no more than ``POSTINGS`` allow."""
        counted = [(*self._counted(term), term, boost) for term, boost in terms.items()]
        counted.sort(key=lambda one: one[3] * one[0], reverse=True)
        telling: list[tuple[str, float]] = []
        postings, allowed = 0, max(POSTINGS, len(self) // _SHARE)
        for _, holding, term, boost in counted[:MAX_TERMS]:
            postings += holding
            if telling and postings > allowed:
                break
            telling.append((term, boost))
        return telling

    def _count(self, term: str) -> tuple[float, int]:
        """Inverse document frequency, as BM25 counts it, and how many clauses hold the term."""
        holding = self._searcher.doc_freq(_WORDS, term)
        return math.log(1 + (len(self) - holding + 0.5) / (holding + 0.5)), holding

    def _query(self, terms: Sequence[tuple[str, float]]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._one(*term)) for term in terms])

    def _one(self, term: str, boost: float) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, _WORDS, term, "freq")
        return query if boost == 1 else tantivy.Query.boost_query(query, boost)

    def _found(self, query: tantivy.Query, limit: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        hits = self._searcher.search(query, limit, count=False).hits
        scores, addresses = zip(*hits, strict=True) if hits else ((), ())
        rows = self._searcher.fast_field_values(_ROW, list(addresses))
        return np.array(rows, np.int64), np.array(scores, np.float32)

    def _found_among(
        self, query: tantivy.Query, limit: int, allowed: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The best of the allowed rows: out of the best of all when many are allowed, otherwise asked for by name."""
        deep = round(_DEEPER * limit * len(self) / len(allowed))
        if deep <= _DEEPEST:
            rows, scores = self._found(query, min(deep, len(self)))
            kept = np.flatnonzero(_are_among(rows, allowed))[:limit]
            if len(kept) == limit or len(rows) < deep:
                return rows[kept], scores[kept]
        named = tantivy.Query.term_set_query(self._schema, _ROW, allowed.tolist())
        must = tantivy.Occur.Must
        within = tantivy.Query.const_score_query(named, 0.0)
        return self._found(tantivy.Query.boolean_query([(must, within), (must, query)]), limit)


def _are_among(rows: NDArray[np.int64], allowed: NDArray[np.int64]) -> NDArray[np.bool_]:
    places = np.minimum(np.searchsorted(allowed, rows), len(allowed) - 1)
    return np.asarray(allowed[places] == rows)
