"""What a build tells of itself while it runs, and what it has made."""

from __future__ import annotations

from dataclasses import dataclass

from kb.models.answers import Scan


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: ``done`` of ``total`` files, and the file it is at."""

    done: int
    total: int
    source: str  # path relative to the corpus, as everywhere


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """A file that did not go in, and why: the code of a message, and the message in the language of the report."""

    source: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file with the same content as another one, which is the document."""

    source: str
    same_as: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made."""

    generation: str
    published: bool  # False: nothing has changed, the generation in use stays
    documents: int
    clauses: int
    responsibilities: int
    targets: int
    computed: int  # documents read anew
    copied: int  # documents taken over from the generation before
    failures: tuple[BuildFailure, ...]
    duplicates: tuple[Duplicate, ...]
    scans: tuple[Scan, ...]  # documents in the index of which pages are pictures
    seconds: float
