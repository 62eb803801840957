"""The responsibility ledger (责任分解表): its rows, the workbook, the comma-separated text."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from plans import FOUNDING_PLAN

from kb.export import ledger, ledger_of, title_of_dates, write_csv, write_docx, write_xlsx
from kb.export.matrix import MATRIX, sign, units_of
from kb.ingest.analysis import analyse
from kb.models import (
    Clause,
    ClauseFacts,
    Deadline,
    Document,
    DueQuery,
    LedgerRow,
    ParsedDocument,
    Responsibility,
    Role,
    Target,
)

HEAD = ["序号", "任务", "内容", "牵头单位", "责任单位", "配合单位", "目标", "时限", "依据"]
EVERYWHERE = ("各县市区人民政府", "园区管委会", "示范区管委会")


@pytest.fixture(scope="module")
def plan() -> ParsedDocument:
    return analyse(FOUNDING_PLAN)


@pytest.fixture(scope="module")
def rows(plan: ParsedDocument) -> tuple[LedgerRow, ...]:
    return ledger(plan)


# --- rows -----------------------------------------------------------------------------------------


def test_founding_plan_has_a_row_for_each_task(rows: tuple[LedgerRow, ...]) -> None:
    assert [row.number for row in rows] == list(range(1, 12))
    assert [row.task for row in rows] == [
        "“五育并举”传承红色基因",
        "推进学前教育普惠发展",
        "统筹义务教育优质均衡发展",
        "提升“智慧教育”支撑水平",
        "促进普通高中创新特色发展",
        "严格规范招生考试管理",
        "加强教育科研工作",
        "健全办学体制机制",
        "深化用人机制改革",
        "强化评价激励机制",
        "加强党的领导",  # no mark: running text says whose duty it is
    ]
    assert all(row.responsible[:3] == EVERYWHERE for row in rows[:10])
    assert rows[10].responsible == ("各级党委和政府",)
    assert not any(row.lead or row.support for row in rows)


def test_founding_plan_row_in_full(rows: tuple[LedgerRow, ...]) -> None:
    row = rows[1]
    assert row.clause_id == "xiangtan-jichu-jiaoyu#二.一.2"
    assert row.responsible == (
        *EVERYWHERE,
        *("市委编办", "市财政局", "市教育局", "市自然资源规划局", "市住房城乡建设局"),
    )
    assert row.content.startswith("加大公办园建设力度,确保每个乡镇(街道)有1所公办幼儿园")
    assert row.content.endswith("持续清理整治无证幼儿园和学前教育小学化倾向。")
    assert any("超过60%" in target for target in row.targets)


def test_a_lost_number_is_said_to_be_lost(rows: tuple[LedgerRow, ...]) -> None:
    assert any("学校%设立心理咨询室（原文数字缺失）" in target for target in rows[0].targets)


def test_no_content_repeats_number_heading_or_mark(rows: tuple[LedgerRow, ...]) -> None:
    for row in rows:
        assert not row.content.startswith(row.task)
        assert "责任单位" not in row.content


def document(text: str, *units: tuple[str, Role], heading: str = "", **facts: object) -> ParsedDocument:
    """One clause "1." with the text, made the task of the units."""
    clause = Clause("d#1", "d", None, "1.", heading, 0, len(text), (heading,), text)
    named = tuple(Responsibility("d#1", unit, 0, 0, "test", unit, role) for unit, role in units)
    return ParsedDocument(
        document=Document("d", text, "", "d.txt"),
        clauses=(clause,),
        responsibilities=named,
        **facts,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("text", "heading", "task", "content"),
    [
        ("1.建设校舍。新建120所。（责任单位：甲局）", "建设校舍", "建设校舍", "新建120所。"),
        ("1.新建校舍120所。改造50所。（甲局牵头）", "", "新建校舍120所。", "新建校舍120所。改造50所。"),
        ("1.新建校舍120所（含乡镇）。", "", "新建校舍120所（含乡镇）。", "新建校舍120所（含乡镇）。"),
        ("1.建设校舍。新建120所。责任单位：甲局", "建设校舍", "建设校舍", "新建120所。责任单位：甲局"),
        ("1.建设校舍。\n(责任单位:甲局)", "建设校舍", "建设校舍", "建设校舍"),
        ("1.建设校舍（责任单位：甲局）", "建设校舍（责任单位：甲局）", "建设校舍", "建设校舍"),
        ("1.建设校舍（责任单位：甲局）\n新建120所。", "建设校舍（责任单位：甲局）", "建设校舍", "新建120所。"),
    ],
)
def test_wording_of_a_row(text: str, heading: str, task: str, content: str) -> None:
    [row] = ledger(document(text, ("甲局", "responsible"), heading=heading))
    assert (row.task, row.content) == (task, content)


def test_units_stand_in_the_column_of_their_role_once() -> None:
    parsed = document("1.做事。", ("甲局", "lead"), ("乙局", "support"), ("丙局", "responsible"), ("乙局", "support"))
    [row] = ledger(parsed)
    assert (row.lead, row.responsible, row.support) == (("甲局",), ("丙局",), ("乙局",))


def test_nobodys_clause_is_no_row() -> None:
    assert ledger(document("1.做事。")) == ()


def test_dates_are_written_as_staff_write_them() -> None:
    def due(*dates: str) -> tuple[Deadline, ...]:
        return tuple(Deadline("d#1", "x", 0, 1, "test", due=date) for date in dates)

    target = Target("d#1", "60%", 0, 3, "test", "占比", ">=", 60, "%", due="2027")
    often = Deadline("d#1", "每年", 0, 2, "test", recurrence="每年")
    wrapped = Deadline("d#1", "规划\n期内", 0, 5, "test")
    parsed = document(
        "1.做事。",
        ("甲局", "lead"),
        deadlines=(*due("2025", "2025-06", "2025-06-05"), often, wrapped),
        targets=(target,),
    )
    [row] = ledger(parsed)
    assert row.deadlines == ("2025年", "2025年6月", "2025年6月5日", "每年", "规划期内", "2027年")
    assert row.targets == ("占比：60%",)


# --- workbook -------------------------------------------------------------------------------------


def sheet_of(content: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def test_workbook_holds_title_head_and_rows(plan: ParsedDocument, rows: tuple[LedgerRow, ...]) -> None:
    sheet = sheet_of(write_xlsx(plan.document.title, rows))
    assert sheet.title == "责任分解表"
    assert sheet["A1"].value == "湘潭市推进基础教育补短板强弱项实施方案责任分解表"
    table = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
    assert table[0] == [*HEAD, "完成情况", "备注"]
    assert [line[0] for line in table[1:]] == list(range(1, 12))
    assert table[2] == [
        2, rows[1].task, rows[1].content, None, "、".join(rows[1].responsible), None, "；".join(rows[1].targets), "；".join(rows[1].deadlines) or None, f"《{plan.document.title}》二.一.2", None, None,
    ]  # fmt: skip


def test_workbook_prints_on_a4_landscape_with_its_head_on_every_page(rows: tuple[LedgerRow, ...]) -> None:
    sheet = sheet_of(write_xlsx("方案", rows))
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == ("9", "landscape") or (
        sheet.page_setup.paperSize,
        sheet.page_setup.orientation,
    ) == (9, "landscape")
    assert sheet.print_title_rows == "$2:$2"
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.freeze_panes == "C3"
    assert "&P" in str(sheet.oddFooter.center.text)
    for line in sheet.iter_rows(min_row=3):
        assert all(cell.alignment.wrap_text for cell in line)
        height = sheet.row_dimensions[line[0].row].height
        assert height is not None
        assert 0 < height <= 409


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0"]


def hostile(text: str) -> LedgerRow:
    return LedgerRow(1, "d#1", text, text, (text,), (text,), (text,), (text,), (text,))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(text: str) -> None:
    sheet = sheet_of(write_xlsx(text, [hostile(text)]))
    cells = [sheet["A1"], *sheet[3][1:-3]]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    written = write_csv([hostile(text)]).decode("utf-8-sig")
    [_, line] = csv.reader(io.StringIO(written, newline=""))
    assert line == ["1", *[f"'{text}"] * 7, "d 1"]


@pytest.mark.parametrize("text", ["＝", "-", "+"])
def test_a_sign_alone_stays_as_it_is(text: str) -> None:
    """Such as those between indicator and value."""
    [_, line] = csv.reader(io.StringIO(write_csv([hostile(text)]).decode("utf-8-sig"), newline=""))
    assert line == ["1", *[text] * 7, "d 1"]


def test_word_document_holds_the_same_table(plan: ParsedDocument, rows: tuple[LedgerRow, ...]) -> None:
    document = docx.Document(io.BytesIO(write_docx(plan.document.title, rows)))
    assert document.paragraphs[0].text == f"{plan.document.title}责任分解表"
    [table] = document.tables
    lines = [[cell.text for cell in row.cells] for row in table.rows]
    assert lines[0] == [*HEAD, "完成情况", "备注"]
    sheet = sheet_of(write_xlsx(plan.document.title, rows))
    assert lines[1:] == [
        ["" if value is None else str(value) for value in row] for row in sheet.iter_rows(min_row=3, values_only=True)
    ]
    assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    section = document.sections[0]
    assert section.page_width > section.page_height
    width = sum(column.width for column in table.columns)
    assert width == pytest.approx(section.page_width - section.left_margin - section.right_margin, rel=0.001)


def test_word_takes_what_xml_does_not(rows: tuple[LedgerRow, ...]) -> None:
    [table] = docx.Document(io.BytesIO(write_docx("方\x00案", [hostile("a\x01b\ufffe")]))).tables
    assert table.rows[1].cells[1].text == "ab"


def test_head_of_a_sheet_filters(rows: tuple[LedgerRow, ...]) -> None:
    assert sheet_of(write_xlsx("方案", rows)).auto_filter.ref == f"A2:K{2 + len(rows)}"


def test_a_document_without_a_title_is_named_by_its_id() -> None:
    [_, line] = csv.reader(io.StringIO(write_csv([hostile("x")]).decode("utf-8-sig"), newline=""))
    assert line[-1] == "d 1"
    assert "《》" not in line


def test_matrix_shows_what_can_be_read_and_says_what_it_leaves_out() -> None:
    several = [
        LedgerRow(n, f"d#{n}", f"事{n}", "", tuple(f"局{n}-{k}" for k in range(5)), (), (), (), ())
        for n in range(1, 521)
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx("方案", several)))[MATRIX]
    assert (sheet.max_row, sheet.max_column) == (3 + 100, 2 + 40)
    assert "未列 2560 个任务较少的单位、420 项排在后面的任务" in str(sheet["A2"].value)


def test_a_document_with_many_tasks_begins_on_a_page_of_its_own() -> None:
    documents = ["少"] * 3 + ["多"] * 30 + ["少二"] * 2 + ["少三"] * 2
    several = [
        LedgerRow(n, f"{one}#{n}", f"事{n}", "", ("局",), (), (), (), ()) for n, one in enumerate(documents, start=1)
    ]
    sheet = sheet_of(write_xlsx("市水利局", several))
    assert [(each.id, sheet.cell(each.id + 1, 2).value) for each in sheet.row_breaks.brk] == [(5, "事4"), (35, "事34")]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        (DueQuery(), "到期清单"),
        (DueQuery(since="2026-12", until="2026-12", unit="滨江市水利局"), "滨江市水利局2026年12月到期清单"),
        (DueQuery(until="2026-11-29", place="青石县"), "青石县截至2026年11月29日到期清单"),
        (DueQuery(since="2026-11-30", until="2026-12-30"), "2026年11月30日至2026年12月30日到期清单"),
        (DueQuery(since="2026-11-30", unit="领导小组@方案"), "领导小组2026年11月30日起到期清单"),
        (DueQuery(recurring=True), "定期任务到期清单"),
    ],
)
def test_a_list_of_dates_says_of_when_and_whom(query: DueQuery, title: str) -> None:
    assert title_of_dates(query) == title
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(title, [hostile("清理渠道")])))
    assert book.sheetnames == ["到期清单"]
    assert sheet_of(write_xlsx(title, ()))["A1"].value == title


def test_control_characters_do_not_break_the_workbook() -> None:
    text = "教" + "".join(map(chr, range(32))) + "育\ufffe\ud7ff𠮷"
    sheet = sheet_of(write_xlsx(text, [hostile(text)]))
    assert str(sheet["B3"].value).startswith("教")
    assert str(sheet["B3"].value).endswith("𠮷")


def test_the_longest_clause_fits_into_a_cell() -> None:
    text = "长" * 40_000
    sheet = sheet_of(write_xlsx("方案", [LedgerRow(1, "d#1", "任务", text, (), (), (), (), ())]))
    assert 0 < len(str(sheet["C3"].value)) <= 32_767


def test_an_empty_ledger_is_still_a_table() -> None:
    assert [cell.value for cell in sheet_of(write_xlsx("方案", ()))[2]] == [*HEAD, "完成情况", "备注"]
    assert write_csv(()).decode("utf-8-sig") == ",".join(HEAD) + "\r\n"


def test_csv_is_what_excel_reads(rows: tuple[LedgerRow, ...], tmp_path: Path) -> None:
    content = write_csv(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == 12
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert table[0] == HEAD
    assert [line[1] for line in table[1:]] == [row.task for row in rows]
    assert table[2][4] == "、".join(rows[1].responsible)


# --- several documents, and the matrix ------------------------------------------------------------


def facts(document_id: str, *units: tuple[str, str, Role]) -> ClauseFacts:
    """A clause of a document that makes these units (as printed, and by their ids) responsible."""
    clause = Clause(f"{document_id}#一", document_id, None, "一、", "做事", 0, 4, ("做事",), "一、做事")
    named = tuple(Responsibility(clause.id, unit, 0, 0, "test", unit, role, id_) for unit, id_, role in units)
    return ClauseFacts(clause=clause, document_title=f"{document_id}方案", responsibilities=named)


def test_units_of_several_documents_go_by_their_official_names() -> None:
    first = facts("湘潭", ("市教育局", "湘潭市教育局", "lead"), ("有关部门", "有关部门@湘潭", "support"))
    second = facts("长沙", ("市教育局", "长沙市教育局", "responsible"))
    rows = ledger_of([first, second, first])
    assert [(row.number, row.lead, row.responsible, row.support) for row in rows] == [
        (1, ("湘潭市教育局",), (), ("有关部门",)),
        (2, (), ("长沙市教育局",), ()),
    ]
    [_, *lines] = csv.reader(io.StringIO(write_csv(rows).decode("utf-8-sig"), newline=""))
    assert [line[-1] for line in lines] == ["《湘潭方案》一", "《长沙方案》一"]


def test_matrix_has_the_sign_of_each_unit_at_each_task() -> None:
    one = LedgerRow(1, "d#1", "甲事", "", ("甲局",), ("乙局",), ("甲局", "丙局"), (), ())
    two = LedgerRow(2, "d#2", "乙事", "", (), ("丙局",), (), (), ())
    assert units_of([one, two]) == ("甲局", "丙局", "乙局")
    assert [[sign(row, unit) for unit in units_of([one, two])] for row in (one, two)] == [
        ["●", "△", "○"],
        ["", "○", ""],
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx("方案", [one, two])))[MATRIX]
    table = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=3)]
    assert table == [
        ["序号", "任务", "甲局", "丙局", "乙局"],
        [1, "甲事", "●", "△", "○"],
        [2, "乙事", None, "○", None],
    ]


def test_matrix_of_the_founding_plan_prints_with_its_head(rows: tuple[LedgerRow, ...]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx("方案", rows)))[MATRIX]
    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.max_row == 3 + len(rows)
    assert [cell.value for cell in sheet[4]][2:5] == ["○"] * 3


def test_matrix_of_nobody_is_still_a_sheet() -> None:
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(write_xlsx("方案", ())))[MATRIX][3]][:2] == [
        "序号",
        "任务",
    ]


def test_page_column_only_where_there_are_pages(rows: tuple[LedgerRow, ...]) -> None:
    assert next(csv.reader(io.StringIO(write_csv(rows).decode("utf-8-sig")))) == HEAD
    printed = (replace(rows[0], page=3), replace(rows[1], page=4, ocr="doubtful"), rows[2])
    table = list(csv.reader(io.StringIO(write_csv(printed).decode("utf-8-sig"))))
    assert [row[-1] for row in table] == ["页码", "3", "4（存疑）", ""]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx("某方案", printed))).worksheets[0]
    assert [cell.value for cell in sheet["J"]][1:] == ["页码", "3", "4（存疑）", None]
