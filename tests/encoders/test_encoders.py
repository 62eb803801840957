"""The embedded model: its own runtime, sentence-transformers on the same folder, and what its vectors are good for."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from plans import CASES
from safetensors.numpy import load_file

from kb.encoders import EMBEDDED, Encoder, StaticEncoder, _tensors, load_encoder
from kb.errors import ModelUnusable

ROWS = [json.loads(line) for line in (CASES / "encoder.jsonl").read_text("utf-8").splitlines()]
CLAUSES = [row["clause"] for row in ROWS]
UNKNOWN = ["", " ", "😀", "龘靐齉爨"]
ODD = [
    *UNKNOWN,
    "园",
    "（一）加强ＡＢＣ１２３，5G网络 建设\r\n达到50%",
    "幼。儿|园",
    "cafe\u0301 中国",
    "👨\u200d👩\u200d👧家庭",
    "\x00中国\x00",
    "한국어 ไทย 中国",
    "中" * 10_000,
    "".join(CLAUSES) * 10,
]


@pytest.fixture(scope="module")
def embedded() -> StaticEncoder:
    return StaticEncoder.load(EMBEDDED)


@pytest.fixture(scope="module")
def transformer() -> Encoder:
    pytest.importorskip("sentence_transformers")
    return load_encoder(str(EMBEDDED))


def marked(row: dict[str, str]) -> ParameterSet:
    """A row of the cases; one with a known gap is expected to fail until somebody closes it."""
    gap = [pytest.mark.xfail(strict=True, reason=row["gap"])] if "gap" in row else []
    return pytest.param(row, id=row["query"], marks=gap)


@pytest.mark.parametrize("row", [marked(row) for row in ROWS])
def test_spoken_words_find_their_clause(embedded: StaticEncoder, row: dict[str, str]) -> None:
    scores = embedded.encode_queries([row["query"]]) @ embedded.encode_clauses(CLAUSES).T
    assert CLAUSES[int(np.argmax(scores))] == row["clause"]


def test_mapped_tensors_are_those_that_safetensors_reads() -> None:
    path = EMBEDDED / "model.safetensors"
    mapped, read = _tensors(path), load_file(path)
    assert mapped.keys() == read.keys()
    for name, tensor in read.items():
        assert mapped[name].dtype == tensor.dtype
        assert np.array_equal(mapped[name], tensor)


def test_rows_have_unit_length_or_are_zero_where_nothing_is_known(embedded: StaticEncoder) -> None:
    vectors = embedded.encode_clauses(ODD)
    assert vectors.shape == (len(ODD), embedded.dimension)
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    blank = [text in UNKNOWN for text in ODD]
    assert np.allclose(lengths[blank], 0)
    assert np.allclose(np.delete(lengths, np.flatnonzero(blank)), 1, atol=1e-5)


def test_no_texts_give_no_rows(embedded: StaticEncoder) -> None:
    assert embedded.encode_clauses([]).shape == (0, embedded.dimension)


def test_vectors_do_not_depend_on_their_neighbours_or_the_run(embedded: StaticEncoder) -> None:
    together = embedded.encode_clauses(CLAUSES)
    alone = np.concatenate([StaticEncoder.load(EMBEDDED).encode_clauses([clause]) for clause in CLAUSES])
    assert np.array_equal(together, alone)


def test_printed_variants_and_case_make_no_difference(embedded: StaticEncoder) -> None:
    one, other = embedded.encode_queries(["（一）ＩＴ企业达到６０％", "(一)it企业达到60%"])
    assert np.array_equal(one, other)


def test_lone_surrogates_are_read_over(embedded: StaticEncoder) -> None:
    assert np.array_equal(embedded.encode_queries(["中国\ud83d"]), embedded.encode_queries(["中国"]))


@pytest.mark.slow
def test_sentence_transformers_gives_the_same_vectors(embedded: StaticEncoder, transformer: Encoder) -> None:
    texts = ODD + CLAUSES + [row["query"] for row in ROWS]
    assert transformer.dimension == embedded.dimension
    assert np.abs(transformer.encode_clauses(texts) - embedded.encode_clauses(texts)).max() < 1e-3
    assert np.abs(transformer.encode_queries(texts) - embedded.encode_queries(texts)).max() < 1e-3


@pytest.mark.slow
def test_a_query_prefix_changes_queries_only(transformer: Encoder) -> None:
    prefixed = load_encoder(str(EMBEDDED), "检索：")
    assert prefixed.name != transformer.name
    assert np.allclose(prefixed.encode_clauses(CLAUSES), transformer.encode_clauses(CLAUSES))
    assert np.allclose(prefixed.encode_queries(["幼儿园"]), transformer.encode_queries(["检索：幼儿园"]), atol=1e-6)


@pytest.mark.slow
def test_prompts_of_the_models_own_configuration_are_used(tmp_path: Path, transformer: Encoder) -> None:
    for path in EMBEDDED.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(EMBEDDED)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
    config = tmp_path / "config_sentence_transformers.json"
    prompts = {"prompts": {"query": "查询：", "document": "条款："}}
    config.write_text(json.dumps(json.loads(config.read_text("utf-8")) | prompts, ensure_ascii=False), "utf-8")
    encoder = load_encoder(str(tmp_path))
    assert np.allclose(encoder.encode_queries(["学位"]), transformer.encode_queries(["查询：学位"]), atol=1e-6)
    assert np.allclose(encoder.encode_clauses(["学位"]), transformer.encode_clauses(["条款：学位"]), atol=1e-6)


def test_the_name_follows_the_weights(embedded: StaticEncoder) -> None:
    digest = hashlib.sha256((EMBEDDED / "model.safetensors").read_bytes()).hexdigest()
    assert embedded.name == f"embedded:{digest[:12]}"


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "bge")
    with pytest.raises(ModelUnusable, match="bge: no such folder"):
        load_encoder(missing)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="not the embedded model"):
        StaticEncoder.load(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0garbage!")
    with pytest.raises(ModelUnusable, match="not the embedded model"):
        StaticEncoder.load(tmp_path)


def test_the_embedded_model_needs_no_torch() -> None:
    program = (
        "import sys; from kb.encoders import load_encoder; load_encoder().encode_queries(['幼儿园']);"
        "sys.exit(bool({'torch', 'transformers', 'sentence_transformers', 'tokenizers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_embedded_model_is_small() -> None:
    assert sum(path.stat().st_size for path in EMBEDDED.rglob("*")) < 40_000_000
