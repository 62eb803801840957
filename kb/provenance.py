"""What decides what is read out of a file, as one hash: the sources, the data, and the versions of the libraries that read.

A hash of the sources needs nobody to remember to raise a number; a change that alters no result costs one full build.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

_SOURCES = (
    "text.py",
    "numerals.py",
    "corpus.py",
    "analysis.py",
    "editions.py",
    "succession.py",
    "lexical/terms.py",
    "store/rows.py",
)
_SOURCE_FOLDERS = ("models", "lexicon", "readers", "parsing", "extraction", "organizations", "indexing")
_LIBRARIES = (
    "charset-normalizer",
    "lxml",
    "onnxruntime",
    "openpyxl",
    "pdfplumber",
    "pillow",
    "pypdfium2",
    "PyYAML",
    "pypinyin",
    "rapidocr",
    "selectolax",
)


@cache
def code_version() -> str:
    """A hash over everything that decides what is read out of a file."""
    package = Path(__file__).parent
    digest = hashlib.sha256(repr([(name, _installed(name)) for name in _LIBRARIES]).encode())
    files = [package / name for name in _SOURCES]
    for folder in _SOURCE_FOLDERS:
        files.extend(
            path for path in (package / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
    for path in sorted(files):
        digest.update(f"\n{path.relative_to(package).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _installed(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
