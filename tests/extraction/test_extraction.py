"""What a whole reading finds: each kind of fact as by itself, each row of a table with its units."""

from __future__ import annotations

from plans import FOUNDING_PLAN

from kb.extraction import FINDERS, extract, find
from kb.models import SourceText
from kb.parsing import parse
from kb.readers import read_document


def test_one_kind_alone_is_what_all_together_find() -> None:
    document, passages = parse(read_document(FOUNDING_PLAN))
    parsed = extract(document, passages)
    for kind in FINDERS:
        assert find(kind, document, passages) == getattr(parsed, kind) != ()


def test_a_row_that_shares_its_number_with_the_row_above_has_its_own_units() -> None:
    text = """滨江市重点任务分工表
序号
工作事项
主要内容
牵头单位
配合单位
1
增加托位。
新建托育中心3所。
各区政府
市卫生健康委
培训保育员200人。
市人社局
/
2
改造小区。
改造老旧小区12个。
市住建局、市城管局
市财政局
"""
    found = extract(*parse(SourceText("plan.txt", text, "0" * 64))).responsibilities
    assert [(one.clause_id[: len("plan#1")], one.role, one.unit) for one in found] == [
        ("plan#1", "lead", "各区政府"),
        ("plan#1", "support", "市卫生健康委"),
        ("plan#1", "lead", "市人社局"),
        ("plan#2", "lead", "市住建局"),
        ("plan#2", "lead", "市城管局"),
        ("plan#2", "support", "市财政局"),
    ]
