"""What is read out of documents held against labels, and what is found in them against judged queries.

A folder of labelled documents holds ``docs/<id>.txt``, ``labels/<id>.json`` and ``queries.jsonl``; tests/gold/README.md describes them.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.encoders import contextual_of, load_encoder
from kb.ingest.analysis import analyse
from kb.ingest.build import build
from kb.ingest.filling import fill
from kb.knowledge_base import KnowledgeBase
from kb.models import Clause, Deadline, Fact, ParsedDocument, Responsibility, Target

ROOT = Path(__file__).parent.parent
INVENTED, REAL = ROOT / "tests/gold", ROOT.parent / "shared/gold/dev"  # a folder of sets, and one set
_RHYTHM = re.compile(r"(?:每|按|一)(?:个|学)?(?P<unit>半年|工作日|学期|[一两二三四五]年|[日天周旬月季年])")
_DEEP = 100  # hits that are looked at
_MULTIPLES = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}

Label = Mapping[str, Any]


@dataclass(slots=True)
class Score:
    """How many were found, how many were to be found, and how many of those found are right."""

    found: int = 0
    wanted: int = 0
    right: float = 0

    def add(self, found: int, wanted: int, right: float) -> None:
        """Count another document in."""
        self.found += found
        self.wanted += wanted
        self.right += right

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; the share that is right where as many were found as wanted."""
        return 2 * self.right / (self.found + self.wanted) if self.found + self.wanted else 1.0


@dataclass(slots=True)
class Report:
    """The scores by measure, and each mistake in words."""

    scores: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    mistakes: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """The figure of each measure, to four digits."""
        return {key: round(score.f1, 4) for key, score in self.scores.items()}


def squash(text: str | None) -> str:
    """ "１. 建设 学校" → "1.建设学校": without what printing adds."""
    return "".join(unicodedata.normalize("NFKC", text or "").split()).lower()


def text_of(folder: Path, document: str) -> str:
    """The text of a labelled document, with its line breaks as they are."""
    return (folder / "docs" / f"{document}.txt").read_bytes().decode("utf-8-sig")


def labels_of(folder: Path) -> dict[str, Label]:
    """The labels of all documents of a folder, by their id."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((folder / "labels").glob("*.json"))}


def queries_of(folder: Path) -> list[Label]:
    """The judged queries of a folder."""
    return [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]


# --- what is read out -----------------------------------------------------------------------------


def score_reading(folder: Path) -> Report:
    """Everything that is read out of the documents of a folder."""
    report = Report()
    for document, label in labels_of(folder).items():
        score_document(analyse(folder / "docs" / f"{document}.txt"), label, report)
    return report


def score_document(parsed: ParsedDocument, label: Label, report: Report) -> None:
    """Count one document in."""
    compared = _Compared(parsed, label, report)
    compared.header()
    compared.clauses()
    compared.responsibilities()
    compared.targets()
    compared.deadlines()
    compared.duties()


class _Compared:
    """One document beside its labels. Clauses are the same when their printed numbers start at the same place."""

    def __init__(self, parsed: ParsedDocument, label: Label, report: Report) -> None:
        self._parsed, self._label, self._report = parsed, label, report
        self._labelled: list[Label] = label["clauses"]
        self._clauses = {clause.id: clause for clause in parsed.clauses}
        text = parsed.document.text
        places = {_after_space(text, clause["start"]): number for number, clause in enumerate(self._labelled)}
        self._numbers: dict[str, int] = {}
        for clause in parsed.clauses:
            number = places.pop(_after_space(text, clause.start), None) if clause.num else None
            if number is not None:
                self._numbers[clause.id] = number

    def header(self) -> None:
        """The fields that the label gives: each right or wrong as a whole."""
        wanted: Label = {key: value for key, value in self._label["header"].items() if value}
        for key, value in wanted.items():
            found = getattr(self._parsed.document, key)
            same = _squashed(found) == _squashed(value)
            self._report.scores["header"].add(1, 1, same)
            if not same:
                self._say(f"header {key}: {value!r} expected, {found!r} found")

    def clauses(self) -> None:
        """Numbered clauses; of those found also whether parent and heading are right."""
        printed = [clause for clause in self._parsed.clauses if clause.num]
        self._report.scores["clauses"].add(len(printed), len(self._labelled), len(self._numbers))
        for clause in printed:
            if clause.id in self._numbers:
                self._parent_and_heading(clause, self._labelled[self._numbers[clause.id]])
            else:
                self._say(f"clause too many: {clause.num}{clause.heading[:20]} at {clause.start}")
        for number in sorted(set(range(len(self._labelled))) - set(self._numbers.values())):
            missed = self._labelled[number]
            self._say(f"clause missed: {missed['num']}{missed['heading'][:20]} at {missed['start']}")

    def _parent_and_heading(self, clause: Clause, wanted: Label) -> None:
        parent = self._ancestor(clause.parent_id, lambda one: bool(one.num))
        found = self._numbers.get(parent) if parent else None
        self._report.scores["parents"].add(1, 1, found == wanted["parent"])
        if found != wanted["parent"]:
            self._say(f"clause {clause.num} at {clause.start}: parent {wanted['parent']} expected, {found} found")
        same = squash(clause.heading).rstrip("。") == squash(wanted["heading"]).rstrip("。")
        self._report.scores["headings"].add(1, 1, same)
        if not same:
            self._say(f"heading at {clause.start}: {wanted['heading']!r} expected, {clause.heading!r} found")

    def _ancestor(self, clause_id: str | None, wanted: Callable[[Clause], bool]) -> str | None:
        """The clause itself or the nearest above it that is wanted."""
        while clause_id is not None and not wanted(self._clauses[clause_id]):
            clause_id = self._clauses[clause_id].parent_id
        return clause_id

    def responsibilities(self) -> None:
        """Units with their role and clause, as far as they stand in marks of their own."""
        wanted = [
            (mark["clause"], squash(unit["unit"]), unit["role"])
            for mark in self._label["responsibilities"]
            for unit in mark["units"]
        ]
        found = []
        for one in self._parsed.responsibilities:
            if not one.implied_by and not one.prose:
                clause = self._ancestor(one.clause_id, lambda above: above.id in self._numbers)
                found.append((self._numbers[clause] if clause else None, squash(one.unit), one.role))
        for measure, length in (("responsibilities", 3), ("responsible_units", 2)):
            missed = Counter(row[:length] for row in wanted)
            extra = Counter(row[:length] for row in found)
            right = (missed & extra).total()
            self._report.scores[measure].add(len(found), len(wanted), right)
        self._say(*(f"responsibility missed: {row}" for row in Counter(wanted) - Counter(found)))
        self._say(*(f"responsibility too many: {row}" for row in Counter(found) - Counter(wanted)))

    def duties(self) -> None:
        """Duties said in sentences, where they are labelled; a unit that a mark of the clause names need not be found again."""
        if "duties" not in self._label:
            return
        named = {
            (self._clauses[one.clause_id].start, squash(one.unit))
            for one in self._parsed.responsibilities
            if not one.prose
        }
        labelled = sorted(self._label["duties"], key=lambda one: one["ambiguous"])  # the firm ones first
        waiting = [
            one
            for one in labelled
            if (self._labelled[one["clause"]]["start"] if one["clause"] is not None else 0, squash(one["unit"]))
            not in named
        ]
        firm = sum(not one["ambiguous"] for one in waiting)
        found = right = 0
        for duty in (one for one in self._parsed.responsibilities if one.prose):
            same = next((one for one in waiting if _same_duty(one, duty)), None)
            if same is not None:
                waiting.remove(same)
                right += not same["ambiguous"]
            else:
                self._say(f"duty too many: {duty.unit} {duty.role} at {duty.start}")
            found += same is None or not same["ambiguous"]
        self._report.scores["duties_precision"].add(found, found, right)
        self._report.scores["duties_recall"].add(firm, firm, right)
        self._say(
            *(f"duty missed: {one['unit']} {one['role']}: {one['quote']!r}" for one in waiting if not one["ambiguous"])
        )

    def targets(self) -> None:
        """Quantities where they stand; what the label calls ambiguous may be found or not."""
        firm = [one for one in self._label["targets"] if not one["ambiguous"]]
        ambiguous = [one for one in self._label["targets"] if one["ambiguous"]]
        waiting = list(firm)
        found = right = 0
        for target in self._parsed.targets:
            if target.qualitative:
                continue
            same = next((one for one in waiting if _overlap(one, target) and _same_quantity(one, target)), None)
            if same is not None:
                waiting.remove(same)
                self._comparator_and_due(target, same)
                right += 1
            elif any(_overlap(one, target) for one in ambiguous):
                continue
            else:
                self._say(f"target too many: {target.text!r} ({target.value}{target.unit}) at {target.start}")
            found += 1
        self._report.scores["targets"].add(found, len(firm), right)
        self._say(*(f"target missed: {one['quote']!r} ({one['value']}{one['unit']})" for one in waiting))

    def deadlines(self) -> None:
        """Dates and rhythms where they stand, where they are labelled; what the label calls ambiguous may be found or not."""
        if "deadlines" not in self._label:
            return
        firm = [one for one in self._label["deadlines"] if not one.get("ambiguous")]
        ambiguous = [one for one in self._label["deadlines"] if one.get("ambiguous")]
        waiting = list(firm)
        found = 0
        for deadline in self._parsed.deadlines:
            same = next((one for one in waiting if _overlap(one, deadline)), None)
            if same is not None:
                waiting.remove(same)
                self._when(deadline, same)
            elif any(_overlap(one, deadline) for one in ambiguous):
                continue
            else:
                self._say(f"deadline too many: {deadline.text!r} at {deadline.start}")
            found += 1
        right = len(firm) - len(waiting)
        self._report.scores["deadlines_precision"].add(found, found, right)
        self._report.scores["deadlines_recall"].add(len(firm), len(firm), right)
        self._say(*(f"deadline missed: {one['text']!r} at {one['start']}" for one in waiting))

    def _when(self, found: Deadline, wanted: Label) -> None:
        """Count whether a deadline says the date or the rhythm that the label gives."""
        expected = (wanted["due"] or "", rhythm_of(wanted["recurrence"]))
        says = (found.due, rhythm_of(found.recurrence))
        same = says == expected or not any(expected)  # counted from something else: 印发之日起10日内
        self._report.scores["deadline_due"].add(1, 1, same)
        if not same:
            self._say(f"deadline {wanted['text']!r}: {expected} expected, {says} found")

    def _comparator_and_due(self, found: Target, wanted: Label) -> None:
        due = wanted["due"] or ""
        self._report.scores["target_comparator"].add(1, 1, found.comparator == wanted["comparator"])
        self._report.scores["target_due"].add(1, 1, found.due == due)
        if (found.comparator, found.due) != (wanted["comparator"], due):
            expected = f"{wanted['comparator']} {due or 'no date'}"
            self._say(
                f"target {wanted['quote']!r}: {expected} expected, {found.comparator} {found.due or 'no date'} found"
            )

    def _say(self, *mistakes: str) -> None:
        self._report.mistakes += [f"{self._label['id']} {mistake}" for mistake in mistakes]


def _after_space(text: str, place: int) -> int:
    return place + len(text[place:]) - len(text[place:].lstrip())


def _squashed(value: str | Sequence[str]) -> object:
    return squash(value) if isinstance(value, str) else {squash(one) for one in value}


def _overlap(labelled: Label, fact: Fact) -> bool:
    return bool(labelled["start"] < fact.end and fact.start < labelled["end"])


def rhythm_of(words: str | None) -> str:
    """ "每月25日前", "按月" → "月": how often, without the day; other words as they are"""
    said = _RHYTHM.search(squash(words))
    return said["unit"] if said else squash(words)


def _same_quantity(labelled: Label, target: Target) -> bool:
    wanted = _quantity(labelled["value"], labelled["upper"], labelled["unit"])
    found = _quantity(target.value, target.upper, target.unit)
    return wanted[0] == found[0] and all(_same_number(a, b) for a, b in zip(wanted[1:], found[1:], strict=True))


def _same_duty(labelled: Label, duty: Responsibility) -> bool:
    """Whether they tell one duty; where two readers would not agree on it (A会同B), the role is part of what they would not."""
    stands_there = labelled["start"] <= duty.start < labelled["end"]
    same_role = labelled["ambiguous"] or duty.role == labelled["role"]
    return stands_there and squash(duty.unit) == squash(labelled["unit"]) and same_role


def _quantity(value: float | None, upper: float | None, unit: str) -> tuple[str, float | None, float | None]:
    """29.79, None, "万座" → "座", 297900, None"""
    unit, multiple = squash(unit).removesuffix("级"), 1.0
    while unit and unit[0] in _MULTIPLES:
        multiple *= _MULTIPLES[unit[0]]
        unit = unit[1:]
    return unit, value and value * multiple, upper and upper * multiple


def _same_number(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else math.isclose(one, other)


# --- what is found --------------------------------------------------------------------------------


def score_search(folder: Path) -> Report:
    """nDCG@10 by kind of query, and how well "who is responsible" is answered and left unanswered."""
    report, labels = Report(), labels_of(folder)
    places = {document: Places(label["clauses"], text_of(folder, document)) for document, label in labels.items()}
    with _built(folder, labels) as opened:
        for query in queries_of(folder):
            if query["relevant"]:
                hits = [
                    (hit.facts.clause.document_id, hit.facts.clause.start)
                    for hit in opened.search(query["query"], limit=_DEEP).hits
                ]
                ranked = list(
                    dict.fromkeys(f"{document}#{places[document].clause_at(start)}" for document, start in hits)
                )
                gain = ndcg(query["relevant"], ranked)
                for kind in (query["type"], "all"):
                    report.scores[f"search_{kind}"].add(1, 1, gain)
                if gain < 1:
                    report.mistakes.append(
                        f"{query['qid']} {query['query']!r}: {query['relevant']} expected, {ranked[:3]} found, nDCG@10 {gain:.2f}"
                    )
            if query["type"] in ("who", "none"):
                _score_units(query, {squash(one.unit) for one in opened.who(query["query"]).units}, report)
    return report


def _score_units(query: Label, found: set[str], report: Report) -> None:
    """The units that are named for a question, of which there may be none to name."""
    wanted = {squash(unit["unit"]) for unit in query.get("units", ())}
    if query["type"] == "none":
        report.scores["none_abstained"].add(1, 1, not found)
    else:
        report.scores["who_exact"].add(1, 1, found == wanted)
        report.scores["who_abstained"].add(1, 1, not found)
    if found != wanted:
        report.mistakes.append(
            f"{query['qid']} {query['query']!r}: units {sorted(wanted)} expected, {sorted(found)} found"
        )


@contextmanager
def _built(folder: Path, documents: Collection[str]) -> Iterator[KnowledgeBase]:
    """A knowledge base of the labelled documents, filled in as after ``kb build``."""
    encoder = load_encoder()
    contextual = contextual_of(encoder)
    with tempfile.TemporaryDirectory(prefix="kb-gold-") as scratch:
        corpus = Path(scratch) / "corpus"
        corpus.mkdir()
        for document in documents:
            shutil.copy(folder / "docs" / f"{document}.txt", corpus)
        build(corpus, Path(scratch) / "indexes", encoder)
        if contextual is not None:
            fill(Path(scratch) / "indexes", contextual)
        with KnowledgeBase.open(Path(scratch) / "indexes", encoder) as opened:
            yield opened


@dataclass(frozen=True, slots=True)
class Places:
    """Where the labelled clauses of a document stand."""

    clauses: Sequence[Label]
    text: str

    def clause_at(self, start: int) -> int | None:
        """The number of the innermost labelled clause that something begins in."""
        start = _after_space(self.text, start)
        holding = [number for number, one in enumerate(self.clauses) if one["start"] <= start < one["end"]]
        return max(holding, key=lambda number: (self.clauses[number]["start"], number), default=None)


def ndcg(grades: Mapping[str, int], ranked: Sequence[str]) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    return _gain([grades.get(key, 0) for key in ranked[:10]]) / _gain(sorted(grades.values(), reverse=True)[:10])


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))
