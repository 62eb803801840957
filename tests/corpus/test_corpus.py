"""The corpus folder: archives, files beside documents, the same file twice, many files on several cores; and indexes looked after."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from plans import ROOT

from kb.cli import keeping
from kb.corpus import CorpusFile, corpus_files, read_particulars
from kb.encoders import load_encoder
from kb.errors import IndexUnusable, UnreadableDocument
from kb.index import generations
from kb.index.checking import check
from kb.index.store import Store
from kb.ingest.analysis import analyse_all
from kb.ingest.build import BuildSettings, build
from kb.ingest.publishing import roll_back
from kb.knowledge_base import KnowledgeBase
from kb.messages import Message
from kb.models import ParsedDocument, Particulars, SourceText

NOTE = "关于开展校园安全检查的通知\n\n一、检查内容\n\n检查校舍{count}所。（责任单位：市教育局）\n"


class Deadly(CorpusFile):
    """A file that crashes the process that reads it, as a bug in a library would."""

    def read(self) -> SourceText:
        os._exit(1)


def itself(parsed: ParsedDocument) -> ParsedDocument:
    """The identity, which is pickled by its name."""
    return parsed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "corpus"
    made.mkdir()
    (made / "note.txt").write_text(NOTE.format(count=120), "utf-8")
    return made


@pytest.fixture
def index(new_index: Path) -> Path:
    return new_index


def zip_of(path: Path, members: dict[str, bytes], encoding: str = "utf-8") -> None:
    class Entry(zipfile.ZipInfo):
        """A name in the encoding of an old Chinese Windows, without a flag that says so."""

        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name in zipfile
            return self.filename.encode(encoding), 0x800 if encoding == "utf-8" else 0

    with zipfile.ZipFile(path, "w") as package:
        for name, data in members.items():
            package.writestr(Entry(name), data)


# --- archives -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_documents_in_an_archive(folder: Path, index: Path, encoding: str) -> None:
    members = {
        "2024/安全检查.txt": NOTE.format(count=60).encode(),
        "2024/": b"",
        "__MACOSX/._安全检查.txt": b"x",
        "2024/.hidden.txt": b"x",
    }
    zip_of(folder / "batch.zip", members, encoding)
    assert [file.source for file in corpus_files(folder)] == ["batch.zip/2024/安全检查.txt", "note.txt"]
    report = build(folder, index, load_encoder())
    assert (report.documents, report.failures) == (2, ())
    with KnowledgeBase.open(index, load_encoder()) as opened:
        clause = opened.clause("batch/安全检查#一").clause
        assert clause.document_id == "batch/安全检查"
        assert opened.document("batch/安全检查").document.source == "batch.zip/2024/安全检查.txt"
    assert build(folder, index, load_encoder()).copied == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"PK\x03\x04 broken", "not a zip file"), (None, "holds no file that can be read")],
)
def test_an_archive_that_cannot_be_read_is_reported(folder: Path, index: Path, data: bytes | None, reason: str) -> None:
    if data is None:
        zip_of(folder / "batch.zip", {"program.exe": b"x"})
    else:
        (folder / "batch.zip").write_bytes(data)
    report = build(folder, index, load_encoder())
    assert report.documents == 1
    assert reason in report.failures[0].reason


def test_members_stay_inside_the_archive(folder: Path, index: Path, tmp_path: Path) -> None:
    zip_of(folder / "batch.zip", {"../../evil.txt": NOTE.format(count=1).encode()})
    report = build(folder, index, load_encoder())
    assert report.documents == 1
    assert report.failures[0].reason == "the name ../../evil.txt leads out of it"
    assert not list(tmp_path.rglob("evil.txt"))


# --- beside a document ----------------------------------------------------------------------------


def test_particulars_go_before_what_the_document_says(folder: Path, index: Path) -> None:
    build(folder, index, load_encoder())
    (folder / "note.yaml").write_text(
        "title: 校园安全检查方案\ndocument_number: 云政发〔2024〕9号\nissued_on: 2024-05-06\nissuers: 云溪市人民政府\nurl: https://example.org/1\n",
        "utf-8",
    )
    report = build(folder, index, load_encoder())
    assert (report.documents, report.computed, report.failures) == (1, 1, ())
    with KnowledgeBase.open(index, load_encoder()) as opened:
        document = opened.document("note").document
    assert (document.title, document.kind) == ("校园安全检查方案", "方案")
    assert (document.document_number, document.issued_on) == ("云政发〔2024〕9号", "2024-05-06")
    assert (document.issuers, document.url) == (("云溪市人民政府",), "https://example.org/1")
    assert build(folder, index, load_encoder()).copied == 1
    (folder / "note.yaml").unlink()
    assert build(folder, index, load_encoder()).computed == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title: [", "line 1: not YAML"),
        ("- a\n- b", "must hold fields and values"),
        ("titel: x", "no such field: titel"),
        ("title: a\nlocality: 青石县\ntitle: b", "line 3: title: said twice"),
        ("issued_on: 去年", "issued_on: a date such as"),
        ("issued_on: 2026-13-45", "issued_on: a date such as 2021-12-22 expected, not '2026-13-45'"),
        ("valid_until: 2026-02-30", "valid_until: a date such as 2021-12-22 expected, not '2026-02-30'"),
        ("effective_from: '2026-02-30'", "effective_from: a date such as 2021-12-22 expected, not '2026-02-30'"),
        ("issued_on: !!int 去年", "issued_on: a date such as 2021-12-22 expected, not '去年'"),
        ("title: {a: b}", "title: one value expected"),
        ("issuers: 5", "issuers: must be a text"),
        ("issuers: [县水利局, ~]", "issuers: must be a text"),
        ("document_number: 2024-05-06", "document_number: must be a text"),
        ("title: yes", "title: must be a text"),
        ('title: "坏\\uD800题"', "title: not text in UTF-8"),
    ],
)
def test_wrong_particulars_are_named(folder: Path, index: Path, text: str, reason: str) -> None:
    (folder / "note.yaml").write_text(text, "utf-8")
    with pytest.raises(UnreadableDocument) as error:
        read_particulars(folder / "note.yaml")
    assert reason in str(error.value)
    report = build(folder, index, load_encoder())
    assert report.documents == 0
    assert reason in report.failures[0].reason


def test_dates_may_be_written_as_yaml_takes_them(folder: Path) -> None:
    (folder / "note.yaml").write_text("issued_on: 2021-01-05\neffective_from: 2022\nvalid_until: '2025-06'\n", "utf-8")
    assert read_particulars(folder / "note.yaml") == Particulars(
        issued_on="2021-01-05", effective_from="2022", valid_until="2025-06"
    )


def test_dates_of_particulars_may_be_typed_with_wide_digits(folder: Path) -> None:
    (folder / "note.yaml").write_text("issued_on: ２０２１－０１－０５\neffective_from: ２０２２\n", "utf-8")
    assert read_particulars(folder / "note.yaml") == Particulars(issued_on="2021-01-05", effective_from="2022")


def test_particulars_may_be_empty(folder: Path) -> None:
    (folder / "note.yaml").write_text("# nothing yet\n", "utf-8")
    assert read_particulars(folder / "note.yaml") == Particulars()


def test_particulars_of_no_document_are_reported(folder: Path, index: Path) -> None:
    (folder / "other.yaml").write_text("title: x\n", "utf-8")
    report = build(folder, index, load_encoder())
    assert [failure.source for failure in report.failures] == ["other.yaml"]


# --- the same file twice, many files --------------------------------------------------------------


def test_the_same_file_twice_is_one_document(folder: Path, index: Path) -> None:
    shutil.copy(folder / "note.txt", folder / "note (1).txt")
    report = build(folder, index, load_encoder())
    assert (report.documents, report.failures) == (1, ())
    assert [(one.source, one.same_as) for one in report.duplicates] == [("note (1).txt", "note.txt")]


def test_several_processes_read_what_one_reads(folder: Path) -> None:
    for count in range(90):
        (folder / f"n{count:02}.txt").write_text(NOTE.format(count=count + 1), "utf-8")
    (folder / "n90.txt").write_bytes(b"\x89PNG")
    files = corpus_files(folder)
    found = list(analyse_all(files, itself))
    assert len(found) == len(files)
    alone = [next(iter(analyse_all([file], itself))) for file in files[:3]]
    assert found[:3] == alone
    refused = [file.source for file, one in zip(files, found, strict=True) if isinstance(one, Message)]
    assert refused == ["n90.txt"]
    ids = [one.document.id for one in found if isinstance(one, ParsedDocument)]
    assert ids == [file.path.stem for file in files if file.source != "n90.txt"]


@pytest.mark.slow
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: files are read in this process")
def test_a_file_that_kills_its_process_is_refused_alone(folder: Path) -> None:
    for count in range(60):
        (folder / f"n{count:02}.txt").write_text(NOTE.format(count=count + 1), "utf-8")
    files = [*corpus_files(folder)[:30], Deadly(folder / "note.txt"), *corpus_files(folder)[30:]]
    found = list(analyse_all(files, itself))
    assert [place for place, one in enumerate(found) if isinstance(one, Message)] == [30]
    assert found[30] == Message("reader-crashed")


KILLED = """
import os, signal
from pathlib import Path
from filelock import FileLock
from kb.corpus import corpus_files
from kb.ingest.analysis import analyse_all
held = []
def hold(_):
    if not held:
        held.append(FileLock(Path("held", f"{os.getpid()}")))
        held[0].acquire()
    return len(os.listdir("held"))
if __name__ == "__main__":
    for workers in analyse_all(corpus_files(Path("corpus")), hold):
        if workers > 1:
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: files are read in this process")
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_processes_end_with_a_program_that_is_killed(folder: Path, tmp_path: Path) -> None:
    for count in range(200):
        (folder / f"n{count:03}.txt").write_text(NOTE.format(count=count + 1), "utf-8")
    (tmp_path / "held").mkdir()
    (tmp_path / "killed.py").write_text(KILLED, "utf-8")
    ran = subprocess.run(
        [sys.executable, "killed.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=300,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    held = list((tmp_path / "held").iterdir())
    assert len(held) > 1
    for lock in held:
        with FileLock(lock, timeout=30):  # the system frees it when its process ends
            pass


# --- looking after an index -----------------------------------------------------------------------


def test_full_copies_nothing(folder: Path, index: Path) -> None:
    build(folder, index, load_encoder())
    assert build(folder, index, load_encoder()).copied == 1
    assert build(folder, index, load_encoder(), settings=BuildSettings(full=True)).computed == 1


def test_so_many_generations_are_kept(folder: Path, index: Path) -> None:
    for count in range(5):
        (folder / "note.txt").write_text(NOTE.format(count=count + 1), "utf-8")
        build(folder, index, load_encoder(), settings=BuildSettings(keep=3))
    assert len(generations.published(index)) == 3
    build(folder, index, load_encoder())
    assert len(generations.published(index)) == 2


def test_back_to_an_earlier_generation(folder: Path, index: Path) -> None:
    build(folder, index, load_encoder())
    first = generations.in_use(index).name
    (folder / "note.txt").unlink()
    build(folder, index, load_encoder())
    assert roll_back(index) == first
    with KnowledgeBase.open(index, load_encoder()) as opened:
        assert opened.status().documents == 1
    with pytest.raises(IndexUnusable, match="no earlier generation"):
        roll_back(index)
    with pytest.raises(IndexUnusable, match="no earlier generation '20200101'"):
        roll_back(index, "20200101")
    assert generations.in_use(index).name == first


def test_a_whole_index_has_no_problems(folder: Path, index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(folder, index, load_encoder())
    assert list(check(generations.in_use(index))) == []
    keeping.check(index)
    assert re.search("whole|完整", capsys.readouterr().out)


def test_what_is_wrong_is_named(folder: Path, index: Path) -> None:
    build(folder, index, load_encoder())
    generation = generations.in_use(index)
    (generation / "stray.txt").write_text("x", "utf-8")
    with closing(sqlite3.connect(generation / "knowledge.sqlite")) as connection, connection:
        connection.execute("UPDATE responsibilities SET start = start + 1")
    problems = [str(problem) for problem in check(generation)]
    assert "knowledge.sqlite has changed since it was written" in problems
    assert "stray.txt does not belong there" in problems
    assert "note: a responsibility does not stand where it says" in problems
    (generation / "SHA256SUMS").unlink()
    assert str(next(check(generation))) == "SHA256SUMS is missing"
    Store.open(generation).close()


def test_two_files_of_one_name_in_an_archive_are_refused_and_the_others_read(folder: Path) -> None:
    with zipfile.ZipFile(folder / "batch.zip", "w") as package:
        package.writestr("方案.txt", "一")
        package.writestr("通知.txt", "二")
        with pytest.warns(UserWarning, match="Duplicate name"):
            package.writestr("方案.txt", "三")
    twice, alone = (file for file in corpus_files(folder) if file.member)
    assert (twice.member, alone.member) == ("方案.txt", "通知.txt")
    assert twice.refused == Message("twice-in-archive")
    assert alone.read().text == "二"


def test_an_archive_that_was_replaced_is_read_anew(folder: Path) -> None:
    for text in ("一", "二"):
        with zipfile.ZipFile(folder / "new.zip", "w") as package:
            package.writestr("方案.txt", text)
        (folder / "new.zip").replace(folder / "batch.zip")
        (member,) = (file for file in corpus_files(folder) if file.member)
        assert member.read().text == text
