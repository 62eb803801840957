"""What this program costs: asked in the process, at the terminal and over HTTP."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from benchmark_measures import WARMING, descendants, latencies, memory, questions, resident, size

from kb.encoders import contextual_of, load_encoder
from kb.index import generations
from kb.index.asking import NEAR
from kb.index.store import Store
from kb.index.vectors import PassageIndex
from kb.ingest.contextual import texts_of
from kb.knowledge_base import opener
from kb.models import Filters

ROOT = Path(__file__).parent.parent
_KB = str(Path(sys.executable).with_name("kb"))
_ASKED = 1000
_READ = 128  # clauses in a row that are read to see how long that takes
_RECALL = 200  # questions for which the nearest are looked for one by one as well
_FILTERS = (
    Filters(has_targets=True),
    Filters(role="lead"),
    Filters(unit="教育局"),
    Filters(due_before="2025-12-31"),
)
_SECONDS, _CONNECTIONS = 10, 8


def in_process(index: Path) -> dict[str, Any]:
    """Opened and asked from Python, each kind of question by one and by two clients."""
    began = time.perf_counter()
    knowledge_base = opener()(index)
    opened = time.perf_counter() - began
    asked = questions(5 * _ASKED)
    began = time.perf_counter()
    knowledge_base.search(asked.pop())
    first = time.perf_counter() - began
    status = knowledge_base.status()
    found: dict[str, Any] = {
        "clauses": status.clauses,
        "documents": status.documents,
        "open_ms": 1000 * opened,
        "first_query_ms": 1000 * first,
        "memory_opened_mib": memory(),
        "size_mib": size(generations.in_use(index)),
    }
    parts = [asked[start : start + _ASKED] for start in range(0, 4 * _ASKED, _ASKED)]
    found["hybrid"] = latencies(knowledge_base.search, parts[0])
    found["hybrid_2_clients"] = latencies(knowledge_base.search, parts[1], clients=2)
    turns = iter(range(10**9))
    found["filtered"] = latencies(lambda q: knowledge_base.search(q, _FILTERS[next(turns) % len(_FILTERS)]), parts[2])
    found["who"] = latencies(lambda q: knowledge_base.who(f"谁负责{q}"), parts[3])
    found["memory_asked_mib"] = memory()
    contextual = contextual_of(load_encoder())
    if contextual is not None:
        found["contextual"] = status.contextual
        found["contextual_question"] = latencies(lambda q: contextual.encode_queries([q]), parts[0])
    return found


def recall(index: Path) -> dict[str, float]:
    """Share of the ten clauses with the nearest passages that are found; compared one by one."""
    space, vectors = PassageIndex.open(generations.in_use(index)), load_encoder().encode_queries(questions(_RECALL))
    best = [(np.empty(0, np.int64), np.empty(0, np.float32))] * len(vectors)
    for start in range(0, len(space), 20_000):
        rows = np.arange(start, min(len(space), start + 20_000))
        blocks, counts = space.vectors(rows).floats, space.counts(rows)
        scores = np.maximum.reduceat(blocks @ vectors.T, np.cumsum(counts) - counts)
        for number, column in enumerate(scores.T):
            near = np.argpartition(-column, min(10, len(column) - 1))[:10]
            merged = np.concatenate((best[number][0], rows[near])), np.concatenate((best[number][1], column[near]))
            top = np.argsort(-merged[1], kind="stable")[:10]
            best[number] = merged[0][top], merged[1][top]
    hits = [
        # What is exactly as near as the tenth is as good.
        np.sum(space.scores(vector, np.sort(space.candidates(vector, NEAR))) >= scores[-1] - 1e-6) / len(rows)
        for vector, (rows, scores) in zip(vectors, best, strict=True)
    ]
    return {"passages": float(np.mean(hits))}


def filling(index: Path) -> dict[str, float]:
    """What it costs the contextual model to read clauses, taken from all over the index: milliseconds of the processor each, and how many a second all cores read."""
    contextual = contextual_of(load_encoder())
    if contextual is None:
        return {}
    with closing(Store.open(generations.in_use(index))) as store:
        rows = store.manifest.rows
        stretches = [range(start, min(rows, start + _READ)) for start in range(0, rows, max(_READ, rows // 8))]
        texts = [text for rows in stretches for part in texts_of(store, rows) for text in part.every]
    contextual.encode_clauses(texts[:1])
    taken, spent = time.perf_counter(), time.process_time()
    contextual.encode_clauses(texts)
    taken, spent = time.perf_counter() - taken, time.process_time() - spent
    clauses = sum(map(len, stretches))
    return {"processor_ms": 1000 * spent / clauses, "per_second": clauses / taken}


def at_the_terminal(index: Path) -> dict[str, float]:
    """Seconds that ``kb search`` takes from nothing to the answer: the median of five, and the first one, from cold files."""
    asked = questions(6)
    _forget(index)
    taken = [_command(index, question) for question in asked]
    return {"cold_files_s": taken[0], "median_s": sorted(taken[1:])[2]}


def _forget(index: Path) -> None:
    """Ask the kernel not to keep the files of the index in memory."""
    for path in generations.in_use(index).rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _command(index: Path, question: str) -> float:
    began = time.perf_counter()
    command = [_KB, "search", question, "--index", str(index)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


# --- over HTTP -----------------------------------------------------------------------------------------


def over_http(index: Path, port: int) -> dict[str, Any]:
    """Start-up, requests a second as fast as wrk asks, and latencies at half that rate; all questions differ."""
    if shutil.which("wrk") is None:
        return {}
    asked = questions(16_000)
    with _serving(index, port) as (process, seconds), tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = {"start_s": seconds}
        _wrk(Path(folder), port, asked[:WARMING], 2, 0)
        most = _wrk(Path(folder), port, asked[: len(asked) // 2], _SECONDS, 0)
        delay = 1000 * _CONNECTIONS / (most["per_second"] / 2) - most["p50"] / 2
        found["most"] = most
        found["half"] = _wrk(Path(folder), port, asked[len(asked) // 2 :], _SECONDS, max(delay, 0))
        found["memory_mib"] = sum(map(resident, (process.pid, *descendants(process.pid))))
    return found


@contextmanager
def _serving(index: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    command = [_KB, "serve", "--index", str(index), "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        while not _ready(port):
            time.sleep(0.02)
        yield process, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health/ready", timeout=60) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


_LUA = """
local paths, at, threads = {}, 0, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
function setup(thread) thread:set("first", threads); threads = threads + 1 end
function request()
  local place = (at * 2 + first) %% #paths
  at = at + 1
  return wrk.format("GET", paths[place + 1])
end
function delay() return %d end
"""


def _wrk(folder: Path, port: int, asked: list[str], seconds: int, delay: float) -> dict[str, float]:
    """One run of wrk: two threads that share the questions; a delay (ms) before each request of a connection."""
    (folder / "paths").write_text("".join(f"/api/v1/search?q={quote(q, safe='')}\n" for q in asked), "utf-8")
    (folder / "ask.lua").write_text(_LUA % (folder / "paths", round(delay)), "utf-8")
    command = ["wrk", "-t2", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(folder / "ask.lua")]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    found = {f"p{share}": _milliseconds(said, share) for share in (50, 90, 99)}
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return found | {"per_second": float(rate[1]) if rate else 0.0}


def _milliseconds(said: str, share: int) -> float:
    found = re.search(rf"^\s+{share}%\s+([\d.]+)(us|ms|s)$", said, re.MULTILINE)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else 0.0
