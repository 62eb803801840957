"""The page that displaCy draws."""

from __future__ import annotations

from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from kb.annotation.page import draw
from kb.ingest.analysis import analyse

TEXT = """云溪市托育服务实施方案

一、增加托位<script>。到2025年底，全市每千人口托位数达到5个，力争达到6个。（市卫生健康委牵头，市教育局、
市财政局配合）
二、落实《云溪市托育办法》。（责任单位：市民政局）
"""


def page_of(text: str, tmp_path: Path) -> LexborHTMLParser:
    file = tmp_path / "plan.txt"
    file.write_text(text, "utf-8")
    return LexborHTMLParser(draw(analyse(file)))


def test_every_fact_is_named_in_chinese_and_the_text_is_as_printed(tmp_path: Path) -> None:
    page = page_of(TEXT, tmp_path)
    assert [item.text() for item in page.css("ul li")] == ["牵头", "责任", "配合", "指标", "时限", "引用"]
    labels = [label.text() for label in page.css("main .label")]
    assert labels == ["时限", "指标", "指标", "牵头", "配合", "配合", "引用", "责任"]
    for label in page.css("main .label"):
        label.decompose()
    text = "".join(block.text() for block in page.css("main .spans"))
    assert "".join(text.split()) == "".join(TEXT.split())
    assert "市教育局、\n市财政局配合" in text
    assert " " not in text.replace("\n", "")


def test_it_needs_nothing_from_elsewhere_and_runs_nothing(tmp_path: Path) -> None:
    page = page_of(TEXT, tmp_path)
    assert page.css_first("title").text() == "云溪市托育服务实施方案"
    assert not page.css("script, link, img, [src], [href]")


def test_a_document_without_facts_is_a_page_too(tmp_path: Path) -> None:
    page = page_of("通知内容", tmp_path)
    assert page.css_first("main").text().strip() == "通知内容"
    assert page.css_first("h1").text()
