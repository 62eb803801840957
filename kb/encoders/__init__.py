"""Texts to vectors of unit length: the embedded static model on numpy alone, any other model through sentence-transformers."""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kb.errors import ModelUnusable
from kb.messages import Message, program_error, reason_of
from kb.text import normalise

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EMBEDDED = Path(__file__).with_name("embedded")
_WEIGHTS = "model.safetensors"
_TYPES = {"I8": np.int8, "U8": np.uint8, "I16": np.int16, "I32": np.int32, "F32": np.float32}
_PLANE = 0x10000


class Encoder(Protocol):
    """What the index needs of a model; an index is bound to ``name``, which changes with the weights."""

    @property
    def name(self) -> str:
        """Model and version."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 for each text, shape (len(texts), dimension); a text without one known character gives zeros."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same for what a person asks."""
        ...


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of the static model: single characters and pairs of neighbours, each with its row in the table.

    ``characters[c]`` is the row of the character with code point c (0: none; such a character parts its neighbours);
    ``pairs`` holds, rising, ``row of the first << 16 | row of the second``; the rows of the pairs follow those of the characters.
    """

    characters: NDArray[np.int16]
    pairs: NDArray[np.int32]
    first_pair: int

    def rows(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of all terms of all texts, one after the other, and the bounds of each text in them (len(texts) + 1).

        "幼儿，园" → rows of 幼, 儿, 园, 幼儿; terms that the vocabulary does not hold are left out
        """
        joined = "\n".join([normalise(text) for text in texts]) + "\n"
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        single = self.characters[np.where(points < _PLANE, points, 0)].astype(np.int32)
        # Of the same type as the pairs, which are converted as a whole otherwise.
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
    """The embedded model: a text's vector is the sum of its terms' rows, made unit length."""

    name: str
    vocabulary: Vocabulary
    table: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def load(cls, folder: Path) -> StaticEncoder:
        """The model in this folder; ModelUnusable when it is missing or of another form."""
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
        """Unit rows, shape (len(texts), dimension); zeros for a text without one known character."""
        return unit(self.sums(texts))

    def sums(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows before they are made unit length: that of a text is the sum of those of its pieces, cut where no term is cut through.

        The sum for "教育局。财政局" is the sum of those for "教育局。" and "财政局".
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), 256):
            rows, bounds = self.vocabulary.rows(texts[start : start + 256])
            for i, (begin, end) in enumerate(pairwise(bounds.tolist()), start):
                own = rows[begin:end]
                vectors[i] = self.scales.take(own) @ self.table.take(own, axis=0).astype(np.float32)
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same: this model reads questions as it reads clauses."""
        return self.encode_clauses(texts)


class TransformerEncoder:
    """Any sentence-transformers model; what it says of itself (prompts, pooling, dimension) is followed."""

    def __init__(self, model: SentenceTransformer, name: str, query_prefix: str = "") -> None:
        self.name = name
        self._model = model
        self._query_prompt = query_prefix or None  # None: the model's own
        self.dimension = int(model.encode(["维"], show_progress_bar=False).shape[1])

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension), with the model's own prompt for documents where it has one."""
        return self._rows(self._model.encode_document(list(texts), show_progress_bar=False))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, with the configured prefix, or else the model's own prompt for queries."""
        return self._rows(self._model.encode_query(list(texts), prompt=self._query_prompt, show_progress_bar=False))

    def _rows(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        return unit(np.asarray(vectors, np.float32).reshape(-1, self.dimension))


def load_encoder(model: str = "", query_prefix: str = "") -> Encoder:
    """The embedded model for "", otherwise the sentence-transformers folder or name; ModelUnusable when it cannot be had.

    A ``query_prefix`` takes the place of the prompt for queries in the model's own configuration.
    """
    if not model:
        if query_prefix:
            raise ModelUnusable(EMBEDDED.name, Message("no-query-prefix"))
        return StaticEncoder.load(EMBEDDED)
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


def is_missing_folder(model: str) -> bool:
    """Whether the name can only be that of a folder on this machine, and there is none: no hub need be asked for it."""
    return (Path(model).is_absolute() or model.startswith(("./", "../", "~"))) and not Path(model).is_dir()


def _name(model: str, query_prefix: str) -> str:
    """Other weights, settings or prefix give another name; the weights themselves are known by size, not read."""
    folder = Path(model)
    digest = hashlib.sha256(query_prefix.encode())
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}:{path.stat().st_size}".encode())
            digest.update(path.read_bytes() if path.suffix == ".json" else b"")
    return f"{folder.resolve().name if folder.is_dir() else model}:{digest.hexdigest()[:12]}"


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a safetensors file, mapped, not read: 8 bytes with the header's length, the header in JSON, the data."""
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


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same rows with length 1, zeros where they are zeros."""
    squares = np.vecdot(vectors, vectors)
    squares[squares == 0] = 1
    return np.asarray(vectors / np.sqrt(squares)[:, np.newaxis], np.float32)
