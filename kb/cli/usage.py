"""Errors of usage that Typer reports, in the language in use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import typer

from kb.cli.wording import explain, say
from kb.messages import Message
from kb.validation import validation_message


def explain_usage(error: typer.TyperException) -> Iterator[str]:
    """A line on how the command is used and a line on what was wrong; nothing where Typer has shown the help instead."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return
    context: Any = getattr(error, "ctx", None)
    if context is not None:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        yield say("usage", command=context.command_path, pieces=pieces)
    yield say("error", message=explain(_message(error)))


def _message(error: Any) -> Message:
    # Of these classes Typer exports only BadParameter, so they are told by name.
    name = type(error).__name__
    if name == "NoSuchOption":
        unknown, similar = Message("unknown-option", name=error.option_name), tuple(error.possibilities or ())
        return Message("similar-names", reason=unknown, names=similar) if similar else unknown
    if name == "BadOptionUsage":
        has_value = any(word.startswith(f"{error.option_name}=") for word in sys.argv)
        option = error.option_name
        return (
            Message("option-takes-no-value", name=option) if has_value else Message("option-needs-value", name=option)
        )
    if name == "MissingParameter":
        return Message("argument-missing", name=_name(error.param))
    if name == "BadParameter" and error.param is not None:
        return Message("wrong-value", name=_name(error.param), reason=_reason(error))
    if (commands := getattr(getattr(error, "cmd", None), "commands", None)) is not None:
        return Message("command-needed", commands=tuple(commands))
    return Message("too-many-arguments") if name == "UsageError" else Message("other", text=error.format_message())


def _reason(error: Any) -> Message:
    """Why a value is not accepted: the choices, else the error of pydantic, with which Typer reads values."""
    choices = error.param.type_descriptor.choices
    if choices:
        return Message("not-among", values=tuple(map(str, choices)))
    errors = getattr(error.__cause__, "errors", None)
    return validation_message(errors()[0]) if errors else Message("other", text=error.message)


def _name(parameter: Any) -> str:
    """ "FILE"; "--limit"; "--keep (KB_KEEP)" where the environment gives the value."""
    name = parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.metavar or parameter.name
    return f"{name} ({parameter.envvar})" if parameter.envvar and os.environ.get(parameter.envvar) else str(name)
