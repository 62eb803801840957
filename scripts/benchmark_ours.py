"""What this program costs: asked in the process, of a folder or a database, and at the terminal. Over HTTP: ``benchmark_http``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from benchmark_measures import latencies, memory, questions, size

from kb.encoders import contextual_of, load_encoder
from kb.index import generations
from kb.index.asking import NEAR
from kb.index.store import Store
from kb.index.vectors import PassageIndex
from kb.ingest.contextual import texts_of
from kb.ingest.copying import copy
from kb.knowledge_base import KnowledgeBase, opener
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
POSTGRES = os.environ.get(
    "BENCHMARK_POSTGRES", ""
)  # the address of a database with pgvector for these measurements alone


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
    found |= _asked(knowledge_base, asked)
    found["memory_asked_mib"] = memory()
    contextual = contextual_of(load_encoder())
    if contextual is not None:
        found["contextual"] = status.contextual
        found["contextual_question"] = latencies(lambda q: contextual.encode_queries([q]), asked[:_ASKED])
    return found


def _asked(knowledge_base: KnowledgeBase, asked: list[str]) -> dict[str, Any]:
    """Each kind of question, no question twice."""
    parts = [asked[start : start + _ASKED] for start in range(0, 4 * _ASKED, _ASKED)]
    turns = iter(range(10**9))
    return {
        "hybrid": latencies(knowledge_base.search, parts[0]),
        "hybrid_2_clients": latencies(knowledge_base.search, parts[1], clients=2),
        "filtered": latencies(lambda q: knowledge_base.search(q, _FILTERS[next(turns) % len(_FILTERS)]), parts[2]),
        "who": latencies(lambda q: knowledge_base.who(f"谁负责{q}"), parts[3]),
    }


def in_a_database(index: Path) -> dict[str, Any]:
    """The same questions, with the index in the PostgreSQL database ``POSTGRES``, and the seconds that copying it there takes; nothing without one."""
    if not POSTGRES:
        return {}
    began = time.perf_counter()
    copy(index, POSTGRES, index)
    copied = time.perf_counter() - began
    with opener()(POSTGRES) as knowledge_base:
        return {"copied_s": copied} | _asked(knowledge_base, questions(4 * _ASKED))


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
        # What is exactly as near as the tenth is as good, but counts no more than ten in all.
        min(1, np.sum(space.scores(vector, np.sort(space.candidates(vector, NEAR))) >= scores[-1] - 1e-6) / len(rows))
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
