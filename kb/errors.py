"""What can go wrong, by name; every message names the file, field or value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from kb.messages import Message

_SHOWN = 80  # characters of a name that nobody knows


class KBError(Exception):
    """Anything that the knowledge base refuses, said so that the user can act on it; ``str()`` is English.

    Subclasses take where it happened and why: ``raise UnreadableDocument(path, Message("encrypted"))``.
    """

    def __init__(self, message: Message) -> None:
        self.message = message

    def __str__(self) -> str:
        return str(self.message)

    @property
    def code(self) -> str:
        """The code of what is at the bottom of it: "encrypted"."""
        return self.message.cause.code


class UnreadableDocument(KBError):
    """A file that no text can be got out of."""

    def __init__(self, path: Path | str, reason: Message) -> None:
        super().__init__(Message("unreadable-document", path=path, reason=reason))
        self.path, self.reason = Path(path), reason


class IndexUnusable(KBError):
    """The index folder holds no generation, a broken one, or one built with another model or version; or it cannot be written."""

    def __init__(self, path: Path | str, reason: Message) -> None:
        super().__init__(Message("index-unusable", path=path, reason=reason))
        self.path, self.reason = path, reason


class ConfigurationUnusable(KBError):
    """A configuration file that cannot be read, or has a setting that is wrong."""

    def __init__(self, path: Path, reason: Message) -> None:
        super().__init__(Message("configuration-unusable", path=path, reason=reason))


class WrongUsage(KBError):
    """Arguments of a command that do not fit together."""


class BuildInProgress(KBError):
    """Another build holds the lock on this index."""

    def __init__(self, index: Path | str) -> None:
        super().__init__(Message("build-in-progress", index=index))


class NotInKnowledgeBase(KBError):
    """An id or name that the knowledge base does not hold, or no older version of it, and names that come near it."""

    def __init__(
        self, noun: Literal["document", "clause", "unit", "version"], name: str, similar: Sequence[str] = ()
    ) -> None:
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        reason = {
            "document": Message("no-document", name=shown),
            "clause": Message("no-clause", name=shown),
            "unit": Message("no-unit", name=shown),
            "version": Message("no-older-version", document=shown),
        }[noun]
        super().__init__(Message("similar-names", reason=reason, names=tuple(similar)) if similar else reason)


class InvalidQuery(KBError):
    """A query or filter value that cannot be asked; ``field`` names it."""

    def __init__(self, field: str, reason: Message) -> None:
        super().__init__(Message("invalid-query", field=field, reason=reason))
        self.field, self.reason = field, reason


class AuditLogUnusable(KBError):
    """The log of changes cannot be written, so nothing is changed."""

    def __init__(self, reason: Message) -> None:
        super().__init__(Message("no-audit-log", reason=reason))


class ModelUnusable(KBError):
    """An encoder that cannot be loaded."""

    def __init__(self, model: Path | str, reason: Message) -> None:
        super().__init__(Message("model-unusable", model=model, reason=reason))


class ThesaurusUnusable(KBError):
    """A thesaurus file that cannot be read, or has a line that cannot be used."""

    def __init__(self, path: Path, reason: Message) -> None:
        super().__init__(Message("thesaurus-unusable", path=path, reason=reason))


class RerankerUnusable(KBError):
    """A cross-encoder that cannot be loaded."""

    def __init__(self, model: str, reason: Message) -> None:
        super().__init__(Message("reranker-unusable", model=model, reason=reason))
