"""A corpus of real texts as files of mixed formats: what the trials are made with. The texts are others'; the folder stays out of the project."""

from __future__ import annotations

import html
import itertools
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import openpyxl
from real_texts import LAWS, POLICIES, drawn, read_texts

from kb.models import SourceText

# One document in so many; the rest goes round the formats that cost nothing.
_XLSX, _ZIPPED, _IN_A_ZIP = 40, 25, 5
_BY_OFFICE = ("pdf", "doc")  # LibreOffice makes these
_LONGEST = 60_000  # characters of a text that LibreOffice is given
_ASIDE = re.compile(r"（(?:责任单位|牵头单位|责任部门)：([^（）]{2,200})）")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s.]+')


def make(folder: Path, data: Path, count: int, by_office: int, seed: int = 1) -> dict[str, int]:
    """Write so many documents into the folder, ``by_office`` of each of pdf and doc, and return how many there are of each format."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [text for name in (POLICIES, LAWS) for text in read_texts(data / name)]
    chosen = drawn(texts, count, seed)
    made: dict[str, int] = {}
    office = [text for text in chosen if len(text.text) < _LONGEST][: by_office * len(_BY_OFFICE)]
    for suffix, some in zip(_BY_OFFICE, _halves(office), strict=True):
        made[suffix] = _converted(folder, some, suffix)
    rest = [text for text in chosen if text not in set(office)]
    zipped, rest = rest[:: _ZIPPED * _IN_A_ZIP][:20], [t for i, t in enumerate(rest) if i % (_ZIPPED * _IN_A_ZIP)]
    for number, text in enumerate(zipped):
        members = [text, *(rest.pop() for _ in range(_IN_A_ZIP - 1))]
        with zipfile.ZipFile(folder / f"packed-{number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for member in members:
                archive.writestr(f"{_name(member)}.txt", member.text)
        made["zip"] = made.get("zip", 0) + len(members)
    writers = itertools.cycle(_WRITERS.items())
    for text in rest:
        tasks = _ASIDE.search(text.text)
        suffix, write = ("xlsx", _write_xlsx) if tasks else next(writers)
        write(folder / f"{_name(text)}.{suffix}", text.text)
        made[suffix] = made.get(suffix, 0) + 1
    return made


def _halves(texts: Sequence[SourceText]) -> tuple[Sequence[SourceText], Sequence[SourceText]]:
    return texts[::2], texts[1::2]


def _name(text: SourceText) -> str:
    return _NOT_IN_NAMES.sub("-", text.name)[:60].strip("-")


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in _NOT_IN_XML.sub("", text).split("\n") if line.strip()]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def _write_html(path: Path, text: str) -> None:
    lines = _paragraphs(text)
    body = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines)
    path.write_text(
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{html.escape(lines[0][:80])}</title></head>"
        f"<body><div class='nav'><a href='/'>首页</a></div><div id='zoom'>{body}</div></body></html>",
        "utf-8",
    )


def _write_docx(path: Path, text: str) -> None:
    document = docx.Document()
    for line in _paragraphs(text):
        document.add_paragraph(line)
    document.save(str(path))


def _write_xlsx(path: Path, text: str) -> None:
    """The tasks of a plan that names units in brackets, as the table that offices keep."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    lines = _paragraphs(text)
    sheet.append([lines[0][:80]])
    sheet.append(["序号", "任务", "责任单位"])
    for line in lines:
        if found := _ASIDE.search(line):
            sheet.append([sheet.max_row - 1, _ASIDE.sub("", line), found[1]])
    book.save(path)


_WRITERS: dict[str, Callable[[Path, str], None]] = {
    "txt": _write_text,
    "md": _write_text,
    "html": _write_html,
    "docx": _write_docx,
}


def _converted(folder: Path, texts: Sequence[SourceText], suffix: str) -> int:
    """Word documents handed to LibreOffice all at once."""
    office = next(filter(None, map(shutil.which, ("soffice", "libreoffice"))), None)
    if office is None or not texts:
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        sources = [Path(scratch) / f"{_name(text)}.docx" for text in texts]
        for path, text in zip(sources, texts, strict=True):
            _write_docx(path, text.text)
        profile = (Path(scratch) / "profile").as_uri()
        command = [
            office,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            suffix,
            "--outdir",
            scratch,
        ]
        subprocess.run([*command, *map(str, sources)], check=True, capture_output=True)
        made = [path.with_suffix(f".{suffix}") for path in sources]
        for path in made:
            shutil.move(path, folder / path.name)
    return len(made)
