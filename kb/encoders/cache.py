"""A cache of vectors on disk, for models that are slow: a build that was stopped resumes where it was.

One journal for each model, ``embeddings/<hash of the model's name>.vectors`` in the index folder. A record is a hash of the text and its vector in
half precision; of one that is not whole the text is read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.encoders import Encoder
from kb.errors import IndexUnusable
from kb.index.journal import Journal
from kb.messages import Message, reason_of

FOLDER = "embeddings"
_BATCH = 64  # texts encoded before they are written
_KEY = 16  # bytes of a hash


class CachedEncoder:
    """An encoder that encodes each text of a clause once, in this build and in later ones."""

    def __init__(self, encoder: Encoder, index: Path) -> None:
        """Opens the cache of that model; IndexUnusable when its file cannot be read or written."""
        self.name, self.dimension = encoder.name, encoder.dimension
        self._encoder = encoder
        path = index / FOLDER / f"{hashlib.sha256(encoder.name.encode()).hexdigest()[:16]}.vectors"
        self._journal = Journal(path, key=f"V{_KEY}", vector=np.dtype(("<f2", (encoder.dimension,))))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._vectors = dict(_by_key(self._journal.read()))
        except OSError as error:
            raise IndexUnusable(path, Message("cannot-be-written", reason=reason_of(error))) from error

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension), in half precision; texts that are not cached are encoded."""
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_KEY] for text in texts]
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}.items())
        for start in range(0, len(missing), _BATCH):
            self._encode(missing[start : start + _BATCH])
        vectors = [self._vectors[key] for key in keys]
        return np.array(vectors, np.float32).reshape(len(texts), self.dimension)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The model's own rows: queries are not cached."""
        return self._encoder.encode_queries(texts)

    def _encode(self, batch: Sequence[tuple[bytes, str]]) -> None:
        keys = np.array([key for key, _ in batch], f"V{_KEY}")
        vectors = self._encoder.encode_clauses([text for _, text in batch])
        self._vectors |= _by_key(self._journal.append(key=keys, vector=vectors))


def _by_key(records: NDArray[np.void]) -> Iterator[tuple[bytes, NDArray[np.float16]]]:
    return ((record["key"].tobytes(), record["vector"]) for record in records)
