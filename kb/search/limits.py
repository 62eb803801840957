"""What may be asked: queries, pages and filters, checked and cleaned; InvalidQuery names what is wrong."""

from __future__ import annotations

import re
from dataclasses import replace

from kb.answering import ROLE_ORDER
from kb.errors import InvalidQuery
from kb.messages import Message
from kb.models import Filters, TaskQuery

MAX_LIMIT = 1000
MAX_QUERY = 10_000

_ISO = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def clean(text: str) -> str:
    """The text without what no index holds: lone surrogates and NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def asked_for(query: str) -> str:
    """A query without the blanks around it; InvalidQuery when it says nothing or too much."""
    asked = clean(query).strip()
    if not asked:
        raise InvalidQuery("query", Message("query-empty"))
    if len(asked) > MAX_QUERY:
        raise InvalidQuery("query", Message("query-too-long", count=len(asked), most=MAX_QUERY))
    return asked


def check_page(limit: int, offset: int) -> None:
    """Nothing for a page that can be had; InvalidQuery otherwise."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQuery("limit", Message("out-of-range", least=1, most=MAX_LIMIT, value=limit))
    if not 0 <= offset < 2**31:
        raise InvalidQuery("offset", Message("offset-out-of-range", value=offset))


def checked_date(field: str, date: str) -> str:
    """The date, or "" where none is given; InvalidQuery names the field."""
    if date and not _ISO.fullmatch(date):
        raise InvalidQuery(field, Message("no-such-date", value=date))
    return date


def checked(filters: Filters) -> Filters:
    """The filters, cleaned; InvalidQuery names the field that cannot be."""
    if filters.role and filters.role not in ROLE_ORDER:
        raise InvalidQuery("role", Message("one-of", values=tuple(ROLE_ORDER), value=filters.role))
    checked_date("due_before", filters.due_before)
    checked_date("due_after", filters.due_after)
    return replace(
        filters,
        document_id=clean(filters.document_id),
        unit=clean(filters.unit),
        issuers=tuple(map(clean, filters.issuers)),
        years=tuple(map(clean, filters.years)),
    )


def checked_tasks(asked: TaskQuery) -> TaskQuery:
    """What is asked of a unit's tasks, cleaned; InvalidQuery names the field that cannot be."""
    checked_date("due_after", asked.due_after)
    checked_date("due_before", asked.due_before)
    return replace(asked, document_id=clean(asked.document_id))
