"""Files of every kind → characters, or a reason that a person understands."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import CASES, ROOT

from kb.errors import UnreadableDocument
from kb.readers import SUFFIXES, read_document
from kb.readers.decoding import UndecodableError, decode

CASES = [json.loads(line) for line in (CASES / "readers.jsonl").read_text("utf-8").splitlines()]
CORPUS = ROOT / "corpus"
SAMPLE = "关于推进基础教育的实施方案\n一、总体要求\n到2025年，公办园占比达到60％以上。\n"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_page(case: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(str(case["html"]).encode(str(case["encoding"])))
    source = read_document(path)
    assert source.text.split("\n") == case["lines"]
    assert source.title == case["title"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize(
    "text", [SAMPLE, SAMPLE.split("\n", maxsplit=1)[0], "湘潭市教育局", "2021年12月22日", SAMPLE * 300]
)
def test_encodings_of_text_files(encoding: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_bytes(text.encode(encoding))
    assert read_document(path).text == text


def test_traditional_characters_in_big5() -> None:
    text = "為落實教育優先發展戰略，加強學校建設，制定本實施方案。"
    assert decode(text.encode("big5")) == text


def test_gb_text_that_is_valid_utf8_by_chance() -> None:
    assert decode("目录".encode("gb18030")) == "目录"
    assert decode("café".encode()) == "café"


def test_founding_plan_is_read_as_python_reads_it() -> None:
    path = CORPUS / "xiangtan-jichu-jiaoyu.txt"
    source = read_document(path)
    assert source.text == path.read_text("utf-8")
    assert (source.name, source.title) == (path.name, "")
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_line_breaks_of_other_systems_are_read_as_python_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "windows.txt"
    path.write_bytes("甲\r\n乙\r丙\n".encode())
    assert read_document(path).text == path.read_text("utf-8") == "甲\n乙\n丙\n"


def test_one_broken_byte_does_not_lose_the_file() -> None:
    text = SAMPLE * 20
    data = text.encode()
    assert decode(data[:-2]).startswith(text[:-2])
    assert "\ufffd" in decode(data[:100] + b"\xff" + data[100:])


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \r\n\t ", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.html", b"", "empty"),
        ("a.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF file"),
        ("a.html", b"%PDF-1.7\n", "a PDF file"),
        ("a.txt", b"PK\x03\x04\x14\x00\x06\x00", "Office"),
        ("a.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "Office"),
        ("a.txt", bytes(range(256)) * 20, "not text"),
        ("a.txt", hashlib.shake_256(b"noise").digest(5000), "not text"),
        ("a.html", b"<html><body><script>render()</script><div id='app'></div></body></html>", "no text of its own"),
        ("a.html", b"<html><body><a href='/'>home</a></body></html>", "no text of its own"),
        ("a.ppt", b"x", "not a format that can be read (.bmp, .csv, .doc, .docm"),
        ("a.doc", b"x", "not a doc file"),
    ],
)
def test_unreadable(name: str, data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument) as error:
        read_document(path)
    assert reason in str(error.value)
    assert str(path) in str(error.value)


def test_folder_missing_file_and_missing_permission(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(UnreadableDocument, match="is a folder"):
        read_document(tmp_path / "folder.txt")
    with pytest.raises(UnreadableDocument, match="no such file"):
        read_document(tmp_path / "absent.txt")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read every file")
def test_missing_permission(tmp_path: Path) -> None:
    path = tmp_path / "closed.txt"
    path.write_text("甲")
    path.chmod(0)
    with pytest.raises(UnreadableDocument, match="no permission"):
        read_document(path)


def test_suffix_is_read_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "PLAN.TXT"
    path.write_text(SAMPLE, "utf-8")
    assert read_document(path).text == SAMPLE
    assert {".txt", ".html", ".htm"} <= SUFFIXES


def test_deep_nesting_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep.html"
    path.write_text("<p>要加强组织领导。</p>" + "<div>" * 20_000 + "各县区要加强组织领导。" * 3, "utf-8")
    assert read_document(path).text == "要加强组织领导。\n" + "各县区要加强组织领导。" * 3


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert "\r" not in decode(data)
    except UndecodableError as error:
        assert str(error)


@given(st.text(alphabet="<>/ abdiprt=\"'一。，&;\n", max_size=200))
def test_any_markup_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, markup: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.html"
    path.write_text(markup, "utf-8")
    try:
        assert read_document(path).text.strip()
    except UnreadableDocument as error:
        assert error.reason


@pytest.mark.parametrize(
    ("markdown", "lines"),
    [
        (
            "# 一、总体要求 #\n\n**（一）**加强*组织*领导。\n到`2025`年。",
            ["一、总体要求", "（一）加强组织领导。", "到2025年。"],
        ),
        ("根据《关于修改<养老条例>的决定》", ["根据《关于修改<养老条例>的决定》"]),
        ("提高到 - 12 - 个，浓度>5", ["提高到 - 12 - 个，浓度>5"]),
        ("> 引言\n\n***\n\n- 甲\n- 乙\n\n3. 丙\n4. 丁", ["引言", "甲", "乙", "3. 丙", "4. 丁"]),
        ("1. 2. 甲\n\n7.乙", ["1. 2. 甲", "7.乙"]),
        ('见[办法](a.html "题")和![图](b.png)，\\*注&nbsp;A&amp;B', ["见办法和图，*注\xa0A&B"]),
        ("    缩进的段落\n\n[注]: 本办法所称企业指中小企业", ["缩进的段落", "[注]: 本办法所称企业指中小企业"]),
        ("```\n一、目标\n```\n<!-- 说明 -->\n\n第一行<br>第二行", ["一、目标", "第一行", "第二行"]),
        (
            "指标 | 数值\n---|---:\n**床位** | 40\n增加\\|减少 | 1 | 多出",
            ["指标\t数值", "床位\t40", "增加|减少\t1\t多出"],
        ),
        (
            "| 序号 | 工作任务 | 责任单位 |\n|--|--|--|\n| 1 | 新建公园3个<br>并开放 | 市城管局 |",
            ["1.新建公园3个并开放。（责任单位：市城管局）"],
        ),
        (
            "<table><tr><td>序号</td><td>工作任务</td><td>责任单位</td></tr>\n\n<tr><td>2</td><td>修路</td><td>市交通局</td></tr></table>",
            ["2.修路。（责任单位：市交通局）"],
        ),
        (">" * 60 + "深", ["深"]),
    ],
)
def test_markdown(markdown: str, lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_text(markdown, "utf-8")
    assert read_document(path).text.split("\n") == lines


def test_markdown_that_the_parser_would_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_text("- " * 60 + "深", "utf-8")
    with pytest.raises(UnreadableDocument, match="more than 50 lists or quotations inside each other"):
        read_document(path)
