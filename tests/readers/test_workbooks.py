"""Workbooks: cells as they are shown, several tables in a sheet, rows that are no task, what is hidden."""

from __future__ import annotations

import zipfile
from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest

from kb.errors import UnreadableDocument
from kb.ingest.analysis import analyse
from kb.readers import read_document, xlsx
from kb.readers.shown import shown
from kb.readers.table_heads import Beside
from kb.readers.tables import table_lines

DAY = datetime.fromisoformat("2025-12-01T08:05")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.65, "0%", "65%"), (0.955, "0.0%", "95.5%"), (1100.9, "#,##0.0", "1,100.9"), (132000, "#,##0", "132,000"),
        (3.0, "General", "3"), (0.1 + 0.2, "General", "0.3"), (1e16, "General", "10000000000000000"), (12, "000", "012"),
        (-5, "0;(0)", "(5)"), (-5, "0", "-5"), (0, '#,##0;-#,##0;"-"', "-"), (7, ";;;", ""), (12, "@", "12"),
        (12.5, "[$¥-804]#,##0.00", "¥12.50"), (20, '0"个"', "20个"), (20, 'General"个"', "20个"), (1, "[Red]0.0;[Blue]-0.0", "1.0"),
        (1234567, '0.0,"千"', "1234.6千"), (2.5, "0", "3"), (0.5, "# ?/?", "0.5"), (True, "General", "TRUE"), (None, "0%", ""),
        (8, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "8"), ("2025年底", "0%", "2025年底"), ('=DISPIMG("ID_1F",1)', "General", ""),
        (DAY, 'yyyy"年"m"月"', "2025年12月"), (DAY, '[$-804]yyyy"年"m"月"d"日";@', "2025年12月1日"), (DAY, "yyyy\\.mm", "2025.12"),
        (DAY, "yyyy-mm-dd h:mm", "2025-12-01 8:05"), (DAY.replace(hour=0, minute=0), "d-mmm-yy", "2025-12-01"), (time(8, 5), "h:mm", "8:05"),
    ],
)  # fmt: skip
def test_shown(value: object, form: str, text: str) -> None:
    assert shown(value, form) == text


def test_cells_as_they_are_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["序号", "任务", "目标值", "责任单位", "完成时间"],
        [1, "护理型床位占比", 0.65, "市民政局", datetime.fromisoformat("2025-12-01")],
        [2, "污水处理率", 0.955, "市水务局", datetime.fromisoformat("2026-06-30")],
    ):
        sheet.append(row)
    for place, form in {"C2": "0%", "C3": "0.0%", "E2": 'yyyy"年"m"月"', "E3": "yyyy/m/d"}.items():
        sheet[place].number_format = form
    book.save(tmp_path / "aims.xlsx")
    parsed = analyse(tmp_path / "aims.xlsx")
    assert [(t.indicator, t.value, t.unit, t.due) for t in parsed.targets] == [
        ("护理型床位占比", 65, "%", "2025-12"),
        ("污水处理率", 95.5, "%", "2026-06-30"),
    ]


def test_what_is_hidden_is_no_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["任务", "内部备注", "责任单位"],
        ["新建水厂", "待定", "市水务局"],
        ["关闭水厂", "作废", "市财政局"],
    ):
        sheet.append(row)
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[3].hidden = True
    other = book.create_sheet("草稿")
    other.append(["任务", "责任单位"])
    other.append(["拆除水塔", "市城管局"])
    other.sheet_state = "hidden"
    book.save(tmp_path / "tasks.xlsx")
    source = read_document(tmp_path / "tasks.xlsx")
    assert source.text == "新建水厂。（责任单位：市水务局）"
    assert sorted(source.printed) == sorted("新建水厂市水务局")  # the header is in no line, and not lost


def test_strict_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["任务", "责任单位"])
    book.active.append(["新建水厂", "市水务局"])
    book.save(tmp_path / "tasks.xlsx")
    with zipfile.ZipFile(tmp_path / "tasks.xlsx") as package, zipfile.ZipFile(tmp_path / "strict.xlsx", "w") as copy:
        for name in package.namelist():
            content = package.read(name)
            for room in (b"spreadsheetml", b"officeDocument"):
                usual, strict = b"schemas.openxmlformats.org/%s/2006/", b"purl.oclc.org/ooxml/%s/"
                content = content.replace(usual % room, strict % room)
            copy.writestr(name, content)
    assert read_document(tmp_path / "strict.xlsx").text == "新建水厂。（责任单位：市水务局）"


def test_a_strict_workbook_with_a_damaged_part(tmp_path: Path) -> None:
    """The picture of a strict workbook is read before anything else is, for the copy with other names."""
    path, content = tmp_path / "strict.xlsx", b"a picture, stored as it is"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("_rels/.rels", "<a b='http://purl.oclc.org/ooxml/officeDocument/'/>")
        package.writestr("xl/media/image1.png", content)
    path.write_bytes(path.read_bytes().replace(content, content[::-1]))
    with pytest.raises(UnreadableDocument, match="xlsx"):
        xlsx.read(path, path.read_bytes())


FIRST = [
    ["滨江市重点任务分解表"] * 4,
    ["序号", "任务", "责任单位", "完成时限"],
    ["1", "新建水厂3座", "市水务局", "2026年底"],
]
SECOND = [
    ["二、改革清单"] * 4,
    ["序号", "改革事项", "牵头单位", "配合单位"],
    ["1", "水价改革", "市发展改革委", "市水务局"],
]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        pytest.param(
            [*FIRST, *SECOND],
            [
                "滨江市重点任务分解表",
                "1.新建水厂3座。（责任单位：市水务局；完成时限：2026年底）",
                "二、改革清单",
                "1.水价改革。（牵头单位：市发展改革委；配合单位：市水务局）",
            ],
            id="two tables, each by its own head",
        ),
        pytest.param(
            [*FIRST, FIRST[1], ["2", "更新管网", "市住建局", "2027年底"]],
            [
                "滨江市重点任务分解表",
                "1.新建水厂3座。（责任单位：市水务局；完成时限：2026年底）",
                "2.更新管网。（责任单位：市住建局；完成时限：2027年底）",
            ],
            id="the head again",
        ),
        pytest.param(
            [*FIRST[1:], ["备注", Beside("备注"), Beside("备注"), "每季度调度一次"]],
            ["1.新建水厂3座。（责任单位：市水务局；完成时限：2026年底）", "备注：每季度调度一次"],
            id="a note whose label spans columns",
        ),
        pytest.param(
            [*FIRST[1:], ["", "合计", "3个单位", ""]],
            ["1.新建水厂3座。（责任单位：市水务局；完成时限：2026年底）", "合计：3个单位"],
            id="a sum is no task",
        ),
        pytest.param(
            [["任务", "责任（牵头）单位", "责任（配合）单位"], ["新建水厂", "市水务局", "市财政局"]],
            ["新建水厂。（责任牵头单位：市水务局；责任配合单位：市财政局）"],
            id="the role in a bracket",
        ),
        pytest.param(
            [["任务", "责任单位", "", "时限"], ["", "牵头", "配合", ""], ["新建水厂", "市水务局", "市财政局", "2026年底"]],
            ["新建水厂。（牵头单位：市水务局；配合单位：市财政局；时限：2026年底）"],
            id="a head over two rows whose merged cells are lost",
        ),
        pytest.param(
            [FIRST[1], ["一", "改善供水", Beside("改善供水"), Beside("改善供水")], FIRST[2]],
            ["一、改善供水", "1.新建水厂3座。（责任单位：市水务局；完成时限：2026年底）"],
            id="a chapter with its number in a cell of its own",
        ),
    ],
)  # fmt: skip
def test_rows(rows: list[list[str]], lines: list[str]) -> None:
    assert table_lines(rows, are_marked=True) == lines


def test_what_stands_below_the_rows_is_no_part_of_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in FIRST[1:]:
        book.active.append(row)
    other = book.create_sheet("说明")
    other.append(["本表由市政府督查室解释。"])
    other.append(["各单位每月25日前报送进展。"])
    book.save(tmp_path / "tasks.xlsx")
    parsed = analyse(tmp_path / "tasks.xlsx")
    assert [(clause.text, clause.parent_id) for clause in parsed.clauses] == [
        ("1.新建水厂3座。（责任单位：市水务局；完成时限：2026年底）", None),
        ("说明\n本表由市政府督查室解释。\n各单位每月25日前报送进展。", None),
    ]
    assert [(due.clause_id, due.due or due.recurrence) for due in parsed.deadlines] == [
        ("tasks#1", "2026"),
        ("tasks#项", "每月"),
    ]


def test_measures_in_a_cell_leave_the_row_its_units(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["序号", "问题", "整改措施", "整改时限", "责任单位", "责任人"],
        [1, "管网漏损", "（1）更换管网5公里；（2）巡查两次。", "2026年6月底前", "市水务局", "王某"],
    ):
        book.active.append(row)
    book.save(tmp_path / "tasks.xlsx")
    parsed = analyse(tmp_path / "tasks.xlsx")
    assert [(clause.id, clause.text) for clause in parsed.clauses] == [
        ("tasks#1", "1.管网漏损。责任人：王某。（整改时限：2026年6月底前；责任单位：市水务局）"),
        ("tasks#1.1", "（1）更换管网5公里；"),
        ("tasks#1.2", "（2）巡查两次。"),
    ]
    assert [(one.clause_id, one.unit) for one in parsed.responsibilities] == [("tasks#1", "市水务局")]
