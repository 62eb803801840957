"""Nearest vectors by inner product (FAISS, only here): knows vectors of unit length, rows and their passages, nothing else.

A generation holds two spaces, ``clauses`` (one vector a row) and ``passages`` (one or more a row), in parts (``kb.index.segments``):

``<space>-<first>.npy`` and ``.scales.npy``
    The vectors, a byte for a component, shape (vectors, dimension), and the length of a step of each. Read through a memory map.
``passages-<first>.faiss``
    Where to look for the near ones, by row counted from ``first``: an inverted file with 4-bit product codes. A part of at most
    ``EXACT`` vectors has none and is compared one by one. Clauses are found by their passages and only weighed as a whole.
``passages-<first>.bounds.npy``
    Where the passages of each row begin and, last, where they end; shape (rows + 1,).
``<space>-holes.npy``
    The rows that hold nothing any more, rising. They stay in their part and are left out when they are found.

What is found is always weighed by the vectors themselves; the codes only say which rows to weigh.
"""

from kb.index.vectors.reading import PassageIndex, VectorIndex
from kb.index.vectors.segments import Quantised
from kb.index.vectors.writing import PassageWriter, VectorWriter

__all__ = ["PassageIndex", "PassageWriter", "Quantised", "VectorIndex", "VectorWriter"]
