"""Messages: a code and values where something is noticed, a sentence in Chinese or English where somebody reads it.

Sentences stand in one catalogue, ``messages.toml``. To add a message, write ``Message("my-code", path=path)`` where it arises and
an entry ``[my-code]`` with ``zh`` and ``en`` in the catalogue.
"""

from __future__ import annotations

import errno
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias, Union

Language = Literal["zh", "en"]
Value: TypeAlias = Union[str, int, Path, tuple[str, ...], "Message"]

_SEPARATORS: Mapping[Language, str] = MappingProxyType({"zh": "、", "en": ", "})


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """A code of the catalogue and the values of its placeholders; ``str()`` is the English sentence."""

    code: str
    values: tuple[tuple[str, Value], ...]

    def __init__(self, code: str, /, **values: Value) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "values", tuple(values.items()))

    def __str__(self) -> str:
        return translate(self, "en")

    @property
    def cause(self) -> Message:
        """The innermost ``reason``: a message with a reason only says where that arose."""
        reason = dict(self.values).get("reason")
        return reason.cause if isinstance(reason, Message) else self


def translate(message: Message, language: Language) -> str:
    """The sentence in that language; texts are put in untouched, numbers with commas, tuples as lists.

    Message("too-many-pages", most=2000), "zh" → "超过 2,000 页"
    """
    values = {name: _in_words(value, language) for name, value in message.values}
    return catalogue()[message.code][language].format_map(values)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Code → language → sentence with placeholders: {name}; {{ and }} stand for braces."""
    return MappingProxyType(tomllib.loads(files("kb").joinpath("messages.toml").read_text("utf-8")))


def reason_of(error: Exception) -> Message:
    """Why a library failed: the message for a common error of the operating system, else the library's own text on one line."""
    known = _OF_SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None
    said = getattr(error, "strerror", None) or str(error)
    return known or Message("other", text=" ".join(str(said).split()) or type(error).__name__)


def program_error(error: Exception) -> Message:
    """What a mistake of this program or of a library is called and says: KeyError("x") → "KeyError: 'x'"."""
    return Message("program-error", name=type(error).__name__, text=" ".join(str(error).split()))


def not_yaml(error: Exception) -> Message:
    """Where and why a parser of YAML stopped, as PyYAML's errors tell it."""
    reason = Message("not-yaml", problem=getattr(error, "problem", None) or " ".join(str(error).split()))
    mark = getattr(error, "problem_mark", None)
    return reason if mark is None else Message("at-line", line=mark.line + 1, reason=reason)


def _in_words(value: Value, language: Language) -> str:
    if isinstance(value, Message):
        return translate(value, language)
    if isinstance(value, tuple):
        return _SEPARATORS[language].join(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


_OF_SYSTEM: Mapping[int, Message] = MappingProxyType(
    {
        errno.ENOENT: Message("no-file"),
        errno.EACCES: Message("no-permission"),
        errno.EPERM: Message("no-permission"),
        errno.EISDIR: Message("is-folder"),
        errno.ENOTDIR: Message("not-folder"),
        errno.EEXIST: Message("is-there-already"),
        errno.ENOSPC: Message("disk-full"),
        errno.EDQUOT: Message("disk-full"),
        errno.EROFS: Message("read-only"),
        errno.EFBIG: Message("file-too-large"),
        errno.ENAMETOOLONG: Message("name-too-long"),
        errno.EMFILE: Message("too-many-open-files"),
        errno.EIO: Message("device-failed"),
        errno.EADDRINUSE: Message("address-in-use"),
        errno.EADDRNOTAVAIL: Message("address-not-here"),
    }
)
