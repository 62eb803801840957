"""The command that parses one file, and prints it for people, as JSON, for spaCy, or as a page of marked text."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.options import AsJson, Lang
from kb.cli.output import as_line, print_text, write_file
from kb.cli.wording import say
from kb.errors import WrongUsage
from kb.messages import Message

if TYPE_CHECKING:
    from kb.models import ParsedDocument


class Format(StrEnum):
    """The formats in which a parsed document can be written."""

    JSON = "json"
    SPACY = "spacy"
    DISPLACY = "displacy"


def parse(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="政策文件 A policy document")],
    form: Annotated[
        Format | None,
        typer.Option(
            "--format", help="JSON、spaCy 的 DocBin 或标出各项的网页 JSON, a DocBin of spaCy, a page of marked text"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="写到哪里，spacy 必须给出 Where to; spacy needs it"),
    ] = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """读一个文件，显示条款、责任、目标、时限和引用。 Show what is read out of one file."""
    from kb.ingest.analysis import analyse

    if as_json and form not in (None, Format.JSON):
        raise WrongUsage(Message("options-exclude", options=("--json", "--format")))
    chosen = Format.JSON if as_json else form
    if chosen is Format.SPACY and output is None:
        raise WrongUsage(Message("option-needs", option="--format spacy", other="--output FILE"))
    if chosen is None and output is not None:
        raise WrongUsage(Message("option-needs", option="--output", other="--format"))
    parsed = analyse(file)
    if chosen is None:
        from kb.cli import render

        print_text(render.document_tree(parsed))
    elif output is None:
        sys.stdout.write(_text(chosen, parsed))
    else:
        _write(output, chosen, parsed)


def _text(form: Format, parsed: ParsedDocument) -> str:
    if form is Format.JSON:
        return as_line(parsed)
    from kb.annotation.page import draw

    return draw(parsed)


def _write(output: Path, form: Format, parsed: ParsedDocument) -> None:
    """Write the file; KBError when the system refuses."""
    if form is Format.SPACY:
        from kb.annotation.components import doc_bin

        content = doc_bin(parsed)
    else:
        content = _text(form, parsed).encode("utf-8", "backslashreplace")  # as on standard output
    write_file(output, content)
    print_text(say("written", output=output))
