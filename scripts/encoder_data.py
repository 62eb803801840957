"""Training texts of the encoder: paragraphs of real documents, concepts of the thesaurus, and where the one stands in the other."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb.text import normalise

POLICIES, ARTICLES, QUESTIONS = "policies.jsonl.gz", "statute_articles.jsonl.gz", "statute_questions_train.jsonl.gz"
HELD_BACK = 300  # questions that are never trained on
SHORTEST, LONGEST, MOST_MENTIONS = 25, 500, 200
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NEXT_CLAUSE = re.compile(
    r"""(?<=[。；！？ ])(?=
        [一二三四五六七八九十]{1,3}、      # …。一、强化财政金融支持
      | （[一二三四五六七八九十]{1,3}）    # …。（一）创新金融领域
      | 第[一二三四五六七八九十百]{1,5}条  # …。第三条
      | \d{1,2}[.、]                       # …。12.
      | [一二三四五六七八九十]是           # …；二是
    )""",
    re.VERBOSE,
)
HEADING = re.compile(
    r"""^
    (?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|\d{1,2}[.、])?\s*   # （二）
    (?P<heading>[^。，；：]{5,32})。                                                     # 优化城乡学校布局。
    (?P<body>.{30,})""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Where an official wording stands: ``paragraphs[paragraph][start:end]``."""

    paragraph: int
    start: int
    end: int


def read_paragraphs(folder: Path) -> tuple[str, ...]:
    """Paragraphs of policy documents and single articles of law, normalised, each once, 25 to 500 characters."""
    texts = [part for text in _field(folder / POLICIES, "text") for part in _parts(text)]
    texts += [normalise(text).replace("\n", "")[:LONGEST] for text in _field(folder / ARTICLES, "content")]
    return tuple(
        text for text in dict.fromkeys(texts) if len(text) >= SHORTEST and 2 * len(_HAN.findall(text)) > len(text)
    )


@dataclass(frozen=True, slots=True)
class StatuteQuestion:
    """A layperson's question with the ids of the articles that answer it."""

    text: str
    articles: frozenset[str]


def read_questions(folder: Path) -> tuple[tuple[StatuteQuestion, ...], tuple[StatuteQuestion, ...]]:
    """The questions to train on, and the ``HELD_BACK`` ones to measure by; the split is always the same."""
    rows = list(_rows(folder / QUESTIONS))
    questions = [StatuteQuestion(row["question"], frozenset(map(str, row["relevant"]))) for row in rows]
    order = np.random.default_rng(12345).permutation(len(questions)).tolist()
    return tuple(questions[n] for n in order[HELD_BACK:]), tuple(questions[n] for n in order[:HELD_BACK])


def read_articles(folder: Path) -> dict[str, str]:
    """The articles of law by their ids, as printed."""
    return {str(row["id"]): row["content"] for row in _rows(folder / ARTICLES)}


def fingerprint(paths: Iterable[Path]) -> str:
    """SHA-256 over the bytes of these files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def find_mentions(paragraphs: tuple[str, ...], wordings: Iterable[str], seed: int) -> dict[str, tuple[Mention, ...]]:
    """Places of each wording that occurs, at most 200 of each, drawn at random; found by rolling hashes and then compared."""
    joined = "\n".join(paragraphs)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    starts = np.concatenate(([0], np.cumsum([len(text) + 1 for text in paragraphs])))
    by_length: dict[int, set[str]] = defaultdict(set)
    for wording in wordings:
        by_length[len(wording)].add(wording)
    generator = np.random.default_rng(seed)
    found: dict[str, tuple[Mention, ...]] = {}
    hashes = np.zeros(len(points), np.uint64)
    for length in range(1, max(by_length) + 1):
        hashes = hashes[: len(points) - length + 1] * np.uint64(_BASE) + points[length - 1 :]
        for wording, places in _places(hashes, by_length.get(length, set())):
            sure = np.array([place for place in places if joined.startswith(wording, place)], np.int64)
            drawn = generator.permutation(sure)[:MOST_MENTIONS]
            rows = np.searchsorted(starts, drawn, "right") - 1
            found[wording] = tuple(
                Mention(int(row), int(at), int(at) + length) for row, at in zip(rows, drawn - starts[rows], strict=True)
            )
    return found


_BASE = 1_000_003


def _places(hashes: np.ndarray, wordings: set[str]) -> Iterator[tuple[str, list[int]]]:
    wanted = {_hash(wording): wording for wording in sorted(wordings)}
    if not wanted:
        return
    keys = np.array(sorted(wanted), np.uint64)
    nearest = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
    places: dict[str, list[int]] = defaultdict(list)
    for place in np.flatnonzero(keys[nearest] == hashes).tolist():
        places[wanted[int(keys[nearest[place]])]].append(place)
    yield from places.items()


def _hash(wording: str) -> int:
    value = 0
    for sign in wording:
        value = (value * _BASE + ord(sign)) % 2**64
    return value


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _field(path: Path, name: str) -> Iterator[str]:
    return (row[name] for row in _rows(path))


def _parts(text: str) -> Iterator[str]:
    for line in normalise(text).split("\n"):
        # a long line is a whole document that lost its line breaks
        for part in _NEXT_CLAUSE.split(line.strip()) if len(line) > 200 else [line.strip()]:
            yield from _slices(part)


def _slices(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > LONGEST:
        end = text.rfind("。", start + 150, start + 400) + 1 or start + 400
        yield text[start:end]
        start = end
    yield text[start:]
