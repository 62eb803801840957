"""Hashes of the files of the corpus; only files that were touched are read, not 2,000 to find the one that changed.

They are cached in ``hashes.json`` in the index folder, with the size, times and inode of each file. Without it all files are read once.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from kb.corpus import CorpusFile

_FILE = "hashes.json"
# A file touched within so short a time before it is hashed may be touched again at the same time, by the clock of the file system.
_SETTLED = 2_000_000_000  # nanoseconds

_Mark = list[int]  # times, size and inode of the file and of the particulars beside it


class Hashes:
    """The hashes of files as they are now."""

    def __init__(self, index: Path) -> None:
        self._path = index / _FILE
        self._known: dict[str, tuple[_Mark, str]] = {}
        self._seen: dict[str, tuple[_Mark, str]] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            self._known = {name: (mark, sha256) for name, (mark, sha256) in json.loads(self._path.read_bytes()).items()}

    def of(self, file: CorpusFile) -> str:
        """The hash of a file and its particulars; UnreadableDocument when they cannot be read."""
        if file.refused:
            return file.sha256()  # which says why
        settled = time.time_ns() - _SETTLED
        name = os.fsencode(file.path / file.member).decode("utf-8", "backslashreplace")
        try:
            mark = _mark(file)
        except OSError:
            return file.sha256()  # which says what is wrong
        known, sha256 = self._known.get(name, ([], ""))
        if known != mark:
            sha256 = file.sha256()
        if max(mark[0::4] + mark[1::4]) < settled:
            self._seen[name] = mark, sha256
        return sha256

    def save(self) -> None:
        """Write the hashes that were asked for; a disk that refuses only costs time."""
        written = self._path.with_suffix(".new")
        with suppress(OSError):
            written.write_text(json.dumps(self._seen), "utf-8")
            written.replace(self._path)


def _mark(file: CorpusFile) -> _Mark:
    mark: _Mark = []
    for path in (file.path, file.particulars):
        if path is not None:
            found = path.stat()
            mark += [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino]
    return mark
