"""What addresses under /api/v1 may say, and how lists come back: what several of them share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass
from datetime import date
from inspect import Parameter as Signed
from inspect import Signature
from typing import Annotated, Any
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from api.workers import ANSWERS, Workers
from kb import __version__
from kb.current_index import CurrentIndex
from kb.errors import InvalidQuery
from kb.knowledge_base import KnowledgeBase
from kb.messages import Message
from kb.models import DocumentQuery, DueQuery, Filters, HitOrder, TargetQuery, TaskQuery, UnitQuery
from kb.models.fields import SAYING, Parameter, parameters_of
from kb.validation import accepted_type

# What costs next to nothing is done where the request is received: to hand it to a thread would cost more.


@asynccontextmanager
async def _lent(current: CurrentIndex) -> AsyncIterator[KnowledgeBase]:
    """The generation in use."""
    if current.has_changed():
        await run_sync(current.refresh)
    with current.lending() as opened:  # which also refuses an index that has been found damaged
        yield opened


async def knowledge_base(request: Request) -> AsyncIterator[KnowledgeBase]:
    """The generation in use, kept open for the length of a request."""
    async with _lent(request.app.state.current) as opened:
        yield opened


KB = Annotated[KnowledgeBase, Depends(knowledge_base)]


async def asking(request: Request) -> Callable[..., Awaitable[Response]]:
    """Asks one of ``ANSWERS``: a process of its own, else the knowledge base itself."""
    workers: Workers = request.app.state.workers
    current: CurrentIndex = request.app.state.current

    async def ask(question: str, *asked: Any) -> Response:
        async with _lent(current) as opened:
            answer = await workers.ask(question, *asked)
            if answer is None:
                answer = await run_sync(ANSWERS[question], opened, *asked)
        return Response(answer, media_type="application/json")

    return ask


def query_dependency(query: type[Any], **fixed: Any) -> Callable[..., Any]:
    """A dependency that reads a query off an address: a parameter for each of its fields that is not ``fixed``, and those of the queries inside it."""

    async def read(**values: Any) -> Any:
        return query(**values, **fixed)

    inside = {each.name: type(each.default) for each in fields(query) if is_dataclass(each.default)}
    taken = [
        Signed(name, Signed.KEYWORD_ONLY, annotation=Annotated[noun, Depends(query_dependency(noun))])
        for name, noun in inside.items()
    ]
    taken += [
        Signed(one.field, Signed.KEYWORD_ONLY, default=one.default, annotation=annotated(one))
        for one in parameters_of(query)
        if one.field not in fixed
    ]
    read.__signature__ = Signature(taken)  # type: ignore[attr-defined]  # what FastAPI looks at
    return read


def annotated(parameter: Parameter) -> Any:
    """The type of a parameter with what the reference says of it; FastAPI refuses what does not fit, naming the parameter."""
    documented = {name: parameter.metadata[name] for name in ("description", "examples") if name in parameter.metadata}
    return Annotated[accepted_type(parameter), Query(alias=parameter.name, **documented)]


async def only_known_parameters(request: Request) -> None:
    """InvalidQuery for a parameter that the address does not take, or not so often, or that is no text: to leave it out would answer another question."""
    if not (query := request.scope["query_string"].decode("latin-1")):
        return
    described = request.app.openapi()["paths"][request.scope["route"].path_format][request.method.lower()]
    known = {one["name"]: one["schema"] for one in described.get("parameters", ()) if one["in"] == "query"}
    said = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    times = Counter(name for name, _ in said)
    for name, value in said:
        if not known:
            raise InvalidQuery(_printable(name), Message("no-parameters"))
        if name not in known:
            raise InvalidQuery(_printable(name), Message("unknown-parameter", values=tuple(known)))
        if times[name] > 1 and known[name].get("type") != "array":
            raise InvalidQuery(name, Message("one-value"))
        if _printable(value) != value:
            raise InvalidQuery(name, Message("not-utf8"))
        if "\0" in value:
            raise InvalidQuery(name, Message("nul-in-text"))


def _printable(text: str) -> str:
    """The text with bytes that are not UTF-8 replaced."""
    return text.encode("utf-8", "replace").decode()


class NotModified(Exception):
    """The client holds what would be answered, which its text names."""


async def unless_unchanged(request: Request, response: Response, kb: KB) -> None:
    """Name what is answered by the generation and the day, on which depends what is in force; NotModified when the client holds that."""
    tag = f'W/"{kb.status().generation}-{date.today().isoformat()}-{__version__}"'  # noqa: DTZ011 - the day where the server stands
    if tag in map(str.strip, request.headers.get("if-none-match", "").split(",")):
        raise NotModified(tag)
    response.headers["ETag"] = tag


KEPT = [Depends(unless_unchanged)]
Asking = Annotated[Callable[..., Awaitable[Response]], Depends(asking)]
Narrowed = Annotated[Filters, Depends(query_dependency(Filters))]
AskedDocuments = Annotated[DocumentQuery, Depends(query_dependency(DocumentQuery))]
Newest = Annotated[DocumentQuery, Depends(query_dependency(DocumentQuery, order="received"))]
AskedUnits = Annotated[UnitQuery, Depends(query_dependency(UnitQuery))]
AskedTasks = Annotated[TaskQuery, Depends(query_dependency(TaskQuery))]
AskedTargets = Annotated[TargetQuery, Depends(query_dependency(TargetQuery))]
AskedDates = Annotated[DueQuery, Depends(query_dependency(DueQuery))]
HitSort = Annotated[
    HitOrder,
    Query(
        description="排序: relevance 按相关程度, date 按成文日期, due 按时限 (order of the hits)",
        examples=["relevance"],
    ),
]
Question = Annotated[
    str,
    Query(
        min_length=1,
        max_length=10_000,
        pattern=SAYING,
        description="要查的内容，词语或整句 (words or a sentence)",
        examples=["学前教育普惠发展"],
    ),
]


def _plain(value: object) -> object:
    """A whole number in digits as it is; of another text, which Python may take for one (1_0, " 10 "), what is none to everybody."""
    return "" if isinstance(value, str) and not re.fullmatch(r"-?[0-9]+", value) else value


WHOLE = BeforeValidator(_plain)
Limit = Annotated[int, Query(ge=1, le=100, description="一页多少条 (items on a page)", examples=[10]), WHOLE]
Offset = Annotated[
    int, Query(ge=0, lt=2**31, description="从第几条开始，首条为 0 (items to skip)", examples=[0]), WHOLE
]
DocumentId = Annotated[str, Path(description="文件编号 (document id)", examples=["xiangtan-jichu-jiaoyu"])]
ClauseId = Annotated[
    str,
    Path(
        description="条款编号 (clause id), percent-encoded: # is %23",
        examples=["xiangtan-jichu-jiaoyu#二.一.2"],
    ),
]
UnitId = Annotated[str, Path(description="单位编号或任一名称 (id or any name of a unit)", examples=["湘潭市教育局"])]
