"""Builds on the disk: what is copied, what fails alone, and that a reader always finds a whole generation."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from answers import rounded
from numpy.typing import NDArray
from plans import ROOT

from kb import extraction
from kb.encoders import Encoder, load_encoder
from kb.errors import BuildInProgress, IndexUnusable, UnreadableDocument
from kb.index import generations
from kb.ingest import build as building
from kb.ingest import provenance
from kb.ingest.build import BuildSettings, build
from kb.knowledge_base import KnowledgeBase
from kb.models import BuildReport, Document, ParsedDocument, Progress
from kb.text import Passage

PLAN = "xiangtan-jichu-jiaoyu"
NOTE = "关于开展校园安全检查的通知\n\n一、检查内容\n\n检查校舍120所。（责任单位：市教育局）\n"


class OtherEncoder:
    """A second model, small and quick: how often each of eight groups of characters occurs."""

    name = "other:1"
    dimension = 8

    def encode_clauses(self, texts: Sequence[str]) -> NDArray[np.float32]:
        groups = (np.frombuffer(text.encode("utf-32-le"), np.uint32) % 8 for text in texts)
        vectors = np.array([np.bincount(each, minlength=8) for each in groups], np.float32).reshape(-1, 8)
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1), np.float32)

    encode_queries = encode_clauses


@pytest.fixture
def index(own_index: Path) -> Path:
    """Of the same documents as ``own``."""
    return own_index


def again(corpus: Path, index: Path) -> BuildReport:
    return build(corpus, index, load_encoder())


def ids(index: Path, encoder: Encoder | None = None) -> list[str]:
    with KnowledgeBase.open(index, encoder or load_encoder()) as opened:
        return [document.id for document in opened.documents()[1]]


def everything(index: Path) -> list[object]:
    """All that a knowledge base answers with, but for the names of generations; scores to five digits."""
    with KnowledgeBase.open(index, load_encoder()) as opened:
        return [
            [opened.document(one.id) for one in opened.documents()[1]],
            opened.organizations(limit=100),
            opened.aggregations.targets(limit=100),
            [rounded(hit) for hit in opened.search("到2025年，学前教育、养老床位和供水管网由谁负责", limit=100).hits],
        ]


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with the hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def write_note(corpus: Path, count: int) -> None:
    """A document that differs with each count."""
    (corpus / "jiancha.txt").write_text(NOTE.replace("120", str(count)), "utf-8")


# --- what is copied -------------------------------------------------------------------------------


def test_only_what_changed_is_computed(own: Path, new_index: Path) -> None:
    first = again(own, new_index)
    assert (first.documents, first.computed, first.copied, first.failures) == (3, 3, 0, ())
    unchanged = again(own, new_index)
    assert (unchanged.documents, unchanged.computed, unchanged.copied) == (3, 0, 3)
    (own / "jiancha.txt").write_text(NOTE, "utf-8")  # added
    changed = own / "yunxi-yanglao.txt"
    changed.write_text(changed.read_text("utf-8").replace("服务站40个", "服务站45个"), "utf-8")
    (own / "qingshi-gongshui.html").unlink()  # removed
    report = again(own, new_index)
    assert (report.documents, report.computed, report.copied) == (3, 2, 1)
    assert ids(new_index) == ["jiancha", PLAN, "yunxi-yanglao"]
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        assert 45 in {target.value for target in opened.document("yunxi-yanglao").targets}
        assert opened.who("校园安全检查").units[0].unit == "市教育局"
        assert not opened.who("改造供水管网").units
        assert opened.status().organizations == len({o.organization.id for o in opened.organizations(limit=1000)[1]})


def test_a_copy_is_as_good_as_the_first(own: Path, index: Path, tmp_path: Path) -> None:
    (own / "a.txt").write_text(NOTE, "utf-8")  # every row moves
    again(own, index)
    again(own, tmp_path / "fresh")  # from nothing
    assert everything(index) == everything(tmp_path / "fresh")


def test_nothing_is_published_when_nothing_has_changed(own: Path, index: Path) -> None:
    (own / "empty.txt").write_text("", "utf-8")
    first = again(own, index)
    before = contents(index)
    os.utime(own / "yunxi-yanglao.txt", (0, 0))
    second = again(own, index)
    assert (first.published, second.published) == (False, False)
    assert (second.generation, second.documents, second.copied) == (first.generation, 3, 3)
    assert second.failures == first.failures != ()
    hashes = ("hashes.json", "hashes.new")
    assert {k: v for k, v in contents(index).items() if k not in hashes} == {
        k: v for k, v in before.items() if k not in hashes
    }
    write_note(own, 1)
    assert again(own, index).published
    assert build(own, index, load_encoder(), settings=BuildSettings(full=True)).published


def test_a_touched_or_moved_file_is_no_change(own: Path, index: Path) -> None:
    os.utime(own / "yunxi-yanglao.txt", (0, 0))
    (own / "2024").mkdir()
    (own / "yunxi-yanglao.txt").rename(own / "2024" / "yunxi-yanglao.txt")
    assert again(own, index).copied == 3


def test_other_rules_read_everything_anew(own: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "code_version", lambda: "other rules")
    assert again(own, index).computed == 3
    assert again(own, index).copied == 3


def test_another_model_takes_over_facts_but_not_vectors(own: Path, index: Path) -> None:
    report = build(own, index, OtherEncoder())
    assert (report.computed, report.copied) == (0, 3)
    with KnowledgeBase.open(index, OtherEncoder()) as opened:
        assert opened.search("学前教育普惠发展").hits[0].facts.clause.id == f"{PLAN}#二.一.2"
        assert opened.search("学前教育普惠发展").hits[0].vector_score > 0
    with pytest.raises(IndexUnusable, match=r"built with the model 'other:1', not 'embedded:\w+'; use that one or run"):
        KnowledgeBase.open(index, load_encoder())
    assert again(own, index).copied == 3
    assert ids(index) == ["qingshi-gongshui", PLAN, "yunxi-yanglao"]


def test_code_version_covers_all_that_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "kb"
    shutil.copytree(ROOT / "kb", package, ignore=shutil.ignore_patterns("__pycache__", "embedded"))
    monkeypatch.setattr(provenance, "_PACKAGE", package)

    def version() -> str:
        provenance.code_version.cache_clear()
        return provenance.code_version()

    before = version()
    for name in (
        "extraction/responsibilities/marks.py",
        "parsing/tree.py",
        "readers/html.py",
        "lexicon/measures.toml",
        "text/__init__.py",
        "encoders/__init__.py",
        "index/vectors/writing.py",
        "index/store/tables.py",
        "answering.py",
        "versions/titles.py",
    ):
        path = package / name
        path.write_text(path.read_text("utf-8") + "\n#", "utf-8")
        after = version()
        assert after != before, name
        before = after
    for name in ("cli/render.py", "search/ranking.py", "knowledge_base.py", "ingest/publishing.py"):
        (package / name).write_text("", "utf-8")
        assert version() == before, name
    provenance.code_version.cache_clear()


# --- files that fail ------------------------------------------------------------------------------


def test_a_broken_file_is_reported_and_the_others_go_in(own: Path, index: Path) -> None:
    (own / "empty.txt").write_text("", "utf-8")
    (own / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (own / "slides.ppt").write_bytes(b"PK")
    (own / "qingshi-gongshui.txt").write_text(NOTE, "utf-8")
    (own / ".hidden.txt").write_text(NOTE, "utf-8")
    (own / ".git").mkdir()
    (own / ".git" / "config").write_text("x", "utf-8")
    report = again(own, index)
    assert report.documents == 3
    reasons = {failure.source: failure.reason for failure in report.failures}
    assert reasons.keys() == {"empty.txt", "picture.txt", "slides.ppt", "qingshi-gongshui.txt"}
    assert reasons["empty.txt"] == "the file is empty"
    assert reasons["picture.txt"] == "not an image, or a broken one"
    assert reasons["slides.ppt"].startswith("not a format that can be read (")
    assert reasons["qingshi-gongshui.txt"].startswith("another file, qingshi-gongshui.html, ")
    assert again(own, index).failures == report.failures


def test_a_broken_file_does_not_keep_out_another_format_of_its_document(own: Path, index: Path) -> None:
    (own / "note.docx").write_bytes(b"PK\x03\x04 cut")
    (own / "note.txt").write_text(NOTE, "utf-8")
    (own / "note.pdf").write_bytes(b"%PDF-1.4 cut")

    def read() -> tuple[BuildReport, str, str]:
        report = again(own, index)
        with KnowledgeBase.open(index, load_encoder()) as kb:
            document = kb.document("note").document
        return report, document.source, " ".join(sorted(one.source for one in report.failures))

    report, source, failed = read()
    assert (report.computed, source, failed) == (1, "note.txt", "note.docx note.pdf")
    assert {one.code for one in report.failures}.isdisjoint({"name-taken"})
    report, source, failed = read()
    assert (report.published, report.computed) == (False, 0)
    assert (source, failed) == ("note.txt", "note.docx note.pdf")
    shutil.copy(own / "note.txt", own / "note.html")
    (own / "note.docx").unlink()
    report, source, failed = read()
    assert (report.computed, source, failed) == (1, "note.html", "note.pdf note.txt")


def test_copies_of_what_cannot_be_read_are_no_copies_of_a_document(own: Path, index: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (own / name).write_bytes(b"")
    for name in ("note.docx", "other.docx", "text.txt"):
        (own / name).write_text(NOTE, "utf-8")
    report = again(own, index)
    codes = {one.source: one.code for one in report.failures}
    assert codes.keys() == {"a.txt", "b.txt", "note.docx", "other.docx"}
    assert codes["a.txt"] == codes["b.txt"] != codes["note.docx"] == codes["other.docx"]
    assert report.failures[0].reason == "the file is empty"
    assert (report.duplicates, report.documents, report.computed) == ((), 4, 1)


def test_a_name_that_is_no_text_is_reported(own: Path, index: Path) -> None:
    try:
        (own / os.fsdecode(b"\xff\xfe.txt")).write_text(NOTE, "utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    report = again(own, index)
    assert (report.documents, len(report.failures)) == (3, 1)
    json.dumps([failure.reason for failure in report.failures]).encode()


def test_a_mistake_of_the_program_in_one_file_is_reported(
    own: Path, new_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = extraction.extract

    def mistaken(document: Document, passages: Sequence[Passage]) -> ParsedDocument:
        if document.id == "yunxi-yanglao":
            raise KeyError(10_000_000)
        return extract(document, passages)

    monkeypatch.setattr(extraction, "extract", mistaken)
    report = again(own, new_index)
    assert (report.documents, [failure.reason for failure in report.failures]) == (2, ["KeyError: 10000000"])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_permission_is_reported(own: Path, new_index: Path) -> None:
    (own / "yunxi-yanglao.txt").chmod(0)
    report = again(own, new_index)
    assert (report.documents, report.failures[0].reason) == (2, "no permission to read it")


def test_a_file_that_vanishes_is_reported(own: Path, new_index: Path) -> None:
    def vanish(progress: Progress) -> None:
        (own / "yunxi-yanglao.txt").unlink(missing_ok=True)

    report = build(own, new_index, load_encoder(), vanish)
    assert (report.documents, [failure.reason for failure in report.failures]) == (2, ["no such file"])


def test_progress_counts_every_file(own: Path, index: Path) -> None:
    seen: list[Progress] = []
    build(own, index, load_encoder(), seen.append)
    assert [one.done for one in seen] == [0, 1, 2, 3]
    assert {one.total for one in seen} == {3}
    assert [one.source for one in seen][:3] == sorted(path.name for path in own.iterdir())


def test_an_empty_corpus_is_an_empty_knowledge_base(new_index: Path) -> None:
    with KnowledgeBase.open(new_index, load_encoder()) as opened:
        assert opened.search("教育").hits == ()
        assert opened.who("教育").units == ()
        assert opened.organizations() == (0, ())
        assert opened.suggestions("") == opened.suggestions("教育") == opened.suggestions("jy") == ()


def test_no_corpus_leaves_the_index_alone(own: Path, index: Path) -> None:
    before = contents(index)
    with pytest.raises(UnreadableDocument, match="no such folder"):
        again(own / "missing", index)
    assert contents(index) == before


# --- generations ----------------------------------------------------------------------------------


def test_a_published_generation_is_never_changed(own: Path, index: Path) -> None:
    first = generations.in_use(index)
    before = contents(first)
    (own / "jiancha.txt").write_text(NOTE, "utf-8")
    again(own, index)
    assert generations.in_use(index) != first
    assert contents(first) == before


def test_the_generation_before_stays_for_its_readers_the_one_before_that_goes(own: Path, index: Path) -> None:
    names = []
    for count in range(3):
        write_note(own, count)
        again(own, index)
        names.append(generations.in_use(index).name)
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == names[1:]
    assert names == sorted(names)


def test_a_reader_goes_on_reading_a_generation_that_was_swept_away(own: Path, index: Path) -> None:
    encoder = load_encoder()
    with KnowledgeBase.open(index, encoder) as opened, KnowledgeBase.open(index, encoder) as never_asked:
        before = opened.search("学前教育普惠发展", limit=100)
        folder = generations.in_use(index)
        for count in range(3):
            write_note(own, count)
            again(own, index)
        assert not folder.exists()
        assert opened.search("学前教育普惠发展", limit=100) == before
        assert opened.document(PLAN).document.id == PLAN
        assert never_asked.search("学前教育普惠发展", limit=100) == before


def test_nothing_else_in_the_index_folder_is_removed(own: Path, index: Path) -> None:
    (index / "notes").mkdir()
    (index / "notes" / "mine.txt").write_text("keep", "utf-8")
    (index / "20240101").mkdir()
    (index / "README.md").write_text("keep", "utf-8")
    for count in range(3):
        write_note(own, count)
        again(own, index)
    assert (index / "notes" / "mine.txt").exists()
    assert (index / "20240101").exists()
    assert (index / "README.md").exists()


@pytest.mark.parametrize("name", ["", "../elsewhere", "/", "20200101T000000000000Z", "\xff"])
def test_a_wrong_name_in_current_is_a_clear_error(index: Path, name: str) -> None:
    (index / "current").write_bytes(name.encode("latin-1"))
    with pytest.raises(IndexUnusable, match=r"is missing; run `kb build`|cannot be read"):
        KnowledgeBase.open(index, load_encoder())


@pytest.mark.parametrize("name", ["20200101T000000000000Z", "\xff"])
def test_a_build_does_without_the_generation_that_current_does_not_name(own: Path, index: Path, name: str) -> None:
    (index / "current").write_bytes(name.encode("latin-1"))
    assert again(own, index).computed == 3
    assert len(ids(index)) == 3


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "cut": lambda path: os.truncate(path, path.stat().st_size // 3),
    "garbage": lambda path: path.write_bytes(b"garbage" * 100),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("part", ["knowledge.sqlite", "clauses-0", "passages-0", "words"])
def test_a_damaged_generation_is_a_clear_error(index: Path, part: str, damage: Callable[[Path], object]) -> None:
    place = next(path for path in sorted(generations.in_use(index).iterdir()) if path.name.startswith(part))
    for file in [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]:
        damage(file)
    with pytest.raises(IndexUnusable, match="run `kb build`"):
        KnowledgeBase.open(index, load_encoder())


def test_an_index_of_another_format_is_a_clear_error_and_is_built_anew(own: Path, index: Path) -> None:
    store = generations.in_use(index) / "knowledge.sqlite"
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE manifest SET format = 0")
    with pytest.raises(IndexUnusable, match="built by another version of this software; run `kb build`"):
        KnowledgeBase.open(index, load_encoder())
    assert again(own, index).computed == 3
    assert len(ids(index)) == 3


# --- builds that are stopped, refused or at the same time -----------------------------------------------


def test_a_second_build_at_the_same_time_is_refused(own: Path, index: Path) -> None:
    refused: list[str] = []

    def meanwhile(progress: Progress) -> None:
        with pytest.raises(BuildInProgress) as caught:
            again(own, index)
        refused.append(str(caught.value))

    build(own, index, load_encoder(), meanwhile)
    assert refused == [f"{index}: another build is running"] * 4
    assert again(own, index).copied == 3


def test_what_comes_while_another_builds_stays(own: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = generations.locked

    @contextmanager
    def after_another(where: Path) -> Iterator[None]:
        (own / "note.txt").write_text(NOTE, "utf-8")
        monkeypatch.setattr(generations, "locked", locked)
        again(own, index)
        with locked(where):
            yield

    monkeypatch.setattr(generations, "locked", after_another)
    report = again(own, index)
    assert (report.documents, report.published) == (4, False)


STOPS = {
    "at a file": "build(corpus, index, load_encoder(), lambda progress: stop() if progress.done == 2 else None)",
    "before the words are written": "words.WordWriter.close = stop; run()",
    "before the store is finished": "StoreWriter.finish = stop; run()",
    "before it is published": "generations.put_in_use = stop; run()",
    "before the switch": "generations.switch = stop; run()",
    "in the middle of the switch": """
replace = Path.replace
Path.replace = lambda path, to: stop() if to.name == "current" else replace(path, to)
run()""",
}
PRELUDE = """
import os, signal, sys
from pathlib import Path
from kb.index import generations, words
from kb.ingest.build import build
from kb.encoders import load_encoder
from kb.index.store.writing import StoreWriter
corpus, index = map(Path, sys.argv[1:])
def run(): build(corpus, index, load_encoder())
def stop(*_): os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("code", STOPS.values(), ids=STOPS.keys())
def test_a_killed_build_leaves_the_old_generation_in_use(own: Path, index: Path, code: str) -> None:
    before = everything(index)
    (own / "qingshi-gongshui.html").unlink()
    ran = subprocess.run(
        [sys.executable, "-c", PRELUDE + code, own, index], cwd=ROOT, timeout=300, check=False, capture_output=True
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert everything(index) == before
    left = {path.name for path in index.iterdir() if path.is_dir()} - {generations.in_use(index).name}
    assert left, "the killed build had begun to write"
    report = again(own, index)
    assert (report.documents, report.computed, report.copied) == (2, 0, 2)
    assert not left & {path.name for path in index.iterdir()}


@pytest.mark.slow
def test_a_full_disk_is_a_clear_error(own: Path, index: Path) -> None:
    before = everything(index)
    kept = {path.name for path in index.iterdir()}
    (own / "qingshi-gongshui.html").unlink()
    code = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from kb.errors import IndexUnusable
try: run()
except IndexUnusable as error: print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", PRELUDE + code, own, index], cwd=ROOT, timeout=300, check=True, capture_output=True
    )
    assert b"cannot be written" in ran.stdout
    assert {path.name for path in index.iterdir()} == kept
    assert everything(index) == before


def test_a_failure_in_the_program_leaves_the_old_generation_in_use(own: Path, index: Path) -> None:
    before = everything(index)
    kept = {path.name for path in index.iterdir()}

    def fail(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(own, index, load_encoder(), fail)
    assert everything(index) == before
    assert {path.name for path in index.iterdir()} == kept
    assert again(own, index).copied == 3


def test_an_index_where_a_file_is_cannot_be_written(own: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "indexes"):
        with pytest.raises(IndexUnusable, match="cannot be written"):
            again(own, place)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_an_index_without_permission_cannot_be_written(own: Path, index: Path) -> None:
    index.chmod(0o500)
    with pytest.raises(IndexUnusable, match="cannot be written"):
        again(own, index)
