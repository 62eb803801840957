"""What each part of search is worth and costs: words, vectors, both, both with the thesaurus, on the same clauses in one run.

``python scripts/evaluate.py search`` prints the tables.

Judged queries over the clauses of hand-labelled documents (nDCG@10 by kind of query), and laypeople's questions that no model was
trained on over all articles of law (recall@10 and @100).
"""

from __future__ import annotations

import math
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import rjieba
from encoder_data import read_articles, read_questions
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scoring import Places, labels_of, ndcg, queries_of

from kb.encoders import Encoder, load_encoder
from kb.index.asking import CANDIDATES, NEAR
from kb.index.vectors import PassageIndex, PassageWriter, Quantised, VectorIndex, VectorWriter
from kb.index.words import WordIndex, WordScores, WordWriter, count_terms, fold
from kb.ingest.analysis import analyse
from kb.ingest.entries import passages, searchable
from kb.search import thesaurus
from kb.search.questions import parse_question
from kb.search.ranking import Signals, fuse
from kb.search.thesaurus import Thesaurus

K1, B = 1.2, 0.75
SYSTEMS = ("BM25 jieba words", "BM25 characters + pairs", "vectors alone", "hybrid without thesaurus", "full")
_DEEP = 500  # texts that the two kinds of words alone find
_BATCH = 2048

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Text:
    """Something to find: what it is found by as a whole, and its own passages."""

    whole: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Texts and queries on them, with the measure of one ranking (rows, best first) for one query."""

    texts: tuple[Text, ...]
    queries: tuple[str, ...]
    measures: Callable[[int, Rows], dict[str, float]]


@dataclass(slots=True)
class Costs:
    """Seconds that each part took to build and to ask."""

    building: dict[str, float] = field(default_factory=dict)
    asking: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def built(self, part: str) -> Iterator[None]:
        """Count what is done meanwhile as building the part."""
        began = time.perf_counter()
        yield
        self.building[part] = self.building.get(part, 0) + time.perf_counter() - began

    @contextmanager
    def asked(self, part: str) -> Iterator[None]:
        """Count what is done meanwhile as asking the part."""
        began = time.perf_counter()
        yield
        self.asking[part] += time.perf_counter() - began


class JiebaWords:
    """BM25 over words as jieba cuts them, the usual baseline."""

    def __init__(self, texts: Sequence[str]) -> None:
        holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = np.zeros(len(texts))
        for row, text in enumerate(texts):
            words = _cut(text)
            lengths[row] = len(words)
            for word, times in Counter(words).items():
                holders[word].append((row, times))
        self._holders = {word: np.array(held).T for word, held in holders.items()}
        self._damping = K1 * (1 - B + B * lengths / max(lengths.mean(), 1))

    def search(self, query: str, limit: int) -> Rows:
        """Rows of the best texts, best first."""
        scores = np.zeros(len(self._damping))
        for word in set(_cut(query)):
            if (held := self._holders.get(word)) is not None:
                rows, times = held
                rarity = math.log(1 + (len(scores) - len(rows) + 0.5) / (len(rows) + 0.5))
                scores[rows] += rarity * times * (K1 + 1) / (times + self._damping[rows])
        best = np.argsort(-scores, kind="stable")[:limit]
        return np.asarray(best[scores[best] > 0], np.int64)


def _cut(text: str) -> list[str]:
    return [word for word in rjieba.cut(fold(text)) if any(sign.isalnum() for sign in word)]


class Systems:
    """All systems over the same texts."""

    def __init__(self, folder: Path, texts: Sequence[Text], encoder: Encoder, costs: Costs) -> None:
        self._encoder, self._costs = encoder, costs
        with costs.built("jieba words"):
            self._jieba = JiebaWords([text.whole for text in texts])
        with costs.built("words"):
            words = WordWriter(folder)
            for block in _blocks(texts):
                words.add(count_terms([text.whole for text in block]))
            words.close()
        with costs.built("clause vectors"):
            clauses = VectorWriter(folder, encoder.dimension)
            for block in _blocks(texts):
                clauses.add(Quantised.from_floats(encoder.encode_clauses([text.whole for text in block])))
            clauses.close()
        with costs.built("passage vectors"):
            pieces = PassageWriter(folder, encoder.dimension)
            for block in _blocks(texts):
                every = [passage for text in block for passage in text.passages]
                pieces.add([len(text.passages) for text in block], Quantised.from_floats(encoder.encode_clauses(every)))
            pieces.close()
        with costs.built("thesaurus"):
            thesaurus.prepare(folder / "spoken", encoder)
        self._words, self._clauses = WordIndex.open(folder), VectorIndex.open(folder)
        self._passages: PassageIndex = PassageIndex.open(folder)
        self._thesaurus: Thesaurus = thesaurus.load(PassageIndex.open(folder / "spoken"), encoder)

    def rankings(self, query: str) -> tuple[Rows, ...]:
        """What each of ``SYSTEMS`` finds, best first."""
        asked = parse_question(query)
        with self._costs.asked("jieba words"):
            jieba = self._jieba.search(query, _DEEP)
        with self._costs.asked("words"):
            plain = self._words.score(query).top(_DEEP)
            by_words = self._words.score(asked.words)
        with self._costs.asked("encoder"):
            [vector] = self._encoder.encode_queries([query])
        with self._costs.asked("thesaurus"):
            expansions = thesaurus.strongest(self._thesaurus.expansions(query, vector))
            widened = self._words.score_expansions(expansions)
        with self._costs.asked("vectors"):
            near = self._passages.candidates(vector, NEAR)
        with self._costs.asked("fusion"):
            signals = self._signals(vector, by_words, widened, near)
            full = fuse(signals).rows
        nothing = np.zeros_like(signals.words)
        hybrid = fuse(replace(signals, expansions=nothing)).rows
        alone = fuse(replace(signals, expansions=nothing, words=nothing)).rows
        return jieba, plain, alone, hybrid, full

    def _signals(
        self,
        vector: NDArray[np.float32],
        by_words: WordScores,
        widened: WordScores,
        near: Rows,
    ) -> Signals:
        rows = np.unique(np.concatenate((by_words.top(CANDIDATES), widened.top(CANDIDATES), near)))
        passage = np.clip(self._passages.scores(vector, rows), 0, 1)
        context = np.clip(self._clauses.scores(vector, rows), 0, 1)
        nothing, no = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.bool_)
        return Signals(
            rows,
            by_words.of(rows),
            widened.of(rows),
            passage,
            context,
            nothing,
            nothing,
            no,
            no,
            no,
            np.ones(len(rows), np.float32),
        )


def _blocks(texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
    for start in range(0, len(texts), _BATCH):
        yield texts[start : start + _BATCH]


# --- what is asked ---------------------------------------------------------------------------------


def judged(gold: Path) -> Task:
    """The judged queries over the clauses of their documents."""
    texts, keys = [], []
    for document, label in labels_of(gold).items():
        parsed = analyse(gold / "docs" / f"{document}.txt")
        places = Places(label["clauses"], parsed.document.text)
        for clause in parsed.clauses:
            texts.append(Text(searchable(parsed.document, clause), passages(clause.text)))
            keys.append(f"{document}#{places.clause_at(clause.start)}")
    queries = [query for query in queries_of(gold) if query["relevant"]]

    def measures(number: int, found: Rows) -> dict[str, float]:
        gain = ndcg(queries[number]["relevant"], list(dict.fromkeys(keys[row] for row in found)))
        return {queries[number]["type"]: gain, "all": gain}

    return Task(tuple(texts), tuple(query["query"] for query in queries), measures)


def statutes(data: Path) -> Task:
    """The questions that are held back over all articles of law."""
    articles = read_articles(data)
    ids = list(articles)
    questions = [q for q in read_questions(data)[1] if q.articles & articles.keys()]

    def measures(number: int, found: Rows) -> dict[str, float]:
        wanted = questions[number].articles
        hits = [ids[row] in wanted for row in found[:100].tolist()]
        return {f"recall@{depth}": sum(hits[:depth]) / len(wanted) for depth in (10, 100)}

    texts = tuple(Text(article, passages(article)) for article in articles.values())
    return Task(texts, tuple(question.text for question in questions), measures)


# --- what comes out --------------------------------------------------------------------------------


def figures(task: Task, encoder: Encoder, costs: Costs) -> dict[str, dict[str, float]]:
    """The mean of each measure for each of ``SYSTEMS``."""
    gathered: dict[str, dict[str, list[float]]] = {system: defaultdict(list) for system in SYSTEMS}
    with tempfile.TemporaryDirectory(prefix="kb-search-") as folder:
        systems = Systems(Path(folder), task.texts, encoder, costs)
        for number, query in enumerate(task.queries):
            for system, found in zip(SYSTEMS, systems.rankings(query), strict=True):
                for measure, value in task.measures(number, found).items():
                    gathered[system][measure].append(value)
    return {
        system: {measure: float(np.mean(values)) for measure, values in sorted(measured.items())}
        for system, measured in gathered.items()
    }


def report(gold: Path, data: Path, model: str = "") -> None:
    """Print the tables for what there is of both folders."""
    console = Console(width=120)
    encoder = load_encoder(model)
    for name, folder, read in (("nDCG@10, judged queries", gold, judged), ("statute questions", data, statutes)):
        if not folder.exists():
            console.print(f"{name}: nothing at {folder}")
            continue
        costs, task = Costs(), read(folder)
        found = figures(task, encoder, costs)
        title = f"{name}: {len(task.queries)} over {len(task.texts)} texts, {encoder.name}"
        measures = list(found[SYSTEMS[0]])
        table = Table("", *measures, title=title)
        for system, measured in found.items():
            table.add_row(system, *(f"{measured[measure]:.3f}" for measure in measures))
        console.print(table)
        console.print(_costs(costs, task))


def _costs(costs: Costs, task: Task) -> Table:
    table = Table("part", "build, s", "build, texts/s", "query, ms", title="cost")
    for part in dict.fromkeys((*costs.building, *costs.asking)):
        seconds, asked = costs.building.get(part), costs.asking.get(part)
        table.add_row(
            part,
            "" if seconds is None else f"{seconds:.2f}",
            "" if seconds is None or part == "thesaurus" else f"{len(task.texts) / max(seconds, 1e-9):,.0f}",
            "" if asked is None else f"{1000 * asked / len(task.queries):.2f}",
        )
    return table
