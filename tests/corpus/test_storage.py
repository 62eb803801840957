"""Files of a storage come into the folder of the corpus, and only what is new."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kb.cli.app import app
from kb.corpus import corpus_files
from kb.corpus.storage import Fetched, fetch
from kb.errors import KBError

fsspec = pytest.importorskip("fsspec", reason="the extra storage is not installed")
ADDRESS = "memory://bucket/policies"


@pytest.fixture
def storage() -> Iterator[Any]:
    memory = fsspec.filesystem("memory")
    memory.pipe({f"/bucket/policies/{name}": content for name, content in FILES.items()})
    yield memory
    memory.rm("/bucket", recursive=True)


FILES = {
    "2024/养老方案.txt": b"one",
    "2024/养老方案.yaml": b"title: ...",
    "供水方案.docx": b"two",
    "readme.exe": b"no document",
    ".hidden/方案.txt": b"hidden",
}


def sources(corpus: Path) -> list[str]:
    return [file.source for file in corpus_files(corpus)]


def test_what_is_new_comes_and_what_is_gone_goes(storage: Any, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    first = fetch(ADDRESS, corpus)
    assert set(first.new) == {"2024/养老方案.txt", "2024/养老方案.yaml", "供水方案.docx"}
    assert (first.removed, first.left_out) == ((), (".hidden/方案.txt",))
    assert sources(corpus) == ["2024/养老方案.txt", "供水方案.docx"]
    (corpus / "own.txt").write_bytes(b"of this folder alone")
    storage.pipe("/bucket/policies/供水方案.docx", b"new")
    storage.rm("/bucket/policies/2024/养老方案.txt")
    storage.rm("/bucket/policies/.hidden/方案.txt")
    assert fetch(ADDRESS, corpus) == Fetched(("供水方案.docx",), ("2024/养老方案.txt",), ())
    assert (corpus / "供水方案.docx").read_bytes() == b"new"
    assert (corpus / "own.txt").exists()
    assert fetch(ADDRESS, corpus) == Fetched((), (), ())
    (corpus / "供水方案.docx").unlink()
    assert fetch(ADDRESS, corpus).new == ("供水方案.docx",)


def test_what_cannot_be_brought_is_named_and_tried_again(storage: Any, tmp_path: Path) -> None:
    (tmp_path / "供水方案.docx").mkdir()
    (tmp_path / "供水方案.docx" / "own.txt").write_bytes(b"in the way")
    assert "供水方案.docx" in fetch(ADDRESS, tmp_path).left_out
    (tmp_path / "供水方案.docx" / "own.txt").unlink()
    (tmp_path / "供水方案.docx").rmdir()
    assert fetch(ADDRESS, tmp_path).new == ("供水方案.docx",)


@pytest.mark.parametrize("address", ["memory://nothing/there", "nobody-knows://user:geheim@host/a"])
def test_a_storage_that_is_not_there_is_named(tmp_path: Path, address: str) -> None:
    with pytest.raises(KBError) as raised:
        fetch(address, tmp_path / "corpus")
    assert raised.value.message.code == "storage-failed"
    assert "geheim" not in str(raised.value)
    assert not (tmp_path / "corpus").exists()


@pytest.mark.usefixtures("storage")
def test_a_wrong_address_removes_nothing(tmp_path: Path) -> None:
    fetch(ADDRESS, tmp_path)
    with pytest.raises(KBError):
        fetch(f"{ADDRESS}-2", tmp_path)
    assert len(sources(tmp_path)) == 2


@pytest.mark.usefixtures("storage")
def test_the_command_says_what_came(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["fetch", ADDRESS, "--corpus", str(tmp_path), "--json"])
    assert ran.exit_code == 3
    assert json.loads(ran.stdout)["left_out"] == [".hidden/方案.txt"]
    ran = CliRunner().invoke(app, ["fetch", ADDRESS, "--corpus", str(tmp_path), "--lang", "zh"])
    assert "没有取来：.hidden/方案.txt" in ran.output
