"""The rows of a responsibility ledger (责任分解表): clauses as tasks with their responsible units, targets and deadlines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from kb.answering import answering_facts
from kb.export.cells import DUE
from kb.models import (
    ROLES,
    Clause,
    ClauseFacts,
    Deadline,
    DueClause,
    DueQuery,
    LedgerRow,
    ParsedDocument,
    Responsibility,
    Target,
)
from kb.organizations import official_name, place_name
from kb.text import normalise, sentences

_SEPARATORS = " 　\n.．、:：。"
_ISO_DATE = re.compile(
    r"""(?: (?P<year>\d{4})      # 2025
          | - (?=-) )            # the year is lost: --12-31
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
    """One row for each clause of a document with a responsible unit, in reading order, numbered from 1."""
    below: defaultdict[str | None, list[str]] = defaultdict(list)
    for clause in parsed.clauses:
        below[clause.parent_id].append(clause.heading)
    return tuple(
        _row(number, facts, below[facts.clause.id], lambda r: r.unit)
        for number, facts in enumerate(answering_facts(parsed), start=1)
    )


def ledger_of(facts: Iterable[ClauseFacts]) -> tuple[LedgerRow, ...]:
    """One row for each of the clauses, which may belong to several documents; units have their official names."""
    distinct = {clause_facts.clause.id: clause_facts for clause_facts in facts}
    rows = enumerate(distinct.values(), start=1)
    return tuple(_row(number, clause_facts, (), _official) for number, clause_facts in rows)


def ledger_of_dates(tasks: Iterable[DueClause]) -> tuple[LedgerRow, ...]:
    """One row for each of the tasks, in their order, with the date that it stands there for as its only one."""
    return tuple(
        replace(
            _row(number, task.facts, (), _official),
            deadlines=(date_in_words(task.due) if task.due else task.recurrence,),
        )
        for number, task in enumerate(tasks, start=1)
    )


def title_of_dates(query: DueQuery) -> str:
    """What the list of a query is called: of whom, from where, until when.

    unit 市水利局, since 2026-12, until 2026-12 → "市水利局2026年12月到期清单"; until 2026-11-29 → "截至2026年11月29日到期清单"
    """
    since, until = date_in_words(query.since), date_in_words(query.until)
    if query.recurring:
        span = "定期任务"
    elif since and until:
        span = since if since == until else f"{since}至{until}"
    else:
        span = f"{since}起" if since else f"截至{until}" if until else ""
    return f"{place_name(query.place) if query.place else ''}{official_name(query.unit)}{span}{DUE}"


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
    """Task and content of a clause: its heading (else its first sentence), and its text without number, heading and responsibility mark."""
    text = _without_mark(clause.text.strip(), named).removeprefix(clause.num).lstrip(_SEPARATORS)
    if clause.heading:
        heading = _without_mark(clause.heading, named)
        printed = clause.heading if text.startswith(clause.heading) else heading
        return heading, text.removeprefix(printed).lstrip(_SEPARATORS)
    first = next((end for _, end in sentences(normalise(text))), 0)
    return text[:first].strip(), text


def _without_mark(text: str, named: Sequence[Responsibility]) -> str:
    """The text without the bracket at its end that names the units."""
    mark = _MARK.search(normalise(text))
    if mark and any(_overlap(text[mark.start() :], r.text) for r in named):
        return text[: mark.start()].rstrip()
    return text


def _overlap(mark: str, text: str) -> bool:
    """Whether either contains the other, white space ignored: the unit may come from the whole mark or a part of it."""
    mark, text = "".join(mark.split()), "".join(text.split())
    return bool(text) and (text in mark or mark in text)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _target(target: Target) -> str:
    """The target as printed, preceded by its indicator when most of the indicator is not in that text."""
    words = "".join(target.text.split())
    common = sum(character in words for character in target.indicator)
    text = words if 3 * common >= 2 * len(target.indicator) else f"{target.indicator}：{words}"
    return f"{text}（原文数字缺失）" if target.damaged else text


def _due(deadlines: Iterable[Deadline], targets: Iterable[Target]) -> tuple[str, ...]:
    """Dates in Chinese notation, those of the deadlines first: "2025-12" → "2025年12月"."""
    stated = [date_in_words(d.due) or d.recurrence or _printed(d) for d in deadlines]
    return _distinct([*stated, *(date_in_words(t.due) for t in targets)])


def _printed(deadline: Deadline) -> str:
    words = "".join(deadline.text.split())
    return f"{words}（原文年份缺失）" if deadline.damaged else words


def date_in_words(due: str) -> str:
    """A date in Chinese notation; other texts stay unchanged.

    "2025-12" → "2025年12月"; "--12-22" → "12月22日"
    """
    match = _ISO_DATE.fullmatch(due)
    if not match:
        return due
    return "".join(f"{int(part)}{sign}" for part, sign in zip(match.groups(), "年月日", strict=True) if part)
