"""The contextual model: what it reads, in which order, and what it is made of."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kb.encoders import CONTEXTUAL, contextual_of, load_encoder
from kb.encoders.transformer import OnnxEncoder, _unpacked
from kb.errors import ModelUnusable

TEXTS = [
    "扩大学位供给。",
    "每个乡镇至少办好一所公办中心幼儿园，到2025年新增学位1万个。",
    "加大财政投入",
    "",
    "abc" * 2000,
]


@pytest.fixture(scope="module")
def model() -> OnnxEncoder:
    return OnnxEncoder(CONTEXTUAL)


def test_the_embedded_model_has_one(model: OnnxEncoder) -> None:
    contextual = contextual_of(load_encoder())
    assert contextual is not None
    assert (contextual.name, contextual.dimension) == (model.name, model.dimension)
    assert model.name.startswith("contextual-")


def test_vectors_have_unit_length_and_come_in_the_order_of_the_texts(model: OnnxEncoder) -> None:
    together = model.encode_clauses(TEXTS)
    assert together.shape == (len(TEXTS), model.dimension)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-4)
    alone = np.concatenate([model.encode_clauses([text]) for text in TEXTS])
    # The steps of 8 bits are those of a batch, so the same text differs a little beside others (0.975 at least).
    assert ((together * alone).sum(axis=1) > 0.95).all()
    assert model.encode_clauses([]).shape == (0, model.dimension)


def test_what_is_meant_is_nearer_than_what_has_the_same_words(model: OnnxEncoder) -> None:
    [query] = model.encode_queries(["孩子上幼儿园太贵怎么办"])
    near, far = (
        model.encode_clauses(["扩大普惠性学前教育资源，降低保育教育费用。", "孩子们在公园里看贵重的文物展览。"]) @ query
    )
    assert near > far
    assert model.evidence(np.array([near], np.float32)) > model.evidence(np.array([far], np.float32))
    assert model.evidence(np.array([-1], np.float32)) == 0


def test_packed_matrices_are_unpacked_block_by_block(tmp_path: Path) -> None:
    packed = np.zeros((2, 2, 16), np.uint8)
    packed[0, 0, 0] = 0xF0  # the first value of a block, and the seventeenth
    packed[1, 1, 15] = 0x7C
    steps = np.array([[[2.0], [1.0]], [[1.0], [0.4]]], np.float16)
    np.savez(tmp_path / "packed.npz", one=packed, **{"one.steps": steps})
    one = _unpacked(tmp_path / "packed.npz")["one"]
    assert one.shape == (64, 2)
    assert (one[0, 0], one[16, 0], one[1, 0], one[32, 0]) == (-16, 14, -16, -8)
    assert (one[47, 1], one[63, 1]) == (2, 0)


@pytest.mark.parametrize("damaged", ["contextual.json", "model.onnx", "packed.npz", "tokenizer.json"])
def test_a_damaged_model_is_a_clear_error(tmp_path: Path, damaged: str) -> None:
    folder = shutil.copytree(CONTEXTUAL, tmp_path / "model")
    (folder / damaged).write_bytes(b"nothing")
    with pytest.raises(ModelUnusable):
        OnnxEncoder(folder).encode_queries(["园"])


def test_settings_are_all_there() -> None:
    settings = json.loads((CONTEXTUAL / "contextual.json").read_text("utf-8"))
    assert settings["cosine_of_0"] < settings["cosine_of_1"]
    assert 0 < settings["share"] < 1
