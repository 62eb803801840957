"""Targets (指标) that a passage commits somebody to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kb.extraction.deadlines.calendar import DueMark
from kb.extraction.deadlines.governing import Governance
from kb.extraction.setting import PROMISES_NOTHING, Setting, section_of, setting_of
from kb.extraction.targets.commitments import rule_for
from kb.extraction.targets.findings import Finding
from kb.extraction.targets.goals import find_goals
from kb.extraction.targets.indicator_tables import find_indicators, find_row
from kb.extraction.targets.indicators import Naming
from kb.extraction.targets.statements import Statement, statements, without_promise
from kb.extraction.vocabulary import CLOSING, EACH, EACH_UNIT, ComparatorWord
from kb.models import Document, Target
from kb.text import Passage

_PROBLEM = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.])?\s*(?:存在的?|主要|突出|反馈|具体|整改|涉及)*(?:问题|现状|表现)(?:描述|表现|情况)?："
)
_FIGURES = re.compile(r"[¥￥]?[\d.,，%]+(?:\s+[¥￥]?[\d.,，%]+)+")  # of a row, which name nothing that is measured
_NOUN_END = re.compile(r"[，。；：！？\n]|（〓+。|[、和及与](?=[^、，。；]{0,24}(?:[\d〒](?!G)|一批))")
_CLOSER = re.compile(r" ?(?:的?(?:大关|关口|台阶|门槛)|的(?:目标|水平|要求)|/\d[\d.]*[A-Za-z]+)")
_FROM = re.compile(r"(?:由(?![于此])|从(?![业事严优重快而众小]))[^，。；]*$")  # not 从业人数, 由于
_EACH_BEFORE = 60  # characters before a list item in which 每县 may have been said
_TO = re.compile(r"，?[^，。；\d]{0,8}(?:到|至|为)|[^，。；\d]{0,14}达到")  # 由65%节能标准逐步达到85%


def find_targets(passage: Passage, document: Document) -> tuple[Target, ...]:
    """The targets of a passage, by position.

    "确保每个乡镇有1所公办幼儿园" → 1 所 per 每个乡镇 · "由60%提高到80%" → 80 % from 60 · "学校%设立心理咨询室" → None %, damaged ·
    "实现义务教育全覆盖" → None, qualitative
    """
    setting = setting_of(document)
    governance = Governance(passage, document, plans=setting.plans and not setting.reports)
    section = section_of(passage, setting)
    rows = (*find_indicators(passage, document), *find_row(passage, document, governance))
    firm = rows + tuple(_beside(_targets(passage, governance, setting, section), rows))
    plans = setting.plans and section not in PROMISES_NOTHING and passage.clause.start >= setting.ahead
    goals = tuple(_beside(find_goals(passage, governance) if plans else (), firm))
    return tuple(sorted(firm + goals, key=lambda target: (target.start, target.end)))


def _beside(targets: Iterable[Target], others: Sequence[Target]) -> Iterator[Target]:
    """The targets that share no character with the others."""
    taken = [(other.start, other.end) for other in others]
    return (one for one in targets if not any(start < one.end and one.start < end for start, end in taken))


def _targets(passage: Passage, governance: Governance, setting: Setting, section: str) -> Iterator[Target]:
    naming = Naming(passage)
    dates = [(mark.start, mark.end) for mark in governance.marks]
    years: list[str] = []  # that 分别 shares out
    accepted: Statement | None = None
    pending: Statement | None = None  # a possible 由A in 由A提高到B
    for found in statements(passage.reading.text, dates, digits_lost=setting.digits_lost):
        quantity = found.quantity
        if _is_baseline(found):
            pending = found
            continue
        origin = pending if pending and pending.quantity.end > found.sentence[0] else None
        statement = _with_origin(found, origin) if origin else found
        pending = None
        mark = governance.mark_for(quantity.start, quantity.end)
        years = _years_shared_out(mark, statement) or (years if _continues(statement) else [])
        due = years.pop(0) if years else governance.due_by(mark, quantity.end)
        follows = accepted is not None and accepted.quantity is statement.beside
        if follows and accepted and _continues(statement):
            statement = _sharing(statement, accepted)
        over = passage.reading.offsets[quantity.start] < setting.ahead or _tells_problem(statement)
        rule = rule_for(Finding(statement, setting, "past" if over else section, mark, due, follows))
        # What was reached names what is to be reached: 2020年，覆盖率达到50%；到2025年，达到60%.
        indicator = naming.indicator(statement, _end(statement), follows=follows) if rule or statement.reached else ""
        if rule:
            accepted = statement
            if indicator and not _FIGURES.fullmatch(indicator):
                yield _target(passage, statement, (rule, due, indicator), origin)


def _tells_problem(statement: Statement) -> bool:
    """Whether the line says what is wrong: 存在问题：4座矿山未按设计开采."""
    line = statement.text.rfind("\n", 0, statement.quantity.start) + 1
    return _PROBLEM.match(statement.text, line, statement.quantity.start) is not None


def _sharing(statement: Statement, first: Statement) -> Statement:
    """The next number of a list with the words that count for all: 分别不少于30家、20家, 至少举办1期研修班和2次讲座."""
    if statement.words:
        return statement
    if "分别" in statement.sentence_before[-_EACH_BEFORE:]:
        return replace(statement, words=first.words)
    handed_on = bool(first.words) and first.head_end == first.quantity.start  # 至少1次讲座、2次演出、3次展览
    at_least = first.at_least or (first.sign if handed_on else None)
    joined = "，" not in statement.text[first.quantity.end : statement.quantity.start]
    return replace(statement, words=(ComparatorWord("bound", at_least),)) if at_least and joined else statement


def _is_baseline(statement: Statement) -> bool:
    """Whether a quantity is the A of 由A提高到B."""
    if not _FROM.search(statement.text, statement.start, statement.quantity.start):
        return False
    return bool(_TO.match(statement.sentence_after))


def _with_origin(statement: Statement, origin: Statement) -> Statement:
    """The B of 由A提高到B, said of what stands before 由."""
    start = _FROM.search(statement.text, origin.start, origin.quantity.start)
    head_end = start.start() if start else origin.head_end
    return replace(statement, start=origin.start, head_end=head_end, beside=origin.beside)


def _years_shared_out(mark: DueMark | None, statement: Statement) -> list[str]:
    """The years of 2024年、2025年分别突破2亿元、3亿元, for the first number behind 分别."""
    if mark is None or not mark.each or (statement.beside and statement.beside.start > mark.end):
        return []
    return list(mark.each) if "分别" in statement.text[mark.end : statement.quantity.start] else []


def _continues(statement: Statement) -> bool:
    """Whether a quantity is the bare next one of a list."""
    return statement.beside is not None and not without_promise(statement.before)


def _each_from(statement: Statement) -> int:
    """Where 每县 may have been said for a quantity: not before another one that a comma and words of its own part it from."""
    beside = statement.beside
    parted = beside is not None and "，" in statement.text[beside.end : statement.quantity.start]
    if parted and without_promise(statement.before):
        return statement.start
    return max(statement.sentence[0], statement.start - _EACH_BEFORE)


def _target(passage: Passage, statement: Statement, found: tuple[str, str, str], origin: Statement | None) -> Target:
    quantity, (rule, due, indicator) = statement.quantity, found
    head = statement.text[statement.start : quantity.start]
    start = min(quantity.start - len(without_promise(head)), quantity.start)
    span = passage.reading.span(start, _end(statement))
    return Target(
        clause_id=passage.clause.id,
        text=passage.reading.source[span.start : span.end],
        start=span.start,
        end=span.end,
        indicator=indicator,
        comparator=statement.sign,
        value=quantity.value,
        unit=quantity.unit,
        rule=rule,
        upper=quantity.upper,
        baseline=origin.quantity.value if origin else None,
        per=_each(passage, statement, head) or (due if due.startswith("每") else ""),
        due=due,
        damaged=quantity.damaged,
    )


def _each(passage: Passage, statement: Statement, head: str) -> str:
    """For each of what a quantity is, as printed: 每个乡镇(街道)."""
    if each := EACH.search(statement.text, _each_from(statement), statement.quantity.start):
        return passage.reading.verbatim(*each.span())
    each = EACH_UNIT.search(head)
    return passage.reading.verbatim(statement.start + each.start(), statement.start + each.end()) if each else ""


def _end(statement: Statement) -> int:
    """Where the words of a target end: behind its number and the noun that is counted."""
    if closer := _CLOSER.match(statement.text, statement.quantity.end, statement.end):
        return max(closer.start(), statement.quantity.end)
    # One character more: the digit behind 、 tells that another item follows.
    noun = _NOUN_END.search(statement.text, statement.quantity.end, statement.end + 1)
    end = noun.start() if noun else statement.end
    closing = CLOSING.search(statement.text, statement.quantity.end, end)
    return max(closing.start() if closing else end, statement.quantity.end)
