"""Processes that answer questions beside the server: the same answers, whatever becomes of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import signal
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from socket import socketpair
from typing import Any, TypeVar

import pytest
from answers import eventually
from starlette.testclient import TestClient

from api.app import create_app
from api.workers import ANSWERS, Worker, Workers, usual_count
from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase, opener
from kb.models import Filters

WHO = ("who", "学前教育普惠发展", 10, Filters())
ASKED: tuple[tuple[object, ...], ...] = (
    ("search", "学前教育普惠发展", Filters(), 10, 0, "relevance"),
    ("search", "养老", Filters(has_targets=True), 3, 1, "due"),
    ("facets", "养老", Filters(role="lead")),
    WHO,
)


T = TypeVar("T")


class Asked:
    """Workers in a loop of their own, in a thread of its own: a test in a browser leaves a loop running in this one."""

    def __init__(self, index: Path, count: int) -> None:
        self._thread, self._runner = ThreadPoolExecutor(1), asyncio.Runner()
        self.workers = Workers(index, opener, count)
        self._run(self.workers.start())

    def _run(self, asked: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, asked).result()

    def ask(self, *asked: Any) -> bytes | None:
        return self._run(self.workers.ask(*asked))

    def all_of(self, *questions: tuple[Any, ...]) -> list[bytes | None]:
        """The answers to questions that are asked at once."""

        async def ask_all() -> list[bytes | None]:
            return await asyncio.gather(*(self.workers.ask(*asked) for asked in questions))

        return self._run(ask_all())

    def end(self) -> None:
        """Close them, in their loop."""

        async def end() -> None:
            self.workers.close()

        self._run(end())

    def alive(self) -> int:
        self._run(asyncio.sleep(0.01))  # whoever is ready says so in the loop
        return self.workers.alive

    def cancel(self, *asked: Any) -> None:
        """Ask, and go away before there is an answer."""

        async def begin_and_end() -> None:
            task = asyncio.create_task(self.workers.ask(*asked))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        self._run(begin_and_end())

    def close(self) -> None:
        self.end()
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()


@pytest.fixture
def workers(index: Path) -> Iterator[Asked]:
    with closing(Asked(index, 2)) as opened:
        yield opened


def test_they_answer_what_the_knowledge_base_answers(workers: Asked, index: Path) -> None:
    eventually(lambda: workers.ask(*WHO))
    with KnowledgeBase.open(index, load_encoder()) as knowledge_base:
        for question, *asked in ASKED:
            assert workers.ask(str(question), *asked) == ANSWERS[str(question)](knowledge_base, *asked)


def test_what_cannot_be_answered_is_left_to_the_server(workers: Asked) -> None:
    eventually(lambda: workers.ask(*WHO))
    assert workers.ask("search", " ", Filters(), 10, 0, "relevance") is None
    assert workers.ask(*WHO)
    assert workers.ask("no such question") is None
    eventually(lambda: workers.ask(*WHO))


def test_one_that_is_killed_is_replaced(workers: Asked) -> None:
    eventually(lambda: workers.alive() == 2)
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    assert workers.ask(*WHO) is None
    assert workers.ask(*WHO) is None
    assert workers.alive() == 0
    eventually(lambda: workers.alive() == 2)
    assert workers.ask(*WHO)


def test_an_answer_that_nobody_waits_for_is_not_given_to_the_next(workers: Asked) -> None:
    eventually(lambda: workers.alive() == 2)
    expected = workers.ask(*WHO)
    for _ in range(2):
        workers.cancel("search", "养老", Filters(), 10, 0, "relevance")
    assert workers.ask(*WHO) == expected
    assert workers.ask("search", "养老", Filters(), 10, 0, "relevance") != expected
    assert workers.alive() == 2


def test_one_that_is_suspended_holds_up_nobody_and_is_replaced(workers: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    eventually(lambda: workers.alive() == 2)
    before = {process.pid for process in multiprocessing.active_children()}
    stopped = next(iter(before))
    assert stopped
    os.kill(stopped, signal.SIGSTOP)
    with monkeypatch.context() as patience:
        patience.setattr("api.workers._LONGEST", 0.2)
        assert None in workers.all_of(WHO, WHO)
    eventually(lambda: workers.alive() == 2)
    assert stopped not in {process.pid for process in multiprocessing.active_children()}
    assert all(workers.all_of(WHO, WHO))


def test_a_message_that_comes_in_parts_does_not_hold_the_loop() -> None:
    async def in_parts() -> tuple[bool, bytes]:
        server, process = socketpair()
        worker = Worker(multiprocessing.current_process(), *await asyncio.open_unix_connection(sock=server))
        with process:
            received = asyncio.create_task(worker.receive())
            for part in (b"\0" * 7, b"\6ans"):
                process.sendall(part)
                await asyncio.sleep(0.01)
            is_waiting = not received.done()
            process.sendall(b"wer")
            answer = await received
        worker.writer.close()
        await worker.writer.wait_closed()
        return is_waiting, answer

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, in_parts()).result() == (True, b"answer")


def test_without_processes_nobody_answers(index: Path) -> None:
    with closing(Asked(index, 0)) as nobody:
        assert nobody.ask(*WHO) is None


def test_closed_ones_answer_nobody_and_end(workers: Asked) -> None:
    eventually(lambda: workers.alive() == 2)
    processes = multiprocessing.active_children()
    assert workers.ask(*WHO)
    workers.end()
    assert workers.ask(*WHO) is None
    eventually(lambda: not any(process.is_alive() for process in processes))


@pytest.mark.parametrize(("cores", "count"), [(1, 0), (2, 2), (4, 4), (64, 4), (None, 0)])
def test_as_many_as_there_are_cores_four_at_most(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, count: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert usual_count() == count


def test_server_with_processes_takes_up_a_new_generation(
    corpus: Path, own: Path, own_index: Path, tmp_path: Path
) -> None:
    (own / "yunxi-yanglao.txt").unlink()
    build(own, own_index, load_encoder())
    app = create_app(tmp_path / "indexes", workers=1)
    with TestClient(app) as client:
        eventually(multiprocessing.active_children)
        assert client.get("/api/v1/search", params={"q": "养老"}).status_code == 503
        own_index.rename(tmp_path / "indexes")
        eventually(lambda: client.portal and client.portal.call(app.state.workers.ask, *WHO))
        found = client.get("/api/v1/search", params={"q": "老年助餐", "limit": 50}).json()["hits"]
        assert "yunxi-yanglao" not in {hit["facts"]["clause"]["document_id"] for hit in found}
        shutil.copy(corpus / "yunxi-yanglao.txt", own)
        build(own, tmp_path / "indexes", load_encoder())
        found = client.get("/api/v1/search", params={"q": "老年助餐", "limit": 50}).json()["hits"]
        assert "yunxi-yanglao" in {hit["facts"]["clause"]["document_id"] for hit in found}
        assert client.get("/api/v1/search", params={"q": "  "}).json()["status"] == 422
        assert client.get("/api/v1/who", params={"q": "养老服务", "unit": "%"}).status_code == 200
