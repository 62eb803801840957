"""Commands that maintain an index: check it, rebuild it when files change, go back to an earlier generation."""

from __future__ import annotations

import getpass
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated

import typer

from kb.cli.access import DEFAULT_AUDIT, AuditLog
from kb.cli.options import (
    DEFAULT_CORPUS,
    DEFAULT_INDEX,
    LEFT_OUT,
    AsJson,
    Corpus,
    Fast,
    Index,
    Lang,
    Model,
    QueryPrefix,
)
from kb.cli.output import error_console, print_json, print_text
from kb.cli.wording import explain, language, say
from kb.errors import KBError


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect of a generation."""

    code: str  # of the message
    reason: str  # the message


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The defects of a generation."""

    generation: str
    problems: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """The generation that was made by copying, and where it is in use."""

    generation: str
    index: str


@dataclass(frozen=True, slots=True)
class Rollback:
    """The generation that is in use after going back."""

    generation: str


def check(index: Index = DEFAULT_INDEX, as_json: AsJson = False, lang: Lang = None) -> None:
    """检查索引是否完整：校验和、数量、每条事实的出处。 Check that an index is whole."""
    from kb.index.checking import problems as problems_of
    from kb.index.folders import at

    kept = at(index)
    name = kept.in_use()
    problems = tuple(Defect(message.cause.code, explain(message)) for message in problems_of(kept, name))
    if as_json:
        print_json(CheckReport(name, problems))
    else:
        for problem in problems:
            error_console().print(problem.reason, style="red", soft_wrap=True)
        print_text(say("broken" if problems else "whole", generation=name, count=len(problems)))
    if problems:
        raise typer.Exit(1)


def watch(
    corpus: Corpus = DEFAULT_CORPUS,
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    fast: Fast = False,
    lang: Lang = None,
) -> None:
    """文件夹有变化就重建索引，直到按 Ctrl+C。 Rebuild whenever the folder changes, until Ctrl+C."""
    from kb.cli.making import show_report
    from kb.corpus import changes
    from kb.encoders import contextual_of, load_encoder
    from kb.index.folders import at
    from kb.ingest.behind import Filler
    from kb.ingest.build import BuildSettings, build

    encoder = load_encoder(model, query_prefix)
    settings = BuildSettings(language=language())
    is_filled = contextual_of(encoder) is not None and not fast
    with closing(Filler(index)) as filler:

        def rebuild() -> None:
            show_report(build(corpus, index, encoder, settings=settings), at(index).address)
            if is_filled:
                filler.wake()

        rebuild()
        for _ in changes(corpus):
            try:
                rebuild()
            except KBError as error:  # the next change of a file may mend it
                error_console().print(explain(error.message), style="red", soft_wrap=True)


def fetch(
    address: Annotated[
        str,
        typer.Argument(metavar="ADDRESS", help="从哪里：s3://桶/文件夹 等 From where: s3://bucket/folder and the like"),
    ],
    corpus: Corpus = DEFAULT_CORPUS,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """把对象存储里的文件取到本地文件夹。 Bring the files of a storage into the folder of the documents."""
    from kb.corpus.storage import fetch as fetched_from

    fetched = fetched_from(address, corpus)
    if as_json:
        print_json(fetched)
    else:
        print_text(say("fetched", new=len(fetched.new), removed=len(fetched.removed)))
        for path in fetched.left_out:
            error_console().print(say("not fetched", path=path), style="red", soft_wrap=True)
    if fetched.left_out:
        raise typer.Exit(LEFT_OUT)


def copy(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="从哪里：文件夹或 postgresql:// 地址 A folder or postgresql://…")
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="到哪里 Where to")],
    corpus: Corpus = DEFAULT_CORPUS,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """把索引搬到别处：文件夹和数据库之间。 Copy an index: from a folder into a database, or back."""
    from kb.cli.making import progress_bar
    from kb.encoders import load_encoder
    from kb.index.folders import at
    from kb.ingest.copying import copy as copied

    with progress_bar(hidden=as_json or not error_console().is_terminal, phrase="copying") as advance:
        name = copied(source, target, corpus, load_encoder(model, query_prefix), advance)
    if as_json:
        print_json(Copy(name, str(at(target).address)))
    else:
        print_text(say("copied", generation=name, index=at(target).address))


def rollback(
    generation: Annotated[
        str, typer.Argument(metavar="[GENERATION]", help="版本名，默认为上一个 Name, by default the one before")
    ] = "",
    index: Index = DEFAULT_INDEX,
    audit_log: AuditLog = DEFAULT_AUDIT,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """恢复使用较早的版本。 Put an earlier generation in use again."""
    from kb.access import entry, recorded
    from kb.ingest.publishing import generation_before, roll_back

    generation = generation or generation_before(index)
    with recorded(audit_log, entry(getpass.getuser(), "rollback", (generation,))):
        name = roll_back(index, generation)
    if as_json:
        print_json(Rollback(name))
    else:
        print_text(say("rolled back", generation=name))
