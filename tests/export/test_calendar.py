"""Due dates and what comes back, as a calendar that the library of calendars reads again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from kb.export import write_ics
from kb.export.calendar import last_day
from kb.export.recurrences import LAST, Rhythm, rhythm_of
from kb.models import Clause, ClauseFacts, DueClause, Responsibility

NOW = datetime(2026, 2, 10, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "rhythm"),
    [
        ("每月25日前", Rhythm(tuple(range(1, 13)), 25)),
        ("每月二十五日前", Rhythm(tuple(range(1, 13)), 25)),
        ("每月底前", Rhythm(tuple(range(1, 13)))),
        ("次月5日前", Rhythm(tuple(range(1, 13)), 5)),
        ("每季度末", Rhythm((3, 6, 9, 12))),
        ("每季度末月25日前", Rhythm((3, 6, 9, 12), 25)),
        ("每季度首月10日前", Rhythm((1, 4, 7, 10), 10)),
        ("每季度结束后10日内", Rhythm((1, 4, 7, 10), 10)),
        ("每半年末", Rhythm((6, 12))),
        ("每年7月15日和次年1月15日前", Rhythm((1, 7), 15)),
        ("每年12月底前", Rhythm((12,))),
        ("每年底前", Rhythm((12,))),
        ("每年6月、12月底前", Rhythm((6, 12))),
        ("每年6月20日前", Rhythm((6,), 20)),
        ("每周五下班前", Rhythm(weekday=4)),
        ("每年", None),
        ("每两月", None),
        ("每月初", None),
        ("每季度结束后15个工作日内", None),
        ("每年13月底前", None),
        ("每年3月10日、6月20日前", None),
        ("长期坚持", None),
    ],
)
def test_days_of_a_recurring_date(words: str, rhythm: Rhythm | None) -> None:
    assert rhythm_of(words) == rhythm


def test_the_next_of_its_days() -> None:
    assert Rhythm((3, 6, 9, 12), LAST).next_from(date(2026, 2, 10)) == date(2026, 3, 31)
    assert Rhythm(tuple(range(1, 13)), 31).next_from(date(2026, 2, 10)) == date(2026, 2, 28)
    assert Rhythm((12,), 31).next_from(date(2026, 12, 31)) == date(2026, 12, 31)
    assert Rhythm(weekday=4).next_from(date(2026, 2, 10)) == date(2026, 2, 13)


@pytest.mark.parametrize(
    ("due", "day"), [("2024-02", date(2024, 2, 29)), ("2026", date(2026, 12, 31)), ("2026-03-05", date(2026, 3, 5))]
)
def test_an_imprecise_date_ends_with_its_last_day(due: str, day: date) -> None:
    assert last_day(due) == day


def task(number: int, due: str = "", recurrence: str = "") -> DueClause:
    clause_id = f"plan#{number}"
    clause = Clause(
        id=clause_id,
        document_id="plan",
        parent_id=None,
        num=f"{number}.",
        heading="检修水闸",
        path=(),
        start=0,
        end=12,
        text=f"{number}.检修水闸。汛前完成。",
    )
    lead = Responsibility(clause_id, "县水利局", 0, 4, "mark", "县水利局", "lead", "青石县水利局")
    facts = ClauseFacts(clause=clause, document_title="青石县防汛方案", responsibilities=(lead,))
    return DueClause(due, facts, recurrence)


def test_what_is_written_is_read_again() -> None:
    tasks = [
        task(1, "2026-06"),
        task(2, recurrence="每季度末月25日前"),
        task(3, recurrence="每年"),
        task(4, recurrence="每月31日前"),
    ]
    content = write_ics("到期清单", tasks, NOW, lambda clause_id: f"https://kb.example/{clause_id}")
    calendar = Calendar.from_ical(content)
    assert calendar["x-wr-calname"] == "到期清单"
    first, quarterly, monthly = calendar.walk("VEVENT")
    assert first["dtstart"].dt == date(2026, 6, 30)
    assert first["dtend"].dt - first["dtstart"].dt == timedelta(days=1)
    assert first["summary"] == "检修水闸（青石县水利局）"
    assert "时限：2026年6月\n牵头单位：青石县水利局" in first["description"]
    assert first["url"] == "https://kb.example/plan#1"
    assert quarterly["dtstart"].dt == date(2026, 3, 25)
    assert dict(quarterly["rrule"]) == {"FREQ": ["MONTHLY"], "BYMONTH": [3, 6, 9, 12], "BYMONTHDAY": [25]}
    assert monthly["rrule"]["BYSETPOS"] == [-1]  # 28 February is the last that February has
    [without] = calendar.walk("VTODO")
    assert "每年" in without["description"]
    assert len({entry["uid"] for entry in calendar.subcomponents}) == len(tasks)
    assert Calendar.from_ical(write_ics("到期清单", tasks, NOW, str)).walk("VEVENT")[0]["uid"] == first["uid"]
