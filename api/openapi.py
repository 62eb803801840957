"""The reference (OpenAPI): what fields hold they say themselves (``kb.models.fields.doc``); here is what FastAPI does not know of."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.problems import problem_schema


def describe(app: FastAPI) -> None:
    """Make the app's OpenAPI hold the schema of problems, and say of forms what they are."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(generate()["components"]["schemas"])
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schemas: dict[str, Any]) -> None:
    own = problem_schema()
    schemas |= own.pop("$defs")
    schemas["Problem"] = own
    for schema in schemas.values():
        schema.setdefault("description", "What a form (multipart) holds.")
