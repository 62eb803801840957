"""Trials of operation, with real files, processes and a real server; each prints what it measured, one JSON line a result.

usage: python scripts/trials.py increments [--count 2000] | kills [--times 200] | switches [--times 10] | writers | crashes | cluster | replica

``increments``: a corpus of mixed formats, built from nothing; then one file added, changed, deleted, and what came of it held against
a build from nothing. ``kills``: builds of a changing corpus killed at random moments while a reader asks. ``switches``: a server under
fifty requests at a time while generations change. The others try an index in a database (``database_trials``). A trial that finds a fault ends with status 1.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread
from typing import Annotated
from urllib.parse import quote

import mixed_corpus
import typer

from kb.encoders import load_encoder
from kb.errors import IndexUnusable
from kb.index import generations
from kb.index.checking import check
from kb.index.keeping import Address
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import ParsedDocument

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared/data"
COMMAND = (sys.executable, "-c", "from kb.cli import main; main()")
_QUERIES = 50
_SAME_SCORE = 0.001  # how often words occur is counted with what was deleted until the word index is merged

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
Scratch = Annotated[Path | None, typer.Option(help="folder to work in, by default one that is removed at the end")]


def tell(**result: object) -> None:
    """Print a result as one line."""
    print(json.dumps(result, ensure_ascii=False), flush=True)


# --- increments -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Content:
    """What an index says: every document with its facts, and what a search finds."""

    documents: dict[str, ParsedDocument]
    found: dict[str, list[tuple[str, float]]]


@app.command()
def increments(
    count: int = 2000,
    by_office: Annotated[int, typer.Option(help="pdf and doc files, of each")] = 20,
    data: Path = DATA,
    scratch: Scratch = None,
    seed: int = 1,
) -> None:
    """Build a mixed corpus, then add, change and delete one file; the outcome must be that of a build from nothing."""
    with working_in(scratch) as folder:
        corpus, index = folder / "corpus", folder / "index"
        if not corpus.exists():  # what an earlier trial left in ``scratch`` will do
            tell(trial="increments", made=mixed_corpus.make(corpus, data, count, by_office, seed))
        _build(corpus, index, "full")
        text = sorted(corpus.glob("*.txt"))[count // 20].read_text("utf-8")
        (corpus / "added.txt").write_text(f"补充规定\n\n{text}", "utf-8")
        _build(corpus, index, "one file added")
        (corpus / "added.txt").write_text(f"补充规定\n\n{text}\n\n本规定自2026年1月1日起施行。", "utf-8")
        _build(corpus, index, "one file changed")
        min(corpus.glob("*.docx")).unlink()
        _build(corpus, index, "one file deleted")
        _build(corpus, folder / "anew", "the same from nothing")
        differing = differences(content(index, seed), content(folder / "anew", seed))
        tell(trial="increments", queries=_QUERIES, differing=differing)
        if differing:
            raise typer.Exit(1)


def _build(corpus: Path, index: Path, what: str) -> None:
    began, used = time.monotonic(), _cpu_of_children()
    command = [*COMMAND, "build", "--fast", "--corpus", str(corpus), "--index", str(index), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds, cpu = round(time.monotonic() - began, 2), round(_cpu_of_children() - used, 2)
    if not ran.stdout:
        raise SystemExit(ran.stderr)
    report = json.loads(ran.stdout)
    kept = {key: report[key] for key in ("documents", "clauses", "responsibilities", "targets", "computed", "copied")}
    tell(trial="increments", build=what, seconds=seconds, cpu_seconds=cpu, failures=len(report["failures"]), **kept)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def content(index: Address, seed: int = 1) -> Content:
    """Everything that an index says; the queries are headings drawn from its clauses."""
    with KnowledgeBase.open(index, load_encoder()) as opened:
        total = opened.documents(limit=1)[0]
        ids = [one.id for start in range(0, total, 100) for one in opened.documents(limit=100, offset=start)[1]]
        documents = {id_: opened.document(id_) for id_ in ids}
        headings = sorted({c.heading for d in documents.values() for c in d.clauses if 4 <= len(c.heading) <= 40})
        asked = random.Random(seed).sample(headings, min(_QUERIES, len(headings)))
        found = {query: [(hit.facts.clause.id, hit.score) for hit in opened.search(query).hits] for query in asked}
    return Content(documents, found)


def differences(one: Content, other: Content) -> list[str]:
    """The documents and queries about which two indexes do not say the same."""
    ids = one.documents.keys() | other.documents.keys()
    documents = [f"document {id_}" for id_ in sorted(ids) if one.documents.get(id_) != other.documents.get(id_)]
    queries = one.found.keys() | other.found.keys()
    return documents + [
        f"query {query}"
        for query in sorted(queries)
        if not _alike(one.found.get(query, []), other.found.get(query, []))
    ]


def _alike(hits: list[tuple[str, float]], others: list[tuple[str, float]]) -> bool:
    """Whether two answers name the same clauses in the same order, with the same scores as near as makes no difference."""
    return [id_ for id_, _ in hits] == [id_ for id_, _ in others] and all(
        abs(score - other) <= _SAME_SCORE for (_, score), (_, other) in zip(hits, others, strict=True)
    )


# --- a corpus whose every document tells the generation -------------------------------------------

_PLANS = 8


def write_corpus(corpus: Path, number: int) -> None:
    """Plans that all set the target to ``number``: what a reader gets must not be of two generations."""
    corpus.mkdir(exist_ok=True)
    for plan in range(_PLANS):
        text = (
            f"第{plan}区便民服务实施方案\n\n一、主要任务\n\n（一）增设便民站点。到2030年，新建便民站点{number}个。"
            f"（责任单位：区民政局、区财政局）\n\n（二）加强督促检查。各单位要明确分工，按时完成。\n"
        )
        (corpus / f"plan-{plan}.txt").write_text(text, "utf-8")


def numbers_of(index: Path) -> tuple[str, set[float | None]]:
    """The generation in use and the targets of all its documents; IndexUnusable when it cannot be opened."""
    with KnowledgeBase.open(index, load_encoder()) as opened:
        held = opened.documents(limit=100)[1]
        values = {t.value for one in held for t in opened.document(one.id).targets}
        found = {t.value for hit in opened.search("新建便民站点").hits for t in hit.facts.targets}
        return opened.status().generation, values | found if len(held) == _PLANS else {None}


# --- kills ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Readings:
    """What a reader saw that asked all the time."""

    asked: int = 0
    generations: int = 0
    faults: list[str] = field(default_factory=list)


@app.command()
def kills(times: int = 200, scratch: Scratch = None, seed: int = 1) -> None:
    """Kill builds at random moments: a complete generation is served all the time, none is lost, the next build succeeds."""
    with working_in(scratch) as folder:
        faults = kill_builds(folder, times, random.Random(seed))
    if faults:
        raise typer.Exit(1)


def kill_builds(folder: Path, times: int, chance: random.Random) -> list[str]:
    """Try it in an empty folder and return what went wrong."""
    corpus, index = folder / "corpus", folder / "index"
    _seconds_of_a_build(corpus, index, 0)
    faults: list[str] = []
    killed = published = 0
    with _reading(index) as report:
        usual = max(_seconds_of_a_build(corpus, index, number) for number in (0, 1, 1))
        for number in range(2, times + 2):
            before = generations.in_use(index).name
            write_corpus(corpus, number)
            process = _begun(corpus, index)
            process.join(chance.uniform(0, 1.5 * usual))
            process.kill()
            process.join()
            killed += process.exitcode == -signal.SIGKILL
            published += generations.in_use(index).name != before
        write_corpus(corpus, times + 2)
        process = _begun(corpus, index)
        process.join()
        if process.exitcode:
            faults.append(f"the build after the last kill ended with {process.exitcode}")
        readings = report()
    faults += readings.faults
    faults += list(check(generations.in_use(index)))
    _, numbers = numbers_of(index)
    if numbers != {float(times + 2)}:
        faults.append(f"after the last build the documents say {numbers}")
    left = [path.name for path in index.iterdir() if path.name.startswith(".building")]
    faults += [f"left behind: {name}" for name in left]
    seen = {key: value for key, value in asdict(readings).items() if key != "faults"}
    tell(
        trial="kills",
        builds=times,
        usual_seconds=round(usual, 2),
        killed=killed,
        published=published,
        reader=seen,
        faults=faults,
    )
    return faults


def _begun(corpus: Path, index: Path) -> BaseProcess:
    """A process that builds; it is forked off one that has imported everything, so that kills hit the build."""
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["kb.ingest.build", "kb.extraction"])
    process = processes.Process(target=_build_once, args=(corpus, index))
    process.start()
    return process


def _seconds_of_a_build(corpus: Path, index: Path, number: int) -> float:
    write_corpus(corpus, number)
    began = time.monotonic()
    _begun(corpus, index).join()
    return time.monotonic() - began


def _build_once(corpus: Path, index: Path) -> None:
    build(corpus, index, load_encoder())


@contextmanager
def _reading(index: Path) -> Iterator[Callable[[], Readings]]:
    """A process that reads the index all the time; calling what is yielded ends it and returns what it saw."""
    process = subprocess.Popen(
        [sys.executable, __file__, "read-until-told", str(index)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:

        def report() -> Readings:
            said, _ = process.communicate(b"\n")
            return Readings(**json.loads(said))

        yield report
    finally:
        process.kill()
        process.wait()


@app.command(hidden=True)
def read_until_told(index: Path) -> None:
    """What reads while ``kills`` kills: every generation is checked once, and asked again and again."""
    told = Event()

    def wait() -> None:
        sys.stdin.readline()
        told.set()

    Thread(target=wait, daemon=True).start()
    readings, checked = Readings(), set[str]()
    while not told.is_set():
        folder = generations.in_use(index)
        try:
            name, numbers = numbers_of(index)
            faults = [] if len(numbers) == 1 and None not in numbers else [f"{name}: mixed or incomplete: {numbers}"]
            if folder.name not in checked:
                faults += list(check(folder))
        except (IndexUnusable, OSError) as error:
            faults = [f"{folder.name}: {error}"]
        readings.asked += 1
        checked.add(folder.name)
        # One that has been overtaken may be swept away under who looks into its folder by name.
        if generations.in_use(index) == folder:
            readings.faults += faults
    readings.generations = len(checked)
    print(json.dumps(asdict(readings)), flush=True)


# --- switches -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Answers:
    """What the clients of a server got."""

    requests: int = 0
    numbers: set[float] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@app.command()
def switches(times: int = 10, clients: int = 50, scratch: Scratch = None) -> None:
    """Switch generations under a server that is asked by many at once: no request fails, and no answer is of two generations."""
    with working_in(scratch) as folder:
        faults = switch_under_load(folder, times, clients)
    if faults:
        raise typer.Exit(1)


def switch_under_load(folder: Path, times: int, clients: int) -> list[str]:
    """Try it in an empty folder and return what went wrong."""
    corpus, index = folder / "corpus", folder / "index"
    write_corpus(corpus, 0)
    encoder = load_encoder()
    build(corpus, index, encoder)
    got = Answers()
    with serving(corpus, index) as port:
        stop = Event()
        threads = [Thread(target=_ask, args=(port, place, stop, got)) for place in range(clients)]
        for thread in threads:
            thread.start()
        for number in range(1, times + 1):
            write_corpus(corpus, number)
            build(corpus, index, encoder)
            time.sleep(0.5)
        is_served = served(port, float(times))
        stop.set()
        for thread in threads:
            thread.join()
    faults = got.faults
    if not is_served:
        faults.append("the server does not serve the last generation")
    tell(
        trial="switches", switches=times, clients=clients, requests=got.requests,
        generations_seen=len(got.numbers), failed_or_mixed=len(faults), faults=faults[:5],
    )  # fmt: skip
    return faults


@contextmanager
def serving(corpus: Path, index: Address) -> Iterator[int]:
    """A server at a port that is free, which it says."""
    command = [*COMMAND, "serve", "--corpus", str(corpus), "--index", str(index), "--port", "0"]
    environment = os.environ | {"KB_LOG": "ERROR"}  # nobody reads more than the first line
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        reader = Thread(target=process.stderr.read)  # a log that nobody reads stops who writes it
        try:
            said = process.stderr.readline()
            announced = re.search(r"http://127\.0\.0\.1:(\d+)", said)
            if announced is None:
                raise SystemExit(f"no server: {said}")
            reader.start()
            yield int(announced[1])
        finally:
            process.terminate()
            if reader.ident is not None:
                reader.join()


ADDRESSES = (
    "targets?limit=100",
    f"search?q={quote('新建便民站点')}&limit=20",
    f"who?q={quote('谁负责增设便民站点')}",
    "documents/plan-3",
)


def _ask(port: int, place: int, stop: Event, got: Answers) -> None:
    """One client: asks one address after the other until told to stop."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    while not stop.is_set():
        address = ADDRESSES[place % len(ADDRESSES)]
        place += 1
        try:
            status, answer = get(connection, address)
        except (OSError, HTTPException) as error:
            got.faults.append(f"{address}: {error!r}")
            connection.close()  # the next request opens it again
            continue
        numbers = set(values(answer))
        got.requests += 1
        got.numbers |= numbers
        if status != 200 or len(numbers) != 1:
            got.faults.append(f"{address}: {status}, {numbers}")
    connection.close()


def _answer(port: int, address: str) -> tuple[int, object]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return get(connection, address)


def get(connection: HTTPConnection, address: str) -> tuple[int, object]:
    """Status and content of an answer of a server."""
    connection.request("GET", f"/api/v1/{address}")
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def values(answer: object) -> Iterator[float]:
    """The values of all targets, wherever they stand in an answer."""
    if isinstance(answer, dict):
        if "indicator" in answer:
            yield answer["value"]
        for value in answer.values():
            yield from values(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from values(value)


def served(port: int, number: float) -> bool:
    """Whether the server comes to serve a generation."""
    for _ in range(100):
        if set(values(_answer(port, ADDRESSES[0])[1])) == {number}:
            return True
        time.sleep(0.1)
    return False


@contextmanager
def working_in(scratch: Path | None) -> Iterator[Path]:
    """The folder to work in."""
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
        yield scratch
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


if __name__ == "__main__":
    import database_trials

    app.add_typer(database_trials.app)
    app()
