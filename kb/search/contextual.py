"""What the contextual model says of clauses: as far as their vectors have been filled in (``kb.ingest.filling``)."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kb.encoders import Encoder, contextual_of
from kb.encoders.transformer import ContextualEncoder
from kb.index.asking import Generation, ReadClauses

Floats = NDArray[np.float32]
_Rows = NDArray[np.int64]


class ContextualIndex:
    """The vectors of the contextual model in one generation; thread-safe."""

    def __init__(self, clauses: ReadClauses, encoder: ContextualEncoder) -> None:
        self._clauses, self._encoder = clauses, encoder
        readers = ThreadPoolExecutor(os.cpu_count(), "contextual")
        # Facets ask a question once for each filter that is set.
        self._read = lru_cache(maxsize=256)(lambda question: readers.submit(encoder.encode_queries, [question]))

    @property
    def share(self) -> float:
        """The share of the model in the evidence of a clause."""
        return self._encoder.share

    def begin(self, question: str) -> None:
        """Let the model read a question in another thread; what is done before its evidence is asked for goes on meanwhile."""
        self._read(question)

    def evidence(self, question: str, rows: _Rows) -> Floats:
        """How much each clause answers a question by its best passage, as ``ContextualEncoder.evidence`` says; not a number for a clause without vectors."""
        evidence = np.full(len(rows), np.nan, np.float32)
        covered = np.flatnonzero(rows < self._clauses.stop)
        read = self._read(question)
        if read.exception():
            self._read.cache_clear()  # else the question would fail until others have driven it out
        cosines = self._clauses.scores(read.result()[0], rows[covered])
        evidence[covered] = np.where(cosines == 0, np.nan, self._encoder.evidence(cosines))
        return evidence


def read_clauses(generation: Generation, encoder: Encoder) -> int | None:
    """How many clauses of a generation the contextual model that goes with the encoder has read; None where none goes with it."""
    contextual = contextual_of(encoder)
    if contextual is None:
        return None
    read = generation.contextual(contextual.name)
    return 0 if read is None else read.filled


def open_contextual(generation: Generation, encoder: Encoder) -> ContextualIndex | None:
    """The index of a generation; None where it has no vectors of the contextual model that goes with the encoder.

    IndexUnusable when it cannot be read.
    """
    contextual = contextual_of(encoder)
    read = generation.contextual(contextual.name) if contextual else None
    return ContextualIndex(read, contextual) if contextual and read is not None else None
