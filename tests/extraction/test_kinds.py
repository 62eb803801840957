"""What holds for every kind of fact, and the cases of kinds that need no more than a text to be read."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CASES, ROOT

from kb.extraction import FINDERS
from kb.models import FACT_KINDS, Clause, Document, Fact, FactKind
from kb.text import Passage, Reading

OWN = {"responsibilities", "targets"}  # their cases say more than the text, so they have tests of their own
PLAN = {"title": "湘河市教育行动方案", "document_number": "湘政发〔2022〕3号", "issued_on": "2022-03-01"}
OF_ALL = {field.name for field in fields(Fact)}
BY_NAME = pytest.mark.parametrize("kind", FACT_KINDS, ids=lambda kind: kind.name)


def rows(kind: FactKind) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / f"{kind.name}.jsonl").read_text("utf-8").splitlines()]


def found(kind: FactKind, text: str, **head: str) -> tuple[Fact, ...]:
    """What the finder reads out of a clause with this text, in a document with another head where one is given."""
    clause = Clause("x#1", "x", None, "", "", 0, len(text), (), text)
    document = Document("x", text, "", "x.txt", **(PLAN | head))
    return tuple(FINDERS[kind.name](Passage(clause, Reading.of(text)), document, ()))


def test_every_kind_has_a_finder_cases_and_a_component() -> None:
    names = [kind.name for kind in FACT_KINDS]
    assert list(FINDERS) == names
    assert all((CASES / f"{name}.jsonl").is_file() for name in names)
    assert all(
        f'kb_{name} = "kb.annotation.components:{name}"' in (ROOT / "pyproject.toml").read_text() for name in names
    )


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        pytest.param(kind, row, id=f"{kind.name} {row['text'][:24]}")
        for kind in FACT_KINDS
        if kind.name not in OWN
        for row in rows(kind)
    ],
)
def test_facts_of_a_text(kind: FactKind, row: dict[str, Any]) -> None:
    """All that is not empty beside what every fact has; the words of the source where the row names them."""
    head = {name: row[name] for name in PLAN if name in row}
    told = OF_ALL - {"text"} if any("text" in fact for fact in row[kind.name]) else OF_ALL
    names = [field.name for field in fields(kind.noun) if field.name not in told]
    shown = [
        {name: value for name in names if (value := getattr(fact, name))} for fact in found(kind, row["text"], **head)
    ]
    assert shown == row[kind.name]


@BY_NAME
@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_raises_and_every_fact_points_at_its_text(kind: FactKind, text: str) -> None:
    for fact in found(kind, text):
        assert fact.clause_id == "x#1"
        assert text[fact.start : fact.end] == fact.text != ""
