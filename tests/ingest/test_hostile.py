"""Broken, mislabelled and hostile files are refused with a reason, in bounded time and memory, and take nothing else with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from PIL import Image
from plans import ROOT

from kb.corpus import corpus_files, read_particulars
from kb.encoders import load_encoder
from kb.errors import UnreadableDocument
from kb.ingest.build import build
from kb.readers import MOST_BYTES, isolation, read_document, xlsx
from kb.readers.isolation import ReaderProcess, limit_seconds
from kb.readers.package import BROKEN, open_package

PLAN = "一、总体要求\n各县区人民政府要加强组织领导，到2025年新建学校30所。（责任单位：市教育局）\n"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
) + b"]>"  # fmt: skip


def zipped(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def word(body: bytes) -> bytes:
    return zipped({"word/document.xml": f"<w:document {W}><w:body>".encode() + body + b"</w:body></w:document>"})


def workbook(sheet: Callable[[bytes], bytes]) -> bytes:
    """A workbook of one cell, its sheet rewritten."""
    out = BytesIO()
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "任务"
    book.save(out)
    with zipfile.ZipFile(out) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return zipped(parts | {"xl/worksheets/sheet1.xml": sheet(parts["xl/worksheets/sheet1.xml"])})


def pdf(objects: list[bytes]) -> bytes:
    numbered = [b"%d 0 obj%bendobj\n" % (number, one) for number, one in enumerate(objects, 1)]
    return b"%PDF-1.4\n" + b"".join(numbered) + b"trailer<</Root 1 0 R>>\n%%EOF"


def page(content: bytes, box: bytes = b"0 0 595 842") -> bytes:
    packed = zlib.compress(content)
    return pdf([
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>" % box,
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream " % (len(packed), packed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>/Length 5>>stream\n/X Do\nendstream ",
    ])  # fmt: skip


HOSTILE: dict[str, tuple[bytes, str]] = {
    # too much
    "long.txt": ("要加强组织领导的建设".encode() * 150_000, "1,500,000 characters; 1,000,000 are read"),
    "bomb.docx": (zipped({"word/document.xml": bytes(300_000_000)}), "unpacks to more"),
    "entities.docx": (zipped({"word/document.xml": BOMB + f"<w:document {W}>&j;</w:document>".encode()}), "cannot be read"),
    "entities.ofd": (zipped({"OFD.xml": BOMB + f"<ofd:OFD {OFD}>&j;</ofd:OFD>".encode()}), "cannot be read"),
    "entities.xlsx": (workbook(lambda sheet: BOMB + sheet.replace(b"<sheetData>", b"<sheetData>&j;")), "or a broken one"),
    "bomb.ofd": (zipped({"OFD.xml": bytes(300_000_000)}), "unpacks to more"),
    "bomb.xlsx": (workbook(lambda sheet: sheet + bytes(300_000_000)), "unpacks to more"),
    "merged.xlsx": (
        workbook(lambda s: s.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
        "more than 500,000 cells",
    ),
    "far.xlsx": (
        workbook(lambda s: s.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')),
        "more than 500,000 cells",
    ),
    "nested.html": (b"<div>" * 100_000 + PLAN.encode(), "tags inside each other"),
    "tables.html": (b"<table><tr><td>" * 5_000 + PLAN.encode(), "tags inside each other"),
    "attributes.html": (b"<p " + b"a=b " * 100_000 + b">" + PLAN.encode(), "more than 5,000 attributes"),
    "parts.mht": (b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: a/b\n\n" * 9000, "parts"),
    # loops
    "pages.pdf": (pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 99999999>>"]), "PDF"),
    "form.pdf": (page(b"/X Do"), "no text in it"),
    "stream.pdf": (page(b" " * 200_000_000), "no text in it"),
    "objects.pdf": (pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", *[b"<<>>"] * 1_000_000]), ""),
    # broken, encrypted, none of what they say
    "old.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "zeros.pdf": (bytes(1_000_000), "not a PDF file"),
    "noise.docx": (os.urandom(10_000), "not a docx file"),
    "program.txt": (b"\x7fELF" + bytes(range(256)) * 100, "not text"),
    "archive.txt": (b"7z\xbc\xaf\x27\x1c" + bytes(100), "a compressed file"),
    "empty.pdf": (b"", "the file is empty"),
    "inside.zip": (b"PK\x03\x04", "not a zip file"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(name: str, tmp_path: Path) -> None:
    data, reason = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument) as error:
        read_document(path)
    assert reason in str(error.value.reason)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("links.md", b"[a](" * 100_000),
        ("stars.md", b"**a " * 100_000),
        ("pipes.md", b"|" * 500_000 + b"x"),
        ("brackets.txt", "（".encode() * 500_000),
        ("blanks.txt", "一、".encode() + b" " * 900_000),
        ("nested.docx", word(b"<w:tbl><w:tr><w:tc>" * 60 + b"<w:p><w:r><w:t>x</w:t></w:r></w:p>" + b"</w:tc></w:tr></w:tbl>" * 60)),
        ("numbers.ofd", zipped({
            "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocRoot>D.xml</ofd:DocRoot></ofd:OFD>".encode(),
            "D.xml": f'<ofd:Document {OFD}><ofd:Page BaseLoc="P.xml"/></ofd:Document>'.encode(),
            "P.xml": f'<ofd:Page {OFD}><ofd:TextObject Boundary="nan inf 1e999 -5" Size="nan"><ofd:TextCode X="nan">{PLAN}</ofd:TextCode></ofd:TextObject></ofd:Page>'.encode(),
        })),
        ("drawing.pdf", page(b"BT /F 9 Tf 50 700 Td (hello world and all of it) Tj ET " + b"1 1 m 2 2 l S " * 50_000)),
        ("wide.pdf", page(b"BT /F 9 Tf 50 700 Td (hello world and all of it) Tj ET", b"0 0 900000 900000")),
    ],
)  # fmt: skip
def test_odd_but_read(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert read_document(path).text


def test_external_entities_bring_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("机密")
    bomb = f'<!DOCTYPE d [<!ENTITY a SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    body = f"<w:document {W}><w:body><w:p><w:r><w:t>公开&a;</w:t></w:r></w:p></w:body></w:document>"
    path = tmp_path / "a.docx"
    path.write_bytes(zipped({"word/document.xml": (bomb + body).encode()}))
    assert read_document(path).text == "公开"


def test_large_files_are_not_opened(tmp_path: Path) -> None:
    for name in ("a.txt", "a.pdf", "a.zip"):
        with (tmp_path / name).open("wb") as out:
            out.truncate(2 * MOST_BYTES)
        with pytest.raises(UnreadableDocument, match=r"200,000,000 bytes|not a zip file"):
            read_document(tmp_path / name)


# --- by another name ------------------------------------------------------------------------------


def test_files_are_read_as_what_they_are(tmp_path: Path) -> None:
    document, book, out = docx.Document(), openpyxl.Workbook(), BytesIO()
    document.add_paragraph("一、总体要求")
    document.save(out)
    book.worksheets[0].append(["序号", "总体要求"])
    sheet = BytesIO()
    book.save(sheet)
    page_of_html = f"<!DOCTYPE html><html><body><p>{PLAN}</p></body></html>".encode()
    saved = (
        b"From: <Saved by Browser>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        + page_of_html
    )
    for name, data in {
        "word.pdf": out.getvalue(), "word.txt": out.getvalue(), "sheet.docx": sheet.getvalue(), "page.doc": page_of_html,
        "page.pdf": page_of_html, "page.txt": page_of_html, "saved.doc": saved, "none": out.getvalue(),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        text = read_document(tmp_path / name).text
        assert "总体要求" in text
        assert "<" not in text


def test_a_picture_named_txt_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "picture.txt"
    Image.new("L", (40, 5)).save(path, "GIF")
    with pytest.raises(UnreadableDocument, match=r"no text was recognised|not installed"):
        read_document(path)


# --- what lies in the folder ----------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "plan.txt").write_text(PLAN, "utf-8")
    return folder


@pytest.mark.skipif(os.name == "nt", reason="needs a Unix file system")
def test_what_is_no_file_is_said(corpus: Path, tmp_path: Path, new_index: Path) -> None:
    (tmp_path / "outside.txt").write_text("二、机密\n", "utf-8")
    (corpus / "link.txt").symlink_to(tmp_path / "outside.txt")
    (corpus / "inner.txt").symlink_to(corpus / "plan.txt")
    (corpus / "loop.txt").symlink_to(corpus / "loop.txt")
    (corpus / "folder").symlink_to(tmp_path)
    os.mkfifo(corpus / "pipe.txt")
    (corpus / "two\nlines.txt").write_text(PLAN + "1", "utf-8")
    (Path(os.fsdecode(os.fsencode(corpus) + b"/\xff\xfe.txt"))).write_text(PLAN + "2", "utf-8")
    report = build(corpus, new_index, load_encoder())
    assert report.documents == 1
    reasons = {Path(failure.source).name: failure.reason for failure in report.failures}
    assert "leads out of the folder" in reasons.pop("link.txt")
    assert "a link to a folder" in reasons.pop("folder")
    assert "a pipe or a device" in reasons.pop("pipe.txt")
    assert "symbolic links" in reasons.pop("loop.txt")
    assert "line break" in reasons.pop("two\nlines.txt")
    assert list(reasons.values()) == ["its name is no text in UTF-8"]
    assert [(same.source, same.same_as) for same in report.duplicates] == [("inner.txt", "plan.txt")]


def test_archives_with_surprises(corpus: Path, new_index: Path) -> None:
    inner = zipped({"deep.txt": PLAN.encode()})
    members = {
        "a.txt": b"\0" * 90_000_000,
        "b.zip": inner,
        "c.exe": b"MZ",
        "/etc/passwd.txt": PLAN.encode(),
        "good.txt": PLAN.encode() + b"1",
    }
    (corpus / "all.zip").write_bytes(zipped(members))
    report = build(corpus, new_index, load_encoder())
    assert report.documents == 2
    reasons = {failure.source.rpartition("all.zip/")[2]: failure.reason for failure in report.failures}
    assert "unpacks to more" in reasons["a.txt"]
    assert "archive inside an archive" in reasons["b.zip"]
    assert "not a format" in reasons["c.exe"]
    assert any("leads out of it" in reason for reason in reasons.values())


@pytest.mark.skipif(not Path("/usr/bin/zip").exists(), reason="needs the program zip")
def test_archive_with_a_password(corpus: Path) -> None:
    subprocess.run(
        ["zip", "-q", "-P", "secret", "-j", str(corpus / "closed.zip"), str(corpus / "plan.txt")], check=True
    )
    closed = next(file for file in corpus_files(corpus) if file.member)
    with pytest.raises(UnreadableDocument, match="encrypted"):
        closed.read()


def test_particulars_that_mean_terabytes(tmp_path: Path) -> None:
    lines = ["title: &a0 [x, x]", *(f"x{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 12))]
    path = tmp_path / "a.yaml"
    path.write_text("issuers:\n- &a [x,x,x,x,x,x]\n- &b [*a,*a,*a,*a,*a,*a]\n- [*b,*b,*b,*b]\n", "utf-8")
    with pytest.raises(UnreadableDocument, match="issuers: one value expected"):
        read_particulars(path)
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(UnreadableDocument, match="no such field"):
        read_particulars(path)


# --- a process that reads -------------------------------------------------------------------------

READERS_THAT_FAIL = """
import os, time
def read(path, data):
    if path.name == "loop":
        while True: pass
    if path.name == "memory":
        return [bytes(1_000_000_000) for _ in range(100)]
    if path.name == "crash":
        os.abort()
    if path.name == "mistake":
        raise KeyError("cell")
    from kb.models import SourceText
    return SourceText(path.name, "text", "")
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a Unix system")
def test_one_file_ends_neither_the_program_nor_the_next_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "failing.py").write_text(
        READERS_THAT_FAIL.replace(
            '"loop":\n', '"loop":\n        from kb.readers import isolation; isolation.limit_seconds(0.2)\n'
        ),
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    worker = ReaderProcess()
    for name, reason in {
        "loop": "takes too long",
        "memory": f"more than {isolation.MOST_MEMORY:,} bytes of memory",
        "crash": "takes the program down",
        "mistake": "cannot be read (KeyError: 'cell')",
    }.items():
        with pytest.raises(UnreadableDocument) as error:
            worker.run_reader("failing", Path(name), b"")
        assert reason in str(error.value.reason)
        assert worker.run_reader("failing", Path("good"), b"").text == "text"
    worker.close()


def test_a_script_without_a_main_guard_may_read(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word("<w:p><w:r><w:t>一、总体要求</w:t></w:r></w:p>".encode()))
    script = f"from pathlib import Path\nfrom kb.readers import read_document\nprint(read_document(Path({str(tmp_path / 'a.docx')!r})).text)"
    ran = subprocess.run([sys.executable, "-"], input=script.encode(), capture_output=True, check=True, cwd=ROOT)
    assert ran.stdout.decode().strip() == "一、总体要求"
    assert not ran.stderr


def test_nothing_is_bounded_in_the_program_itself() -> None:
    assert limit_seconds(1) == 0


def test_broken_packages_raise_what_is_expected(tmp_path: Path) -> None:
    whole = workbook(lambda sheet: sheet)
    for cut in range(0, len(whole), 97):
        broken = whole[:cut] + bytes(10) + whole[cut + 10 :]
        try:
            xlsx.read(tmp_path / "a.xlsx", broken)
        except UnreadableDocument:
            continue
        except (SyntaxError, *BROKEN):  # what the process that reads turns into a reason
            continue
    assert open_package(tmp_path / "a.xlsx", whole).namelist()
