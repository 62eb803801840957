"""The format of a file: by its content, by its suffix only where the content does not tell."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.messages import Message

PACKAGE, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# suffix → name of the reader's module
OF_SUFFIX = {
    ".txt": "plain", ".csv": "delimited", ".tsv": "delimited", ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".shtml": "html", ".xhtml": "html", ".mht": "mhtml", ".mhtml": "mhtml",
    ".docx": "docx", ".docm": "docx", ".doc": "office", ".wps": "office", ".rtf": "office", ".odt": "office",
    ".pdf": "pdf", ".ofd": "ofd", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "office", ".et": "office", ".ods": "office",
    ".png": "picture", ".jpg": "picture", ".jpeg": "picture", ".tif": "picture", ".tiff": "picture", ".bmp": "picture",
    ".webp": "picture", ".gif": "picture",
}  # fmt: skip
# The part by which a zip package is recognised.
_PARTS = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("OFD.xml", "ofd"), ("content.xml", "office"))
_PICTURES = re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|RIFF....WEBP", re.DOTALL)
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,200}-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_MHTML = re.compile(rb"(?:(?:[\w-]+:|[ \t])[^\r\n]*\r?\n)*?MIME-Version:", re.IGNORECASE)
_HEAD = 4096  # bytes
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def reader_of(path: Path, data: bytes) -> str:
    """The module name of the reader for a file; UnreadableDocument when there is none, or the file is encrypted as a whole.

    A Word document named .pdf → "docx"; a web page named .doc → "html"
    """
    if data.startswith(OLD_OFFICE) and _ENCRYPTED in data:
        raise UnreadableDocument(path, Message("encrypted"))
    by_name = OF_SUFFIX.get(path.suffix.lower(), "")
    reader = _by_content(data) or by_name
    if not reader:
        raise UnreadableDocument(path, Message("unknown-format", formats=tuple(sorted(OF_SUFFIX))))
    return reader


def _by_content(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(PACKAGE):
        return _of_package(data)
    if data.startswith((OLD_OFFICE, b"{\\rtf")):
        return "office"
    if _PICTURES.match(data):
        return "picture"
    if _HTML.match(data[:_HEAD]):
        return "html"
    return "mhtml" if _MHTML.match(data[:_HEAD]) else ""


def _of_package(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return ""
    return next((reader for part, reader in _PARTS if part in names), "")
