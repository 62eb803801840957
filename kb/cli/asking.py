"""Commands that ask the knowledge base."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.options import (
    DEFAULT_INDEX,
    AsJson,
    Explain,
    Index,
    Lang,
    Limit,
    Model,
    Queries,
    QueryPrefix,
    RerankerName,
    Sort,
    Thesaurus,
    with_queries,
)
from kb.cli.output import print_json
from kb.cli.output import show as show_tables
from kb.errors import NotInKnowledgeBase, UnreadableDocument, WrongUsage
from kb.messages import Message, reason_of
from kb.models import (
    EVERYTHING,
    Answer,
    ClauseFacts,
    Filters,
    ParsedDocument,
    Role,
    SearchResult,
)

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

Query = Annotated[str | None, typer.Argument(metavar="QUERY", help="要查的内容 What to look for")]


@dataclass(frozen=True, slots=True)
class HitRow:
    """A hit of one query among many: where it stands."""

    document_id: str
    clause_id: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class HitRows:
    """The hits of one query among many."""

    qid: str
    hits: tuple[HitRow, ...]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit that answers one query among many."""

    unit: str
    role: Role
    score: float


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The units that answer one query among many."""

    qid: str
    units: tuple[UnitRow, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    qid: str
    query: str


@with_queries
def search(
    query: Query = None,
    queries: Queries = None,
    limit: Limit = 10,
    offset: Annotated[int, typer.Option("--offset", help="跳过前几条 Hits to skip")] = 0,
    sort: Sort = "relevance",
    filters: Filters = EVERYTHING,
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    thesaurus: Thesaurus = None,
    reranker: RerankerName = "",
    explain: Explain = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """检索条款（关键词和语义）。 Find clauses by words and by meaning."""
    with opened(index, model, query_prefix, thesaurus, reranker) as knowledge_base:
        for question in _questions(query, queries):
            result = knowledge_base.search(question.query, filters, limit, offset, sort)
            if queries:
                print_json(_hit_rows(question.qid, result))
            elif as_json:
                print_json(result)
            else:
                _show_search(result, explain)


@with_queries
def who(
    query: Query = None,
    queries: Queries = None,
    limit: Limit = 10,
    filters: Filters = EVERYTHING,
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    thesaurus: Thesaurus = None,
    reranker: RerankerName = "",
    explain: Explain = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """查某项工作由谁负责。 Say which units are responsible for something."""
    with opened(index, model, query_prefix, thesaurus, reranker) as knowledge_base:
        for question in _questions(query, queries):
            answer = knowledge_base.who(question.query, limit, filters)
            if queries:
                print_json(UnitRows(question.qid, tuple(UnitRow(u.unit, u.role, u.score) for u in answer.units)))
            elif as_json:
                print_json(answer)
            else:
                _show_answer(answer, explain)


def show(
    what: Annotated[
        str, typer.Argument(metavar="DOCUMENT[#CLAUSE]", help="文件编号，或条款编号 Id of a document or a clause")
    ],
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """显示一个文件或一个条款。 Show a document or a clause."""
    with opened(index, model, query_prefix) as knowledge_base:
        try:
            shown: ParsedDocument | ClauseFacts = knowledge_base.document(what)
        except NotInKnowledgeBase:
            if "#" not in what:  # a file's name may hold one as well
                raise
            shown = knowledge_base.clause(what)
    if as_json:
        print_json(shown)
        return
    from kb.cli import render

    show_tables(render.document_tree(shown) if isinstance(shown, ParsedDocument) else render.clause_facts(shown))


def diff(
    documents: Annotated[
        list[str],
        typer.Argument(
            metavar="[OLD] NEW",
            help="旧版和新版文件的编号；只写新版的，就与它的上一版比较 Ids; OLD: the version before",
        ),
    ],
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """比较一个文件的两个版本：条款、责任和目标的增、删、改。"""
    from kb.versions.comparison import compare, version_before

    if len(documents) > 2:
        raise WrongUsage(Message("two-documents-at-most"))
    with opened(index, model, query_prefix) as knowledge_base:
        new = knowledge_base.document(documents[-1])
        old = documents[0] if len(documents) > 1 else version_before(new)
        comparison = compare(knowledge_base.document(old), new)
    if as_json:
        print_json(comparison)
        return
    from kb.cli import changes

    show_tables(changes.comparison(comparison))


def status(
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """显示知识库的规模和来历。 Show what the index holds and what built it."""
    with opened(index, model, query_prefix) as knowledge_base:
        generation = knowledge_base.status()
    if as_json:
        print_json(generation)
        return
    from kb.cli import render

    show_tables(render.status(generation, str(index)))


def opened(
    index: Path, model: str, query_prefix: str, thesaurus: Path | None = None, reranker: str = ""
) -> KnowledgeBase:
    """The knowledge base in use in that index."""
    from kb.knowledge_base import opener

    return opener(model, query_prefix, thesaurus, reranker)(index)


def _questions(query: str | None, queries: Path | None) -> Iterator[_Asked]:
    if queries is None:
        if query is None:
            raise WrongUsage(Message("one-of-options", options=("QUERY", "--queries")))
        yield _Asked("", query)
        return
    try:
        lines = queries.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UnreadableDocument(queries, Message("not-utf8")) from error
    except OSError as error:
        raise UnreadableDocument(queries, reason_of(error)) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _asked(line, queries, number)


def _asked(line: str, path: Path, number: int) -> _Asked:
    try:
        row = json.loads(line)
        qid, query = row["qid"], row["query"]
    except (json.JSONDecodeError, TypeError, KeyError):
        qid = query = None
    if not isinstance(qid, str) or not isinstance(query, str):
        raise UnreadableDocument(path, Message("at-line", line=number, reason=Message("no-question")))
    return _Asked(qid, query)


def _hit_rows(qid: str, result: SearchResult) -> HitRows:
    clauses = ((hit.facts.clause, hit.score) for hit in result.hits)
    return HitRows(qid, tuple(HitRow(c.document_id, c.id, c.start, c.end, score) for c, score in clauses))


def _show_search(result: SearchResult, explain: bool) -> None:
    from kb.cli import render

    show_tables(render.search_result(result, explain))


def _show_answer(answer: Answer, explain: bool) -> None:
    from kb.cli import render

    show_tables(render.answer(answer, explain))
