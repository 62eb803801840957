"""What nobody answers for is answered by nobody: a hundred such questions, and fifty that the documents answer, over two sets of tests/gold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from plans import CASES
from scoring import INVENTED, squash

from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Answer

QUESTIONS = [json.loads(line) for line in (CASES / "who.jsonl").read_text("utf-8").splitlines()]

# Measured without the contextual model, as right after a build.
NAMED_FOR_NOTHING, FOUND_FOR_NOTHING, NAMED, NOBODY = 3, 9, 47, 2


@pytest.fixture(scope="module")
def opened(empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("honesty")
    shutil.copytree(empty_index, folder / "index")
    (folder / "corpus").mkdir()
    for name in ("first", "second"):
        for path in (INVENTED / name / "docs").glob("*.txt"):
            shutil.copy(path, folder / "corpus")
    build(folder / "corpus", folder / "index", load_encoder())
    with KnowledgeBase.open(folder / "index", load_encoder()) as knowledge_base:
        yield knowledge_base


def names(answer: Answer) -> set[str]:
    return {squash(unit.unit) for unit in answer.units}


def test_nobody_is_named_and_hardly_anything_found_for_what_no_document_says(opened: KnowledgeBase) -> None:
    unanswered = [question["query"] for question in QUESTIONS if not question["unit"]]
    named = [query for query in unanswered if opened.who(query).units]
    found = [query for query in unanswered if opened.search(query).relevant]
    assert len(unanswered) == 100
    assert len(named) <= NAMED_FOR_NOTHING, named
    assert len(found) <= FOUND_FOR_NOTHING, found


def test_who_answers_is_named_where_a_document_says_so(opened: KnowledgeBase) -> None:
    answered = [(question["unit"], names(opened.who(question["query"]))) for question in QUESTIONS if question["unit"]]
    assert len(answered) == 50
    assert sum(squash(unit) in units for unit, units in answered) >= NAMED
    assert sum(not units for _, units in answered) <= NOBODY


def test_whoever_is_named_is_named_in_a_clause_that_is_relevant_and_quoted(opened: KnowledgeBase) -> None:
    for question in QUESTIONS:
        answer = opened.who(question["query"])
        shown = {hit.facts.clause.id for hit in answer.evidence if not hit.weak}
        for unit in answer.units:
            clause = opened.clause(unit.clause_id).clause
            assert unit.unit[-2:] in clause.text
            assert any(id_ == clause.id or id_.startswith((f"{clause.id}.", f"{clause.id}#")) for id_ in shown)
