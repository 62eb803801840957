"""Who is named, and who is not: the unit of the place that is asked, of the sentence that says it, of a clause that is of the matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase

FILES = {
    "沅桥": """中共沅桥县委办公室关于印发《沅桥县养老服务提升实施方案》的通知

沅办发〔2025〕12号

各乡镇党委，县直各单位：

现将《沅桥县养老服务提升实施方案》印发给你们，请认真贯彻执行。

中共沅桥县委办公室

2025年4月2日

沅桥县养老服务提升实施方案

一、扩大养老床位供给。到2026年底，全县新增养老护理床位300张。（责任单位：县民政局、县卫生健康局）

二、建设老年食堂。在城区社区建设老年食堂20家，发放就餐补贴。（责任单位：县民政局）
""",
    "白槿": """白槿县人民政府办公室关于印发白槿县道路交通安全整治方案的通知

白政办发〔2025〕7号

各乡镇人民政府：

现将《白槿县道路交通安全整治方案》印发给你们。

白槿县人民政府办公室

2025年3月9日

白槿县道路交通安全整治方案

一、整治农村道路隐患。排查临水临崖路段120处。（责任单位：县交通运输局、县公安局）
""",
}


@pytest.fixture(scope="module")
def opened(empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    corpus = tmp_path_factory.mktemp("corpus")
    index = copytree(empty_index, tmp_path_factory.mktemp("answers") / "index")
    for name, text in FILES.items():
        (corpus / f"{name}.txt").write_text(text, "utf-8")
    assert not build(corpus, index, load_encoder()).failures
    with KnowledgeBase.open(index, load_encoder()) as knowledge_base:
        yield knowledge_base


def told(opened: KnowledgeBase, question: str) -> list[str]:
    return [unit.organization for unit in opened.who(question).units]


def test_a_party_office_speaks_for_its_own_county_only(opened: KnowledgeBase) -> None:
    assert told(opened, "沅桥县老年食堂谁负责") == told(opened, "老年食堂谁负责") == ["沅桥县民政局"]
    assert told(opened, "白槿县老年食堂谁负责") == []
