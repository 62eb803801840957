"""Every file of an index damaged in turn: no wrong answer, the file is named, and what the message says mends it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from answers import eventually
from starlette.testclient import TestClient

from api.app import create_app
from kb.encoders import load_encoder
from kb.errors import IndexUnusable
from kb.index import folders, generations
from kb.index.checking import check
from kb.index.store import Store
from kb.index.store.connections import OpenedFile
from kb.ingest.build import build
from kb.ingest.filling import fill
from kb.ingest.publishing import roll_back
from kb.knowledge_base import KnowledgeBase
from kb.models import EVERY_DOCUMENT


def flip(file: Path) -> None:
    """One bit in the middle is another."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x04
    replace(file, bytes(content))


def cut(file: Path) -> None:
    replace(file, file.read_bytes()[: file.stat().st_size * 2 // 3])


def replace(file: Path, content: bytes) -> None:
    """The generation before, which shares the file, stays whole."""
    file.unlink()
    file.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {"flipped": flip, "cut": cut, "missing": Path.unlink}


@contextmanager
def damaged(file: Path, damage: Callable[[Path], object]) -> Iterator[None]:
    kept = file.with_name("kept")
    shutil.copy2(file, kept)
    kept = kept.rename(file.parents[2] / "kept")
    try:
        damage(file)
        yield
    finally:
        kept.replace(file)


def files_of(generation: Path) -> list[Path]:
    return sorted(path for path in generation.rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_every_damaged_file_is_named_and_nothing_is_answered(own_index: Path, damage: Callable[[Path], object]) -> None:
    generation = generations.in_use(own_index)
    assert len(files_of(generation)) > 15
    for file in files_of(generation):
        with damaged(file, damage):
            name = file.relative_to(generation).as_posix()
            assert any(name in str(problem) for problem in check(generation)), name
            with pytest.raises(IndexUnusable, match="run `kb build`") as raised:
                KnowledgeBase.open(own_index, load_encoder())
            assert name in str(raised.value)
    KnowledgeBase.open(own_index, load_encoder()).close()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("knowledge.sqlite", flip),
        ("knowledge.sqlite", cut),
        ("words-000000000000.npy", Path.unlink),
        ("SHA256SUMS", flip),
        ("current", flip),
        ("current", Path.unlink),
    ],
)
def test_a_build_takes_nothing_over_from_what_is_damaged(
    own: Path, own_index: Path, name: str, damage: Callable[[Path], object]
) -> None:
    before = answers(own_index)
    damage(own_index / name if name == "current" else generations.in_use(own_index) / name)
    report = build(own, own_index, load_encoder())  # although no file of the corpus has changed
    assert (report.computed, report.copied, report.published) == (3, 0, True)
    assert report.damage or damage is Path.unlink  # without ``current`` there is no index
    assert name in report.damage or name == "current"
    assert not list(check(generations.in_use(own_index)))
    assert answers(own_index) == before


def test_vectors_of_a_damaged_file_are_made_anew(own: Path, own_index: Path) -> None:
    """Those of the thesaurus, too, which a build from nothing takes over."""
    [thesaurus] = generations.in_use(own_index).glob("thesaurus-*")
    kept = {file.name: file.read_bytes() for file in thesaurus.iterdir()}
    flip(thesaurus / "passages-000000000000.npy")
    assert "thesaurus-" in build(own, own_index, load_encoder()).damage
    [made] = generations.in_use(own_index).glob("thesaurus-*")
    assert {file.name: file.read_bytes() for file in made.iterdir()} == kept


def test_an_earlier_generation_mends_what_it_does_not_share(own: Path, own_index: Path) -> None:
    first = generations.in_use(own_index).name
    before = answers(own_index)
    (own / "one-more.txt").write_text("青石县公告\n\n一、县民政局负责新建敬老院3所。\n", "utf-8")
    build(own, own_index, load_encoder())
    flip(generations.in_use(own_index) / "knowledge.sqlite")
    assert roll_back(own_index) == first
    assert answers(own_index) == before
    flip(generations.in_use(own_index) / "knowledge.sqlite")
    with pytest.raises(IndexUnusable, match=r"knowledge\.sqlite has changed .*run `kb build`"):
        roll_back(own_index, first)


def test_a_damaged_generation_is_not_filled_in(own_index: Path) -> None:
    flip(generations.in_use(own_index) / "words-000000000000.npy")
    encoder = load_encoder()
    assert encoder.contextual is not None
    with pytest.raises(IndexUnusable, match="words-000000000000"):
        fill(own_index, encoder.contextual)


def test_damaged_pages_are_clear_errors(own_index: Path) -> None:
    """Also those that come to light only when somebody asks."""
    file = generations.in_use(own_index) / "knowledge.sqlite"
    content = bytearray(file.read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 64] = bytes(64)
    file.write_bytes(content)
    assert any("knowledge.sqlite" in str(problem) for problem in check(file.parent))
    with pytest.raises(IndexUnusable):
        Store.open(file.parent).lists.documents(EVERY_DOCUMENT, 10, 0)


def test_our_own_mistakes_are_no_damage(index: Path) -> None:
    opened = OpenedFile(generations.in_use(index) / "knowledge.sqlite")
    with closing(opened):
        with pytest.raises(sqlite3.ProgrammingError):
            opened.rows("SELECT ?1, ?2", ("one",))
        with pytest.raises(IndexUnusable):
            opened.rows("SELECT CAST(x'ff' AS TEXT)")


@pytest.mark.parametrize("is_large", [False, True])
def test_a_server_says_which_file_until_it_is_mended(
    own: Path, own_index: Path, monkeypatch: pytest.MonkeyPatch, is_large: bool
) -> None:
    if is_large:
        monkeypatch.setattr(folders, "_VERIFIED_AT_ONCE", 0)  # as if there were a million clauses
    flip(generations.in_use(own_index) / "words-000000000000.weights.npy")
    with TestClient(create_app(own_index)) as client:
        eventually(lambda: client.get("/api/v1/health/ready").status_code == 503)
        for path in ("health/ready", "search?q=养老", "who?q=养老", "documents"):
            answer = client.get(f"/api/v1/{path}")
            assert (answer.status_code, answer.json()["code"]) == (503, "file-changed")
            assert "words-000000000000.weights.npy" in answer.json()["detail"]
            assert "kb build" in answer.json()["detail"]
        assert client.get("/api/v1/health").json()["ready"] is False
        build(own, own_index, load_encoder())
        eventually(lambda: client.get("/api/v1/health/ready").json().get("verified") is True)
        assert client.get("/api/v1/search?q=养老").json()["hits"]


def answers(index: Path) -> list[object]:
    with KnowledgeBase.open(index, load_encoder()) as opened:
        ids = [document.id for document in opened.documents()[1]]
        return [[opened.document(id_) for id_ in ids], opened.search("养老服务由谁负责").hits, opened.who("供水管网")]
