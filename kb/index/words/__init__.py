"""Which clauses, and which documents as a whole, share terms with a query: BM25 over characters, character bigrams and Latin words.

Chinese is not segmented: unigrams and bigrams retrieve more than segmented words do on official texts, and a dictionary that lacks a
term cannot hide it. A query is a set of such terms; no character of it has a meaning of its own.

A generation holds two inverted files in segments (``kb.index.segments``), memory-mapped: ``words`` over the clauses, ``documents`` over
the documents. Terms are numbers, so that all terms of a
document are counted, and all rows scored for a query, in a few operations on whole arrays:

``words-<first>.npy`` and ``.weights.npy``
    Term after term, the rows that hold it, counted from ``first`` and ascending, and its weight in each; 32 and 8 bits.
``words-<first>.terms.npy`` and ``.starts.npy``
    The terms, ascending, and where the postings of each begin, and where the last ones end.
``words-<first>.count.npy``
    The number of rows of the segment.
``words-deleted.npy``
    The deleted rows.

``documents-…`` are the same of the documents, whose rows are those of the store.
"""

from kb.index.words.reading import WordIndex, WordScores
from kb.index.words.segments import DOCUMENTS
from kb.index.words.terms import OF_DOCUMENT, TermCounts, count_terms, fold, runs, tokens
from kb.index.words.writing import WordWriter

__all__ = [
    "DOCUMENTS",
    "OF_DOCUMENT",
    "TermCounts",
    "WordIndex",
    "WordScores",
    "WordWriter",
    "count_terms",
    "fold",
    "runs",
    "tokens",
]
