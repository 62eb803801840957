"""Reads whether documents are in force on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kb.index.store.conditions import Condition
from kb.index.store.connections import SEVERAL, Opened
from kb.index.store.tables import codec, period_end
from kb.models import DocumentName, Standing, Validity
from kb.versions.succession import Event

# Which documents are yet to come on the day of the one parameter, or have ended: by their own words, or by what another one says.
OUT_OF_FORCE = "SELECT t.row FROM terms t CROSS JOIN (SELECT ? AS today) asked WHERE t.begins > today OR (t.ends != '' AND t.ends <= today)"
# And which plans are for years that are over. A search does not put them behind, as those others: they may be the last that was said.
OVER = """SELECT d.row FROM documents d JOIN cards x ON x.row = d.row CROSS JOIN (SELECT ? AS today) asked
    WHERE d.valid_until = '' AND x.ends != '' AND x.ends < substr(today, 1, 4)"""
# And which ones of a series are followed by that of a later year.
FOLLOWED = "SELECT row FROM events WHERE fate = 'followed' AND since <= ?"


def in_force(today: date) -> Condition:
    """Whether the document of ``c`` is in force on a day."""
    return Condition(f"c.document_row NOT IN ({OUT_OF_FORCE} UNION ALL {OVER})", (str(today), str(today)))


def clauses_of(opened: Opened, documents: str, today: date) -> NDArray[np.int64]:
    """First row and row after the last, of the clauses of each of the documents that a query selects; shape (n, 2), ascending."""
    spans = opened.rows(
        f"SELECT first_clause, first_clause + clauses FROM documents WHERE row IN ({documents}) ORDER BY first_clause",
        (str(today),),
    )
    return np.array(spans, np.int64).reshape(-1, 2)


def validities(opened: Opened, documents: Collection[int], today: date) -> dict[int, Validity]:
    """For each document, by its row, how it stands."""
    events, kin = _events(opened, documents), _kin(opened, documents)
    terms = opened.rows_in(
        f"""SELECT d.row, d.effective_from, CASE d.valid_until WHEN '' THEN x.ends ELSE d.valid_until END
        FROM documents d JOIN cards x ON x.row = d.row WHERE d.row IN {SEVERAL}""",
        documents,
    )
    return {
        row: _validity(effective_from, valid_until, events[row], kin[row], str(today))
        for row, effective_from, valid_until in terms
    }


_Events = list[tuple[Event, DocumentName]]


def _events(opened: Opened, documents: Collection[int]) -> defaultdict[int, _Events]:
    reader, name = codec(Event), codec(DocumentName)
    events: defaultdict[int, _Events] = defaultdict(list)
    for cells in opened.rows_in(
        f"""SELECT {reader.selected("x")}, {name.selected("d")} FROM events x JOIN documents d ON d.row = x.by_row
        WHERE x.row IN {SEVERAL} ORDER BY x.since, d.id""",
        documents,
    ):
        event = reader.read(cells)
        events[event.row].append((event, name.read(cells[len(reader.columns) :])))
    return events


def _kin(opened: Opened, documents: Collection[int]) -> defaultdict[int, dict[str, tuple[DocumentName, ...]]]:
    """For each document the lines that it belongs to: its versions (``version``) and those of other years (``year``)."""
    name = codec(DocumentName)
    kin: defaultdict[int, dict[str, tuple[DocumentName, ...]]] = defaultdict(dict)
    for row, kind, *cells in opened.rows_in(
        f"""SELECT own.row, own.kind, {name.selected("d")} FROM lineages own
        JOIN lineages other ON other.kind = own.kind AND other.line = own.line JOIN documents d ON d.row = other.row
        WHERE own.row IN {SEVERAL} ORDER BY own.row, other.place""",
        documents,
    ):
        kin[row][kind] = (*kin[row].get(kind, ()), name.read(cells))
    return kin


def _validity(
    effective_from: str, valid_until: str, events: _Events, kin: Mapping[str, tuple[DocumentName, ...]], today: str
) -> Validity:
    """How a document stands on a day; what other documents do to it counts from its own day on."""
    by: defaultdict[str, _Events] = defaultdict(list)
    for event, name in events:
        if event.since <= today:
            by[event.fate].append((event, name))
    standing: Standing = "in_force"
    since = ""
    fates: tuple[Standing, ...] = ("repealed", "superseded")
    for fate in fates:
        if by[fate] and standing == "in_force":
            standing, since = fate, by[fate][0][0].since
    if standing == "in_force" and valid_until and period_end(valid_until) < today:
        standing, since = "expired", valid_until
    if standing == "in_force" and effective_from > today:
        standing, since = "pending", effective_from
    if standing == "in_force" and by["amended"]:
        standing, since = "amended", by["amended"][-1][0].since
    return Validity(
        standing,
        since,
        effective_from,
        valid_until,
        _last(by["superseded"]),
        _last(by["repealed"]),
        tuple(dict.fromkeys(name for _, name in by["amended"])),
        kin.get("version", ()),
        _last(by["followed"]),
        kin.get("year", ()),
    )


def _last(events: _Events) -> DocumentName | None:
    return events[-1][1] if events else None
