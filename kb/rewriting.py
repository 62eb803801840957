"""YAML files that people keep, changed in place: comments, order and notation of what is not changed stay."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

_NO_TEXTS = {"", "~", "null", "<<"}


class _AsWritten(VersionedResolver):
    """Every plain scalar is the text that stands there: a number or date that was made of it would be written otherwise."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is ScalarNode and implicit[0] and value not in _NO_TEXTS:
            return self.DEFAULT_SCALAR_TAG
        return super().resolve(kind, value, implicit)


def quoted(text: str) -> str:
    """The text to be written between quotes, since YAML 1.1 reads some as no text: "yes" is true, "1:30" is 90."""
    written: str = DoubleQuotedScalarString(text)
    return written


def rewritten(text: str, change: Callable[[Any], None]) -> str:
    """The text of a file that holds a mapping, or nothing, once ``change`` has been made in that mapping; ValueError for what is no YAML.

    What is left of an emptied mapping are the lines of comments: "# by hand\\ntitle: 某方案" without title → "# by hand"
    """
    yaml = YAML()
    yaml.width = 10_000  # no line is broken
    yaml.preserve_quotes = True
    yaml.Resolver = _AsWritten
    try:
        content = yaml.load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error
    before = "" if content is not None else f"{text.rstrip()}\n" if text.strip() else ""
    content = CommentedMap() if content is None else content
    change(content)
    if not content:
        return "".join(f"{line}\n" for line in text.splitlines() if line.lstrip().startswith("#"))
    out = StringIO()
    yaml.dump(content, out)
    return before + out.getvalue()
