"""Who answers for a clause: responsibility marks read under the document's declarations."""

from __future__ import annotations

from collections.abc import Sequence

from kb.extraction.declarations import Declaration
from kb.extraction.marks import Mark, find_marks
from kb.models import Responsibility, Role
from kb.text import Passage


def find_responsibilities(passage: Passage, declarations: Sequence[Declaration]) -> tuple[Responsibility, ...]:
    """The units that the marks in a clause's own text name, then those that a declaration adds, by position.

    "（省教育厅牵头，省财政厅配合）" → 省教育厅 lead, 省财政厅 support
    """
    marks = find_marks(passage.reading.text)
    found: list[Responsibility] = []
    for mark in marks:
        found.extend(_of_mark(passage, mark, declarations))
    if marks and (implied := _implied(passage, declarations)):
        named = {responsibility.unit for responsibility in found}
        found.extend(responsibility for responsibility in implied if responsibility.unit not in named)
    return tuple(found)


def _of_mark(passage: Passage, mark: Mark, declarations: Sequence[Declaration]) -> list[Responsibility]:
    span = passage.reading.span(mark.start, mark.end)
    ruling = {d.effect for d in declarations if d.start < span.end and (d.lasting or span.start <= d.start)}
    graded = any(duty.role != "responsible" for duty in mark.duties)
    found = []
    seen: set[tuple[str, Role]] = set()
    for duty in mark.duties:
        for mention in duty.mentions:
            role, rule = duty.role, duty.rule
            if not graded and "first_is_lead" in ruling:
                first = not seen
                role = "lead" if first else "support" if "others_support" in ruling else role
                rule = "first_is_lead" if first else rule
            elif not graded and mark.shared and "all_lead" in ruling:
                role, rule = "lead", "all_lead"
            place = passage.reading.span(mention.start, mention.end)
            declared = any(d.start < place.end and place.start < d.end for d in declarations)
            if declared or (mention.name, role) in seen:
                continue
            seen.add((mention.name, role))
            text = passage.reading.source[place.start : place.end]
            found.append(Responsibility(passage.clause.id, mention.name, role, place.start, place.end, text, rule))
    return found


def _implied(passage: Passage, declarations: Sequence[Declaration]) -> list[Responsibility]:
    """Units that a declaration above makes responsible for every later clause with a mark."""
    end = passage.reading.offsets[-1] + 1
    return [
        Responsibility(
            passage.clause.id,
            unit,
            "responsible",
            d.start,
            d.end,
            passage.reading.source[d.start : d.end],
            "declared",
            implied_by=d.span,
        )
        for d in declarations
        if d.effect == "implied" and d.start < end
        for unit in d.units
    ]
