"""Vectors by the texts that they were made of, so that a model that is slow reads no text twice.

A text is known by its key, eight bytes of a hash. Known are the vectors of all published generations, which keep the keys beside them,
and those in a journal, ``embeddings/<model>.vectors`` in the index folder, until a generation holds them. So nothing has to be removed when
no generation uses it any more. A record of the journal is a key, a scale and a vector.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexUnusable
from kb.index import generations
from kb.index.journal import Journal
from kb.index.segments import mapped
from kb.index.vectors.segments import KEYS, Quantised, read_vectors
from kb.messages import Message, reason_of

_JOURNALS = "embeddings"

Keys = NDArray[np.uint64]


def keys_of(texts: Sequence[str]) -> Keys:
    """The keys of texts, shape (len(texts),)."""
    digests = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


class KnownVectors:
    """The vectors that one model has made for the generations of an index, and for the next one."""

    def __init__(self, index: Path, name: str, dimension: int) -> None:
        """``name`` is the model's, and that of the folder of its vectors in a generation. IndexUnusable when something cannot be read."""
        self.name, self.dimension = name, dimension
        path = index / _JOURNALS / f"{name}.vectors"
        self._journal = Journal(path, key="<u8", scale="<f4", codes=np.dtype(("i1", (dimension,))))
        files = {
            file.stat().st_ino: file
            for generation in generations.published(index)
            if (index / generation / name).is_dir() and not any(generations.damage(index / generation, name))
            for file in sorted((index / generation / name).glob(f"*{KEYS}"))
        }
        try:
            self._vectors = [read_vectors(file.with_name(file.name.replace(KEYS, ".npy"))) for file in files.values()]
            keys = [np.asarray(mapped(file), np.uint64) for file in files.values()]
            written = self._journal.read()
        except (OSError, ValueError) as error:
            raise IndexUnusable(path, Message("index-damaged", reason=reason_of(error))) from error
        self._vectors.append(Quantised(written["codes"], written["scale"]))
        keys.append(written["key"].astype(np.uint64))
        self._ends = np.cumsum([len(one) for one in keys])
        joined = np.concatenate(keys)
        self._order = np.argsort(joined, kind="stable")
        self._keys = joined[self._order]
        self._new: dict[int, int] = {}  # key → place among what was added since
        self._added = [Quantised.from_floats(np.empty((0, dimension), np.float32))]

    def __len__(self) -> int:
        return len(self._keys) + len(self._new)

    @property
    def journalled(self) -> int:
        """Bytes that wait for a generation to hold them."""
        return self._journal.size

    def are_known(self, keys: Keys) -> NDArray[np.bool_]:
        """Which keys have a vector."""
        added = np.fromiter((key in self._new for key in keys.tolist()), np.bool_, len(keys))
        return np.asarray(added | (self._keys[self._places(keys)] == keys), np.bool_) if len(self._keys) else added

    def find(self, keys: Keys) -> Quantised:
        """The vectors of keys that are known; zeros for others."""
        found = Quantised(np.zeros((len(keys), self.dimension), np.int8), np.zeros(len(keys), np.float32))
        if len(self._keys):
            places = self._places(keys)
            there = self._keys[places] == keys
            at = self._order[places]
            owners = np.searchsorted(self._ends, at, "right")
            for owner in np.unique(owners[there]):
                own = np.flatnonzero(there & (owners == owner))
                begin = 0 if owner == 0 else self._ends[owner - 1]
                found.codes[own] = self._vectors[owner].codes[at[own] - begin]
                found.scales[own] = self._vectors[owner].scales[at[own] - begin]
        new = [(place, self._new[key]) for place, key in enumerate(keys.tolist()) if key in self._new]
        if new:
            added = self._joined()
            own, from_ = np.array(new).T
            found.codes[own], found.scales[own] = added.codes[from_], added.scales[from_]
        return found

    def add(self, keys: Keys, vectors: Quantised) -> None:
        """Remember vectors that were made; IndexUnusable when the disk refuses."""
        self._journal.append(key=keys, scale=vectors.scales, codes=vectors.codes)
        self._new |= {key: len(self._new) + place for place, key in enumerate(keys.tolist())}
        self._added.append(vectors)

    def forget_journal(self) -> None:
        """Empty the journal: a generation holds what is in it. Journals of other models go as well."""
        for journal in self._journal.path.parent.glob(f"{self._journal.path.name.partition('-')[0]}-*.vectors"):
            journal.unlink()

    def _places(self, keys: Keys) -> NDArray[np.int64]:
        return np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)

    def _joined(self) -> Quantised:
        if len(self._added) > 1:
            codes, scales = [one.codes for one in self._added], [one.scales for one in self._added]
            self._added = [Quantised(np.concatenate(codes), np.concatenate(scales))]
        return self._added[0]
