"""Hashes of files of the corpus, read again only when a file has been touched: 2,000 files are not read to find the one that changed.

What was hashed stands in ``hashes.json`` in the index folder with size, times and number of the file; the file may go, it only costs time.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from kb.corpus import CorpusFile

_FILE = "hashes.json"
# A file that was touched so shortly before it was hashed may be touched again without its times telling.
_SETTLED = 2_000_000_000  # nanoseconds

_Mark = list[int]  # times, size and number of the file and of the particulars beside it


class Hashes:
    """The hashes of files as they are now."""

    def __init__(self, index: Path) -> None:
        self._path = index / _FILE
        self._known: dict[str, tuple[_Mark, str]] = {}
        self._seen: dict[str, tuple[_Mark, str]] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            self._known = {name: (mark, sha256) for name, (mark, sha256) in json.loads(self._path.read_bytes()).items()}

    def of(self, file: CorpusFile) -> str:
        """The hash of a file; UnreadableDocument when it cannot be read."""
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
        """Keep what was asked for; a disk that refuses only costs time."""
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
