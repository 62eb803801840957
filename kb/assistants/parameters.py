"""What tools may be asked: the parameters of a function, made from the queries of the knowledge base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from inspect import Parameter as Signed
from inspect import Signature, signature
from typing import Annotated, Any, get_type_hints

from pydantic import Field

from kb.models.fields import Parameter, parameters_of
from kb.validation import accepted_type

MOST_CHARACTERS = 10_000  # of a question, as over HTTP

Query = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MOST_CHARACTERS,
        description="要查的内容，词语或整句 words or a sentence, best in Chinese",
        examples=["学前教育普惠发展"],
    ),
]
DocumentId = Annotated[
    str, Field(min_length=1, max_length=1_000, description="文件编号 document id", examples=["xiangtan-jichu-jiaoyu"])
]
Unit = Annotated[
    str,
    Field(min_length=1, max_length=1_000, description="单位名称或编号 id or any name of a unit", examples=["市教育局"]),
]
Limit = Annotated[int, Field(ge=1, le=50, description="一页多少条 items on a page")]
Offset = Annotated[int, Field(ge=0, lt=2**31, description="从第几条开始 items to skip")]


def taking_fields(method: Callable[..., Any]) -> Callable[..., Any]:
    """A function that takes, instead of each parameter that is a query, the fields of the query.

    search(query: str, filters: Filters) → search(query, document_id, unit, role …)
    """
    hints = get_type_hints(method, include_extras=True)
    queries: dict[str, type[Any]] = {
        name: hint for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint) and name != "return"
    }
    fields = {name: parameters_of(query) for name, query in queries.items()}

    def call(**asked: Any) -> Any:
        made = {
            name: queries[name](**{one.field: asked.pop(one.name) for one in several})
            for name, several in fields.items()
        }
        return method(**asked, **made)

    own = [
        each.replace(annotation=hints[name], kind=Signed.KEYWORD_ONLY)
        for name, each in signature(method).parameters.items()
        if name not in queries
    ]
    taken = [
        Signed(one.name, Signed.KEYWORD_ONLY, default=one.default, annotation=_annotated(one))
        for several in fields.values()
        for one in several
    ]
    call.__name__, call.__doc__ = method.__name__, method.__doc__
    call.__signature__ = Signature(own + taken, return_annotation=hints["return"])  # type: ignore[attr-defined]
    return call


def _annotated(parameter: Parameter) -> Any:
    """The type of a parameter with its description."""
    documented = {name: parameter.metadata[name] for name in ("description", "examples")}
    return Annotated[accepted_type(parameter), Field(**documented)]
