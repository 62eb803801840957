"""The reference (OpenAPI), completed. Descriptions of fields are in the models (``kb.models.fields.doc``)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.problems import problem_schema
from kb.models.fields import TEXT

# The words of tags, routes, nouns and fields in Chinese; in English they stand where these are.
_CHINESE = tomllib.loads(Path(__file__).with_name("reference.toml").read_text("utf-8"))
_IS_CHINESE = re.compile("[\u4e00-\u9fff]")

SUMMARY = "谁负责什么、何时完成、原文在哪里。Who is responsible for what, by when, and where the document says so."
DESCRIPTION = """政策文件里谁负责什么、目标是多少、何时完成。地址和字段在 /api/v1 之下只增不减。

每个答案都指向原文：位置以 `text` 的字数计，含首不含尾。错误为 problem JSON（RFC 9457），程序以 `code` 为准。查询需要密钥时，用 `X-API-Key` 或 bearer 令牌发送。

Every answer points at the characters of the source: spans are half-open offsets in `text`. Addresses and fields below `/api/v1` only gain.
Errors are problem JSON (RFC 9457); programs go by `code`. Where reading needs a key, send it as `X-API-Key` or as bearer token."""
TAGS = [{"name": name, "description": description} for name, description in _CHINESE["tags"].items()]


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
            _say_in_chinese(described["paths"], described["components"]["schemas"])
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


def _say_in_chinese(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put what stands in ``reference.toml`` before what is said in English."""
    for operation in (operation for operations in paths.values() for operation in operations.values()):
        if said := _CHINESE["operations"].get(operation["operationId"]):
            operation["summary"] = f"{said[0]} ({operation['summary']})"
            operation["description"] = f"{said[1]}\n\n{operation['description']}"
        for answer in operation["responses"].values():
            answer["description"] = answer["description"].replace("Successful Response", "成功 (success)")
    for name, schema in schemas.items():
        if said := _CHINESE["schemas"].get(name):
            schema["description"] = f"{said}\n\n{schema['description']}"
        for field in schema.get("properties", {}).values():
            english = field.get("description", "")
            if not _IS_CHINESE.search(english) and (said := _CHINESE["fields"].get(english)):
                field["description"] = f"{said} ({english})"
