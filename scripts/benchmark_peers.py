"""Other search programs on the same clauses, vectors and questions, ten hits each, as they come with their usual settings.

txtai (hybrid, with content), LanceDB (hybrid, vector and word index), PostgreSQL (full text search and pgvector), bm25s (words only) and a flat FAISS
index (vectors only, the floor of what an exact comparison costs). Where a program takes words, it gets those that this one finds by.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from benchmark_measures import latencies, memory, questions
from benchmark_ours import POSTGRES

from kb.encoders import load_encoder
from kb.index import generations
from kb.index.vectors import VectorIndex
from kb.index.words import tokens

_ASKED = 300
_HITS = 10
_ENCODER = load_encoder()


def clauses(index: Path) -> tuple[list[str], np.ndarray]:
    """The text by which each clause is found, and its vector."""
    folder = generations.in_use(index)
    with closing(sqlite3.connect(folder / "knowledge.sqlite")) as store:
        found = store.execute(
            "SELECT d.title, c.path, c.text FROM clauses c JOIN documents d ON d.row = c.document_row ORDER BY c.row"
        ).fetchall()
    texts = ["\n".join((title, *json.loads(path), text)) for title, path, text in found]
    return texts, VectorIndex.open(folder).vectors(np.arange(len(texts))).floats


def txtai(texts: list[str], _: np.ndarray, __: Path) -> Callable[[str], object]:
    """Hybrid with BM25 and FAISS, the text of the hits from SQLite."""
    from txtai import Embeddings

    scoring = {"method": "bm25", "terms": True, "normalize": True}
    found = Embeddings(
        method="external", transform=lambda batch: _ENCODER.encode_clauses(list(batch)), hybrid=True, content=True,
        scoring=scoring,
    )  # fmt: skip
    found.index((number, text, None) for number, text in enumerate(texts))
    return lambda question: found.search(question.replace("'", " "), _HITS)


def lancedb(texts: list[str], vectors: np.ndarray, folder: Path) -> Callable[[str], object]:
    """Hybrid with an IVF_PQ index and a word index, put together by reciprocal ranks."""
    os.environ["LANCE_LOG"] = "error"
    import lancedb as lance
    import pyarrow as pa
    from lancedb.index import FTS

    words = [" ".join(tokens(text)) for text in texts]
    held = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    table = lance.connect(folder).create_table("clauses", pa.table({"text": texts, "words": words, "vector": held}))
    if len(texts) > 5000:
        table.create_index(metric="dot", vector_column_name="vector")
    plain = FTS(base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False)
    table.create_index("words", config=plain)

    def ask(question: str) -> object:
        [vector] = _ENCODER.encode_queries([question])
        search = table.search(query_type="hybrid", fts_columns="words").vector(vector)
        return search.text(" ".join(tokens(question))).select(["text"]).limit(_HITS).to_list()

    return ask


def bm25s(texts: list[str], _: np.ndarray, __: Path) -> Callable[[str], object]:
    """BM25 over characters and pairs, no vectors, no text of the hits."""
    import bm25s as library

    retriever = library.BM25()
    retriever.index([tokens(text) for text in texts], show_progress=False)
    return lambda question: retriever.retrieve([tokens(question)], k=_HITS, show_progress=False)


def faiss_flat(_: list[str], vectors: np.ndarray, __: Path) -> Callable[[str], object]:
    """Every clause vector compared, no words, no text of the hits."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return lambda question: index.search(_ENCODER.encode_queries([question]), _HITS)


def postgresql(texts: list[str], vectors: np.ndarray, _: Path) -> Callable[[str], object]:
    """Full text search over the words and pgvector (HNSW), put together by reciprocal ranks in one statement, as an office would build it itself."""
    import psycopg

    connection = psycopg.connect(POSTGRES, autocommit=True)
    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    connection.execute("DROP TABLE IF EXISTS peer_clauses")
    connection.execute(
        f"CREATE TABLE peer_clauses (id int PRIMARY KEY, body text, words tsvector, embedding vector({vectors.shape[1]}))"
    )
    with connection.cursor() as cursor, cursor.copy("COPY peer_clauses FROM STDIN") as copying:
        for number, (text, vector) in enumerate(zip(texts, vectors.tolist(), strict=True)):
            copying.write_row((number, text, " ".join(map(_lexeme, set(tokens(text)))), str(vector)))
    connection.execute("CREATE INDEX ON peer_clauses USING gin (words)")
    connection.execute("CREATE INDEX ON peer_clauses USING hnsw (embedding vector_ip_ops)")
    connection.execute("ANALYZE peer_clauses")

    def ask(question: str) -> object:
        [vector] = _ENCODER.encode_queries([question])
        words = " | ".join(map(_lexeme, tokens(question)))
        return connection.execute(_FUSED, {"words": words, "vector": str(vector.tolist()), "hits": _HITS}).fetchall()

    return ask


_FUSED = """
WITH near AS (
    SELECT id, row_number() OVER () AS place FROM (
        SELECT id FROM peer_clauses ORDER BY embedding <#> %(vector)s::vector LIMIT 50) found
), worded AS (
    SELECT id, row_number() OVER () AS place FROM (
        SELECT id FROM peer_clauses, to_tsquery('simple', %(words)s) asked WHERE words @@ asked ORDER BY ts_rank(words, asked) DESC LIMIT 50) found
)
SELECT c.id, c.body FROM peer_clauses c JOIN (
    SELECT id, sum(1.0 / (60 + place)) AS score FROM (SELECT * FROM near UNION ALL SELECT * FROM worded) every GROUP BY id ORDER BY 2 DESC LIMIT %(hits)s
) best USING (id) ORDER BY best.score DESC
"""


def _lexeme(token: str) -> str:
    return "'" + token.replace("'", "''").replace("\\", "\\\\") + "'"


PEERS = {"txtai": txtai, "LanceDB": lancedb, "bm25s": bm25s, "FAISS flat": faiss_flat}
if POSTGRES:
    PEERS["PostgreSQL"] = postgresql


def measured(name: str, index: Path) -> dict[str, Any]:
    """Seconds to build and milliseconds to ask one of ``PEERS``."""
    texts, vectors = clauses(index)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        ask = PEERS[name](texts, vectors, Path(folder))
        built = time.perf_counter() - began
        return {"build_s": built, "hybrid": latencies(ask, questions(_ASKED)), "memory_mib": memory()}
