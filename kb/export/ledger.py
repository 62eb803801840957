"""The rows of a responsibility ledger (责任分解表): clauses as tasks, with who answers for them, what is to be reached, until when."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from kb.answering import answering_facts
from kb.models import (
    ROLES,
    Clause,
    ClauseFacts,
    Deadline,
    LedgerRow,
    ParsedDocument,
    Responsibility,
    Target,
)
from kb.organizations import official_name
from kb.text import normalise, sentences

_SEPARATORS = " 　.．、:：。"
_ISO_DATE = re.compile(
    r"""(?P<year>\d{4})          # 2025
        (?:-(?P<month>\d\d))?    # -12
        (?:-(?P<day>\d\d))?      # -31
    """,
    re.VERBOSE,
)

_MARK = re.compile(
    r"""[（〔]                    # a bracket that ends the clause: （责任单位：市教育局、园区（示范区）管委会）
        [^（）〔〕]*
        (?:（[^（）]*）[^（）〔〕]*)*
        [）〕]
        [。\s]*$
    """,
    re.VERBOSE,
)


def ledger(parsed: ParsedDocument) -> tuple[LedgerRow, ...]:
    """One row for each clause of a document that makes somebody responsible, in reading order, numbered from 1, with who answers for it."""
    below: defaultdict[str | None, list[str]] = defaultdict(list)
    for clause in parsed.clauses:
        below[clause.parent_id].append(clause.heading)
    return tuple(
        _row(number, one, below[one.clause.id], lambda r: r.unit)
        for number, one in enumerate(answering_facts(parsed), start=1)
    )


def ledger_of(facts: Iterable[ClauseFacts]) -> tuple[LedgerRow, ...]:
    """One row for each of the clauses, which may stand in several documents; units go by their official names."""
    distinct = {one.clause.id: one for one in facts}
    return tuple(_row(number, one, (), _official) for number, one in enumerate(distinct.values(), start=1))


def _official(responsibility: Responsibility) -> str:
    return official_name(responsibility.organization_id) or responsibility.unit


def _row(number: int, facts: ClauseFacts, below: Sequence[str], called: Callable[[Responsibility], str]) -> LedgerRow:
    clause = facts.clause
    named = facts.responsibilities
    task, content = _wording(clause, named)
    lead, responsible, support = (_distinct(called(r) for r in named if r.role == role) for role in ROLES)
    return LedgerRow(
        number=number,
        clause_id=clause.id,
        task=task,
        content=content or "；".join(filter(None, below)) or task,
        lead=lead,
        responsible=responsible,
        support=support,
        targets=_distinct(_target(t) for t in facts.targets),
        deadlines=_due(facts.deadlines, facts.targets),
        document_title=facts.document_title,
        page=clause.page,
        ocr=clause.ocr,
    )


def _wording(clause: Clause, named: Sequence[Responsibility]) -> tuple[str, str]:
    """Task and content of a clause: its heading (else first sentence) and its own words without number, heading and mark."""
    text = clause.text.strip()
    mark = _MARK.search(normalise(text))
    if mark and any(_overlap(text[mark.start() :], r.text) for r in named):
        text = text[: mark.start()].rstrip()
    text = text.removeprefix(clause.num).lstrip(_SEPARATORS)
    if clause.heading:
        return clause.heading, text.removeprefix(clause.heading).lstrip(_SEPARATORS)
    first = next((end for _, end in sentences(normalise(text))), 0)
    return text[:first].strip(), text


def _overlap(mark: str, text: str) -> bool:
    """True when one holds the other, white space aside: a unit may be read from the whole mark or from a part of it."""
    mark, text = "".join(mark.split()), "".join(text.split())
    return bool(text) and (text in mark or mark in text)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _target(target: Target) -> str:
    """The target in the words of the source, with its indicator where most of it is missing from them."""
    words = "".join(target.text.split())
    told = sum(character in words for character in target.indicator)
    said = words if 3 * told >= 2 * len(target.indicator) else f"{target.indicator}：{words}"
    return f"{said}（原文数字缺失）" if target.damaged else said


def _due(deadlines: Iterable[Deadline], targets: Iterable[Target]) -> tuple[str, ...]:
    """Dates as staff write them, those of the deadlines first: "2025-12" → "2025年12月"."""
    stated = [date_in_words(d.due) or d.recurrence or _printed(d) for d in deadlines]
    return _distinct([*stated, *(date_in_words(t.due) for t in targets)])


def _printed(deadline: Deadline) -> str:
    words = "".join(deadline.text.split())
    return f"{words}（原文年份缺失）" if deadline.damaged else words


def date_in_words(due: str) -> str:
    """A date as staff write it, and what is no date as it is: "2025-12" → "2025年12月"."""
    match = _ISO_DATE.fullmatch(due)
    if not match:
        return due
    parts = [f"{match['year']}年"]
    if match["month"]:
        parts.append(f"{int(match['month'])}月")
    if match["day"]:
        parts.append(f"{int(match['day'])}日")
    return "".join(parts)
