"""The contextual model: a small transformer (BERT, 8 bits a weight) that reads words in their context, on onnxruntime.

It reads what the static model has made quickly searchable, which takes a hundred times as long, so its vectors come later
(``kb.ingest.filling``). Its folder holds ``model.onnx``, ``packed.npz``, ``tokenizer.json`` and ``contextual.json`` (``scripts/export_contextual.py``).
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from kb.errors import ModelUnusable
from kb.messages import Message, program_error
from kb.text import normalise

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

# Pieces in a batch, padding included. 128 to 1,024 are about as fast a piece; the fewer they are, the more alike in length are the texts.
_BATCH = 256
_PADDING = 1  # the piece that stands for none
_CHARACTERS = 8  # a piece has at most about so many: what lies behind is not read anyway


class ContextualEncoder(Protocol):
    """What filling in and search need of a contextual model. Vectors belong to one ``name``; other weights are another name.

    A name is that of a folder: "contextual-3f2a91c0d4e5".
    """

    @property
    def name(self) -> str:
        """Model and version."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def share(self) -> float:
        """The share of this model in the evidence of a clause."""
        ...

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension)."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same for queries."""
        ...

    def evidence(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much a clause with that cosine to the query speaks for it, from 0 on; 1 is much."""
        ...


class OnnxEncoder:
    """The model of a folder; loaded when it first reads something. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """ModelUnusable when the folder holds none."""
        self._folder = folder
        try:
            settings = json.loads((folder / "contextual.json").read_text("utf-8"))
            self.name = f"contextual-{settings['weights_sha256'][:12]}"
            self.dimension, self.share = int(settings["dimension"]), float(settings["share"])
            self._query, self._passage = str(settings["query"]), str(settings["passage"])
            self._pieces = int(settings["pieces"])  # that are read of a text
            self._least, self._most = float(settings["cosine_of_0"]), float(settings["cosine_of_1"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnusable(folder, Message("not-embedded-model", reason=program_error(error))) from error

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension), on all cores."""
        batches = list(self._batches(self._read(self._passage, texts)))
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        with ThreadPoolExecutor(
            os.cpu_count()
        ) as cores:  # one thread a batch: threads of one batch would wait for one another
            for (places, _), found in zip(
                batches, cores.map(lambda batch: self._run("passage", batch[1]), batches), strict=True
            ):
                vectors[places] = found
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimension), on one core."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for places, ids in self._batches(self._read(self._query, texts)):
            vectors[places] = self._run("query", ids)
        return vectors

    def evidence(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """0 and 1 at the cosines that the model's settings name, straight between and beyond 1."""
        return np.asarray(((cosines - self._least) / (self._most - self._least)).clip(0), np.float32)

    def _read(self, prefix: str, texts: Sequence[str]) -> list[list[int]]:
        """The pieces of each text."""
        most = self._pieces * _CHARACTERS
        return [
            one.ids for one in self._tokenizer.encode_batch_fast([prefix + normalise(text[:most]) for text in texts])
        ]

    def _batches(self, read: Sequence[list[int]]) -> Iterator[tuple[list[int], NDArray[np.int32]]]:
        """Texts of about the same length, padded, with their places."""
        places = sorted(range(len(read)), key=lambda place: -len(read[place]))
        while places:
            length = len(read[places[0]])
            count = max(1, _BATCH // length)
            batch, places = places[:count], places[count:]
            ids = np.full((len(batch), length), _PADDING, np.int32)
            for row, place in enumerate(batch):
                ids[row, : len(read[place])] = read[place]
            yield batch, ids

    def _run(self, output: str, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        [vectors] = self._session.run([output], {"ids": ids})
        return np.asarray(vectors, np.float32)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer  # noqa: PLC0415 - asked for with the first question only

        path = self._folder / "tokenizer.json"
        try:
            text = path.read_text("utf-8")
            json.loads(text)  # the library raises a bare Exception
        except (OSError, ValueError) as error:
            raise ModelUnusable(path, program_error(error)) from error
        tokenizer = Tokenizer.from_str(text)
        tokenizer.enable_truncation(self._pieces)
        return tokenizer

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime  # noqa: PLC0415 - a tenth of a second
        from onnxruntime.capi import onnxruntime_pybind11_state as refusals  # noqa: PLC0415 - where its errors are

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the room of the largest batch
        path = self._folder / "model.onnx"
        try:
            matrices = _unpacked(self._folder / "packed.npz")
            values = [onnxruntime.OrtValue.ortvalue_from_numpy(matrix) for matrix in matrices.values()]
            options.add_external_initializers(list(matrices), values)
            # What an Add and a LayerNormalization could be made into takes ten times as long as both.
            return onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
            )
        except (
            OSError,
            ValueError,
            KeyError,
            refusals.NoSuchFile,
            refusals.InvalidProtobuf,
            refusals.InvalidGraph,
            refusals.Fail,
        ) as error:
            raise ModelUnusable(path, program_error(error)) from error


def _unpacked(path: Path) -> dict[str, NDArray[np.int8]]:
    """The matrices of a file that holds them in 4 bits, transposed: two codes a byte, and the step of each block of codes."""
    matrices = {}
    with np.load(path) as file:
        for name in (name for name in file.files if f"{name}.steps" in file.files):
            packed, steps = file[name], file[f"{name}.steps"].astype(np.float32)
            codes = np.concatenate((packed & 15, packed >> 4), axis=2).astype(np.float32) - 8
            rows = np.rint(codes * steps).reshape(len(packed), -1)
            # Pages of its own, which the system has back once onnxruntime has put the values in the order that it likes.
            matrices[name] = np.frombuffer(mmap.mmap(-1, rows.size), np.int8).reshape(rows.T.shape)
            matrices[name][:] = rows.T
    return matrices
