"""How good the knowledge base is: the quality table with its floors, samples to read, and texts of any number.

usage: python scripts/evaluate.py gold [DIR ...] [--write] [--lower REASON] | sample [--of KIND] | texts [--share 0.1] | search

``gold`` scores documents labelled by hand and judged queries: those in tests/gold, and real ones where they lie at hand. It compares
with the figures committed last (scripts/quality.json). A figure that has fallen ends it with status 1, and nothing is written, unless
--lower says why.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import evaluate_search
import typer
from real_texts import LAWS, POLICIES, drawn, parse, read_texts, try_all
from rich.console import Console
from rich.table import Table
from rich.text import Text
from scoring import INVENTED, REAL, Report, score_reading, score_search

from kb.models import Clause, ParsedDocument

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared/data"
FIGURES, README = ROOT / "scripts/quality.json", ROOT / "README.md"
APART = "apart"  # documents whose mistakes nobody looks at
SETS = {name: INVENTED / name for name in ("first", "second", APART)} | {"real": REAL}  # the columns of the table
_JUDGED = REAL if REAL.exists() else INVENTED / "first"
_TABLE = re.compile(r"(?<=<!-- quality -->\n).*?(?=<!-- /quality -->)", re.DOTALL)
_ROUNDING = 0.0005

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the quality table; ``key`` names it in scripts/quality.json. A fall within ``slack`` is none."""

    key: str
    says: str
    slack: float = _ROUNDING
    more_is_better: bool = True

    def has_fallen(self, found: Mapping[str, float], committed: Mapping[str, float]) -> bool:
        """Whether a figure is worse than the committed one."""
        if self.key not in found or self.key not in committed:
            return False
        change = found[self.key] - committed[self.key]
        return (change if self.more_is_better else -change) < -self.slack


# One query whose answer slips from the first place to the second costs this much, of all queries of tests/gold and of those of a kind.
_A_SLIP, _A_SLIP_OF_A_KIND = 0.007, 0.025

MEASURES = (
    Measure("clauses", "Clauses found, F1"),
    Measure("parents", "… under the right parent"),
    Measure("headings", "… with the right heading"),
    Measure("responsibilities", "Units with their role, F1"),
    Measure("responsible_units", "Units alone, F1"),
    Measure("duties_precision", "Duties in sentences, precision"),
    Measure("duties_recall", "… recall"),
    Measure("targets", "Targets with value and unit, F1"),
    Measure("target_comparator", "… with the right comparator"),
    Measure("target_due", "… with the right due date"),
    Measure("deadlines_precision", "Deadlines, precision"),
    Measure("deadlines_recall", "… recall"),
    Measure("deadline_due", "… with the right date or rhythm"),
    Measure("header", "Header fields right"),
    Measure("search_all", "Search, all queries, nDCG@10", _A_SLIP),
    Measure("search_keyword", "… keywords", _A_SLIP_OF_A_KIND),
    Measure("search_question", "… questions", _A_SLIP_OF_A_KIND),
    Measure("search_paraphrase", "… people's own words", _A_SLIP_OF_A_KIND),
    Measure("search_who", "… who is responsible", _A_SLIP_OF_A_KIND),
    Measure("who_exact", "Who is responsible: exactly the right units"),
    Measure("none_abstained", "Unanswerable questions left unanswered"),
    Measure("who_abstained", "Answerable questions left unanswered", more_is_better=False),
)

GoldFolder = Annotated[Path, typer.Option(help="labelled documents, labels and queries", exists=True)]
DataFolder = Annotated[Path, typer.Option(help="the collected texts", exists=True)]


@app.command()
def gold(
    folders: Annotated[list[Path] | None, typer.Argument(metavar="[DIR]...", exists=True, file_okay=False)] = None,
    write: Annotated[bool, typer.Option("--write", help="keep the figures, in README.md too")] = False,
    lower: Annotated[str, typer.Option(help="why a figure may fall")] = "",
    errors: Annotated[
        bool, typer.Option("--errors", help="list every mistake; of documents kept apart only if DIR names them")
    ] = False,
) -> None:
    """Print the quality table, compare it with the committed figures, and keep it with --write."""
    kept = committed()
    found: dict[str, dict[str, float]] = {}
    for folder in folders or [folder for folder in SETS.values() if folder.exists()]:
        name = next((name for name, known in SETS.items() if known.resolve() == folder.resolve()), str(folder))
        report = measured(folder)
        found[name] = report.figures()
        console.print(_table(name, found[name], kept.get(name, {})))
        if errors and (folders or name != APART):
            console.print("\n".join(report.mistakes), markup=False)
    fallen = {name: _fallen(figures, kept.get(name, {})) for name, figures in found.items()}
    if any(fallen.values()) and not lower:
        keys = ", ".join(f"{key} ({name})" for name, keys in fallen.items() for key in keys)
        console.print(f"fallen: {keys}; nothing written. --lower REASON says why it may be", style="red")
        raise typer.Exit(1)
    if write:
        _write(kept | {name: figures for name, figures in found.items() if name in SETS}, fallen, lower)


def measured(folder: Path) -> Report:
    """All figures of a folder of labelled documents, and every mistake."""
    reading, search = score_reading(folder), score_search(folder)
    reading.scores |= search.scores
    reading.mistakes += search.mistakes
    return reading


def committed() -> dict[str, dict[str, float]]:
    """The figures that were committed last, by the name of the set."""
    figures: dict[str, dict[str, float]] = json.loads(FIGURES.read_text("utf-8"))["figures"]
    return figures


def _fallen(found: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    return [measure.key for measure in MEASURES if measure.has_fallen(found, before)]


def _write(figures: Mapping[str, dict[str, float]], fallen: Mapping[str, list[str]], reason: str) -> None:
    kept: dict[str, Any] = {"figures": figures}
    if any(fallen.values()):
        kept["lowered"] = {name: dict.fromkeys(keys, reason) for name, keys in fallen.items() if keys}
    FIGURES.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
    README.write_text(_TABLE.sub(lambda _: markdown(figures), README.read_text("utf-8")), "utf-8")


@app.command()
def sample(
    of: Annotated[str, typer.Option(help="responsibilities, targets, deadlines, citations or clauses")] = "clauses",
    missing: Annotated[
        str, typer.Option(help="only clauses that match this pattern and hold no fact of the kind")
    ] = "",
    count: Annotated[int, typer.Option(help="how many clauses")] = 20,
    seed: int = 1,
    data: DataFolder = DATA,
) -> None:
    """Draw random clauses of real documents with what was read out of them, to be read by a person."""
    if of not in {field.name for field in fields(ParsedDocument)} - {"document"}:
        raise typer.BadParameter(f"--of {of}: no such kind")
    left = count
    for source in drawn(tuple(read_texts(data / POLICIES)), 20 * count, seed):
        parsed = parse(source)
        held: dict[str, list[Any]] = defaultdict(list)
        for fact in getattr(parsed, of) if of != "clauses" else ():
            held[fact.clause_id].append(fact)
        wanted = [clause for clause in parsed.clauses if _is_wanted(clause, held, of, missing)]
        for clause in wanted[seed % max(1, len(wanted)) :][:1]:
            console.rule(f"{source.name} {clause.id}", align="left")
            console.print(Text(f"{' › '.join(clause.path)}\n{clause.text}"))
            for fact in held[clause.id]:
                shown = {key: value for key, value in asdict(fact).items() if value and key != "clause_id"}
                console.print(Text(f"  {shown}", "green"))
            left -= 1
        if left <= 0:
            return


def _is_wanted(clause: Clause, held: dict[str, list[Any]], of: str, missing: str) -> bool:
    if missing:
        return clause.id not in held and re.search(missing, clause.text) is not None
    return of == "clauses" or clause.id in held


@app.command()
def texts(
    share: Annotated[float, typer.Option(min=0, max=1, help="of each collection")] = 1.0,
    processes: Annotated[int, typer.Option(min=1)] = 1,
    seed: int = 1,
    data: DataFolder = DATA,
) -> None:
    """Parse the collected texts: errors, broken laws of spans, characters a second of one core."""
    broken = 0
    table = Table("collection", "texts", "characters", "characters/s", "slowest, characters/s", "broken")
    for name in (POLICIES, LAWS):
        found = tuple(read_texts(data / name))
        trials = list(try_all(drawn(found, round(share * len(found)), seed), processes))
        bad = [trial for trial in trials if trial.broken]
        characters, seconds = sum(t.characters for t in trials), sum(t.seconds for t in trials)
        slowest = min((t.characters / t.seconds for t in trials if t.characters > 5_000), default=0)
        rates = (f"{characters / seconds:,.0f}", f"{slowest:,.0f}")
        table.add_row(name, f"{len(trials):,}", f"{characters:,}", *rates, str(len(bad)))
        for trial in bad[:20]:
            console.print(f"{trial.name}: {'; '.join(trial.broken)}", style="red", markup=False)
        broken += len(bad)
    console.print(table)
    if broken:
        raise typer.Exit(1)


@app.command()
def search(
    folder: GoldFolder = _JUDGED,
    data: DataFolder = DATA,
    model: Annotated[str, typer.Option(help="folder or name of a model, by default the embedded one")] = "",
) -> None:
    """Compare words, vectors, both, and both with the thesaurus on the same clauses in one run, with what each part costs."""
    evaluate_search.report(folder, data, model)


def _table(name: str, found: Mapping[str, float], before: Mapping[str, float]) -> Table:
    table = Table("measure", "now", "committed", title=f"{name} documents")
    for measure in MEASURES:
        style = "red" if measure.has_fallen(found, before) else ""
        table.add_row(measure.says, _figure(found, measure), _figure(before, measure), style=style)
    return table


def markdown(figures: Mapping[str, Mapping[str, float]]) -> str:
    """The table of README.md: a column for each set of documents."""
    names = [name for name in SETS if name in figures]
    rows = [f"| Measure | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    shown = [m for m in MEASURES if any(m.key in figures[name] for name in names)]
    rows += [f"| {m.says} | {' | '.join(_figure(figures[name], m) for name in names)} |" for m in shown]
    return "\n".join(rows) + "\n"


def _figure(figures: Mapping[str, float], measure: Measure) -> str:
    return f"{figures[measure.key]:.3f}" if measure.key in figures else ""


if __name__ == "__main__":
    app()
