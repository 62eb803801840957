"""Builds that the server starts: one at a time, each in a process of its own, which can neither slow nor crash the server."""

from __future__ import annotations

import logging
import multiprocessing
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, RLock
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

_LOOK = 1.0  # seconds between two looks whether a build is still wanted
UNFINISHED = ".unfinished"  # a hidden file of the corpus, which is not read: the ids of builds that have not ended
_log = logging.getLogger("kb.server")

OnProgress = Callable[[Progress | None], None]


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the index of a corpus in a process of its own."""

    corpus: Path
    index: Path | str
    model: str = ""
    query_prefix: str = ""

    def __call__(self, on_progress: OnProgress) -> BuildReport:
        """The report of the build; ``on_progress`` is called for every file, and now and then with None: what it raises ends the build.

        KBError when the build fails or its process dies.
        """
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_build, args=(self, sender), name="build")
        with receiver:
            process.start()
            sender.close()  # the process has its own copy; when it ends, ``recv`` raises EOFError
            try:
                return _report(receiver, on_progress)
            except EOFError:
                raise KBError(Message("build-killed")) from None
            except BaseException:
                process.kill()
                raise
            finally:
                process.join()


def _report(receiver: Connection, on_progress: OnProgress) -> BuildReport:
    """What the process of a build says in the end; EOFError when it dies before."""
    while True:
        while not receiver.poll(_LOOK):
            on_progress(None)
        match receiver.recv():
            case Progress() as progress:
                on_progress(progress)
            case Message() as refused:
                raise KBError(refused)
            case BuildReport() as report:
                return report
            case unforeseen:
                _log.error("build failed", extra={"data": {"error": unforeseen}})
                raise KBError(Message("internal-error"))


def _build(builder: Builder, sender: Connection) -> None:
    """Send the progress of the build, then its report or the message of its error, a traceback for one that nobody foresaw."""
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
        except Exception:
            sender.send(traceback.format_exc())  # for the log of the server
            raise
        return


class Jobs:
    """A queue of builds, run one after the other; requests that come while a build is queued share it."""

    def __init__(
        self,
        run: Callable[[OnProgress], BuildReport],
        filler: Filler | None = None,
        tell: Callable[[Job], object] = lambda _: None,
        corpus: Path | None = None,
    ) -> None:
        """``filler`` fills in after each build, ``tell`` is called with each job that has ended; which ones have not is kept in the ``corpus``."""
        self._run, self._filler, self._tell = run, filler, tell
        self._unfinished = corpus / UNFINISHED if corpus is not None else None
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._unwanted: set[str] = set()
        self._lock = RLock()
        self._worker = ThreadPoolExecutor(1, "build")

    def submit(self) -> Job:
        """The queued job, or a new one; it will read all files that are in the corpus now, if need be when the server is started again."""
        with self._lock:
            queued = next((job for job in reversed(self._jobs.values()) if job.status == "queued"), None)
            return queued or self._begin(uuid4().hex)

    def resume(self) -> None:
        """Begin again the jobs that had not ended when the server did, under their ids."""
        if self._unfinished is None:
            return
        with suppress(OSError, ValueError):
            ids = self._unfinished.read_text("utf-8").split()
            if ids:
                _log.warning("builds that had not ended begin again", extra={"data": {"jobs": ids}})
            with self._lock:
                for job_id in ids:
                    self._begin(job_id)

    def cancel(self, job_id: str) -> Job | None:
        """End a job that has not ended, the running one within a second or two; None when there is none of that id. The files stay."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None and job.status == "running":
                self._unwanted.add(job_id)
            elif job is not None and job.status == "queued":
                self._fail(job_id, Message("build-cancelled"))
            return self.get(job_id)

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
        """Leave the queued jobs to the next server and wait for the running one; filling in ends at once."""
        if self._filler is not None:
            self._filler.close()
        self._worker.shutdown(cancel_futures=True)

    def _begin(self, job_id: str) -> Job:
        job = Job(job_id, "queued", _now())
        self._jobs[job_id] = job
        while len(self._jobs) > _REMEMBERED:
            self._jobs.popitem(last=False)
        self._note()
        self._worker.submit(copy_context().run, self._work, job_id)  # with the id of the request, for the log
        return job

    def _work(self, job_id: str) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.status != "queued":  # cancelled
                return
            self._jobs[job_id] = replace(job, status="running")
        try:
            report = self._run(lambda progress: self._go_on(job_id, progress))
        except KBError as error:
            self._fail(job_id, error.message)
        except Exception:
            _log.exception("build failed")
            self._fail(job_id, Message("internal-error"))  # a job that never ends would be waited for
            raise
        else:
            self._end(job_id, status="done", report=report)
            self.fill()

    def _go_on(self, job_id: str, progress: Progress | None) -> None:
        """Show how far a build is; KBError when it has been cancelled."""
        with self._lock:
            if job_id in self._unwanted:
                raise KBError(Message("build-cancelled"))
            if progress is not None and job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], progress=progress)

    def _fail(self, job_id: str, why: Message) -> None:
        self._end(job_id, status="failed", error=translate(why, "zh"), code=why.cause.code)

    def _end(self, job_id: str, **changes: object) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return
            ended = replace(job, finished_at=_now(), progress=None, **changes)  # type: ignore[arg-type]
            self._jobs[job_id] = ended
            self._unwanted.discard(job_id)
            self._note()
        level = logging.WARNING if ended.error else logging.INFO
        _log.log(level, "build %s", ended.status, extra={"data": {"job": job_id, "code": ended.code}})
        self._tell(ended)

    def _note(self) -> None:
        """Write down which jobs have not ended. A corpus that cannot be written takes no documents: then nobody has been promised anything."""
        if self._unfinished is not None:
            ids = [job.id for job in self._jobs.values() if not job.finished_at]
            with suppress(OSError):
                if ids:
                    self._unfinished.write_text("\n".join(ids), "utf-8")
                else:
                    self._unfinished.unlink(missing_ok=True)


def watch(corpus: Path, changed: Callable[[], object], stop: Event) -> None:
    """Call ``changed`` after each burst of changes of files in the folder, until ``stop`` is set."""
    for _ in changes(corpus, stop):
        changed()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
