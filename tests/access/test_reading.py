"""A server that does not answer everybody: keys, a browser's cookie, users whom a proxy names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import Builder
from api.reading import Readers
from kb.access import Keys, add_key, revoke_key

Asks = Callable[..., TestClient]
SEARCH = "/api/v1/search?q=教育"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def asks(index: Path, file: Path, tmp_path: Path) -> Iterator[Asks]:
    """Clients of servers that want a key, each without any cookie."""
    with ExitStack() as opened:

        def ask(
            user_header: str = "",
            proxies: tuple[str, ...] = (),
            base_url: str = "http://testserver",
            peer: str = "testclient",
        ) -> TestClient:
            keys = Keys(file)
            readers = Readers(keys, True, user_header, frozenset(proxies))
            keeping = Keeping(Builder(tmp_path, index), Editing(tmp_path, keys, tmp_path / "audit.jsonl"), readers)
            app = create_app(index, keeping=keeping)
            return opened.enter_context(TestClient(app, base_url=base_url, client=(peer, 50_000)))

        yield ask


def test_without_a_key_only_the_frame_of_the_page_and_health_answer(asks: Asks) -> None:
    client = asks()
    for path in (SEARCH, "/api/v1/version", "/api/v1/documents", "/metrics", "/api/v1/nothing"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "no-key"), path
    assert client.post("/mcp", json={}).status_code == 401
    for path in ("/", "/static/main.js", "/api/v1/health", "/api/v1/health/ready"):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("header", ["X-API-Key: {}", "Authorization: Bearer {}", "authorization: bearer {}"])
def test_a_key_of_any_scope_opens(asks: Asks, file: Path, header: str) -> None:
    client = asks()
    name, _, value = header.partition(": ")
    headers = {name: value.format(add_key(file, "甲", "read"))}
    assert client.get(SEARCH, headers=headers).status_code == 200
    assert client.get("/metrics", headers=headers).status_code == 200
    revoke_key(file, "甲")
    answer = client.get(SEARCH, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong-key")


@pytest.mark.parametrize("header", ["X-API-Key: {}", "Authorization: Bearer {}"])
def test_a_key_that_has_expired_is_told_so(
    asks: Asks, file: Path, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, value = header.partition(": ")
    key = add_key(file, "临时", "read", "2998-12-31")
    monkeypatch.setattr("kb.access._today", lambda: "2999-01-01")
    client = asks()
    answer = client.get(SEARCH, headers={name: value.format(key)})
    assert (answer.status_code, answer.json()["code"]) == (401, "key-expired")
    assert "临时" in answer.json()["detail"]
    assert client.post("/api/v1/session", json={"key": key}).json()["code"] == "key-expired"


def test_a_browser_signs_in_once_and_may_then_read_only(asks: Asks, file: Path) -> None:
    client = asks(base_url="https://testserver")
    key = add_key(file, "甲", "admin")
    wrong = client.post("/api/v1/session", json={"key": f"{key}x"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-key")
    signed_in = client.post("/api/v1/session", json={"key": key})
    assert signed_in.status_code == 204
    cookie = signed_in.headers["set-cookie"]
    assert key not in cookie
    assert {"HttpOnly", "SameSite=strict", "Secure"} <= set(cookie.split("; "))
    assert client.get(SEARCH).status_code == 200
    assert client.get("/api/v1/search/ledger.csv?q=教育").status_code == 200
    assert client.delete("/api/v1/documents/yunxi-yanglao").status_code == 401
    assert client.get("/api/v1/jobs").status_code == 401
    assert client.delete("/api/v1/session").status_code == 204
    assert client.get(SEARCH).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "é", "====", "a" * 5000])
def test_damaged_cookies_open_nothing(asks: Asks, file: Path, cookie: str) -> None:
    add_key(file, "甲", "read")
    assert asks().get(SEARCH, headers={"Cookie": f"kb-key={cookie}".encode()}).status_code == 401


def test_a_proxy_may_name_its_users_where_it_is_trusted(asks: Asks) -> None:
    header = {"X-Remote-User": "zhang"}
    assert asks("X-Remote-User", ("testclient",)).get(SEARCH, headers=header).status_code == 200
    assert asks("X-Remote-User", ("testclient",)).get(SEARCH).status_code == 401
    assert asks("X-Remote-User", ("10.0.0.1",)).get(SEARCH, headers=header).status_code == 401
    assert asks("", ("testclient",)).get(SEARCH, headers=header).status_code == 401


def test_who_is_connected_counts_and_not_whom_a_proxy_hands_on(asks: Asks, file: Path) -> None:
    user = {"X-Remote-User": "zhang"}
    beside = asks("X-Remote-User", ("127.0.0.1",), peer="127.0.0.1")
    assert beside.get(SEARCH, headers=user | {"X-Forwarded-For": "10.1.2.3"}).status_code == 200
    posing = asks("X-Remote-User", ("10.0.0.1",), peer="127.0.0.1")
    assert posing.get(SEARCH, headers=user | {"X-Forwarded-For": "10.0.0.1"}).status_code == 401

    key = {"key": add_key(file, "甲", "read")}
    for peer, cookie_is_secure in (("10.0.0.1", True), ("10.0.0.2", False)):
        browser = asks("X-Remote-User", ("10.0.0.1",), peer=peer)
        signed_in = browser.post("/api/v1/session", json=key, headers={"X-Forwarded-Proto": "https"})
        assert ("Secure" in signed_in.headers["set-cookie"]) is cookie_is_secure
