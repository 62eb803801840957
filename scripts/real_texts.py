"""The collected real documents (policies.jsonl.gz, laws.jsonl.gz): drawn, parsed, and held against the laws of spans."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from kb import extraction, parsing
from kb.models import Clause, ParsedDocument, SourceText

POLICIES, LAWS = "policies.jsonl.gz", "laws.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one text: how long it took to parse, and which laws it broke (the error when it raised one)."""

    name: str
    characters: int
    seconds: float
    broken: tuple[str, ...]


def read_texts(path: Path) -> Iterator[SourceText]:
    """The texts of one collection, in its order, each under its own id; texts without a character are left out."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["text"].strip():
                text = row["text"].replace("\r\n", "\n").replace("\r", "\n")
                digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
                yield SourceText(str(row["id"]), text, digest)


def drawn(texts: Sequence[SourceText], count: int, seed: int) -> list[SourceText]:
    """So many texts at random, all when there are no more."""
    order = np.random.default_rng(seed).permutation(len(texts))
    return [texts[place] for place in order[:count]]


def parse(source: SourceText) -> ParsedDocument:
    """Everything that is read out of a text."""
    return extraction.extract(*parsing.parse(source))


def try_all(texts: Sequence[SourceText], processes: int) -> Iterator[Trial]:
    """A trial of every text, in order."""
    with ProcessPoolExecutor(processes, initializer=extraction.pipeline) as pool:
        yield from pool.map(_trial, texts, chunksize=8)


def _trial(source: SourceText) -> Trial:
    began = time.perf_counter()
    try:
        parsed = parse(source)
    except Exception as error:  # noqa: BLE001 - whatever a text brings about is what is looked for
        return Trial(source.name, len(source.text), time.perf_counter() - began, (f"{type(error).__name__}: {error}",))
    seconds = time.perf_counter() - began
    return Trial(source.name, len(source.text), seconds, tuple(dict.fromkeys(broken_laws(parsed))))


def broken_laws(parsed: ParsedDocument) -> Iterator[str]:
    """The laws that a document breaks: facts stand where they say, clauses nest, and nothing that is read is outside all of them."""
    text = parsed.document.text
    ids = {clause.id: clause for clause in parsed.clauses}
    if len(ids) < len(parsed.clauses):
        yield "two clauses have one id"
    for fact in chain(parsed.responsibilities, parsed.targets, parsed.deadlines, parsed.citations):
        if text[fact.start : fact.end] != fact.text or not fact.text:
            yield f"a fact of {type(fact).__name__} does not stand where it says"
        clause = ids.get(fact.clause_id)
        if clause is None or not clause.start <= fact.start <= fact.end <= clause.end:
            yield f"a fact of {type(fact).__name__} stands outside its clause"
    yield from _broken_tree(parsed.clauses, ids)
    uncovered = bytearray(b"\1") * len(text)
    for span in chain(parsed.clauses, parsed.document.boilerplate):
        uncovered[span.start : span.end] = bytes(span.end - span.start)
    if any(flag and not character.isspace() for flag, character in zip(uncovered, text, strict=True)):
        yield "a character is in no clause"


def _broken_tree(clauses: Sequence[Clause], ids: dict[str, Clause]) -> Iterator[str]:
    end_of_last: dict[str | None, int] = {}
    for clause in clauses:
        parent = ids.get(clause.parent_id or "")
        if clause.parent_id is not None and (
            parent is None or not parent.start <= clause.start <= clause.end <= parent.end
        ):
            yield "a clause stands outside its parent"
        if clause.start < end_of_last.get(clause.parent_id, 0):
            yield "two siblings overlap"
        end_of_last[clause.parent_id] = clause.end
