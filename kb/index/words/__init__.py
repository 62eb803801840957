"""Which clauses share words with a query: BM25 over characters, character pairs and Latin words.

Chinese is not segmented: single characters and pairs of neighbours find more than segmented words do on official texts, and a
dictionary that lacks a term cannot hide it. A query is a set of such terms, so no character of it has a meaning of its own.

A generation holds the words in parts (``kb.index.segments``), each an inverted file read through memory maps. Terms are numbers, so that all
terms of a document are counted, and all rows of a query are scored, by a few steps over whole arrays:

``words-<first>.npy`` and ``.weights.npy``
    One term after the other, the rows that hold it, counted from ``first`` and rising, and its weight there; 32 and 8 bits.
``words-<first>.terms.npy`` and ``.starts.npy``
    The terms, rising, and where the rows of each begin and, last, where they end.
``words-<first>.count.npy``
    How many rows the part is for.
``words-holes.npy``
    The rows that hold nothing any more.
"""

from kb.index.words.reading import WordIndex, WordScores
from kb.index.words.terms import Counted, counted, fold, runs, tokens
from kb.index.words.writing import WordWriter

__all__ = ["Counted", "WordIndex", "WordScores", "WordWriter", "counted", "fold", "runs", "tokens"]
