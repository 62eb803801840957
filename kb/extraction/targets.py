"""Targets (指标) that a passage commits somebody to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kb.extraction.commitments import Finding, Setting, rule_for, setting_of
from kb.extraction.dates import calendar
from kb.extraction.due import Governance
from kb.extraction.goals import find_goals
from kb.extraction.statements import Statement, statements, without_promise
from kb.extraction.vocabulary import EACH, VERB
from kb.models import Document, Target
from kb.text import Passage

_NOUN_END = re.compile(r"[，。；：！？\n]|、(?=[^、，。；]{0,24}\d)")
_FROM = re.compile(r"(?:由|从)[^，。；]*$")
_LEFTOVER = re.compile(r"^[ 、和及与出—]+|[ 、和及与的为出]+$")
_LAST_VERB = re.compile(rf"^.*?({VERB.pattern})")


def find_targets(passage: Passage, document: Document) -> tuple[Target, ...]:
    """The targets of a passage, by position.

    "确保每个乡镇有1所公办幼儿园" → 1 所 per 每个乡镇 · "由60%提高到80%" → 80 % from 60 · "学校%设立心理咨询室" → None %, damaged ·
    "实现义务教育全覆盖" → None, qualitative
    """
    governance = Governance(passage, calendar(document))
    firm = tuple(_targets(passage, governance, setting_of(document)))
    taken = [(target.start, target.end) for target in firm]
    goals = tuple(
        goal
        for goal in find_goals(passage, governance)
        if not any(start < goal.end and goal.start < end for start, end in taken)
    )
    return tuple(sorted(firm + goals, key=lambda target: (target.start, target.end)))


def _targets(passage: Passage, governance: Governance, setting: Setting) -> Iterator[Target]:
    accepted: Statement | None = None
    pending: Statement | None = None  # a possible 由A in 由A提高到B
    for found in statements(passage.reading.text, digits_lost=setting.digits_lost):
        quantity = found.quantity
        if _is_baseline(found):
            pending = found
            continue
        mark = governance.mark_for(quantity.start, quantity.end)
        dated = mark is not None and found.start < mark.end <= found.head_end
        statement = replace(found, start=mark.end) if mark is not None and dated else found
        due = governance.due_for(quantity.start, quantity.end)
        follows = accepted is not None and accepted.quantity is statement.beside
        rule = rule_for(Finding(statement, setting, mark, due, follows))
        if rule:
            baseline = pending.quantity.value if pending and pending.sentence == statement.sentence else None
            yield _target(passage, statement, rule, due, baseline)
            accepted = statement
        pending = None


def _is_baseline(statement: Statement) -> bool:
    """Whether a quantity is the A of 由A提高到B."""
    if not _FROM.search(statement.text, statement.start, statement.quantity.start):
        return False
    return bool(re.match(r"[^，。；\d]{0,6}(?:到|至|为)", statement.sentence_after))


def _target(passage: Passage, statement: Statement, rule: str, due: str, baseline: float | None) -> Target:
    quantity = statement.quantity
    start, end = _extent(statement)
    span = passage.reading.span(start, end)
    each = EACH.search(statement.text[statement.sentence[0] : quantity.start])
    return Target(
        clause_id=passage.clause.id,
        text=passage.reading.source[span.start : span.end],
        start=span.start,
        end=span.end,
        indicator=_indicator(passage, statement, end),
        comparator=statement.sign,
        value=quantity.value,
        unit=quantity.unit,
        rule=rule,
        upper=quantity.upper,
        baseline=baseline,
        per=each[0] if each else due if due.startswith("每") else "",
        due=due,
        damaged=quantity.damaged,
    )


def _extent(statement: Statement) -> tuple[int, int]:
    """Where the words of a target begin and end."""
    quantity = statement.quantity
    head = statement.text[statement.start : quantity.start]
    start = quantity.start - len(without_promise(head))
    noun = _NOUN_END.search(statement.text, quantity.end, statement.end)
    end = noun.start() if noun else statement.end
    return min(start, quantity.start), max(end, quantity.end)


def _indicator(passage: Passage, statement: Statement, end: int) -> str:
    """What is measured, as printed, without the number and the words of reaching."""
    quantity, reading = statement.quantity, passage.reading
    start = statement.head_end - len(without_promise(statement.before))
    before = reading.verbatim(min(start, statement.head_end), statement.head_end)
    after = reading.verbatim(quantity.end, end)
    return _LEFTOVER.sub("", before) + _LEFTOVER.sub("", after)
