"""Writes what may be suggested to somebody who types, once all documents of a generation are in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from kb.index.store.changing import Tables
from kb.index.store.suggestions import compared
from kb.index.store.tables import ANSWERS, codec
from kb.models import Organization
from kb.organizations import spellings_of
from kb.text.pinyin import spelled
from kb.text.segmentation import segment

TOPICS = 5000
_SHORTEST, _LONGEST = 4, 24  # characters of a heading that says what is to be done

# Headings of clauses that somebody answers for. What many units share and what can be counted is what people ask about; a heading
# that most documents have (加强组织领导) says little.
_HEADED = f"""
WITH counted AS MATERIALIZED (SELECT row, count(*) AS n FROM targets GROUP BY row)
SELECT c.heading, count(DISTINCT c.row) AS clauses,
    1 + count(DISTINCT r.organization_id) * coalesce(max(n), 0) / count(DISTINCT c.row) AS weight
FROM clauses c JOIN ({ANSWERS}) ON a.row = c.row LEFT JOIN counted t ON t.row = c.row
WHERE length(c.heading) BETWEEN {_SHORTEST} AND {_LONGEST} GROUP BY c.heading ORDER BY weight DESC, clauses DESC, c.heading LIMIT {TOPICS}
"""
_DOCUMENTS = """
SELECT id, coalesce(nullif(title, ''), id), document_number, clauses, year FROM documents
WHERE id NOT IN (SELECT id FROM suggestions WHERE kind = 'document')
"""
_TASKS = "lead + responsible + support"
_UNITS = f"SELECT {codec(Organization).selected('o')}, {_TASKS} FROM touched JOIN organizations o USING (id) WHERE {_TASKS} > 0"
# What is not so any more, and topics, which are ranked anew.
_OUTDATED = """
kind = 'topic' OR (kind = 'unit' AND id IN (SELECT id FROM touched))
    OR (kind = 'document' AND id NOT IN (SELECT id FROM documents))
"""

_NOT_INITIALS = re.compile(r"[^A-Z\n]+")

_Row = tuple[str, str, str, int, int, str, str, str, str, str]  # as the columns of the table


def write_suggestions(tables: Tables) -> None:
    """Bring the table up to date with the documents, the clauses and the organisations that are ``touched``."""
    known = dict(tables.rows("SELECT name, spelled FROM suggestions WHERE kind = 'topic'"))
    tables.delete("suggestions", _OUTDATED)
    rows = (*_units(tables), *_documents(tables), *_topics(tables, known))
    tables.insert("suggestions", rows)


def _units(tables: Tables) -> Iterator[_Row]:
    for *cells, tasks in tables.rows(_UNITS):
        unit = codec(Organization).read(cells)
        yield _row("unit", unit.id, spellings_of(unit), tasks, tasks)


def _documents(tables: Tables) -> Iterator[_Row]:
    for id_, title, number, clauses, year in tables.rows(_DOCUMENTS):
        names = ((name, spelled(name)) for name in (title, number) if name)
        yield _row("document", id_, names, clauses, int(year or 0))


def _topics(tables: Tables, known: Mapping[str, str]) -> Iterator[_Row]:
    for heading, clauses, weight in tables.rows(_HEADED):
        said = known.get(" ".join(heading.split())) or spelled(heading)
        yield _row("topic", "", [(heading, said)], clauses, weight)


def _row(kind: str, id_: str, spellings: Iterable[tuple[str, str]], count: int, weight: int) -> _Row:
    """All names, one a line: as they are printed and compared, where their words begin, as they are spelled, and their initials."""
    said = {" ".join(name.split()): spelling for name, spelling in spellings}
    names, spelling = "\n".join(said), "\n".join(said.values())
    initials = _NOT_INITIALS.sub("", spelling).lower()
    written = compared(names)
    return kind, id_, next(iter(said)), count, weight, names, written, _starts(written), spelling, initials


def _starts(written: str) -> str:
    """Under each character whether a word begins there.

    "市教育局" → "1100"
    """
    return "".join("1" + "0" * (len(word) - 1) for word in segment(written))
