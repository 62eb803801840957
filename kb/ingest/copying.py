"""The generation in use of one index as that of another: from a folder into a database, or back. Nothing is read again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kb import organizations
from kb.corpus import ORGANIZATIONS
from kb.encoders import Encoder, load_encoder
from kb.errors import IndexUnusable
from kb.index.asking import Generation
from kb.index.checking import problems
from kb.index.folders import at
from kb.index.keeping import Address, Index
from kb.ingest.entries import ClauseVectors, Entry, entry_of
from kb.ingest.publishing import Changes, Origin, publish
from kb.messages import Message
from kb.models import Progress

_IDS = "ids.json"


def copy(
    source: Address,
    target: Address,
    corpus: Path | str,
    encoder: Encoder | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> str:
    """Check what one index has in use, write it into another, with the ids of documents, put it in use there, check it, and return its name.

    Units are resolved again, so ``corpus`` has to describe them as it did in the build; ``encoder`` must be the one of the build, by default the
    embedded one. IndexUnusable when that is not so, one of the two cannot be used, or what is to be copied or was written is not whole: what the
    other had in use it has again then. BuildInProgress.
    """
    encoder, of_source, of_target = encoder or load_encoder(), at(source), at(target)
    described = Path(corpus) / ORGANIZATIONS
    of_source.in_use()  # nothing is made, here or there, where nothing is
    with of_source.locked() as kept, closing(of_source.open(of_source.in_use())) as generation:
        _check(of_source, generation.name)
        manifest = generation.store.manifest
        if manifest.model != encoder.name:
            reason = Message("other-model", built_with=manifest.model, asked_with=encoder.name)
            raise IndexUnusable(of_source.address, reason)
        if manifest.review != organizations.review_hash(described):
            raise IndexUnusable(of_source.address, Message("units-described-otherwise", path=described))
        with of_target.locked() as folder, _all_or_nothing(of_target, folder / _IDS):
            if (kept / _IDS).exists():
                shutil.copyfile(kept / _IDS, folder / _IDS)
            changes = Changes(_entries(generation, organizations.read_review(described), on_progress))
            name = publish(of_target, changes, encoder, Origin(manifest.code_version, manifest.review))
            _check(of_target, name)
    return name


def _check(index: Index[Any], name: str) -> None:
    for problem in problems(index, name):
        raise IndexUnusable(index.address, Message("generation-damaged", reason=problem))


@contextmanager
def _all_or_nothing(index: Index[Any], ids: Path) -> Iterator[None]:
    """What fails leaves in use what was, with the ids of its documents; nothing where nothing was."""
    before = ids.read_bytes() if ids.exists() else b""
    try:
        used = index.in_use()
    except IndexUnusable:
        used = ""
    try:
        yield
    except BaseException:
        if before:
            ids.write_bytes(before)
        else:
            ids.unlink(missing_ok=True)
        if used:
            index.switch(used)
        else:
            index.sweep(())
        raise


def _entries(
    generation: Generation, review: organizations.Review, on_progress: Callable[[Progress], None]
) -> Iterator[Entry]:
    store = generation.store
    every = sorted(store.origins())
    for done, (id_, source, _) in enumerate(every):
        on_progress(Progress(done, len(every), source))
        known = ClauseVectors(*generation.vectors_of(store.rows_of(id_)))
        yield entry_of(*organizations.resolve(store.document(id_), review), known)
    on_progress(Progress(len(every), len(every), ""))
