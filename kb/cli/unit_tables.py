"""Units as tables for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from kb.cli import render
from kb.cli.wording import say
from kb.models import Organization, OrganizationSummary, Task
from kb.organizations import official_name


def unit_with_tasks(unit: Organization, tasks: Sequence[Task]) -> RenderableType:
    """A unit with its other names and all its tasks."""
    lines: list[RenderableType] = [Text(say("tasks of", name=unit.name, count=len(tasks)), "bold")]
    lines.append(
        render.properties(
            ("aliases", "、".join(unit.aliases)),
            ("jurisdiction", unit.jurisdiction),
            ("members", "、".join(unit.members)),
            ("successor_of", "、".join(unit.successor_of)),
        )
    )
    rows = render.empty_table(("role", None), ("task", 3), ("goals", 2))
    for task in tasks:
        facts = task.facts
        through = (f" ← {official_name(task.through)}", "yellow") if task.through else ""
        description = Text.assemble(
            render.clause_name(facts.clause),
            "\n",
            (facts.clause.id, "dim cyan"),
            render.printed_page(facts.clause),
            through,
            overflow="fold",
        )
        goals = [*map(render.target_text, facts.targets), *map(render.deadline_text, facts.deadlines)]
        rows.add_row(render.role_text(task.role), description, Text("；".join(dict.fromkeys(goals))))
    return Group(*lines, rows)


def unit_list(total: int, units: Sequence[OrganizationSummary]) -> RenderableType:
    """Units with level, jurisdiction, function, other names, and the number of tasks by role."""
    rows = render.empty_table(("unit", 3), ("level", None), ("function", 1), ("aliases", 2), ("roles", None))
    for summary in units:
        unit = summary.organization
        candidates = "".join(f"\n? {candidate}" for candidate in unit.candidates)
        counts = f"{summary.lead} / {summary.responsible} / {summary.support}"
        where = " ".join(filter(None, (say(f"level {unit.level}") if unit.level else "", unit.jurisdiction)))
        rows.add_row(Text(unit.id + candidates), where, unit.function or "?", Text("、".join(unit.aliases)), counts)
    return Group(Text(say("units", total=total, count=len(units)), "bold"), rows)
