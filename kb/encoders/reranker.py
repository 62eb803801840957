"""A cross-encoder of the user's choice that reads the best clauses again, each together with the query (sentence-transformers)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.encoders import is_missing_folder
from kb.errors import RerankerUnusable
from kb.messages import Message, reason_of


class Reranker(Protocol):
    """What search needs of a cross-encoder."""

    def relevance(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """How well each text answers the query, 0..1, shape (len(texts),)."""
        ...


def load_reranker(model: str) -> Reranker | None:
    """The cross-encoder in this folder or of this name, None for ""; RerankerUnusable when it cannot be had."""
    return CrossEncoderReranker(model) if model else None


class CrossEncoderReranker:
    """Any cross-encoder that sentence-transformers loads and that gives one figure for a pair of texts."""

    def __init__(self, model: str) -> None:
        if is_missing_folder(model):
            raise RerankerUnusable(model, Message("no-folder"))
        try:
            from sentence_transformers import CrossEncoder  # noqa: PLC0415 - seconds of torch, for those who ask for it
            from torch.nn import Sigmoid  # noqa: PLC0415

            self._model = CrossEncoder(model, activation_fn=Sigmoid())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError) as error:
            raise RerankerUnusable(model, reason_of(error)) from error
        if self._model.config.num_labels != 1:
            raise RerankerUnusable(model, Message("several-figures", count=self._model.config.num_labels))

    def relevance(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """One figure for each text, 0..1, shape (len(texts),)."""
        pairs = [(query, text) for text in texts]
        return np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32).reshape(len(texts))
