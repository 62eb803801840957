"""A real browser at a real server: skipped where there is no Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from servers import serving

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import Builder
from kb.access import Keys
from kb.encoders import load_encoder
from kb.ingest.build import build

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
KEY = "a secret 芝麻"
_PATIENCE = 60_000  # milliseconds: a busy machine is slow

HOSTILE = """云溪市<script>window.hurt=1</script>网络安全工作方案

一、<img src=x onerror="window.hurt=2">主要任务

（一）<b>整治</b>隐患<svg onload=window.hurt=3>。到2027年整治隐患30处。（责任单位：市<script>window.hurt=4</script>教育局、市公安局）
"""


YEARLY = """云溪市{year}年村史馆工作要点

云文发〔{year}〕6号

一、修缮村史馆

全年修缮村史馆{count}个，免费开放。（责任单位：市文化局）

云溪市文化局

{year}年3月5日
"""

TASK_TABLE = """序号,重点任务,牵头单位,配合单位
1,整理历年档案120卷,市档案局,市文化局
2,"修复受潮档案。
晾晒前先除尘。",市档案局,"市文化局
市水利局"
"""


@dataclass
class Watched:
    """What a page has done that no page may do, and what it has loaded."""

    wrong: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # parts of what a test brings about on purpose


@pytest.fixture(scope="session")
def own(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of the page: that of the other tests, a second version of one of its documents, and a hostile text."""
    folder = shutil.copytree(corpus, tmp_path_factory.mktemp("e2e") / "corpus")
    (folder / "hostile.txt").write_text(HOSTILE, "utf-8")
    text = (folder / "yunxi-yanglao.txt").read_text("utf-8")
    newer = text.replace("40个", "45个").replace("〔2024〕8号", "〔2025〕3号").replace("2024年3月", "2025年4月")
    (folder / "yunxi-yanglao-2025.txt").write_text(newer, "utf-8")
    (folder / "dangan.csv").write_text(TASK_TABLE, "utf-8")
    for year, beds in ((2022, 30), (2023, 36)):
        (folder / f"cunshiguan-{year}.txt").write_text(YEARLY.format(year=year, count=beds), "utf-8")
    return folder


@pytest.fixture(scope="session")
def index(own: Path) -> Path:
    """Its index."""
    build(own, own.parent / "indexes", load_encoder())
    return own.parent / "indexes"


@pytest.fixture(scope="session")
def address(own: Path, index: Path) -> Iterator[str]:
    """Where a server answers that takes documents from who has the key; only for tests that send none, all share what it holds."""
    with _taking_documents(own, index) as there:
        yield there


@dataclass(frozen=True, slots=True)
class Changeable:
    """A server that one test alone asks, and the folder that it reads."""

    address: str
    corpus: Path


@pytest.fixture
def changeable(own: Path, index: Path, tmp_path: Path) -> Iterator[Changeable]:
    """Where a test may change documents: a server over copies, so that what a test leaves behind is gone with it."""
    corpus = shutil.copytree(own, tmp_path / "corpus")
    with _taking_documents(corpus, shutil.copytree(index, tmp_path / "indexes")) as there:
        yield Changeable(there, corpus)


def _taking_documents(corpus: Path, index: Path) -> AbstractContextManager[str]:
    """A server that takes documents into a folder from who has the key."""
    editing = Editing(corpus, Keys(configured=KEY), corpus.parent / "audit.jsonl")
    return serving(create_app(index, keeping=Keeping(Builder(corpus, index), editing)))


@pytest.fixture
def address_without_key(index: Path) -> Iterator[str]:
    """Where a server answers that takes documents from nobody."""
    with serving(create_app(index)) as there:
        yield there


@pytest.fixture(scope="session")
def browser() -> Iterator[sync_api.Browser]:
    """One browser for all tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: the page was not tested in a browser")
    sync_api.expect.set_options(timeout=_PATIENCE)
    with sync_api.sync_playwright() as playwright:
        in_utf8 = {**os.environ, "LC_ALL": "C.UTF-8"}  # elsewhere Chromium calls a file of a Chinese name "download"
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], env=in_utf8)


@pytest.fixture
def watched() -> Watched:
    """What the page of this test is seen to do."""
    return Watched()


@pytest.fixture
def visit(browser: sync_api.Browser, address: str, watched: Watched) -> Iterator[Callable[..., sync_api.Page]]:
    """Opens the page at an address (``visit("?q=…", width=390)``); afterwards nothing may have gone wrong in it."""
    contexts = []

    def visit(path: str = "", width: int = 1280, at: str = "") -> sync_api.Page:
        context = browser.new_context(
            base_url=at or address,
            viewport={"width": width, "height": 844},
            locale="zh-CN",
            reduced_motion="reduce",
            has_touch=width < 500,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("console", lambda said: watched.wrong.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: watched.wrong.append(str(error)))
        page.on("request", lambda request: watched.wrong.extend(_strange(request.url, at or address)))
        page.on("dialog", lambda dialog: watched.wrong.append(dialog.message))
        page.goto(f"{at or address}/{path}")
        page.locator("body[class^=view-] main:not([aria-busy]) h1").first.wait_for(state="attached")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [said for said in watched.wrong if not any(part in said for part in watched.expected)] == []


def _strange(url: str, address: str) -> list[str]:
    """The address of a request that leaves the server."""
    there = urlsplit(url)
    return [] if url.startswith(address) or there.scheme in {"data", "blob"} else [f"request to {url}"]
