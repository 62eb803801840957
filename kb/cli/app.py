"""The command line application: its commands, and how it ends on errors."""

from __future__ import annotations

import gc
import io
import os
import sys

import typer

from kb import __version__
from kb.cli import access, asking, keeping, making, parsing, serving, units
from kb.cli.options import Lang
from kb.cli.output import error_console
from kb.cli.usage import explain_usage
from kb.cli.wording import asked_language, choose_language, explain, say
from kb.errors import InvalidQuery, KBError, WrongUsage

_HELP = """政策责任知识库：把政策文件读成条款、责任单位、目标和时限，并能检索。

Policy documents in; clauses, responsible units, targets and deadlines out, with a search over them."""

_WRONG_USAGE = 2  # exit status

app = typer.Typer(
    name="kb",
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("build")(making.build)
app.command("search")(asking.search)
app.command("who")(asking.who)
app.command("unit")(units.unit)
app.command("units")(units.units)
app.command("show")(asking.show)
app.command("diff")(asking.diff)
app.command("status")(asking.status)
app.command("parse")(parsing.parse)
app.command("export")(making.export)
app.command("serve")(serving.serve)
app.command("mcp")(serving.mcp)
app.command("watch")(keeping.watch)
app.command("check")(keeping.check)
app.command("copy")(keeping.copy)
app.command("fetch")(keeping.fetch)
app.command("rollback")(keeping.rollback)
app.command("keys")(access.keys)
app.command("audit")(access.audit)


def _version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"policy-kb {__version__}\n")
        raise typer.Exit


@app.callback(help=_HELP)
def _common(
    context: typer.Context,
    lang: Lang = None,
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="显示版本 Show the version"
    ),
) -> None:
    """Options of all commands. Settings of kb.toml are the defaults where neither an option nor the environment gives a value."""
    from kb import configuration

    settings = configuration.of_file(os.environ)
    choose_language(asked_language(sys.argv[1:]) or settings.get("lang", ""))
    options = {name: value for name, value in settings.items() if name != "lang"}
    context.default_map = {command.name or "": options for command in app.registered_commands}


def main() -> None:
    """Run ``kb``. Exit status: 0 after success, 1 after a KBError, 2 after wrong usage; errors are one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        choose_language(asked_language(sys.argv[1:]))
        sys.exit(app(prog_name="kb", standalone_mode=False))
    except typer.TyperException as error:
        for line in explain_usage(error):
            error_console().print(line, style="red", soft_wrap=True)
        sys.exit(_WRONG_USAGE)
    except KBError as error:
        error_console().print(say("error", message=explain(error.message)), style="red", soft_wrap=True)
        sys.exit(_WRONG_USAGE if isinstance(error, WrongUsage | InvalidQuery) else 1)
    finally:
        # Without this the garbage collector runs once more at the end, which takes a fifth of a second after a build.
        gc.freeze()
