"""Where answers go: JSON or tables on standard output, progress and errors on standard error."""

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
    """Print one value as one JSON object on one line."""
    sys.stdout.write(as_line(value))


def as_line(value: DataclassInstance) -> str:
    """One value as one JSON object on one line; a parsed document without its text, which the file holds."""
    row: dict[str, Any] = asdict(value)
    if isinstance(value, ParsedDocument):
        del row["document"]["text"]
    return json.dumps(row, ensure_ascii=False) + "\n"


def write_file(path: Path, content: bytes) -> None:
    """Write a file; KBError when the system does not let us."""
    try:
        path.write_bytes(content)
    except OSError as error:
        # Of a file that is about to be made, only the folder can be missing.
        reason = Message("no-folder") if isinstance(error, FileNotFoundError) else reason_of(error)
        raise KBError(Message("output-cannot-be-written", path=path, reason=reason)) from error


def show(*renderables: RenderableType) -> None:
    """Print tables and texts for a person."""
    console = _console()
    for renderable in renderables:
        console.print(renderable, soft_wrap=isinstance(renderable, str))  # a sentence stays one line for programs


def error_console() -> Console:
    """The console of progress bars, warnings and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, emoji=False, markup=False)
