"""Nearest neighbours by inner product (FAISS): knows vectors of unit length, rows and their passages, nothing else.

A generation holds two spaces, ``clauses`` (one vector a row) and ``passages`` (one or more a row), in segments (``kb.index.segments``):

``<space>-<first>.npy`` and ``.scales.npy``
    The vectors as int8, shape (vectors, dimension), and the scale of each. Memory-mapped.
``passages-<first>.faiss``
    An inverted file with 4-bit product codes, which proposes rows, counted from ``first``. A segment of at most ``EXACT`` vectors
    has none and is searched exhaustively. Clauses have none: they are found by their passages.
``passages-<first>.bounds.npy``
    Where the passages of each row begin, and where the last ones end; shape (rows + 1,).
``<space>-deleted.npy``
    The deleted rows, ascending.

The passages of the contextual model lie in a folder of their own, likewise, and may come later: they cover the first rows, and a row
without any has zeros. Beside them, in ``.keys.npy``, stand the keys of the texts that they were made of (``KnownVectors``). They only
score what the others propose, so they have no inverted file.

Scores are always computed from the int8 vectors; the product codes only select candidates.
"""

from kb.index.vectors.known import KnownVectors, keys_of
from kb.index.vectors.reading import PassageIndex, VectorIndex
from kb.index.vectors.segments import Quantised
from kb.index.vectors.writing import PassageWriter, VectorWriter

__all__ = ["KnownVectors", "PassageIndex", "PassageWriter", "Quantised", "VectorIndex", "VectorWriter", "keys_of"]
