"""One plan in every file format gives the same clauses and facts; broken, hostile and mislabelled files give a clear reason."""

from __future__ import annotations

import email.message
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from plans import FOUNDING_PLAN

from kb.errors import UnreadableDocument
from kb.ingest.analysis import analyse
from kb.lexicon import table
from kb.models import ParsedDocument
from kb.readers import office, read_document
from kb.readers.numbering import format_number
from kb.readers.tables import table_lines

HEAD = [
    "滨江市人民政府办公室关于印发养老服务实施方案的通知",
    "滨政办发〔2024〕7号",
    "各县区人民政府，市直有关单位：",
    "《滨江市养老服务实施方案》已经市政府同意，现印发给你们，请认真贯彻执行。",
    "滨江市人民政府办公室",
    "2024年3月5日",
    "滨江市养老服务实施方案",
]
# level in the list that Word numbers (None: a paragraph without number), number as printed, text
BODY = [
    (0, "一、", "总体要求"),
    (None, "", "到2025年底前，新建社区食堂30家，养老机构护理型床位占比达到60%以上。"),
    (0, "二、", "重点任务"),
    (1, "（一）", "完善服务设施。建设嵌入式养老机构，优先利用闲置的学校、厂房和办公用房，就近提供助餐、助浴、助洁和康复护理服务。（牵头单位：市民政局；责任单位：市财政局、各县区人民政府）"),
    (1, "（二）", "加强队伍建设。每年培训护理员500人次。（市人社局负责）"),
    (0, "三、", "任务分工"),
]  # fmt: skip
ROWS = [
    ["序号", "工作任务", "责任单位", "完成时限"],
    ["1", "改造老旧小区适老化设施20处", "市住建局", "2024年12月底前"],
    ["2", "建成智慧养老平台1个", "市民政局、市数据局", "2025年6月底前"],
]
LINES = [*HEAD, *(number + text for _, number, text in BODY), *table_lines(ROWS)]
OFFICE = shutil.which("soffice")


@dataclass(frozen=True, slots=True)
class Outline:
    """What must not depend on the format."""

    header: tuple[object, ...]
    clauses: tuple[tuple[str, str, int], ...]
    responsibilities: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, object, str], ...]
    deadlines: tuple[str, ...]


def outline(parsed: ParsedDocument) -> Outline:
    document = parsed.document
    header = (document.title, document.document_number, document.issuers, document.addressees, document.issued_on)
    return Outline(
        header,
        tuple((c.num, c.heading, len(c.path)) for c in parsed.clauses if c.num),
        tuple((r.unit, r.role) for r in parsed.responsibilities),
        tuple((t.indicator, t.value, t.due) for t in parsed.targets),
        tuple(d.due for d in parsed.deadlines),
    )


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Outline:
    path = tmp_path_factory.mktemp("formats") / "plan.txt"
    path.write_text("\n".join(LINES), "utf-8")
    found = outline(analyse(path))
    assert len(found.clauses) == 7
    assert ("市民政局", "lead") in found.responsibilities
    assert len(found.targets) == 5
    return found


# --- files of every format ------------------------------------------------------------------------


def write_html(path: Path) -> None:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in LINES)
    path.write_text(f"<html><head><meta charset='utf-8'></head><body>{paragraphs}</body></html>", "utf-8")


def write_mhtml(path: Path) -> None:
    message = email.message.EmailMessage()
    message.set_content("".join(f"<p>{escape(line)}</p>" for line in LINES), subtype="html", charset="gb18030")
    path.write_bytes(message.as_bytes())


def write_markdown(path: Path) -> None:
    body = [f"{'#' * (level + 2)} {number}{text}" if level == 0 else number + text for level, number, text in BODY]
    rows = ["| " + " | ".join(row) + " |" for row in ROWS]
    rows.insert(1, "|---|---|:--|--:|")
    path.write_text("\n\n".join([f"**{HEAD[0]}**", *HEAD[1:], *body]) + "\n\n" + "\n".join(rows) + "\n", "utf-8")


def write_docx(path: Path) -> None:
    """As people write it: numbers by automatic numbering, tasks in a table."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, text in enumerate(("%1、", "（%2）"))
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    for line in HEAD:
        document.add_paragraph(line)
    for level, _, text in BODY:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        if level is not None:
            listed = f'<w:ilvl w:val="{level}"/><w:numId w:val="91"/>'
            properties.append(parse_xml(f"<w:numPr {nsdecls('w')}>{listed}</w:numPr>"))
    grid = document.add_table(len(ROWS), len(ROWS[0]), style="Table Grid")
    for row, cells in enumerate(ROWS):
        for column, text in enumerate(cells):
            grid.cell(row, column).text = text
    document.add_paragraph()  # as Word itself always has it behind a table
    document.save(str(path))


def write_rtf(path: Path) -> None:
    paragraphs = "\\par\n".join("".join(f"\\u{ord(sign)}?" for sign in line) for line in LINES)
    path.write_text(f"{{\\rtf1\\ansi\\uc1 {paragraphs}\\par}}", "ascii")


def write_by_libreoffice(path: Path) -> None:
    source = path.with_name("source.docx")
    write_docx(source)
    form = {".wps": "doc"}.get(path.suffix, path.suffix[1:])  # a wps file of today is a doc file by another name
    convert(source, form).rename(path)


def convert(source: Path, form: str) -> Path:
    """The file that LibreOffice makes of another one, beside it."""
    profile = (source.parent / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", form, "--outdir"]
    subprocess.run([*command, str(source.parent), str(source)], check=True, capture_output=True, timeout=120)
    return source.with_suffix(f".{form}")


def broken(line: str, width: int) -> list[str]:
    """The line broken where it reaches a width, in Chinese characters."""
    pieces, room = [""], float(width)
    for sign in line:
        needed = 0.5 if sign.isascii() else 1
        if needed > room:
            pieces.append("")
            room = width
        pieces[-1] += sign
        room -= needed
    return pieces


def write_ofd(path: Path) -> None:
    """Two pages, each line a text object, long lines broken as a printer breaks them."""
    printed = [piece for line in LINES for piece in broken(line, 30)]
    pages = [printed[:12], printed[12:]]
    name = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "OFD.xml",
            f"<ofd:OFD {name}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        )
        listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        package.writestr("Doc_0/Document.xml", f"<ofd:Document {name}><ofd:Pages>{listed}</ofd:Pages></ofd:Document>")
        for n, lines in enumerate(pages):
            objects = "".join(
                f'<ofd:TextObject Boundary="20 {20 + 8 * place} 170 6" Size="5"><ofd:TextCode X="0" Y="5">{escape(line)}</ofd:TextCode></ofd:TextObject>'
                for place, line in enumerate(lines)
            )
            package.writestr(
                f"Doc_0/Pages/Page_{n}/Content.xml",
                f"<ofd:Page {name}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>",
            )


WRITERS: dict[str, Callable[[Path], None]] = {
    ".html": write_html,
    ".mht": write_mhtml,
    ".md": write_markdown,
    ".docx": write_docx,
    ".ofd": write_ofd,
    ".pdf": write_by_libreoffice,
    ".doc": write_by_libreoffice,
    ".wps": write_by_libreoffice,
    ".rtf": write_rtf,
    ".odt": write_by_libreoffice,
}


@pytest.mark.parametrize("suffix", WRITERS)
def test_same_plan(suffix: str, tmp_path: Path, expected: Outline) -> None:
    if OFFICE is None and (WRITERS[suffix] is write_by_libreoffice or suffix == ".rtf"):
        pytest.skip("LibreOffice is not installed")
    path = tmp_path / f"plan{suffix}"
    WRITERS[suffix](path)
    assert outline(analyse(path)) == expected


def write_only_the_table(path: Path) -> None:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    written = {".html": f"<p>方案</p><table>{cells}</table>", ".csv": "\n".join(",".join(row) for row in ROWS)}
    path.write_text(written[path.suffix], "utf-8")


@pytest.mark.parametrize("suffix", [".docx", ".md", ".html", ".csv"])
def test_rows_of_a_table_are_kept_as_printed(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"plan{suffix}"
    WRITERS.get(suffix if suffix != ".html" else "", write_only_the_table)(path)
    document = analyse(path).document
    assert [[list(row.labels), list(row.cells)] for row in document.rows] == [[ROWS[0], cells] for cells in ROWS[1:]]
    said = [document.text[row.start : row.end] for row in document.rows]
    assert [one.strip() for one in said] == table_lines(ROWS)


def test_line_breaks_in_cells_are_kept_where_they_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "plan.html"
    row = "<td>1</td><td>加固桥墩12座。<br>更换支座。</td><td>市交通运输局<br>市公安局</td>"
    path.write_text(f"<table><tr><th>序号</th><th>任务</th><th>责任单位</th></tr><tr>{row}</tr></table>", "utf-8")
    document = analyse(path).document
    [printed] = document.rows
    assert printed.cells == ("1", "加固桥墩12座。\n更换支座。", "市交通运输局\n市公安局")
    assert "加固桥墩12座。更换支座。（责任单位：市交通运输局、市公安局）" in document.text


@pytest.mark.parametrize("suffix", [".pdf", ".ofd"])
def test_pages_are_kept(suffix: str, tmp_path: Path) -> None:
    if WRITERS[suffix] is write_by_libreoffice and OFFICE is None:
        pytest.skip("LibreOffice is not installed")
    path = tmp_path / f"plan{suffix}"
    WRITERS[suffix](path)
    source = read_document(path)
    assert source.pages[0] == 0
    assert all(at == 0 or source.text[at - 1] == "\n" for at in source.pages)
    parsed = analyse(path)
    assert parsed.document.pages == source.pages
    for clause in parsed.clauses:
        assert source.pages[clause.page - 1] <= clause.start
        assert clause.page == len(source.pages) or clause.start < source.pages[clause.page]
    assert not any(clause.ocr for clause in parsed.clauses)


def test_no_page_without_pages(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    write_docx(path)
    assert {clause.page for clause in analyse(path).clauses} == {0}


def test_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "任务清单"
    sheet.append(["滨江市重点任务责任分解表"])
    sheet.merge_cells("A1:E1")
    sheet.append(["类别", "序号", "任务", "牵头单位", "时限"])
    sheet.append(["一、民生", 1, "新建幼儿园3所", "市教育局", "2025年底前"])
    sheet.append([None, 2, "改造老旧小区20个", "市住建局", "2025年底前"])
    sheet.merge_cells("A3:A4")
    path = tmp_path / "tasks.xlsx"
    book.save(path)
    parsed = analyse(path)
    assert [(r.unit, r.role) for r in parsed.responsibilities] == [("市教育局", "lead"), ("市住建局", "lead")]
    assert [(t.value, t.unit, t.due) for t in parsed.targets] == [(3, "所", "2025"), (20, "个", "2025")]
    assert [d.due for d in parsed.deadlines] == ["2025", "2025"]


UPPER = ["序号", "指标名称", "单位", "目标值", "目标值", "责任部门"]  # 目标值 spans two columns, the others both rows
LOWER = ["序号", "指标名称", "单位", "2023年", "2025年", "责任部门"]
INDICATORS = [["1", "绿化率", "%", "42", "45.5", "市园林局"], ["2", "新增绿道", "公里", "10", "25", "市住建局"]]


def indicator_table(path: Path) -> None:
    rows = [UPPER, LOWER, *INDICATORS]
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in row])
        for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"):
            book.active.merge_cells(cells)
        book.save(path)
    elif path.suffix == ".docx":
        document = docx.Document()
        grid = document.add_table(len(rows), len(UPPER))
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                grid.cell(y, x).text = cell
        for start, end in (((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 2), (1, 2)), ((0, 3), (0, 4)), ((0, 5), (1, 5))):
            text = grid.cell(*start).text
            grid.cell(*start).merge(grid.cell(*end)).text = text
        document.save(str(path))
    elif path.suffix == ".html":
        head = "".join(f'<td rowspan="2">{cell}</td>' for cell in UPPER[:3])
        head += f'<td colspan="2">{UPPER[3]}</td><td rowspan="2">{UPPER[5]}</td></tr><tr><td>2023年</td><td>2025年</td>'
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in INDICATORS)
        path.write_text(f"<html><body><table><tr>{head}</tr>{body}</table></body></html>", "utf-8")
    else:
        mark = {".csv": ",", ".txt": "\t", ".md": " | "}[path.suffix]
        lines = [mark.join(row) for row in rows]
        lines = [f"| {line} |" for line in lines] if path.suffix == ".md" else lines
        lines[1:1] = ["|" + "---|" * len(UPPER)] if path.suffix == ".md" else []
        path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("suffix", [".html", ".docx", ".xlsx", ".csv", ".md", ".txt"])
def test_indicators_with_units_below_two_header_rows(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"aims{suffix}"
    indicator_table(path)
    parsed = analyse(path)
    assert [clause.num for clause in parsed.clauses if clause.num] == ["1.", "2."]
    assert [(t.clause_id[-1], t.indicator, t.value, t.unit, t.due, t.baseline) for t in parsed.targets] == [
        ("1", "绿化率", 45.5, "%", "2025", 42),
        ("2", "新增绿道", 25, "公里", "2025", 10),
    ]
    assert [(r.clause_id[-1], r.unit) for r in parsed.responsibilities] == [("1", "市园林局"), ("2", "市住建局")]


BARE_UPPER = ["序号", "任务", "指标", "目标值", "责任分工", "责任分工", "完成时限"]
BARE_LOWER = ["序号", "任务", "指标", "目标值", "牵头", "配合", "完成时限"]
BARE = [
    ["1", "改造危房", "改造户数", "不少于320户", "市住建局", "市财政局、市民政局", "2026年10月底前"],
    ["2", "企业提质", "亩均税收", "≥12万元", "市工信局", "市税务局", "2026-12-31"],
]
BARE_TITLE, BARE_NOTE = "滨江市2026年重点任务责任分解表", "注：责任单位排名不分先后；由市政府督查室按季督办。"


def bare_table(path: Path, header: list[list[str]]) -> None:
    rows = [*header, *BARE]
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        book.active.title = "任务台账"
        for row in [[BARE_TITLE], *rows, [BARE_NOTE]]:
            book.active.append(row)
        book.save(path)
    elif path.suffix == ".docx":
        document = docx.Document()
        document.add_paragraph(BARE_TITLE)
        grid = document.add_table(len(rows), len(BARE_LOWER))
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                grid.cell(y, x).text = cell
        document.add_paragraph(BARE_NOTE)
        document.save(str(path))
    elif path.suffix == ".html":
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        page = f"<html><body><p>{BARE_TITLE}</p><table>{body}</table><p>{BARE_NOTE}</p></body></html>"
        path.write_text(page, "utf-8")
    else:
        mark = {".csv": ",", ".txt": "\t", ".md": " | "}[path.suffix]
        lines = [mark.join(row) for row in rows]
        lines = [f"| {line} |" for line in lines] if path.suffix == ".md" else lines
        lines[1:1] = ["|" + "---|" * len(BARE_LOWER)] if path.suffix == ".md" else []
        blank = "\n" * (path.suffix == ".md")
        path.write_text("\n".join([BARE_TITLE + blank, *lines, blank + BARE_NOTE]) + "\n", "utf-8")


@pytest.mark.parametrize("header", [[BARE_LOWER], [BARE_UPPER, BARE_LOWER]], ids=["one row", "two rows"])
@pytest.mark.parametrize("suffix", [".html", ".docx", ".xlsx", ".csv", ".md", ".txt"])
def test_bare_heads_and_a_note_below(suffix: str, header: list[list[str]], tmp_path: Path) -> None:
    path = tmp_path / f"tasks{suffix}"
    bare_table(path, header)
    parsed = analyse(path)
    assert parsed.document.title == BARE_TITLE
    clauses = list(dict.fromkeys(r.clause_id for r in parsed.responsibilities))
    assert [(clauses.index(r.clause_id), r.unit, r.role) for r in parsed.responsibilities] == [
        (0, "市住建局", "lead"),
        (0, "市财政局", "support"),
        (0, "市民政局", "support"),
        (1, "市工信局", "lead"),
        (1, "市税务局", "support"),
        (2, "市政府督查室", "responsible"),
    ]
    assert [(t.indicator, t.comparator, t.value, t.unit, t.due) for t in parsed.targets] == [
        ("改造户数", ">=", 320, "户", "2026-10"),
        ("亩均税收", ">=", 12, "万元", "2026-12-31"),
    ]
    assert parsed.clauses[-1].text == BARE_NOTE


@pytest.mark.parametrize("example", table("tables")["examples"], ids=lambda example: example["lines"][0][:12])
def test_tables(example: dict[str, list[list[str]]]) -> None:
    assert table_lines(example["rows"]) == example["lines"]


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (3, "chineseCounting", "三"),
        (12, "chineseCountingThousand", "十二"),
        (21, "japaneseCounting", "二十一"),
        (3, "decimalEnclosedCircleChinese", "③"),
        (28, "upperLetter", "BB"),
        (14, "lowerRoman", "xiv"),
        (7, "decimal", "7"),
    ],
)
def test_numbers_of_word(number: int, form: str, shown: str) -> None:
    assert format_number(number, form) == shown


# --- files that cannot be read --------------------------------------------------------------------


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
) + f"]><w:document {W}><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>".encode()  # fmt: skip
NESTED = f"<w:document {W}><w:body>".encode() + b"<w:tbl><w:tr><w:tc>" * 30_000


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.docx", b"not a package", "not a docx file"),
        ("a.docx", zipped({"other.xml": b"<a/>"}), "no word/document.xml"),
        ("a.docx", zipped({"word/document.xml": b"<w:document"}), "word/document.xml cannot be read"),
        ("a.docx", zipped({"word/document.xml": bytes(300_000_000)}), "unpacks to more"),
        ("a.docx", zipped({"word/document.xml": BOMB}), "cannot be read"),
        ("a.docx", zipped({"word/document.xml": NESTED}), "cannot be read"),
        ("a.docx", zipped({"word/document.xml": f"<w:document {W}><w:body/></w:document>".encode()}), "no text"),
        ("a.xlsx", b"PK\x03\x04 broken", "not a xlsx file"),
        ("a.xlsx", zipped({"a.xml": b"<a/>"}), "not a xlsx file"),
        ("a.ofd", zipped({"a.xml": b"<a/>"}), "no OFD.xml"),
        ("a.pdf", b"%PDF-1.7\nbroken", "not a PDF file"),
        ("a.pdf", "一、总体要求".encode(), "not a PDF file"),
        ("a.mht", b"MIME-Version: 1.0\nContent-Type: text/plain\n\nnothing", "no web page"),
        ("a.md", b"\x00\x01\x02\x03" * 50, "not text"),
    ],
)
def test_unreadable(name: str, data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument) as error:
        read_document(path)
    assert reason in str(error.value)
    assert name in str(error.value)


@pytest.mark.parametrize("writer", [write_docx, write_html])
def test_newer_file_by_an_old_name(writer: Callable[[Path], None], tmp_path: Path, expected: Outline) -> None:
    path = tmp_path / "plan.doc"
    writer(path)
    assert outline(analyse(path)) == expected


def test_old_formats_need_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnreadableDocument, match="needs LibreOffice"):
        office.read(tmp_path / "plan.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def test_pdf_of_blank_pages(tmp_path: Path) -> None:
    blank = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
"""
    path = tmp_path / "blank.pdf"
    path.write_bytes(blank)
    with pytest.raises(UnreadableDocument, match="no text in it"):
        read_document(path)


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("repeated", [True, False])
def test_table_that_goes_on_over_pages(repeated: bool, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("滨江市重点任务责任分解表")
    tasks = [[str(n), f"新建社区食堂{n}家", "市民政局", f"2025年{1 + n % 12}月底前"] for n in range(1, 61)]
    grid = document.add_table(0, 4, style="Table Grid")
    for cells in [ROWS[0], *tasks]:
        for cell, text in zip(grid.add_row().cells, cells, strict=True):
            cell.text = text
    if repeated:
        grid.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    document.save(str(tmp_path / "source.docx"))
    convert(tmp_path / "source.docx", "pdf")
    parsed = analyse(tmp_path / "source.pdf")
    assert len(parsed.document.pages) > 1
    assert [target.value for target in parsed.targets] == list(range(1, 61))
    assert len(parsed.responsibilities) == len(parsed.deadlines) == 60
    assert {clause.page for clause in parsed.clauses if clause.num} == set(range(1, len(parsed.document.pages) + 1))


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("form", ["docx", "doc", "odt", "rtf", "html", "pdf"])
def test_founding_plan(form: str, tmp_path: Path) -> None:
    """The plan that came as text says the same in every format that offices keep it in."""
    source = tmp_path / "plan.txt"
    source.write_bytes(FOUNDING_PLAN.read_bytes())
    document = docx.Document()
    for line in source.read_text("utf-8").split("\n"):
        document.add_paragraph(line)
    document.save(str(tmp_path / "plan.docx"))
    path = tmp_path / "plan.docx" if form == "docx" else convert(tmp_path / "plan.docx", form)
    assert outline(analyse(path)) == outline(analyse(source))


# --- tables that go on, and tables in cells ---------------------------------------------------------

SPLIT = [
    ["序号", "工作任务", "责任单位", "完成时限"],
    ["1", "新建水厂3座", "市水务局", "2027年底前"],
    ["2", "更新管网120公里", "市住房城乡建设局", "2026年6月底前"],
]
SPLIT_LINES = [
    "1.新建水厂3座。（责任单位：市水务局；完成时限：2027年底前）",
    "2.更新管网120公里。（责任单位：市住房城乡建设局；完成时限：2026年6月底前）",
]


def html_rows(rows: list[list[str]]) -> str:
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)


def docx_table(holder: object, rows: list[list[str]]) -> object:
    table = holder.add_table(len(rows), len(rows[0]))  # type: ignore[attr-defined]
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            table.cell(y, x).text = cell
    return table


@pytest.mark.parametrize("between", ["", "续表", "以下为其他任务。"])
@pytest.mark.parametrize("suffix", [".docx", ".html"])
def test_a_table_that_goes_on_in_another(suffix: str, between: str, tmp_path: Path) -> None:
    path = tmp_path / f"tasks{suffix}"
    if suffix == ".docx":
        document = docx.Document()
        docx_table(document, SPLIT[:2])
        document.add_paragraph(between)
        docx_table(document, SPLIT[2:])
        document.save(str(path))
    else:
        tables = f"<table>{html_rows(SPLIT[:2])}</table><p>{between}</p><table>{html_rows(SPLIT[2:])}</table>"
        path.write_text(f"<html><meta charset='utf-8'><body>{tables}</body></html>", "utf-8")
    lines = read_document(path).text.split("\n")
    assert lines[0] == SPLIT_LINES[0]
    goes_on = not between or (between == "续表" and suffix == ".docx")
    assert (lines[-1] == SPLIT_LINES[1]) is goes_on


@pytest.mark.parametrize("suffix", [".docx", ".html"])
def test_a_table_in_a_cell(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"tasks{suffix}"
    inner = [["城区", "80公里"], ["乡镇", "40公里"]]
    if suffix == ".docx":
        document = docx.Document()
        table = docx_table(document, SPLIT)
        docx_table(table.cell(2, 1), inner)  # type: ignore[attr-defined]
        document.save(str(path))
    else:
        rows = html_rows(SPLIT).replace("更新管网120公里", f"更新管网120公里<table>{html_rows(inner)}</table>")
        path.write_text(f"<html><meta charset='utf-8'><body><table>{rows}</table></body></html>", "utf-8")
    assert read_document(path).text.split("\n") == [
        SPLIT_LINES[0],
        "2.更新管网120公里（城区80公里；乡镇40公里）。（责任单位：市住房城乡建设局；完成时限：2026年6月底前）",
    ]


def test_a_frame_around_a_text(tmp_path: Path) -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "一、总体要求"
    cell.add_paragraph("坚持统筹推进。")
    docx_table(cell, SPLIT)
    document.save(str(tmp_path / "framed.docx"))
    assert read_document(tmp_path / "framed.docx").text.split("\n") == ["一、总体要求", "坚持统筹推进。", *SPLIT_LINES]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_delimited(mark: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_bytes("\r\n".join(mark.join(row) for row in SPLIT).encode(encoding))
    assert read_document(path).text.split("\n") == SPLIT_LINES


def test_delimited_by_the_sign_that_its_first_line_names(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    rows = "\r\n".join("*".join(row) for row in SPLIT)
    path.write_bytes(f"sep=*\r\n{rows}".encode("gb18030"))
    assert read_document(path).text.split("\n") == SPLIT_LINES


def test_delimited_with_a_title_and_line_breaks_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_bytes(
        '宁安市任务分工表,,\r\n序号,任务,责任单位\r\n1,"建成公园2个，\n绿道5公里","市园林局,市交通局"\r\n2,培训村医80人,市卫生健康委\r\n'.encode(
            "gb18030"
        )
    )
    assert read_document(path).text.split("\n") == [
        "宁安市任务分工表",
        "1.建成公园2个，绿道5公里。（责任单位：市园林局,市交通局）",
        "2.培训村医80人。（责任单位：市卫生健康委）",
    ]


def test_bars_inside_cells_do_not_part_them(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("序号,任务,责任单位\n1,建设|改造|新建学校,市教育局|市水利局\n", "utf-8")
    assert read_document(path).rows[0].cells == ("1", "建设|改造|新建学校", "市教育局|市水利局")


def test_quotes_of_a_delimited_file(tmp_path: Path) -> None:
    rows = '1,"新建公园3个,市园林局\n2,"改造“旧”小区20个",市住建局\n3,"一件事"改革,市数据局\n4,"修路5公里，\n架桥2座",市交通局\n5,"培训村医80人,市卫健委'
    path = tmp_path / "plan.csv"
    path.write_text(f"序号,任务,责任单位\n{rows}\n", "utf-8")
    source = read_document(path)
    assert [row.cells[1:] for row in source.rows] == [
        ("新建公园3个", "市园林局"),
        ("改造“旧”小区20个", "市住建局"),
        ("一件事改革", "市数据局"),
        ("修路5公里，\n架桥2座", "市交通局"),
        ("培训村医80人", "市卫健委"),
    ]
    doubtful = [source.text[one.start : one.end] for one in source.doubtful]
    assert doubtful == ["1.新建公园3个。（责任单位：市园林局）", "5.培训村医80人。（责任单位：市卫健委）"]
