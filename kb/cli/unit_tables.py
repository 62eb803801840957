"""Units as tables that read well in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from kb.cli import render
from kb.cli.wording import say
from kb.models import Organization, OrganizationSummary, Task
from kb.organizations import official_name


def organization(one: Organization, tasks: Sequence[Task], namesakes: Sequence[Organization] = ()) -> RenderableType:
    """A unit with its other names and everything that it answers for."""
    lines: list[RenderableType] = [Text(say("tasks of", name=one.name, count=len(tasks)), "bold")]
    lines.append(
        render.properties(
            ("aliases", "、".join(one.aliases)),
            ("jurisdiction", one.jurisdiction),
            ("members", "、".join(one.members)),
            ("successor_of", "、".join(one.successor_of)),
            ("namesakes", "、".join(each.id for each in namesakes)),
        )
    )
    rows = render.table(("role", None), ("task", 3), ("goals", 2))
    for task in tasks:
        facts = task.facts
        through = (f" ← {official_name(task.through)}", "yellow") if task.through else ""
        what = Text.assemble(
            render.name(facts.clause),
            "\n",
            (facts.clause.id, "dim cyan"),
            render.place(facts.clause),
            through,
            overflow="fold",
        )
        goals = [*map(render.target, facts.targets), *map(render.deadline, facts.deadlines)]
        rows.add_row(render.role_text(task.role), what, Text("；".join(dict.fromkeys(goals))))
    return Group(*lines, rows)


def organizations(total: int, found: Sequence[OrganizationSummary]) -> RenderableType:
    """Units with what is known of each and how much they answer for, by role."""
    rows = render.table(("unit", 3), ("level", None), ("function", 1), ("aliases", 2), ("roles", None))
    for one in found:
        known = one.organization
        doubtful = "".join(f"\n? {candidate}" for candidate in known.candidates)
        counts = f"{one.lead} / {one.responsible} / {one.support}"
        where = " ".join(filter(None, (say(f"level {known.level}") if known.level else "", known.jurisdiction)))
        rows.add_row(Text(known.id + doubtful), where, known.function or "?", Text("、".join(known.aliases)), counts)
    return Group(Text(say("units", total=total, count=len(found)), "bold"), rows)
