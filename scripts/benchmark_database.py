"""An index in a PostgreSQL database beside the same one in a folder: building, disk, memory, search, filters, increments; JSON on standard output.

    python scripts/benchmark_database.py /tmp/work 10000 100000

A real PostgreSQL runs meanwhile (``nodes``). Every question is asked of both, in turns, so that a ratio holds also where the machine has other
things to do; how busy it was is said with each line.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import nodes
from benchmark_corpus import write_corpus
from benchmark_measures import descendants, questions, resident

from kb.encoders import load_encoder
from kb.index.folders import at
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import DueQuery, Filters, TargetQuery, TaskQuery

NOTE = "关于开展校园安全检查的通知\n\n一、检查内容\n\n（一）检查校舍。{count}所学校，2026年底前完成。（市教育局牵头，市财政局配合）\n"
QUERIES = 150
FILTERS = {
    "role": Filters(role="responsible"),
    "years": Filters(years=("2019", "2020", "2021", "2022")),
    "levels": Filters(levels=("province", "city")),
    "has_targets": Filters(has_targets=True),
    "due_before": Filters(due_before="2025-12"),
    "in_force": Filters(in_force=True),
    "unit": Filters(unit="省财政厅"),
}


def measured(work: Path, size: int, node: nodes.Node) -> dict[str, Any]:
    """Everything about one size; the corpus is written when it is not there."""
    corpus, index = work / f"corpus-{size}", work / f"index-{size}"
    if not corpus.exists():
        write_corpus(corpus, size)
    shutil.rmtree(index, ignore_errors=True)
    node.run(f"CREATE DATABASE built_{size}")
    address, encoder = node.address(f"built_{size}"), load_encoder()
    in_folder, _ = timed(lambda: build(corpus, index, encoder))
    seconds, report = timed(lambda: build(corpus, address, encoder))
    said = {
        "clauses": report.clauses,
        "documents": report.documents,
        "folder_build_s": in_folder,
        "build_s": seconds,
        "clauses_a_second": round(report.clauses / seconds),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "bytes_a_clause": bytes_a_clause(node, f"built_{size}", report.clauses),
        "folder_bytes_a_clause": round(at_rest(index / at(index).in_use()) / report.clauses),
    }
    with KnowledgeBase.open(index, encoder) as folder, KnowledgeBase.open(address, encoder) as database:
        said |= searched(folder, database) | listed(folder, database)
    said |= increments(corpus, address)
    server = sum(resident(pid) for pid in servers(node))
    return said | {"server_mb": server, "load": [round(one, 1) for one in os.getloadavg()], "cores": os.cpu_count()}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    began = time.perf_counter()
    done = work()
    return round(time.perf_counter() - began, 2), done


def bytes_a_clause(node: nodes.Node, database: str, clauses: int) -> dict[str, int]:
    """Bytes with indexes a clause, by table; the smaller ones together."""
    sql = """SELECT relname, pg_total_relation_size(c.oid)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relkind = 'r' AND nspname LIKE 'data%'"""
    sizes: dict[str, int] = dict(node.run(sql, database))
    large = {name: round(size / clauses) for name, size in sizes.items() if size > sum(sizes.values()) / 50}
    return {"all": round(sum(sizes.values()) / clauses)} | large


def at_rest(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def servers(node: nodes.Node) -> list[int]:
    """The processes of the server."""
    postmaster = int((node.folder / "data" / "postmaster.pid").read_text().split()[0])
    return [postmaster, *descendants(postmaster)]


def searched(folder: KnowledgeBase, database: KnowledgeBase) -> dict[str, Any]:
    """Medians in milliseconds of both, and how alike the first ten are, without filters and with each."""
    queries = questions(QUERIES)
    found: dict[str, Any] = {}
    for name, filters in {"none": Filters(), **FILTERS}.items():
        for opened in (folder, database):
            opened.search(queries[0], filters)
        spent: tuple[list[float], list[float]] = ([], [])
        same = total = 0
        apart = 0.0
        for query in queries if name == "none" else queries[::3]:
            results = []
            for opened, times in zip((folder, database), spent, strict=True):
                began = time.perf_counter()
                results.append(opened.search(query, filters).hits)
                times.append((time.perf_counter() - began) * 1e3)
            one, other = ({hit.facts.clause.id: hit.score for hit in hits} for hits in results)
            same, total = same + len(one.keys() & other.keys()), total + max(len(one), len(other))
            apart = max([apart, *(abs(one[id_] - other[id_]) for id_ in one.keys() & other.keys())])
        ms = [round(median(times), 1) for times in spent]
        p95 = [round(sorted(times)[int(0.95 * len(times))], 1) for times in spent]
        found[name] = {
            "folder_ms": ms[0],
            "ms": ms[1],
            "folder_p95": p95[0],
            "p95": p95[1],
            "ratio": round(ms[1] / ms[0], 1),
        }
        found[name] |= {"same_of_ten": round(same / max(1, total), 4), "scores_apart": float(f"{apart:.1g}")}
    return {"search": found}


def listed(folder: KnowledgeBase, database: KnowledgeBase) -> dict[str, Any]:
    """Which lists are equal, object for object."""
    units = [unit.organization.id for unit in folder.organizations(limit=20)[1]]
    asked: dict[str, Callable[[KnowledgeBase], Any]] = {
        "documents": lambda opened: opened.documents(limit=100),
        "units": lambda opened: opened.organizations(limit=100),
        "tasks": lambda opened: [opened.tasks(unit, TaskQuery()) for unit in units],
        "profiles": lambda opened: [opened.profile(unit) for unit in units],
        "targets": lambda opened: opened.aggregations.targets(TargetQuery(), limit=200),
        "due": lambda opened: opened.aggregations.due(DueQuery(), limit=200),
        "facets": lambda opened: opened.facets("养老服务"),
        "texts": lambda opened: [opened.document(one.id) for one in opened.documents(limit=50)[1]],
    }
    lists: dict[str, Any] = {}
    for name, ask in asked.items():
        (ms, one), (other_ms, other) = timed(lambda: ask(folder)), timed(lambda: ask(database))  # noqa: B023 - at once
        lists[name] = {"equal": one == other, "folder_s": ms, "s": other_ms}
    return {"lists": lists}


def increments(corpus: Path, address: str) -> dict[str, float]:
    """Seconds of a build that finds one file more, one changed, one gone, and nothing new; the program is running already."""
    file, encoder = corpus / "zz-benchmark.txt", load_encoder()
    file.unlink(missing_ok=True)
    rows = []
    for count in range(3):
        nothing, _ = timed(lambda: build(corpus, address, encoder))
        file.write_text(NOTE.format(count=100 + count), "utf-8")
        added, _ = timed(lambda: build(corpus, address, encoder))
        file.write_text(NOTE.format(count=200 + count), "utf-8")
        changed, _ = timed(lambda: build(corpus, address, encoder))
        file.unlink()
        rows.append((nothing, added, changed, timed(lambda: build(corpus, address, encoder))[0]))
    names = ("nothing_new_s", "one_added_s", "one_changed_s", "one_removed_s")
    return {name: median(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def main() -> None:
    """Measure the sizes that are asked for, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("sizes", nargs="+", type=int)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    with nodes.node() as node:
        for size in sorted(asked.sizes):
            print(json.dumps(measured(asked.work, size, node), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
