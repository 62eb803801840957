"""Train the embedded encoder and write it in sentence-transformers format.

usage: python scripts/train_encoder.py --data ../shared/data --out kb/encoders/embedded

Static vectors of characters and pairs of neighbours with a learned weight each, taught by InfoNCE on pairs that mean the same: what people
say ↔ a real passage that contains the official wording, a sentence ↔ the rest of its paragraph, a heading ↔ its body, a question ↔ the
article of law that answers it. Several models are trained apart, a process each, and put together: side by side, then turned and cut to
the directions that carry most of what texts say. The same command on the same files gives the same model; no judged query has a part in
it. docs/encoder.md tells what was tried.
"""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from encoder_data import (
    ARTICLES,
    HEADING,
    POLICIES,
    QUESTIONS,
    Mention,
    StatuteQuestion,
    find_mentions,
    fingerprint,
    read_articles,
    read_paragraphs,
    read_questions,
)
from encoder_export import save_model
from numpy.typing import NDArray
from rich.console import Console
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from kb.encoders import Vocabulary
from kb.search.thesaurus import Concept, read_thesaurus
from kb.text import normalise

Item = TypeVar("Item")

THESAURUS = Path("kb/lexicon/thesaurus.jsonl")
LONGEST_ARTICLE = 400
_SENTENCE = re.compile(r"(?<=[。；！？])")
_CHARACTERS = [*range(0x30, 0x3A), ord("%"), *range(0x61, 0x7B), 0x3007, *range(0x4E00, 0xA000)]
_CAPITALS = range(0x41, 0x5B)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that the result depends on beside the texts."""

    dimension: int = 256
    pairs: int = 100_000  # pairs of neighbours in the vocabulary
    spoken_weight: int = 20  # one occurrence in the thesaurus counts as so many in the documents
    steps: int = 300
    batch: int = 768
    spoken_share: float = 0.5  # of a batch: spoken wording ↔ passage
    heading_share: float = 0.05
    statute_share: float = 0.05
    dropout: float = 0.1  # of the terms of a text
    official_share: float = 0.35  # of those: the official wordings themselves in place of a passage
    window: int = 120  # characters of a passage on either side of the wording, at most
    temperature: float = 0.05
    rate: float = 0.02
    members: int = 3  # models trained apart, from other seeds on other batches, and put together
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same; pairs with one ``topic`` are no negatives of each other."""

    left: str
    right: str
    topic: str
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """What pairs are made from."""

    paragraphs: tuple[str, ...]
    concepts: tuple[Concept, ...]
    questions: tuple[tuple[str, str], ...]  # with an article that answers each

    @classmethod
    def read(cls, data: Path, thesaurus: Path) -> Sources:
        """All of them; of the questions only those that are not held back."""
        articles = read_articles(data)
        asked = [(q, articles[a]) for q, a in _answers(read_questions(data)[0]) if a in articles]
        pairs = tuple((question, normalise(article)[:LONGEST_ARTICLE]) for question, article in asked)
        return cls(read_paragraphs(data), read_thesaurus(thesaurus), pairs)


def _answers(questions: Iterable[StatuteQuestion]) -> list[tuple[str, str]]:
    return [(question.text, article) for question in questions for article in sorted(question.articles)]


class Sampler:
    """Draws training batches."""

    def __init__(self, sources: Sources, recipe: Recipe, member: int) -> None:
        self.sources, self.recipe = sources, recipe
        self.generator = np.random.default_rng(recipe.seed + member)
        wordings = {wording for concept in sources.concepts for wording in concept.official}
        self.mentions: dict[str, tuple[Mention, ...]] = find_mentions(sources.paragraphs, sorted(wordings), recipe.seed)
        self.long = [text for text in sources.paragraphs if len(text) >= 60]
        self.headed = [match for text in sources.paragraphs if (match := HEADING.match(text))]

    def batch(self) -> list[Pair]:
        """As many pairs as the recipe says, all kinds together."""
        recipe = self.recipe
        kinds: tuple[tuple[Sequence[Any], Callable[[Any], Pair], float], ...] = (
            (self.sources.concepts, self._spoken, recipe.spoken_share),
            (self.headed, self._headed, recipe.heading_share),
            (self.sources.questions, self._question, recipe.statute_share),
        )
        drawn = [
            make(values[n])
            for values, make, share in kinds
            for n in self._draw(len(values), round(recipe.batch * share))
        ]
        rest = recipe.batch - len(drawn)
        return drawn + [self._sentence(self.long[n]) for n in self._draw(len(self.long), rest)]

    def _draw(self, count: int, number: int) -> list[int]:
        return list(self.generator.choice(count, number, replace=False).tolist())

    def _one(self, values: Sequence[Item]) -> Item:
        return values[int(self.generator.integers(len(values)))]

    def _spoken(self, concept: Concept) -> Pair:
        found = [wording for wording in concept.official if wording in self.mentions]
        if found and self.generator.random() >= self.recipe.official_share:
            right = self._passage(self._one(self.mentions[self._one(found)]))
        else:
            number = 1 + int(self.generator.integers(min(3, len(concept.official))))
            right = "；".join(self.generator.permutation(concept.official)[:number])
        return Pair(self._one(concept.spoken), right, concept.official[0], concept.official)

    def _passage(self, mention: Mention) -> str:
        before, after = self.generator.integers(self.recipe.window + 1, size=2).tolist()
        return self.sources.paragraphs[mention.paragraph][max(0, mention.start - before) : mention.end + after]

    def _headed(self, match: re.Match[str]) -> Pair:
        return Pair(match["heading"], match["body"], match["heading"])

    def _question(self, pair: tuple[str, str]) -> Pair:
        return Pair(*pair, topic=pair[1])

    def _sentence(self, paragraph: str) -> Pair:
        parts = [part for part in _SENTENCE.split(paragraph) if len(part) > 8]
        if len(parts) < 2:
            parts = [paragraph[: len(paragraph) // 2], paragraph[len(paragraph) // 2 :]]
        chosen = int(self.generator.integers(len(parts)))
        return Pair(parts[chosen], "".join(parts[:chosen] + parts[chosen + 1 :]), paragraph)


class Model(torch.nn.Module):
    """A text's vector is the sum of its terms' rows, each times the term's weight, made unit length."""

    def __init__(self, vocabulary: Vocabulary, rarity: NDArray[np.float64], dimension: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.rows = torch.nn.Parameter(torch.randn(len(rarity), dimension) * 0.05)
        self.log_weights = torch.nn.Parameter(torch.tensor(np.log(rarity), dtype=torch.float32))

    def forward(self, texts: Sequence[str], dropout: float = 0.0) -> torch.Tensor:
        """Unit vectors, shape (len(texts), dimension), of texts that lose this share of their terms."""
        terms, bounds = map(torch.from_numpy, self.vocabulary.rows(texts))
        weights = self.log_weights.exp()[terms]
        if dropout:
            weights = weights * (torch.rand(len(weights)) >= dropout)
        summed = embedding_bag(terms, self.rows, bounds[:-1], mode="sum", per_sample_weights=weights, sparse=True)
        return normalize(summed, dim=1)

    def table(self) -> NDArray[np.float32]:
        """One row for each term, weight included; the row of unknown terms is zero."""
        with torch.no_grad():
            table = (self.rows * self.log_weights.exp()[:, None]).numpy()
        table[0] = 0
        return table


def make_vocabulary(paragraphs: Sequence[str], concepts: Sequence[Concept], recipe: Recipe) -> Vocabulary:
    """Every character seen five times, and the most frequent pairs; the thesaurus counts more than its size."""
    spoken = _points(wording for concept in concepts for wording in concept.spoken)
    official = _points(wording for concept in concepts for wording in concept.official)
    printed = _points(paragraphs)
    seen = np.bincount(printed, minlength=0x10000) + 5 * np.bincount(spoken, minlength=0x10000)
    kept = np.flatnonzero(seen[1:] >= 5) + 1
    characters = np.zeros(0x10000, np.int16)
    characters[kept] = np.arange(1, len(kept) + 1)
    characters[_CAPITALS] = characters[[point + 32 for point in _CAPITALS]]
    counts: Counter[int] = Counter(_pairs(characters, printed))
    for points, least in ((spoken, 2), (official, 1)):
        for code, count in _pairs(characters, points).items():
            counts[code] += count * recipe.spoken_weight if count >= least else 0
    pairs = np.array(sorted(code for code, _ in counts.most_common(recipe.pairs)), np.int32)
    return Vocabulary(characters, pairs, len(kept) + 1)


def _points(texts: Iterable[str]) -> NDArray[np.int64]:
    """Code points of all texts, lower case, with 0 for every sign that is no letter, digit or percent sign."""
    points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    points = np.where((points >= _CAPITALS[0]) & (points <= _CAPITALS[-1]), points + 32, points)
    return np.where(np.isin(points, _CHARACTERS), points, 0)


def _pairs(characters: NDArray[np.int16], points: NDArray[np.int64]) -> dict[int, int]:
    rows = characters[points].astype(np.int64)
    codes = ((rows[:-1] << 16) | rows[1:])[(rows[:-1] > 0) & (rows[1:] > 0)]
    values, counts = np.unique(codes, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def frequencies(vocabulary: Vocabulary, paragraphs: Sequence[str]) -> NDArray[np.float64]:
    """How often each term stands in every fourth paragraph, and once more, shape (rows of the table,)."""
    terms, _ = vocabulary.rows(paragraphs[::4])
    return np.bincount(terms, minlength=vocabulary.first_pair + len(vocabulary.pairs)) + 1.0


def rarity(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the term weights start from: rare terms more, 1 on average."""
    weights = np.log1p(counts.sum() / 300 / counts)
    return np.asarray(np.clip(weights / weights.mean(), 0.1, 3), np.float64)


@dataclass(frozen=True, slots=True)
class Start:
    """What all members have in common."""

    sources: Sources
    vocabulary: Vocabulary
    counts: NDArray[np.float64]
    recipe: Recipe


def train(start: Start, member: int) -> NDArray[np.float32]:
    """The table of one member after all steps. One thread: the same sums in the same order on every machine."""
    recipe = start.recipe
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed + member)
    sampler = Sampler(start.sources, recipe, member)
    model = Model(start.vocabulary, rarity(start.counts), recipe.dimension)
    # Each batch touches a third of the rows: only these are moved, which is several times as quick as moving all.
    optimizers = (
        torch.optim.SparseAdam([model.rows], lr=recipe.rate),
        torch.optim.Adam([model.log_weights], lr=recipe.rate),
    )
    console = Console()
    for step in range(1, recipe.steps + 1):
        loss = _loss(model, sampler.batch(), recipe)
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = recipe.rate * _rate(step, recipe.steps)
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()  # type: ignore[no-untyped-call]
        if step % 20 == 0:
            console.print(f"member {member}: step {step} of {recipe.steps}, loss {loss.item():.3f}")
    return model.table()


def together(tables: Sequence[NDArray[np.float32]], counts: NDArray[np.float64]) -> NDArray[np.float32]:
    """One table as wide as each: all of them side by side, in the directions in which the terms of texts differ most."""
    weights = counts / counts.sum()
    even = [table / np.sqrt(weights @ np.square(table).sum(axis=1)) for table in tables]
    side_by_side = np.concatenate(even, axis=1).astype(np.float64)
    _, directions = np.linalg.eigh((side_by_side * weights[:, None]).T @ side_by_side)
    return np.asarray(side_by_side @ directions[:, ::-1][:, : tables[0].shape[1]], np.float32)


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / 20) * max(0.02, (1 + math.cos(math.pi * step / steps)) / 2)


def _loss(model: Model, pairs: Sequence[Pair], recipe: Recipe) -> torch.Tensor:
    left = model([pair.left for pair in pairs], recipe.dropout)
    scores = left @ model([pair.right for pair in pairs], recipe.dropout).T / recipe.temperature
    scores = scores.masked_fill(torch.from_numpy(_no_negatives(pairs)), -1e4)
    right = torch.arange(len(pairs))
    return (cross_entropy(scores, right) + cross_entropy(scores.T, right)) / 2


def _no_negatives(pairs: Sequence[Pair]) -> NDArray[np.bool_]:
    """Where the right side of another pair answers this pair's left side as well."""
    topics = np.unique([pair.topic for pair in pairs], return_inverse=True)[1]
    mask = topics[:, None] == topics[None, :]
    joined = "\n".join([pair.right for pair in pairs])
    starts = np.cumsum([0] + [len(pair.right) + 1 for pair in pairs])
    for row, pair in zip(mask, pairs, strict=True):
        for wording in pair.wordings:
            places = [match.start() for match in re.finditer(re.escape(wording), joined)]
            row[np.searchsorted(starts, places, "right") - 1] = True
    np.fill_diagonal(mask, val=False)
    return mask


def main() -> None:
    """Train and write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--thesaurus", type=Path, default=THESAURUS)
    parser.add_argument("--out", type=Path, default=Path("kb/encoders/embedded"))
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    arguments = parser.parse_args()
    recipe = Recipe(**{name: getattr(arguments, name) for name in asdict(Recipe())})
    inputs = [arguments.data / POLICIES, arguments.data / ARTICLES, arguments.data / QUESTIONS, arguments.thesaurus]
    sources = Sources.read(arguments.data, arguments.thesaurus)
    vocabulary = make_vocabulary(sources.paragraphs, sources.concepts, recipe)
    start = Start(sources, vocabulary, frequencies(vocabulary, sources.paragraphs), recipe)
    with ProcessPoolExecutor(recipe.members) as processes:
        tables = list(processes.map(partial(train, start), range(recipe.members)))
    told: dict[str, object] = {"inputs": [path.name for path in inputs], "inputs_sha256": fingerprint(inputs)}
    save_model(arguments.out, vocabulary, together(tables, start.counts), told | {"recipe": asdict(recipe)})


if __name__ == "__main__":
    main()
