"""Answers as tables and text for a terminal of 80 columns, in Chinese and in English."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from kb.cli.explaining import why
from kb.cli.validity import standing, term
from kb.cli.wording import say
from kb.facts import facts_by_clause
from kb.models import (
    FACT_KINDS,
    ROLES,
    SIGNS,
    Answer,
    Clause,
    ClauseFacts,
    Deadline,
    Document,
    Fact,
    Hit,
    ParsedDocument,
    Responsibility,
    Role,
    SearchResult,
    Span,
    Status,
    Target,
    UnitAnswer,
)

_EXCERPT = 120  # the characters of a clause shown under a hit
_BEFORE = 30  # the most of these before the first word found
_PAUSE = re.compile(r"[，。；：！？、\n]|,(?!\d)")
_HEADING = 28  # the characters of the text shown in place of a missing heading
_SEPARATOR = " › "


def search_result(result: SearchResult, explain: bool = False) -> RenderableType:
    """The number of hits, and the hits of one page."""
    notes = _notes(result)
    if not result.hits:
        return Group(*notes, Text(say("no hits")))
    first = result.offset + 1
    counts = say("hits", total=result.total, first=first, last=result.offset + len(result.hits))
    return Group(
        *notes, Text(counts, "dim"), *(hit_text(hit, number, explain) for number, hit in enumerate(result.hits, first))
    )


def _notes(result: SearchResult) -> list[Text]:
    """What is to be said before the hits: another spelling, what is not here, whose tasks these are."""
    said = [say("did you mean", query=result.did_you_mean)] if result.did_you_mean else []
    said += [say("missing", name=result.missing)] if result.missing else []
    said += [say("all tasks", unit=unit) for unit in result.tasks_of]
    return [Text(each, "yellow") for each in said]


def hit_text(hit: Hit, number: int, explain: bool = False) -> RenderableType:
    """A hit with heading, score, breadcrumb, excerpt and facts."""
    facts = hit.facts
    head = Text.assemble(
        (f"[{number}] ", "dim"), (clause_name(facts.clause), "bold"), "  ", (f"{hit.score:.2f}", "cyan")
    )
    if hit.weak:
        head.append(f"  {say('weak')}", "yellow")
    lines: list[RenderableType] = [
        Text(_SEPARATOR.join((facts.document_title, *facts.clause.path[:-1])), "dim"),
        *_standing(facts),
        excerpt(facts.clause, hit.highlights),
        fact_lines(facts),
        Text.assemble((facts.clause.id, "dim cyan"), printed_page(facts.clause)),
    ]
    if explain:
        lines.append(properties(*why(hit)))
    return Group(Text(), head, Padding(Group(*lines), (0, 0, 0, 4)))


def _standing(facts: ClauseFacts) -> list[Text]:
    text = standing(facts.validity)
    return [Text(text, "red")] if text else []


def excerpt(clause: Clause, spans: Sequence[Span]) -> Text:
    """About ``_EXCERPT`` characters of a clause without its heading, around the first word found, with the words marked.

    It begins and ends behind a punctuation mark where one is near, so that no word is cut.
    """
    text = clause.text
    opening = f"{clause.num}{clause.heading}"
    skipped = len(opening) + 1 if clause.heading and text.startswith(opening) else 0
    inside = [span for span in spans if span.start >= skipped]
    start = skipped
    if inside and (earliest := min(inside[0].start - _BEFORE, len(text) - _EXCERPT)) > skipped:
        start = next((pause.end() for pause in _PAUSE.finditer(text, earliest, inside[0].start)), earliest)
    end = min(len(text), start + _EXCERPT)
    if end < len(text):
        end = max((pause.end() for pause in _PAUSE.finditer(text, end - _BEFORE, end)), default=end)
    shown = Text(" ".join(text[start:end].split("\n")))
    for span in inside:
        shown.stylize("bold yellow", max(span.start - start, 0), max(min(span.end, end) - start, 0))
    return Text.assemble("…" if start > skipped else "", shown, "…" if end < len(text) else "")


def fact_lines(facts: ClauseFacts) -> RenderableType:
    """A line for each role and for each kind of fact in the clause; facts of a kind without a short form as printed."""
    rows: list[tuple[str, str, str]] = []
    for role in ROLES:
        units = dict.fromkeys(r.unit for r in facts.responsibilities if r.role == role)
        rows.append((role, "、".join(units), "green"))
    for kind in FACT_KINDS:
        if kind.noun is not Responsibility:
            shown = dict.fromkeys(map(_SHORT_FORMS.get(kind.noun, _words), kind.of(facts)))
            rows.append((kind.name, "；".join(shown), "magenta"))
    return properties(*rows, gap=1)


def target_text(target: Target) -> str:
    """The short form of a target.

    公办园在园幼儿占比 > 60 %, due 2025 → "公办园在园幼儿占比＞60%（2025）"
    """
    if target.damaged:
        amount = f"?{target.unit}（{say('damaged')}）"
    elif target.value is None:
        amount = ""
    else:
        upper = f"–{_number(target.upper)}" if target.upper is not None else ""
        sign = "" if target.comparator == "=" else SIGNS[target.comparator]
        amount = f"{sign}{_number(target.value)}{upper}{target.unit}"
    when = "，".join(filter(None, (target.per, target.due if target.due != target.per else "")))
    return f"{target.indicator}{amount}" + (f"（{when}）" if when else "")


def deadline_text(deadline: Deadline) -> str:
    """The short form of a deadline: as printed, with the date or recurrence that it means."""
    words, when = "".join(deadline.text.split()), deadline.due or deadline.recurrence
    if deadline.damaged:
        return f"{words}（{say('year lost')}）"
    return f"{words}（{when}）" if when and when != words else words


def _words(fact: Fact) -> str:
    return "".join(fact.text.split())


# The kinds of facts that have a short form.
_SHORT_FORMS: Mapping[type[Fact], Callable[[Any], str]] = {Target: target_text, Deadline: deadline_text}


def answer_table(answer: Answer, explain: bool = False) -> RenderableType:
    """Units with role, score and clause, then the clauses; without units a sentence that says so, and the nearest clauses."""
    hits = [hit_text(hit, number, explain) for number, hit in enumerate(answer.evidence[:3], 1)]
    if not answer.units:
        nearest = [Text(say("nearest"), "dim"), *hits] if hits else []
        return Group(Text(say("no answer", query=answer.query), "bold"), *nearest)
    rows = empty_table(("unit", 2), ("role", None), ("score", None), ("clause", 3))
    for unit in answer.units:
        clause_id = unit.clause_id
        rows.add_row(
            _unit(unit), role_text(unit.role), f"{unit.score:.2f}", Text(clause_id, "dim cyan", overflow="fold")
        )
    doubt = [Text(say("leads differ"), "yellow")] if answer.leads_differ else []
    return Group(Text(say("who", query=answer.query), "bold"), *doubt, rows, Text(say("evidence"), "dim"), *hits)


def document_tree(parsed: ParsedDocument) -> RenderableType:
    """The header of a document, and the tree of its clauses with the facts of each."""
    tree = Tree(Text(parsed.document.id, "bold"), guide_style="dim")
    ids = {clause.id for clause in parsed.clauses}
    nodes: dict[str, Tree] = {}
    for facts in facts_by_clause(parsed):
        clause = facts.clause
        above = nodes.get(clause.parent_id or "", tree) if clause.parent_id in ids else tree
        nodes[clause.id] = above.add(Group(Text.assemble(clause_name(clause), printed_page(clause)), fact_lines(facts)))
    return Group(header(parsed.document), properties(*term(parsed.validity)), tree)


def _unit(unit: UnitAnswer) -> Text:
    """The unit as printed, its official name where it differs, and its directness where the clause has no mark for it."""
    lines = [(unit.organization, "dim")] if unit.organization != unit.unit else []
    if unit.directness != "mark":
        lines.append((f"（{say(f'directness {unit.directness}')}）", "yellow"))
    return Text.assemble(unit.unit, *((f"\n{line}", style) for line, style in lines))


def header(document: Document) -> RenderableType:
    """The particulars of a document: what stands in its header and footer, and the file."""
    return properties(
        ("title", document.title),
        ("document_number", document.document_number),
        ("issuers", "、".join(document.issuers)),
        ("addressees", "、".join(document.addressees)),
        ("issued_on", document.issued_on),
        ("kind", document.kind),
        ("attachments", "；".join(document.attachments)),
        ("disclosure", document.disclosure),
        ("source", document.source),
        ("pages", str(len(document.pages) or "")),
        ("ocr", _recognition(document), "yellow"),
    )


def _recognition(document: Document) -> str:
    """The pages of a document that were read from pictures, with the number of doubtful lines, and those that were not read."""
    between, doubtful = say("separator"), len(document.doubtful)
    pages = between.join(map(str, sorted({bisect_right(document.pages, span.start) for span in document.recognised})))
    read = [say("ocr pages", pages=pages, count=doubtful)] * bool(pages)
    doubt = [say("doubt", source=document.source, doubtful=doubtful)] * bool(doubtful and not pages)
    unread = [say("unread pages", pages=between.join(map(str, document.unread_pages)))] * bool(document.unread_pages)
    return between.join([*read, *doubt, *unread])


def clause_facts(facts: ClauseFacts) -> RenderableType:
    """A clause in full with its facts."""
    lines: list[RenderableType] = [
        Text(_SEPARATOR.join((facts.document_title, *facts.clause.path)), "dim"),
        *_standing(facts),
        Text(facts.clause.text or clause_name(facts.clause)),
        printed_page(facts.clause),
        Text(),
        fact_lines(facts),
    ]
    if any(r.implied_by for r in facts.responsibilities):
        lines.append(Text(say("declared"), "dim"))
    return Group(*lines)


def status_text(generation: Status, index: str) -> RenderableType:
    """The counts of an index, and the model and program that built it."""
    return properties(
        ("index", index),
        ("documents", str(generation.documents)),
        ("clauses", str(generation.clauses)),
        ("responsibilities", str(generation.responsibilities)),
        ("targets", str(generation.targets)),
        ("organizations", str(generation.organizations)),
        ("contextual", "" if generation.contextual is None else f"{generation.contextual:,}/{generation.clauses:,}"),
        ("model", generation.model),
        ("built_at", generation.built_at),
        ("generation", generation.generation),
        ("code_version", generation.code_version),
    )


def clause_name(clause: Clause) -> str:
    """A name for a clause: number and heading or beginning of the text; without both its part and the beginning of the text."""
    if clause.heading or clause.num:
        text = clause.heading or clause.text.removeprefix(clause.num).strip()
        number = "" if text.startswith(clause.num) else clause.num
        return f"{number}{text[:_HEADING]}{'…' if not clause.heading and len(text) > _HEADING else ''}"
    text = " ".join(clause.text.split())
    return f"{say(clause.part)}{text[:_HEADING]}{'…' if len(text) > _HEADING else ''}"


def printed_page(clause: Clause) -> Text:
    """The page on which a clause begins, with a note when it was read from a picture; empty for a format without pages."""
    page = Text(f"  {say('page', page=clause.page)}" if clause.page else "", "dim")
    return page.append(f"  {say(f'ocr {clause.ocr}')}", "yellow") if clause.ocr else page


def empty_table(*columns: tuple[str, int | None]) -> Table:
    """A table without rows, with these headings and shares of the width; a column without a share is as wide as its text."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for label, ratio in columns:
        table.add_column(say(label), ratio=ratio, no_wrap=ratio is None, overflow="fold")
    return table


def properties(*rows: tuple[str, str] | tuple[str, str, str], gap: int = 2) -> RenderableType:
    """Labels and values side by side, with a style where one is given; rows without a value are left out."""
    grid = Table.grid(padding=(0, gap, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value, *style in rows:
        if value:
            grid.add_row(Text(say(label), "dim"), Text(value, "".join(style)))
    return grid if grid.row_count else Group()


def role_text(role: Role) -> Text:
    """牵头, 责任 or 配合, in its colour."""
    return Text(say(role), "bold green" if role == "lead" else "green")


def _number(value: float) -> str:
    return f"{value:.15g}"
