"""Commands that make something: an index, a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    Sort,
    with_queries,
)
from kb.cli.output import error_console, print_json, print_text, write_file
from kb.cli.units import only_unit
from kb.cli.wording import language, one_line, say
from kb.errors import KBError, WrongUsage
from kb.messages import Message
from kb.models import EVERYTHING, Filters, HitOrder, LedgerRow, Progress, TaskQuery

if TYPE_CHECKING:
    from kb.encoders.transformer import ContextualEncoder
    from kb.knowledge_base import KnowledgeBase
    from kb.models import BuildReport

_LEDGER_SUFFIXES = (".xlsx", ".docx", ".csv")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What ``kb export --json`` prints: the rows, and the file that they were written to."""

    title: str
    output: str
    rows: tuple[LedgerRow, ...]


def build(
    corpus: Corpus = DEFAULT_CORPUS,
    index: Index = DEFAULT_INDEX,
    full: Annotated[bool, typer.Option("--full", help="全部重新读取，不沿用上次的结果 Read every file again")] = False,
    keep: Annotated[
        int, typer.Option("--keep", envvar="KB_KEEP", min=2, help="保留几个版本 Generations to keep on the disk")
    ] = 2,
    fast: Fast = False,
    ray: Annotated[
        str, typer.Option("--ray", metavar="ADDRESS", help="由 Ray 集群读取文件 Read the files on a Ray cluster")
    ] = "",
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """读入文件夹里的全部政策文件，建成索引。 Read a folder of documents into an index."""
    from kb.encoders import contextual_of, load_encoder
    from kb.index.folders import at
    from kb.ingest import build as building

    encoder = load_encoder(model, query_prefix)
    with progress_bar(hidden=as_json or not error_console().is_terminal) as advance:
        report = building.build(corpus, index, encoder, advance, building.BuildSettings(full, keep, language(), ray))
    if as_json:
        print_json(report)
    else:
        show_report(report, at(index).address)
    contextual = contextual_of(encoder)
    if contextual is not None and report.contextual is not None and not fast:
        _fill(index, contextual, report, is_silent=as_json)
    if report.failures:
        raise typer.Exit(LEFT_OUT)


def _fill(index: str, encoder: ContextualEncoder, report: BuildReport, *, is_silent: bool) -> None:
    """Let the contextual model read on, behind a search that works; Ctrl+C stops it."""
    from kb.ingest.filling import fill

    numbers = {"done": report.contextual or 0, "total": report.clauses}
    if numbers["done"] < numbers["total"] and not is_silent:
        print_text(say("filling behind", **{name: f"{number:,}" for name, number in numbers.items()}))
    with progress_bar(hidden=is_silent or not error_console().is_terminal, phrase="filling") as advance:

        def on_progress(done: int, total: int) -> None:
            numbers.update(done=done, total=total)
            advance(Progress(done, total, ""))

        with suppress(KeyboardInterrupt):
            fill(index, encoder, on_progress)
    if numbers["total"] and not is_silent:
        print_text(say("filled", **{name: f"{number:,}" for name, number in numbers.items()}))


@with_queries
def export(
    document: Annotated[str, typer.Argument(metavar="[DOCUMENT]", help="文件编号 Id of the document")] = "",
    unit: Annotated[
        str,
        typer.Option(
            "--unit",
            help="导出一个单位在全部文件中的任务；与 --search 同用则只取检索结果中它负责的 "
            "Tasks of a unit instead; with --search only those of the hits that it answers for",
        ),
    ] = "",
    query: Annotated[
        str, typer.Option("--search", help="导出一次检索的结果 Hits of a search instead, narrowed by the options below")
    ] = "",
    filters: Filters = EVERYTHING,
    sort: Sort = "relevance",
    limit: Annotated[int, typer.Option("--limit", "-n", help="检索结果最多几条 Most hits of the search")] = 50,
    output: Annotated[Path, typer.Option("--output", "-o", help="写到哪里 Where to: .xlsx, .docx, .csv")] = Path(
        "ledger.xlsx"
    ),
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """导出责任分解表和责任矩阵。 Write the responsibility ledger of a document, a unit or a search."""
    from kb.export import write_csv, write_docx, write_xlsx
    from kb.knowledge_base import opener

    if output.suffix.lower() not in _LEDGER_SUFFIXES:
        raise KBError(Message("unknown-ending", path=output, endings=_LEDGER_SUFFIXES))
    if [bool(document), bool(unit) and not query, bool(query)].count(True) != 1:
        raise WrongUsage(Message("one-of-options", options=("DOCUMENT", "--unit", "--search")))
    applied = filters if query else Filters(**_of_tasks(filters)) if unit else EVERYTHING
    if filters != applied or (sort != "relevance" and not query):
        raise WrongUsage(Message("only-with-search"))
    with opener(model, query_prefix)(index) as knowledge_base:
        title, rows = _ledger(knowledge_base, document, unit, _Search(query, replace(filters, unit=unit), sort, limit))
    write = {".csv": lambda: write_csv(rows), ".docx": lambda: write_docx(title, rows)}
    write_file(output, write.get(output.suffix.lower(), lambda: write_xlsx(title, rows))())
    if as_json:
        print_json(Ledger(title, str(output), rows))
    else:
        print_text(say("exported", output=output, count=len(rows)))


@dataclass(frozen=True, slots=True)
class _Search:
    query: str
    filters: Filters
    sort: HitOrder
    limit: int


def _ledger(
    knowledge_base: KnowledgeBase, document: str, unit: str, search: _Search
) -> tuple[str, tuple[LedgerRow, ...]]:
    """Title and rows of the ledger of the document, else of the hits of the search, else of the unit."""
    from kb.export import ledger, ledger_of

    if document:
        parsed = knowledge_base.document(document)
        return parsed.document.title or document, ledger(parsed)
    if not search.query:
        organization = only_unit(knowledge_base, unit)
        query = TaskQuery(**_of_tasks(search.filters))
        return organization.name, ledger_of(task.facts for task in knowledge_base.tasks(organization.id, query))
    found = knowledge_base.answering_hits(search.query, search.filters, search.limit, search.sort)
    return search.query, ledger_of(found)


def _of_tasks(filters: Filters) -> dict[str, Any]:
    """The values of the filters that tasks of a unit have too."""
    return {name: getattr(filters, name) for name in ("role", "document_id", "due_after", "due_before")}


@contextmanager
def progress_bar(*, hidden: bool, phrase: str = "building") -> Iterator[Callable[[Progress], None]]:
    """A progress bar on standard error; the function that it yields updates it."""
    if hidden:
        yield _ignore
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[source]}", markup=False),
    )
    with Bar(*columns, console=error_console(), transient=True) as bar:
        task = bar.add_task(say(phrase), total=None, source="", rate="")

        def advance(progress: Progress) -> None:
            elapsed = bar.tasks[0].elapsed
            rate = say("rate", rate=f"{progress.done / elapsed:.1f}") if elapsed and progress.done else ""
            bar.update(task, completed=progress.done, total=progress.total, source=progress.source, rate=rate)

        yield advance


def _ignore(progress: Progress) -> None:
    """The update of no progress bar."""


def show_report(report: BuildReport, index: Path | str) -> None:
    """Print the counts of a build; on standard error duplicates, scanned pages, and files left out, with the reason."""
    if report.damage:
        error_console().print(say("damage", damage=report.damage), style="yellow", soft_wrap=True)
    for same in report.duplicates:
        error_console().print(say("duplicate", source=same.source, same_as=same.same_as), soft_wrap=True)
    for scan in report.scans:
        if scan.recognised_pages:
            pages = {"pages": scan.recognised_pages, "doubtful": scan.doubtful_lines}
            error_console().print(say("scan", source=scan.source, **pages), soft_wrap=True)
        elif scan.doubtful_lines:
            doubt = say("doubt", source=scan.source, doubtful=scan.doubtful_lines)
            error_console().print(doubt, style="yellow", soft_wrap=True)
        if scan.unread_pages:
            unread = say("separator").join(map(str, scan.unread_pages))
            error_console().print(say("unread", source=scan.source, pages=unread), style="yellow", soft_wrap=True)
    for gap in report.gaps:
        line = say("gap", source=gap.source, share=f"{gap.coverage:.0%}")
        error_console().print(line, style="yellow", soft_wrap=True)
    for failure in report.failures:
        line = one_line(say("failed", source=failure.source, reason=failure.reason))
        error_console().print(line, style="yellow", soft_wrap=True)
    counts = {name: getattr(report, name) for name in ("documents", "clauses", "responsibilities", "targets")}
    print_text(
        say("built" if report.published else "unchanged", index=index, seconds=f"{report.seconds:.1f}", **counts)
    )
    if report.published:
        print_text(say("built from", computed=report.computed, copied=report.copied))
