"""What decides what is read out of a file, as one hash: the sources, the data, and the versions of the libraries that read.

Which sources these are is read off their imports, so that none is forgotten. A hash needs nobody to remember to raise a number;
a change that alters no result costs one full build.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
# What turns files into the rows, words and vectors of a generation; the rest is what they import.
_ROOTS = ("ingest.analysis", "ingest.entries", "index.store.writing", "index.words.writing", "index.vectors.writing")
# Loaded by a name that only the run tells; the lexicon is data.
_WHOLE_FOLDERS = ("readers", "lexicon")
_IMPORT = re.compile(
    r"""^[ ]*(?:
        from[ ](?P<package>[\w.]+)[ ]import[ ](?P<names>\([^)]*\)|.+)   # from kb.text import (normalise, sentences)
      | import[ ](?P<module>[\w.]+)                                     # import lxml.etree
    )""",
    re.VERBOSE | re.MULTILINE,
)
# Distributions that are called otherwise than what is imported, and what a library runs on.
_DISTRIBUTIONS = {"PIL": "pillow", "yaml": "PyYAML", "pdfminer": "pdfminer.six", "faiss": "faiss-cpu"}
_RUN_ON = ("onnxruntime",)


@cache
def code_version() -> str:
    """A hash over everything that decides what is read out of a file."""
    files, libraries = sources()
    digest = hashlib.sha256(repr([(name, _installed(name)) for name in libraries]).encode())
    for path in files:
        digest.update(f"\n{path.relative_to(_PACKAGE).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def sources() -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The files, sources and data, that decide what is read, and the distributions of the libraries that they import."""
    folders = [path for folder in _WHOLE_FOLDERS for path in (_PACKAGE / folder).rglob("*") if path.is_file()]
    waiting = [path for path in folders if path.suffix == ".py"]
    waiting += [path for root in _ROOTS for path in _files_of(f"kb.{root}")]
    seen, libraries = {path for path in folders if "__pycache__" not in path.parts}, set(_RUN_ON)
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for module in _imported(path):
            own = list(_files_of(module))
            waiting += [file for file in own if file not in seen]
            library = module.partition(".")[0]
            if not own and library not in sys.stdlib_module_names and library != "kb":
                libraries.add(_DISTRIBUTIONS.get(library, library))
    return tuple(sorted(seen)), tuple(sorted(libraries))


def _imported(path: Path) -> Iterator[str]:
    """The modules that a source names in its imports: "from kb import lexicon" → kb, kb.lexicon."""
    for found in _IMPORT.finditer(path.read_text("utf-8")):
        if found["module"]:
            yield found["module"]
            continue
        yield found["package"]
        if found["package"].partition(".")[0] == "kb":
            yield from (f"{found['package']}.{name}" for name in re.findall(r"\w+", found["names"]))


def _files_of(module: str) -> Iterator[Path]:
    """The source of one of our modules and those of the packages that it lies in; none for what is no module of ours."""
    package, *names = module.split(".")
    path = _PACKAGE.joinpath(*names)
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if package == "kb" and names and source.is_file():
        yield source
        yield from _files_of(module.rpartition(".")[0])


def _installed(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
