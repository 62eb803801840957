"""A client of the HTTP interface: a request for each question, and two clients that send them, one waiting and one for asyncio.

from kb.client import AsyncClient, Client, who

with Client("http://127.0.0.1:8000") as server:
    answer = server.ask(who("谁负责学前教育普惠发展"))        # a kb.models.Answer, as KnowledgeBase.who returns
async with AsyncClient("http://127.0.0.1:8000") as server:
    answer = await server.ask(who("谁负责学前教育普惠发展"))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import TypeAdapter

from kb.models import (
    ALL_TASKS,
    EVERY_DATE,
    EVERY_DOCUMENT,
    EVERY_TARGET,
    EVERY_UNIT,
    EVERYTHING,
    Answer,
    ClauseFacts,
    Comparison,
    DocumentQuery,
    DocumentSummary,
    DueClause,
    DueQuery,
    Facets,
    Filters,
    HitOrder,
    Job,
    LedgerRow,
    OrganizationSummary,
    Page,
    ParsedDocument,
    SearchResult,
    Status,
    Suggestion,
    TargetQuery,
    TargetRow,
    TaskQuery,
    UnitQuery,
    UnitTasks,
)
from kb.models.fields import parameters_of

T = TypeVar("T")

_TIMEOUT = 30.0  # seconds


class RequestRefused(Exception):
    """What a server refuses: HTTP ``status``, a stable ``code``, the ``detail`` in Chinese, and why for each parameter at fault."""

    def __init__(self, status: int, code: str, detail: str, parameters: Mapping[str, str]) -> None:
        super().__init__(
            "; ".join([f"{status} {code}: {detail}", *(f"{name}: {why}" for name, why in parameters.items())])
        )
        self.status, self.code, self.detail, self.parameters = status, code, detail, dict(parameters)


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """A request below /api/v1, and the type of what comes back: a noun, or bytes."""

    answer: Any
    path: str
    parameters: tuple[tuple[str, Any], ...] = ()
    method: Literal["GET", "POST", "DELETE"] = "GET"
    files: tuple[Path, ...] = ()


# --- questions ---------------------------------------------------------------------------------------


def search(
    query: str, filters: Filters = EVERYTHING, limit: int = 10, offset: int = 0, order: HitOrder = "relevance"
) -> Request[SearchResult]:
    """Clauses that answer a query, best first."""
    return Request(SearchResult, "search", (("q", query), *_page(limit, offset), ("sort", order), *_asked(filters)))


def facets(query: str, filters: Filters = EVERYTHING) -> Request[Facets]:
    """How the relevant clauses spread over what they can be narrowed by."""
    return Request(Facets, "search/facets", (("q", query), *_asked(filters)))


def who(query: str, limit: int = 10, filters: Filters = EVERYTHING) -> Request[Answer]:
    """The units responsible for something, with the clauses that say so; no units: no answer."""
    return Request(Answer, "who", (("q", query), ("limit", limit), *_asked(filters)))


def suggestions(typed: str, limit: int = 8) -> Request[tuple[Suggestion, ...]]:
    """Completions of what is typed."""
    return Request(tuple[Suggestion, ...], "suggest", (("q", typed), ("limit", limit)))


def units(query: UnitQuery = EVERY_UNIT, limit: int = 50, offset: int = 0) -> Request[Page[OrganizationSummary]]:
    """Units and how many clauses each answers for."""
    return Request(Page[OrganizationSummary], "units", (*_page(limit, offset), *_asked(query)))


def unit(id_or_name: str, query: TaskQuery = ALL_TASKS, limit: int = 50, offset: int = 0) -> Request[UnitTasks]:
    """A unit with its tasks."""
    return Request(UnitTasks, f"units/{_quoted(id_or_name)}", (*_page(limit, offset), *_asked(query)))


def targets(query: TargetQuery = EVERY_TARGET, limit: int = 50, offset: int = 0) -> Request[Page[TargetRow]]:
    """Targets with the units that answer for them."""
    return Request(Page[TargetRow], "targets", (*_page(limit, offset), *_asked(query)))


def deadlines(query: DueQuery = EVERY_DATE, limit: int = 50, offset: int = 0) -> Request[Page[DueClause]]:
    """Clauses by due date."""
    return Request(Page[DueClause], "deadlines", (*_page(limit, offset), *_asked(query)))


def documents(
    query: DocumentQuery = EVERY_DOCUMENT, limit: int = 50, offset: int = 0
) -> Request[Page[DocumentSummary]]:
    """Documents, without their text."""
    return Request(Page[DocumentSummary], "documents", (*_page(limit, offset), *_asked(query)))


def document(document_id: str) -> Request[ParsedDocument]:
    """A document with its clauses and facts."""
    return Request(ParsedDocument, f"documents/{_quoted(document_id)}")


def clause(clause_id: str) -> Request[ClauseFacts]:
    """A clause with its facts."""
    return Request(ClauseFacts, f"clauses/{_quoted(clause_id)}")


def diff(document_id: str, since: str = "") -> Request[Comparison]:
    """What has changed since an older version of a document, by default the one before."""
    return Request(Comparison, f"documents/{_quoted(document_id)}/diff", (("since", since),) if since else ())


def ledger(document_id: str) -> Request[tuple[LedgerRow, ...]]:
    """责任分解表 of a document, as rows."""
    return Request(tuple[LedgerRow, ...], f"documents/{_quoted(document_id)}/ledger")


def ledger_file(document_id: str, form: Literal["xlsx", "csv"] = "xlsx") -> Request[bytes]:
    """责任分解表 of a document, as a file."""
    return Request(bytes, f"documents/{_quoted(document_id)}/ledger.{form}")


def status() -> Request[Status]:
    """What the index in use holds."""
    return Request(Status, "health/ready")


# --- changes, for clients with a key -----------------------------------------------------------------


def upload(files: Iterable[Path], folder: str = "", *, replace: bool = False) -> Request[Job]:
    """Add files to the corpus; the job that reads them comes back."""
    parameters = (("replace", "true" if replace else "false"), ("folder", folder))
    return Request(Job, "documents", parameters, "POST", tuple(files))


def remove(document_id: str) -> Request[Job]:
    """Remove a document; the job that updates the index comes back."""
    return Request(Job, f"documents/{_quoted(document_id)}", method="DELETE")


def job(job_id: str) -> Request[Job]:
    """A build, as it is now."""
    return Request(Job, f"jobs/{_quoted(job_id)}")


# --- clients -----------------------------------------------------------------------------------------


class Client:
    """Sends requests to one server and waits for the answers; thread-safe."""

    def __init__(self, address: str, key: str = "", timeout: float = _TIMEOUT) -> None:
        """``address`` is that of the page, ``key`` the one that changes, and where so set reading, need, ``timeout`` is in seconds."""
        self._http = httpx2.Client(base_url=_base(address), headers=_headers(key), timeout=timeout)

    def ask(self, request: Request[T]) -> T:
        """The answer; RequestRefused, or an error of httpx2 when the server cannot be reached."""
        with ExitStack() as opened:
            return _read(request, self._http.request(**_sent(request, opened)))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient:
    """The same for asyncio."""

    def __init__(self, address: str, key: str = "", timeout: float = _TIMEOUT) -> None:
        """``address`` is that of the page, ``key`` the one that changes, and where so set reading, need, ``timeout`` is in seconds."""
        self._http = httpx2.AsyncClient(base_url=_base(address), headers=_headers(key), timeout=timeout)

    async def ask(self, request: Request[T]) -> T:
        """The answer; RequestRefused, or an error of httpx2 when the server cannot be reached."""
        with ExitStack() as opened:
            return _read(request, await self._http.request(**_sent(request, opened)))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _base(address: str) -> str:
    return f"{address.rstrip('/')}/api/v1/"


def _headers(key: str) -> dict[bytes, bytes]:
    return {b"X-API-Key": key.encode()} if key else {}


def _sent(request: Request[Any], opened: ExitStack) -> dict[str, Any]:
    """What httpx2 is to send; files stay open as long as ``opened``."""
    sent: dict[str, Any] = {"method": request.method, "url": request.path, "params": request.parameters}
    if request.files:
        sent["files"] = [("files", (path.name, opened.enter_context(path.open("rb")))) for path in request.files]
    return sent


def _read(request: Request[T], response: httpx2.Response) -> T:
    """What the response holds; RequestRefused for a problem."""
    if response.is_success:
        content: Any = response.content
        answer: T = content if request.answer is bytes else _adapter(request.answer).validate_json(content)
        return answer
    try:
        problem = response.json()
        parameters = {each["field"]: each["message"] for each in problem["errors"]}
        refused = RequestRefused(response.status_code, problem["code"], problem["detail"], parameters)
    except (ValueError, LookupError, TypeError):  # something before the server answered, such as a proxy
        refused = RequestRefused(response.status_code, "", response.text[:200], {})
    raise refused


@cache
def _adapter(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)


def _asked(query: Any) -> list[tuple[str, Any]]:
    """The parameters of a query that say something, and those of the queries inside it."""
    asked = [
        pair for each in fields(query) if is_dataclass(inside := getattr(query, each.name)) for pair in _asked(inside)
    ]
    for parameter in parameters_of(type(query)):
        value = getattr(query, parameter.field)
        if value != parameter.default:
            values = value if parameter.takes_several else (value,)
            asked += [(parameter.name, str(one).lower() if isinstance(one, bool) else one) for one in values]
    return asked


def _page(limit: int, offset: int) -> tuple[tuple[str, int], ...]:
    return ("limit", limit), ("offset", offset)


def _quoted(name: str) -> str:
    return quote(name, safe="")
