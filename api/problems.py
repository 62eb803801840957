"""Everything that goes wrong over HTTP, as problem JSON (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kb.errors import IndexUnusable, InvalidQuery, NotInKnowledgeBase

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One parameter that was not accepted."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong (RFC 9457): English title for programs, Chinese detail for people, the fields at fault."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[FieldError, ...] = ()


_PROBLEM = TypeAdapter(Problem)

# What the knowledge base calls a value, and what the address calls it.
_PARAMETER = {"query": "q"}
_NOUNS = {"document": "文件", "clause": "条款", "unit": "单位"}

_DETAILS = {
    401: "密钥不正确",
    403: "未开放上传：服务器没有配置密钥 (KB_API_KEY)",
    404: "没有这个地址或编号",
    405: "这个地址不支持该请求方法",
    409: "与已有的文件冲突",
    411: "请求须注明长度 (Content-Length)",
    413: "请求太大",
    422: "参数不正确",
    500: "服务器内部错误，详情见服务器日志",
    503: "知识库尚未就绪：请先运行 kb build",
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the reference says about these failures of a route."""
    return {
        status: {
            "description": _DETAILS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status)}},
        }
        for status in statuses
    }


def _example(status: int) -> dict[str, Any]:
    limit = {"field": "limit", "message": "Input should be less than or equal to 100"}
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _DETAILS[status],
        "instance": "/api/v1/search",
        "errors": [limit] if status == HTTPStatus.UNPROCESSABLE_ENTITY else [],
    }


# What may go wrong when something is asked, and when something is asked for by its name.
ASKED, NAMED = responses(422, 500, 503), responses(404, 422, 500, 503)


def problem(
    request: Request,
    status: int,
    detail: str = "",
    errors: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response that tells a client what went wrong with this request."""
    said = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail or _DETAILS.get(status, HTTPStatus(status).phrase),
        instance=request.url.path,
        errors=errors,
    )
    return Response(_PROBLEM.dump_json(said), status, headers, MEDIA_TYPE)


def problem_schema() -> dict[str, Any]:
    """JSON schema of Problem, with FieldError under ``$defs``."""
    return _PROBLEM.json_schema(ref_template="#/components/schemas/{model}", mode="serialization")


def answer_with_problems(app: FastAPI, headers: Mapping[str, str]) -> None:
    """Make the app answer every failure with problem JSON; ``headers`` go with errors that no middleware sees."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        detail = "" if error.detail == HTTPStatus(error.status_code).phrase else error.detail
        return problem(request, error.status_code, detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        errors = tuple(FieldError(".".join(str(part) for part in e["loc"][1:]), e["msg"]) for e in error.errors())
        fields = "、".join(dict.fromkeys(e.field for e in errors))
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"参数不正确：{fields}", errors)

    @app.exception_handler(InvalidQuery)
    def not_askable(request: Request, error: InvalidQuery) -> Response:
        field = _PARAMETER.get(error.field, error.field)
        errors = (FieldError(field, error.reason),)
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"参数不正确：{field}", errors)

    @app.exception_handler(NotInKnowledgeBase)
    def not_found(request: Request, error: NotInKnowledgeBase) -> Response:
        return problem(request, HTTPStatus.NOT_FOUND, f"知识库中没有{_NOUNS[error.noun]}“{error.name}”")

    @app.exception_handler(IndexUnusable)
    def not_ready(request: Request, error: IndexUnusable) -> Response:
        return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "10"})  # the log has the reason

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, headers=headers)
