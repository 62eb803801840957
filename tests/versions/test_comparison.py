"""Two versions of a plan: what was added, removed and changed, whatever the numbers say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from kb.cli.asking import diff
from kb.encoders import load_encoder
from kb.errors import NotInKnowledgeBase
from kb.ingest.analysis import analyse
from kb.ingest.build import build
from kb.models import ParsedDocument, Span
from kb.versions.comparison import compare
from kb.versions.edits import changed_words

OLD = """滨江市养老服务实施方案
一、总体要求
到2025年，新建社区食堂30家。
二、重点任务
（一）完善服务设施。建设嵌入式养老机构，优先利用闲置的学校和厂房。（牵头单位：市民政局；责任单位：市财政局）
（二）加强队伍建设。每年培训护理员500人次。（市人社局负责）
（三）推广家庭病床。为失能老年人提供上门医疗服务。（市卫生健康委负责）
"""
NEW = """滨江市养老服务实施方案
一、总体要求
到2025年，新建社区食堂40家。
二、重点任务
（一）建设智慧平台。建成覆盖全市的养老服务信息平台，实现一键呼叫。（市数据局负责）
（二）完善服务设施。建设嵌入式养老机构，优先利用闲置的学校和厂房。（牵头单位：市民政局；责任单位：市财政局、市住建局）
（三）加强队伍建设。每年培训护理员500人次。（市人社局负责）
"""


def parsed(folder: Path, name: str, text: str) -> ParsedDocument:
    path = folder / f"{name}.txt"
    path.write_text(text, "utf-8")
    return analyse(path)


def test_clauses_are_paired_by_what_they_say(tmp_path: Path) -> None:
    found = compare(parsed(tmp_path, "v1", OLD), parsed(tmp_path, "v2", NEW))
    assert (found.old_id, found.new_id) == ("v1", "v2")
    told = [(c.kind, c.old.heading if c.old else "", c.new.heading if c.new else "") for c in found.changes]
    assert told == [
        ("changed", "总体要求", "总体要求"),
        ("added", "", "建设智慧平台"),
        ("changed", "完善服务设施", "完善服务设施"),
        ("removed", "推广家庭病床", ""),
    ]
    first, added, facilities, removed = found.changes
    assert [(t.value) for t in first.targets_removed + first.targets_added] == [30, 40]
    assert [r.unit for r in added.responsibilities_added] == ["市数据局"]
    assert [r.unit for r in facilities.responsibilities_added] == ["市住建局"]
    assert facilities.responsibilities_removed == ()
    assert [r.unit for r in removed.responsibilities_removed] == ["市卫生健康委"]


def test_dates_that_came_and_went(tmp_path: Path) -> None:
    old = OLD.replace("优先利用闲置的学校和厂房。", "2026年12月底前完成建设。")
    new = old.replace("2026年12月底前", "2027年1月15日前")
    [change] = compare(parsed(tmp_path, "v1", old), parsed(tmp_path, "v2", new)).changes
    assert [deadline.due for deadline in change.deadlines_removed] == ["2026-12"]
    assert [deadline.due for deadline in change.deadlines_added] == ["2027-01-15"]
    assert change.has_facts


def test_nothing_changes_between_equal_texts_and_printed_variants(tmp_path: Path) -> None:
    same = OLD.replace("（", "(").replace("）", ")").replace("，", ",")
    assert compare(parsed(tmp_path, "v1", OLD), parsed(tmp_path, "v2", OLD)).changes == ()
    assert compare(parsed(tmp_path, "v1", OLD), parsed(tmp_path, "v3", same)).changes == ()


def test_added_and_removed_swap_with_the_direction(tmp_path: Path) -> None:
    old, new = parsed(tmp_path, "v1", OLD), parsed(tmp_path, "v2", NEW)
    there, back = compare(old, new).changes, compare(new, old).changes
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted(swapped[c.kind] for c in there) == sorted(c.kind for c in back)


def test_over_http_and_on_the_command_line(client: TestClient, index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = "/api/v1/documents/yunxi-yanglao/diff"
    answered = client.get(address, params={"since": "xiangtan-jichu-jiaoyu"})
    assert answered.status_code == 200
    kinds = {change["kind"] for change in answered.json()["changes"]}
    assert kinds >= {"added", "removed"}
    assert client.get(address, params={"since": "yunxi-yanglao"}).json()["changes"] == []
    assert client.get(address, params={"since": "absent"}).status_code == 404
    diff(["xiangtan-jichu-jiaoyu", "yunxi-yanglao"], index=index)
    said = capsys.readouterr().out
    assert "新增" in said
    assert "牵头 市民政局" in said


@pytest.mark.parametrize(
    ("old", "new", "removed", "added"),
    [
        ("到2024年达到60%", "到2025年达到65%", ["2024", "60%"], ["2025", "65%"]),
        ("市教育局牵头", "市教育局、市财政局牵头", [], ["、市财政局"]),
        ("（甲）一样", "(甲)一样", [], []),
        ("建设机构", "", ["建设机构"], []),
        ("新建甲、乙、丙所", "新建丁、戊、己所", ["甲、乙、丙"], ["丁、戊、己"]),
        ("增长1,200.5万元", "增长1,300.5万元", ["1,200.5"], ["1,300.5"]),
    ],
)
def test_words_that_changed(old: str, new: str, removed: list[str], added: list[str]) -> None:
    gone, come = changed_words(old, new)
    assert [old[span.start : span.end] for span in gone] == removed
    assert [new[span.start : span.end] for span in come] == added


@given(old=st.text("一二三、。12%a", max_size=40), new=st.text("一二三、。12%a", max_size=40))
def test_what_has_not_changed_is_left_of_both(old: str, new: str) -> None:
    gone, come = changed_words(old, new)

    def left(text: str, spans: tuple[Span, ...]) -> int:
        assert all(one.end + 2 < other.start for one, other in pairwise(spans))
        return len(text) - sum(span.end - span.start for span in spans)

    assert left(old, gone) >= 0
    assert left(new, come) >= 0
    assert (not gone and not come) == (old == new)


def test_a_changed_clause_says_which_words(tmp_path: Path) -> None:
    found = compare(parsed(tmp_path, "v1", OLD), parsed(tmp_path, "v2", NEW))
    [first, *_] = [change for change in found.changes if change.kind == "changed"]
    assert first.old
    assert first.new
    assert [first.old.text[span.start : span.end] for span in first.words_removed] == ["30"]
    assert [first.new.text[span.start : span.end] for span in first.words_added] == ["40"]


def test_a_clause_that_was_cut_is_the_same_clause_and_marks_at_its_end_are_no_change(tmp_path: Path) -> None:
    long = "建立养老服务联席会议制度，定期研究解决重大问题，督促检查工作落实。"
    old = f"滨江市养老服务办法\n第一条{long}联席会议由市政府分管负责同志召集，办公室设在市民政局，每季度召开一次全体会议，每年通报一次工作情况。\n"
    old += "第二条申请应当提交下列材料：\n（一）申请书；\n（二）身份证明。\n"
    new = f"滨江市养老服务办法\n第一条{long}\n第二条申请应当提交下列材料：\n（一）申请书；\n（二）身份证明；\n（三）健康状况证明材料。\n"
    found = compare(parsed(tmp_path, "v1", old), parsed(tmp_path, "v2", new)).changes
    assert [(c.kind, (c.new or c.old).num) for c in found if c.new or c.old] == [
        ("changed", "第一条"),
        ("added", "（三）"),
    ]  # type: ignore[union-attr]


def test_without_an_older_document_the_version_before_is_meant(
    tmp_path: Path, new_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, index = tmp_path / "corpus", new_index
    corpus.mkdir()
    for name, text, year in (("v1", OLD, 2021), ("v2", NEW, 2024)):
        (corpus / f"{name}.txt").write_text(f"{text}\n滨江市人民政府\n{year}年3月5日\n", "utf-8")
    build(corpus, index, load_encoder())
    diff(["v2"], index=index)
    said = "".join(capsys.readouterr().out.split())
    assert "新建社区食堂[-30-]家" in said
    assert "新建社区食堂{+40+}家" in said
    with pytest.raises(NotInKnowledgeBase, match="v1"):
        diff(["v1"], index=index)
    with TestClient(create_app(index)) as client:
        assert client.get("/api/v1/documents/v2/diff").json()["old_id"] == "v1"
        none = client.get("/api/v1/documents/v1/diff")
        assert (none.status_code, none.json()["code"]) == (404, "no-older-version")
