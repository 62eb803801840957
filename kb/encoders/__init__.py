"""Texts to vectors of unit length: the embedded static model on numpy alone, any other model through sentence-transformers."""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kb.encoders.transformer import ContextualEncoder, OnnxEncoder
from kb.errors import ModelUnusable
from kb.messages import Message, program_error, reason_of
from kb.text import normalise

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EMBEDDED, CONTEXTUAL = Path(__file__).with_name("embedded"), Path(__file__).with_name("contextual")
_WEIGHTS = "model.safetensors"
_TYPES = {"I8": np.int8, "U8": np.uint8, "I16": np.int16, "I32": np.int32, "F32": np.float32}
_PLANE = 0x10000


class Encoder(Protocol):
    """What the index needs of a model. An index belongs to one ``name``; other weights are another name."""

    @property
    def name(self) -> str:
        """Model and version: "embedded:3f2a91c0d4e5"."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension); zeros for a text without any known character."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same for queries."""
        ...


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of the static model: characters and bigrams of characters, each with its row in the embedding table.

    ``characters[c]`` is the row of code point c, 0 for an unknown character, which is in no bigram. ``pairs`` is sorted and holds
    ``row of the first << 16 | row of the second``; the rows of bigrams follow those of characters.
    """

    characters: NDArray[np.int16]
    pairs: NDArray[np.int32]
    first_pair: int

    def rows(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of the known terms of all texts, concatenated, and len(texts) + 1 offsets of the texts in them.

        "幼儿，园" → rows of 幼, 儿, 园, 幼儿
        """
        joined = "\n".join([normalise(text) for text in texts]) + "\n"
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        single = self.characters[np.where(points < _PLANE, points, 0)].astype(np.int32)
        # Of the type of ``pairs``: searchsorted would convert all of them otherwise.
        codes = (single[:-1] << 16) | single[1:]
        places = np.minimum(self.pairs.searchsorted(codes), len(self.pairs) - 1)
        both = np.zeros((len(single), 2), np.int64)
        both[:, 0] = single
        both[:-1, 1] = np.where(self.pairs[places] == codes, places + self.first_pair, 0)
        rows = both.ravel()
        known = rows > 0
        ends = np.cumsum([2 * (len(text) + 1) for text in texts], dtype=np.int64)
        return rows[known], np.concatenate(([0], known.cumsum()[ends - 1]))


@dataclass(frozen=True, slots=True)
class StaticEncoder:
    """The embedded model: the vector of a text is the normalised sum of the rows of its terms."""

    name: str
    vocabulary: Vocabulary
    table: NDArray[np.int8]
    scales: NDArray[np.float32]
    contextual: ContextualEncoder | None = None  # reads the same clauses, later and better

    @classmethod
    def load(cls, folder: Path) -> StaticEncoder:
        """The model of this folder; ModelUnusable when there is none, or one of another kind."""
        path = folder / _WEIGHTS
        try:
            tensors = _tensors(path)
            vocabulary = Vocabulary(
                tensors["characters"], tensors["pairs"], len(tensors["weights"]) - len(tensors["pairs"])
            )
            table, scales = tensors["embeddings"], tensors["weights"]
            digest = json.loads((folder / "training.json").read_text("utf-8"))["weights_sha256"]
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnusable(folder, Message("not-embedded-model", reason=program_error(error))) from error
        return cls(f"embedded:{digest[:12]}", vocabulary, table, scales)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.table.shape[1])

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension); zeros for a text without any known character."""
        return normalised(self.sums(texts))

    def sums(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The sums that are not normalised yet. They add up: "教育局。财政局" gives the sum of "教育局。" and "财政局"."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), 256):
            rows, bounds = self.vocabulary.rows(texts[start : start + 256])
            for i, (begin, end) in enumerate(pairwise(bounds.tolist()), start):
                own = rows[begin:end]
                vectors[i] = self.scales.take(own) @ self.table.take(own, axis=0).astype(np.float32)
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same: this model makes no difference between queries and clauses."""
        return self.encode_clauses(texts)


class TransformerEncoder:
    """Any sentence-transformers model, with the prompts, pooling and dimension of its own configuration."""

    def __init__(self, model: SentenceTransformer, name: str, query_prefix: str = "") -> None:
        self.name = name
        self._model = model
        self._query_prompt = query_prefix or None  # None: the model's own
        self.dimension = int(model.encode(["维"], show_progress_bar=False).shape[1])

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension), with the model's prompt for documents where it has one."""
        return self._rows(self._model.encode_document(list(texts), show_progress_bar=False))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension), with the configured prefix, else the model's prompt for queries."""
        return self._rows(self._model.encode_query(list(texts), prompt=self._query_prompt, show_progress_bar=False))

    def _rows(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        return normalised(np.asarray(vectors, np.float32).reshape(-1, self.dimension))


def load_encoder(model: str = "", query_prefix: str = "") -> Encoder:
    """The embedded model for "", else the sentence-transformers model of that folder or name; ModelUnusable when it cannot be loaded.

    A ``query_prefix`` replaces the prompt for queries of the model's own configuration.
    """
    if not model:
        if query_prefix:
            raise ModelUnusable(EMBEDDED.name, Message("no-query-prefix"))
        return replace(StaticEncoder.load(EMBEDDED), contextual=OnnxEncoder(CONTEXTUAL))
    if is_missing_folder(model):
        raise ModelUnusable(model, Message("no-folder"))
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds of torch, for those who ask for it
    except ImportError as error:
        raise ModelUnusable(model, Message("needs-sentence-transformers", reason=reason_of(error))) from error
    try:
        return TransformerEncoder(SentenceTransformer(model), _name(model, query_prefix), query_prefix)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError) as error:
        raise ModelUnusable(model, reason_of(error)) from error


def contextual_of(encoder: Encoder) -> ContextualEncoder | None:
    """The contextual model that goes with an encoder: the embedded one has one, others read everything at once."""
    return encoder.contextual if isinstance(encoder, StaticEncoder) else None


def is_missing_folder(model: str) -> bool:
    """Whether the name is the path of a folder, and there is no such folder: no hub needs to be asked for it."""
    return (Path(model).is_absolute() or model.startswith(("./", "../", "~"))) and not Path(model).is_dir()


def _name(model: str, query_prefix: str) -> str:
    """A name that changes with files, settings and prefix. Of the weights only the size is hashed, since they may be gigabytes."""
    folder = Path(model)
    digest = hashlib.sha256(query_prefix.encode())
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}:{path.stat().st_size}".encode())
            digest.update(path.read_bytes() if path.suffix == ".json" else b"")
    return f"{folder.resolve().name if folder.is_dir() else model}:{digest.hexdigest()[:12]}"


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a safetensors file: 8 bytes with the length of the header, the header in JSON, the data.

    They are mapped, so that all processes share the pages that are used. ``safetensors.numpy.load_file`` copies all of them: 80 ms
    instead of 0.2, and 26 MB of its own in every process.
    """
    with path.open("rb") as file:
        view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(view[:8], "little")
    header = json.loads(view[8 : 8 + length])
    return {
        name: np.frombuffer(
            view, _TYPES[entry["dtype"]], int(np.prod(entry["shape"])), 8 + length + entry["data_offsets"][0]
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def normalised(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows normalised to length 1; zeros stay zeros."""
    squares = np.vecdot(vectors, vectors)
    squares[squares == 0] = 1
    return np.asarray(vectors / np.sqrt(squares)[:, np.newaxis], np.float32)
