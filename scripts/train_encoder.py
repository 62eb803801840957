"""Train the embedded encoder and write it in sentence-transformers format.

usage: python scripts/train_encoder.py --data ../shared/data --out kb/encoder_model

Static vectors of characters and pairs of neighbours with a learned weight each, taught by InfoNCE on pairs that mean the same: what people
say ↔ a real passage that contains the official wording, a sentence ↔ the rest of its paragraph, a heading ↔ its body. The state that
answers the judged queries best (nDCG@10, alone and half and half with BM25) is kept. docs/encoder.md tells what was tried.
"""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from encoder_data import (
    ARTICLES,
    HEADING,
    POLICIES,
    Concept,
    Mention,
    find_mentions,
    fingerprint,
    read_concepts,
    read_paragraphs,
)
from encoder_export import save_model
from encoder_quality import Judged, quality, read_judged
from numpy.typing import NDArray
from rich.console import Console
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from kb.encoder import Vocabulary

Item = TypeVar("Item")

THESAURUS = Path("kb/lexicon/thesaurus.jsonl")
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
    heading_share: float = 0.0
    official_share: float = 0.35  # of those: the official wordings themselves in place of a passage
    window: int = 120  # characters of a passage on either side of the wording, at most
    temperature: float = 0.05
    rate: float = 0.02
    evaluate_every: int = 50
    seed: int = 0
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same; pairs with one ``topic`` are no negatives of each other."""

    left: str
    right: str
    topic: str
    wordings: tuple[str, ...] = ()


class Sampler:
    """Draws training batches from paragraphs and concepts."""

    def __init__(self, paragraphs: tuple[str, ...], concepts: tuple[Concept, ...], recipe: Recipe) -> None:
        self.paragraphs, self.concepts, self.recipe = paragraphs, concepts, recipe
        self.generator = np.random.default_rng(recipe.seed)
        wordings = {wording for concept in concepts for wording in concept.wordings}
        self.mentions: dict[str, tuple[Mention, ...]] = find_mentions(paragraphs, sorted(wordings), recipe.seed)
        self.long = [text for text in paragraphs if len(text) >= 60]
        self.headed = [match for text in paragraphs if (match := HEADING.match(text))]

    def batch(self) -> list[Pair]:
        """As many pairs as the recipe says, all kinds together."""
        spoken = round(self.recipe.batch * self.recipe.spoken_share)
        headed = round(self.recipe.batch * self.recipe.heading_share)
        drawn = [self._spoken(self.concepts[n]) for n in self._draw(len(self.concepts), spoken)]
        drawn += [self._headed(self.headed[n]) for n in self._draw(len(self.headed), headed)]
        rest = self.recipe.batch - len(drawn)
        return drawn + [self._sentence(self.long[n]) for n in self._draw(len(self.long), rest)]

    def _draw(self, count: int, number: int) -> list[int]:
        return list(self.generator.choice(count, number, replace=False).tolist())

    def _one(self, values: Sequence[Item]) -> Item:
        return values[int(self.generator.integers(len(values)))]

    def _spoken(self, concept: Concept) -> Pair:
        found = [wording for wording in concept.wordings if wording in self.mentions]
        if found and self.generator.random() >= self.recipe.official_share:
            right = self._passage(self._one(self.mentions[self._one(found)]))
        else:
            number = 1 + int(self.generator.integers(min(3, len(concept.wordings))))
            right = "；".join(self.generator.permutation(concept.wordings)[:number])
        return Pair(self._one(concept.spoken), right, concept.wordings[0], concept.wordings)

    def _passage(self, mention: Mention) -> str:
        before, after = self.generator.integers(self.recipe.window + 1, size=2).tolist()
        return self.paragraphs[mention.paragraph][max(0, mention.start - before) : mention.end + after]

    def _headed(self, match: re.Match[str]) -> Pair:
        return Pair(match["heading"], match["body"], match["heading"])

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

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit vectors, shape (len(texts), dimension)."""
        terms, bounds = map(torch.from_numpy, self.vocabulary.rows(texts))
        weights = self.log_weights.exp()[terms]
        return normalize(embedding_bag(terms, self.rows, bounds[:-1], mode="sum", per_sample_weights=weights), dim=1)

    def table(self) -> NDArray[np.float32]:
        """One row for each term, weight included; the row of unknown terms is zero."""
        with torch.no_grad():
            table = (self.rows * self.log_weights.exp()[:, None]).numpy()
        table[0] = 0
        return table


def make_vocabulary(paragraphs: Sequence[str], concepts: Sequence[Concept], recipe: Recipe) -> Vocabulary:
    """Every character seen five times, and the most frequent pairs; the thesaurus counts more than its size."""
    spoken = _points(wording for concept in concepts for wording in concept.spoken)
    official = _points(wording for concept in concepts for wording in concept.wordings)
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


def rarity(vocabulary: Vocabulary, paragraphs: Sequence[str]) -> NDArray[np.float64]:
    """What the term weights start from: rare terms more, 1 on average, shape (rows of the table,)."""
    terms, _ = vocabulary.rows(paragraphs[::4])
    counts = np.bincount(terms, minlength=vocabulary.first_pair + len(vocabulary.pairs)) + 1
    weights = np.log1p(counts.sum() / 300 / counts)
    return np.asarray(np.clip(weights / weights.mean(), 0.1, 3), np.float64)


def train(sampler: Sampler, judged: Judged, console: Console) -> tuple[Model, dict[str, object]]:
    """The model in its best state, and the course of the training."""
    recipe = sampler.recipe
    vocabulary = make_vocabulary(sampler.paragraphs, sampler.concepts, recipe)
    model = Model(vocabulary, rarity(vocabulary, sampler.paragraphs), recipe.dimension)
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, recipe.steps))
    course: list[dict[str, object]] = []
    best, kept_step, kept = -1.0, 0, model.state_dict()
    for step in range(1, recipe.steps + 1):
        loss = _loss(model, sampler.batch(), recipe.temperature)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % recipe.evaluate_every == 0:
            found = measure(model, judged)
            console.print(step, f"loss {loss.item():.3f}", found)
            course.append({"step": step, "ndcg@10": found})
            if sum(found["all"]) > best:
                best, kept_step = sum(found["all"]), step
                kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    return model, {"course": course, "kept_step": kept_step}


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / 20) * max(0.02, (1 + math.cos(math.pi * step / steps)) / 2)


def _loss(model: Model, pairs: Sequence[Pair], temperature: float) -> torch.Tensor:
    scores = model([pair.left for pair in pairs]) @ model([pair.right for pair in pairs]).T / temperature
    scores = scores.masked_fill(torch.from_numpy(_no_negatives(pairs)), -1e4)
    right = torch.arange(len(pairs))
    return (cross_entropy(scores, right) + cross_entropy(scores.T, right)) / 2


def _no_negatives(pairs: Sequence[Pair]) -> NDArray[np.bool_]:
    """Where the right side of another pair answers this pair's left side as well."""
    mask = np.zeros((len(pairs), len(pairs)), bool)
    for row, pair in zip(mask, pairs, strict=True):
        row[:] = [other.topic == pair.topic or any(w in other.right for w in pair.wordings) for other in pairs]
    np.fill_diagonal(mask, val=False)
    return mask


def measure(model: Model, judged: Judged) -> dict[str, tuple[float, float]]:
    """nDCG@10 by kind of query: vectors alone, and half and half with BM25."""
    with torch.no_grad():
        scores = model([query.text for query in judged.queries]) @ model(judged.clauses).T
    return {kind: (round(alone, 4), round(both, 4)) for kind, (alone, both) in quality(judged, scores.numpy()).items()}


def main() -> None:
    """Train and write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--gold", type=Path, default=Path("../shared/gold/dev"))
    parser.add_argument("--thesaurus", type=Path, default=THESAURUS)
    parser.add_argument("--out", type=Path, default=Path("kb/encoder_model"))
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    arguments = parser.parse_args()
    recipe = Recipe(**{name: getattr(arguments, name) for name in asdict(Recipe())})
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    inputs = [arguments.data / POLICIES, arguments.data / ARTICLES, arguments.thesaurus]
    sampler = Sampler(read_paragraphs(arguments.data), read_concepts(arguments.thesaurus), recipe)
    model, course = train(sampler, read_judged(arguments.gold), Console())
    told = {"inputs": [path.name for path in inputs], "inputs_sha256": fingerprint(inputs), "recipe": asdict(recipe)}
    save_model(arguments.out, model.vocabulary, model.table(), told | course)


if __name__ == "__main__":
    main()
