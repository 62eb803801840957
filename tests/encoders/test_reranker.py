"""A cross-encoder is read through sentence-transformers, whatever it is; what cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb.encoders.reranker import load_reranker
from kb.errors import RerankerUnusable


def tiny_cross_encoder(folder: Path, figures: int) -> str:
    """A cross-encoder with random weights that gives so many figures for a pair."""
    transformers = pytest.importorskip("transformers")
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"学前教育养老床位"]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        num_labels=figures,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


def test_no_name_is_no_cross_encoder() -> None:
    assert load_reranker("") is None


@pytest.mark.slow
def test_one_figure_for_each_text(tmp_path: Path) -> None:
    reranker = load_reranker(tiny_cross_encoder(tmp_path / "tiny", 1))
    assert reranker is not None
    found = reranker.relevance("学前教育", ["养老床位", "学前教育", "养老床位"])
    assert found.shape == (3,)
    assert np.all((found > 0) & (found < 1))
    assert found[0] == pytest.approx(found[2], abs=1e-6)


@pytest.mark.slow
def test_a_model_that_gives_several_figures_is_no_cross_encoder(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnusable, match="3 figures"):
        load_reranker(tiny_cross_encoder(tmp_path / "classes", 3))


def test_a_cross_encoder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnusable, match="bge-reranker"):
        load_reranker(str(tmp_path / "bge-reranker"))
