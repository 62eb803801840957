"""The files of a storage, S3-compatible or any other that fsspec knows, brought into the folder of the corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from kb.corpus import READABLE
from kb.errors import KBError
from kb.messages import Message, reason_of

_KNOWN = ".storage.json"  # hidden, so no part of the corpus: what of it comes from the storage, and what the storage said of it then
_NEW = ".storage.new"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What has changed in the folder, and what could not be brought: paths relative to the storage."""

    new: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[str, ...]


def fetch(address: str, corpus: Path) -> Fetched:
    """Bring what is new or changed below an address (``s3://bucket/folder``) into a folder, and remove what is gone there; other files stay.

    What fsspec needs of keys and endpoints it takes from its own settings (FSSPEC_S3_ENDPOINT_URL, AWS_ACCESS_KEY_ID …). What no document
    is read from is passed over. KBError when fsspec or what it needs for this kind is not installed, or the storage cannot be read.
    """
    try:
        import fsspec  # noqa: PLC0415 - an extra

        storage, root = fsspec.url_to_fs(address)
        there = dict(_listed(storage, root))
    except ImportError as error:
        raise KBError(Message("no-storage", reason=reason_of(error))) from error
    except (OSError, ValueError) as error:
        raise KBError(Message("storage-failed", address=_shown(address), reason=reason_of(error))) from error
    if not there:  # a wrong address, for a storage has no empty folders: what came from the right one must not go
        raise KBError(Message("storage-failed", address=_shown(address), reason=Message("no-folder")))
    corpus.mkdir(parents=True, exist_ok=True)
    known = _read(corpus / _KNOWN)
    wanted = [path for path, mark in there.items() if known.get(path) != mark or not (corpus / path).is_file()]
    left_out = tuple(path for path in wanted if not _is_brought(storage, f"{root}/{path}", corpus, path))
    removed = tuple(path for path in known if path not in there and (corpus / path).is_file())
    for path in removed:
        (corpus / path).unlink()
    kept = {path: known.get(path, "") if path in left_out else mark for path, mark in there.items()}
    (corpus / _NEW).write_text(json.dumps(kept, ensure_ascii=False, indent=0), "utf-8")
    (corpus / _NEW).replace(corpus / _KNOWN)
    return Fetched(tuple(path for path in wanted if path not in left_out), removed, left_out)


def _is_brought(storage: Any, source: str, corpus: Path, path: str) -> bool:
    """Whether a file was brought; not one whose path leads elsewhere or is that of a folder."""
    if any(part.startswith(".") or "\\" in part or "\0" in part or not part for part in path.split("/")):
        return False
    try:
        storage.get_file(source, str(corpus / _NEW))
        (corpus / path).parent.mkdir(parents=True, exist_ok=True)
        (corpus / _NEW).replace(corpus / path)
    except OSError:
        return False
    return True


def _listed(storage: Any, root: str) -> Iterator[tuple[str, str]]:
    """The files that may hold documents, by path below the root, each with something that changes when it does."""
    storage.invalidate_cache()
    for path, found in sorted(storage.find(root, detail=True).items()):
        below = path.removeprefix(root).removeprefix("/")
        if PurePosixPath(below).suffix.lower() in READABLE:
            marks = (found.get(name) for name in ("ETag", "etag", "LastModified", "mtime", "created", "size"))
            yield below, " ".join(str(mark) for mark in marks if mark is not None)


def _read(path: Path) -> dict[str, str]:
    with suppress(OSError, ValueError, AttributeError):
        read = json.loads(path.read_bytes())
        return {str(name): str(mark) for name, mark in read.items() if mark}
    return {}


def _shown(address: str) -> str:
    """The address without keys that may stand in it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
