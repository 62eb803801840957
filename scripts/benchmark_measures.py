"""What the benchmark counts: latencies, memory, sizes, and the questions that are asked."""

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmark_corpus import DATA, SEED
from encoder_data import read_questions

from kb.search import thesaurus

GOLD = DATA.parent / "gold/dev/queries.jsonl"
WARMING = 50  # questions asked before the clock runs


def questions(count: int, seed: int = SEED) -> list[str]:
    """So many different questions: judged queries and laypeople's questions, or people's wordings of the thesaurus; repeats are cut."""
    asked: list[str] = []
    if GOLD.exists():
        asked += [json.loads(line)["query"] for line in GOLD.read_text("utf-8").splitlines()]
        asked += [question.text for part in read_questions(DATA) for question in part]
    chance = random.Random(seed)
    asked = list(dict.fromkeys(asked))
    chance.shuffle(asked)
    spoken = [wording for concept in thesaurus.built_in() for wording in concept.spoken]
    chance.shuffle(spoken)
    return list(dict.fromkeys([*asked, *spoken]))[:count]


def latencies(ask: Callable[[str], object], asked: Sequence[str], clients: int = 1) -> dict[str, float]:
    """Milliseconds that questions take, p50, p95 and p99, and how many are answered a second, with so many clients at once.

    No question is asked twice: the first ``WARMING`` go before the clock.
    """
    for question in asked[:WARMING]:
        ask(question)
    shares = [asked[WARMING + client :: clients] for client in range(clients)]
    gc.collect()
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = [one for each in pool.map(lambda share: list(_timed(ask, share)), shares) for one in each]
    elapsed = time.perf_counter() - began
    cut = statistics.quantiles(taken, n=100)
    return {"p50": cut[49], "p95": cut[94], "p99": cut[98], "per_second": len(taken) / elapsed}


def _timed(ask: Callable[[str], object], asked: Sequence[str]) -> Iterator[float]:
    for question in asked:
        began = time.perf_counter()
        ask(question)
        yield 1000 * (time.perf_counter() - began)


def memory(pid: int | str = "self") -> dict[str, float]:
    """MiB that a process holds now and has held at most (VmRSS, VmHWM), and of the first how much is its own, not mapped files."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines())
    return {
        key: int(lines[name].split()[0]) / 1024
        for key, name in (("now", "VmRSS"), ("peak", "VmHWM"), ("own", "RssAnon"))
    }


def size(folder: Path) -> float:
    """MiB on the disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def descendants(process: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):  # it has ended
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], list(parents.get(process, []))
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def processor(process: int) -> float:
    """Seconds that it has worked on all cores; 0 when it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> int:
    """MiB of its own and its share of what it has in common with others."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("Pss:")), 0)
