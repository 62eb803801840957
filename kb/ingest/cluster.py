"""Reads, parses and extracts many files on the machines of a Ray cluster, which see the corpus in the same folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar

from kb.corpus import CorpusFile
from kb.errors import KBError
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

    def submit(self, file: CorpusFile) -> Any:
        """Start reading a file."""
        return self._attempt.remote(file, self._transform)

    def result(self, file: CorpusFile, submitted: Any) -> T | Message:  # noqa: ARG002 - Ray knows it
        """What became of a file; one that killed each process that tried it is left out."""
        failures = self._ray.exceptions
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


def _attempt_there(file: CorpusFile, transform: list[Any]) -> tuple[str, Any]:
    """The version of the code of this machine, and what became of a file."""
    return code_version(), attempt(file, _fetched(transform[0]))


@lru_cache(maxsize=1)
def _fetched(transform: Any) -> Transform[Any]:
    import ray  # noqa: PLC0415 - an extra

    fetched: Transform[Any] = ray.get(transform)
    return fetched
