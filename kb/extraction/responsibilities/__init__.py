"""Who answers for a clause: responsibility marks read under the document's declarations."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from kb.extraction.responsibilities.declarations import Declaration, scope_of
from kb.extraction.responsibilities.marks import Duty, Mark, find_marks
from kb.extraction.responsibilities.prose import find_prose_duties, headed_by, tells_of_the_past
from kb.models import Responsibility, Role
from kb.text import Passage
from kb.units.lists import Mention

_LEAST_TEXT = 4  # characters below a heading
_STOPS = re.compile(r"[。！？\n]")


def find_responsibilities(
    passage: Passage, declarations: Sequence[Declaration], *, title: str = "", issued_on: str = ""
) -> tuple[Responsibility, ...]:
    """The units that the marks in a clause's own text name, those that a declaration adds, then those of duties in prose.

    Title and date of the document tell which prose reports what was done.

    "（省教育厅牵头，省财政厅配合）" → 省教育厅 lead, 省财政厅 support; "各级政府要加大投入。" → 各级政府 responsible, prose
    """
    marks = find_marks(passage.reading.text)
    found: list[Responsibility] = []
    for mark in marks:
        found.extend(_of_mark(passage, mark, declarations))
    named = {responsibility.unit for responsibility in found}
    if marks and (implied := _implied(passage, declarations)):
        found.extend(responsibility for responsibility in implied if responsibility.unit not in named)
    past = tells_of_the_past(title, passage.headings)
    taken = [(mark.start, mark.end) for mark in marks]
    duties = [*_headed(passage, past), *find_prose_duties(passage.reading.text, taken, past=past, year=issued_on[:4])]
    found.extend(_in_prose(passage, [duty for duty in duties if duty.mentions], named))
    return tuple(found)


def _headed(passage: Passage, past: bool) -> Iterator[Duty]:
    """The tasks of the bodies that the clause's heading names, where it has a text."""
    clause, heading = passage.clause, passage.heading
    if not past and clause.end - clause.start > len(clause.num) + len(heading) + _LEAST_TEXT:
        yield Duty("responsible", headed_by(passage.reading.text, heading), "heading")


def _in_prose(passage: Passage, duties: Sequence[Duty], named: set[str]) -> list[Responsibility]:
    """What each sentence gives to units that no mark of the clause names, each unit once a sentence."""
    stops = [stop.start() for stop in _STOPS.finditer(passage.reading.text)]
    mentions = {
        (mention.name, duty.role, bisect_left(stops, mention.start)): (mention, duty)
        for duty in reversed(duties)
        for mention in duty.mentions
    }
    first = sorted(mentions.values(), key=lambda pair: pair[0].start)
    return [_of(passage, mention, duty, prose=True) for mention, duty in first if mention.name not in named]


def _of_mark(passage: Passage, mark: Mark, declarations: Sequence[Declaration]) -> list[Responsibility]:
    span = passage.reading.span(mark.start, mark.end)
    named = [
        (duty, mention)
        for duty in mark.duties
        for mention in duty.mentions
        if not _is_declared(passage, mention, declarations)
    ]
    says_itself = len(named) == 1 and named[0][0].rule == "label"
    ruling = {
        d.effect
        for d in declarations
        if (d.start < span.end or d.back_in == scope_of(passage))
        and (d.lasting or span.start <= d.start)
        and not (d.excepts and says_itself)
    }
    graded = any(duty.role != "responsible" for duty, _ in named)
    found: dict[tuple[str, Role], Responsibility] = {}
    for duty, mention in named:
        role, rule = duty.role, duty.rule
        if not graded and "first_is_lead" in ruling:
            first = not found
            role = "lead" if first else "support" if "others_support" in ruling else role
            rule = "first_is_lead" if first else rule
        elif not graded and mark.shared and "all_lead" in ruling:
            role, rule = "lead", "all_lead"
        found.setdefault((mention.name, role), _of(passage, mention, Duty(role, (), rule)))
    return list(found.values())


def _is_declared(passage: Passage, mention: Mention, declarations: Sequence[Declaration]) -> bool:
    place = passage.reading.span(mention.start, mention.end)
    return any(d.start < place.end and place.start < d.end for d in declarations)


def _of(passage: Passage, mention: Mention, duty: Duty, *, prose: bool = False) -> Responsibility:
    place = passage.reading.span(mention.start, mention.end)
    return Responsibility(
        clause_id=passage.clause.id,
        text=passage.reading.source[place.start : place.end],
        start=place.start,
        end=place.end,
        rule=duty.rule,
        unit=mention.name,
        role=duty.role,
        prose=prose,
    )


def _implied(passage: Passage, declarations: Sequence[Declaration]) -> list[Responsibility]:
    """Units that a declaration above makes responsible for every later clause with a mark."""
    end = passage.reading.offsets[-1] + 1
    return [
        Responsibility(
            clause_id=passage.clause.id,
            text=passage.reading.source[d.start : d.end],
            start=d.start,
            end=d.end,
            rule="declared",
            unit=unit,
            role=d.role,
            implied_by=d.span,
        )
        for d in declarations
        if d.effect == "implied" and d.start < end
        for unit in d.units
    ]
