"""A costly model whose vectors are on the disk as soon as they are made: a build that is stopped goes on where it was.

One file a model, ``embeddings/<model>.bin`` in the index folder: records of a hash of the text and its vector in half precision, only
ever appended. A record that was cut off when the machine stopped is not read.
"""

from __future__ import annotations

import hashlib
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


class RememberingEncoder:
    """The same model; a text of a clause that it has read once, in this build or an earlier one, is not read again."""

    def __init__(self, encoder: Encoder, index: Path) -> None:
        """IndexUnusable when the file cannot be read or written."""
        self.name, self.dimension = encoder.name, encoder.dimension
        self._encoder = encoder
        self._path = index / FOLDER / f"{hashlib.sha256(encoder.name.encode()).hexdigest()[:16]}.bin"
        self._record = np.dtype([("key", f"V{_KEY}"), ("vector", "<f2", (encoder.dimension,))])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            written = self._path.read_bytes() if self._path.exists() else b""
            whole = len(written) // self._record.itemsize * self._record.itemsize
            if whole < len(written):
                self._path.write_bytes(written[:whole])
        except OSError as error:
            raise IndexUnusable(self._path, Message("cannot-be-written", reason=reason_of(error))) from error
        records = np.frombuffer(written[:whole], self._record)
        self._known = {record["key"].tobytes(): record["vector"] for record in records}

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows as the model gives them, to half precision."""
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_KEY] for text in texts]
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}.items())
        for start in range(0, len(missing), _BATCH):
            self._read(missing[start : start + _BATCH])
        vectors = [self._known[key] for key in keys]
        return np.array(vectors, np.float32).reshape(len(texts), self.dimension)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows as the model gives them."""
        return self._encoder.encode_queries(texts)

    def _read(self, batch: Sequence[tuple[bytes, str]]) -> None:
        records = np.zeros(len(batch), self._record)
        records["key"] = np.array([key for key, _ in batch], f"V{_KEY}")
        records["vector"] = self._encoder.encode_clauses([text for _, text in batch])
        try:
            with self._path.open("ab") as file:
                file.write(records.tobytes())
        except OSError as error:
            raise IndexUnusable(self._path, Message("cannot-be-written", reason=reason_of(error))) from error
        self._known |= {record["key"].tobytes(): record["vector"] for record in records}
