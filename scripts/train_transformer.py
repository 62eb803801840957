"""Train the contextual encoder: a small pretrained transformer taught on what people say and what documents say.

usage: python scripts/train_transformer.py BASE --data ../shared/data --out FOLDER [--device cuda] [--members 2] [--steps 300]

BASE is what scripts/encoder_base.py writes; OUT holds a transformers folder a member, and that of their mean. The pairs: spoken wordings of
the thesaurus ↔ a real passage with an official wording or those wordings themselves, a question ↔ the article of law that answers it, a
heading ↔ its body. InfoNCE against all other right sides of the batch and of the batches before; a negative that the static model finds
about as near as the right answer is left out. The lower layers stay as they are and read each text once. A run that is broken off goes
on from its last checkpoint. No judged query has a part in it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from encoder_data import ARTICLES, HEADING, POLICIES, QUESTIONS, Mention, find_mentions, fingerprint
from numpy.typing import NDArray
from rich.console import Console
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy, normalize
from train_encoder import THESAURUS, Sources
from transformers import BertModel

from kb.encoders import EMBEDDED, StaticEncoder
from kb.text import normalise

QUERY, PASSAGE = "query: ", "passage: "
END = 2
LONGEST_LEFT, LONGEST_RIGHT = 32, 56  # pieces
PASSAGES, AROUND = 3, 24  # real passages of a concept, and characters on either side of the wording
BODY = 80  # characters of what stands below a heading


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that the result depends on beside base and texts."""

    steps: int = 300
    rate: float = 5e-5
    warm_up: int = 15
    temperature: float = 0.02
    frozen: int = 8  # lowest layers that stay as they are, with the embedding below them
    concepts: int = 40  # of a batch
    questions: int = 10
    headings: int = 6
    wordings: int = 3  # left sides of a topic in a batch, at most
    queue: int = 15  # earlier batches whose right sides are negatives too
    margin: float = 0.95  # share of the right answer's static similarity from which on something is no negative
    least: float = 0.35  # static similarity below which everything is a negative
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """Ways to ask for something, and texts each of which answers; so does whatever holds one of the wordings."""

    lefts: tuple[str, ...]
    rights: tuple[str, ...]
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topics:
    """All that batches are drawn from."""

    concepts: tuple[Topic, ...]
    questions: tuple[Topic, ...]
    headings: tuple[Topic, ...]

    @classmethod
    def of(cls, sources: Sources) -> Topics:
        """The topics of these texts."""
        wordings = {wording for concept in sources.concepts for wording in concept.official}
        mentions = find_mentions(sources.paragraphs, sorted(wordings), 0)

        def passage(mention: Mention) -> str:
            return sources.paragraphs[mention.paragraph][max(0, mention.start - AROUND) : mention.end + AROUND]

        concepts = []
        for concept in sources.concepts:
            found = [mention for wording in concept.official for mention in mentions.get(wording, ())[:PASSAGES]]
            rights = ("；".join(concept.official[:3]), *map(passage, found[:PASSAGES]))
            concepts.append(Topic(concept.spoken, rights, concept.official))
        questions = tuple(Topic((question,), (article,)) for question, article in sources.questions)
        headed = [match for text in sources.paragraphs if (match := HEADING.match(text))]
        headings = tuple(Topic((match["heading"],), (match["body"][:BODY],)) for match in headed)
        return cls(tuple(concepts), questions, headings)

    def batch(self, recipe: Recipe, generator: np.random.Generator) -> list[Topic]:
        """Topics of all kinds, each with one right side and a few left ones."""
        kinds = ((self.concepts, recipe.concepts), (self.questions, recipe.questions), (self.headings, recipe.headings))
        drawn = [topics[n] for topics, count in kinds for n in generator.choice(len(topics), count, replace=False)]
        return [
            Topic(
                tuple(generator.permutation(topic.lefts)[: recipe.wordings].tolist()),
                (str(generator.choice(topic.rights)),),
                topic.wordings,
            )
            for topic in drawn
        ]


class Transformer(torch.nn.Module):
    """A BERT model whose lower layers are frozen and read each text once; mean pooling, unit length."""

    def __init__(self, folder: Path, frozen: int, device: str) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(folder, add_pooling_layer=False).to(device).eval()  # eval: no dropout
        layers = self.bert.encoder.layer
        self.lower, self.upper = layers[:frozen], layers[frozen:]
        for part in (self.bert.embeddings, self.lower):
            part.requires_grad_(False)
        self.device = device
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._read: dict[str, torch.Tensor] = {}

    def forward(self, texts: Sequence[str], longest: int) -> torch.Tensor:
        """Unit vectors, shape (len(texts), hidden); longer texts are cut to so many pieces."""
        self._read_lower([text for text in texts if text not in self._read], longest)
        order = sorted(range(len(texts)), key=lambda number: len(self._read[texts[number]]))
        half = len(order) // 2  # in two parts of about one length each, so that less is padding
        parts = [self._upper([self._read[texts[n]] for n in part]) for part in (order[:half], order[half:]) if part]
        return torch.cat(parts)[torch.argsort(torch.tensor(order, device=self.device))]

    def _read_lower(self, texts: Sequence[str], longest: int) -> None:
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        pieces = [ids if len(ids) <= longest else [*ids[: longest - 1], END] for ids in pieces]
        order = sorted(range(len(texts)), key=lambda number: len(pieces[number]))
        with torch.no_grad():
            for start in range(0, len(order), 16):
                part = order[start : start + 16]
                ids = _padded([torch.tensor(pieces[n], device=self.device) for n in part])
                lengths = [len(pieces[n]) for n in part]
                hidden = self._through(self.lower, self.bert.embeddings(input_ids=ids), lengths)
                for row, number in enumerate(part):
                    self._read[texts[number]] = hidden[row, : lengths[row]].bfloat16()

    def _upper(self, read: Sequence[torch.Tensor]) -> torch.Tensor:
        lengths = [len(one) for one in read]
        hidden = self._through(self.upper, _padded(read).float(), lengths).float()
        mask = _mask(lengths, self.device)[..., None]
        return normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)

    def _through(self, layers: Any, hidden: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
        longest = hidden.shape[1]
        unseen = torch.where(_mask(lengths, self.device)[:, None, None, :], 0.0, -1e9).expand(-1, 1, longest, -1)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            for layer in layers:
                out = layer(hidden, attention_mask=unseen)
                hidden = out[0] if isinstance(out, tuple) else out
        return hidden


def _padded(rows: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True, padding_value=1)


def _mask(lengths: Sequence[int], device: str) -> torch.Tensor:
    return torch.arange(max(lengths), device=device)[None, :] < torch.tensor(lengths, device=device)[:, None]


class Contrast:
    """The loss of a batch. The right sides of earlier batches are remembered with their vectors as they were then."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._static = cache(StaticEncoder.load)(EMBEDDED)
        self._earlier: deque[tuple[list[Topic], torch.Tensor, NDArray[np.float32]]] = deque(maxlen=recipe.queue)

    def loss(self, batch: list[Topic], left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """InfoNCE from left to right; from right to left for the first left side of each topic."""
        owners = np.repeat(np.arange(len(batch)), [len(topic.lefts) for topic in batch])
        asked = self._static.encode_queries([text for topic in batch for text in topic.lefts])
        said = self._static.encode_clauses([topic.rights[0] for topic in batch])
        answers = batch + [topic for topics, _, _ in self._earlier for topic in topics]
        near = asked @ np.concatenate([said, *(old for _, _, old in self._earlier)]).T
        left_out = torch.from_numpy(self._answers_too(batch, answers, near, owners)).to(left.device)
        scores = left @ torch.cat([right, *(old for _, old, _ in self._earlier)]).T / self._recipe.temperature
        scores = scores.masked_fill(left_out, -1e4)
        self._earlier.appendleft((batch, right.detach(), said))
        firsts = torch.from_numpy(np.flatnonzero(np.diff(owners, prepend=-1))).to(left.device)
        own, topics = torch.from_numpy(owners).to(left.device), torch.arange(len(batch), device=left.device)
        return cross_entropy(scores, own) + cross_entropy(scores[firsts][:, : len(batch)].T, topics) / 2

    def _answers_too(
        self, batch: Sequence[Topic], answers: Sequence[Topic], near: NDArray[np.float32], owners: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Where the right side of another topic answers a left side as well, or may; shape (left sides, answers)."""
        rows = np.arange(len(owners))
        mask = near >= np.maximum(self._recipe.margin * near[rows, owners][:, None], self._recipe.least)
        said = [[any(wording in other.rights[0] for wording in topic.wordings) for other in answers] for topic in batch]
        mask |= np.array(said)[owners]
        mask[rows, owners] = False
        return mask


class Run:
    """The training of one member, with its checkpoints in a folder."""

    def __init__(self, base: Path, out: Path, recipe: Recipe, device: str) -> None:
        self._base, self._out, self._recipe = base, out, recipe
        state = out / "state.pt"
        self._model = Transformer(out if state.exists() else base, recipe.frozen, device)
        self._optimizer = torch.optim.AdamW(
            self._model.upper.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self._step = 0
        if state.exists():
            kept = torch.load(state, weights_only=False)
            self._optimizer.load_state_dict(kept["optimizer"])
            self._step = kept["step"]

    def train(self, topics: Topics, every: int) -> None:
        """All steps that are left, with a checkpoint after every so many."""
        recipe, console, began = self._recipe, Console(), time.monotonic()
        generator = np.random.default_rng([recipe.seed, self._step])
        contrast, losses = Contrast(recipe), list[float]()
        while self._step < recipe.steps:
            self._step += 1
            losses.append(self._one_step(topics.batch(recipe, generator), contrast))
            if self._step % 5 == 0:
                rate = (time.monotonic() - began) / len(losses)
                console.print(
                    f"{self._out.name}: step {self._step}, loss {np.mean(losses[-20:]):.3f}, {rate:.1f} s a step"
                )
            if self._step % every == 0 or self._step == recipe.steps:
                self.save()

    def _one_step(self, batch: list[Topic], contrast: Contrast) -> float:
        recipe = self._recipe
        left = self._model([QUERY + normalise(text) for topic in batch for text in topic.lefts], LONGEST_LEFT)
        right = self._model([PASSAGE + normalise(topic.rights[0]) for topic in batch], LONGEST_RIGHT)
        loss = contrast.loss(batch, left, right)
        share = min(self._step / recipe.warm_up, (recipe.steps - self._step + 1) / (recipe.steps - recipe.warm_up), 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = recipe.rate * share
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.upper.parameters(), 1.0)
        self._optimizer.step()
        return loss.item()

    def save(self) -> None:
        """Write the checkpoint."""
        self._model.bert.save_pretrained(self._out)
        shutil.copy(self._base / "tokenizer.json", self._out)
        torch.save({"optimizer": self._optimizer.state_dict(), "step": self._step}, self._out / "state.pt")


def train_member(base: Path, out: Path, recipe: Recipe, topics: Topics, device: str) -> None:
    """Train one member, or what is left of it, on one thread."""
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    Run(base, out, recipe, device).train(topics, every=25)


def average(folders: Sequence[Path], shares: Sequence[float], out: Path) -> None:
    """The weighted mean of the weights of runs from one base, or of a run and its base."""
    models = [BertModel.from_pretrained(folder, add_pooling_layer=False) for folder in folders]
    states = [model.state_dict() for model in models]
    mean = {name: sum(share * state[name] for share, state in zip(shares, states, strict=True)) for name in states[0]}
    models[0].load_state_dict(mean)
    models[0].save_pretrained(out)
    shutil.copy(folders[0] / "tokenizer.json", out)


def main() -> None:
    """Train the members and write their mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--of-base", type=float, default=0.0, help="share of the base in the mean")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    arguments = parser.parse_args()
    given = {name: getattr(arguments, name) for name in asdict(Recipe())}
    topics = Topics.of(Sources.read(arguments.data, THESAURUS))
    context = get_context("fork" if arguments.device == "cpu" else "spawn")
    folders = [arguments.out / str(member) for member in range(arguments.members)]
    recipes = [Recipe(**given | {"seed": arguments.seed + member}) for member in range(arguments.members)]
    processes = [
        context.Process(target=train_member, args=(arguments.base, folder, recipe, topics, arguments.device))
        for folder, recipe in zip(folders, recipes, strict=True)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    share = (1 - arguments.of_base) / len(folders)
    average([arguments.base, *folders], [arguments.of_base, *[share] * len(folders)], arguments.out)
    inputs = [arguments.data / POLICIES, arguments.data / ARTICLES, arguments.data / QUESTIONS, THESAURUS]
    told: dict[str, Any] = {"inputs": [path.name for path in inputs], "inputs_sha256": fingerprint(inputs)}
    told |= {"base_sha256": fingerprint([arguments.base / "model.safetensors"])}
    told |= {"recipe": asdict(recipes[0]), "members": arguments.members, "of_base": arguments.of_base}
    (arguments.out / "training.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
