"""Parses and extracts many files on the machines of a Ray cluster, which get their bytes with the task and need not see the corpus."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

from kb import readers
from kb.corpus import CorpusFile
from kb.errors import KBError, UnreadableDocument
from kb.ingest.analysis import Transform, attempt, in_order
from kb.ingest.provenance import code_version
from kb.messages import Message, reason_of

T = TypeVar("T")


def analyse_on(address: str, files: Sequence[CorpusFile], transform: Transform[T]) -> Iterator[T | Message]:
    """What ``analyse_all`` brings; a file that was lost with a machine or a process is read again.

    KBError when Ray is not installed, the cluster is away, or another version of this software is on it.
    """
    if not files:
        return
    try:
        import ray  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise KBError(Message("no-ray", reason=reason_of(error))) from error
    try:
        ray.init(address=address, log_to_driver=False, ignore_reinit_error=True)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise _failed(address, error) from error
    try:
        with redirect_stdout(
            sys.stderr
        ):  # where Ray says that a process has died, the report of a build is what programs read
            yield from in_order(_Cluster(ray, address, transform), files)
    finally:
        ray.shutdown()


class _Cluster(Generic[T]):
    """The processes of a cluster; Ray gives a file to another one, a few times, when one dies."""

    def __init__(self, ray: Any, address: str, transform: Transform[T]) -> None:
        self._ray, self._address = ray, address
        self.processes = int(ray.cluster_resources().get("CPU", 1))
        self._attempt = ray.remote(_attempt_there)
        self._transform = [ray.put(transform)]  # in a list, so that each process fetches it once, and not each file
        self._sent = lru_cache(maxsize=2)(
            lambda path: ray.put(readers.read_bytes(path))
        )  # files of one archive follow one another

    def submit(self, file: CorpusFile) -> Any:
        """Start reading a file; what it cannot be read for is its result."""
        if file.refused:
            return file.refused
        beside = file.particulars
        try:
            content, particulars = self._sent(file.path), None if beside is None else self._sent(beside)
        except UnreadableDocument as error:
            return error.message if error.path == beside else error.reason
        return self._attempt.remote(file, self._transform, content, beside, particulars)

    def result(self, file: CorpusFile, submitted: Any) -> T | Message:  # noqa: ARG002 - Ray knows it
        """What became of a file; one that killed each process that tried it is left out."""
        failures = self._ray.exceptions
        if isinstance(submitted, Message):
            return submitted
        try:
            version, found = self._ray.get(submitted)
        except (failures.WorkerCrashedError, failures.NodeDiedError, failures.OutOfMemoryError):
            return Message("reader-crashed")
        except failures.RayError as error:
            raise _failed(self._address, error) from error
        if version != code_version():
            raise KBError(Message("cluster-other-version", address=self._address))
        result: T | Message = found
        return result


def _failed(address: str, error: Exception) -> KBError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return KBError(Message("cluster-failed", address=address, reason=Message("other", text=lines[-1] if lines else "")))


def _attempt_there(
    file: CorpusFile, transform: list[Any], content: bytes, beside: Path | None, particulars: bytes
) -> tuple[str, Any]:
    """The version of the code of this machine, and what became of a file."""
    sent = (content,) if beside is None else (content, beside, particulars)
    return code_version(), attempt_sent(file, _fetched(transform[0]), *sent)


def attempt_sent(
    file: CorpusFile, transform: Transform[T], content: bytes, beside: Path | None = None, particulars: bytes = b""
) -> T | Message:
    """What becomes of a file of another machine, given with its bytes, and with the path and the bytes of its particulars."""
    with TemporaryDirectory() as folder:
        here = Path(folder) / file.path.name
        here.write_bytes(content)
        if beside is not None:
            (here.parent / beside.name).write_bytes(particulars)
        found = attempt(replace(file, path=here), transform)
    if isinstance(found, Message) and found.code == "unreadable-document":  # the particulars, where they really are
        return Message("unreadable-document", path=beside or file.path, reason=dict(found.values)["reason"])
    return found


@lru_cache(maxsize=1)
def _fetched(transform: Any) -> Transform[Any]:
    import ray  # noqa: PLC0415 - an extra

    fetched: Transform[Any] = ray.get(transform)
    return fetched
