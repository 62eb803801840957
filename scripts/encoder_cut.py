"""Cut the static model: fewer dimensions, fewer pairs of neighbours; nothing is trained.

usage: python scripts/encoder_cut.py --data ../shared/data --dimension 256 --pairs 70000 --out FOLDER

The columns are the directions in which the terms of texts differ most, in descending order, so the first ones are kept. Of the pairs those
stay that a training with so many would have taken.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from encoder_data import read_paragraphs
from encoder_export import save_model
from train_encoder import THESAURUS, Recipe, make_vocabulary

from kb.encoders import EMBEDDED, StaticEncoder
from kb.search.thesaurus import read_thesaurus


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, default=EMBEDDED)
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=70_000)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    whole = StaticEncoder.load(arguments.model)
    recipe = Recipe(pairs=arguments.pairs)
    vocabulary = make_vocabulary(read_paragraphs(arguments.data), read_thesaurus(THESAURUS), recipe)
    if not np.array_equal(vocabulary.characters, whole.vocabulary.characters):
        raise SystemExit(f"{arguments.model} was trained from other texts")
    if missing := set(vocabulary.pairs.tolist()) - set(whole.vocabulary.pairs.tolist()):
        raise SystemExit(f"{len(missing)} pairs of these texts are not in {arguments.model}")
    table = whole.table[:, : arguments.dimension].astype(np.float32) * whole.scales[:, None]
    places = np.searchsorted(whole.vocabulary.pairs, vocabulary.pairs)
    rows = np.concatenate((np.arange(vocabulary.first_pair), vocabulary.first_pair + places))
    told = json.loads((arguments.model / "training.json").read_text("utf-8"))
    told["recipe"] |= {"cut_to_dimension": arguments.dimension, "cut_to_pairs": arguments.pairs}
    save_model(arguments.out, vocabulary, table[rows], {key: told[key] for key in told if key != "weights_sha256"})


if __name__ == "__main__":
    main()
