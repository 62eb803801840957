"""Routes of search, units, documents, clauses and health."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.downloads import ATOM, page_of
from api.editors import JobsOf
from api.parameters import (
    KB,
    KEPT,
    AskedDocuments,
    AskedTasks,
    AskedUnits,
    Asking,
    ClauseId,
    DocumentId,
    HitSort,
    Limit,
    Narrowed,
    Newest,
    Offset,
    Question,
    UnitId,
)
from api.problems import ASKED, NAMED, responses
from kb import __version__, export
from kb.current_index import CurrentIndex
from kb.errors import IndexUnusable
from kb.models import (
    Answer,
    ClauseFacts,
    Comparison,
    DocumentSummary,
    OrganizationSummary,
    Page,
    ParsedDocument,
    SearchResult,
    Status,
    UnitTasks,
)
from kb.models.fields import doc
from kb.versions.comparison import compare, version_before


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the process."""

    status: Literal["ok"] = field(metadata=doc("the process answers", "ok"))
    ready: bool = field(metadata=doc("an index is open", True))


@dataclass(frozen=True, slots=True)
class Version:
    """The program and its version, the index in use, and whether documents can be sent."""

    name: str = field(metadata=doc("name of the program", "policy-kb"))
    version: str = field(metadata=doc("version of the program", "0.1.0"))
    index: Status | None = field(metadata=doc("the index in use; null: none is open"))
    uploads: bool = field(metadata=doc("documents may be sent by those who have the key", False))


@dataclass(frozen=True, slots=True)
class Readiness(Status):
    """What the index in use holds, and what became of the last build of the server."""

    failed: str = field(
        default="", metadata=doc("why the last build of the server failed, in Chinese; empty when it did not", "")
    )


MOST_IN_FEED = 100
router = APIRouter(prefix="/api/v1")


@router.get(
    "/search",
    tags=["Search"],
    summary="Clauses that answer a query, best first",
    response_model=SearchResult,
    responses=ASKED,
)
async def search(
    asking: Asking, narrowed: Narrowed, q: Question, sort: HitSort = "relevance", limit: Limit = 10, offset: Offset = 0
) -> Response:
    """Hybrid search by words and meaning; hits carry breadcrumb, highlights, score and the facts of the clause."""
    return await asking("search", q, narrowed, limit, offset, sort)


@router.get(
    "/who",
    tags=["Search"],
    summary="Units responsible for something, with the clauses that say so",
    response_model=Answer,
    responses=ASKED,
)
async def who(asking: Asking, narrowed: Narrowed, q: Question, limit: Limit = 10) -> Response:
    """谁负责: without an answer in the knowledge base ``units`` is empty, and ``evidence`` has the nearest clauses."""
    return await asking("who", q, limit, narrowed)


@router.get(
    "/units", tags=["Units"], summary="Units and how many clauses each answers for", responses=ASKED, dependencies=KEPT
)
def units(kb: KB, query: AskedUnits, limit: Limit = 50, offset: Offset = 0) -> Page[OrganizationSummary]:
    """单位, by default those with most tasks first."""
    total, items = kb.organizations(query, limit, offset)
    return Page(total, offset, limit, items)


@router.get(
    "/units/{unit_id:path}", tags=["Units"], summary="A unit with its tasks", responses=NAMED, dependencies=KEPT
)
def unit(kb: KB, unit_id: UnitId, query: AskedTasks, limit: Limit = 50, offset: Offset = 0) -> UnitTasks:
    """A unit by its id or any of its names, the number of its tasks by role, and a page of them in the requested order.

    Of several units of a name it is the one with most tasks; ``namesakes`` are the others.
    """
    organization, *namesakes = kb.organizations_named(unit_id)
    total, tasks = kb.task_page(organization.id, query, limit, offset)
    return UnitTasks(kb.summary(organization), Page(total, offset, limit, tasks), tuple(each.id for each in namesakes))


@router.get(
    "/documents", tags=["Documents"], summary="Documents of the knowledge base", responses=ASKED, dependencies=KEPT
)
def documents(kb: KB, query: AskedDocuments, limit: Limit = 50, offset: Offset = 0) -> Page[DocumentSummary]:
    """文件, without their text."""
    total, items = kb.documents(query, limit, offset)
    return Page(total, offset, limit, items)


@router.get(
    "/documents.atom",
    tags=["Documents"],
    summary="New and changed documents as a feed to subscribe to",
    response_class=Response,
    responses=ASKED | {200: {"description": "Atom (RFC 4287)", "content": {ATOM: {}}}},
    dependencies=KEPT,
)
def document_feed(request: Request, response: Response, kb: KB, query: Newest) -> Response:
    """The hundred documents of the query that came last, the newest first."""
    _, newest = kb.documents(query, MOST_IN_FEED)
    content = export.write_atom(export.FEED, str(request.url), newest, partial(page_of, request))
    return Response(content, media_type=ATOM, headers=response.headers)  # with what names the state of the answer


@router.get(
    "/documents/{document_id:path}/diff",
    tags=["Documents"],
    summary="What has changed since an older version of the document",
    responses=NAMED,
    dependencies=KEPT,
)
def diff(
    kb: KB,
    document_id: DocumentId,
    since: Annotated[
        str,
        Query(
            description="旧版文件的编号，默认为上一版 (id of the older version, by default the one before)",
            examples=["xiangtan-jichu-jiaoyu"],
        ),
    ] = "",
) -> Comparison:
    """Clauses, units and targets added, removed and changed. Clauses are paired by their text, not by their numbers."""
    new = kb.document(document_id)
    return compare(kb.document(since or version_before(new)), new)


@router.get(
    "/documents/{document_id:path}",
    tags=["Documents"],
    summary="A document with its clause tree and facts",
    responses=NAMED,
    dependencies=KEPT,
)
def document(kb: KB, document_id: DocumentId) -> ParsedDocument:
    """Text, header, clauses in reading order (``parent_id`` makes the tree) and all facts with their offsets in the text."""
    return kb.document(document_id)


@router.get(
    "/clauses/{clause_id:path}",
    tags=["Documents"],
    summary="A clause with its facts",
    responses=NAMED,
    dependencies=KEPT,
)
def clause(kb: KB, clause_id: ClauseId) -> ClauseFacts:
    """One clause and the facts in its own text."""
    return kb.clause(clause_id)


@router.get("/health", tags=["Service"], summary="Liveness: does the process answer?", responses=responses(500))
def health(request: Request) -> Health:
    """Always 200; ``ready`` says whether an index is open."""
    return Health("ok", _status(request) is not None)


@router.get(
    "/health/ready", tags=["Service"], summary="Readiness: can questions be answered?", responses=responses(500, 503)
)
def readiness(kb: KB, jobs: JobsOf) -> Readiness:
    """What the index in use holds; 503 as long as there is none. A build that has failed leaves it in use and is told as ``failed``."""
    last = next((job for job in jobs.recent() if job.finished_at), None)
    return Readiness(**asdict(kb.status()), failed=last.error if last else "")


@router.get("/version", tags=["Service"], summary="Program and index in use", responses=responses(500))
def version(request: Request) -> Version:
    """Version of the program, and generation, model and size of the index (null: none is open)."""
    return Version("policy-kb", __version__, _status(request), uploads=bool(request.app.state.editing.keys))


def _status(request: Request) -> Status | None:
    try:
        current: CurrentIndex = request.app.state.current
        with current.reading() as opened:
            return opened.status()
    except IndexUnusable:
        return None
