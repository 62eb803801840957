"""Policy documents in; clauses, responsible units, targets and a search that points at the source out.

    from kb import KnowledgeBase, build, parse

``parse`` reads one file, ``build`` brings an index up to date with a folder of files, ``KnowledgeBase.open`` answers questions; what
they take and return are the dataclasses of ``kb.models``, which can be imported from here too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kb import models
from kb.models import *  # noqa: F403 - they are public here as well

if TYPE_CHECKING:
    from kb.ingest.analysis import analyse as parse
    from kb.ingest.build import build
    from kb.knowledge_base import KnowledgeBase

__version__ = "0.1.0"
__all__ = [*models.__all__, "KnowledgeBase", "build", "parse"]  # noqa: PLE0604 - the names of another module

# Imported when first asked for: a command that reads one file need not load the search.
_WHERE = {
    "KnowledgeBase": ("kb.knowledge_base", "KnowledgeBase"),
    "build": ("kb.ingest.build", "build"),
    "parse": ("kb.ingest.analysis", "analyse"),
}


def __getattr__(name: str) -> Any:
    """``KnowledgeBase``, ``build`` and ``parse``."""
    if name not in _WHERE:
        raise AttributeError(f"module 'kb' has no attribute {name!r}")
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)
