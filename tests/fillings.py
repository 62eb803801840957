"""A small contextual model for tests of what is filled in behind a search, and what is asked of an index that it has read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.encoders import StaticEncoder, load_encoder
from kb.encoders.transformer import ContextualEncoder
from kb.ingest.build import build
from kb.ingest.filling import fill
from kb.knowledge_base import KnowledgeBase

QUESTION = "到2025年，学前教育、养老床位和供水管网由谁负责"


class Stopped(BaseException):
    """The machine is switched off."""


class Reader:
    """A contextual model: a text is its bigrams, hashed; it counts what it reads, and may stop or do something meanwhile."""

    name, dimension, share = "contextual-test", 64, 0.3

    def __init__(self, enough: int = 10**9, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.read: list[str] = []
        self._enough, self._meanwhile = enough, meanwhile

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(self.read) + len(texts) > self._enough:
            raise Stopped
        self.read.extend(texts)
        self._meanwhile()
        return self.encode_queries(texts)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.full((len(texts), self.dimension), 0.01, np.float32)
        for row, text in enumerate(texts):
            for pair in pairwise(text):
                vectors[row, hashlib.sha256("".join(pair).encode()).digest()[0] % self.dimension] += 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def evidence(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        return cosines


def with_reader(reader: ContextualEncoder) -> StaticEncoder:
    encoder = load_encoder()
    assert isinstance(encoder, StaticEncoder)
    return replace(encoder, contextual=reader)


def state(index: Path | str, reader: ContextualEncoder) -> tuple[int | None, int]:
    """How many clauses are read, of how many."""
    with KnowledgeBase.open(index, with_reader(reader)) as opened:
        status = opened.status()
        return status.contextual, status.clauses


def answers(index: Path | str, reader: ContextualEncoder) -> list[tuple[str, float, float | None]]:
    with KnowledgeBase.open(index, with_reader(reader)) as opened:
        hits = opened.search(QUESTION, limit=100).hits
        return [(hit.facts.clause.id, round(hit.score, 4), hit.context_score) for hit in hits]


def filled_from_nothing(corpus: Path, index: Path) -> list[tuple[str, float, float | None]]:
    """What is answered when everything is read at once."""
    reader = Reader()
    build(corpus, index, with_reader(reader))
    assert fill(index, reader)
    return answers(index, reader)
