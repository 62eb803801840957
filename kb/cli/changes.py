"""The changes between two versions of a document as text, readable without colours too."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from kb.cli.render import clause_name, deadline_text, target_text
from kb.cli.wording import say
from kb.models import ClauseChange, Comparison

_AROUND = 6  # the characters shown before and behind changed words
_MOST_STRETCHES = 6  # the most stretches of changed words shown for a clause


def change_list(comparison: Comparison) -> RenderableType:
    """The changes from one version of a document to the other, clause by clause."""
    if not comparison.changes:
        return Text(say("no changes"))
    return Group(*map(_clause_change, comparison.changes))


def _clause_change(change: ClauseChange) -> RenderableType:
    style = {"added": "green", "removed": "red", "changed": "yellow"}[change.kind]
    names = [clause_name(clause) for clause in (change.old, change.new) if clause is not None]
    lines = [Text.assemble((f"{say(change.kind)}  ", style), (" → ".join(dict.fromkeys(names)), "bold"))]
    lines += _changed_words(change)
    for sign, units, targets, deadlines in (
        ("-", change.responsibilities_removed, change.targets_removed, change.deadlines_removed),
        ("+", change.responsibilities_added, change.targets_added, change.deadlines_added),
    ):
        colour = "green" if sign == "+" else "red"
        lines += [Text(f"    {sign} {say(unit.role)} {unit.unit}", colour) for unit in units]
        lines += [Text(f"    {sign} {target_text(target)}", colour) for target in targets]
        lines += [Text(f"    {sign} {deadline_text(deadline)}", colour) for deadline in deadlines]
    return Group(*lines)


def _changed_words(change: ClauseChange) -> list[Text]:
    """A line of removed and a line of added words, each stretch in brackets with a few characters around it."""
    lines = []
    sides = (
        (change.old, change.words_removed, "[-", "-]", "red"),
        (change.new, change.words_added, "{+", "+}", "green"),
    )
    for clause, spans, opening, closing, colour in sides:
        if clause is not None and spans:
            text = clause.text
            stretches = [
                f"{text[max(0, s.start - _AROUND) : s.start]}{opening}{text[s.start : s.end]}{closing}{text[s.end : s.end + _AROUND]}"
                for s in spans[:_MOST_STRETCHES]
            ]
            more = "…" if len(spans) > _MOST_STRETCHES else ""
            lines.append(Text("    " + " … ".join(" ".join(stretch.split()) for stretch in stretches) + more, colour))
    return lines
