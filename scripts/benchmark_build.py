"""How fast documents become a knowledge base: full builds and increments of one file, for corpora of several sizes; JSON on standard output.

    python scripts/benchmark_build.py /tmp/work 1000 10000 100000

Writes corpora and indexes into the folder (and leaves them there), runs ``kb build`` as an operator does, and says for each size how
long it took, which part of it took how long, how much memory all its processes had together at most, and how large the index is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from benchmark_corpus import write_corpus
from benchmark_measures import descendants, resident

from kb import extraction, organizations, parsing
from kb.corpus import corpus_files
from kb.encoders import load_encoder
from kb.index import generations
from kb.index.store.writing import StoreWriter
from kb.index.vectors import PassageWriter, VectorWriter
from kb.index.words import WordWriter
from kb.ingest.build import build
from kb.ingest.entries import Entry, entry_of
from kb.organizations import Review

ROOT = Path(__file__).parent.parent
SAMPLE = 300  # files that the work of one core is measured on
REPEATS = 3
NOTE = "关于开展校园安全检查的通知\n\n一、检查内容\n\n（一）检查校舍。{count}所学校，2026年底前完成。（市教育局牵头，市财政局配合）\n"


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: seconds, unless the name says otherwise."""

    clauses: int
    documents: int
    characters: int
    full: float
    clauses_a_second: int
    core_seconds: float  # that all processes of the full build worked
    stages: dict[str, float]  # of the full build, one after the other
    microseconds_a_clause: dict[str, float]  # of one core, on a sample
    peak_mb: int
    index_mb: int
    nothing_changed: float
    one_added: float
    one_changed: float
    one_removed: float


def measured(work: Path, size: int) -> Measured:
    """Everything about one size; the corpus is written when it is not there."""
    corpus, index = work / f"corpus-{size}", work / f"index-{size}"
    if not corpus.exists():
        write_corpus(corpus, size)
    shutil.rmtree(index, ignore_errors=True)
    sample = worked_on(sorted(corpus.iterdir())[:: max(1, len(list(corpus.iterdir())) // SAMPLE)])
    before = os.times()
    with watched() as memory:
        ran = run(__file__, "--stages", corpus, index)
    after = os.times()
    report = json.loads(ran)
    generation = generations.in_use(index)
    return Measured(
        report["clauses"],
        report["documents"],
        sum(len(path.read_text("utf-8")) for path in corpus.iterdir()),
        report["seconds"],
        round(report["clauses"] / report["seconds"]),
        round(after.children_user + after.children_system - before.children_user - before.children_system, 1),
        report["stages"],
        sample,
        memory[0],
        round(sum(path.stat().st_size for path in generation.rglob("*") if path.is_file()) / 1e6),
        *increments(corpus, index),
    )


def increments(corpus: Path, index: Path) -> tuple[float, float, float, float]:
    """Medians of the whole command: nothing changed, one file added, changed, removed."""
    times: list[list[float]] = []
    for count in range(REPEATS):
        file = corpus / "zz-benchmark.txt"
        row = [command(corpus, index)]
        for number in (100 + count, 200 + count):
            file.write_text(NOTE.format(count=number), "utf-8")
            row.append(command(corpus, index))
        file.unlink()
        times.append([*row, command(corpus, index)])
    nothing, added, changed, removed = (round(statistics.median(column), 2) for column in zip(*times, strict=True))
    return nothing, added, changed, removed


def command(corpus: Path, index: Path) -> float:
    """Seconds that ``kb build`` takes from the shell."""
    began = time.perf_counter()
    run("-c", "from kb.cli.app import main; main()", "build", "--fast", "--corpus", corpus, "--index", index, "--json")
    return time.perf_counter() - began


def run(*arguments: str | Path) -> str:
    """What a Python of its own prints; it finds its modules compiled, as installed programs do."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, *arguments],
        env=env | {"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


# --- the work of one core ----------------------------------------------------------------------------


def worked_on(files: Sequence[Path]) -> dict[str, float]:
    """Microseconds a clause that one core spends on each step, the first files left out: they fill the memories of the lexicon."""
    encoder, review = load_encoder(), Review()
    spent: dict[str, float] = {}
    clauses = 0

    def timed(name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        began = time.process_time()
        done = work(*arguments)
        spent[name] = spent.get(name, 0.0) + time.process_time() - began
        return done

    corpus = {file.path: file for file in corpus_files(files[0].parent)}
    for number, path in enumerate(files):
        if number == len(files) // 5:
            spent, clauses = {}, 0
        source = timed("read", corpus[path].read)
        parsed = timed("extract", extraction.extract, *timed("parse", parsing.parse, source))
        known = timed("resolve", organizations.resolve, parsed, review)
        entry: Entry = timed("prepare", entry_of, *known)
        timed("encode", entry.vectors.encoded, encoder)  # type: ignore[union-attr]  # not encoded yet
        clauses += len(parsed.clauses)
    return {name: round(seconds / max(1, clauses) * 1e6, 1) for name, seconds in spent.items()}


# --- a full build and its parts ----------------------------------------------------------------------


def staged(corpus: Path, index: Path) -> dict[str, Any]:
    """The report of a build in this process, with the seconds that its last steps take one after the other."""
    stages: dict[str, float] = {}

    def timing(owner: Any, method: str, name: str) -> None:
        original = getattr(owner, method)

        def timed(*arguments: Any) -> Any:
            began = time.perf_counter()
            done = original(*arguments)
            stages[name] = round(stages.get(name, 0.0) + time.perf_counter() - began, 2)
            return done

        setattr(owner, method, timed)

    timing(WordWriter, "close", "words")
    timing(VectorWriter, "close", "vectors")
    timing(PassageWriter, "close", "vectors")
    timing(StoreWriter, "finish", "store")
    timing(generations, "put_in_use", "publish")
    report = build(corpus, index, load_encoder())
    read = round(report.seconds - sum(stages.values()), 2)
    return asdict(report) | {"stages": {"read, parse, extract, encode, write": read} | stages}


@contextmanager
def watched() -> Iterator[list[int]]:
    """Looks, while the block runs, at the memory of this process's children and theirs; one number, their most together, in MB."""
    peak, done = [0], Event()

    def look() -> None:
        while not done.wait(0.2):
            peak[0] = max(peak[0], sum(map(resident, descendants(os.getpid()))))

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def main() -> None:
    """Measure the sizes that are asked for, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stages", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("work", type=Path)
    parser.add_argument("sizes", nargs="+")
    asked = parser.parse_args()
    if asked.stages:
        print(json.dumps(staged(asked.work, Path(asked.sizes[0]))))
        return
    asked.work.mkdir(parents=True, exist_ok=True)
    for size in sorted(map(int, asked.sizes)):
        print(json.dumps(asdict(measured(asked.work, size)), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
