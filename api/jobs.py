"""Builds that the server starts: one at a time, in a process of their own, so that answers stay quick and a crash stays outside."""

from __future__ import annotations

import multiprocessing
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from typing import Literal
from uuid import uuid4

from kb.build import BuildReport, build
from kb.corpus import changes
from kb.encoder import load_encoder
from kb.errors import BuildInProgress, KBError
from kb.reasons import in_chinese

_REMEMBERED = 100  # jobs
_PATIENCE = 600  # seconds that a job waits for a build that somebody else has started


@dataclass(frozen=True, slots=True)
class Job:
    """任务: one build, and what became of it."""

    id: str
    status: Literal["queued", "running", "done", "failed"]
    created_at: str  # ISO, UTC
    finished_at: str = ""
    report: BuildReport | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the index of a corpus in a process of its own; KBError when it cannot."""

    corpus: Path
    index: Path
    model: str = ""
    query_prefix: str = ""

    def __call__(self) -> BuildReport:
        """What the build made."""
        context = multiprocessing.get_context("spawn")
        try:
            with ProcessPoolExecutor(1, context) as pool:
                made = pool.submit(_build, self).result()
        except BrokenProcessPool as error:
            raise KBError("the build was killed") from error
        if isinstance(made, str):
            raise KBError(made)
        return made


def _build(builder: Builder) -> BuildReport | str:
    """The report, or what went wrong: messages cross between processes better than errors do."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return build(builder.corpus, builder.index, load_encoder(builder.model, builder.query_prefix))
        except BuildInProgress as error:
            if time.monotonic() > until:
                return str(error)
            time.sleep(1)
        except KBError as error:
            return str(error)


class Jobs:
    """Runs builds one after the other; a build that has not begun serves everybody who asks for one meanwhile."""

    def __init__(self, run: Callable[[], BuildReport]) -> None:
        self._run = run
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, "build")

    def submit(self) -> Job:
        """The job that will take in everything that is in the corpus now."""
        with self._lock:
            waiting = next((job for job in reversed(self._jobs.values()) if job.status == "queued"), None)
            if waiting is not None:
                return waiting
            job = Job(uuid4().hex, "queued", _now())
            self._jobs[job.id] = job
            while len(self._jobs) > _REMEMBERED:
                self._jobs.popitem(last=False)
        self._worker.submit(self._work, job.id)
        return job

    def get(self, job_id: str) -> Job | None:
        """The job of that id as it is now, None when there is none or it is forgotten."""
        with self._lock:
            return self._jobs.get(job_id)

    def recent(self) -> tuple[Job, ...]:
        """The jobs that are remembered, the newest first."""
        with self._lock:
            return tuple(reversed(self._jobs.values()))

    def close(self) -> None:
        """Begin no more jobs and wait for the one that runs."""
        self._worker.shutdown(cancel_futures=True)

    def _work(self, job_id: str) -> None:
        self._change(job_id, status="running")
        try:
            report = self._run()
        except KBError as error:
            self._change(job_id, status="failed", error=in_chinese(str(error)), finished_at=_now())
        else:
            self._change(job_id, status="done", report=_for_people(report), finished_at=_now())

    def _change(self, job_id: str, **changes: object) -> None:
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], **changes)  # type: ignore[arg-type]


def _for_people(report: BuildReport) -> BuildReport:
    """The report with its reasons in Chinese, as all that the server says to people."""
    failures = tuple(replace(failure, reason=in_chinese(failure.reason)) for failure in report.failures)
    return replace(report, failures=failures)


def watch(corpus: Path, changed: Callable[[], object], stop: Event) -> None:
    """Call ``changed`` whenever files of the folder have changed and then lain still, until told to stop."""
    for _ in changes(corpus, stop):
        changed()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
