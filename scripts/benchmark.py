"""How fast the knowledge base is, by size, beside other programs, in one run on one machine.

usage: python scripts/benchmark.py run [--sizes 1000,10000] [--work DIR] [--port 8000] [--peers-up-to 100000]

Makes a corpus of each size (``benchmark_corpus``) and builds it (what that costs: ``benchmark_build``), asks it in the process, at the
terminal and over HTTP, and asks the other programs (``pip install .[benchmark]``) the same on the same clauses and vectors; each in a
process of its own. What lies in the work folder already is not made again. Writes docs/benchmark.json, .md and .svg. Where BENCHMARK_POSTGRES is the
address of a database that has pgvector and may be overwritten, the index is asked there as well, and PostgreSQL's own search beside it.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import benchmark_http
import benchmark_ours
import benchmark_peers
import typer
from benchmark_corpus import write_corpus
from benchmark_report import write_report

ROOT = Path(__file__).parent.parent
_READ = 100_000  # clauses, at most, that the contextual model reads as well
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_STEPS = {
    "in_process": lambda index, _: benchmark_ours.in_process(index),
    "filling": lambda index, _: benchmark_ours.filling(index),
    "recall": lambda index, _: benchmark_ours.recall(index),
    "terminal": lambda index, _: benchmark_ours.at_the_terminal(index),
    "database": lambda index, _: benchmark_ours.in_a_database(index),
    "http": benchmark_http.over_http,
    "routes": benchmark_http.routes,
    "day": benchmark_http.working_day,
}


@app.command()
def run(
    sizes: Annotated[str, typer.Option(help="clauses, separated by commas")] = "1000,10000,100000,1000000",
    work: Annotated[Path, typer.Option(help="where corpora and indexes lie")] = Path("/tmp/kb-benchmark"),
    port: Annotated[int, typer.Option(help="where the server listens meanwhile")] = 8000,
    peers_up_to: Annotated[int, typer.Option(help="largest size for the other programs")] = 100_000,
) -> None:
    """Measure everything and write the report."""
    found: dict[str, Any] = {"made": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "machine": _machine(), "sizes": {}}
    for size in map(int, sizes.split(",")):
        index = _made(work, size)
        one = found["sizes"][size] = {}
        for step in _STEPS:
            one[step] = _alone("measure", step, str(index), "--port", str(port))
        if size <= peers_up_to:
            one["peers"] = {name: _alone("peer", name, str(index)) for name in benchmark_peers.PEERS}
        # After each size: what was measured stays when a larger one is stopped.
        write_report(found, ROOT / "docs", " ".join(["python scripts/benchmark.py", *sys.argv[1:]]))


def _made(work: Path, size: int) -> Path:
    """The index of that size, built when it is not there."""
    corpus, index = work / f"corpus-{size}", work / f"index-{size}"
    if not corpus.exists():
        write_corpus(corpus, size)
    if not (index / "current").exists():
        command = Path(sys.executable).with_name("kb")
        # The contextual model reads 100,000 clauses in a quarter of an hour, a million in two hours.
        fast = ["--fast"] if size > _READ else []
        subprocess.run([command, "build", "--corpus", corpus, "--index", index, *fast], check=True, cwd=ROOT)
    return index


def _alone(*command: str) -> dict[str, Any]:
    """What a command of this script prints when it runs in a process of its own."""
    typer.echo(" ".join(command), err=True)
    said = subprocess.run([sys.executable, __file__, *command], check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    typer.echo(json.dumps(found), err=True)
    return found


def _machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(total), "python": platform.python_version()}


@app.command(hidden=True)
def measure(step: str, index: Path, port: int = 8000) -> None:
    """Measure one thing and print it."""
    typer.echo(json.dumps(_STEPS[step](index, port)))


@app.command(hidden=True)
def peer(name: str, index: Path) -> None:
    """Measure another program and print it."""
    typer.echo(json.dumps(benchmark_peers.measured(name, index)))


if __name__ == "__main__":
    app()
