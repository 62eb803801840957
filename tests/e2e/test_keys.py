"""The page of a server that does not answer everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from proxies import proxying
from servers import serving

from api.app import Keeping, create_app
from api.exposure import Exposure
from api.jobs import Builder
from api.reading import Readers
from kb.access import Keys


@pytest.fixture
def locked(index: Path, tmp_path: Path) -> Iterator[str]:
    readers = Readers(Keys(configured="芝麻开门"), needs_key=True)
    with serving(create_app(index, keeping=Keeping(Builder(tmp_path, index), readers=readers))) as there:
        yield there


@pytest.mark.parametrize("width", [1280, 390])
def test_the_key_is_asked_for_once_and_what_was_asked_is_shown_then(
    visit: Callable[..., Any], watched: Any, locked: str, width: int
) -> None:
    page = visit("?q=学前教育", width=width, at=locked)
    assert page.title().startswith("请输入密钥")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("密钥").fill("不对")
    page.get_by_role("button", name="进入").click()
    page.get_by_text("密钥不正确").wait_for()
    page.get_by_label("密钥").fill("芝麻开门")
    page.get_by_role("button", name="进入").click()
    page.get_by_text("谁负责").first.wait_for()
    page.reload()
    page.get_by_text("谁负责").first.wait_for()
    with page.expect_download() as download:
        page.get_by_text("导出台账").first.click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.goto(f"{locked}/?view=overview&tab=deadlines")
    page.get_by_text("日历程序不能订阅").wait_for()
    assert not page.get_by_role("button", name="复制订阅地址").is_visible()
    # The browser itself notes each refusal.
    assert watched.wrong
    assert all("401" in said for said in watched.wrong)
    watched.wrong.clear()


def test_behind_a_proxy_the_page_lies_below_a_path(visit: Callable[..., Any], index: Path) -> None:
    with (
        serving(create_app(index, exposure=Exposure(root_path="/policy"))) as server,
        proxying(server, "/policy") as there,
    ):
        page = visit("?q=学前教育", at=there)
        page.get_by_text("谁负责").first.wait_for()
        page.get_by_role("link", name="文件", exact=True).click()
        page.get_by_role("heading", name="文件", exact=True).wait_for()
        assert page.url == f"{there}/?view=documents"
        page.locator("main a[href*='view=document&']").first.click()
        page.locator(".view-document main h1").wait_for()
        page.locator("#q").fill("养老")
        page.locator("#q").press("Enter")
        page.get_by_text("谁负责").first.wait_for()
        assert page.url.startswith(f"{there}/?")
        page.goto(f"{there}/docs")
        page.get_by_text("/api/v1/search", exact=True).wait_for()
