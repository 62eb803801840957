"""What an operator says of units is applied at the next build; what is wrong in it is said with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb.encoders import load_encoder
from kb.errors import UnreadableDocument
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import Organization, UnitQuery
from kb.organizations import read_review

PLAN = """湘潭市人民政府关于促进就业的实施意见

各县市区人民政府，市直有关部门：

一、加强职业培训。（牵头单位：市就业专班；责任单位：市直有关部门）
二、健全岗位信息发布制度。（责任单位：信息中心）
"""

REVIEW = """organizations:
- name: 湘潭市就业工作领导小组办公室
  aliases: [市就业专班]
  level: city
  jurisdiction: 湘潭市
  function: 就业
- name: 湘潭市市直有关部门
  aliases: 市直有关部门
  jurisdiction: 湘潭市
  members: [市教育局, 市人社局]
- name: 湘潭市就业信息中心
  aliases: [信息中心]
  documents: [plan]
  successor_of: [湘潭市劳动信息中心]
"""


@pytest.fixture
def corpus(tmp_path: Path, empty_index: Path) -> Path:
    """A folder with the plan, and an index to build beside it."""
    shutil.copytree(empty_index, tmp_path / "index")
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "plan.txt").write_text(PLAN, "utf-8")
    return folder


def names(corpus: Path) -> dict[str, str]:
    """What each unit of the corpus is called after a build, by a name of it."""
    report = build(corpus, corpus.parent / "index", load_encoder())
    assert not report.failures
    with KnowledgeBase.open(corpus.parent / "index", load_encoder()) as knowledge_base:
        return {name: knowledge_base.organization(name).name for name in ("市就业专班", "市直有关部门", "信息中心")}


def test_review_is_applied_at_the_next_build_and_taken_back(corpus: Path) -> None:
    before = names(corpus)
    assert before == {"市就业专班": "湘潭市就业专班", "市直有关部门": "市直有关部门", "信息中心": "信息中心"}
    (corpus / "organizations.yaml").write_text(REVIEW, "utf-8")
    assert names(corpus) == {
        "市就业专班": "湘潭市就业工作领导小组办公室",
        "市直有关部门": "湘潭市市直有关部门",
        "信息中心": "湘潭市就业信息中心",
    }
    with KnowledgeBase.open(corpus.parent / "index", load_encoder()) as knowledge_base:
        assert knowledge_base.organization("信息中心").successor_of == ("湘潭市劳动信息中心",)
        [task] = knowledge_base.tasks(knowledge_base.organization("湘潭市人社局").id)
        assert task.through == "湘潭市市直有关部门"
        assert knowledge_base.organization("湘潭市就业工作领导小组办公室").function == "就业"
    (corpus / "organizations.yaml").unlink()
    assert names(corpus) == before


def test_units_to_be_reviewed_are_listed(corpus: Path) -> None:
    names(corpus)
    with KnowledgeBase.open(corpus.parent / "index", load_encoder()) as knowledge_base:
        total, found = knowledge_base.organizations(UnitQuery(only_unresolved=True))
    assert total == 1
    assert [one.organization.name for one in found] == ["信息中心"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("organizations: [", "line 1: not YAML"),
        ("- name: 甲", "line 1: must hold fields and values: organizations"),
        ("units: []", "line 1: no such field: units"),
        ("organizations:\n  name: 甲", "line 2: a list of units under organizations: expected"),
        ("organizations:\n- aliases: [甲]", "line 2: name: missing"),
        ("organizations:\n- name: 甲\n  level: town hall", "line 3: level: must be one of national"),
        ("organizations:\n- name: 甲\n  alias: 乙", "line 3: no such field: alias"),
        ("organizations:\n- name: 甲\n  name: 乙", "line 3: name: said twice"),
        ("organizations:\n- name: 甲\n- name: 甲", "line 3: 甲 is there already, in line 2"),
        (
            "organizations:\n- {name: 甲, documents: [a, b]}\n- {name: 甲, documents: [b]}",
            "line 3: 甲 is there already, in line 2",
        ),
        ("organizations:\n- name: [甲]", "line 2: one value expected"),
        ("organizations:\n- name: 甲\n  members:\n  - {name: 乙}", "line 4: one value expected"),
        ("organizations:\n- 甲", "line 2: must hold fields and values"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "organizations.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(UnreadableDocument, match=r"organizations\.yaml: ") as error:
        read_review(path)
    assert str(error.value.reason).startswith(reason)


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "organizations.yaml"
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UnreadableDocument, match="not text in UTF-8"):
        read_review(path)


def test_no_file_says_nothing_and_a_bad_one_stops_the_build(corpus: Path) -> None:
    assert read_review(corpus / "organizations.yaml").of("甲", Organization("甲", "甲"), "plan") is None
    (corpus / "organizations.yaml").write_text("organizations:\n- 甲", "utf-8")
    with pytest.raises(UnreadableDocument, match="line 2"):
        build(corpus, corpus.parent / "index", load_encoder())
