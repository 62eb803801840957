"""Output of commands: JSON or text on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kb.errors import KBError
from kb.messages import Message, reason_of
from kb.models import ParsedDocument

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import DataclassInstance
    from rich.console import Console, RenderableType


def print_json(value: DataclassInstance) -> None:
    """Print a value as a JSON object on one line."""
    sys.stdout.write(as_line(value))


def as_line(value: DataclassInstance) -> str:
    """A value as a JSON object on one line; a parsed document without its text, which is in the file."""
    row: dict[str, Any] = asdict(value)
    if isinstance(value, ParsedDocument):
        del row["document"]["text"]
    return json.dumps(row, ensure_ascii=False) + "\n"


def write_file(path: Path, content: bytes) -> None:
    """Write a file; KBError when the system refuses."""
    try:
        path.write_bytes(content)
    except OSError as error:
        # The file itself need not exist, so it is the folder that is missing.
        reason = Message("no-folder") if isinstance(error, FileNotFoundError) else reason_of(error)
        raise KBError(Message("output-cannot-be-written", path=path, reason=reason)) from error


def print_text(*renderables: RenderableType) -> None:
    """Print tables and sentences for people."""
    console = _console()
    for renderable in renderables:
        console.print(renderable, soft_wrap=isinstance(renderable, str))  # a sentence stays on one line


def error_console() -> Console:
    """The console for progress bars, warnings and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, emoji=False, markup=False)
