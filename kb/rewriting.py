"""YAML files that people keep, changed in place: comments, order and notation of what is not changed stay."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap


def rewritten(text: str, change: Callable[[Any], None]) -> str:
    """The text of a file that holds a mapping, or nothing, once ``change`` has been made in that mapping.

    What is left of an emptied mapping are the lines of comments: "# by hand\\ntitle: 某方案" without title → "# by hand"
    """
    yaml = YAML()
    yaml.width = 10_000  # no line is broken
    content = yaml.load(text)
    before = "" if content is not None else f"{text.rstrip()}\n" if text.strip() else ""
    content = CommentedMap() if content is None else content
    change(content)
    if not content:
        return "".join(f"{line}\n" for line in text.splitlines() if line.lstrip().startswith("#"))
    out = StringIO()
    yaml.dump(content, out)
    return before + out.getvalue()
