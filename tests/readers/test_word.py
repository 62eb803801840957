"""Word documents as offices keep them: content controls, hidden and struck text, ruby, tracked changes, the strict form."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pytest
from answers import is_linear
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from kb.ingest.analysis import analyse
from kb.readers import read_document
from kb.readers.breaks import paragraph_lines

STRICT = (
    ("http://schemas.openxmlformats.org/wordprocessingml/2006/", "http://purl.oclc.org/ooxml/wordprocessingml/"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)


def body(path: Path, xml: str) -> Path:
    """A document with one stretch of markup as its text."""
    document = docx.Document()
    element = document.element.body
    for child in parse_xml(f"<w:body {nsdecls('w')}>{xml}</w:body>"):
        element.insert(len(element) - 1, child)
    document.save(str(path))
    return path


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def row(*cells: str, properties: str = "") -> str:
    inside = "".join(cell if cell.startswith("<") else f"<w:tc>{paragraph(run(cell))}</w:tc>" for cell in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def control(content: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"


HEAD = row("任务", "责任单位", "完成时限")
TASK = "新建水厂3座。（责任单位：市水务局；完成时限：2027年底）"


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        pytest.param([HEAD, control(row("新建水厂3座", "市水务局", "2027年底"))], [TASK], id="row in a control"),
        pytest.param(
            [HEAD, row("新建水厂3座", control(f"<w:tc>{paragraph(run('市水务局'))}</w:tc>"), "2027年底")],
            [TASK],
            id="cell in a control",
        ),
        pytest.param(
            [HEAD, row("新建水厂3座", "市水务局", "2027年底"), row("关闭水厂", "市财政局", "", properties="<w:del/>")],
            [TASK],
            id="deleted row",
        ),
        pytest.param(
            [row("类别", "任务", "责任单位"), row("新建水厂", "市水务局", properties='<w:gridBefore w:val="1"/>')],
            ["新建水厂。（责任单位：市水务局）"],
            id="row that begins in the second column",
        ),
    ],
)  # fmt: skip
def test_rows(rows: Sequence[str], lines: list[str], tmp_path: Path) -> None:
    path = body(tmp_path / "plan.docx", f"<w:tbl>{''.join(rows)}</w:tbl>")
    assert read_document(path).text.split("\n") == lines


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        pytest.param([run("市水务局牵头。"), run("改为市城管局", "<w:vanish/>")], "市水务局牵头。", id="hidden"),
        pytest.param([run("市水务局", '<w:vanish w:val="0"/>'), run("牵头。")], "市水务局牵头。", id="not hidden"),
        pytest.param([run("市城管局", "<w:strike/>"), run("市水务局牵头。")], "市水务局牵头。", id="struck out"),
        pytest.param([run("市城管局", "<w:dstrike/>"), run("市水务局牵头。")], "市水务局牵头。", id="struck out twice"),
        pytest.param(
            [f"<w:r><w:ruby><w:rt>{run('shui')}</w:rt><w:rubyBase>{run('市水务局')}</w:rubyBase></w:ruby></w:r>"],
            "市水务局",
            id="ruby",
        ),
        pytest.param([control(run("市水务局")), run("牵头。")], "市水务局牵头。", id="control in a line"),
    ],
)
def test_runs(runs: Sequence[str], text: str, tmp_path: Path) -> None:
    source = read_document(body(tmp_path / "plan.docx", paragraph(*runs)))
    assert source.text == text
    assert len(source.printed) == len("".join(text.split()))  # what is not displayed does not count as lost


def rewritten(path: Path, renamed: str = "") -> Path:
    """The same document in the strict form, and with its text in another part."""
    result = path.with_name("rewritten.docx")
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(result, "w") as copy:
        for name in package.namelist():
            content = package.read(name).decode("utf-8", "surrogateescape")
            if name.endswith((".xml", ".rels")):
                for usual, strict in STRICT if not renamed else [("document.xml", renamed)]:
                    content = content.replace(usual, strict)
            target = name.replace("document.xml", renamed or "document.xml")
            copy.writestr(target, content.encode("utf-8", "surrogateescape"))
    return result


@pytest.mark.parametrize("renamed", ["", "document2.xml"], ids=["strict", "another part"])
def test_forms_of_the_package(renamed: str, tmp_path: Path) -> None:
    path = body(tmp_path / "plan.docx", paragraph(run("一、总体要求")) + paragraph(run("市水务局牵头。")))
    assert read_document(rewritten(path, renamed)).text == "一、总体要求\n市水务局牵头。"


def headed(path: Path) -> Path:
    """A plan whose sections have headings by style, without numbers."""
    document = docx.Document()
    for text, level in (
        ("滨江市养老服务实施方案", 1), ("为做好工作，制定本方案。", 0),
        ("总体要求", 1), ("到2025年，新建食堂30家。", 0),
        ("重点任务", 1), ("完善设施", 2), ("新建站点20个。（责任单位：市民政局）", 0), ("加强队伍", 2), ("1.培训护理员500人。", 0), ("2.引进专家10名。", 0),
        ("保障措施", 1), ("加强领导。", 0),
    ):  # fmt: skip
        document.add_heading(text, level) if level else document.add_paragraph(text)
    document.save(str(path))
    return path


def write_marked(path: Path) -> Path:
    lines = [
        "# 滨江市养老服务实施方案",
        "为做好工作，制定本方案。",
        "## 总体要求",
        "到2025年，新建食堂30家。",
        "## 重点任务",
        "### 完善设施",
    ]
    lines += [
        "新建站点20个。（责任单位：市民政局）",
        "### 加强队伍",
        "1. 培训护理员500人。\n2. 引进专家10名。",
        "## 保障措施",
        "加强领导。",
    ]
    path.write_text("\n\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize("write", [headed, write_marked], ids=["Word", "Markdown"])
def test_headings_by_style(write: Callable[[Path], Path], tmp_path: Path) -> None:
    parsed = analyse(write(tmp_path / ("plan.docx" if write is headed else "plan.md")))
    assert parsed.document.title == "滨江市养老服务实施方案"
    assert [(clause.num, clause.path) for clause in parsed.clauses if clause.part == "body"] == [
        ("", ("总体要求",)),
        ("", ("重点任务",)),
        ("", ("重点任务", "完善设施")),
        ("", ("重点任务", "加强队伍")),
        ("1.", ("重点任务", "加强队伍", "1.")),
        ("2.", ("重点任务", "加强队伍", "2.")),
        ("", ("保障措施",)),
    ]


def test_headings_of_the_plan_are_none_of_its_attachment(tmp_path: Path) -> None:
    lines = [
        "# 滨江市养老服务实施方案", "## 总体要求", "到2025年，新建食堂30家。", "## 重点任务", "新建站点20个。（责任单位：市民政局）",
        "滨江市人民政府", "2024年3月5日", "附件", "养老服务补贴标准", "每人每月补贴200元。",
    ]  # fmt: skip
    (tmp_path / "plan.md").write_text("\n\n".join(lines), "utf-8")
    clauses = analyse(tmp_path / "plan.md").clauses
    assert [clause.path for clause in clauses if clause.part == "body"] == [("总体要求",), ("重点任务",)]
    assert [clause.id for clause in clauses if clause.part == "attachment"] == ["plan#附件"]


def test_numbered_headings_say_their_level_themselves(tmp_path: Path) -> None:
    document = docx.Document()
    for text, level in (
        ("一、总体要求", 1),
        ("坚持统筹。", 0),
        ("（一）目标", 2),
        ("新建食堂30家。", 0),
        ("附注说明", 2),
        ("另行通知。", 0),
    ):
        document.add_heading(text, level) if level else document.add_paragraph(text)
    document.save(str(tmp_path / "plan.docx"))
    assert [clause.num for clause in analyse(tmp_path / "plan.docx").clauses] == ["一、", "（一）"]


def test_footnotes_stand_behind_the_text(tmp_path: Path) -> None:
    text = "".join(
        paragraph(run(line))
        for line in ("滨江市供水方案", "一、重点任务", "建设智慧水厂。", "二、保障措施", "加强领导。")
    )
    path = body(tmp_path / "plan.docx", text)
    mark = "<w:r><w:footnoteRef/></w:r>"
    notes = f'<w:footnote w:type="separator" w:id="0">{paragraph(run("线"))}</w:footnote><w:footnote w:id="1">{paragraph(mark, run("智慧水厂指全流程自动运行的水厂。"))}</w:footnote>'
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("word/footnotes.xml", f"<w:footnotes {nsdecls('w')}>{notes}</w:footnotes>")
        package.writestr(
            "word/comments.xml",
            f"<w:comments {nsdecls('w')}><w:comment w:id='1'>{paragraph(run('请核对'))}</w:comment></w:comments>",
        )
    parsed = analyse(path)
    assert [(clause.id.split("#")[1], clause.text) for clause in parsed.clauses][1:] == [
        ("一", "一、重点任务\n建设智慧水厂。"),
        ("二", "二、保障措施\n加强领导。"),
        ("附件", "附注"),
        ("附件.1", "1.智慧水厂指全流程自动运行的水厂。"),
    ]
    assert "请核对" not in parsed.document.text


def test_lines_that_begin_as_the_one_before_are_no_repetition(tmp_path: Path) -> None:
    document = docx.Document()
    names = [
        "青石县",
        "青石县第一中学",
        "青石县第一中学附属小学",
        "青石县第二中学",
        "青石县第二中学分校",
        "青石县第二中学分校",
    ]
    for line in ("滨江市示范学校名单", *names):
        document.add_paragraph(line)
    document.save(str(tmp_path / "names.docx"))
    found = analyse(tmp_path / "names.docx")
    assert found.document.coverage == 1
    assert "青石县第一中学附属小学" in found.clauses[-1].text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("（一）\n新建水厂3座，由市水务局\n牵头，2026年底前完成。", ["（一）新建水厂3座，由市水务局牵头，2026年底前完成。"]),
        ("（二）建设平台，到2027年建成\n监测点30处。\n（责任单位：市数据局、\n市水务局）", ["（二）建设平台，到2027年建成监测点30处。", "（责任单位：市数据局、市水务局）"]),
        ("滨江市人民政府关于印发\n《滨江市供水方案》的通知", ["滨江市人民政府关于印发", "《滨江市供水方案》的通知"]),
        ("特此通知，请遵照执行\n滨江市水务局\n2025年3月5日", ["特此通知，请遵照执行", "滨江市水务局", "2025年3月5日"]),
        ("一、更新管网120公里，改造泵站\n二、建设水厂", ["一、更新管网120公里，改造泵站", "二、建设水厂"]),
        ("联系人：张三，水务局\n电话：0000-1234567", ["联系人：张三，水务局", "电话：0000-1234567"]),
        ("一、\n二、", ["一、", "二、"]),
    ],
)  # fmt: skip
def test_breaks_inside_a_paragraph(text: str, lines: list[str]) -> None:
    assert paragraph_lines(text) == lines


@pytest.mark.parametrize("unit", ["3", "3甲\n", "2026年新建水厂3座\n", "1、，\n", "，\n", " "])
def test_the_cost_of_breaks_is_linear(unit: str) -> None:
    assert is_linear(lambda length: paragraph_lines(unit * (length // len(unit))), 10_000)
