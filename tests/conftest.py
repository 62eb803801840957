"""A knowledge base that is really built, once for all tests that only ask it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from plans import FOUNDING_PLAN, YANGLAO
from starlette.testclient import TestClient

from api.app import Keeping, create_app
from api.jobs import Builder
from kb.encoders import load_encoder
from kb.ingest.build import build

# What a test of random texts finds must not depend on how busy the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

GONGSHUI = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>青石县农村供水保障行动方案_青石县人民政府</title></head><body>
<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/gk">政务公开</a> &gt; 正文</div>
<div id="zoom"><h1>青石县农村供水保障行动方案</h1>
<p>为保障农村供水安全，制定本行动方案。</p>
<p>一、改造供水管网</p><p>2026年6月底前改造老旧供水管网120公里。（牵头单位：县水利局；责任单位：县财政局）</p>
<p>二、加强水质检测</p><p>农村自来水普及率达到95%以上。（责任单位：县卫生健康局）</p></div>
<div class="footer"><p>版权所有：青石县人民政府</p></div></body></html>
"""


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the founding plan, a notice with its plan, and a web page."""
    folder = tmp_path_factory.mktemp("corpus")
    shutil.copy(FOUNDING_PLAN, folder)
    (folder / "yunxi-yanglao.txt").write_text(YANGLAO, "utf-8")
    (folder / "qingshi-gongshui.html").write_text(GONGSHUI, "utf-8")
    return folder


@pytest.fixture(scope="session")
def index(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of that folder; tests that change an index copy it."""
    folder = tmp_path_factory.mktemp("indexes")
    report = build(corpus, folder, load_encoder())
    assert report.documents == 3
    assert not report.failures
    return folder


@pytest.fixture
def own(corpus: Path, tmp_path: Path) -> Path:
    """A copy of that folder that a test may change."""
    return shutil.copytree(corpus, tmp_path / "corpus")


@pytest.fixture
def own_index(index: Path, tmp_path: Path) -> Path:
    """A copy of the index that a test may change; what it holds is what the copy of the folder holds."""
    return shutil.copytree(index, tmp_path / "own-index")


@pytest.fixture(scope="session")
def empty_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of an empty folder: a build in a copy of it finds the vectors of the thesaurus there, which take longest to make."""
    corpus, folder = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("indexes")
    assert build(corpus, folder, load_encoder()).documents == 0
    return folder


@pytest.fixture
def new_index(empty_index: Path, tmp_path: Path) -> Path:
    """A copy of it for a test to build in."""
    return shutil.copytree(empty_index, tmp_path / "new-index")


@pytest.fixture(scope="session")
def app(index: Path, corpus: Path) -> FastAPI:
    """The application over that index."""
    return create_app(index, keeping=Keeping(Builder(corpus, index)))


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of that application."""
    with TestClient(app) as opened:
        yield opened
