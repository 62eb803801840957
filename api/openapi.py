"""The reference (OpenAPI), completed. Descriptions of fields are in the models (``kb.models.fields.doc``)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.problems import problem_schema


def describe(app: FastAPI) -> None:
    """Add the schema of problems, and descriptions of forms, to the OpenAPI of the application."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(generate()["components"]["schemas"])
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schemas: dict[str, Any]) -> None:
    problem = problem_schema()
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for schema in schemas.values():
        schema.setdefault("description", "What a form (multipart) holds.")
