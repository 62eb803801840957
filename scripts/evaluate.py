"""How good the knowledge base is on real documents: the quality table with its floors, and samples to read.

usage: python scripts/evaluate.py gold [--write] [--lower REASON] | sample [--of KIND] | texts [--share 0.1] | search

``gold`` scores hand-labelled documents and judged queries with the scorers that lie beside them and compares with the figures
committed last (scripts/quality.json). A figure that has fallen ends it with status 1, and nothing is written, unless --lower says why.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import evaluate_search
import typer
from real_texts import LAWS, POLICIES, drawn, parse, read_texts, try_all
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kb.ingest.analysis import analyse
from kb.models import Clause, ParsedDocument

ROOT = Path(__file__).parent.parent
GOLD, DATA = ROOT.parent / "shared/gold/dev", ROOT.parent / "shared/data"
FIGURES, README = ROOT / "scripts/quality.json", ROOT / "README.md"
_TABLE = re.compile(r"(?<=<!-- quality -->\n).*?(?=<!-- /quality -->)", re.DOTALL)
_LEAST = 0.0005  # less is rounding

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the quality table; ``key`` names it in scripts/quality.json, a figure below ``floor`` fails the tests."""

    key: str
    says: str
    floor: float
    more_is_better: bool = True


MEASURES = (
    Measure("clauses", "Clauses found, F1", 0.995),
    Measure("parents", "… under the right parent", 0.99),
    Measure("headings", "… with the right heading", 0.95),
    Measure("responsibilities", "Units with their role, F1", 0.98),
    Measure("responsible_units", "Units alone, F1", 0.985),
    Measure("targets", "Targets with value and unit, F1", 0.9),
    Measure("target_comparator", "… with the right comparator", 0.95),
    Measure("target_due", "… with the right due date", 0.9),
    Measure("header", "Header fields right", 0.95),
    Measure("search_all", "Search, all queries, nDCG@10", 0.885),
    Measure("search_keyword", "… keywords", 0.96),
    Measure("search_question", "… questions", 0.955),
    Measure("search_paraphrase", "… people's own words", 0.7),
    Measure("search_who", "… who is responsible", 0.95),
    Measure("who_exact", "Who is responsible: exactly the right units", 0.9),
    Measure("none_abstained", "Unanswerable questions left unanswered", 0.9),
    Measure("who_abstained", "Answerable questions left unanswered", 0.07, more_is_better=False),
)

GoldFolder = Annotated[Path, typer.Option(help="labelled documents, labels and queries", exists=True)]
DataFolder = Annotated[Path, typer.Option(help="the collected texts", exists=True)]


@app.command()
def gold(
    folder: GoldFolder = GOLD,
    write: Annotated[bool, typer.Option("--write", help="keep the figures, in README.md too")] = False,
    lower: Annotated[str, typer.Option(help="why a figure may fall")] = "",
    errors: Annotated[bool, typer.Option("--errors", help="list every difference")] = False,
) -> None:
    """Print the quality table, compare it with the committed figures, and keep it with --write."""
    found, differences = extraction_figures(folder)
    found |= search_figures(folder)
    committed = json.loads(FIGURES.read_text("utf-8"))["figures"] if FIGURES.exists() else {}
    console.print(_table(found, committed))
    if errors:
        console.print("\n".join(differences), markup=False)
    fallen = [measure.key for measure in MEASURES if has_fallen(measure, found, committed)]
    if fallen and not lower:
        console.print(f"fallen: {', '.join(fallen)}; nothing written. --lower REASON says why it may be", style="red")
        raise typer.Exit(1)
    if write:
        kept: dict[str, Any] = {"figures": found} | ({"lowered": dict.fromkeys(fallen, lower)} if fallen else {})
        FIGURES.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
        README.write_text(_TABLE.sub(lambda _: _markdown(found), README.read_text("utf-8")), "utf-8")


def extraction_figures(folder: Path) -> tuple[dict[str, float], list[str]]:
    """F1 or share right of everything that is read out of the labelled documents, and each difference in words."""
    scorer = _scorer(folder)
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    differences: list[str] = []
    for label in sorted((folder / "labels").glob("*.json")):
        path = folder / "docs" / f"{label.stem}.txt"
        labelled = json.loads(label.read_text("utf-8"))
        rows = scorer.score_document(path.read_text("utf-8"), labelled, asdict(analyse(path)), differences, label.stem)
        for key, row in rows.items():
            counted[key] = [a + b for a, b in zip(counted[key], (*row, 0)[:3], strict=True)]
    figures = {}
    for key, (first, second, hit) in counted.items():
        is_share = key in ("header", "parents", "headings", "target_comparator", "target_due")
        figures[key] = round(second / first if is_share else scorer.prf(first, second, hit)[2], 4)
    return figures, differences


def search_figures(folder: Path) -> dict[str, float]:
    """nDCG@10 by kind of query, and how well "who is responsible" is answered and left unanswered."""
    kb = str(Path(sys.executable).with_name("kb"))
    command = [sys.executable, str(folder.parent / "score_search.py"), str(folder), "--kb", kb, "--json"]
    scored = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    figures = {
        f"search_{kind}": scored[kind]["ndcg@10"] for kind in ("all", "keyword", "question", "paraphrase", "who")
    }
    answered = scored["who"]
    return figures | {
        "who_exact": answered["units_exact"],
        "none_abstained": answered["units_abstained_on_none"],
        "who_abstained": answered["units_abstained_on_who"],
    }


def has_fallen(measure: Measure, found: dict[str, float], committed: dict[str, float]) -> bool:
    """Whether a figure is worse than the committed one."""
    if measure.key not in found or measure.key not in committed:
        return False
    change = found[measure.key] - committed[measure.key]
    return (change if measure.more_is_better else -change) < -_LEAST


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
    folder: GoldFolder = GOLD,
    data: DataFolder = DATA,
    model: Annotated[str, typer.Option(help="folder or name of a model, by default the embedded one")] = "",
) -> None:
    """Compare words, vectors, both, and both with the thesaurus on the same clauses in one run, with what each part costs."""
    evaluate_search.report(folder, data, model)


def _scorer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("gold_score", folder.parent / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _table(found: dict[str, float], committed: dict[str, float]) -> Table:
    table = Table("measure", "now", "committed")
    for measure in MEASURES:
        style = "red" if has_fallen(measure, found, committed) else ""
        now, then = found.get(measure.key), committed.get(measure.key)
        table.add_row(
            measure.says,
            f"{now:.3f}" if now is not None else "",
            f"{then:.3f}" if then is not None else "",
            style=style,
        )
    return table


def _markdown(found: dict[str, float]) -> str:
    rows = [f"| {m.says} | {found[m.key]:.3f} |" for m in MEASURES if m.key in found]
    return "\n".join(["| Measure | Value |", "| --- | ---: |", *rows]) + "\n"


if __name__ == "__main__":
    app()
