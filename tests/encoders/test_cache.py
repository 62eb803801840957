"""A costly model is asked once for each text, however often a build is stopped."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kb.encoders import load_encoder
from kb.encoders.cache import FOLDER, CachedEncoder
from kb.errors import IndexUnusable
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase


class Stopped(BaseException):
    """The machine is switched off."""


class Costly:
    """The embedded model under another name; counts what it reads and stops when it has read enough."""

    def __init__(self, enough: int = 10**9) -> None:
        self._encoder = load_encoder()
        self.name, self.dimension = f"costly {self._encoder.name}", self._encoder.dimension
        self.read: list[str] = []
        self._enough = enough

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(self.read) + len(texts) > self._enough:
            raise Stopped
        self.read.extend(texts)
        return self._encoder.encode_clauses(texts)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.encode_queries(texts)


TEXTS = [f"第{n}条" for n in range(150)]


def test_vectors_are_the_model_s_to_half_precision(tmp_path: Path) -> None:
    model = Costly()
    cached = CachedEncoder(model, tmp_path)
    assert np.allclose(cached.encode_clauses(TEXTS), model.encode_clauses(TEXTS), atol=1e-3)
    assert cached.encode_clauses([]).shape == (0, model.dimension)
    assert np.array_equal(cached.encode_queries(["园"]), model.encode_queries(["园"]))


def test_a_text_is_read_once(tmp_path: Path) -> None:
    model = Costly()
    CachedEncoder(model, tmp_path).encode_clauses([*TEXTS, *TEXTS])
    again = CachedEncoder(model, tmp_path)
    again.encode_clauses([*reversed(TEXTS), "新的一条"])
    assert sorted(model.read) == sorted([*TEXTS, "新的一条"])


def test_what_is_damaged_is_read_again(tmp_path: Path) -> None:
    model = Costly()
    before = CachedEncoder(model, tmp_path).encode_clauses(TEXTS)
    [file] = (tmp_path / FOLDER).iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x40
    file.write_bytes(content)
    model.read.clear()
    assert np.array_equal(CachedEncoder(model, tmp_path).encode_clauses(TEXTS), before)
    assert len(model.read) == 1


def test_what_was_made_before_a_stop_is_kept(tmp_path: Path) -> None:
    first = Costly(enough=100)
    with pytest.raises(Stopped):
        CachedEncoder(first, tmp_path).encode_clauses(TEXTS)
    second = Costly()
    CachedEncoder(second, tmp_path).encode_clauses(TEXTS)
    assert first.read
    assert sorted([*first.read, *second.read]) == sorted(TEXTS)


def test_a_record_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    model = Costly()
    expected = CachedEncoder(model, tmp_path).encode_clauses(TEXTS)
    [path] = (tmp_path / FOLDER).iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    model.read.clear()
    assert np.array_equal(CachedEncoder(model, tmp_path).encode_clauses(TEXTS), expected)
    assert model.read == TEXTS[-1:]
    assert np.array_equal(CachedEncoder(Costly(0), tmp_path).encode_clauses(TEXTS), expected)


def test_a_folder_that_cannot_be_used_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("")
    with pytest.raises(IndexUnusable, match="cannot be written"):
        CachedEncoder(Costly(), tmp_path)


def test_a_build_goes_on_where_it_was_stopped(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with pytest.raises(Stopped):
        build(corpus, index, Costly(enough=64))
    second = Costly()
    build(corpus, index, second)
    with KnowledgeBase.open(index, second) as knowledge_base:
        assert knowledge_base.search("学前教育").hits[0].facts.clause.heading == "推进学前教育普惠发展"
    third = Costly()
    build(corpus, index, third)
    assert third.read == []
    assert len(set(second.read)) == len(second.read)


def test_one_changed_clause_is_all_that_is_read_anew(corpus: Path, tmp_path: Path) -> None:
    changed = tmp_path / "corpus"
    shutil.copytree(corpus, changed)
    build(changed, tmp_path / "index", Costly())
    plan = changed / "yunxi-yanglao.txt"
    plan.write_text(plan.read_text("utf-8").replace("500名", "800名"), "utf-8")
    model = Costly()
    build(changed, tmp_path / "index", model)
    assert model.read
    assert all("800名" in text for text in model.read)
