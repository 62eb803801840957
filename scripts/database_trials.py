"""Trials of an index in a database, on a real PostgreSQL from the wheel: commands of ``scripts/trials.py``.

``writers``: four writers, two readers and the contextual model on one database. ``crashes``: the database crashes and comes back under a
server that is asked and a builder that builds. ``cluster``: processes and machines of a Ray cluster are killed, and the builder. ``replica``: a
replica follows, is promoted, and goes on alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any

import nodes
import typer
from trials import (
    ADDRESSES,
    COMMAND,
    Scratch,
    content,
    differences,
    get,
    served,
    serving,
    tell,
    values,
    working_in,
    write_corpus,
)

from kb.current_index import CurrentIndex
from kb.encoders import contextual_of, load_encoder
from kb.errors import BuildInProgress, IndexUnusable, KBError
from kb.index.checking import problems
from kb.index.folders import at
from kb.ingest.build import build
from kb.ingest.filling import fill
from kb.knowledge_base import KnowledgeBase

_BATCH = 3  # documents that a writer brings at once

app = typer.Typer()


@contextmanager
def _database() -> Iterator[tuple[nodes.Node, str]]:
    """A server that runs meanwhile, and the address of an empty database of it."""
    with nodes.node() as node:
        node.run("CREATE DATABASE trial")
        yield node, node.address("trial")


def _end(trial: str, faults: list[str], **measured: object) -> None:
    tell(trial=trial, **measured, faults=faults[:5], failed=len(faults))
    if faults:
        raise typer.Exit(1)


# --- writers --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Work:
    """What one of the processes has done, and what went wrong."""

    done: int = 0
    waited: int = 0  # times that another was building
    seen: int = 0  # generations
    slowest: float = 0.0  # seconds for one
    faults: list[str] = field(default_factory=list)


@app.command()
def writers(seconds: int = 120, count: int = 4, readers: int = 2, scratch: Scratch = None) -> None:
    """Writers that each bring batch after batch: no deadlock, no answer of two states, nothing lost or written twice."""
    with working_in(scratch) as folder, _database() as (node, address):
        corpus, encoder = folder / "corpus", load_encoder()
        corpus.mkdir(parents=True, exist_ok=True)
        build(corpus, address, encoder)
        with ProcessPoolExecutor(count + readers + 1, get_context("spawn")) as pool:
            writing = [pool.submit(_write, corpus, address, writer, seconds) for writer in range(count)]
            reading = [pool.submit(_read, address, seconds) for _ in range(readers)]
            filling = pool.submit(_fill, address, seconds)
            written, read, filled = [w.result() for w in writing], [r.result() for r in reading], filling.result()
        faults = [fault for one in (*written, *read, filled) for fault in one.faults]
        faults += [str(problem) for problem in problems(at(address), at(address).in_use())]
        with KnowledgeBase.open(address, encoder) as opened:
            there = Counter(one.folder for one in _batches(opened))
        wanted = {f"w{writer}-{number}": _BATCH for writer, one in enumerate(written) for number in range(one.done)}
        faults += [
            f"lost or twice: {batch}" for batch in wanted.keys() | there.keys() if wanted.get(batch) != there[batch]
        ]
        build(corpus, folder / "anew", encoder)
        # Documents alone: what all batches say alike is found in the order in which they came.
        faults += differences(*(replace(content(index), found={}) for index in (address, folder / "anew")))
        model = contextual_of(encoder)
        if model is None or not fill(address, model):
            faults.append("not all is filled in once nobody builds")
        [(deadlocks,)] = node.run("SELECT deadlocks FROM pg_stat_database WHERE datname = 'trial'")
        _end(
            "writers", faults + ["deadlock"] * int(deadlocks), seconds=seconds, batches=sum(one.done for one in written),
            waited=sum(one.waited for one in written), slowest=round(max(one.slowest for one in written), 1),
            answers=sum(one.done for one in read), generations=max(one.seen for one in read),
            filled_in=filled.done, deadlocks=deadlocks,
        )  # fmt: skip


def _write(corpus: Path, address: str, writer: int, seconds: int) -> Work:
    work, encoder = Work(), load_encoder()
    end = time.time() + seconds  # since it is ready: several start at once
    while time.time() < end:
        name, began = f"w{writer}-{work.done}", time.time()
        hidden = corpus / f".{name}"
        hidden.mkdir()
        for place in range(_BATCH):
            text = (
                f"第{writer}区第{work.done}批第{place}项便民服务实施方案\n\n一、主要任务\n\n（一）增设便民站点。到2030年，新建便民站点{work.done + 1}个。"
                f"（责任单位：区民政局、区财政局）\n\n（二）加强督促检查。各单位要明确分工，按时完成。\n"
            )
            (hidden / f"{name}-{place}.txt").write_text(text, "utf-8")
        hidden.rename(corpus / name)  # all of a batch come at once
        while not _has_built(corpus, address, encoder, work):
            time.sleep(0.05)
        with KnowledgeBase.open(address, encoder) as opened:
            if [one.folder for one in _batches(opened)].count(name) != _BATCH:
                work.faults.append(f"{name} is not there when it is built")
        work.done, work.slowest = work.done + 1, max(work.slowest, time.time() - began)
    return work


def _has_built(corpus: Path, address: str, encoder: Any, work: Work) -> bool:
    try:
        report = build(corpus, address, encoder)
    except BuildInProgress:
        work.waited += 1
        return False
    except KBError as error:
        work.faults.append(str(error))
        return False
    work.faults += [f"{failure.source}: {failure.reason}" for failure in report.failures]
    return True


@dataclass(frozen=True, slots=True)
class _Document:
    folder: str
    id: str


def _batches(opened: KnowledgeBase) -> list[_Document]:
    """All documents, with the batches that they came in."""
    total = opened.documents(limit=1)[0]
    listed = [one.id for start in range(0, total, 100) for one in opened.documents(limit=100, offset=start)[1]]
    return [_Document(id_.rpartition("-")[0], id_) for id_ in listed]


def _read(address: str, seconds: int) -> Work:
    work, generations = Work(), set[str]()
    current = CurrentIndex(address, partial(KnowledgeBase.open, encoder=load_encoder()))
    end = time.time() + seconds
    while time.time() < end:
        with current.reading() as opened:
            name, documents = opened.status().generation, _batches(opened)
            batches = Counter(one.folder for one in documents)
            if len(documents) != opened.status().documents or set(batches.values()) - {_BATCH}:
                work.faults.append(f"{name}: part of a batch: {batches}")
            for hit in opened.search("新建便民站点", limit=100).hits:
                number = int(hit.facts.clause.document_id.split("-")[1]) + 1
                if {target.value for target in hit.facts.targets} - {number}:
                    work.faults.append(f"{name}: a target of another document: {hit.facts.clause.id}")
            generations.add(name)
        work.done += 1
    work.seen = len(generations)
    current.close()
    return work


def _fill(address: str, seconds: int) -> Work:
    work, model = Work(), contextual_of(load_encoder())
    assert model is not None
    stop = Event()
    Timer(seconds, stop.set).start()
    while not stop.is_set():
        try:
            fill(address, model, stop=stop)
        except IndexUnusable as error:
            work.faults.append(f"filling in: {error}")
        stop.wait(0.5)
    with KnowledgeBase.open(address, load_encoder()) as opened:
        work.done = opened.status().contextual or 0
    return work


# --- crashes --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Got:
    """What clients got while a database crashed."""

    answers: int = 0
    refusals: int = 0  # that say that the database is away
    numbers: set[float] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@app.command()
def crashes(times: int = 5, clients: int = 8, scratch: Scratch = None) -> None:
    """The database crashes and comes back: errors are named, no answer is wrong, server and builds go on by themselves."""
    with working_in(scratch) as folder, _database() as (node, address):
        corpus, got, stop, built = folder / "corpus", Got(), Event(), Work()
        write_corpus(corpus, 0)
        build(corpus, address, load_encoder())
        with serving(corpus, address) as port:
            threads = [Thread(target=_ask, args=(port, place, stop, got)) for place in range(clients)]
            threads.append(Thread(target=_build_on, args=(corpus, address, stop, built)))
            for thread in threads:
                thread.start()
            back = [_crash(node, port) for _ in range(times)]
            stop.set()
            for thread in threads:
                thread.join()
            if not served(port, float(built.done)):
                got.faults.append(f"the server does not come to serve {built.done}")
        faults = got.faults + built.faults + [str(one) for one in problems(at(address), at(address).in_use())]
        _end(
            "crashes", faults, crashes=times, answers=got.answers, refused=got.refusals,
            numbers_seen=len(got.numbers), built=built.done, builds_that_failed=built.waited,
            seconds_until_answers=[round(one, 2) for one in back],
        )  # fmt: skip


def _crash(node: nodes.Node, port: int) -> float:
    """Crash it in the middle of everything, and start it again; seconds until the server answers."""
    time.sleep(5)
    node.crash()
    time.sleep(2)
    node.start()
    began = time.monotonic()
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while get(connection, ADDRESSES[0])[0] != 200:
            time.sleep(0.05)
    return time.monotonic() - began


def _ask(port: int, place: int, stop: Event, got: Got) -> None:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while not stop.is_set():
            address = ADDRESSES[place % len(ADDRESSES)]
            place += 1
            try:
                status, answer = get(connection, address)
            except (OSError, HTTPException, ValueError) as error:
                got.faults.append(f"{address}: {error!r}")
                connection.close()
                continue
            numbers = set(values(answer))
            if status == 503 and isinstance(answer, dict) and str(answer.get("code")).startswith("database-"):
                got.refusals += 1
                time.sleep(0.05)
            elif status != 200 or len(numbers) != 1:
                got.faults.append(f"{address}: {status}, {numbers or answer}")
            else:
                got.answers += 1
                got.numbers |= numbers


def _build_on(corpus: Path, address: str, stop: Event, work: Work) -> None:
    encoder = load_encoder()
    while not stop.is_set():
        write_corpus(corpus, work.done + 1)
        while True:
            try:
                build(corpus, address, encoder)
                break
            except (IndexUnusable, BuildInProgress):  # away, or what is left of the build before still holds the lock
                work.waited += 1
                time.sleep(0.2)
        work.done += 1


# --- Ray ------------------------------------------------------------------------------------------


@app.command()
def cluster(documents: int = 150, scratch: Scratch = None) -> None:
    """Kill processes and a machine of a Ray cluster, then a builder: what comes of it is what an undisturbed build in a folder makes.

    Of more documents a database proposes other passages than a folder does, where many are alike.
    """
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - an extra

    with working_in(scratch) as folder, _database() as (node, address):
        corpus = folder / "corpus"
        _write_many(corpus, documents)
        build(corpus, folder / "undisturbed", load_encoder())
        wanted = content(folder / "undisturbed")
        machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        try:
            second = machines.add_node(num_cpus=1)
            machines.wait_for_nodes()
            began, builder = time.monotonic(), _begun(corpus, address, machines.address)
            killed = _kill_workers(3)
            machines.remove_node(second, allow_graceful=False)
            faults = _ended(builder)
            seconds = round(time.monotonic() - began, 1)
            faults += differences(content(address), wanted)
            node.run("CREATE DATABASE again")
            faults += _killed_and_built_again(corpus, node.address("again"), machines.address)
            faults += differences(content(node.address("again")), wanted)
        finally:
            machines.shutdown()
        _end("cluster", faults, documents=documents, processes_killed=killed, machines_killed=1, seconds=seconds)


def _killed_and_built_again(corpus: Path, address: str, ray: str) -> list[str]:
    faults: list[str] = []
    builder = _begun(corpus, address, ray)
    _kill_workers(1)  # it is at it
    builder.kill()
    builder.communicate()
    with suppress(IndexUnusable):
        faults.append(f"a killed build has put {at(address).in_use()} in use")
    return faults + _ended(_begun(corpus, address, ray))


def _ended(builder: subprocess.Popen[str]) -> list[str]:
    """What went wrong in a build, once it is through."""
    said, complaint = builder.communicate()
    *before, report = said.splitlines() or [""]
    faults = [f"on standard output: {line}" for line in before]
    if builder.returncode or not report:
        return [*faults, f"ended with {builder.returncode}: {complaint[-500:]}"]
    return faults + [str(failure) for failure in json.loads(report)["failures"]]


def _write_many(corpus: Path, documents: int) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for number in range(documents):
        tasks = "".join(
            f"（{place + 1}）建设第{place}类站点。到2030年，新建第{place}类站点{number + place}个。（责任单位：区民政局、区财政局）\n\n"
            for place in range(40)
        )
        (corpus / f"plan-{number:05}.txt").write_text(
            f"第{number}区便民服务实施方案\n\n一、主要任务\n\n{tasks}", "utf-8"
        )


def _begun(corpus: Path, index: str, ray: str) -> subprocess.Popen[str]:
    command = [*COMMAND, "build", "--fast", "--json", "--corpus", str(corpus), "--index", index, "--ray", ray]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _kill_workers(times: int) -> int:
    """Kill processes of the cluster that read files, one after the other; each is waited for."""
    killed, end = 0, time.monotonic() + 120
    while killed < times and time.monotonic() < end:
        for pid in _descendants(os.getpid()):
            with suppress(OSError):
                if b"_attempt_there" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                    break
        time.sleep(0.2)
    return killed


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (thread / "children").read_text().split()):
                yield child
                yield from _descendants(child)


# --- replica --------------------------------------------------------------------------------------


@app.command()
def replica(documents: int = 200, scratch: Scratch = None) -> None:
    """A replica answers as its server does, while that builds and once it has been promoted, and then takes builds itself."""
    with working_in(scratch) as folder, _database() as (node, address):
        corpus, encoder = folder / "corpus", load_encoder()
        _write_many(corpus, documents)
        build(corpus, address, encoder)
        began = time.monotonic()
        other = node.replica("b")
        copied, there = time.monotonic() - began, other.address("trial")
        faults = [f"copied: {one}" for one in differences(content(there), content(address))]
        current = CurrentIndex(there, partial(KnowledgeBase.open, encoder=encoder))
        with current.reading():
            pass
        _write_many(corpus, documents + 5)
        followed = _seconds_until(current, build(corpus, address, encoder).generation)
        wanted = content(address)
        faults += [f"followed: {one}" for one in differences(content(there), wanted)]
        faults += _refused(corpus, there)
        node.crash()
        other.promote()
        faults += [f"promoted: {one}" for one in differences(content(there), wanted)]
        _write_many(corpus, documents + 10)
        _seconds_until(current, build(corpus, there, encoder).generation)
        with current.reading() as opened:
            if opened.status().documents != documents + 10:
                faults.append(f"the promoted replica holds {opened.status().documents}")
        current.close()
        faults += [str(one) for one in problems(at(there), at(there).in_use())]
        measured = {"seconds_to_copy": round(copied, 1), "seconds_to_follow": round(followed, 2)}
        _end("replica", faults, documents=documents, **measured)


def _seconds_until(current: CurrentIndex, generation: str) -> float:
    """Seconds until that generation answers; at most a minute."""
    began = time.monotonic()
    while time.monotonic() - began < 60:
        with current.reading() as opened:
            if opened.status().generation == generation:
                break
        time.sleep(0.02)
    return time.monotonic() - began


def _refused(corpus: Path, address: str) -> list[str]:
    try:
        build(corpus, address, load_encoder())
    except IndexUnusable as error:
        return [] if error.reason.code == "cannot-be-written" else [f"a replica says {error}"]
    return ["a replica is said to take a build"]
