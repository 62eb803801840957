"""Hashes of files that are only read again when they were touched."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kb.corpus import CorpusFile, hashes
from kb.corpus.hashes import Hashes
from kb.errors import UnreadableDocument


class Counted(CorpusFile):
    """A file that says when it is read."""

    def sha256(self) -> str:
        read.append(self.source)
        return super().sha256()


read: list[str] = []


@pytest.fixture
def file(tmp_path: Path) -> CorpusFile:
    path = tmp_path / "a.txt"
    path.write_text("甲", "utf-8")
    read.clear()
    return Counted(path)


def asked(index: Path, file: CorpusFile) -> str:
    opened = Hashes(index)
    sha256 = opened.of(file)
    opened.save()
    return sha256


def test_a_file_that_lies_still_is_read_once(tmp_path: Path, file: CorpusFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_SETTLED", -1_000_000_000)
    first = asked(tmp_path, file)
    assert asked(tmp_path, file) == first == file.sha256()
    assert len(read) == 2


def test_a_file_that_was_just_written_is_read_again(tmp_path: Path, file: CorpusFile) -> None:
    asked(tmp_path, file)
    asked(tmp_path, file)
    assert len(read) == 2


def test_another_content_is_seen_whatever_its_times_say(
    tmp_path: Path, file: CorpusFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashes, "_SETTLED", -1_000_000_000)
    before, times = asked(tmp_path, file), file.path.stat()
    time.sleep(0.02)  # a tick of the clock of the file system
    file.path.write_text("乙", "utf-8")
    os.utime(file.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert asked(tmp_path, file) != before
    (tmp_path / "a.yaml").write_text("title: 丙", "utf-8")
    with_particulars = asked(tmp_path, file)
    assert with_particulars == file.sha256() != before


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"x": 1}', "\0"])
def test_a_broken_list_costs_only_time(tmp_path: Path, file: CorpusFile, content: str) -> None:
    (tmp_path / "hashes.json").write_text(content, "utf-8")
    assert asked(tmp_path, file) == file.sha256()


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path, file: CorpusFile) -> None:
    asked(tmp_path, file)
    file.path.unlink()
    with pytest.raises(UnreadableDocument, match="no such file"):
        Hashes(tmp_path).of(file)
