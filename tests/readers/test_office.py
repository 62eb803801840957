"""What a conversion of an older office format may do: a stand-in for LibreOffice tells what it was given and what it could reach."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest
from answers import eventually

from kb.errors import UnreadableDocument
from kb.readers import office

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SCRIPT = """#!/bin/bash
env > {told}/environment
cp -r "${{1#-env:UserInstallation=file://}}" {told}/profile
sleep 300 & echo $! > {told}/child
if echo hello 2>/dev/null > /dev/tcp/127.0.0.1/{port}; then touch {told}/reached; fi
{then}
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    folder = tmp_path / "told"
    folder.mkdir()
    return folder


def convert(told: Path, monkeypatch: pytest.MonkeyPatch, then: str, port: int = 9) -> None:
    """Convert with a stand-in that does this at the end; it always fails, for it writes nothing."""
    program = told.parent / "soffice"
    program.write_text(SCRIPT.format(told=told, port=port, then=then), "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(UnreadableDocument, match="LibreOffice"):
        office.read(Path("plan.doc"), OLD)


def test_it_knows_no_secrets(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_API_KEY", "a secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
    convert(told, monkeypatch, "exit 1")
    environment = (told / "environment").read_text("utf-8")
    assert "a secret" not in environment
    assert "another secret" not in environment
    assert "PATH=" in environment
    assert f"HOME={Path.home()}\n" not in environment


@pytest.mark.parametrize("then", ["exit 1", "exit 0", "sleep 300"])
def test_nothing_of_it_is_left(told: Path, monkeypatch: pytest.MonkeyPatch, then: str) -> None:
    monkeypatch.setattr(office, "_TIMEOUT", 3)
    convert(told, monkeypatch, then)
    child = int((told / "child").read_text())
    eventually(lambda: not _runs(child))


def test_it_reaches_nobody(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        convert(told, monkeypatch, "exit 1", server.getsockname()[1])
    settings = (told / "profile" / "user" / "registrymodifications.xcu").read_text("utf-8")
    assert "BlockUntrustedRefererLinks" in settings
    assert "ooInetHTTPProxyName" in settings
    if not office._without_network():
        pytest.skip("this system lets nobody have a network of their own: only LibreOffice's settings were looked at")
    assert not (told / "reached").exists()


def _runs(process: int) -> bool:
    """Whether a process lives; one that has ended and waits for its parent does not."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(said.stdout.strip()) and not said.stdout.startswith("Z")
