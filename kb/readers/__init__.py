"""File → SourceText: the only place that knows file formats."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.models import SourceText

# suffix → module with ``read(path, data)``; imported when the first file of its kind comes, for some bring large libraries
_READERS = {
    ".txt": "plain", ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".shtml": "html", ".xhtml": "html", ".mht": "mhtml", ".mhtml": "mhtml",
    ".docx": "docx", ".docm": "docx", ".doc": "office", ".wps": "office", ".rtf": "office", ".odt": "office",
    ".pdf": "pdf", ".ofd": "ofd", ".xlsx": "xlsx",
}  # fmt: skip
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
    source: SourceText = import_module(f"kb.readers.{reader}").read(path, data)
    return source
