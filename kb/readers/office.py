"""Older office formats (doc, wps, rtf, odt): LibreOffice makes a Word document of them, where it is installed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.models import SourceText
from kb.readers import docx, html

_PROGRAMS = ("soffice", "libreoffice")
_PACKAGE = b"PK\x03\x04"
_PAGE = (b"<html", b"<!doctype html", b"<?xml")
_OLD = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf", _PACKAGE)
_PATIENCE = 120  # seconds; a plan takes two


def read(path: Path, data: bytes) -> SourceText:
    """What the file holds, whatever its name says it is; UnreadableDocument when there is no LibreOffice, or it fails.

    Many a .doc is a newer Word document or a web page by another name.
    """
    if data.startswith(_PACKAGE) and path.suffix.lower() != ".odt":
        return docx.read(path, data)
    if data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_PAGE):
        return html.read(path, data)
    if not data.startswith(_OLD):
        raise UnreadableDocument(path, f"not a {path.suffix[1:]} file, or a broken one")
    return _converted(path, data)


def _converted(path: Path, data: bytes) -> SourceText:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise UnreadableDocument(path, f"reading {path.suffix} files needs LibreOffice, which is not installed")
    with tempfile.TemporaryDirectory() as folder:
        # The name on disk is ours: a name with odd characters must not become an option or another place.
        source = Path(folder) / f"source{path.suffix.lower()}"
        source.write_bytes(data)
        profile = (Path(folder) / "profile").as_uri()  # its own: a running LibreOffice would swallow the command
        command = [
            program,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "docx",
            "--outdir",
            folder,
        ]
        try:
            subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=_PATIENCE)
            made = source.with_suffix(".docx").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise UnreadableDocument(path, "LibreOffice cannot read it") from error
    return replace(docx.read(path, made), sha256=hashlib.sha256(data).hexdigest())
