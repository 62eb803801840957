"""Files of records that are only added to, so that what has cost much is kept as it is made."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from kb.errors import IndexUnusable
from kb.messages import Message, reason_of

_CHECKSUM = "checksum"


class Journal:
    """One file of records of one size, each with a checksum of its fields. Of a last one that is incomplete, after a crash, and of damaged ones nothing is read."""

    def __init__(self, path: Path, **fields: DTypeLike) -> None:
        """``fields`` are the types of the fields by name."""
        self.path = path
        self._record = np.dtype([*fields.items(), (_CHECKSUM, "<u4")])

    @property
    def size(self) -> int:
        """The bytes in the file."""
        return self.path.stat().st_size if self.path.exists() else 0

    def read(self) -> NDArray[np.void]:
        """The records, in the order in which they were written; OSError."""
        written = self.path.read_bytes() if self.path.exists() else b""
        records = np.frombuffer(written, self._record, len(written) // self._record.itemsize)
        whole: NDArray[np.void] = records[records[_CHECKSUM] == _checksums(records)]
        return whole

    def append(self, **fields: ArrayLike) -> NDArray[np.void]:
        """Write records, given as one array a field, and return them; IndexUnusable when the disk refuses."""
        records = np.zeros(len(np.asarray(next(iter(fields.values())))), self._record)
        for name, values in fields.items():
            records[name] = values
        records[_CHECKSUM] = _checksums(records)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.truncate(file.tell() // self._record.itemsize * self._record.itemsize)
                file.write(records.tobytes())
        except OSError as error:
            raise IndexUnusable(self.path, Message("cannot-be-written", reason=reason_of(error))) from error
        return records


def _checksums(records: NDArray[np.void]) -> NDArray[np.uint32]:
    size = np.dtype(np.uint32).itemsize
    return np.array([zlib.crc32(record.tobytes()[:-size]) for record in records], np.uint32)
