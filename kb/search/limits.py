"""Checks of queries, their filters and pages; InvalidQuery names the parameter and what is wrong with it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from kb.errors import InvalidQuery
from kb.messages import Message
from kb.models.fields import Parameter, parameters_of
from kb.search.questions import without_courtesy
from kb.text import UNSEEN
from kb.validation import are_reversed, has_form, narrow, wrong_form

MAX_LIMIT = 1000
_SPANS = (("due_after", "due_before"), ("since", "until"))
MOST_ROWS = 10_000  # of a ledger
MAX_QUERY = 10_000

Q = TypeVar("Q")


def clean(text: str) -> str:
    """The text without lone surrogates and NUL, which no index contains."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def asked_for(query: str) -> str:
    """What a query asks, without blanks and courtesy around it; InvalidQuery when it is empty or too long."""
    text = clean(query).strip()
    if not text:
        raise InvalidQuery("query", Message("query-empty"))
    if len(text) > MAX_QUERY:
        raise InvalidQuery("query", Message("query-too-long", count=len(text), most=MAX_QUERY))
    return without_courtesy(text)


def check_page(limit: int, offset: int) -> None:
    """InvalidQuery when the limit or the offset of a page is out of range."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQuery("limit", Message("out-of-range", least=1, most=MAX_LIMIT, value=limit))
    if not 0 <= offset < 2**31:
        raise InvalidQuery("offset", Message("offset-out-of-range", value=offset))


def check_rows(limit: int) -> None:
    """InvalidQuery when the number of rows wanted is out of range."""
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidQuery("limit", Message("out-of-range", least=1, most=MOST_ROWS, value=limit))


def checked(query: Q) -> Q:
    """A query of ``kb.models.queries`` with cleaned texts; InvalidQuery names a parameter whose value is not allowed."""
    values = {
        parameter.field: _checked(parameter, getattr(query, parameter.field))
        for parameter in parameters_of(type(query))
    }
    for field in fields(query):  # type: ignore[arg-type]  # a query is a dataclass
        if is_dataclass(value := getattr(query, field.name)):
            values[field.name] = checked(value)
    for since, until in _SPANS:
        first, last = values.get(since, ""), values.get(until, "")
        if are_reversed(first, last):
            raise InvalidQuery(until, Message("dates-reversed", first=first, last=last))
    return replace(query, **values)  # type: ignore[type-var]


def _checked(parameter: Parameter, value: Any) -> Any:
    if parameter.value_type is bool:
        return value
    if parameter.takes_several:
        return tuple(_cleaned(parameter, each) for each in value if each)
    return _cleaned(parameter, value) if value else value


def _cleaned(parameter: Parameter, value: str) -> str:
    if parameter.choices and value not in parameter.choices:
        raise InvalidQuery(parameter.name, Message("one-of", values=parameter.choices, value=value))
    pattern, most = parameter.metadata.get("pattern"), parameter.metadata.get("max_length", MAX_QUERY)
    if pattern and not has_form(pattern, value := narrow(value)):
        raise InvalidQuery(parameter.name, wrong_form(pattern, value))
    if len(value) > most:
        raise InvalidQuery(parameter.name, Message("too-long", most=most))
    said = clean(value)
    if not said.strip(UNSEEN + " \t\r\n\u3000\xa0"):  # without it everything would be answered
        raise InvalidQuery(parameter.name, Message("not-a-text"))
    return said
