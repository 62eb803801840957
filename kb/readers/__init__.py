"""File → SourceText: the only place that knows file formats."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.models import SourceText
from kb.readers import archive

# suffix → module with ``read(path, data)``; imported when the first file of its kind comes, for some bring large libraries
_READERS = {
    ".txt": "plain", ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".shtml": "html", ".xhtml": "html", ".mht": "mhtml", ".mhtml": "mhtml",
    ".docx": "docx", ".docm": "docx", ".doc": "office", ".wps": "office", ".rtf": "office", ".odt": "office",
    ".pdf": "pdf", ".ofd": "ofd", ".xlsx": "xlsx",
}  # fmt: skip
SUFFIXES: frozenset[str] = frozenset(_READERS)
MOST_BYTES = 100_000_000  # a plan with scanned attachments reaches thirty million


def read(path: Path, data: bytes | None = None) -> SourceText:
    """The characters of one file, chosen by its suffix; UnreadableDocument says why when there are none.

    ``data`` is what the file holds when it does not lie at ``path`` by itself (in an archive).
    """
    reader = _READERS.get(path.suffix.lower())
    if path.suffix.lower() == ".zip" and data is None:
        members(path)
    if reader is None:
        raise UnreadableDocument(path, f"not a format that can be read ({', '.join(sorted(SUFFIXES))})")
    held = read_bytes(path) if data is None else data
    if not held.strip():
        raise UnreadableDocument(path, "the file is empty")
    if len(held) > MOST_BYTES:
        raise UnreadableDocument(path, f"has {len(held):,} bytes; {MOST_BYTES:,} are read at most")
    source: SourceText = import_module(f"kb.readers.{reader}").read(path, held)
    return source


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; UnreadableDocument when they cannot be had."""
    if path.is_dir():
        raise UnreadableDocument(path, "is a folder")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableDocument(path, "no such file") from error
    except PermissionError as error:
        raise UnreadableDocument(path, "no permission to read it") from error
    except OSError as error:
        raise UnreadableDocument(path, error.strerror or str(error)) from error


def members(path: Path) -> tuple[str, ...]:
    """Names of the files in a zip archive that can be read; UnreadableDocument when there is none."""
    return archive.members(path, read_bytes(path), SUFFIXES)


def read_member(path: Path, member: str) -> bytes:
    """The bytes of a file in a zip archive; UnreadableDocument when they cannot be had."""
    return archive.read_member(path, read_bytes(path), member)
