"""From people's words to policy words: which concepts a query speaks of, and by what official wordings they are found.

A concept holds official wordings (普惠性幼儿园) and spoken ones (孩子上幼儿园太贵). A query hardly ever is the very wording: the
concepts whose spoken wordings are nearest to it in meaning are taken, each with how near it is. The concepts that come with the
program lie in ``kb/lexicon/thesaurus.jsonl``; an operator adds others in a file of the same form, which works at once.
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
from kb.models import Expansion
from kb.text import normalise

_log = logging.getLogger(__name__)

# Concepts taken for one query, and between which similarities their weight rises from 0 to 1. On judged queries nDCG@10 changes by
# less than 0.003 between 5 and 12 concepts and between 0.2..0.6 and 0.45..0.85; the higher bounds do less harm to questions of
# law, which the thesaurus is not made for.
CONCEPTS = 8
NOTHING, CERTAIN = 0.45, 0.85
# Concepts that are less than this share as near as the nearest only blur what is meant.
NOT_FAR_BEHIND = 0.6
# A wording that stands in the query word for word counts at least so much, each character more than two a little more.
WORD_FOR_WORD, LONGER = 0.75, 0.05

_LOOKED_AT = (
    6 * CONCEPTS
)  # wordings that are weighed: several may be of one concept, and the codes put some further behind
_BEGINNING = 2  # characters by which wordings are told from others that cannot stand at a place
_READ = 1000  # characters of a query in which wordings are looked for word for word
_BUILT_IN = Path(lexicon.__file__).parent / "thesaurus.jsonl"
_FIELDS = {"domain", "concept", "official", "spoken", "related"}


@dataclass(frozen=True, slots=True)
class Concept:
    """What is meant, as documents say it (the usual wording first) and as people say it."""

    official: tuple[str, ...]
    spoken: tuple[str, ...]


def read(path: Path) -> tuple[Concept, ...]:
    """The concepts of a thesaurus file, one JSON object a line; blank lines and lines with # are passed over.

    {"concept": "普惠性幼儿园", "official": ["普惠园"], "spoken": ["上幼儿园太贵"]} → one concept with two official wordings.
    ThesaurusUnusable names the file and the line at fault.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ThesaurusUnusable(path, 0, "not UTF-8") from error
    except OSError as error:
        raise ThesaurusUnusable(path, 0, f"cannot be read ({error.strerror})") from error
    numbered = enumerate(lines, 1)
    return tuple(_concept(line, path, number) for number, line in numbered if line.strip() and line.lstrip()[0] != "#")


def _concept(line: str, path: Path, number: int) -> Concept:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise ThesaurusUnusable(path, number, f"not JSON ({error.msg}, character {error.colno})") from error
    if not isinstance(entry, dict) or not isinstance(entry.get("concept"), str):
        raise ThesaurusUnusable(path, number, 'no {"concept": "…", "spoken": ["…"]}')
    if unknown := sorted(entry.keys() - _FIELDS):
        raise ThesaurusUnusable(path, number, f"unknown field {unknown[0]!r}")
    for field in ("official", "spoken", "related"):
        words = entry.get(field, [])
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise ThesaurusUnusable(path, number, f"{field} is not a list of words")
    if not entry["concept"].strip() or not entry.get("spoken"):
        raise ThesaurusUnusable(path, number, "concept and spoken must not be empty")
    official = dict.fromkeys(map(normalise, (entry["concept"], *entry.get("official", []))))
    return Concept(tuple(official), tuple(dict.fromkeys(map(normalise, entry["spoken"]))))


class Thesaurus:
    """Concepts with the vectors of their spoken wordings; safe to ask from several threads."""

    def __init__(self, concepts: Sequence[Concept], spoken: PassageIndex) -> None:
        """``spoken`` has one row for each spoken wording, concept by concept."""
        self._concepts, self._spoken = tuple(concepts), spoken
        self._wordings = [wording for concept in concepts for wording in concept.spoken]
        self._owners = np.repeat(np.arange(len(concepts)), [len(concept.spoken) for concept in concepts]).tolist()
        self._places: dict[str, list[int]] = {}
        for place, wording in enumerate(self._wordings):
            self._places.setdefault(wording, []).append(place)
        self._lengths: dict[str, set[int]] = {}
        for wording in self._places:
            self._lengths.setdefault(wording[:_BEGINNING], set()).add(len(wording))

    def expansions(self, query: str, vector: NDArray[np.float32]) -> tuple[Expansion, ...]:
        """The concepts that the query speaks of, nearest first, at most ``CONCEPTS``.

        "我家娃上幼儿园太费钱" → 普惠性幼儿园 by 上幼儿园太贵, weight 0.9 …
        """
        least = self._word_for_word(normalise(query[:_READ]))
        places = sorted({*self._spoken.near(vector, _LOOKED_AT).tolist(), *least})
        scores = self._spoken.scores(vector, np.array(places, np.int64)).tolist()
        nearness = [(max(near, least.get(place, 0.0)), place) for place, near in zip(places, scores, strict=True)]
        found: dict[int, Expansion] = {}
        for near, place in sorted(nearness, key=lambda one: -one[0]):
            weight = min(1.0, (near - NOTHING) / (CERTAIN - NOTHING))
            if weight <= 0 or len(found) == CONCEPTS:
                break
            owner = self._owners[place]
            if owner not in found:
                found[owner] = Expansion(self._wordings[place], self._concepts[owner].official, round(weight, 4))
        return tuple(found.values())

    def _word_for_word(self, query: str) -> dict[int, float]:
        """The places of the spoken wordings that stand in the query, with how near they are by that alone."""
        stretches = {
            query[start : start + length]
            for start in range(len(query) - 1)
            for length in self._lengths.get(query[start : start + _BEGINNING], ())
        }
        return {
            place: min(1.0, WORD_FOR_WORD + LONGER * (len(wording) - 2))
            for wording in stretches & self._places.keys()
            for place in self._places[wording]
        }


class OwnThesaurus:
    """An operator's file, read again whenever it changes."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        """ThesaurusUnusable when the file cannot be read or has a line that cannot be used."""
        self._path, self._encoder = path, encoder
        self._seen = self._mark()
        self._thesaurus = self._read()

    def current(self) -> Thesaurus:
        """The thesaurus as the file has it now; as it was before, with a warning in the log, when a change broke the file."""
        mark = self._mark()
        if mark != self._seen:
            self._seen = mark
            try:
                self._thesaurus = self._read()
            except ThesaurusUnusable as error:
                _log.warning("thesaurus not taken over: %s", error)
        return self._thesaurus

    def _read(self) -> Thesaurus:
        concepts = read(self._path)
        return Thesaurus(concepts, PassageIndex.held(_encoded(concepts, self._encoder)))

    def _mark(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0  # reading it says what is wrong
        return found.st_mtime_ns, found.st_size


def strongest(*found: Sequence[Expansion]) -> tuple[Expansion, ...]:
    """The expansions of several thesauri together, nearest first, without those far behind; an earlier one first where they are equal."""
    ranked = sorted((one for each in found for one in each), key=lambda one: -one.weight)[:CONCEPTS]
    return tuple(one for one in ranked if one.weight >= NOT_FAR_BEHIND * ranked[0].weight)


def prepare(folder: Path, encoder: Encoder, predecessor: str) -> None:
    """Put the vectors of the program's own spoken wordings into a generation, so that nobody waits for them later."""
    name = _folder_name(encoder.name)
    before = folder.parent / predecessor / name
    known = bool(predecessor) and before.is_dir()
    (folder / name).mkdir()
    writer = PassageWriter(folder / name, encoder.dimension, before if known else None)
    if not known:
        vectors = _encoded(built_in(), encoder)
        writer.add([1] * len(vectors), Quantised.of(vectors))
    writer.close()


def load(folder: Path, encoder: Encoder) -> Thesaurus:
    """The program's own thesaurus, with the vectors that lie in the generation's folder, or computed when they do not."""
    concepts = built_in()
    path = folder / _folder_name(encoder.name)
    if path.is_dir():
        return Thesaurus(concepts, PassageIndex.open(path))
    # Built with another version of the thesaurus.
    return Thesaurus(concepts, PassageIndex.held(_encoded(concepts, encoder)))


@cache
def built_in() -> tuple[Concept, ...]:
    """The concepts that come with the program."""
    return read(_BUILT_IN)


def _encoded(concepts: Sequence[Concept], encoder: Encoder) -> NDArray[np.float32]:
    return encoder.encode_queries([wording for concept in concepts for wording in concept.spoken])


def _folder_name(model: str) -> str:
    """The vectors of another thesaurus or model lie in another folder."""
    return f"wordings-{hashlib.sha256(_BUILT_IN.read_bytes() + model.encode()).hexdigest()[:16]}"
