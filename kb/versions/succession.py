"""Succession of documents: newer versions, later years of a series, repeals, amendments, and the resolution of citations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kb.models import Citation, Document, Relation
from kb.versions.titles import Name, could_be_one, could_be_one_number, name_of, number_key

Fate = Literal["superseded", "followed", "repealed", "amended"]

# Copies of a document may bear the date of signature, of adoption or of publication on the web; versions are further apart. Versions
# with the same effective date must be still further apart, because a revised law keeps its first effective date.
_SAME_ISSUE, _SAME_EFFECT = 45, 400  # days
_OF_ONE_YEAR = 8  # documents of a series: a plan, its copies and drafts
_COMMENT = re.compile(r"解读|问答|答记者问|图解|解答")
_OPENING = 200  # characters at the beginning of an untitled document that are read as its title
_FATES: dict[Relation, Fate] = {"repeals": "repealed", "amends": "amended"}


@dataclass(frozen=True, slots=True)
class Card:
    """The data that identify a document and its date, for succession and citations."""

    row: int
    id: str
    work: str
    number: str  # as ``number_key`` gives it
    issuers: tuple[str, ...]
    dated: str  # ISO, as precise as known
    effective_from: str
    is_draft: bool
    is_once: bool
    is_comment: bool  # an explanation of another document (解读): repeals that it quotes are not its own
    series: str = ""
    period: str = ""
    ends: str = ""

    @property
    def starts(self) -> str:
        """The day from which it is in force, "" when unknown."""
        return self.effective_from if self.effective_from >= self.dated[:10] else self.dated


@dataclass(frozen=True, slots=True)
class Event:
    """A document is superseded, repealed or amended by another one, or followed by that of a later year, from a date on ("" when unknown)."""

    row: int
    fate: Fate
    by_row: int
    since: str


def card_of(document: Document, row: int) -> Card:
    """The card of a document, dated by its date of issue, else by the year of its number."""
    name = name_of(document.title)
    return Card(
        row,
        document.id,
        name.work,
        number_key(document.document_number),
        tuple(dict.fromkeys((*document.issuers, *name.issuers))),
        _dated(document),
        document.effective_from,
        name.is_draft,
        name.is_once,
        _COMMENT.search(document.title or document.text[:_OPENING].strip().partition("\n")[0]) is not None,
        name.series,
        name.period,
        name.ends,
    )


def _dated(document: Document) -> str:
    issued = document.issued_on if document.issued_on[:1].isdigit() else ""
    numbered = re.search(r"[〔\[（(](\d{4})[〕\]）)]|(\d{4})年第", document.document_number)
    year = (numbered[1] or numbered[2]) if numbered else ""
    # A number is assigned in the year of issue; a date far from it was misread.
    if year and (not issued or abs(int(issued[:4]) - int(year)) > 1):
        return year
    return issued


# --- versions -------------------------------------------------------------------------------------


def lineages(cards: Iterable[Card]) -> Iterator[tuple[Card, ...]]:
    """The groups of at least two documents that are versions or copies of one work, oldest first."""
    by_work: defaultdict[str, list[Card]] = defaultdict(list)
    for card in cards:
        if card.work:
            by_work[card.work].append(card)
    for work_cards in by_work.values():
        for line in _lines(sorted(work_cards, key=lambda card: (card.dated or card.effective_from or "9999", card.id))):
            if len(line) > 1:
                yield tuple(line)


def _lines(cards: Sequence[Card]) -> list[list[Card]]:
    """The cards of one work, grouped by issuer; one-time acts also by number."""
    return _grouped(cards, lambda card, line: all(_are_one_work(card, other) for other in line))


def _grouped(cards: Iterable[Card], belongs: Callable[[Card, Sequence[Card]], bool]) -> list[list[Card]]:
    """The cards in lines, each in the first that it belongs to."""
    lines: list[list[Card]] = []
    for card in cards:
        line = next((line for line in lines if belongs(card, line)), None)
        if line is None:
            lines.append([card])
        else:
            line.append(card)
    return lines


def _are_one_work(card: Card, other: Card) -> bool:
    if card.number and card.number == other.number:
        return True
    if card.is_once:
        return not (card.number and other.number) and _days_apart(card.dated, other.dated) == 0
    return could_be_one(card.issuers, other.issuers)


def successions(line: Sequence[Card]) -> Iterator[Event]:
    """One event for each document of a lineage and each of its newer versions."""
    for old in line:
        for new in line:
            if _is_newer(new, old):
                yield Event(old.row, "superseded", new.row, new.starts)


def _is_newer(new: Card, old: Card) -> bool:
    if new.is_draft and not old.is_draft:
        return False
    apart = _days_apart(old.dated, new.dated)
    if apart is None:
        apart = _days_apart(old.effective_from, new.effective_from)
    if apart is None:
        return old.is_draft and not new.is_draft
    if old.is_draft != new.is_draft or (new.number and old.number and new.number != old.number):
        return apart > 0 or (apart == 0 and old.is_draft and not new.is_draft)
    return apart > (_SAME_EFFECT if old.effective_from == new.effective_from != "" else _SAME_ISSUE)


# --- series ---------------------------------------------------------------------------------------


def series(cards: Iterable[Card]) -> Iterator[tuple[Card, ...]]:
    """The groups of documents that one issuer has made on one subject for at least two years (年度系列), oldest year first.

    Both issuers must be known: 2025年工作要点 is anybody's.
    """
    by_name: defaultdict[str, list[Card]] = defaultdict(list)
    for card in cards:
        if card.series and card.issuers and not card.is_comment:
            by_name[card.series].append(card)
    for named in by_name.values():
        by_year = sorted(named, key=lambda card: (card.period, card.starts, card.id))
        lines = _grouped(by_year, lambda card, line: could_be_one(card.issuers, line[0].issuers))
        yield from (tuple(line) for line in lines if line[0].period != line[-1].period)


def followings(line: Sequence[Card]) -> Iterator[Event]:
    """For each document of a series the events that those of the next year and of the newest follow it; a draft follows drafts only.

    ``line`` is sorted by year and day, as ``series`` gives it. What was made in an earlier year follows nothing: the plan of 2024—2026 not that of 2025.
    """
    drafts, others = _by_year(line), _by_year([card for card in line if not card.is_draft])
    for old in line:
        by_year = drafts if old.is_draft else others
        later = [year for year in by_year if year > old.period]
        for year in dict.fromkeys((*later[:1], *later[-1:])):
            for new in (each for each in by_year[year] if not "" < each.starts[:4] < old.starts[:4]):
                yield Event(old.row, "followed", new.row, new.starts)


def _by_year(cards: Iterable[Card]) -> dict[str, list[Card]]:
    """The last cards of each year."""
    by_year: defaultdict[str, list[Card]] = defaultdict(list)
    for card in cards:
        by_year[card.period].append(card)
    return {year: of_year[-_OF_ONE_YEAR:] for year, of_year in by_year.items()}


def _days_apart(earlier: str, later: str) -> int | None:
    """Days from one date to the other, at the lower precision of the two; None when either is unknown.

    "2021", "2021-03-05" → 0; "2020", "2021-03" → 366
    """
    precision = min(len(earlier), len(later))
    if not precision:
        return None
    return (_first_day(later[:precision]) - _first_day(earlier[:precision])).days


def _first_day(iso: str) -> date:
    return date.fromisoformat(iso + "0000-01-01"[len(iso) :])


# --- citations ------------------------------------------------------------------------------------


class Library:
    """All documents of the knowledge base, by number and by title."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._by_number: defaultdict[str, list[Card]] = defaultdict(list)
        self._by_work: defaultdict[str, list[Card]] = defaultdict(list)
        for card in cards:
            if card.number:
                self._by_number[card.number].append(card)
            if card.work:
                self._by_work[card.work].append(card)

    def resolve(self, cited: Citation, citing: Card) -> tuple[Card, ...]:
        """The documents that a citation may refer to, the most likely first: by number, else by title and compatible issuers.

        Of several versions the newest at the date of the citing document comes first. Empty when the knowledge base holds none,
        or when the title is ambiguous between documents of different issuers.
        """
        name = name_of(cited.title)
        number = number_key(cited.document_number)
        matches = [card for card in self._by_number.get(number, ()) if card.row != citing.row] if number else []
        if matches and name.work:
            matches = [card for card in matches if card.work in ("", name.work)] or matches[:1]
        if not matches and name.work:
            matches = self._titled(name, cited, citing)
        return tuple(sorted(matches, key=lambda card: _nearness(card, citing)))

    def _titled(self, name: Name, cited: Citation, citing: Card) -> list[Card]:
        matches = [
            card
            for card in self._by_work.get(name.work, ())
            if card.row != citing.row and could_be_one(name.issuers, card.issuers) and _fits(card, cited)
        ]
        own = [
            card for card in matches if citing.issuers and card.issuers and could_be_one(citing.issuers, card.issuers)
        ]
        if not name.issuers and own:
            return own
        return matches if all(could_be_one(matches[0].issuers, card.issuers) for card in matches) else []

    def effects(self, cited: Citation, citing: Card) -> Iterator[Event]:
        """The events of a repealing or amending citation: one for every version older than the citing document."""
        fate = _FATES.get(cited.relation)
        if fate is None or citing.is_comment:
            return
        for card in self.resolve(cited, citing):
            apart = _days_apart(card.dated or card.effective_from, citing.dated or citing.effective_from)
            older = apart is not None and apart > 0
            if _may_be_cited_version(card, cited) and (older or (apart is None and card.work != citing.work)):
                yield Event(card.row, fate, citing.row, cited.since or citing.starts)


def _fits(card: Card, cited: Citation) -> bool:
    """Whether a document with the cited title may have the cited number: it has no other number, and is not years older."""
    number = number_key(cited.document_number)
    if not number:
        return True
    if card.number:
        return could_be_one_number(card.number, number)
    year = re.search(r"-((?:19|20)\d\d)-", number)
    return year is None or not card.dated or int(card.dated[:4]) >= int(year[1]) - 1


def _may_be_cited_version(card: Card, cited: Citation) -> bool:
    """Whether a document may be the version issued on the cited date: a later version takes effect long after that date."""
    numbered = re.search(r"-((?:19|20)\d\d)-", number_key(cited.document_number))
    issued = cited.issued_on or (f"{numbered[1]}-12-31" if numbered else "")
    apart = _days_apart(issued, card.effective_from)
    return apart is None or apart <= _SAME_EFFECT


def _nearness(card: Card, citing: Card) -> tuple[bool, int, str]:
    """Sort key: documents known to be older than the citing one before the rest, the newest of them first."""
    apart = _days_apart(card.dated, citing.dated)
    if apart is None:
        return True, 0, card.id
    return apart < 0, abs(apart), card.id
