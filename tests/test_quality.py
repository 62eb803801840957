"""How well documents are read and questions answered does not fall below what was measured; scripts/evaluate.py gold tells the figures."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from evaluate import APART, MEASURES, README, SETS, Measure, committed, markdown, measured
from scoring import REAL, Score, labels_of, queries_of, rhythm_of, squash, text_of

Figures = tuple[Mapping[str, float], Mapping[str, float]]


# That whose mistakes nobody has looked at, and real documents, tell most.
_TOLD_MOST = (APART, "real")


@pytest.fixture(
    scope="module", params=[name if name in _TOLD_MOST else pytest.param(name, marks=pytest.mark.slow) for name in SETS]
)
def figures(request: pytest.FixtureRequest) -> Figures:
    """What is measured now, and what was measured last, on the invented documents and on real ones where they lie at hand."""
    folder = SETS[request.param]
    if not folder.exists():
        pytest.skip(f"no labelled documents at {folder}")
    return measured(folder).figures(), committed()[request.param]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)
def test_no_figure_falls(figures: Figures, measure: Measure) -> None:
    now, before = figures
    if measure.key not in now and measure.key not in before:
        pytest.skip("not labelled here")
    assert measure.key in now
    assert not measure.has_fallen(now, before), f"{now[measure.key]}, it was {before[measure.key]}"


def test_the_readme_shows_the_committed_figures() -> None:
    assert f"<!-- quality -->\n{markdown(committed())}<!-- /quality -->" in README.read_text("utf-8")


# --- the scorer -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "wanted", "right", "f1"),
    [(0, 0, 0, 1.0), (4, 0, 0, 0.0), (0, 4, 0, 0.0), (4, 4, 3, 0.75), (2, 6, 2, 0.5)],
)
def test_harmonic_mean(found: int, wanted: int, right: int, f1: float) -> None:
    assert Score(found, wanted, right).f1 == f1


IN_THE_REPOSITORY = {name: folder for name, folder in SETS.items() if folder != REAL}


@pytest.mark.parametrize(
    ("name", "document"), [(name, one) for name, folder in IN_THE_REPOSITORY.items() for one in labels_of(folder)]
)
def test_labels_stand_where_they_say(name: str, document: str) -> None:
    text, label = text_of(SETS[name], document), labels_of(SETS[name])[document]
    clauses = label["clauses"]
    for clause in clauses:
        assert text.startswith(clause["num"], clause["start"])
        assert squash(clause["heading"]) in squash(text[clause["start"] : clause["end"]])
        parent = clauses[clause["parent"]] if clause["parent"] is not None else {"start": 0, "end": len(text)}
        assert parent["start"] <= clause["start"] < clause["end"] <= parent["end"]
    for fact in (*label["responsibilities"], *label["targets"], *label["deadlines"], *label.get("duties", ())):
        clause = clauses[fact["clause"]] if fact["clause"] is not None else {"start": 0, "end": len(text)}
        assert clause["start"] <= fact["start"] < fact["end"] <= clause["end"]
    for fact in (*label["targets"], *label.get("duties", ())):
        assert text[fact["start"] : fact["end"]] == fact["quote"]
    for deadline in label["deadlines"]:
        assert text[deadline["start"] : deadline["end"]] == deadline["text"]
        assert not (deadline["due"] and deadline["recurrence"])


@pytest.mark.parametrize(
    ("words", "rhythm"),
    [
        ("每月25日前", "月"),
        ("按季度", "季"),
        ("每半年", "半年"),
        ("汛期每日8时前", "日"),
        ("贯穿全年", "贯穿全年"),
        (None, ""),
    ],
)
def test_rhythms_are_the_same_whatever_the_day(words: str | None, rhythm: str) -> None:
    assert rhythm_of(words) == rhythm


@pytest.mark.parametrize("name", IN_THE_REPOSITORY)
def test_judged_clauses_are_there(name: str) -> None:
    labels, queries = labels_of(SETS[name]), queries_of(SETS[name])
    assert len({query["qid"] for query in queries}) == len(queries) >= 30
    for query in queries:
        for key in query["relevant"]:
            document, _, number = key.partition("#")
            assert int(number) < len(labels[document]["clauses"]), query["qid"]
