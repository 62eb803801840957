"""What may be asked: texts, pages and queries, checked and cleaned; InvalidQuery names what is wrong."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from kb.errors import InvalidQuery
from kb.messages import Message
from kb.models.fields import Parameter, parameters_of
from kb.validation import has_form, wrong_form

MAX_LIMIT = 1000
MAX_QUERY = 10_000

Q = TypeVar("Q")


def clean(text: str) -> str:
    """The text without what no index holds: lone surrogates and NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def asked_for(query: str) -> str:
    """A query without the blanks around it; InvalidQuery when it says nothing or too much."""
    text = clean(query).strip()
    if not text:
        raise InvalidQuery("query", Message("query-empty"))
    if len(text) > MAX_QUERY:
        raise InvalidQuery("query", Message("query-too-long", count=len(text), most=MAX_QUERY))
    return text


def check_page(limit: int, offset: int) -> None:
    """Nothing for a page that can be had; InvalidQuery otherwise."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQuery("limit", Message("out-of-range", least=1, most=MAX_LIMIT, value=limit))
    if not 0 <= offset < 2**31:
        raise InvalidQuery("offset", Message("offset-out-of-range", value=offset))


def checked(query: Q) -> Q:
    """A query of ``kb.models.queries``, its texts cleaned; InvalidQuery names the parameter that cannot be asked so."""
    values = {
        parameter.field: _checked(parameter, getattr(query, parameter.field))
        for parameter in parameters_of(type(query))
    }
    for inside in fields(query):  # type: ignore[arg-type]  # a query is a dataclass
        if is_dataclass(value := getattr(query, inside.name)):
            values[inside.name] = checked(value)
    return replace(query, **values)  # type: ignore[type-var]


def _checked(parameter: Parameter, value: Any) -> Any:
    if parameter.value_type is bool:
        return value
    if parameter.takes_several:
        return tuple(_cleaned(parameter, one) for one in value)
    return _cleaned(parameter, value) if value else value


def _cleaned(parameter: Parameter, value: str) -> str:
    if parameter.choices and value not in parameter.choices:
        raise InvalidQuery(parameter.name, Message("one-of", values=parameter.choices, value=value))
    pattern, most = parameter.metadata.get("pattern"), parameter.metadata.get("max_length", MAX_QUERY)
    if pattern and not has_form(pattern, value):
        raise InvalidQuery(parameter.name, wrong_form(pattern, value))
    if len(value) > most:
        raise InvalidQuery(parameter.name, Message("too-long", most=most))
    return clean(value)
