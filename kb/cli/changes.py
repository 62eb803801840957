"""What has changed between two versions of a document, as a list that reads well without colours too."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from kb.cli.render import name, target
from kb.cli.wording import say
from kb.models import ClauseChange, Comparison

_AROUND = 6  # characters shown around words that have changed
_MOST_STRETCHES = 6  # stretches of changed words shown of a clause


def comparison(found: Comparison) -> RenderableType:
    """What has changed from one version of a document to the other, clause by clause."""
    if not found.changes:
        return Text(say("no changes"))
    return Group(*map(_clause_change, found.changes))


def _clause_change(change: ClauseChange) -> RenderableType:
    style = {"added": "green", "removed": "red", "changed": "yellow"}[change.kind]
    names = [name(clause) for clause in (change.old, change.new) if clause is not None]
    lines = [Text.assemble((f"{say(change.kind)}  ", style), (" → ".join(dict.fromkeys(names)), "bold"))]
    lines += _changed_words(change)
    for sign, units, targets in (
        ("-", change.responsibilities_removed, change.targets_removed),
        ("+", change.responsibilities_added, change.targets_added),
    ):
        colour = "green" if sign == "+" else "red"
        lines += [Text(f"    {sign} {say(one.role)} {one.unit}", colour) for one in units]
        lines += [Text(f"    {sign} {target(one)}", colour) for one in targets]
    return Group(*lines)


def _changed_words(change: ClauseChange) -> list[Text]:
    """What is gone and what has come, each stretch between brackets with a few characters around it."""
    lines = []
    sides = (
        (change.old, change.words_removed, "[-", "-]", "red"),
        (change.new, change.words_added, "{+", "+}", "green"),
    )
    for clause, spans, opening, closing, colour in sides:
        if clause is not None and spans:
            text = clause.text
            around = [
                f"{text[max(0, s.start - _AROUND) : s.start]}{opening}{text[s.start : s.end]}{closing}{text[s.end : s.end + _AROUND]}"
                for s in spans[:_MOST_STRETCHES]
            ]
            more = "…" if len(spans) > _MOST_STRETCHES else ""
            lines.append(Text("    " + " … ".join(" ".join(one.split()) for one in around) + more, colour))
    return lines
