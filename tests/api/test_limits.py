"""What one client may ask, and how long it may keep a server waiting."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn
from answers import eventually
from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from api import connections, limits
from api.app import Keeping, create_app
from api.editors import Editing
from api.exposure import Exposure
from api.jobs import Builder
from api.reading import Readers
from kb.access import Keys

KEY = "芝麻开门"
SEARCH = "/api/v1/search?q=养老"


def app_of(index: Path, exposure: Exposure, needs_key: bool = False) -> FastAPI:
    keys = Keys(configured=KEY)
    editing = Editing(index, keys, index / "audit.jsonl")
    return create_app(
        index, keeping=Keeping(Builder(index, index), editing, Readers(keys, needs_key)), exposure=exposure
    )


def test_requests_a_minute_of_each_address_and_key(index: Path) -> None:
    app = app_of(index, Exposure(a_minute=3))
    one, other = (TestClient(app, client=(f"10.0.0.{last}", 1)) for last in (1, 2))
    with one:
        assert [one.get(SEARCH).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
        refused = one.get(SEARCH)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["content-type"] == "application/problem+json"
        assert (refused.json()["code"], refused.json()["status"]) == ("too-many-requests", 429)
        assert f"请 {refused.headers['retry-after']} 秒后再试" in refused.json()["detail"]
        assert other.get(SEARCH).status_code == 200
        # Who has a key counts by the key, from wherever it asks.
        sent = {"X-API-Key": KEY.encode()}
        assert [client.get(SEARCH, headers=sent).status_code for client in (one, other, one, other)] == [200] * 3 + [
            429
        ]
        for free in ("/api/v1/health", "/api/v1/health/ready", "/", "/static/main.js"):
            assert one.get(free).status_code == 200, free


def test_the_next_minute_counts_anew(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(limits, "clock", lambda: now)
    with TestClient(app_of(index, Exposure(a_minute=2))) as client:
        assert [client.get(SEARCH).status_code for _ in range(3)] == [200, 200, 429]
        now += 48.5
        assert client.get(SEARCH).headers["retry-after"] == "12"
        now += 11.5
        assert [client.get(SEARCH).status_code for _ in range(3)] == [200, 200, 429]


def test_requests_at_once(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(index, Exposure(at_once=2))
    held = threading.Event()
    running = threading.Semaphore(0)

    @app.get("/api/v1/held")
    def wait() -> None:
        running.release()
        held.wait(30)

    with TestClient(app) as client:
        threads = [threading.Thread(target=client.get, args=("/api/v1/held",)) for _ in range(2)]
        for thread in threads:
            thread.start()
            assert running.acquire(timeout=30)
        refused = client.get(SEARCH)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        held.set()
        for thread in threads:
            thread.join()
        assert client.get(SEARCH).status_code == 200


def test_keys_cannot_be_guessed(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_WRONG_KEYS", 5)
    with TestClient(app_of(index, Exposure(), needs_key=True)) as client:
        tried = [client.get(SEARCH, headers={"X-API-Key": f"guess-{one}"}).status_code for one in range(4)]
        tried += [client.post("/api/v1/session", json={"key": f"guess-{one}"}).status_code for one in range(3)]
        assert tried == [401] * 5 + [429] * 2
        assert client.get(SEARCH, headers={"Authorization": "Bearer guess"}).status_code == 429
        assert client.get(SEARCH, headers={"X-API-Key": KEY.encode()}).status_code == 200
        assert client.get(SEARCH).status_code == 401  # the page, before somebody has signed in


def test_a_key_that_nobody_asks_for_is_no_guess(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_WRONG_KEYS", 2)
    with TestClient(app_of(index, Exposure())) as client:
        asked = [client.get(SEARCH, headers={"Authorization": "Bearer any"}).status_code for _ in range(5)]
        assert asked == [200] * 5


@pytest.mark.parametrize("is_announced", [True, False])
def test_bodies_are_bounded(index: Path, is_announced: bool) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(20):
            yield b'"' + b"x" * 99_998 + b'"'

    content = b"".join(parts()) if is_announced else parts()
    with TestClient(app_of(index, Exposure())) as client:
        for path in ("session", "integrations/dify/retrieval"):
            answer = client.post(f"/api/v1/{path}", content=content, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")
            content = content if is_announced else parts()


# --- clients that keep a server waiting ---------------------------------------------------------------


@contextmanager
def patient(app: FastAPI) -> Iterator[int]:
    """The port of a server that waits for half a second."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app, log_level="critical", http="api.connections:PatientProtocol", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def port(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "LOOK", 0.05)
    monkeypatch.setattr(connections, "PATIENCE", 0.5)
    with patient(app_of(index, Exposure())) as there:
        yield there


UPLOAD = b"POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\nContent-Length: 100000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"


@pytest.mark.parametrize(
    ("begun", "trickled"),
    [
        (b"", b""),
        (b"GET /api/v1/health HT", b""),
        (b"GET /api/v1/health HTTP/1.1\r\n", b"X: y\r\n"),
        (UPLOAD % KEY.encode(), b""),
        (UPLOAD % KEY.encode(), b"-"),
    ],
    ids=["says nothing", "half a line", "a header now and then", "stalled upload", "a byte now and then"],
)
def test_clients_that_do_not_go_on_are_left(port: int, begun: bytes, trickled: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(begun)
        connection.settimeout(0.1)
        deadline = time.monotonic() + 60
        is_open = True
        while is_open:
            assert time.monotonic() < deadline
            try:
                is_open = connection.recv(1000) != b""
            except TimeoutError:
                connection.sendall(trickled)
            except ConnectionError:
                is_open = False


def test_a_reader_that_does_not_read_is_left(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LOOK", 0.05)
    monkeypatch.setattr(connections, "PATIENCE", 0.5)
    app = app_of(index, Exposure())
    gone = threading.Event()

    @app.get("/api/v1/long")
    async def long() -> object:
        async def parts() -> AsyncIterator[bytes]:
            try:
                while True:
                    await asyncio.sleep(0)
                    yield b"x" * 1_000_000
            finally:
                gone.set()

        return StreamingResponse(parts())

    with patient(app) as there, socket.create_connection(("127.0.0.1", there)) as connection:
        connection.sendall(b"GET /api/v1/long HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert gone.wait(60)


def test_clients_that_go_on_are_kept(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now, looks = [0.0], []

    def clock() -> float:
        looks.append(now[0])
        return now[0]

    monkeypatch.setattr(connections, "clock", clock)
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        first = client.get("/api/v1/health").extensions["network_stream"].get_extra_info("client_addr")
        for _ in range(4):
            answer = client.get("/api/v1/health")
            assert answer.extensions["network_stream"].get_extra_info("client_addr") == first
            seen = len(looks)
            eventually(lambda: len(looks) > seen + 2)  # noqa: B023 - asked at once
            now[0] += 0.8 * connections.PATIENCE
            eventually(lambda: looks[-1] == now[0])


def test_a_stalled_upload_does_not_hold_a_server_that_is_stopped(index: Path) -> None:
    with patient(app_of(index, Exposure())) as there:
        connection = socket.create_connection(("127.0.0.1", there))
        connection.sendall(UPLOAD % KEY.encode() + b"--x\r\n")
        time.sleep(0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 60
    connection.close()
