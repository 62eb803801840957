"""File → SourceText: the only place that knows file formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from kb.errors import UnreadableDocument
from kb.models import SourceText
from kb.readers import html, plain

_READERS: Mapping[str, Callable[[Path, bytes], SourceText]] = MappingProxyType(
    {".txt": plain.read, ".html": html.read, ".htm": html.read}
)
SUFFIXES: frozenset[str] = frozenset(_READERS)


def read(path: Path) -> SourceText:
    """The characters of one file, chosen by its suffix; UnreadableDocument says why when there are none."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableDocument(path, f"not a format that can be read ({', '.join(sorted(SUFFIXES))})")
    if path.is_dir():
        raise UnreadableDocument(path, "is a folder")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableDocument(path, "no such file") from error
    except PermissionError as error:
        raise UnreadableDocument(path, "no permission to read it") from error
    except OSError as error:
        raise UnreadableDocument(path, error.strerror or str(error)) from error
    if not data.strip():
        raise UnreadableDocument(path, "the file is empty")
    return reader(path, data)
