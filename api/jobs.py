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
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Lock
from typing import Literal
from uuid import uuid4

from kb.corpus import changes
from kb.encoders import load_encoder
from kb.errors import BuildInProgress, KBError
from kb.messages import Message, translate
from kb.models import BuildReport, Progress

_REMEMBERED = 100  # jobs
_LISTENING = 0.2  # seconds between looks at whether a build has ended
_PATIENCE = 600  # seconds that a job waits for a build that somebody else has started

OnProgress = Callable[[Progress], None]
_listener: Connection | None = None  # in a process that builds


@dataclass(frozen=True, slots=True)
class Job:
    """任务: one build, and what became of it."""

    id: str
    status: Literal["queued", "running", "done", "failed"]
    created_at: str  # ISO, UTC
    finished_at: str = ""
    report: BuildReport | None = None
    error: str = ""  # in Chinese, as all that the server says to people
    code: str = ""  # of the error
    progress: Progress | None = None  # of a build that runs


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the index of a corpus in a process of its own; KBError when it cannot."""

    corpus: Path
    index: Path
    model: str = ""
    query_prefix: str = ""

    def __call__(self, on_progress: OnProgress) -> BuildReport:
        """What the build made; ``on_progress`` is told of every file."""
        context = multiprocessing.get_context("spawn")
        told, tell = context.Pipe(duplex=False)
        try:
            with told, tell, ProcessPoolExecutor(1, context, initializer=_speak_to, initargs=(tell,)) as pool:
                building = pool.submit(_build, self)
                _listen(told, building.done, on_progress)
                made = building.result()
        except BrokenProcessPool as error:
            raise KBError(Message("build-killed")) from error
        if isinstance(made, Message):
            raise KBError(made)
        return made


def _listen(told: Connection, has_ended: Callable[[], bool], on_progress: OnProgress) -> None:
    """Pass on what a build tells of itself until it has ended and told all."""
    while not has_ended() or told.poll():
        if told.poll(_LISTENING):
            on_progress(told.recv())


def _speak_to(listener: Connection) -> None:
    """Where this process, which builds, tells how far it is."""
    global _listener  # noqa: PLW0603 - a process of a pool has no other memory
    _listener = listener


def _build(builder: Builder) -> BuildReport | Message:
    """The report, or what went wrong: messages cross between processes better than errors do."""
    from kb.ingest.build import BuildSettings, build  # noqa: PLC0415 - reads documents, which the server itself does not

    if _listener is None:
        raise TypeError("builds run in a process that has been told whom to speak to")
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            encoder = load_encoder(builder.model, builder.query_prefix)
            return build(builder.corpus, builder.index, encoder, _listener.send, BuildSettings(language="zh"))
        except BuildInProgress as error:
            if time.monotonic() > until:
                return error.message
            time.sleep(1)
        except KBError as error:
            return error.message


class Jobs:
    """Runs builds one after the other; a build that has not begun serves everybody who asks for one meanwhile."""

    def __init__(self, run: Callable[[OnProgress], BuildReport]) -> None:
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
            report = self._run(lambda progress: self._change(job_id, progress=progress))
        except KBError as error:
            why = {"error": translate(error.message, "zh"), "code": error.code}
            self._change(job_id, status="failed", finished_at=_now(), progress=None, **why)
        else:
            self._change(job_id, status="done", report=report, finished_at=_now(), progress=None)

    def _change(self, job_id: str, **changes: object) -> None:
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], **changes)  # type: ignore[arg-type]


def watch(corpus: Path, changed: Callable[[], object], stop: Event) -> None:
    """Call ``changed`` whenever files of the folder have changed and then lain still, until told to stop."""
    for _ in changes(corpus, stop):
        changed()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
