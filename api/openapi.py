"""The reference (OpenAPI), completed. Descriptions of fields are in the models (``kb.models.fields.doc``)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.problems import problem_schema
from kb.models.fields import TEXT

DESCRIPTION = """政策文件里谁负责什么、目标是多少、何时完成。地址和字段在 /api/v1 之下只增不减。

Every answer points at the characters of the source: spans are half-open offsets in `text`. Addresses and fields below `/api/v1` only gain.
Errors are problem JSON (RFC 9457); programs go by `code`. Where reading needs a key, send it as `X-API-Key` or as bearer token."""
TAGS = [
    {"name": "Search", "description": "查询：条款、谁负责、分面、提示"},
    {"name": "Units", "description": "单位和它们的任务"},
    {"name": "Documents", "description": "文件、条款、责任分解表、版本"},
    {"name": "Targets", "description": "指标"},
    {"name": "Overview", "description": "总览：数量、矩阵、网络、到期"},
    {"name": "Service", "description": "运行状态"},
    {"name": "Maintenance", "description": "维护：加入和删除文件"},
]


def operation_id(route: APIRoute) -> str:
    """The name that generated clients give the route; it stays when the address or the tags change."""
    return route.name


def describe(app: FastAPI) -> None:
    """Add the schema of problems, and descriptions of forms, to the OpenAPI of the application."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = generate()
            _complete(described["components"]["schemas"])
            _bound(described["paths"])
        return app.openapi_schema or generate()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schemas: dict[str, Any]) -> None:
    problem = problem_schema()
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for name, schema in schemas.items():
        schema["title"] = name  # pages of different nouns are different schemas, which generators tell by the title
        schema.setdefault("description", "What a form (multipart) holds.")


def _bound(paths: dict[str, Any]) -> None:
    """Say of texts in addresses that none holds a NUL, which is refused for all of them."""
    parameters = (
        one["schema"]
        for operations in paths.values()
        for operation in operations.values()
        for one in operation.get("parameters", ())
    )
    for schema in parameters:
        each = schema.get("items", schema)
        if each.get("type") == "string" and each.keys().isdisjoint({"pattern", "enum", "const"}):
            each["pattern"] = TEXT
