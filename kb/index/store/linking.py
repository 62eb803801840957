"""Once all documents are in: which document each citation means, which documents are versions of one another, and what has ended when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from kb.index.store.changing import Tables
from kb.index.store.tables import codec, period_end
from kb.models import Citation
from kb.versions.succession import Card, Event, Library, followings, lineages, series, successions

# "" in ``since`` is an unknown day: what was repealed on one has ended.
LONG_AGO = "0000-01-01"
_AT_ONCE = 10_000  # citations


def link(tables: Tables) -> None:
    """Fill ``citations.document_id`` and the tables ``lineages``, ``events`` and ``terms``; what they held before is lost."""
    cards = _cards(tables)
    lines, years = list(lineages(cards.values())), list(series(cards.values()))
    line_of = {card.row: number for number, line in enumerate(lines) for card in line}
    events = {event: None for line in lines for event in successions(line)}
    events |= {event: None for line in years for event in followings(line)}
    meant: dict[int, str] = {}
    library = Library(cards.values())
    for rowid, citing_row, cited in _citations(tables):
        citing = cards[citing_row]
        if documents := library.resolve(cited, citing):
            meant[rowid] = documents[0].id
            events |= dict.fromkeys(_own_version(event, line_of) for event in library.effects(cited, citing))
    _say(tables, meant)
    members = [
        (kind, number, card.row, place)
        for kind, of_kind in (("version", lines), ("year", years))
        for number, line in enumerate(of_kind)
        for place, card in enumerate(line)
    ]
    tables.replace("lineages", members)
    tables.replace("events", [codec(Event).row(event) for event in events])
    tables.replace("terms", _terms(tables, events))


def _say(tables: Tables, meant: dict[int, str]) -> None:
    """Write which document each citation means where it is another one than before, or none any more."""
    said = dict(tables.rows("SELECT rowid, document_id FROM citations WHERE document_id != ''"))
    changed: defaultdict[str, list[int]] = defaultdict(list)
    for rowid in sorted(said.keys() | meant.keys()):
        if said.get(rowid) != meant.get(rowid):
            changed[meant.get(rowid, "")].append(rowid)
    for document_id, rowids in changed.items():
        for start in range(0, len(rowids), _AT_ONCE):
            where = f"rowid IN ({', '.join(map(str, rowids[start : start + _AT_ONCE]))})"
            tables.renew("citations", where)
            tables.do(f"UPDATE citations SET document_id = ? WHERE {where}", (document_id,))


def _cards(tables: Tables) -> dict[int, Card]:
    reader = codec(Card)
    cards = tables.rows(f"SELECT {reader.selected('x')} FROM cards x ORDER BY x.id")
    return {card.row: card for card in map(reader.read, cards)}


def _citations(tables: Tables) -> Iterator[tuple[int, int, Citation]]:
    """The citations whose work or number some document has, each with its rowid and the row of the citing document."""
    reader = codec(Citation)
    for rowid, citing, *cells in tables.rows(
        f"""SELECT x.rowid, c.document_row, {reader.selected("x")} FROM citations x JOIN clauses c ON c.row = x.row
        WHERE x.work IN (SELECT work FROM cards WHERE work != '')
            OR x.number IN (SELECT number FROM cards WHERE number != '') ORDER BY x.rowid"""
    ):
        yield rowid, citing, reader.read(cells)


def _own_version(event: Event, line_of: dict[int, int]) -> Event:
    """A new version that repeals an old one supersedes it."""
    line = line_of.get(event.row)
    if event.fate == "repealed" and line is not None and line == line_of.get(event.by_row):
        return Event(event.row, "superseded", event.by_row, event.since)
    return event


def _terms(tables: Tables, events: Iterable[Event]) -> Iterator[tuple[int, str, str]]:
    """For each document that does not hold always: its row, from when it holds, and the first day on which it does not any more."""
    ends: defaultdict[int, list[str]] = defaultdict(list)
    for event in events:
        if event.fate not in ("amended", "followed"):
            ends[event.row].append(event.since or LONG_AGO)
    for row, begins, last in tables.rows("SELECT row, effective_from, valid_until FROM documents"):
        days = ends[row] + ([_day_after(last)] if last else [])
        if begins or days:
            yield row, begins, min(days, default="")


def _day_after(last: str) -> str:
    """The day after the last one of an ISO date of any precision.

    "2025-06-30" → "2025-07-01"; "2025" → "2026-01-01"
    """
    end = period_end(last)
    if len(last) == len(end):
        return str(date.fromisoformat(last) + timedelta(days=1))
    year, month = int(end[:4]), int(end[5:7])
    return f"{year + month // 12:04d}-{month % 12 + 1:02d}-01"
