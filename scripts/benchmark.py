"""How fast the knowledge base is, by size, beside other programs, in one run on one machine.

usage: python scripts/benchmark.py [--sizes 1000,10000] [--work DIR] [--port 8000] [--peers-up-to 100000]

Makes a corpus of each size (``benchmark_corpus``), builds it, asks it in the process, at the terminal and over HTTP, and asks the other
programs (``pip install .[benchmark]``) the same on the same clauses and vectors; each in a process of its own. What lies in the work
folder already is not made again. Writes docs/benchmark.json, .md and .svg.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import benchmark_ours
import benchmark_peers
import typer
from benchmark_corpus import write_corpus
from benchmark_report import write_report

from kb.build import build
from kb.encoder import load_encoder

ROOT = Path(__file__).parent.parent
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_STEPS = {
    "in_process": lambda index, _: benchmark_ours.in_process(index),
    "recall": lambda index, _: benchmark_ours.recall(index),
    "terminal": lambda index, _: benchmark_ours.at_the_terminal(index),
    "http": benchmark_ours.over_http,
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
        one = found["sizes"][size] = {"build": _built(work, size)}
        index = work / f"index-{size}"
        for step in _STEPS:
            one[step] = _alone("measure", step, str(index), "--port", str(port))
        if size <= peers_up_to:
            one["peers"] = {name: _alone("peer", name, str(index)) for name in benchmark_peers.PEERS}
    write_report(found, ROOT / "docs", " ".join(["python scripts/benchmark.py", *sys.argv[2:]]))


def _built(work: Path, size: int) -> dict[str, Any]:
    """What building the index of that size has cost, now or when it was built."""
    kept = work / f"build-{size}.json"
    if not kept.exists():
        corpus = work / f"corpus-{size}"
        if not corpus.exists():
            write_corpus(corpus, size)
        kept.write_text(json.dumps(_alone("build", str(corpus), str(work / f"index-{size}"))), "utf-8")
    built: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return built


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


@app.command("build", hidden=True)
def build_one(corpus: Path, index: Path) -> None:
    """Build a corpus and print the report and the memory that it took at most."""
    report = asdict(build(corpus, index, load_encoder()))
    figures = {key: value for key, value in report.items() if isinstance(value, int | float)}
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    typer.echo(json.dumps(figures | {"peak_mib": peaks[0], "peak_of_a_reader_mib": peaks[1]}))


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
