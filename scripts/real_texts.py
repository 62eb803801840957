"""The collected real documents (policies.jsonl.gz, laws.jsonl.gz): drawn, parsed, and held against the laws of spans."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb import extraction, parsing
from kb.index.checking import broken_laws
from kb.models import ParsedDocument, SourceText

POLICIES, LAWS = "policies.jsonl.gz", "laws.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one text: the time of a core that it took to parse, and which laws it broke (the error when it raised one)."""

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
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_trial, texts, chunksize=8)


def _trial(source: SourceText) -> Trial:
    began = time.process_time()
    try:
        parsed = parse(source)
    except Exception as error:  # noqa: BLE001 - whatever a text brings about is what is looked for
        return Trial(source.name, len(source.text), time.process_time() - began, (f"{type(error).__name__}: {error}",))
    seconds = time.process_time() - began
    return Trial(source.name, len(source.text), seconds, tuple(dict.fromkeys(map(str, broken_laws(parsed)))))
