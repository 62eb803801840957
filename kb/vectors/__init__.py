"""Nearest vectors by inner product (FAISS, only here): knows vectors of unit length, rows and their passages, nothing else.

A generation holds two spaces, ``clauses`` (one vector a row) and ``passages`` (one or more a row). A space lies in *parts*, each for
the rows from ``first`` on; a part is never changed once it is written, so the next generation holds the same file by a hard link:

``<space>-<first>.npy``
    The vectors, 16-bit integers, shape (vectors, dimension): a component of 1 is 32767. Read through a memory map.
``<space>-<first>.faiss``
    Where to look for the near ones, by row counted from ``first``: an inverted file with 4-bit product codes. A part of at most
    ``EXACT`` vectors has none and is compared one by one.
``passages-<first>.bounds.npy``
    Where the passages of each row begin and, last, where they end; shape (rows + 1,).
``<space>-holes.npy``
    The rows that hold nothing any more, rising. They stay in their part and are left out when they are found.

What is found is always weighed by the vectors themselves; the codes only say which rows to weigh. A writer that goes on from a
generation before takes its parts over, writes the new rows behind them as one part more, and makes one part of the last ones when
they are small beside it, so there are never more than about log2(rows) of them. A build from nothing writes one part a space.
"""

from kb.vectors.parts import quantised
from kb.vectors.reading import PassageIndex, VectorIndex
from kb.vectors.writing import PassageWriter, VectorWriter

__all__ = ["PassageIndex", "PassageWriter", "VectorIndex", "VectorWriter", "quantised"]
