"""Lists of repealed documents in annexes: what they name is repealed; what is listed as kept is not."""

from __future__ import annotations

from pathlib import Path

from kb.ingest.analysis import analyse
from kb.models import Citation

DECISION = """湘河市人民政府关于废止和修改部分规范性文件的决定

湘政发〔2023〕5号

各县区人民政府：

经研究，决定对《湘河市粮食管理办法》等3件规范性文件予以废止（见附件1），对1件规范性文件予以修改（见附件2）。

湘河市人民政府

2023年5月4日

附件1

决定废止的规范性文件目录

1. 湘河市粮食管理办法（湘政发〔2001〕12号）

   发布时间、机关与文号：2001年3月4日市政府印发

2. 关于印发《湘河市烟花爆竹管理规定》的通知（湘政办发〔2005〕3号）

3. 《湘河市户外广告管理规定（试行）》（湘政发〔2008〕7号）

附件2

继续有效的规范性文件目录

1. 湘河市供水办法（湘政发〔2015〕9号）
"""
PLAN = """湘河市教育行动方案

一、重点任务

1. 湘河市粮食管理办法

2. 《湘河市户外广告管理规定》
"""


def cited(folder: Path, text: str) -> tuple[Citation, ...]:
    path = folder / "text.txt"
    path.write_text(text, "utf-8")
    return analyse(path).citations


def test_an_annex_lists_what_is_repealed(tmp_path: Path) -> None:
    found = cited(tmp_path, DECISION)
    repealed = [(one.title, one.document_number) for one in found if one.relation == "repeals" and one.document_number]
    assert repealed == [
        ("湘河市粮食管理办法", "湘政发〔2001〕12号"),
        ("关于印发《湘河市烟花爆竹管理规定》的通知", "湘政办发〔2005〕3号"),
        ("湘河市户外广告管理规定（试行）", "湘政发〔2008〕7号"),
    ]
    assert "湘河市供水办法" not in {one.title for one in found if one.relation == "repeals"}


def test_an_item_is_dated_by_what_stands_behind_it(tmp_path: Path) -> None:
    dated = [one.issued_on for one in cited(tmp_path, DECISION) if one.rule == "listed"]
    assert dated == ["2001-03-04", ""]


def test_numbered_titles_elsewhere_are_no_repeals(tmp_path: Path) -> None:
    assert [(one.title, one.relation) for one in cited(tmp_path, PLAN)] == [("湘河市户外广告管理规定", "mentions")]
