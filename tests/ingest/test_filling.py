"""Filling in: what a slow model reads behind a search that works, once for each text, however often it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread, current_thread

import numpy as np
import pytest
from fillings import QUESTION, Reader, Stopped, answers, filled_from_nothing, state, with_reader
from numpy.typing import NDArray
from plans import ROOT

from kb.errors import IndexUnusable
from kb.index import generations
from kb.index.checking import check
from kb.ingest import filling
from kb.ingest.build import BuildSettings, build
from kb.ingest.filling import fill
from kb.ingest.publishing import roll_back
from kb.knowledge_base import KnowledgeBase
from kb.models import Filters


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "_BATCH", 5)


# --- what is read ---------------------------------------------------------------------------------


def test_everything_is_read_once_and_then_nothing(own_index: Path) -> None:
    reader = Reader()
    assert state(own_index, reader)[0] == 0
    seen: list[tuple[int, int]] = []
    assert fill(own_index, reader, lambda done, total: seen.append((done, total)))
    done, clauses = state(own_index, reader)
    assert done == clauses > 0
    assert seen[-1] == (clauses, clauses)
    assert len(set(reader.read)) == len(reader.read) > clauses
    generation = generations.in_use(own_index)
    again = Reader(0)
    assert fill(own_index, again)
    assert generations.in_use(own_index) == generation
    assert not list((own_index / "embeddings").iterdir())
    assert list(check(generation)) == []


def test_a_build_waits_for_nothing_and_what_it_adds_is_read_as_well(own: Path, own_index: Path, tmp_path: Path) -> None:
    built: list[bool] = []

    def upload() -> None:
        if len(built) < 2:
            (own / f"jiancha{len(built)}.txt").write_text(note(len(built)), "utf-8")
            built.append(build(own, own_index, with_reader(Reader(0))).published)

    reader = Reader(meanwhile=upload)
    assert fill(own_index, reader)
    assert built == [True, True]
    assert state(own_index, reader)[0] == state(own_index, reader)[1]
    assert len(set(reader.read)) == len(reader.read)
    assert answers(own_index, reader) == filled_from_nothing(own, tmp_path / "fresh")


def note(count: int) -> str:
    return f"关于开展校园安全检查的通知\n\n一、检查内容\n\n检查校舍{120 + count}所。（责任单位：市教育局）\n\n二、要求\n\n各校要自查。\n"


CHANGES: dict[str, tuple[Callable[[Path], object], int]] = {
    "renamed": (lambda own: (own / "yunxi-yanglao.txt").rename(own / "yanglao.txt"), 0),
    "another title": (lambda own: edit(own / "yunxi-yanglao.txt", "社区养老服务提升", "居家养老服务提升"), 3),
    "one number": (lambda own: edit(own / "yunxi-yanglao.txt", "500名", "800名"), 1),
    "a copy": (lambda own: edit(shutil.copy(own / "yunxi-yanglao.txt", own / "copy.txt"), "2024年3月15日", ""), 1),
}


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


@pytest.mark.parametrize(("change", "most"), CHANGES.values(), ids=CHANGES.keys())
def test_only_what_nobody_has_read_is_read(
    own: Path, own_index: Path, tmp_path: Path, change: Callable[[Path], object], most: int
) -> None:
    fill(own_index, Reader())
    change(own)
    reader = Reader()
    build(own, own_index, with_reader(reader))
    assert fill(own_index, reader)
    assert len(reader.read) <= most
    assert answers(own_index, reader) == filled_from_nothing(own, tmp_path / "fresh")


@pytest.mark.parametrize("full", [False, True])
def test_a_generation_that_is_written_anew_keeps_what_is_known(own: Path, own_index: Path, full: bool) -> None:
    reader = Reader()
    fill(own_index, reader)
    edit(own / "yunxi-yanglao.txt", "500名", "800名")  # a row in the middle is gone: the small index is written anew
    report = build(own, own_index, with_reader(Reader(0)), settings=BuildSettings(full=full))
    assert report.contextual == report.clauses - 1
    after = Reader()
    assert fill(own_index, after)
    assert all("800名" in text for text in after.read)
    assert state(own_index, reader)[0] == report.clauses


def test_another_model_does_not_use_what_the_first_has_read(own_index: Path) -> None:
    fill(own_index, Reader())

    class Other(Reader):
        name = "contextual-other"

    other = Other()
    assert state(own_index, other)[0] == 0
    assert fill(own_index, other)
    assert len(other.read) > 0
    assert [path.name for path in generations.in_use(own_index).glob("contextual-*")] == ["contextual-other"]


def test_a_question_is_read_once_and_beside_the_rest_of_the_search(own_index: Path) -> None:
    fill(own_index, Reader())
    readers: list[Thread] = []

    class Asked(Reader):
        def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
            readers.append(current_thread())
            return super().encode_queries(texts)

    with KnowledgeBase.open(own_index, with_reader(Asked())) as opened:
        assert opened.search(QUESTION).hits[0].context_score is not None
        opened.search(QUESTION, Filters(role="lead"))
    assert len(readers) == 1
    assert readers != [current_thread()]


# --- stopped, killed, at the same time ------------------------------------------------------------


def test_what_was_read_before_a_stop_is_kept(own_index: Path) -> None:
    first = Reader(enough=23)
    with pytest.raises(Stopped):
        fill(own_index, first)
    assert state(own_index, first)[0] == 0
    journal = own_index / "embeddings" / "contextual-test.vectors"
    journal.write_bytes(journal.read_bytes()[:-7])  # the last record was cut off
    second = Reader()
    assert fill(own_index, second)
    assert len(first.read) == 20
    assert set(first.read) & set(second.read) == {first.read[-1]}


def test_a_damaged_record_is_read_again(own_index: Path) -> None:
    first = Reader(enough=23)
    with pytest.raises(Stopped):
        fill(own_index, first)
    journal = own_index / "embeddings" / "contextual-test.vectors"
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= 0x10
    journal.write_bytes(content)
    second = Reader()
    assert fill(own_index, second)
    assert len(set(first.read) & set(second.read)) == 1


def test_it_stops_between_two_batches(own_index: Path) -> None:
    stop = Event()
    reader = Reader(meanwhile=stop.set)
    assert not fill(own_index, reader, stop=stop)
    assert len(reader.read) == 5
    assert fill(own_index, rest := Reader())
    assert not set(reader.read) & set(rest.read)


def test_a_part_is_published_when_it_is_time_and_answers(own_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling.contextual, "_ROWS", 4)
    monkeypatch.setattr(filling, "_EVERY", -1.0)
    monkeypatch.setattr(filling, "_SHARE", -1.0)
    before = answers(own_index, Reader())
    with pytest.raises(Stopped):
        fill(own_index, Reader(enough=40))
    reader = Reader()
    read, clauses = state(own_index, reader)
    assert read is not None
    assert 0 < read < clauses
    half = answers(own_index, reader)
    assert {context is None for *_, context in half} == {True, False}
    assert {clause for clause, *_ in half} >= {clause for clause, *_ in before}  # what it finds near may be a hit too
    with KnowledgeBase.open(own_index, with_reader(reader)) as opened:
        assert opened.who("学前教育普惠发展").units
    assert list(check(generations.in_use(own_index))) == []
    assert fill(own_index, reader)
    assert state(own_index, reader) == (clauses, clauses)
    # The one in use, the one that its readers may still be opening, and the one before the build.
    assert len(generations.published(own_index)) <= 3


KILLED = {
    "while it reads": "filling._InFolder._publish = stop",
    "before it is sealed": "generations.seal = stop",
    "before it is put in use": "generations.rename = stop",
    "in the middle of the switch": """
replace = Path.replace
Path.replace = lambda path, to: stop() if to.name == "current" else replace(path, to)""",
    "before the journal is emptied": "KnownVectors.forget_journal = stop",
}
PRELUDE = """
import os, signal, sys
from pathlib import Path
from kb.index import generations
from kb.index.vectors import KnownVectors
from kb.ingest import filling
from fillings import Reader
def stop(*_): os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("code", KILLED.values(), ids=KILLED.keys())
def test_a_kill_leaves_a_whole_generation_in_use_and_loses_nothing(
    own: Path, own_index: Path, tmp_path: Path, code: str
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"{PRELUDE}{code}\nfilling.fill(Path(sys.argv[1]), Reader())", own_index],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}, timeout=300, check=False, capture_output=True,
    )  # fmt: skip
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert list(check(generations.in_use(own_index))) == []
    reader = Reader(0)  # all that it needs is there
    assert fill(own_index, reader)
    assert answers(own_index, reader) == filled_from_nothing(own, tmp_path / "fresh")
    assert not list(own_index.glob(".filling-*"))


def test_two_do_not_read_the_same(own_index: Path) -> None:
    second: list[bool] = []
    reader = Reader(meanwhile=lambda: second.append(fill(own_index, Reader(0))))
    assert fill(own_index, reader)
    assert set(second) == {False}


def test_the_generation_before_the_build_can_be_gone_back_to(own: Path, own_index: Path) -> None:
    reader = Reader()
    fill(own_index, reader)
    first = generations.in_use(own_index).name
    (own / "jiancha.txt").write_text(note(0), "utf-8")
    build(own, own_index, with_reader(reader))
    fill(own_index, reader)
    assert roll_back(own_index) == first
    assert state(own_index, reader)[0] == state(own_index, reader)[1]
    with KnowledgeBase.open(own_index, with_reader(reader)) as opened:
        assert "jiancha" not in {document.id for document in opened.documents()[1]}
    assert fill(own_index, Reader(0))


def test_damage_is_found(own_index: Path) -> None:
    fill(own_index, Reader())
    generation = generations.in_use(own_index)
    place = generation / "contextual-test" / "passages-000000000000.npy"
    place.write_bytes(place.read_bytes()[:-10] + bytes(10))
    assert [problem.code for problem in check(generation)] == ["file-changed"]
    os.truncate(place, 200)
    with pytest.raises(IndexUnusable, match="run `kb build`"):
        KnowledgeBase.open(own_index, with_reader(Reader()))


def test_a_question_that_failed_is_asked_again(own_index: Path) -> None:
    class Weak(Reader):
        has_failed = False

        def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if len(texts) == 1 and not self.has_failed:
                self.has_failed = True
                raise Stopped
            return super().encode_queries(texts)

    fill(own_index, Reader())
    with KnowledgeBase.open(own_index, with_reader(Weak())) as opened:
        with pytest.raises(Stopped):
            opened.search("学前教育")
        assert opened.search("学前教育").hits


def test_an_index_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable):
        fill(tmp_path, Reader())
