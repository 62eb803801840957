"""Errors over HTTP as problem JSON (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import field as described
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kb.errors import AuditLogUnusable, IndexUnusable, InvalidQuery, NotInKnowledgeBase
from kb.messages import Message, translate
from kb.models.fields import doc
from kb.validation import validation_message

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One parameter that was not accepted."""

    field: str = described(metadata=doc("name of the parameter", "limit"))
    code: str = described(metadata=doc("what is wrong with it, for programs", "at-most"))
    message: str = described(metadata=doc("what is wrong with it, in Chinese", "不能大于 100"))

    @classmethod
    def of(cls, field: str, message: Message) -> FieldError:
        """The message in Chinese, under its code."""
        return cls(field, message.cause.code, translate(message, "zh"))


@dataclass(frozen=True, slots=True)
class Problem:
    """An error (RFC 9457): English title and stable code for programs, Chinese detail for people, the parameters at fault."""

    type: str = described(metadata=doc("kind of problem (a URI)", "about:blank"))
    title: str = described(metadata=doc("HTTP phrase of the status", "Unprocessable Entity"))
    status: int = described(metadata=doc("HTTP status", 422))
    code: str = described(
        metadata=doc("what went wrong, for programs: a code that stays when the wording changes", "invalid-fields")
    )
    detail: str = described(metadata=doc("what went wrong, in Chinese", "参数不正确：limit"))
    instance: str = described(metadata=doc("the address that was asked", "/api/v1/search"))
    errors: tuple[FieldError, ...] = described(default=(), metadata=doc("the parameters at fault, when there are any"))


_log = logging.getLogger("kb.server")
_PROBLEM = TypeAdapter(Problem)

# Name of a value in the knowledge base → name of the parameter in the address.
_PARAMETER = {"query": "q"}
# The message of a status where an error has none of its own.
_MEANINGS = {
    400: Message("bad-body"),
    401: Message("wrong-key"),
    403: Message("uploads-off"),
    404: Message("no-address"),
    405: Message("wrong-method"),
    409: Message("file-conflict"),
    411: Message("no-length"),
    413: Message("request-too-large"),
    422: Message("invalid-parameters"),
    429: Message("too-many-requests", seconds=1),
    500: Message("internal-error"),
    503: Message("index-not-ready"),
    507: Message("folder-full"),
}

# What is told of an index that cannot be used; other reasons may hold paths.
_TOLD = {"generation-damaged", "generation-missing", "other-version"}
_AWAY = {"database-away", "database-busy", "database-failed"}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The description of these errors of a route in the reference."""
    return {
        status: {
            "description": translate(_MEANINGS[status], "zh"),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status)}},
        }
        for status in statuses
    }


def _example(status: int) -> dict[str, Any]:
    limit = asdict(FieldError.of("limit", Message("at-most", most="100")))
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": _MEANINGS[status].code,
        "detail": translate(_MEANINGS[status], "zh"),
        "instance": "/api/v1/search",
        "errors": [limit] if status == HTTPStatus.UNPROCESSABLE_ENTITY else [],
    }


# Errors of routes that take a query, and of routes that take an id or a name.
ASKED, NAMED = responses(422, 500, 503), responses(404, 422, 500, 503)


def problem(
    request: Request,
    status: int,
    message: Message | None = None,
    errors: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response with the problem of this request; the message is by default that of the status."""
    message = message or _MEANINGS.get(status) or Message("bad-request", problem=HTTPStatus(status).phrase)
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=message.cause.code,
        detail=translate(message, "zh"),
        instance=request.url.path,
        errors=errors,
    )
    return Response(_PROBLEM.dump_json(body), status, headers, MEDIA_TYPE)


def problem_schema() -> dict[str, Any]:
    """JSON schema of Problem, with FieldError under ``$defs``."""
    return _PROBLEM.json_schema(ref_template="#/components/schemas/{model}", mode="serialization")


def answer_with_problems(app: FastAPI, headers: Mapping[str, str]) -> None:
    """Make the application answer every error with problem JSON; ``headers`` are for errors that no middleware sees."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        detail: object = error.detail
        if not isinstance(detail, Message):  # a text of the framework, in English
            phrase = HTTPStatus(error.status_code).phrase
            detail = None if detail == phrase else Message("bad-request", problem=str(detail))
        return problem(request, error.status_code, detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        return _invalid(request, tuple(FieldError.of(_name(e["loc"]), validation_message(e)) for e in error.errors()))

    @app.exception_handler(InvalidQuery)
    def invalid_query(request: Request, error: InvalidQuery) -> Response:
        return _invalid(request, (FieldError.of(_PARAMETER.get(error.field, error.field), error.reason),))

    @app.exception_handler(NotInKnowledgeBase)
    def not_found(request: Request, error: NotInKnowledgeBase) -> Response:
        return problem(request, HTTPStatus.NOT_FOUND, error.message)

    @app.exception_handler(AuditLogUnusable)
    def not_recorded(request: Request, error: AuditLogUnusable) -> Response:
        _log.error("%s", error)  # it names a path, which is nobody's business
        return problem(request, HTTPStatus.INSUFFICIENT_STORAGE, Message("not-recorded"))

    @app.exception_handler(IndexUnusable)
    def not_ready(request: Request, error: IndexUnusable) -> Response:
        return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, _told(error), headers={"Retry-After": "10"})

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, headers=headers)


def _told(error: IndexUnusable) -> Message | None:
    """What everybody may know of an index that cannot be used; the log has the whole reason."""
    code = error.reason.code
    if code in _AWAY:
        return Message("database-away-for-now", address=error.path)  # as it may be shown
    return Message("not-built-yet") if code == "no-index" else error.reason if code in _TOLD else None


def _name(location: Sequence[str | int]) -> str:
    """The name of what is at fault at a location of pydantic; of a parameter given several times without the index."""
    part_of_request, *parts = location
    if part_of_request == "body" and all(isinstance(part, int) for part in parts):
        return "body"  # the whole of it, or, where it is no JSON, a place in it
    return ".".join(str(part) for part in (parts[:1] if part_of_request == "query" else parts))


def _invalid(request: Request, errors: tuple[FieldError, ...]) -> Response:
    fields = tuple(dict.fromkeys(error.field for error in errors))
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, Message("invalid-fields", fields=fields), errors)
