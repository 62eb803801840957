"""Tasks with a due date as a calendar (RFC 5545) that Outlook, WPS and telephones open or subscribe to."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event, Todo

from kb.export.cells import DUE, printable
from kb.export.ledger import ledger_of_dates
from kb.export.recurrences import Rhythm, rhythm_of
from kb.models import DueClause, LedgerRow

CALENDAR = DUE
_UNITS_SHOWN = 2
_LONGEST = 300  # characters of the content of a task


def write_ics(name: str, tasks: Sequence[DueClause], now: datetime, link: Callable[[str], str]) -> bytes:
    """The tasks as a calendar of that name, made at a time, UTC; ``link`` gives the address of a clause by its id.

    A date is an event of a day, the last that it admits (2026-06 → 30 June); what comes back on days that can be told is an event with a
    rule, from the next of them on; what comes back without is a task without a date.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//policy-kb//到期清单//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", printable(name))
    calendar.add("x-published-ttl", "PT12H")
    for task, row in zip(tasks, ledger_of_dates(tasks), strict=True):
        entry = _entry(task, now.date())
        entry.add("uid", f"{uuid5(NAMESPACE_URL, f'{row.clause_id} {task.due or task.recurrence}')}@policy-kb")
        entry.add("dtstamp", now)
        entry.add("summary", printable(_summary(row)))
        entry.add("description", printable(_description(row)))
        entry.add("url", link(row.clause_id))
        calendar.add_component(entry)
    content: bytes = calendar.to_ical()
    return content


def _entry(task: DueClause, today: date) -> Event | Todo:
    rhythm = rhythm_of(task.recurrence) if task.recurrence else None
    if not task.due and not rhythm:
        return Todo()
    event = Event()
    day = last_day(task.due) if task.due else _next(rhythm, today)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")  # nobody is busy all day because of it
    if rhythm and not task.due:
        event.add("rrule", rhythm.rule())
    return event


def _next(rhythm: Rhythm | None, today: date) -> date:
    return rhythm.next_from(today) if rhythm else today


def last_day(due: str) -> date:
    """The last day of an ISO date of any precision: "2026-06" → 30 June 2026."""
    year, month, day = (*map(int, due.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _summary(row: LedgerRow) -> str:
    units = (*row.lead, *row.responsible, *row.support)
    named = "、".join(units[:_UNITS_SHOWN]) + ("等" if len(units) > _UNITS_SHOWN else "")
    return f"{row.task}（{named}）" if named else row.task


def _description(row: LedgerRow) -> str:
    parts = (
        ("时限", "；".join(row.deadlines)),
        ("牵头单位", "、".join(row.lead)),
        ("责任单位", "、".join(row.responsible)),
        ("配合单位", "、".join(row.support)),
        ("目标", "；".join(row.targets)),
        ("内容", row.content if len(row.content) <= _LONGEST else f"{row.content[:_LONGEST]}……"),
        ("出处", " ".join(filter(None, (f"《{row.document_title}》" if row.document_title else "", row.clause_id)))),
    )
    return "\n".join(f"{label}：{said}" for label, said in parts if said)
