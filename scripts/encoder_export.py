"""The static model as a folder that sentence-transformers loads with its stock modules: no code of ours, no torch to write it.

StaticEmbedding takes a ``tokenizers`` pipeline, and none of those yields overlapping terms. This one does: a character map (the binary
form that SentencePiece uses) writes every known character three times, 幼儿 → 幼|幼|幼儿|儿|儿; what stands between two bars is then a
character, a pair of neighbours, a character …; the doubled ends of a run are taken off, everything unknown is a blank that parts its
neighbours.
"""

from __future__ import annotations

import hashlib
import json
import struct
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Precompiled, Replace, Sequence
from tokenizers.pre_tokenizers import Split

from kb.encoders import Vocabulary
from kb.text import normalise

_UNKNOWN = "[UNK]"
_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]
_CONFIG: dict[str, object] = {
    "model_type": "SentenceTransformer",
    "similarity_fn_name": "cosine",
    "prompts": {},
    "default_prompt_name": None,
}
_BLOCK = 256  # units that the children of one node of the character map can take, one for each value of a byte


def save_model(folder: Path, vocabulary: Vocabulary, table: NDArray[np.float32], training: dict[str, object]) -> None:
    """Write the folder: weights as int8 with one scale a row, tokenizer, module list, and what it was trained from."""
    scales = np.abs(table).max(axis=1) / 127
    rounded = np.rint(table / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8)
    (folder / "1_Normalize").mkdir(parents=True, exist_ok=True)
    tensors = {
        "embeddings": rounded,
        "weights": scales.astype(np.float32),
        "characters": vocabulary.characters,
        "pairs": vocabulary.pairs,
    }
    weights = folder / "model.safetensors"
    save_file(tensors, weights, metadata={"format": "pt"})
    weights.chmod(0o644)  # the library writes it for its owner alone
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"), pretty=False)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    _write(folder / "training.json", training | {"weights_sha256": digest})
    _write(folder / "modules.json", _MODULES)
    _write(folder / "config_sentence_transformers.json", _CONFIG)
    _write(folder / "1_Normalize" / "config.json", {})


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    signs = {row: _sign(vocabulary, row) for row in range(1, vocabulary.first_pair)}
    terms = {_UNKNOWN: 0} | {sign: row for row, sign in signs.items()}
    for row, code in enumerate(vocabulary.pairs.tolist(), vocabulary.first_pair):
        terms[signs[code >> 16] + signs[code & 0xFFFF]] = row
    written = {}
    for point in range(len(vocabulary.characters)):
        # what kb.text makes equal must be equal here too
        if row := int(vocabulary.characters[ord(normalise(chr(point)))]):
            written[chr(point)] = "|".join([signs[row]] * 3)
    tokenizer = Tokenizer(WordLevel(terms, unk_token=_UNKNOWN))
    tokenizer.normalizer = Sequence(
        [
            Replace(Regex(f"[^{_ranges(sorted(map(ord, written)))}]"), " "),
            Precompiled(_character_map(written)),
            Replace(Regex(r"(?<![^ ])[^ ]\|"), ""),  # 幼|幼|幼儿|儿|儿 → 幼|幼儿|儿|儿
            Replace(Regex(r"\|[^ ](?![^ ])"), ""),  # 幼|幼儿|儿|儿 → 幼|幼儿|儿
        ]
    )
    tokenizer.pre_tokenizer = Split(Regex(r"[ |]+"), "removed")
    return tokenizer


def _sign(vocabulary: Vocabulary, row: int) -> str:
    return chr(int(np.flatnonzero(vocabulary.characters == row)[-1]))


def _ranges(points: list[int]) -> str:
    runs = [[point for _, point in run] for _, run in groupby(enumerate(points), lambda at: at[1] - at[0])]
    return "".join(rf"\x{{{run[0]:x}}}-\x{{{run[-1]:x}}}" for run in runs)


def _character_map(written: dict[str, str]) -> bytes:
    """SentencePiece's ``precompiled_charsmap``: a double-array trie over UTF-8 bytes, then the replacements, each ended by a zero."""
    pool = bytearray()
    leaves: dict[bytes, int] = {}
    children: dict[bytes, set[int]] = {b"": set()}
    for sign, replacement in written.items():
        key = sign.encode()
        leaves[key] = len(pool)
        pool += replacement.encode() + b"\0"
        for end, byte in enumerate(key):
            children.setdefault(key[:end], set()).add(byte)
            children.setdefault(key[: end + 1], set())
    inner = [node for node, bytes_ in children.items() if bytes_]
    bases = {node: _BLOCK * number for number, node in enumerate(inner, 1)}
    places = {b"": 0} | {node + bytes((byte,)): bases[node] ^ byte for node in inner for byte in children[node]}
    taken = set(places.values()) | set(bases.values())
    free = (unit for unit in range(1, 1 << 21) if unit not in taken)
    bases |= {leaf: next(free) for leaf in leaves}
    units = np.zeros((max(*taken, *bases.values()) // _BLOCK + 1) * _BLOCK, np.uint32)
    for node, place in places.items():
        label = node[-1] if node else 0
        units[place] = label | (place ^ bases[node]) << 10 | (node in leaves) << 8
    for leaf, offset in leaves.items():
        units[bases[leaf]] = 1 << 31 | offset
    return struct.pack("<I", units.nbytes) + units.tobytes() + bytes(pool)
