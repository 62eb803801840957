"""Answers → tables and texts that read well in 80 columns, in Chinese and in English."""

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

_EXCERPT = 120  # characters of a clause shown under a hit
_BEFORE = 30  # of them before the first word found, at most
_PAUSE = re.compile(r"[，。；：！？、\n]|,(?!\d)")
_HEADING = 28  # characters of a text that stands in for a missing heading
_SEPARATOR = " › "


def search_result(result: SearchResult, explain: bool = False) -> RenderableType:
    """Hits with breadcrumb, excerpt and facts, and how many there are."""
    if not result.hits:
        return Text(say("no hits"))
    first = result.offset + 1
    counts = say("hits", total=result.total, first=first, last=result.offset + len(result.hits))
    return Group(Text(counts, "dim"), *(hit(one, number, explain) for number, one in enumerate(result.hits, first)))


def hit(one: Hit, number: int, explain: bool = False) -> RenderableType:
    """One clause that was found: where it stands, what it says, who answers for it."""
    facts = one.facts
    head = Text.assemble((f"[{number}] ", "dim"), (name(facts.clause), "bold"), "  ", (f"{one.score:.2f}", "cyan"))
    if one.weak:
        head.append(f"  {say('weak')}", "yellow")
    lines: list[RenderableType] = [
        Text(_SEPARATOR.join((facts.document_title, *facts.clause.path[:-1])), "dim"),
        *_standing(facts),
        excerpt(facts.clause, one.highlights),
        fact_lines(facts),
        Text.assemble((facts.clause.id, "dim cyan"), place(facts.clause)),
    ]
    if explain:
        lines.append(properties(*why(one)))
    return Group(Text(), head, Padding(Group(*lines), (0, 0, 0, 4)))


def _standing(facts: ClauseFacts) -> list[Text]:
    said = standing(facts.validity)
    return [Text(said, "red")] if said else []


def excerpt(clause: Clause, spans: Sequence[Span]) -> Text:
    """About ``_EXCERPT`` characters of a clause behind its heading, around the first word found there, with the words marked.

    It begins and ends behind a punctuation mark where there is one near, so that no word is cut.
    """
    text = clause.text
    opening = f"{clause.num}{clause.heading}"
    skipped = len(opening) + 1 if clause.heading and text.startswith(opening) else 0
    inside = [span for span in spans if span.start >= skipped]
    start = skipped
    if inside and (wanted := min(inside[0].start - _BEFORE, len(text) - _EXCERPT)) > skipped:
        start = next((pause.end() for pause in _PAUSE.finditer(text, wanted, inside[0].start)), wanted)
    end = min(len(text), start + _EXCERPT)
    if end < len(text):
        end = max((pause.end() for pause in _PAUSE.finditer(text, end - _BEFORE, end)), default=end)
    shown = Text(" ".join(text[start:end].split("\n")))
    for span in inside:
        shown.stylize("bold yellow", max(span.start - start, 0), max(min(span.end, end) - start, 0))
    return Text.assemble("…" if start > skipped else "", shown, "…" if end < len(text) else "")


def fact_lines(facts: ClauseFacts) -> RenderableType:
    """One line for each kind of fact that the clause has, for responsibilities one for each role; facts in short, or their words."""
    rows: list[tuple[str, str, str]] = []
    for role in ROLES:
        units = dict.fromkeys(r.unit for r in facts.responsibilities if r.role == role)
        rows.append((role, "、".join(units), "green"))
    for kind in FACT_KINDS:
        if kind.noun is not Responsibility:
            shown = dict.fromkeys(map(_SHORTENED.get(kind.noun, _words), kind.of(facts)))
            rows.append((kind.name, "；".join(shown), "magenta"))
    return properties(*rows, gap=1)


def target(one: Target) -> str:
    """A target in short.

    公办园在园幼儿占比 > 60 %, due 2025 → "公办园在园幼儿占比＞60%（2025）"
    """
    if one.damaged:
        amount = f"?{one.unit}（{say('damaged')}）"
    elif one.value is None:
        amount = ""
    else:
        upper = f"–{_number(one.upper)}" if one.upper is not None else ""
        sign = "" if one.comparator == "=" else SIGNS[one.comparator]
        amount = f"{sign}{_number(one.value)}{upper}{one.unit}"
    when = "，".join(filter(None, (one.per, one.due if one.due != one.per else "")))
    return f"{one.indicator}{amount}" + (f"（{when}）" if when else "")


def deadline(one: Deadline) -> str:
    """When something is due: date or recurrence, with the words of the source."""
    words, when = "".join(one.text.split()), one.due or one.recurrence
    if one.damaged:
        return f"{words}（{say('year lost')}）"
    return f"{words}（{when}）" if when and when != words else words


def _words(fact: Fact) -> str:
    return "".join(fact.text.split())


# Facts that are said shorter than the source says them.
_SHORTENED: Mapping[type[Fact], Callable[[Any], str]] = {Target: target, Deadline: deadline}


def answer(said: Answer, explain: bool = False) -> RenderableType:
    """Units with role, score and clause, then the clauses themselves; or that there is no answer, and what comes nearest."""
    hits = [hit(one, number, explain) for number, one in enumerate(said.evidence[:3], 1)]
    if not said.units:
        nearest = [Text(say("nearest"), "dim"), *hits] if hits else []
        return Group(Text(say("no answer", query=said.query), "bold"), *nearest)
    rows = table(("unit", 2), ("role", None), ("score", None), ("clause", 3))
    for unit in said.units:
        clause_id = unit.clause_id
        rows.add_row(
            _unit(unit), role_text(unit.role), f"{unit.score:.2f}", Text(clause_id, "dim cyan", overflow="fold")
        )
    doubt = [Text(say("leads differ"), "yellow")] if said.leads_differ else []
    return Group(Text(say("who", query=said.query), "bold"), *doubt, rows, Text(say("evidence"), "dim"), *hits)


def document_tree(parsed: ParsedDocument) -> RenderableType:
    """The head of a document and the tree of its clauses with the facts of each."""
    tree = Tree(Text(parsed.document.id, "bold"), guide_style="dim")
    branches = {clause.id: clause for clause in parsed.clauses}
    nodes: dict[str, Tree] = {}
    for facts in facts_by_clause(parsed):
        clause = facts.clause
        above = nodes.get(clause.parent_id or "", tree) if clause.parent_id in branches else tree
        nodes[clause.id] = above.add(Group(Text.assemble(name(clause), place(clause)), fact_lines(facts)))
    return Group(header(parsed.document), properties(*term(parsed.validity)), tree)


def _unit(unit: UnitAnswer) -> Text:
    """The unit as it is printed, its official name where that is another, and how it is said when not by a mark of its own."""
    lines = [(unit.organization, "dim")] if unit.organization != unit.unit else []
    if unit.directness != "mark":
        lines.append((f"（{say(f'directness {unit.directness}')}）", "yellow"))
    return Text.assemble(unit.unit, *((f"\n{line}", style) for line, style in lines))


def header(document: Document) -> RenderableType:
    """What the head and foot of a document say about it."""
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
    """How much of a document was read from pictures, "" when nothing was."""
    pages = sorted({bisect_right(document.pages, span.start) for span in document.recognised})
    return say("ocr pages", pages=say("separator").join(map(str, pages)), count=len(document.doubtful)) if pages else ""


def clause_facts(facts: ClauseFacts) -> RenderableType:
    """One clause in full, with everything that was read out of it."""
    lines: list[RenderableType] = [
        Text(_SEPARATOR.join((facts.document_title, *facts.clause.path)), "dim"),
        *_standing(facts),
        Text(facts.clause.text or name(facts.clause)),
        place(facts.clause),
        Text(),
        fact_lines(facts),
    ]
    if any(r.implied_by for r in facts.responsibilities):
        lines.append(Text(say("declared"), "dim"))
    return Group(*lines)


def status(generation: Status, index: str) -> RenderableType:
    """What the index holds and was built with."""
    return properties(
        ("index", index),
        ("documents", str(generation.documents)),
        ("clauses", str(generation.clauses)),
        ("responsibilities", str(generation.responsibilities)),
        ("targets", str(generation.targets)),
        ("organizations", str(generation.organizations)),
        ("model", generation.model),
        ("built_at", generation.built_at),
        ("generation", generation.generation),
        ("code_version", generation.code_version),
    )


def name(clause: Clause) -> str:
    """A clause as it is called: number and heading, or the beginning of its text, or what part of the document it is."""
    if clause.heading or clause.num:
        text = clause.heading or clause.text.removeprefix(clause.num).strip()
        number = "" if text.startswith(clause.num) else clause.num
        return f"{number}{text[:_HEADING]}{'…' if not clause.heading and len(text) > _HEADING else ''}"
    text = " ".join(clause.text.split())
    return f"{say(clause.part)}{text[:_HEADING]}{'…' if len(text) > _HEADING else ''}"


def place(clause: Clause) -> Text:
    """The printed page that a clause begins on, and that it was read from a picture; empty in a format without pages."""
    page = Text(f"  {say('page', page=clause.page)}" if clause.page else "", "dim")
    return page.append(f"  {say(f'ocr {clause.ocr}')}", "yellow") if clause.ocr else page


def table(*columns: tuple[str, int | None]) -> Table:
    """An empty table with these heads and shares of the width; a column without a share is as wide as its words."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for label, ratio in columns:
        made.add_column(say(label), ratio=ratio, no_wrap=ratio is None, overflow="fold")
    return made


def properties(*rows: tuple[str, str] | tuple[str, str, str], gap: int = 2) -> RenderableType:
    """Labels and values side by side, with a style where one is given; what has no value is left out."""
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
