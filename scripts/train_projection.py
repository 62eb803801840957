"""Train the last layer of the contextual encoder: a linear map of its vectors, one for questions and passages, with a bias for each.

usage: python scripts/train_projection.py BASE --data ../shared/data --vectors VECTORS.npz --out projection.safetensors [--device cuda]

BASE is what scripts/encoder_base.py writes; it reads every text once. The vectors are kept in VECTORS and taken from there when the file
exists. What is taught is what scripts/train_transformer.py teaches, in batches of a thousand topics: spoken wordings
of the thesaurus ↔ real passages and official wordings, questions ↔ articles of law, headings ↔ their bodies. vector = normalise(unit vector
@ W + b); W starts as the identity, b as less the mean vector. Minutes on one core once the vectors are there. No judged query has a part
in it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from encoder_data import ARTICLES, POLICIES, QUESTIONS, fingerprint
from numpy.typing import NDArray
from rich.console import Console
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy, normalize
from train_encoder import THESAURUS, Sources
from train_transformer import LONGEST_LEFT, LONGEST_RIGHT, PASSAGE, QUERY, Topic, Topics, Transformer

from kb.encoders import EMBEDDED, StaticEncoder
from kb.text import normalise

FROZEN = 12  # layers: all
_BLOCK = 512

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that the result depends on beside model and texts."""

    steps: int = 200
    rate: float = 1e-4
    warm_up: int = 20
    temperature: float = 0.05
    concepts: int = 700  # of a batch
    questions: int = 120
    headings: int = 100
    all_headings: int = 1500  # of those that the texts have
    margin: float = 0.95  # share of the right answer's static similarity from which on something is no negative
    least: float = 0.35  # static similarity below which everything is a negative
    seed: int = 0


class Texts:
    """Texts of one side, each once, with their vectors."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = list(dict.fromkeys(texts))
        self._places = {text: place for place, text in enumerate(self.texts)}

    def of(self, texts: Sequence[str]) -> list[int]:
        """The places of these texts."""
        return [self._places[text] for text in texts]


class Trainer:
    """Draws batches of pairs and trains the map."""

    def __init__(self, topics: Sequence[tuple[Topic, ...]], recipe: Recipe) -> None:
        self._recipe, self._generator = recipe, np.random.default_rng(recipe.seed)
        every = [topic for kind in topics for topic in kind]
        self.lefts = Texts([text for topic in every for text in topic.lefts])
        self.rights = Texts([text for topic in every for text in topic.rights])
        self._kinds = [[(self.lefts.of(t.lefts), self.rights.of(t.rights)) for t in kind] for kind in topics]
        static = StaticEncoder.load(EMBEDDED)
        self._static = static.encode_queries(self.lefts.texts), static.encode_clauses(self.rights.texts)

    def train(self, lefts: Vectors, rights: Vectors) -> dict[str, torch.Tensor]:
        """The map and the biases by their names in the file."""
        recipe, console = self._recipe, Console()
        sides = torch.from_numpy(lefts), torch.from_numpy(rights)
        weight = torch.nn.Parameter(torch.eye(lefts.shape[1]))
        biases = [torch.nn.Parameter(-side.mean(0)) for side in sides]
        optimizer = torch.optim.Adam([weight, *biases], lr=recipe.rate)
        for step in range(1, recipe.steps + 1):
            optimizer.param_groups[0]["lr"] = (
                recipe.rate * min(1, step / recipe.warm_up) * (1 - (step - 1) / recipe.steps)
            )
            chosen = self._batch()
            left, right = (
                normalize(side[place] @ weight + bias, dim=1)
                for side, place, bias in zip(sides, chosen, biases, strict=True)
            )
            scores = (left @ right.T / recipe.temperature).masked_fill(self._answers_too(*chosen), -1e4)
            wanted = torch.arange(len(scores))
            loss = cross_entropy(scores, wanted) + cross_entropy(scores.T, wanted) / 2
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            if step % 50 == 0:
                console.print(f"step {step} of {recipe.steps}, loss {loss.item():.3f}")
        turned = weight.detach()
        query, passage = (bias.detach() for bias in biases)
        return {"query.weight": turned, "query.bias": query, "passage.weight": turned.clone(), "passage.bias": passage}

    def _batch(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places of the left and of the right sides of so many topics of each kind."""
        counts = self._recipe.concepts, self._recipe.questions, self._recipe.headings
        drawn = [
            topics[n]
            for topics, count in zip(self._kinds, counts, strict=True)
            for n in self._generator.choice(len(topics), min(count, len(topics)), replace=False)
        ]
        left, right = (
            [side[self._generator.integers(len(side))] for side in sides] for sides in zip(*drawn, strict=True)
        )
        return np.array(left), np.array(right)

    def _answers_too(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> torch.Tensor:
        """Where the right side of another topic may answer as well, by the static model; shape (pairs, pairs)."""
        near = self._static[0][left] @ self._static[1][right].T
        mask = near >= np.maximum(self._recipe.margin * near.diagonal()[:, np.newaxis], self._recipe.least)
        np.fill_diagonal(mask, val=False)
        return torch.from_numpy(mask)


def read(model: Transformer, texts: Sequence[str], longest: int) -> NDArray[np.float16]:
    """The vectors of texts that are cut to so many pieces."""
    with torch.no_grad():
        blocks = [model(texts[start : start + _BLOCK], longest) for start in range(0, len(texts), _BLOCK)]
    return np.asarray(torch.cat(blocks).cpu().numpy(), np.float16)


def main() -> None:
    """Read, train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    arguments = parser.parse_args()
    recipe = Recipe(**{name: getattr(arguments, name) for name in asdict(Recipe())})
    torch.set_num_threads(1)
    topics = Topics.of(Sources.read(arguments.data, THESAURUS))
    order = np.random.default_rng(1).choice(len(topics.headings), recipe.all_headings, replace=False)
    headings = tuple(topics.headings[number] for number in order)
    trainer = Trainer((topics.concepts, topics.questions, headings), recipe)
    if not arguments.vectors.exists():
        model = Transformer(arguments.base, frozen=FROZEN, device=arguments.device)
        lefts = read(model, [QUERY + normalise(text) for text in trainer.lefts.texts], LONGEST_LEFT)
        rights = read(model, [PASSAGE + normalise(text) for text in trainer.rights.texts], LONGEST_RIGHT)
        np.savez(arguments.vectors, lefts=lefts, rights=rights)
    with np.load(arguments.vectors) as file:
        maps = trainer.train(file["lefts"].astype(np.float32), file["rights"].astype(np.float32))
    save_file(maps, arguments.out)
    inputs = [arguments.data / POLICIES, arguments.data / ARTICLES, arguments.data / QUESTIONS, THESAURUS]
    told: dict[str, object] = {"inputs": [path.name for path in inputs], "inputs_sha256": fingerprint(inputs)}
    told |= {"base_sha256": fingerprint([arguments.base / "model.safetensors"]), "recipe": asdict(recipe)}
    arguments.out.with_name("training.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
