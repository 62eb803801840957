"""Files of the corpus that were put aside, in a hidden folder of it, which is not read: by when, under their paths."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kb.models.fields import SOURCE, doc

_ASIDE = ".removed"
_MOMENT = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class RemovedFile:
    """A file that was removed or replaced."""

    id: str = field(metadata=doc("what it is restored by", "20261201T033000000000/2021/plan.txt"))
    source: str = field(metadata=SOURCE)
    removed_at: str = field(metadata=doc("when (ISO, UTC)", "2026-12-01T03:30:00+00:00"))


def put_aside(corpus: Path, paths: Iterable[Path], put: Callable[[Path, Path], object] = shutil.move) -> None:
    """Move files out of what is read, or copy those that will be replaced; OSError where the system refuses."""
    folder = corpus / _ASIDE / f"{datetime.now(UTC):{_MOMENT}}"
    for path in paths:
        target = folder / path.relative_to(corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        put(path, target)


def put_back(corpus: Path, file: RemovedFile) -> None:
    """Move a file back to where it was; OSError where the system refuses."""
    target = corpus / file.source
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(corpus / _ASIDE / file.id, target)


def files_aside(corpus: Path) -> Iterator[RemovedFile]:
    """The files that were put aside, the last first."""
    for folder in sorted((corpus / _ASIDE).glob("*"), reverse=True):
        when = _moment(folder.name)
        for path in sorted(path for path in folder.rglob("*") if when and path.is_file()):
            yield RemovedFile(path.relative_to(folder.parent).as_posix(), path.relative_to(folder).as_posix(), when)


def _moment(name: str) -> str:
    try:
        return datetime.strptime(name, _MOMENT).replace(tzinfo=UTC).isoformat(timespec="seconds")
    except ValueError:  # nothing that the server has put there
        return ""
