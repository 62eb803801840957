"""Ids of documents: what they are, and that they stay what they are when files come, go, change and move."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.corpus import corpus_files, file_at, find_original
from kb.corpus.catalogue import read_catalogue
from kb.corpus.ids import Ids
from kb.errors import IndexUnusable

Change = Callable[[Path], object]


def write(source: str, content: str = "") -> Change:
    """A file comes, or its content becomes another; every file has its own unless one is given."""

    def change(corpus: Path) -> None:
        (corpus / source).parent.mkdir(parents=True, exist_ok=True)
        (corpus / source).write_text(content or source, "utf-8")

    return change


def move(source: str, target: str) -> Change:
    def change(corpus: Path) -> None:
        (corpus / target).parent.mkdir(parents=True, exist_ok=True)
        (corpus / source).rename(corpus / target)

    return change


def remove(source: str) -> Change:
    return lambda corpus: (corpus / source).unlink()


def link(source: str, target: str) -> Change:
    return lambda corpus: (corpus / source).symlink_to(corpus / target)


def pack(source: str, *members: str) -> Change:
    def change(corpus: Path) -> None:
        (corpus / source).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(corpus / source, "w") as package:
            for member in members:
                package.writestr(member, source + member)

    return change


LONG = "某" * 80

# Changes, one list a build; then the ids, by source.
CASES: dict[str, tuple[list[list[Change]], dict[str, str]]] = {
    "a name that no other file has is the id": (
        [[write("2023/市级/方案.txt"), write("意见#1.txt"), write(f"{LONG}.txt")]],
        {"2023/市级/方案.txt": "方案", "意见#1.txt": "意见#1", f"{LONG}.txt": LONG},
    ),
    "another file of the name comes": (
        [[write("2023/方案.txt")], [write("2024/方案.txt")]],
        {"2023/方案.txt": "方案", "2024/方案.txt": "方案@2024"},
    ),
    "it comes before the first by path": (
        [[write("2024/方案.txt")], [write("2023/方案.txt")]],
        {"2024/方案.txt": "方案", "2023/方案.txt": "方案@2023"},
    ),
    "both come at once": (
        [[write("2023/方案.txt"), write("2024/市级/方案.txt")]],
        {"2023/方案.txt": "方案", "2024/市级/方案.txt": "方案@2024@市级"},
    ),
    "it comes into the corpus folder itself": (
        [[write("2023/方案.txt")], [write("方案.txt")]],
        {"2023/方案.txt": "方案", "方案.txt": "方案@corpus"},
    ),
    "the first goes": (
        [[write("2023/方案.txt"), write("2024/方案.txt")], [remove("2023/方案.txt")]],
        {"2024/方案.txt": "方案@2024"},
    ),
    "the first goes, a third comes: an old address must not show another document": (
        [[write("2023/方案.txt"), write("2024/方案.txt")], [remove("2023/方案.txt")], [write("2025/方案.txt")]],
        {"2024/方案.txt": "方案@2024", "2025/方案.txt": "方案@2025"},
    ),
    "the first goes and comes back": (
        [
            [write("2023/方案.txt"), write("2024/方案.txt")],
            [remove("2023/方案.txt")],
            [write("2025/方案.txt")],
            [write("2023/方案.txt", "改过")],
        ],
        {"2023/方案.txt": "方案", "2024/方案.txt": "方案@2024", "2025/方案.txt": "方案@2025"},
    ),
    "the only one goes, one of the name comes elsewhere": (
        [[write("2023/方案.txt")], [remove("2023/方案.txt"), write("2025/方案.txt")]],
        {"2025/方案.txt": "方案"},
    ),
    "contents change": (
        [
            [write("2023/方案.txt", "甲"), write("2024/方案.txt", "乙")],
            [write("2023/方案.txt", "乙"), write("2024/方案.txt", "甲")],
        ],
        {"2023/方案.txt": "方案", "2024/方案.txt": "方案@2024"},
    ),
    "files are moved": (
        [
            [write("2023/方案.txt"), write("2024/方案.txt")],
            [move("2023/方案.txt", "历史/2023/方案.txt"), move("2024/方案.txt", "历史/2024/方案.txt")],
        ],
        {"历史/2023/方案.txt": "方案", "历史/2024/方案.txt": "方案@2024"},
    ),
    "a file is moved, another takes its place": (
        [
            [write("2023/方案.txt"), write("2024/方案.txt")],
            [move("2024/方案.txt", "2025/方案.txt")],
            [write("2024/方案.txt", "新的")],
        ],
        {"2023/方案.txt": "方案", "2025/方案.txt": "方案@2024", "2024/方案.txt": "方案@2024~2"},
    ),
    "a file is renamed": (
        [[write("2023/方案.txt")], [move("2023/方案.txt", "2023/计划.txt")]],
        {"2023/计划.txt": "计划"},
    ),
    "a file is called like an id": (
        [[write("2023/方案.txt"), write("2024/方案.txt"), write("方案@2024.txt")]],
        {"2023/方案.txt": "方案", "2024/方案.txt": "方案@2024~2", "方案@2024.txt": "方案@2024"},
    ),
    "formats of one document": (
        [[write("2023/方案.md"), write("2023/方案.txt"), write("2024/方案.txt")], [remove("2023/方案.md")]],
        {"2023/方案.txt": "方案", "2024/方案.txt": "方案@2024"},
    ),
    "a file of no known format beside it": (
        [[write("2023/方案.bak"), write("2024/方案.txt")]],
        {"2024/方案.txt": "方案", "2023/方案.bak": "方案@2023"},
    ),
    "a copy comes": (
        [[write("b/方案.txt", "甲")], [write("a/方案.txt", "甲"), write("a.txt", "甲")]],
        {"b/方案.txt": "方案"},
    ),
    "a copy stays when the original goes": (
        [[write("b/方案.txt", "甲")], [write("a/方案.txt", "甲")], [remove("b/方案.txt")]],
        {"a/方案.txt": "方案"},
    ),
    "a copy is edited": (
        [[write("b/方案.txt", "甲")], [write("a/方案.txt", "甲")], [write("a/方案.txt", "乙")]],
        {"b/方案.txt": "方案", "a/方案.txt": "方案@a"},
    ),
    "capitals": ([[write("Plan.txt"), write("2024/plan.txt")]], {"Plan.txt": "Plan", "2024/plan.txt": "plan"}),
    "archives": (
        [[pack("2023/a.zip", "方案.txt")], [pack("2024/a.zip", "方案.txt", "市级/方案.txt"), write("方案.txt")]],
        {
            "2023/a.zip/方案.txt": "a/方案",
            "2024/a.zip/方案.txt": "a/方案@2024",
            "2024/a.zip/市级/方案.txt": "a/方案@2024@市级",
            "方案.txt": "方案",
        },
    ),
    "archives that hold what would be taken for a part of an address": (
        [[pack("a.zip", "file.txt", "ledger.xlsx.txt", "files.txt"), write("b/file.txt")]],
        {
            "a.zip/file.txt": "file@a",
            "a.zip/ledger.xlsx.txt": "ledger.xlsx@a",
            "a.zip/files.txt": "a/files",
            "b/file.txt": "file",
        },
    ),
}
if os.name != "nt":
    CASES["a link to a file is a copy of it"] = (
        [[write("方案.txt"), link("a.txt", "方案.txt")]],
        {"方案.txt": "方案"},
    )
    CASES["a file cannot be read for a while"] = (
        [
            [write("2023/方案.txt"), write("2024/方案.txt")],
            [remove("2023/方案.txt"), lambda corpus: os.mkfifo(corpus / "2023/方案.txt"), write("2022/方案.txt")],
            [remove("2023/方案.txt"), write("2023/方案.txt")],
        ],
        {"2022/方案.txt": "方案@2022", "2023/方案.txt": "方案", "2024/方案.txt": "方案@2024"},
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    made = tmp_path / "corpus"
    made.mkdir()
    return made


@pytest.fixture
def index(tmp_path: Path) -> Path:
    made = tmp_path / "indexes"
    made.mkdir()
    return made


def ids(corpus: Path, index: Path) -> dict[str, str]:
    """The ids of all documents, by source."""
    return {file.source: file.id for file in read_catalogue(corpus_files(corpus), index).documents}


@pytest.mark.parametrize(("builds", "expected"), CASES.values(), ids=CASES.keys())
def test_ids(corpus: Path, index: Path, builds: list[list[Change]], expected: dict[str, str]) -> None:
    for changes in builds:
        for change in changes:
            change(corpus)
        found = ids(corpus, index)
    assert found == expected
    assert ids(corpus, index) == expected
    for source in expected:
        file = file_at(corpus, source)
        assert file is not None
        assert file.source == source


def test_ids_outlive_the_generations_but_not_their_file(corpus: Path, index: Path) -> None:
    write("2024/方案.txt")(corpus)
    ids(corpus, index)
    write("2023/方案.txt")(corpus)
    given = ids(corpus, index)
    assert given == {"2024/方案.txt": "方案", "2023/方案.txt": "方案@2023"}
    (index / "ids.json").unlink()
    assert ids(corpus, index) == {"2023/方案.txt": "方案", "2024/方案.txt": "方案@2024"}


def test_the_day_of_receipt_is_that_of_the_content(corpus: Path, index: Path) -> None:
    for change in (write("同.txt", "甲"), write("改.txt", "乙"), write("移.txt", "丙"), write("旧.txt", "丁")):
        change(corpus)
    today = days(corpus, index)["同.txt"]
    assert today[:2] == "20"
    assert set(days(corpus, index).values()) == {today}
    kept = json.loads((index / "ids.json").read_text("utf-8"))
    held = {
        path: [id_, sha256, "2020-01-01"] for path, (id_, sha256, _) in kept.items() if path
    }  # without the checksum
    held["旧"].pop()  # as it was kept before days were
    (index / "ids.json").write_text(json.dumps(held), "utf-8")
    for change in (write("改.txt", "戊"), move("移.txt", "2024/移.txt"), write("新.txt", "己")):
        change(corpus)
    expected = {"同.txt": "2020-01-01", "改.txt": today, "2024/移.txt": "2020-01-01", "旧.txt": "", "新.txt": today}
    assert days(corpus, index) == expected


def test_damaged_ids_are_refused(corpus: Path, index: Path) -> None:
    for change in (write("甲.txt"), write("乙.txt")):
        change(corpus)
    ids(corpus, index)
    kept = (index / "ids.json").read_bytes()
    for place in range(0, len(kept), 7):
        damaged = bytearray(kept)
        damaged[place] ^= 0x01
        (index / "ids.json").write_bytes(damaged)
        with pytest.raises(IndexUnusable, match=r"ids\.json"):
            Ids(index)
    (index / "ids.json").write_bytes(kept)
    Ids(index)


def days(corpus: Path, index: Path) -> dict[str, str]:
    return {file.source: file.received_on for file in read_catalogue(corpus_files(corpus), index).documents}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "cannot be read .* without one, remove it and build again"),
        ("[]", "cannot be read"),
        ('{"x": 1}', "cannot be read"),
        ("\0", "cannot be read"),
        ('{"a/x": ["x", ""], "b/x": ["x", ""]}', "id 'x' stands there twice"),
    ],
)
def test_broken_ids_are_an_error_that_names_the_file(index: Path, content: str, reason: str) -> None:
    (index / "ids.json").write_text(content, "utf-8")
    with pytest.raises(IndexUnusable, match=rf"ids\.json: {reason}"):
        Ids(index)


def test_the_original_is_found_by_its_path(corpus: Path) -> None:
    for change in (write("2023/方案.txt", "甲"), write("2024/方案.txt", "乙"), pack("a.zip", "2023/方案.txt")):
        change(corpus)
    files = {file.source: file for file in corpus_files(corpus)}
    assert files.keys() == {"2023/方案.txt", "2024/方案.txt", "a.zip/2023/方案.txt"}
    for source, file in files.items():
        assert find_original(corpus, source, file.sha256()) == file
    assert find_original(corpus, "2023/方案.txt", files["2024/方案.txt"].sha256()) is None
    assert find_original(corpus, "方案.txt", files["2024/方案.txt"].sha256()) is None
    assert find_original(corpus, "a.zip/方案.txt", files["a.zip/2023/方案.txt"].sha256()) is None
