"""Older office formats (doc, wps, rtf, odt; xls, et, ods), converted to docx or xlsx by LibreOffice where it is installed."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
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
_LOOK = 0.02  # seconds from one look at whether it has ended to the next
# What a document names elsewhere is not fetched: links are blocked, and the only proxy is a port where nobody listens.
_NO_NETWORK = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


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
        source, settings = Path(folder) / "source", Path(folder) / "profile" / "user"
        source.write_bytes(data)
        settings.mkdir(parents=True)
        (settings / "registrymodifications.xcu").write_text(_NO_NETWORK, "utf-8")
        profile = settings.parent.as_uri()  # its own: a running LibreOffice would take over the command
        options = [f"-env:UserInstallation={profile}", "--headless", "--convert-to", target, "--outdir", folder]
        try:
            _run([*_without_network(), program, *options, str(source)], folder)
            return source.with_suffix(f".{target}").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise UnreadableDocument(path, Message("libreoffice-failed")) from error


def _run(command: Sequence[str], folder: str) -> None:
    """Run a conversion that knows of this machine its paths and language only, and end all that it has started."""
    known = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=known | {"HOME": folder, "TMPDIR": folder},
        start_new_session=True,
    )
    try:
        _await_end(process)
    finally:
        _end(process)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _await_end(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has ended, and leave it its number, which is that of its group: nobody else may get it before that is ended too."""
    if not hasattr(os, "waitid"):  # Windows has no groups
        process.wait(_TIMEOUT)
        return
    latest = time.monotonic() + _TIMEOUT
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > latest:
            raise subprocess.TimeoutExpired(process.args, _TIMEOUT)
        time.sleep(_LOOK)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and, where nobody has taken its number, all that it has started."""
    if process.returncode is None and hasattr(os, "killpg"):
        with suppress(OSError):  # nothing of it is left
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


@cache
def _without_network() -> tuple[str, ...]:
    """How a program is started in a network of its own, where nothing answers; () where the system does not let us."""
    command = ("unshare", "--map-current-user", "--net", "--")
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True, timeout=10)
    except (subprocess.SubprocessError, OSError):
        return ()
    return command
