"""What a build tells of itself while it runs, and what it has made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kb.models.answers import Scan
from kb.models.fields import COVERAGE, PLAN, SOURCE, doc

__all__ = [
    "BuildFailure",
    "BuildReport",
    "Duplicate",
    "Gap",
    "Job",
    "Progress",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: ``done`` of ``total`` files, and the file it is at."""

    done: int = field(metadata=doc("files read so far", 3))
    total: int = field(metadata=doc("files in the corpus", 4))
    source: str = field(
        metadata=doc("path of the file that it is at; empty when all are read and the index is written", "plan.pdf")
    )


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """A file that did not go in, and why: the code of a message, and the message in the language of the report."""

    source: str = field(metadata=SOURCE)
    code: str = field(metadata=doc("why, for programs: a code that stays when the wording changes", "broken-file"))
    reason: str = field(
        metadata=doc("why, in the language of the report; over HTTP in Chinese", "不是 PDF 文件，或文件已损坏")
    )


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file with the same content as another one, which is the document."""

    source: str = field(metadata=SOURCE)
    same_as: str = field(metadata=doc("the file that is in the index", "plan.pdf"))


@dataclass(frozen=True, slots=True)
class Gap:
    """A document of which much of the text did not reach its clauses; compare it with the original."""

    document_id: str = field(
        metadata=doc("id of the document: file stem, with the folder where another has the same", PLAN)
    )
    source: str = field(metadata=SOURCE)
    coverage: float = field(metadata=COVERAGE)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made."""

    generation: str = field(metadata=doc("name of the generation in use", "20251124T030000000000Z"))
    published: bool = field(metadata=doc("whether a new generation was made; false when nothing has changed", True))
    documents: int = field(metadata=doc("documents in the index now", 4))
    clauses: int = field(metadata=doc("clauses in the index now", 120))
    responsibilities: int = field(metadata=doc("units named in the index now", 300))
    targets: int = field(metadata=doc("targets in the index now", 60))
    computed: int = field(metadata=doc("documents read anew", 1))
    copied: int = field(metadata=doc("documents taken over from the index before", 3))
    failures: tuple[BuildFailure, ...] = field(metadata=doc("files that did not go in"))
    duplicates: tuple[Duplicate, ...] = field(metadata=doc("files that hold the same bytes as another one"))
    scans: tuple[Scan, ...] = field(metadata=doc("documents in the index of which pages are pictures"))
    gaps: tuple[Gap, ...] = field(
        metadata=doc("documents in the index of which more than a tenth of the text stands in no clause")
    )
    contextual: int | None = field(
        metadata=doc("clauses that the contextual model has read, which goes on; null: the model in use has none", 120)
    )
    seconds: float = field(metadata=doc("how long it took", 1.4))
    damage: str = field(
        default="",
        metadata=doc("what was damaged of the index before, so that every file was read anew; empty: nothing", ""),
    )


@dataclass(frozen=True, slots=True)
class Job:
    """任务: one build and its result."""

    id: str = field(metadata=doc("id of the job", "6f1c0d2e4b7a4f3c9a55a6f1d9b0c3e2"))
    status: Literal["queued", "running", "done", "failed"] = field(
        metadata=doc("queued, running, done or failed", "done")
    )
    created_at: str = field(metadata=doc("when it was requested (ISO, UTC)", "2025-11-24T03:00:00+00:00"))
    finished_at: str = field(
        default="", metadata=doc("when it ended (ISO, UTC); empty until then", "2025-11-24T03:00:02+00:00")
    )
    report: BuildReport | None = field(default=None, metadata=doc("report of the build; null until it is done"))
    error: str = field(default="", metadata=doc("why it failed, in Chinese", ""))
    code: str = field(default="", metadata=doc("why it failed, for programs; empty when it did not", ""))
    progress: Progress | None = field(default=None, metadata=doc("progress of the build; null unless it runs"))
