"""Scanned pages go through text recognition, say so, and are never taken for more than they are."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageFilter
from plans import FOUNDING_PLAN

from kb import readers
from kb.encoders import load_encoder
from kb.errors import UnreadableDocument
from kb.export import ledger
from kb.ingest.analysis import analyse
from kb.ingest.build import build
from kb.models import Scan
from kb.readers import pdf, picture, read_document, recognition
from kb.readers.printed import TextRun, printed_lines
from kb.readers.sheets import Sheet, source_of

needs_engine = pytest.mark.skipif(not recognition.is_installed(), reason="the extra for text recognition is missing")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The founding plan as a PDF file with a text layer."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("printed")
    profile = (folder / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run([*command, str(folder), str(FOUNDING_PLAN)], check=True, capture_output=True, timeout=120)
    return folder / "xiangtan-jichu-jiaoyu.pdf"


def scan(printed: Path, page: int, dots: int) -> Image.Image:
    """A page as a picture, so many dots an inch."""
    with pdfium.PdfDocument(printed) as document:
        return document[page].render(scale=dots / 72).to_pil().convert("L")


def with_a_scan_between(printed: Path, out: Path) -> None:
    """The first and last page as they are, the second as a picture."""
    picture_of_page = out.with_name("picture.pdf")
    scan(printed, 1, 200).save(picture_of_page, resolution=200)
    with pdfium.PdfDocument(printed) as text, pdfium.PdfDocument(picture_of_page) as scanned:
        mixed = pdfium.PdfDocument.new()
        mixed.import_pages(text, [0])
        mixed.import_pages(scanned, [0])
        mixed.import_pages(text, [2])
        mixed.save(out)
        mixed.close()


@needs_engine
def test_a_scanned_page_among_others_gives_the_same_facts(printed: Path, tmp_path: Path) -> None:
    with_a_scan_between(printed, path := tmp_path / "plan.pdf")
    found, expected = analyse(path), analyse(printed)
    assert [c.num for c in found.clauses] == [c.num for c in expected.clauses]
    assert [(r.unit, r.role) for r in found.responsibilities] == [(r.unit, r.role) for r in expected.responsibilities]
    assert [(t.value, t.unit) for t in found.targets] == [(t.value, t.unit) for t in expected.targets]
    pages = found.document.pages
    assert [span.start for span in found.document.recognised] == [pages[1]]
    assert all(clause.ocr for clause in found.clauses if clause.page == 2)
    assert not any(clause.ocr for clause in found.clauses if clause.page == 3)
    assert {bool(row.ocr) for row in ledger(found) if row.page == 2} == {True}


@needs_engine
def test_what_can_hardly_be_read_is_in_doubt(printed: Path, tmp_path: Path) -> None:
    path = tmp_path / "poor.jpg"
    scan(printed, 1, 100).filter(ImageFilter.GaussianBlur(1.2)).save(path, quality=20)
    parsed = analyse(path)
    assert parsed.document.pages == (0,)
    assert {clause.ocr for clause in parsed.clauses} == {"doubtful"}
    assert {clause.page for clause in parsed.clauses} == {1}


@needs_engine
def test_pictures_without_text(tmp_path: Path) -> None:
    path = tmp_path / "white.png"
    Image.new("L", (800, 1000), 255).save(path)
    with pytest.raises(UnreadableDocument, match="no text was recognised"):
        read_document(path)


def test_without_an_engine(printed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    with_a_scan_between(printed, path := tmp_path / "plan.pdf")
    source = pdf.read(path, path.read_bytes())
    assert source.unread_pages == (2,)
    assert len(source.pages) == 3
    only = path.with_name("picture.pdf")
    with pytest.raises(UnreadableDocument, match=r"not installed \(sh scripts/install ocr\)"):
        pdf.read(only, only.read_bytes())
    image = io.BytesIO()
    scan(printed, 0, 50).save(image, "PNG")
    with pytest.raises(UnreadableDocument, match="not installed"):
        picture.read(tmp_path / "scan.png", image.getvalue())


def test_a_build_says_what_is_not_to_be_trusted(
    printed: Path, tmp_path: Path, new_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    monkeypatch.setattr(readers, "_IN_PROCESS", frozenset(("pdf", "plain")))  # read here, where nothing is installed
    (tmp_path / "corpus").mkdir()
    with_a_scan_between(printed, tmp_path / "plan.pdf")
    (tmp_path / "plan.pdf").rename(tmp_path / "corpus" / "plan.pdf")
    report = build(tmp_path / "corpus", new_index, load_encoder())
    assert report.scans == (Scan("plan", "plan.pdf", 0, 0, (2,)),)
    again = build(tmp_path / "corpus", new_index, load_encoder())
    assert (again.copied, again.scans) == (1, report.scans)


def test_lines_are_in_doubt_when_one_piece_is() -> None:
    runs = [
        TextRun(10, 0, 40, 5, "到2025年"),
        TextRun(40, 1, 70, 6, "新建30所", sure=False),
        TextRun(20, 10, 30, 15, "二、"),
    ]
    lines = printed_lines(runs)
    assert [(line.text, line.sure) for line in lines] == [("到2025年新建30所", False), ("二、", True)]


def test_spans_of_pages(tmp_path: Path) -> None:
    def line(text: str, *, sure: bool = True) -> TextRun:
        return TextRun(0, 40, 10 * len(text), 50, text, sure)

    sheets = [
        Sheet(100, (line("甲"),)),
        Sheet(100, (line("乙"), line("丙丙", sure=False)), is_recognised=True),
        Sheet(100, (), is_unread=True),
    ]
    source = source_of(tmp_path / "a.pdf", b"", sheets)
    assert source.text == "甲\n乙\n丙丙"
    assert [source.text[span.start : span.end] for span in source.recognised] == ["乙\n丙丙"]
    assert [source.text[span.start : span.end] for span in source.doubtful] == ["丙丙"]
    assert (source.pages, source.unread_pages) == ((0, 2, 6), (3,))
