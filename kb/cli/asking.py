"""Commands that read the knowledge base: search, who, show, diff, status."""

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
from kb.cli.output import print_json, print_text
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
    """A hit of one of many queries."""

    document_id: str
    clause_id: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class HitRows:
    """The hits of one of many queries."""

    qid: str
    hits: tuple[HitRow, ...]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A responsible unit in the answer to one of many queries."""

    unit: str
    role: Role
    score: float


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The responsible units for one of many queries."""

    qid: str
    units: tuple[UnitRow, ...]


@dataclass(frozen=True, slots=True)
class _Query:
    """A query with its id, "" for one on the command line."""

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
        for each in _queries(query, queries):
            result = knowledge_base.search(each.query, filters, limit, offset, sort)
            if queries:
                print_json(_hit_rows(each.qid, result))
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
        for each in _queries(query, queries):
            answer = knowledge_base.who(each.query, limit, filters)
            if queries:
                units = tuple(UnitRow(unit.unit, unit.role, unit.score) for unit in answer.units)
                print_json(UnitRows(each.qid, units))
            elif as_json:
                print_json(answer)
            else:
                _show_answer(answer, explain)


def show(
    name: Annotated[
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
            result: ParsedDocument | ClauseFacts = knowledge_base.document(name)
        except NotInKnowledgeBase:
            if "#" not in name:  # ids of documents may contain one as well
                raise
            result = knowledge_base.clause(name)
    if as_json:
        print_json(result)
        return
    from kb.cli import render

    print_text(render.document_tree(result) if isinstance(result, ParsedDocument) else render.clause_facts(result))


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

    print_text(changes.change_list(comparison))


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
    from kb.index.folders import at

    print_text(render.status_text(generation, str(at(index).address)))


def opened(
    index: str, model: str, query_prefix: str, thesaurus: Path | None = None, reranker: str = ""
) -> KnowledgeBase:
    """The knowledge base of the generation in use."""
    from kb.knowledge_base import opener

    return opener(model, query_prefix, thesaurus, reranker)(index)


def _queries(query: str | None, queries: Path | None) -> Iterator[_Query]:
    """The query on the command line, else those of the file of queries."""
    if queries is None:
        if query is None:
            raise WrongUsage(Message("one-of-options", options=("QUERY", "--queries")))
        yield _Query("", query)
        return
    try:
        lines = queries.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UnreadableDocument(queries, Message("not-utf8")) from error
    except OSError as error:
        raise UnreadableDocument(queries, reason_of(error)) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _query(line, queries, number)


def _query(line: str, path: Path, number: int) -> _Query:
    try:
        row = json.loads(line)
        qid, query = row["qid"], row["query"]
    except (json.JSONDecodeError, TypeError, KeyError):
        qid = query = None
    if not isinstance(qid, str) or not isinstance(query, str):
        raise UnreadableDocument(path, Message("at-line", line=number, reason=Message("no-question")))
    return _Query(qid, query)


def _hit_rows(qid: str, result: SearchResult) -> HitRows:
    clauses = ((hit.facts.clause, hit.score) for hit in result.hits)
    rows = (HitRow(clause.document_id, clause.id, clause.start, clause.end, score) for clause, score in clauses)
    return HitRows(qid, tuple(rows))


def _show_search(result: SearchResult, explain: bool) -> None:
    from kb.cli import render

    print_text(render.search_result(result, explain))


def _show_answer(answer: Answer, explain: bool) -> None:
    from kb.cli import render

    print_text(render.answer_table(answer, explain))
