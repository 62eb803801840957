"""Builds that the server starts: one at a time, each in a process of its own, which can neither slow nor crash the server."""

from __future__ import annotations

import multiprocessing
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Lock
from uuid import uuid4

from kb.corpus import changes
from kb.encoders import load_encoder
from kb.errors import BuildInProgress, KBError
from kb.ingest.behind import Filler
from kb.messages import Message, translate
from kb.models import BuildReport, Job, Progress
from kb.processes import end_with_parent

_REMEMBERED = 100  # the number of last jobs
_LOCK_TIMEOUT = 600  # seconds that a job waits for a build that another program has started

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the index of a corpus in a process of its own."""

    corpus: Path
    index: Path | str
    model: str = ""
    query_prefix: str = ""

    def __call__(self, on_progress: OnProgress) -> BuildReport:
        """The report of the build; ``on_progress`` is called for every file. KBError when it fails or its process dies."""
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_build, args=(self, sender), name="build")
        with receiver:
            process.start()
            sender.close()  # the process has its own copy; when it ends, ``recv`` raises EOFError
            try:
                while isinstance(message := receiver.recv(), Progress):
                    on_progress(message)
            except EOFError:
                raise KBError(Message("build-killed")) from None
            finally:
                process.join()
        if isinstance(message, Message):
            raise KBError(message)
        report: BuildReport = message
        return report


def _build(builder: Builder, sender: Connection) -> None:
    """Send the progress of the build, then its report or the message of its error; errors themselves cannot be pickled."""
    from kb.ingest.build import BuildSettings, build  # noqa: PLC0415 - only this process reads documents

    end_with_parent()
    deadline = time.monotonic() + _LOCK_TIMEOUT
    while True:
        try:
            encoder = load_encoder(builder.model, builder.query_prefix)
            settings = BuildSettings(language="zh")
            sender.send(build(builder.corpus, builder.index, encoder, sender.send, settings))
        except BuildInProgress as error:
            if time.monotonic() < deadline:
                time.sleep(1)
                continue
            sender.send(error.message)
        except KBError as error:
            sender.send(error.message)
        return


class Jobs:
    """A queue of builds, run one after the other; requests that come while a build is queued share it."""

    def __init__(
        self,
        run: Callable[[OnProgress], BuildReport],
        filler: Filler | None = None,
        tell: Callable[[Job], object] = lambda _: None,
    ) -> None:
        """``filler`` fills in after each build, ``tell`` is called with each job that has ended."""
        self._run, self._filler, self._tell = run, filler, tell
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, "build")

    def submit(self) -> Job:
        """The queued job, or a new one; it will read all files that are in the corpus now."""
        with self._lock:
            queued = next((job for job in reversed(self._jobs.values()) if job.status == "queued"), None)
            if queued is not None:
                return queued
            job = Job(uuid4().hex, "queued", _now())
            self._jobs[job.id] = job
            while len(self._jobs) > _REMEMBERED:
                self._jobs.popitem(last=False)
        self._worker.submit(self._work, job.id)
        return job

    def get(self, job_id: str) -> Job | None:
        """The job of that id as it is now, None when it is not among the remembered ones."""
        with self._lock:
            return self._jobs.get(job_id)

    def recent(self) -> tuple[Job, ...]:
        """The last jobs, the newest first."""
        with self._lock:
            return tuple(reversed(self._jobs.values()))

    def fill(self) -> None:
        """Let the filler look whether there is something to do."""
        if self._filler is not None:
            self._filler.wake()

    def close(self) -> None:
        """Cancel the queued jobs and wait for the running one; filling in ends at once."""
        if self._filler is not None:
            self._filler.close()
        self._worker.shutdown(cancel_futures=True)

    def _work(self, job_id: str) -> None:
        self._change(job_id, status="running")
        try:
            report = self._run(lambda progress: self._change(job_id, progress=progress))
        except KBError as error:
            reason = {"error": translate(error.message, "zh"), "code": error.code}
            self._change(job_id, status="failed", finished_at=_now(), progress=None, **reason)
        else:
            self._change(job_id, status="done", report=report, finished_at=_now(), progress=None)
            self.fill()
        ended = self.get(job_id)
        if ended is not None:
            self._tell(ended)

    def _change(self, job_id: str, **changes: object) -> None:
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], **changes)  # type: ignore[arg-type]


def watch(corpus: Path, changed: Callable[[], object], stop: Event) -> None:
    """Call ``changed`` after each burst of changes of files in the folder, until ``stop`` is set."""
    for _ in changes(corpus, stop):
        changed()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
