"""A server behind a proxy, below a path of it; who may hold its page in a frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from proxies import proxying
from servers import in_a_loop, serving
from starlette.testclient import TestClient

from api.app import Keeping, create_app
from api.exposure import Exposure
from api.jobs import Builder
from api.reading import Readers
from kb import client as kb_client
from kb.access import Keys

KEY = "芝麻开门"


@pytest.fixture(scope="module")
def server(index: Path, corpus: Path) -> Iterator[str]:
    """A server that wants a key and knows that it lies below /policy."""
    keeping = Keeping(Builder(corpus, index), readers=Readers(Keys(configured=KEY), needs_key=True))
    with serving(create_app(index, keeping=keeping, exposure=Exposure(root_path="/policy"))) as there:
        yield there


@pytest.fixture(scope="module", params=[True, False], ids=["the path taken off", "the path handed on"])
def address(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    with proxying(server, "/policy", is_stripping=request.param) as there:
        yield there


@pytest.fixture
def asks(address: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{address}/", headers={"Authorization": f"Bearer {KEY}".encode()}) as opened:
        yield opened


def test_the_page_and_all_that_it_loads_lie_below_the_path(asks: httpx2.Client, address: str) -> None:
    for page in ("", "docs"):
        answer = asks.get(page)
        assert answer.status_code == 200
        loaded = re.findall(r'(?:href|src|action)="([^"#?]*)', answer.text)
        assert len(loaded) > 3
        assert not [one for one in loaded if one.startswith("/")]
        for one in {*loaded, "static/api.js"}:
            assert asks.get(one).status_code == 200, one


def test_the_path_without_its_slash_leads_to_the_page(asks: httpx2.Client, address: str) -> None:
    answer = asks.get(f"{address}?q=%E5%85%BB%E8%80%81")
    assert answer.status_code == 307
    assert answer.headers["location"].endswith("/policy/?q=%E5%85%BB%E8%80%81")


def test_questions_problems_and_the_reference_know_the_path(asks: httpx2.Client) -> None:
    assert asks.get("api/v1/search?q=养老").json()["hits"]
    assert asks.get("api/v1/search").json()["instance"] == "/policy/api/v1/search"
    assert asks.get("openapi.json").json()["servers"] == [{"url": "/policy"}]
    assert asks.head("api/v1/search?q=养老").status_code == 200
    assert "DELETE" in asks.options("api/v1/documents/x").headers["allow"]
    assert asks.get("metrics").status_code == 200


def test_a_key_is_needed_below_the_path_too_and_its_cookie_stays_there(asks: httpx2.Client) -> None:
    del asks.headers["authorization"]
    for path in ("api/v1/search?q=养老", "metrics", "api/v1/documents"):
        assert asks.get(path).status_code == 401, path
    answer = asks.post("api/v1/session", json={"key": KEY})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert "Path=/policy;" in cookie
    assert "Secure" in cookie  # the proxy on this machine says that it was asked by https
    opened = asks.get("api/v1/search?q=养老", headers={"Cookie": cookie.partition(";")[0]})
    assert opened.status_code == 200


def test_programs_and_assistants_find_it_there(address: str) -> None:
    with kb_client.Client(address, KEY) as client:
        assert client.ask(kb_client.status()).documents == 3


def test_tools_are_listed_below_the_path(index: Path) -> None:
    with (
        serving(create_app(index, exposure=Exposure(root_path="/policy"))) as server,
        proxying(server, "/policy") as there,
    ):

        async def names() -> set[str]:
            async with Client(f"{there}/mcp") as client:
                return {tool.name for tool in (await client.list_tools()).tools}

        assert "search_clauses" in in_a_loop(names)


def test_a_server_that_knows_of_no_path_answers_at_its_own(client: TestClient) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/policy/").status_code == 404
    assert client.get("/openapi.json", headers={"X-Forwarded-Prefix": "/evil"}).json()["servers"] == [{"url": "/"}]


def test_only_named_sites_may_frame_the_page(index: Path) -> None:
    plain = TestClient(create_app(index)).get("/")
    assert "frame-ancestors 'none'" in plain.headers["content-security-policy"]
    assert plain.headers["x-frame-options"] == "DENY"
    sites = ("https://oa.example.gov.cn", "https://*.portal.example:8443")
    framed = TestClient(create_app(index, exposure=Exposure(frame_ancestors=sites)))
    for path in ("/", "/docs", "/api/v1/nothing"):
        answer = framed.get(path)
        assert f"frame-ancestors {' '.join(sites)};" in answer.headers["content-security-policy"]
        assert "x-frame-options" not in answer.headers
