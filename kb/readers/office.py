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
from kb.readers import docx

_PROGRAMS = ("soffice", "libreoffice")
_PATIENCE = 120  # seconds; a plan takes two


def read(path: Path, data: bytes) -> SourceText:
    """What the Word document that LibreOffice makes of the file holds; UnreadableDocument when there is no LibreOffice, or it fails."""
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
