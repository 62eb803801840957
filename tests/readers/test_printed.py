"""Printed pages (PDF, OFD): what is text, what stands in the margins, which lines make a paragraph, what could not be read."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import docx
import openpyxl
import pytest
from printed import HEIGHT, WIDTH, Page, Picture, Rule, Text, grid, ofd, ofd_object, paragraphs, pdf

from kb import readers
from kb.encoders import load_encoder
from kb.errors import UnreadableDocument
from kb.ingest.analysis import analyse
from kb.ingest.build import build
from kb.knowledge_base import KnowledgeBase
from kb.models import DocumentQuery, ParsedDocument, SourceText
from kb.readers import ofd as ofd_reader
from kb.readers import pdf as pdf_reader
from kb.readers import pdf_repair, recognition

TITLE = Text(186, 90, "滨江市供水提升实施方案", 20)
DUTY = "为提升全市供水保障能力，市水务局负责编制年度建设计划，会同市财政局落实建设资金，并督促各县区按期完成。"
TASKS = [
    ["序号", "工作任务", "责任单位", "完成时限"],
    ["1", "新建水厂3座", "市水务局", "2027年底前"],
    ["2", "更新管网120公里", "市住房城乡建设局", "2027年底前"],
]


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)


def read(*pages: Page, turned: int = 0) -> SourceText:
    """What the reader makes of pages of a PDF file."""
    return pdf_reader.read(Path("plan.pdf"), pdf(*pages, turned=turned))


def parsed(tmp_path: Path, *pages: Page) -> ParsedDocument:
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(*pages))
    return analyse(path)


def joined(source: SourceText) -> list[str]:
    """The paragraphs of a text, margins left out."""
    found: list[str] = []
    at = 0
    for line in source.text.split("\n"):
        begin = at + len(line) - len(line.lstrip("\u3000"))
        if not any(margin.start <= at < margin.end for margin in source.margins):
            if begin in (source.continued or ()):
                found[-1] += line.lstrip("\u3000")
            else:
                found.append(line.lstrip("\u3000"))
        at += len(line) + 1
    return found


def margins(source: SourceText) -> list[str]:
    return [source.text[margin.start : margin.end] for margin in source.margins]


# --- lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["”", "’", "-", "——"])
def test_a_line_keeps_its_end(end: str) -> None:
    lines = [Text(122, 200, f"第一条 市水务局统一部署“清水进万家{end}"), Text(90, 228, "行动，每个街道建成2个取水点。"), Text(122, 256, "第二条 本办法自发布之日起施行。")]  # fmt: skip
    assert read(lines).text.split("\n")[0].endswith(f"清水进万家{end}")
    assert "行动，每个街道建成2个取水点。" in read(lines).text.split("\n")


def test_signs_of_another_font_are_drawn_last() -> None:
    drawn = [
        Text(90, 200, "市水务局开展"),
        Text(194, 200, "清水进万家"),
        Text(282, 200, "行动"),
        Text(186, 200, "“"),
        Text(274, 200, "”"),
    ]
    assert read(drawn).text == "市水务局开展“清水进万家”行动"


def test_both_quotes_of_a_short_word_are_drawn_last() -> None:
    drawn = [
        Text(90, 200, "市水务局开展"),
        Text(194, 200, "清"),
        Text(218, 200, "行动"),
        Text(186, 200, "“"),
        Text(210, 200, "”"),
    ]
    assert read(drawn).text == "市水务局开展“清”行动"


def test_lines_are_read_from_top_to_bottom_whatever_was_drawn_first() -> None:
    lines = paragraphs([DUTY, DUTY])
    assert read(list(reversed(lines))).text == read(lines).text


def test_columns_are_read_one_after_the_other() -> None:
    left = [Text(60, 200 + 20 * n, f"左栏第{n}行写的是供水", 12) for n in range(6)]
    right = [Text(320, 200 + 20 * n, f"右栏第{n}行写的是排水", 12) for n in range(6)]
    assert [line[0] for line in read([*left, *right]).text.split("\n")] == ["左"] * 6 + ["右"] * 6


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_pages_on_their_side(quarters: int) -> None:
    lines = ["一、总体目标", "到2027年底，供水普及率达到98.5%以上。", "二、重点任务", "（一）新建水厂3座。"]
    places = {
        0: lambda n: (90, 100 + 28 * n),
        1: lambda n: (100 + 28 * n, HEIGHT - 90),
        2: lambda n: (WIDTH - 90, HEIGHT - 100 - 28 * n),
        3: lambda n: (WIDTH - 100 - 28 * n, 90),
    }
    page = [Text(*places[quarters](n), line, quarters=quarters) for n, line in enumerate(lines)]
    assert read(page, turned=90 * quarters).text.replace("\u3000", "").split("\n") == lines


def test_characters_that_look_alike(tmp_path: Path) -> None:
    plan = ["滨江市⼈⺠政府供⽔提升实施⽅案", "⼀、⽬标", "市⽔务局负责。"]
    page = [Text(90, 100 + 40 * n, line) for n, line in enumerate(plan)]
    (tmp_path / "plan.txt").write_text("\n".join(plan), "utf-8")
    for found in (parsed(tmp_path, page), analyse(tmp_path / "plan.txt")):
        assert found.document.title == "滨江市人民政府供水提升实施方案"
        assert [clause.num for clause in found.clauses if clause.num] == ["一、"]
        assert [duty.unit for duty in found.responsibilities] == ["市水务局"]


def test_spread_letters() -> None:
    head = [Text(90 + 40 * n, 100, sign) for n, sign in enumerate("滨江市人民政府文件")]
    page = [*head, Text(90, 200, "附"), Text(122, 200, "件"), Text(90, 240, "一、总体目标")]
    assert read(page).text.split("\n") == ["滨江市人民政府文件", "附件", "一、总体目标"]


# --- margins --------------------------------------------------------------------------------------

FEET = [
    "{n}", "- {n} -", "— {n} —", "－{n}－", "·{n}·", "～{n}～", "{n} / 3", "{n}/3", "第{n}页", "第{n}页 共3页", "第 {n} 页/共 3 页",
    "共3页 第{n}页", "（{n}）", "({n})", "Page {n} of 3", "{n}页", "P{n}",
]  # fmt: skip


def three_pages(head: str, foot: str) -> list[Page]:
    """A paragraph over three pages, with a head and a foot on each."""
    lines = paragraphs([DUTY * 3], top=200)
    return [
        [Text(200, 40, head, 10), *lines[3 * n : 3 * n + 3], Text(280, 800, foot.format(n=n + 1), 10)] for n in range(3)
    ]


@pytest.mark.parametrize("foot", FEET)
def test_feet(foot: str) -> None:
    source = read(*three_pages("滨江市人民政府公报2027年第6期", foot))
    assert joined(source) == [(DUTY * 3)[: len("".join(joined(source)))]]
    assert len(margins(source)) == 6


def test_a_line_of_the_text_that_is_repeated_is_none_of_the_margins() -> None:
    attachments = [
        [Text(90, 100, f"附件{n}"), *paragraphs([f"第{n}项任务由市水务局负责。" + DUTY], top=160)] for n in (1, 2, 3)
    ]
    assert not margins(read(*attachments))


def test_what_begins_the_next_attachment_stays() -> None:
    pages = [[Text(90, 100, "附件"), *paragraphs([f"{n}.市水务局负责。{DUTY}"], top=160)] for n in (1, 2, 3)]
    assert not margins(read(*pages))


def test_a_footnote_parts_no_clause(tmp_path: Path) -> None:
    first = paragraphs(
        ["二、重点任务", f"（一）扩大供水。{DUTY}（牵头单位：市水务局；配合单位：市财政局、市自然资源局）"], top=500
    )
    note = Text(90, 780, "① 供水普及率按城市建设统计口径计算，由市统计局认定。", 9)
    cut = 5
    rest = [Text(text.x, 100 + 28 * n, text.text) for n, text in enumerate(first[cut:])]
    more = paragraphs(["（二）改造管网。市住房城乡建设局负责。", "三、保障措施", DUTY], top=100 + 28 * len(rest))
    found = parsed(tmp_path, [TITLE, *first[:cut], note], [*rest, *more])
    assert [clause.num for clause in found.clauses if clause.num] == ["二、", "（一）", "（二）", "三、"]
    assert ("市自然资源局", "support") in [(duty.unit, duty.role) for duty in found.responsibilities]


def test_a_raised_figure_is_the_sign_of_a_footnote() -> None:
    line = [Text(90, 200, "供水率"), Text(138, 194, "1", 9), Text(143, 200, "达到95%，面积9m"), Text(263, 194, "2", 9)]
    assert read(line).text == "供水率达到95%，面积9m2"


def test_a_rule_parts_footnotes_in_the_size_of_the_text() -> None:
    first = paragraphs(["二、重点任务", f"（一）扩大供水。{DUTY}{DUTY}"], top=500)
    note = [
        Rule(90, 742, 232, 742),
        Text(122, 765, "1供水普及率由市统计局认定，包括农村"),
        Text(90, 793, "集中供水的人口。"),
    ]
    page = [*first[:5], *note, Text(290, 825, "3")]
    rest = [Text(text.x, 100 + 28 * n, text.text) for n, text in enumerate(first[5:])]
    source = read([TITLE, *page], [*rest, *paragraphs(["三、保障措施", DUTY], top=100 + 28 * len(rest))])
    assert "1供水普及率由市统计局认定，包括农村" in margins(source)
    assert "集中供水的人口。" in margins(source)
    assert joined(source)[-3] == f"（一）扩大供水。{DUTY}{DUTY}"
    without_sign = [page[-4], Text(122, 765, "供水普及率由市统计局认定，包括农村"), *page[-2:]]
    assert "供水普及率由市统计局认定，包括农村" not in margins(read([TITLE, *first[:5], *without_sign]))


# --- paragraphs -----------------------------------------------------------------------------------


def test_a_decimal_at_the_beginning_of_a_line_goes_on() -> None:
    lines = paragraphs([DUTY, DUTY])
    full = lines[0].text[:26]
    page = [Text(122, 100, full), Text(90, 128, "83.5%以上，新建水厂9座。"), *paragraphs([DUTY, DUTY], top=156)]
    assert joined(read(page))[0] == full + "83.5%以上，新建水厂9座。"


def test_the_only_long_line_goes_on_where_it_ends_with_a_table() -> None:
    table = grid(TASKS, left=60, top=150, widths=(50, 180, 150, 90))
    page = [
        TITLE,
        *table,
        Text(60, 260, "注：本表由市水务局负责解释，每季度末报送一次进展情况，逾期不报的予", 14),
        Text(60, 284, "以通报。", 14),
    ]
    parts = joined(read(page))
    assert parts[-1].endswith("逾期不报的予以通报。")


def test_lines_that_happen_to_end_at_one_place_are_not_full() -> None:
    page = [
        Text(90, 72, "青石县“十五五”时期生态环境保护行动计划", 11),
        Text(90, 97, "一、主要目标", 11),
        Text(90, 122, "到2030年，生态环境持续改善，主要指标全部完成。", 11),
        Text(90, 147, "加强督查。", 11),
        Text(90, 172, "二、重点任务", 11),
        Text(90, 197, "（一）治理大气污染。县生态环境局牵头，县工信局配合。", 11),
    ]
    assert "一、主要目标" in joined(read(page))


def test_paragraphs_go_on_over_a_table_behind_them(tmp_path: Path) -> None:
    rows = [
        ["序号", "事项", "说明"],
        *([str(n), f"第{n}类事项办理", "居民申请材料受理和初审并录入系统"] for n in range(1, 20)),
    ]
    articles = paragraphs([f"第{number}条 {DUTY}" for number in "一二三四五六"], top=150)
    found = parsed(tmp_path, [TITLE, *articles], grid(rows, left=60, top=100, widths=(60, 160, 260)))
    assert {clause.heading for clause in found.clauses if clause.num.startswith("第")} == {""}
    assert all(DUTY in clause.text for clause in found.clauses if clause.num.startswith("第"))


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [True, False])
def test_a_row_over_two_pages(again: bool, tmp_path: Path) -> None:
    first = grid(
        [*TASKS, ["3", "建成智慧水务平台1", "市数据局、市自", "2026年"]], left=60, top=600, widths=(50, 180, 150, 90)
    )
    after = grid(
        [*TASKS[:again], ["", "个", "然资源局", "底前"], ["4", "培训管护人员500人次", "市人社局", "2026年底前"]],
        left=60,
        top=100,
        widths=(50, 180, 150, 90),
    )
    found = parsed(tmp_path, [TITLE, *first, Text(280, 800, "- 1 -", 10)], [*after, Text(280, 800, "- 2 -", 10)])
    assert [duty.unit for duty in found.responsibilities] == [
        "市水务局",
        "市住房城乡建设局",
        "市数据局",
        "市自然资源局",
        "市人社局",
    ]
    assert [(target.value, target.due) for target in found.targets] == [
        (3, "2027"),
        (120, "2027"),
        (1, "2026"),
        (500, "2026"),
    ]


def test_rows_of_a_table_without_rules_and_without_gaps() -> None:
    columns, step = (60, 130, 260, 340, 420), 16
    cells = [
        ["序号", "主要指标", "2025年", "2030年", "属性"],
        ["1", "供水普及率", "95", "98", "预期性"],
        ["", "（%）", "", "", ""],
        ["2", "每万人公交车", "11", "12", "预期性"],
        ["", "辆数", "", "", ""],
    ]
    drawn = [
        Text(x, 165 + step * n, cell, 11)
        for n, row in enumerate(cells)
        for x, cell in zip(columns, row, strict=True)
        if cell
    ]
    lines = read([TITLE, *drawn, Text(90, 170 + step * 5, "二、保障措施"), Text(90, 210 + step * 5, DUTY)]).text.split(
        "\n"
    )
    assert lines[1:5] == [
        "序号\t主要指标\t2025年\t2030年\t属性",
        "1\t供水普及率（%）\t95\t98\t预期性",
        "2\t每万人公交车辆数\t11\t12\t预期性",
        "二、保障措施",
    ]


def test_a_label_over_two_pages() -> None:
    rows = [
        ["考核内容", "要求", "说明"],
        ["1.用水普及率", "逐年提高。", "按报表"],
        ["2.居民用水服务对", "逐年提高。", "核查用水居民的占"],
    ]
    after = [["象知晓率", "", "比"], ["3.管网漏损率", "逐年下降。", "按报表"]]
    places = {"left": 60, "widths": (200, 150, 120)}
    first = [TITLE, *grid(rows, top=600, **places), Text(280, 800, "- 1 -", 10)]
    lines = read(first, [*grid(after, top=100, **places), Text(280, 800, "- 2 -", 10)]).text.split("\n")
    assert "2.居民用水服务对象知晓率\t逐年提高。\t核查用水居民的占比" in lines
    assert "3.管网漏损率\t逐年下降。\t按报表" in lines


def test_cells_that_are_alike_are_no_merged_cell() -> None:
    rows = [["指标", "2025年", "2027年"], ["供水普及率（%）", "98", "98"], ["水质达标率（%）", "99", "100"]]
    lines = read([TITLE, *grid(rows, left=60, top=150, widths=(200, 100, 100))]).text.split("\n")
    assert lines[1:] == ["指标\t2025年\t2027年", "供水普及率（%）\t98\t98", "水质达标率（%）\t99\t100"]


def test_a_cell_merged_over_rows_and_open_sides() -> None:
    widths, left, top = (80, 160, 160), 60, 150
    drawn = [
        Text(64, 189, "供水", 10),
        Text(144, 165, "新建水厂3座", 10),
        Text(304, 165, "市水务局", 10),
        Text(144, 189, "更新管网", 10),
        Text(304, 189, "市住建局", 10),
    ]
    across = [Rule(left, top, 460, top), Rule(140, top + 24, 460, top + 24), Rule(left, top + 48, 460, top + 48)]
    down = [Rule(140, top, 140, top + 48), Rule(300, top, 300, top + 48)]
    assert sum(widths) == 400
    assert read([*drawn, *across, *down]).text.split("\n") == [
        "供水\t新建水厂3座\t市水务局",
        "供水\t更新管网\t市住建局",
    ]


@pytest.mark.parametrize(("cell", "units"), [("市水务局\n市财政局", "市水务局、市财政局"), ("市住房城乡建设局、市自\n然资源局", "市住房城乡建设局、市自然资源局")])  # fmt: skip
def test_lines_of_a_cell(cell: str, units: str) -> None:
    rows = [TASKS[0], ["1", "新建水厂3座", cell, "2027年底前"]]
    source = read([TITLE, *grid(rows, left=60, top=150, widths=(50, 180, 122, 90))])
    assert f"责任单位：{units}；" in source.text


def test_a_table_of_three_rules(tmp_path: Path) -> None:
    columns = (60, 110, 330, 470)
    cells = [
        Text(x, 165 + 26 * n, cell, 10) for n, row in enumerate(TASKS) for x, cell in zip(columns, row, strict=True)
    ]
    rules = [Rule(50, y, 560, y) for y in (148, 174, 230)]
    found = parsed(tmp_path, [TITLE, *rules, *cells])
    assert [duty.unit for duty in found.responsibilities] == ["市水务局", "市住房城乡建设局"]
    assert [(target.value, target.due) for target in found.targets] == [(3, "2027"), (120, "2027")]


# --- what cannot be read --------------------------------------------------------------------------


def test_a_scan_in_strips_is_said() -> None:
    strips = [Picture(0, n * HEIGHT / 12, WIDTH, HEIGHT / 12) for n in range(12)]
    source = read([TITLE, *paragraphs([DUTY])], strips)
    assert source.unread_pages == (2,)
    with pytest.raises(UnreadableDocument, match="text recognition"):
        read(strips)


@pytest.mark.parametrize("signs", ["\ue123\ue456\ue789", "ጻᇹሴቐበ", "䶿䵴䳄䲰䰾"])
def test_a_garbled_page_is_said(signs: str) -> None:
    garbled = [Text(90, 100 + 28 * n, (signs * 9)[:24]) for n in range(8)]
    source = read([TITLE, *paragraphs([DUTY])], [*garbled, Text(90, 600, "到2027年底前完成")])
    assert source.unread_pages == (2,)
    assert "到2027年底前完成" in source.text
    assert signs not in source.text


def test_a_real_page_is_not_garbled() -> None:
    assert not read(paragraphs(["㸆㻬㴓 滨江市：“①—⑩”，≥98.5%（℃、㎡）；《通知》〔2027〕3号。" + DUTY])).unread_pages


def test_a_broken_file_is_read_by_the_other_library(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def __init__(self, _: bytes) -> None:
            raise pdf_reader.pdfium.PdfiumError("Data format error")

    page = [TITLE, *paragraphs([DUTY]), *grid(TASKS, left=60, top=500, widths=(50, 180, 150, 90))]
    expected = read(page)
    monkeypatch.setattr(pdf_reader.pdfium, "PdfDocument", Refusing)
    assert joined(read(page)) == joined(expected)
    assert pdf_repair.contents(b"%PDF-1.4 broken") == []


# --- OFD ------------------------------------------------------------------------------------------

PLAN: Page = [
    TITLE,
    *paragraphs(["一、重点任务", "（一）到2027年建成水厂30座。（责任单位：市水务局、市财政局）", DUTY], top=150),
]


@pytest.mark.parametrize("namespace", ["http://www.ofdspec.org/2016", "http://www.ofdspec.org", "http://www.ofdspec.org/2012"])  # fmt: skip
def test_namespaces(namespace: str) -> None:
    source = ofd_reader.read(Path("plan.ofd"), ofd(PLAN, namespace=namespace))
    assert joined(source) == joined(read(PLAN))


def test_templates_and_objects_in_resources() -> None:
    heads = ofd_object(Text(200, 40, "滨江市人民政府公报", 10))
    unit = f'<ofd:CompositeGraphicUnit ID="9" Width="200" Height="40"><ofd:Content>{ofd_object(Text(0, 16, "（二）更新管网120公里。"))}</ofd:Content></ofd:CompositeGraphicUnit>'
    composite = '<ofd:CompositeObject Boundary="43 200 150 10" ResourceID="9"/>'
    content = "".join(map(ofd_object, PLAN))
    source = ofd_reader.read(Path("plan.ofd"), ofd(PLAN, parts={
        "Doc_0/Document.xml": '<ofd:Document {ns}><ofd:CommonData><ofd:TemplatePage ID="2" BaseLoc="Tpls/T.xml"/><ofd:DocumentRes>Res.xml</ofd:DocumentRes></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/Tpls/T.xml": f"<ofd:Page {{ns}}><ofd:Content><ofd:Layer>{heads}</ofd:Layer></ofd:Content></ofd:Page>",
        "Doc_0/Res.xml": f"<ofd:Res {{ns}}><ofd:CompositeGraphicUnits>{unit}</ofd:CompositeGraphicUnits></ofd:Res>",
        "Doc_0/Pages/Page_0/Content.xml": f'<ofd:Page {{ns}}><ofd:Template TemplateID="2"/><ofd:Content><ofd:Layer>{content}{composite}</ofd:Layer></ofd:Content></ofd:Page>',
    }))  # fmt: skip
    lines = source.text.replace("\u3000", "").split("\n")
    assert lines[0] == "滨江市人民政府公报"
    assert lines[-1] == "（二）更新管网120公里。"
    assert sorted(source.printed) == sorted("".join(source.text.split()))


def test_tables_of_ofd() -> None:
    page = [TITLE, *grid(TASKS, left=60, top=150, widths=(50, 180, 150, 90))]
    assert ofd_reader.read(Path("plan.ofd"), ofd(page)).text == read(page).text


def test_pages_of_ofd_that_cannot_be_read() -> None:
    scan = [Picture(0, 0, WIDTH, HEIGHT)]
    assert ofd_reader.read(Path("plan.ofd"), ofd(PLAN, scan)).unread_pages == (2,)
    missing = ofd(PLAN, PLAN, parts={"Doc_0/Pages/Page_1/Content.xml": "<ofd:Page {ns}/>"})
    assert ofd_reader.read(Path("plan.ofd"), missing).pages
    with pytest.raises(UnreadableDocument, match="text recognition"):
        ofd_reader.read(Path("plan.ofd"), ofd(scan))


def test_encrypted_ofd() -> None:
    root = "<ofd:OFD {ns}><ofd:Encryptions>E.xml</ofd:Encryptions><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    with pytest.raises(UnreadableDocument, match="encrypted"):
        ofd_reader.read(Path("plan.ofd"), ofd(PLAN, parts={"OFD.xml": root}))


# --- how much of a file reaches the clauses -------------------------------------------------------


def test_coverage(tmp_path: Path) -> None:
    assert parsed(tmp_path, *three_pages("滨江市人民政府公报", "- {n} -")).document.coverage > 0.8
    watermark = [Text(60 + 90 * n, 300, "仅供内部使用不得外传" * 3, 20, angle=45) for n in range(5)]
    assert parsed(tmp_path, [TITLE, *paragraphs([DUTY]), *watermark]).document.coverage < 0.6


def test_a_build_names_what_it_could_not_read(tmp_path: Path, new_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_IN_PROCESS", frozenset(("pdf", "plain")))  # read here, where nothing is installed
    (tmp_path / "corpus").mkdir()
    watermark = [Text(60 + 90 * n, 300, "仅供内部使用不得外传" * 3, 20, angle=45) for n in range(5)]
    scan = [Picture(0, 0, WIDTH, HEIGHT)]
    files = {"whole": [PLAN], "thin": [[*PLAN, *watermark]], "scan": [PLAN, scan]}
    for name, pages in files.items():
        (tmp_path / "corpus" / f"{name}.pdf").write_bytes(pdf(*pages))
    (tmp_path / "corpus" / "unclosed.csv").write_text(
        '序号,任务,责任单位\n1,"修路5公里,县交通局\n2,架桥2座,县水利局\n', "utf-8"
    )
    report = build(tmp_path / "corpus", new_index, load_encoder())
    assert [(gap.source, gap.coverage < 0.9) for gap in report.gaps] == [("thin.pdf", True)]
    assert [(one.source, one.unread_pages) for one in report.scans] == [("scan.pdf", (2,)), ("unclosed.csv", ())]
    assert report.scans[1].doubtful_lines == 1
    again = build(tmp_path / "corpus", new_index, load_encoder())
    assert (again.gaps, again.scans) == (report.gaps, report.scans)
    kb = KnowledgeBase.open(new_index)
    assert kb.aggregations.overview().quality.documents_without_text == 2
    _, lacking = kb.documents(DocumentQuery(lacking="text"))
    assert [one.id for one in lacking] == ["scan", "thin"]


def test_coverage_of_other_formats(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        f"<html><body><h1>滨江市供水提升实施方案</h1><p>一、总体目标</p><p>{DUTY}</p></body></html>", "utf-8"
    )
    assert analyse(page).document.coverage == 1
    book = openpyxl.Workbook()
    for row in TASKS:
        book.active.append(row)
    book.save(tmp_path / "tasks.xlsx")
    assert analyse(tmp_path / "tasks.xlsx").document.coverage == 1
    document = docx.Document()
    for line in ("滨江市供水提升实施方案", "一、总体目标", DUTY):
        document.add_paragraph(line)
    document.save(str(tmp_path / "plan.docx"))
    assert analyse(tmp_path / "plan.docx").document.coverage == 1
    (tmp_path / "plan.txt").write_text("一、总体目标\n" + DUTY, "utf-8")
    assert analyse(tmp_path / "plan.txt").document.coverage == 1


# --- tables without rules -------------------------------------------------------------------------

WRAPPED = [
    TASKS[0],
    ["1", "新建水厂3座，同步推进\n配套管网建设", "市水务局、市自然资源\n和规划局", "2027年底前"],
    ["2", "更新管网120公里", "市住房城乡建设局", "2026年6月底前"],
    ["3", "建成平台1个，实现\n全流程监测", "市数据局", "2025年底前"],
]
UNRULED_WIDTHS = (50, 170, 140, 100)


def unruled(rows: list[list[str]], *, centred: bool = False, top: float = 140) -> list[Text]:
    """The cells of a table without rules, each on its lines, those of a row from one height or around one."""
    drawn: list[Text] = []
    for row in rows:
        most = max(cell.count("\n") for cell in row)
        for x, cell in zip(accumulate(UNRULED_WIDTHS, initial=80), row, strict=False):
            shift = 7 * (most - cell.count("\n")) if centred else 0
            drawn += [Text(x, top + shift + 14 * n, line, 10) for n, line in enumerate(cell.split("\n"))]
        top += 26 + 14 * most
    return drawn


@pytest.mark.parametrize("centred", [False, True], ids=["from the top", "around the middle"])
@pytest.mark.parametrize("suffix", [".pdf", ".ofd"])
def test_cells_over_lines_without_rules(suffix: str, centred: bool, tmp_path: Path) -> None:
    page = [
        TITLE,
        *unruled(WRAPPED, centred=centred),
        Text(90, 400, "以上任务由各单位按职责分工抓好落实，按季度报送进展情况。"),
    ]
    path = tmp_path / f"plan{suffix}"
    path.write_bytes(pdf(page) if suffix == ".pdf" else ofd(page))
    assert readers.read_document(path).text.split("\n")[1:] == [
        "1.新建水厂3座，同步推进配套管网建设。（责任单位：市水务局、市自然资源和规划局；完成时限：2027年底前）",
        "2.更新管网120公里。（责任单位：市住房城乡建设局；完成时限：2026年6月底前）",
        "3.建成平台1个，实现全流程监测。（责任单位：市数据局；完成时限：2025年底前）",
        "以上任务由各单位按职责分工抓好落实，按季度报送进展情况。",
    ]


def test_rows_that_cannot_be_told_apart_stay_lines() -> None:
    rows = [[row[0] if row[0] != "2" else "", *row[1:]] for row in WRAPPED]
    source = read([TITLE, *unruled([[*rows[0]], *rows[1:]])])
    assert "责任单位：" not in source.text
    assert "市自然资源" in source.text


NAMED = [
    ["工作任务", "责任单位", "完成时限"],
    ["新建水厂3座，同步推进\n配套管网建设", "市水务局、市自然资源\n和规划局", "2027年底前"],
    ["更新管网120公里", "市住房城乡建设局", "2026年6月底前"],
    ["建成平台1个，实现\n全流程监测", "市数据局", "2025年底前"],
]
NAMED_LINES = [
    "新建水厂3座，同步推进配套管网建设。（责任单位：市水务局、市自然资源和规划局；完成时限：2027年底前）",
    "更新管网120公里。（责任单位：市住房城乡建设局；完成时限：2026年6月底前）",
    "建成平台1个，实现全流程监测。（责任单位：市数据局；完成时限：2025年底前）",
]


def named(rows: list[list[str]], *, gap: float = 0, centred: bool = False, top: float = 140) -> list[Text]:
    """The cells of such a table, the rows further from each other by ``gap`` than the lines of a cell."""
    drawn: list[Text] = []
    for row in rows:
        most = max(cell.count("\n") for cell in row)
        for x, cell in zip((80, 250, 420), row, strict=True):
            shift = 7 * (most - cell.count("\n")) if centred else 0
            drawn += [Text(x, top + shift + 14 * n, line, 10) for n, line in enumerate(cell.split("\n"))]
        top += 14 * (1 + most) + gap
    return drawn


@pytest.mark.parametrize(("gap", "centred"), [(12, False), (12, True), (0, False)])
def test_rows_without_numbers_or_rules(gap: float, centred: bool) -> None:
    page = [
        TITLE,
        *named(NAMED, gap=gap, centred=centred),
        Text(90, 400, "以上任务按职责分工抓好落实，按季度报送进展情况。"),
    ]
    assert read(page).text.split("\n")[1:-1] == NAMED_LINES


def test_rows_whose_cells_all_may_go_on_stay_lines() -> None:
    rows = [
        NAMED[0],
        ["新建水厂3座，同步推进", "市水务局、市自然资源", "2027年12月"],
        ["配套管网", "和规划局", "底前"],
        ["更新管网120公里，并建", "市住房城乡建设局", "2026年6月底"],
        ["成监测站", "", "前"],
    ]
    assert "责任单位：" not in read([TITLE, *named(rows)]).text


@pytest.mark.parametrize("numbered", [False, True])
def test_a_table_without_rules_goes_on_without_a_head(numbered: bool, tmp_path: Path) -> None:
    rows, draw = (WRAPPED, unruled) if numbered else (NAMED, named)
    more = ["4"] * numbered + ["建成监测站5座", "市水务局", "2026年底前"]
    feet = [Text(280, 800, f"— {n} —") for n in (1, 2)]
    first = [TITLE, *draw(rows[:3], top=680), feet[0]]
    second = [*draw([rows[3], more], top=100), Text(90, 400, "以上任务按季度报送进展情况。"), feet[1]]
    found = parsed(tmp_path, first, second)
    units = ["市水务局", "市自然资源和规划局", "市住房城乡建设局", "市数据局", "市水务局"]
    assert [duty.unit for duty in found.responsibilities] == units
    assert [target.value for target in found.targets] == [3, 120, 1, 5]


def test_columns_of_text_are_no_rest_of_a_table() -> None:
    first = [TITLE, *unruled(WRAPPED[:3], top=700)]
    second = [Text(80, 100 + 28 * n, "各县区要加强组织领导，压实工作责任。") for n in range(3)]
    assert "各县区要加强组织领导，压实工作责任。" in read(first, second).text.split("\n")


def test_what_stands_in_no_column_of_a_page_is_not_always_full() -> None:
    title = "附件：滨江市供水提升重点任务分工表和时间安排"
    lines = paragraphs([DUTY, DUTY[:46]])
    below = [Text(122, lines[-1].y + 28 * n, text) for n, text in enumerate((title, "附件", title[3:]), 1)]
    beside = [Text(x, 500 + 20 * n, "供水指标说明", 10) for x in (84, 180, 300) for n in range(6)]
    assert joined(read([*lines, *below, *beside]))[1:5] == [DUTY[:46], title, "附件", title[3:]]


def test_a_sign_drawn_between_the_words_behind_it() -> None:
    drawn = [
        Text(90, 200, "“清水进万家"),
        Text(186, 200, "行动由市水务局"),
        Text(178, 200, "”"),
        Text(298, 200, "，按月报送"),
    ]
    assert read(drawn).text == "“清水进万家”行动由市水务局，按月报送"


def test_rows_on_the_next_page_stay_rows_of_the_table() -> None:
    widths = (50, 180, 150, 90)
    first = grid(TASKS, left=60, top=700, widths=widths)
    after = grid([["3", "培训管护人员500人次", "市人社局", "2026年底前"]], left=60, top=100, widths=widths)
    source = read([TITLE, *first], [*after, Text(90, 400, "以上任务按季度报送进展情况。")])
    assert [row.cells[1] for row in source.rows] == ["新建水厂3座", "更新管网120公里", "培训管护人员500人次"]
    assert source.printed.count("任") == 1  # of the last line: the header is left out once, and nothing else
