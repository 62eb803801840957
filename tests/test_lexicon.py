"""Knowledge as data: every example that an entry of kb/lexicon carries is true."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kb import lexicon
from kb.extraction.responsibilities.marks import find_marks
from kb.extraction.responsibilities.prose import find_prose_duties
from kb.text import normalise
from kb.units.lists import split_units

FOLDER = Path(lexicon.__file__).parent
Table = dict[str, Any]
EXAMPLES = {"examples", "prose_examples", "yes", "no"}


def pattern(entry: Table) -> None:
    """A regular expression matches all its examples, and none of what it must not match."""
    expression = re.compile(entry["pattern"])
    assert all(expression.match(normalise(example)) for example in entry["examples"])
    assert not any(expression.fullmatch(normalise(example)) for example in entry.get("no", ()))


def tail(entry: Table) -> None:
    """What hangs on the last paragraph stands behind other words."""
    expression = re.compile(entry["pattern"])
    assert all(expression.search(normalise(example)) for example in entry["examples"])
    assert not any(expression.search(normalise(example)) for example in entry.get("no", ()))


def label(entry: Table) -> None:
    re.compile(entry["value"])
    assert set(entry["examples"]) <= set(entry["names"])


def cue(entry: Table) -> None:
    """What is searched for in a sentence; `no` says what the rules make of it, which their own test shows."""
    expression = re.compile(entry["pattern"])
    assert all(expression.search(normalise(example)) for example in entry["yes"])


def tense(entry: Table) -> None:
    expression = re.compile(entry["pattern"])
    behind_a_year = entry["name"] in ("not_coming", "foretold")
    found = expression.match if behind_a_year else expression.search
    assert all(found(normalise(example)) for example in entry["yes"])
    assert not any(found(normalise(example)) for example in entry["no"])


def list_of_units(entry: Table) -> None:
    text = normalise(entry["list"])
    assert [mention.name for mention in split_units(text, 0, len(text))] == entry["units"]


def mark(entry: Table) -> None:
    duties = [duty for found in find_marks(normalise(entry["text"])) for duty in found.duties]
    assert [f"{duty.role} {mention.name}" for duty in duties for mention in duty.mentions] == entry["units"]


def prose(entry: Table) -> None:
    duties = find_prose_duties(normalise(entry["text"]), [])
    assert [f"{duty.role} {mention.name}" for duty in duties for mention in duty.mentions] == entry["units"]


# (file, key) → how one entry under that key is checked
CHECKS: dict[tuple[str, str], Callable[[Table], None]] = {
    ("furniture", "lines"): pattern,
    ("furniture", "tails"): tail,
    ("furniture", "labels"): label,
    ("commitments", "cues"): cue,
    ("commitments", "each"): cue,
    ("commitments", "sections"): cue,
    ("tenses", "tenses"): tense,
    ("organs", "examples"): list_of_units,
    ("duties", "penalties"): tense,
    ("duties", "examples"): mark,
    ("duties", "prose_examples"): prose,
}
# Files whose examples run through more than one module: tested with those, in test_formats, test_organizations and test_ranking.
ELSEWHERE = {"tables", "agencies", "groups", "places", "question_frames"}


def entries() -> Iterator[tuple[str, str, Table]]:
    """Every entry that carries examples or is one."""
    for path in sorted(path for path in FOLDER.glob("*.toml") if path.stem not in ELSEWHERE):
        for key, value in tomllib.loads(path.read_text("utf-8")).items():
            for entry in value if isinstance(value, list) else ():
                if isinstance(entry, dict) and (key in EXAMPLES or EXAMPLES & entry.keys()):
                    yield path.stem, key, entry


ENTRIES = list(entries())


@pytest.mark.parametrize(
    ("file", "key", "entry"), ENTRIES, ids=[f"{file}-{key}-{n}" for n, (file, key, _) in enumerate(ENTRIES)]
)
def test_examples(file: str, key: str, entry: Table) -> None:
    assert (file, key) in CHECKS, "say in CHECKS how these examples are checked"
    CHECKS[file, key](entry)


def test_tables_repeat_no_word() -> None:
    for key, value in lexicon.ORGANS.items():
        if isinstance(value, list) and value and isinstance(value[0], str):
            assert len(value) == len(set(value)), key
