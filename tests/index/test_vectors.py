"""Vectors: candidates against the true nearest, filters, deleted rows, and generations that continue one another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from plans import FOUNDING_PLAN, YANGLAO

from kb.encoders import load_encoder
from kb.errors import IndexUnusable
from kb.index.segments import AllowedRows
from kb.index.vectors import PassageIndex, PassageWriter, Quantised, VectorIndex
from kb.ingest.entries import passages

DIMENSION, MANY, FEW = 32, 12_000, 60
STEP = 1 / 127  # of a unit vector, at most
Floats = NDArray[np.float32]


def drawn(count: int, seed: int) -> Floats:
    """Unit vectors in bundles, as those of texts are."""
    chance = np.random.default_rng(seed)
    middles = np.random.default_rng(0).normal(size=(100, DIMENSION))
    found = middles[chance.integers(100, size=count)] + 0.7 * chance.normal(size=(count, DIMENSION))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def written(folder: Path, vectors: Floats, previous: Path | None = None, deleted: tuple[int, ...] = ()) -> PassageIndex:
    folder.mkdir()
    writer = PassageWriter(folder, vectors.shape[1], previous)
    writer.delete(deleted)
    for start in range(0, len(vectors), 5000):
        block = vectors[start : start + 5000]
        writer.add([1] * len(block), Quantised.from_floats(block))
    writer.close()
    return PassageIndex.open(folder)


def search(
    index: PassageIndex, query: Floats, limit: int, allowed: AllowedRows | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """The ``limit`` best of some hundreds of candidates, nearest first, with their scores."""
    rows = np.sort(index.candidates(query, max(2 * limit, 300), allowed))
    scores = index.scores(query, rows)
    best = np.argsort(-scores, kind="stable")[:limit]
    return rows[best], scores[best]


def nearest(vectors: Floats, query: Floats, limit: int, allowed: NDArray[np.int64] | None = None) -> list[int]:
    scores = vectors @ query
    rows = np.arange(len(vectors)) if allowed is None else allowed
    return [int(row) for row in rows[np.argsort(-scores[rows], kind="stable")][:limit]]


def recall(index: PassageIndex, vectors: Floats, rows_allowed: NDArray[np.int64] | None = None) -> float:
    """Share of the ten nearest to a hundred questions that are found."""
    found = 0
    allowed = None if rows_allowed is None else AllowedRows.from_mask(np.isin(np.arange(len(vectors)), rows_allowed))
    for query in drawn(100, seed=9):
        rows, scores = search(index, query, 50, allowed)
        found += len(set(rows[:10].tolist()) & set(nearest(vectors, query, 10, rows_allowed)))
        assert scores == pytest.approx(vectors[rows] @ query, abs=0.02)
        assert (np.diff(scores) <= 0).all()
    return found / 1000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[PassageIndex, Floats, Path]:
    folder, vectors = tmp_path_factory.mktemp("vectors") / "one", drawn(MANY, seed=1)
    return written(folder, vectors), vectors, folder


def test_few_vectors_are_compared_one_by_one(tmp_path: Path) -> None:
    vectors = drawn(FEW, seed=2)
    index = written(tmp_path / "one", vectors)
    assert not list(tmp_path.rglob("*.faiss"))
    assert recall(index, vectors) >= 0.99


def test_codes_find_nearly_all_that_is_near(many: tuple[PassageIndex, Floats, Path]) -> None:
    index, vectors, folder = many
    assert list(folder.glob("*.faiss"))
    assert recall(index, vectors) >= 0.97


@pytest.mark.parametrize("step", [2, 7, 500])
def test_filters_leave_only_the_allowed_rows_and_find_nearly_all_of_them(
    many: tuple[PassageIndex, Floats, Path], step: int
) -> None:
    index, vectors, _ = many
    allowed = np.arange(1, MANY, step)
    assert recall(index, vectors, allowed) >= 0.97
    rows, _ = search(index, vectors[3], 40, AllowedRows.from_mask(np.isin(np.arange(MANY), allowed)))
    assert np.isin(rows, allowed).all()


def test_nothing_allowed_finds_nothing(many: tuple[PassageIndex, Floats, Path]) -> None:
    rows, scores = search(many[0], drawn(1, seed=3)[0], 5, AllowedRows.from_mask(np.zeros(MANY, np.bool_)))
    assert len(rows) == len(scores) == 0


def test_vectors_come_back_as_they_were_written(many: tuple[PassageIndex, Floats, Path], tmp_path: Path) -> None:
    index, vectors, _ = many
    rows = np.array([0, 5, MANY - 1])
    once = index.vectors(rows)
    assert once.floats == pytest.approx(vectors[rows], abs=STEP)
    (tmp_path / "again").mkdir()
    writer = PassageWriter(tmp_path / "again", DIMENSION)
    writer.add([1, 1, 1], once)
    writer.close()
    again = PassageIndex.open(tmp_path / "again").vectors(np.arange(3))
    assert (again.floats == once.floats).all()  # what is copied from generation to generation stays


def test_next_generation_links_what_is_there_and_finds_what_is_new(
    many: tuple[PassageIndex, Floats, Path], tmp_path: Path
) -> None:
    _, vectors, folder = many
    new = drawn(FEW, seed=4)
    index = written(tmp_path / "two", new, folder, deleted=(7, 8))
    part = next(folder.glob("passages-*.faiss")).name
    assert (tmp_path / "two" / part).samefile(folder / part)
    assert len(index) == MANY - 2 + FEW
    assert search(index, new[3], 1)[0].tolist() == [MANY + 3]
    assert not {7, 8} & {int(row) for hole in (7, 8) for row in search(index, vectors[hole], 20)[0]}
    assert recall(index, np.concatenate((vectors, new))) >= 0.97


def test_deleted_rows_stay_and_small_segments_are_merged(
    many: tuple[PassageIndex, Floats, Path], tmp_path: Path
) -> None:
    _, vectors, folder = many
    blocks = [drawn(FEW, seed=seed) for seed in range(20, 25)]
    for number, block in enumerate(blocks):
        index = written(tmp_path / f"{number}", block, folder, deleted=(number,))
        folder = tmp_path / f"{number}"
    assert len(list(folder.glob("passages-*0.npy"))) == 2
    assert len(index) == MANY + 5 * (FEW - 1)
    everything = np.concatenate((vectors, *blocks))
    rows = np.array([4, MANY - 1, MANY, MANY + 3 * FEW, len(everything) - 1])
    assert index.vectors(rows).floats == pytest.approx(everything[rows], abs=STEP)
    found = search(index, everything[MANY + 3 * FEW], 5)[0]
    assert found[0] == MANY + 3 * FEW
    assert 2 not in search(index, vectors[2], 50)[0]


def test_only_deleting_writes_no_segment(many: tuple[PassageIndex, Floats, Path], tmp_path: Path) -> None:
    _, vectors, folder = many
    index = written(tmp_path / "two", vectors[:0], folder, deleted=(3,))
    assert len(index) == MANY - 1
    assert 3 not in search(index, vectors[3], 10)[0]


def test_a_large_new_segment_is_merged_with_the_smaller_one_before(tmp_path: Path) -> None:
    first, second = drawn(9_000, seed=5), drawn(6_000, seed=6)
    written(tmp_path / "one", first)
    index = written(tmp_path / "two", second, tmp_path / "one")
    assert len(list((tmp_path / "two").glob("passages-*0.npy"))) == 1
    assert recall(index, np.concatenate((first, second))) >= 0.97


def test_a_row_is_as_near_as_its_nearest_passage(tmp_path: Path) -> None:
    vectors = drawn(30_000, seed=7)
    counts = np.random.default_rng(7).integers(1, 5, size=20_000)
    counts = counts[np.cumsum(counts) <= len(vectors) - 4]
    counts = np.append(counts, [1] * (len(vectors) - counts.sum()))
    for name, begin, end, previous in (("one", 0, 9_000, None), ("two", 9_000, len(counts), tmp_path / "one")):
        (tmp_path / name).mkdir()
        writer = PassageWriter(tmp_path / name, DIMENSION, previous)
        writer.add(
            counts[begin:end].tolist(), Quantised.from_floats(vectors[counts[:begin].sum() : counts[:end].sum()])
        )
        writer.close()
    index = PassageIndex.open(tmp_path / "two")
    bounds = np.concatenate(([0], np.cumsum(counts)))
    rows = np.array([2, 8_999, 9_000, len(counts) - 1])
    assert index.counts(rows).tolist() == counts[rows].tolist()
    whole = [vectors[bounds[row] : bounds[row + 1]] for row in rows]
    assert index.vectors(rows).floats == pytest.approx(np.concatenate(whole), abs=STEP)
    means = np.array([one.mean(axis=0) / np.linalg.norm(one.mean(axis=0)) for one in whole])
    assert index.means(rows) == pytest.approx(means, abs=STEP)
    found = 0
    for query in drawn(100, seed=8):
        best = np.maximum.reduceat(vectors @ query, bounds[:-1])
        near, scores = search(index, query, 50)
        assert scores == pytest.approx(best[near], abs=0.02)
        found += len(set(near[:10].tolist()) & set(np.argsort(-best)[:10].tolist()))
    assert found / 1000 >= 0.97


def test_real_passages_are_found_by_their_own_words(tmp_path: Path) -> None:
    encoder = load_encoder()
    texts = passages(FOUNDING_PLAN.read_text("utf-8")) + passages(YANGLAO)
    vectors = encoder.encode_clauses(texts)
    filled = np.concatenate((vectors, drawn_wide(10_000, encoder.dimension)))
    index = written(tmp_path / "one", filled)
    best = [int(search(index, query, 20)[0][0]) for query in encoder.encode_queries(texts)]
    assert np.mean([texts[row] == text for row, text in zip(best, texts, strict=True) if row < len(texts)]) >= 0.97


def drawn_wide(count: int, dimension: int) -> Floats:
    found = np.random.default_rng(11).normal(size=(count, dimension))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("name", ["passages-000000000000.npy", "passages-000000000000.faiss", "passages-deleted.npy"])
def test_broken_file_is_named(many: tuple[PassageIndex, Floats, Path], tmp_path: Path, name: str) -> None:
    for file in many[2].iterdir():
        (tmp_path / file.name).write_bytes(b"?" if file.name == name else file.read_bytes())
    with pytest.raises(IndexUnusable, match=r"passages-.*cannot be read"):
        PassageIndex.open(tmp_path)


def test_missing_vectors_are_named(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="holds no clauses"):
        VectorIndex.open(tmp_path)
