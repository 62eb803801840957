"""The list of what is due: each task once, by its most precise date; plans' own aims and earlier versions left out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.models import DueQuery

PLAN = """滨江市水利局关于印发滨江市水闸检修方案的通知

滨水发〔2026〕3号

2026年1月8日

一、总体目标

到2027年底，全市水闸运行更加安全可靠。

二、检修闸门。2026年完成全部闸门检修，2026年6月底前完成120座。（责任单位：市水利局）

三、更新设备。2026年9月底前更新启闭设备30台，2027年3月底前更新40台。（责任单位：市水利局、市财政局）

四、报送进度。每月25日前报送进度。（责任单位：各县区水利局）

五、2026年重点工作

围绕全年目标，重点抓好以下工作。

（一）清理渠道。组织沿线清理渠道。（责任单位：市水利局）

附件：滨江市2026年10月底前更换闸门清单

附件

滨江市2026年10月底前更换闸门清单

1.北闸。2026年8月底前更换闸门6扇。（责任单位：市水利局）
"""


@pytest.fixture(scope="module")
def kb(empty_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("dues")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "shuizha.txt").write_text(PLAN, "utf-8")
    shutil.copytree(empty_index, folder / "index")
    build(folder / "corpus", folder / "index", load_encoder())
    with KnowledgeBase.open(folder / "index") as opened:
        yield opened


def listed(kb: KnowledgeBase, **asked: object) -> list[tuple[str, str]]:
    _, tasks = kb.aggregations.due(DueQuery(**asked))  # type: ignore[arg-type]
    return [(task.due or task.recurrence, task.facts.clause.id.rpartition("#")[2]) for task in tasks]


def test_each_task_once(kb: KnowledgeBase) -> None:
    assert listed(kb) == [("2026-06", "二"), ("2026-08", "附件.1"), ("2026-09", "三")]


def test_the_title_of_an_attachment_is_no_task(kb: KnowledgeBase) -> None:
    assert listed(kb, since="2026-10", until="2026-10") == []


def test_a_year_that_is_said_more_precisely_is_no_date(kb: KnowledgeBase) -> None:
    assert listed(kb, since="2026-12", until="2026-12") == []


def test_the_date_within_the_period_counts(kb: KnowledgeBase) -> None:
    assert listed(kb, since="2027") == [("2027-03", "三")]
    assert listed(kb, descending=True) == [("2027-03", "三"), ("2026-08", "附件.1"), ("2026-06", "二")]


def test_what_comes_back(kb: KnowledgeBase) -> None:
    assert listed(kb, recurring=True) == [("每月25日前", "四")]


def test_of_whom_and_from_where(kb: KnowledgeBase) -> None:
    assert listed(kb, unit="市财政局") == [("2026-09", "三")]
    assert listed(kb, place="滨江市", since="2026-09") == [("2026-09", "三")]
    assert listed(kb, place="青石县") == []
    tallies = kb.aggregations.due_tallies()
    assert [(one.name, one.count) for one in tallies.by_unit] == [("滨江市水利局", 3), ("滨江市财政局", 1)]
    assert [(one.name, one.count) for one in tallies.by_place] == [("滨江市", 3)]
    assert [(one.id, one.count) for one in kb.aggregations.due_by_month(DueQuery(until="2026"))] == [
        ("2026-06", 1),
        ("2026-08", 1),
        ("2026-09", 1),
    ]
