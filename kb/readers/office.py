"""Older office formats (doc, wps, rtf, odt; xls, et, ods), converted to docx or xlsx by LibreOffice where it is installed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers import docx, xlsx
from kb.readers.decoding import familiarity
from kb.readers.kinds import OLD_OFFICE, PACKAGE

_PROGRAMS = ("soffice", "libreoffice")
_SHEETS = ("Workbook".encode("utf-16-le"), b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
_FAMILIAR = 0.6  # share of familiar characters; binary data lies below 0.3
_TIMEOUT = 120  # seconds; a plan takes two


def read(path: Path, data: bytes) -> SourceText:
    """The text of the file, by its content, not its suffix; UnreadableDocument when LibreOffice is missing or fails."""
    if not data.startswith((OLD_OFFICE, PACKAGE, b"{\\rtf")):
        raise UnreadableDocument(path, Message("broken-file", format=path.suffix[1:]))
    if any(signature in data for signature in _SHEETS):
        source = xlsx.read(path, _convert(path, data, "xlsx"))
    else:
        source = docx.read(path, _convert(path, data, "docx"))
    if familiarity(source.text) < _FAMILIAR:  # LibreOffice opens any bytes as text
        raise UnreadableDocument(path, Message("broken-file", format=path.suffix[1:]))
    return replace(source, sha256=hashlib.sha256(data).hexdigest())


def _convert(path: Path, data: bytes, target: str) -> bytes:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise UnreadableDocument(path, Message("needs-libreoffice", format=path.suffix))
    with tempfile.TemporaryDirectory() as folder:
        # A fixed name: one with odd characters must not become an option or another path.
        source = Path(folder) / "source"
        source.write_bytes(data)
        profile = (Path(folder) / "profile").as_uri()  # its own: a running LibreOffice would take over the command
        command = [
            program,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            target,
            "--outdir",
            folder,
        ]
        try:
            subprocess.run(
                [*command, str(source)], check=True, capture_output=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL
            )
            return source.with_suffix(f".{target}").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise UnreadableDocument(path, Message("libreoffice-failed")) from error
