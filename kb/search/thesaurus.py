"""Query expansion by a thesaurus: people's own words are expanded by the official wordings of the same concepts.

A concept has official wordings (普惠性幼儿园) and spoken ones (孩子上幼儿园太贵). Few queries are exactly one of the wordings, so the
concepts with the nearest spoken wordings are taken, weighted by similarity. The built-in concepts lie in
``kb/lexicon/thesaurus.jsonl``; an operator may add a file of the same form.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb import lexicon
from kb.encoders import Encoder
from kb.errors import ThesaurusUnusable
from kb.index.vectors import PassageIndex, PassageWriter, Quantised
from kb.messages import Message, reason_of
from kb.models import Expansion
from kb.text import normalise

_log = logging.getLogger(__name__)

# The most concepts for one query, and the similarities between which their weight rises from 0 to 1. On judged queries nDCG@10 changes by
# less than 0.003 between 5 and 12 concepts, and between bounds of 0.2..0.6 and of 0.45..0.85. The higher bounds do less harm to questions
# of law, for which the thesaurus is not made.
CONCEPTS = 8
WEIGHT_0, WEIGHT_1 = 0.45, 0.85
# Concepts of less than this share of the highest weight are left out: they add noise.
LEAST_SHARE = 0.6
# The least similarity of a wording that the query contains, and what each character after the second adds to it.
CONTAINED, PER_CHARACTER = 0.75, 0.05

# The number of wordings that are scored: several may be of one concept, and the order by product codes is not exact.
_CANDIDATES = 6 * CONCEPTS
_PREFIX = 2  # the characters of a wording by which it is indexed
_READ = 1000  # the characters of a query in which wordings are looked for
_BUILT_IN = Path(lexicon.__file__).parent / "thesaurus.jsonl"
_FIELDS = {"domain", "concept", "official", "spoken", "related"}


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept by its wordings."""

    official: tuple[str, ...]  # as documents put it, the usual wording first
    spoken: tuple[str, ...]  # as people put it


def read_thesaurus(path: Path) -> tuple[Concept, ...]:
    """The concepts of a thesaurus file, one JSON object a line; blank lines and lines that begin with # are skipped.

    {"concept": "普惠性幼儿园", "official": ["普惠园"], "spoken": ["上幼儿园太贵"]} → one concept with two official wordings.
    ThesaurusUnusable names the file and the line at fault.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ThesaurusUnusable(path, Message("not-utf8")) from error
    except OSError as error:
        raise ThesaurusUnusable(path, Message("cannot-be-read", reason=reason_of(error))) from error
    numbered = enumerate(lines, 1)
    return tuple(_concept(line, path, number) for number, line in numbered if line.strip() and line.lstrip()[0] != "#")


def _concept(line: str, path: Path, number: int) -> Concept:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        problem = Message("not-json", problem=error.msg, character=error.colno)
        raise _wrong(path, number, problem) from error
    if not isinstance(entry, dict) or not isinstance(entry.get("concept"), str):
        raise _wrong(path, number, Message("no-concept"))
    if unknown := sorted(entry.keys() - _FIELDS):
        raise _wrong(path, number, Message("unknown-concept-field", field=unknown[0]))
    for field in ("official", "spoken", "related"):
        words = entry.get(field, [])
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise _wrong(path, number, Message("not-words", field=field))
    if not entry["concept"].strip() or not entry.get("spoken"):
        raise _wrong(path, number, Message("concept-empty"))
    official = dict.fromkeys(map(normalise, (entry["concept"], *entry.get("official", []))))
    return Concept(tuple(official), tuple(dict.fromkeys(map(normalise, entry["spoken"]))))


def _wrong(path: Path, number: int, reason: Message) -> ThesaurusUnusable:
    return ThesaurusUnusable(path, Message("at-line", line=number, reason=reason))


class Thesaurus:
    """Concepts with the vectors of their spoken wordings; thread-safe."""

    def __init__(self, concepts: Sequence[Concept], spoken: PassageIndex) -> None:
        """``spoken`` has one row for each spoken wording, concept after concept."""
        self._concepts, self._spoken = tuple(concepts), spoken
        self._wordings = [wording for concept in concepts for wording in concept.spoken]
        self._owners = np.repeat(np.arange(len(concepts)), [len(concept.spoken) for concept in concepts]).tolist()
        self._places: dict[str, list[int]] = {}
        for place, wording in enumerate(self._wordings):
            self._places.setdefault(wording, []).append(place)
        self._lengths: dict[str, set[int]] = {}
        for wording in self._places:
            self._lengths.setdefault(wording[:_PREFIX], set()).add(len(wording))

    def expansions(self, query: str, vector: NDArray[np.float32]) -> tuple[Expansion, ...]:
        """The concepts nearest to the query, nearest first, at most ``CONCEPTS``; ``vector`` is that of the query.

        "我家娃上幼儿园太费钱" → 普惠性幼儿园 by 上幼儿园太贵, weight 0.9 …
        """
        contained = self._contained(normalise(query[:_READ]))
        places = sorted({*self._spoken.candidates(vector, _CANDIDATES).tolist(), *contained})
        scores = self._spoken.scores(vector, np.array(places, np.int64)).tolist()
        similar = [(max(score, contained.get(place, 0.0)), place) for place, score in zip(places, scores, strict=True)]
        expansions: dict[int, Expansion] = {}
        for similarity, place in sorted(similar, key=lambda pair: -pair[0]):
            weight = min(1.0, (similarity - WEIGHT_0) / (WEIGHT_1 - WEIGHT_0))
            if weight <= 0 or len(expansions) == CONCEPTS:
                break
            owner = self._owners[place]
            if owner not in expansions:
                expansions[owner] = Expansion(self._wordings[place], self._concepts[owner].official, round(weight, 4))
        return tuple(expansions.values())

    def _contained(self, query: str) -> dict[int, float]:
        """The places of the spoken wordings that the query contains, with the least similarity that they have by that."""
        substrings = {
            query[start : start + length]
            for start in range(len(query) - 1)
            for length in self._lengths.get(query[start : start + _PREFIX], ())
        }
        return {
            place: min(1.0, CONTAINED + PER_CHARACTER * (len(wording) - 2))
            for wording in substrings & self._places.keys()
            for place in self._places[wording]
        }


class OwnThesaurus:
    """An operator's thesaurus file, reloaded whenever it changes."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        """ThesaurusUnusable when the file cannot be read or has a line that cannot be used."""
        self._path, self._encoder = path, encoder
        self._seen = self._file_state()
        self._thesaurus = self._read()

    def current(self) -> Thesaurus:
        """The thesaurus in the file as it is now; when it has become unusable the last usable one, with a warning in the log."""
        state = self._file_state()
        if state != self._seen:
            self._seen = state
            try:
                self._thesaurus = self._read()
            except ThesaurusUnusable as error:
                _log.warning("thesaurus not taken over: %s", error)
        return self._thesaurus

    def _read(self) -> Thesaurus:
        concepts = read_thesaurus(self._path)
        return Thesaurus(concepts, PassageIndex.in_memory(_encoded(concepts, self._encoder)))

    def _file_state(self) -> tuple[int, int]:
        """Time of the last change and size of the file."""
        try:
            stat = self._path.stat()
        except OSError:
            return 0, 0  # reading the file reports the error
        return stat.st_mtime_ns, stat.st_size


def strongest(*by_thesaurus: Sequence[Expansion]) -> tuple[Expansion, ...]:
    """The expansions of all thesauri by descending weight, without those of far less weight; ties stay in the given order."""
    expansions = (expansion for of_thesaurus in by_thesaurus for expansion in of_thesaurus)
    ranked = sorted(expansions, key=lambda expansion: -expansion.weight)[:CONCEPTS]
    return tuple(expansion for expansion in ranked if expansion.weight >= LEAST_SHARE * ranked[0].weight)


def prepare(folder: Path, encoder: Encoder) -> None:
    """Write the vectors of the built-in spoken wordings into a folder, so that opening a generation need not compute them."""
    folder.mkdir()
    writer = PassageWriter(folder, encoder.dimension)
    vectors = _encoded(built_in(), encoder)
    writer.add([1] * len(vectors), Quantised.from_floats(vectors))
    writer.close()


def load(spoken: PassageIndex | None, encoder: Encoder) -> Thesaurus:
    """The built-in thesaurus with the vectors of its spoken wordings, which are computed now where there are none."""
    concepts = built_in()
    return Thesaurus(concepts, PassageIndex.in_memory(_encoded(concepts, encoder)) if spoken is None else spoken)


@cache
def built_in() -> tuple[Concept, ...]:
    """The built-in concepts."""
    return read_thesaurus(_BUILT_IN)


def _encoded(concepts: Sequence[Concept], encoder: Encoder) -> NDArray[np.float32]:
    return encoder.encode_queries([wording for concept in concepts for wording in concept.spoken])


def vectors_name(model: str) -> str:
    """What the vectors of the spoken wordings lie under in a generation, another name for each version of the thesaurus and each model."""
    return f"thesaurus-{hashlib.sha256(_BUILT_IN.read_bytes() + model.encode()).hexdigest()[:16]}"
