"""What can go wrong, by name; every message names the file, field or value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

_SHOWN = 80  # characters of a name that nobody knows


class KBError(Exception):
    """Anything that the knowledge base refuses, said so that the user can act on it."""


class UnreadableDocument(KBError):
    """A file that no text can be got out of."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = Path(path), reason


class IndexUnusable(KBError):
    """The index folder holds no generation, a broken one, or one built with another model or version."""


class ConfigurationUnusable(KBError):
    """A configuration file that cannot be read, or has a setting that is wrong."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class BuildInProgress(KBError):
    """Another build holds the lock on this index."""


class NotInKnowledgeBase(KBError):
    """An id or name that the knowledge base does not hold, and names that come near it."""

    def __init__(self, noun: Literal["document", "clause", "unit"], name: str, similar: Sequence[str] = ()) -> None:
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        super().__init__(f"no {noun} {shown!r}" + (f"; similar names: {', '.join(similar)}" if similar else ""))
        self.noun, self.name, self.similar = noun, shown, tuple(similar)


class InvalidQuery(KBError):
    """A query or filter value that cannot be asked; ``field`` names it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class ModelUnusable(KBError):
    """An encoder that cannot be loaded."""


class ThesaurusUnusable(KBError):
    """A thesaurus file with a line that cannot be used; ``line`` is its number, 0 when the file itself is at fault."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path, self.line, self.reason = path, line, reason


class RerankerUnusable(KBError):
    """A cross-encoder that cannot be loaded."""
