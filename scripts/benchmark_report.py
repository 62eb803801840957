"""The figures of a run of the benchmark as a page with tables and a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PEER_ROWS = ("txtai", "LanceDB", "PostgreSQL", "bm25s", "FAISS flat")
_ABOUT = {
    "txtai": "hybrid, with the text",
    "LanceDB": "hybrid, with the text",
    "PostgreSQL": "full text search and pgvector, with the text",
    "bm25s": "words only, numbers of clauses",
    "FAISS flat": "vectors only, numbers of clauses",
}


def write_report(found: dict[str, Any], folder: Path, command: str) -> None:
    """Write benchmark.json, benchmark.md and benchmark.svg into the folder, by rising size."""
    found = found | {"sizes": dict(sorted(found["sizes"].items()))}
    (folder / "benchmark.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    (folder / "benchmark.md").write_text(_page(found, command), "utf-8")
    _picture(found, folder / "benchmark.svg")


def _page(found: dict[str, Any], command: str) -> str:
    machine, sizes = found["machine"], found["sizes"]
    parts = [
        "# How fast it is",
        (
            f"Everything on this page was measured in one run, {found['made']}, on {machine['cores']} cores ({machine['cpu']}), "
            f"{machine['memory_gib']} GiB, Python {machine['python']}:"
        ),
        f"```sh\n{command}\n```",
        (
            "The corpora are real laws and policy documents as far as they reach, then documents put together from their sentences. No "
            "question is asked twice, so nothing is answered from what was kept. A hybrid search brings ten hits with all that the "
            "page shows of them: text, path, highlights, units, targets, deadlines, citations, whether it is in force."
        ),
        "## Questions",
        _table(
            ["Clauses", *_columns(sizes)],
            [
                ["hybrid search, p50 / p95 / p99 ms", *(_three(s["in_process"]["hybrid"]) for s in sizes.values())],
                ["… two clients", *(_three(s["in_process"]["hybrid_2_clients"]) for s in sizes.values())],
                ["… filtered", *(_three(s["in_process"]["filtered"]) for s in sizes.values())],
                ["who, p50 / p95 / p99 ms", *(_three(s["in_process"]["who"]) for s in sizes.values())],
                ["… reading a question, contextual model", *map(_reading, sizes.values())],
                ["… reading a clause, ms of a core", *map(_filling, sizes.values())],
                ["hybrid search in PostgreSQL, p50 / p95 / p99 ms", *map(_in_database, sizes.values())],
                ["first question, ms", *(f"{s['in_process']['first_query_ms']:.0f}" for s in sizes.values())],
                ["opening the index, ms", *(f"{s['in_process']['open_ms']:.0f}" for s in sizes.values())],
                ["of the ten nearest by meaning, found", *(f"{s['recall']['passages']:.3f}" for s in sizes.values())],
                ["`kb search` from nothing, s", *(f"{s['terminal']['median_s']:.2f}" for s in sizes.values())],
                ["… index not in memory, s", *(f"{s['terminal']['cold_files_s']:.2f}" for s in sizes.values())],
                ["memory after asking, MiB (own)", *(_memory(s["in_process"]) for s in sizes.values())],
                ["index on the disk, MiB", *(f"{s['in_process']['size_mib']:.0f}" for s in sizes.values())],
            ],
        ),
        "## Over HTTP",
        "`kb serve` and wrk on the same cores, eight connections, ten hits each.",
        _table(["Clauses", *_columns(sizes)], _http_rows([s["http"] for s in sizes.values()])),
        "### Routes",
        "Eight connections each: milliseconds until half and 99 % are answered, and milliseconds of the processor that an answer takes of all processes of the server.",
        _table(["Clauses", *_columns(sizes)], _route_rows([s["routes"] for s in sizes.values()])),
        "### A working day",
        "Fifty clients for five minutes without a pause: 60 % suggestions, searches and facets, 20 % documents, 10 % units, 10 % ledgers and targets.",
        _table(["Clauses", *_columns(sizes)], _day_rows([s["day"] for s in sizes.values()])),
    ]
    for size, one in sizes.items():
        if "peers" in one:
            parts += [f"## Beside other programs, {int(size):,} clauses", _peers(one)]
    parts += ["![cost against size](benchmark.svg)", "The figures themselves: [benchmark.json](benchmark.json)."]
    return "\n\n".join(parts) + "\n"


def _columns(sizes: dict[str, Any]) -> list[str]:
    return [f"{one['in_process']['clauses']:,}" for one in sizes.values()]


def _http_rows(served: list[dict[str, Any]]) -> list[list[str]]:
    served = [one for one in served if one]
    return [
        ["start of the server, s", *(f"{one['start_s']:.2f}" for one in served)],
        ["requests a second", *(f"{one['most']['per_second']:.0f}" for one in served)],
        ["… p50 / p99, ms", *(f"{one['most']['p50']:.1f} / {one['most']['p99']:.1f}" for one in served)],
        ["about half as many a second", *(f"{one['half']['per_second']:.0f}" for one in served)],
        ["… p50 / p99, ms", *(f"{one['half']['p50']:.1f} / {one['half']['p99']:.1f}" for one in served)],
        ["errors", *(f"{one['most']['errors'] + one['half']['errors']:.0f}" for one in served)],
        ["memory of all its processes, MiB", *(f"{one['memory_mib']:.0f}" for one in served)],
    ]


def _route_rows(served: list[dict[str, Any]]) -> list[list[str]]:
    served = [one for one in served if one]
    kinds = served[0] if served else ()
    return [
        [kind, *(f"{one[kind]['p50']:.1f} / {one[kind]['p99']:.1f}, {one[kind]['processor_ms']:.1f}" for one in served)]
        for kind in kinds
    ]


def _day_rows(served: list[dict[str, Any]]) -> list[list[str]]:
    served = [one for one in served if one]
    return [
        ["answers a second", *(f"{one['per_second']:.0f}" for one in served)],
        ["… p50 / p99, ms", *(f"{one['p50']:.0f} / {one['p99']:.0f}" for one in served)],
        ["errors", *(f"{one['errors']:.0f}" for one in served)],
        [
            "memory before and after, MiB",
            *(f"{one['memory_before_mib']} → {one['memory_after_mib']}" for one in served),
        ],
    ]


def _peers(one: dict[str, Any]) -> str:
    own = one["in_process"]["hybrid"]["p50"]
    rows = [["**this**", "hybrid, with the text and all facts", _three(one["in_process"]["hybrid"]), "1", "", ""]]
    for name in filter(one["peers"].get, _PEER_ROWS):
        peer = one["peers"][name]
        ratio = f"{peer['hybrid']['p50'] / own:.1f}"
        # What a server holds is not in this process.
        memory = "–" if name == "PostgreSQL" else f"{peer['memory_mib']['peak']:.0f}"
        rows.append([name, _ABOUT[name], _three(peer["hybrid"]), ratio, f"{peer['build_s']:.0f}", memory])
    return _table(["", "finds", "p50 / p95 / p99, ms", "times as long", "index from vectors, s", "peak MiB"], rows)


def _three(taken: dict[str, float]) -> str:
    return " / ".join(f"{taken[key]:.1f}" for key in ("p50", "p95", "p99"))


def _reading(one: dict[str, Any]) -> str:
    """It goes on beside the search, of which it is the longer part; at the largest size nothing is filled in."""
    in_process = one["in_process"]
    return _three(in_process["contextual_question"]) + ("" if in_process["contextual"] else ", not asked")


def _in_database(one: dict[str, Any]) -> str:
    return _three(one["database"]["hybrid"]) if one["database"] else "–"


def _filling(one: dict[str, Any]) -> str:
    return f"{one['filling']['processor_ms']:.0f}" if one["filling"] else "–"


def _memory(one: dict[str, Any]) -> str:
    return f"{one['memory_asked_mib']['now']:.0f} ({one['memory_asked_mib']['own']:.0f})"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _picture(found: dict[str, Any], path: Path) -> None:
    """Time and memory against the number of clauses, both axes by powers of ten."""
    import matplotlib.pyplot as plt

    sizes = list(found["sizes"].values())
    clauses = [one["in_process"]["clauses"] for one in sizes]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for kind, label in (("hybrid", "search"), ("filtered", "filtered search"), ("who", "who")):
        left.plot(clauses, [one["in_process"][kind]["p50"] for one in sizes], "o-", label=f"{label}, p50")
    left.plot(clauses, [one["in_process"]["hybrid"]["p99"] for one in sizes], "o--", label="search, p99")
    for name in _PEER_ROWS:
        held = [
            (n, one["peers"][name]["hybrid"]["p50"])
            for n, one in zip(clauses, sizes, strict=True)
            if name in one.get("peers", ())
        ]
        left.plot(*zip(*held, strict=True), ".:", label=f"{name}, p50") if held else None
    left.set(xscale="log", yscale="log", xlabel="clauses", ylabel="ms a question")
    left.legend(fontsize=7)
    right.plot(clauses, [one["in_process"]["size_mib"] for one in sizes], "o-", label="index on the disk")
    right.plot(clauses, [one["in_process"]["memory_asked_mib"]["now"] for one in sizes], "o-", label="memory, asking")
    right.plot(clauses, [one["in_process"]["memory_asked_mib"]["own"] for one in sizes], "o--", label="of it not files")
    right.set(xscale="log", yscale="log", xlabel="clauses", ylabel="MiB")
    right.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
