"""What decides what is read out of a file, as one hash: the sources, the data, and the versions of the libraries that read.

Which sources these are is read off their imports, so that none is forgotten. A hash needs nobody to remember to raise a number;
a change that alters no result costs one full build.
"""

from __future__ import annotations

import hashlib
import re
import sys
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
    for path, content in files.items():
        digest.update(f"\n{path.relative_to(_PACKAGE).as_posix()}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def sources() -> tuple[dict[Path, bytes], tuple[str, ...]]:
    """The files, sources and data, that decide what is read, with their content, and the distributions of the libraries that they import."""
    folders = [path for folder in _WHOLE_FOLDERS for path in (_PACKAGE / folder).rglob("*") if path.is_file()]
    files = {path: path.read_bytes() for path in folders if "__pycache__" not in path.parts}
    libraries, seen = set(_RUN_ON), set[str]()
    waiting = {f"kb.{root}" for root in _ROOTS}.union(
        *(_imported(files[path]) for path in files if path.suffix == ".py")
    )
    while waiting:
        module = waiting.pop()
        seen.add(module)
        package, _, inside = module.partition(".")
        if package == "kb":
            source = _source_of(inside)
            if source is not None and source not in files:
                files[source] = source.read_bytes()
                waiting |= _imported(files[source]) - seen
            if inside:  # a package runs before what lies in it
                waiting |= {module.rpartition(".")[0]} - seen
        elif package not in sys.stdlib_module_names:
            libraries.add(_DISTRIBUTIONS.get(package, package))
    return dict(sorted(files.items())), tuple(sorted(libraries))


def _imported(source: bytes) -> set[str]:
    """The modules that a source names in its imports: "from kb import lexicon" → kb, kb.lexicon."""
    modules = set()
    for found in _IMPORT.finditer(source.decode("utf-8")):
        modules.add(found["module"] or found["package"])
        if found["names"] and found["package"].partition(".")[0] == "kb":
            modules |= {f"{found['package']}.{name}" for name in re.findall(r"\w+", found["names"])}
    return modules


def _source_of(inside: str) -> Path | None:
    """The source of a module of ours, None for a name that is none; the face of the whole package decides nothing."""
    path = _PACKAGE.joinpath(*inside.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return source if inside and source.is_file() else None


def _installed(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
