"""A cache of vectors on disk, for models that are slow: a build that was stopped resumes where it was.

One append-only file for each model, ``embeddings/<hash of the model's name>.vectors`` in the index folder. A record is a hash of the text, its
vector in half precision, and a checksum of both. A last record that is incomplete, after a crash, is dropped; of a damaged one the text is read again.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.encoders import Encoder
from kb.errors import IndexUnusable
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
        self._path = index / FOLDER / f"{hashlib.sha256(encoder.name.encode()).hexdigest()[:16]}.vectors"
        self._record = np.dtype([("key", f"V{_KEY}"), ("vector", "<f2", (encoder.dimension,)), ("checksum", "<u4")])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            written = self._path.read_bytes() if self._path.exists() else b""
            whole = len(written) // self._record.itemsize * self._record.itemsize
            if whole < len(written):
                self._path.write_bytes(written[:whole])
        except OSError as error:
            raise IndexUnusable(self._path, Message("cannot-be-written", reason=reason_of(error))) from error
        records = np.frombuffer(written[:whole], self._record)
        self._vectors = {
            record["key"].tobytes(): record["vector"] for record in records if record["checksum"] == _checksum(record)
        }

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
        records = np.zeros(len(batch), self._record)
        records["key"] = np.array([key for key, _ in batch], f"V{_KEY}")
        records["vector"] = self._encoder.encode_clauses([text for _, text in batch])
        records["checksum"] = [_checksum(record) for record in records]
        try:
            with self._path.open("ab") as file:
                file.write(records.tobytes())
        except OSError as error:
            raise IndexUnusable(self._path, Message("cannot-be-written", reason=reason_of(error))) from error
        self._vectors |= {record["key"].tobytes(): record["vector"] for record in records}


def _checksum(record: np.void) -> int:
    return zlib.crc32(record["key"].tobytes() + record["vector"].tobytes())
