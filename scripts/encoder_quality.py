"""How well an encoder finds the right clause: nDCG@10 on judged queries over hand-labelled clauses, alone and half and half with BM25.

usage: python scripts/encoder_quality.py [--gold ../shared/gold/dev] [--model FOLDER] [--query-prefix TEXT]
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scoring import REAL, labels_of, ndcg, queries_of, text_of

from kb.encoders import Encoder, load_encoder
from kb.text import normalise

K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Query:
    """A judged query: what kind it is and the grade of each clause that answers it."""

    kind: str
    text: str
    grades: dict[str, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """Clauses (their own words, without sub-clauses), the queries on them, and the BM25 scores, shape (queries, clauses)."""

    keys: tuple[str, ...]
    clauses: tuple[str, ...]
    queries: tuple[Query, ...]
    words: NDArray[np.float64]


def read_judged(gold: Path) -> Judged:
    """The labelled documents and judged queries of a folder with docs/, labels/ and queries.jsonl."""
    keys, clauses = [], []
    for document, label in labels_of(gold).items():
        text, labelled = text_of(gold, document), label["clauses"]
        starts = [clause["start"] for clause in labelled]
        for number, clause in enumerate(labelled):
            end = min([start for start in starts if clause["start"] < start < clause["end"]], default=clause["end"])
            keys.append(f"{document}#{number}")
            clauses.append(text[clause["start"] : end].replace("\n", ""))
    queries = tuple(Query(row["type"], row["query"], row["relevant"]) for row in queries_of(gold) if row["relevant"])
    return Judged(tuple(keys), tuple(clauses), queries, bm25([query.text for query in queries], clauses))


def bm25(queries: Sequence[str], clauses: Sequence[str]) -> NDArray[np.float64]:
    """BM25 over characters and pairs of neighbours, shape (queries, clauses)."""
    counts = [Counter(_terms(clause)) for clause in clauses]
    lengths = np.array([sum(count.values()) for count in counts])
    holders: dict[str, list[int]] = defaultdict(list)
    for number, count in enumerate(counts):
        for term in count:
            holders[term].append(number)
    scores = np.zeros((len(queries), len(clauses)))
    for row, query in zip(scores, queries, strict=True):
        for term, times in Counter(_terms(query)).items():
            held = holders.get(term, [])
            frequency = np.array([counts[number][term] for number in held])
            damped = frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * lengths[held] / lengths.mean()))
            row[held] += times * np.log(1 + (len(clauses) - len(held) + 0.5) / (len(held) + 0.5)) * damped
    return scores


def quality(judged: Judged, vectors: NDArray[np.floating]) -> dict[str, tuple[float, float]]:
    """nDCG@10 by kind of query and over "all": of these similarities alone, and half and half with BM25."""
    fused = _spread(vectors) + _spread(judged.words)
    gathered: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for query, alone, both in zip(judged.queries, vectors, fused, strict=True):
        pair = _ndcg(query, judged.keys, alone), _ndcg(query, judged.keys, both)
        gathered[query.kind].append(pair)
        gathered["all"].append(pair)
    return {
        kind: (float(np.mean([p[0] for p in pairs])), float(np.mean([p[1] for p in pairs])))
        for kind, pairs in gathered.items()
    }


def similarities(judged: Judged, encoder: Encoder) -> NDArray[np.float32]:
    """Cosines of all queries with all clauses, shape (queries, clauses)."""
    queries = encoder.encode_queries([query.text for query in judged.queries])
    return queries @ encoder.encode_clauses(judged.clauses).T


def _terms(text: str) -> list[str]:
    signs = [sign for sign in normalise(text).lower() if sign.isalnum() or sign == "%"]
    return signs + [first + second for first, second in pairwise(signs)]


def _spread(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    return np.asarray((scores - low) / np.maximum(high - low, 1e-9))


def _ndcg(query: Query, keys: Sequence[str], scores: NDArray[np.floating]) -> float:
    return ndcg(query.grades, [keys[number] for number in np.argsort(-scores, kind="stable")[:10]])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, default=REAL)
    parser.add_argument("--model", default="")
    parser.add_argument("--query-prefix", default="")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.model, arguments.query_prefix)
    judged = read_judged(arguments.gold)
    alone = quality(judged, similarities(judged, encoder))
    words = quality(judged, judged.words)
    table = Table("nDCG@10", "BM25", "vectors", "half and half", title=encoder.name)
    for kind in sorted(alone):
        table.add_row(kind, *(f"{value:.3f}" for value in (words[kind][0], *alone[kind])))
    Console().print(table)


if __name__ == "__main__":
    main()
