"""Texts of any layout → header and tree of clauses: cases, laws of the spans, whole documents.

The whole documents in ``golden/`` are compared with everything that is read out of them, one line an entry. After a wanted change,
``KB_WRITE_GOLDEN=1 pytest tests/test_parsing.py`` writes the expected files anew; the difference is to be read before it is kept.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from answers import is_linear
from hypothesis import example, given, settings
from hypothesis import strategies as st
from plans import ROOT

from kb.extraction import extract
from kb.extraction.deadlines import work_reports
from kb.ingest.analysis import analyse
from kb.models import Clause, Document, ParsedDocument, SourceText
from kb.parsing import headings, parse
from kb.parsing.markers import find_markers
from kb.text import UNSEEN, Reading

HERE = ROOT / "tests"
FOUNDING_PLAN = HERE.parent / "corpus" / "xiangtan-jichu-jiaoyu.txt"
GOLDEN = [FOUNDING_PLAN, *sorted((HERE / "golden").glob("*.txt"))]


def cases(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (HERE / "cases" / f"{name}.jsonl").read_text("utf-8").splitlines()]


def parsed(text: str) -> tuple[Document, list[Clause]]:
    document, passages = parse(SourceText("plan.txt", text, ""))
    return document, [passage.clause for passage in passages]


CLAUSES, HEADERS = cases("clauses"), cases("headers")


@pytest.mark.parametrize("case", CLAUSES, ids=[str(case["name"]) for case in CLAUSES])
def test_clauses(case: dict[str, object]) -> None:
    _, clauses = parsed(str(case["text"]))
    by_id = {clause.id: clause for clause in clauses}
    numbered = [clause for clause in clauses if clause.num]
    depth: dict[str, int] = {}
    for clause in clauses:
        above = by_id.get(clause.parent_id or "")
        depth[clause.id] = (depth[above.id] if above else 0) + (1 if clause.num else 0)
    assert [[depth[c.id], "".join(c.num.split()), c.heading] for c in numbered] == case["clauses"]


@pytest.mark.parametrize("case", HEADERS, ids=[str(case["name"]) for case in HEADERS])
def test_header(case: dict[str, object]) -> None:
    document, _ = parsed(str(case["text"]))
    expected = {key: value for key, value in case.items() if key not in {"name", "text"}}
    found = {key: getattr(document, key) for key in expected}
    assert {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()} == expected


# --- laws -----------------------------------------------------------------------------------------

PIECES = (
    "一、", "二、", "（一）", "(二)", "1.", "2．", "1.5万", "（1）", "①", "第一章", "第二条", "第三条之一", "目录\n", "总则", "附件", "附件1：", "现将《",
    "》印发给你们", "。", "，", "；", "：", "\n", "\n\n", "　　", " ", "\t", "\r\n", "\x0c", "\u2028", "《", "》", "（", "）", "市政府", "市教育局", "2024年1月2日", "12月22日", "二〇二一年三月五日",
    "云政发〔2021〕4号", "索引号：\n1\n", "发文机关：", "成文日期：\n2021-01-02\n", "首页 > 公开 > 正文", "- 3 -\n", "# ", "**", "整改措施：\n", "责任单位：市教育局\n", "完成时限：6月\n", "实施方案", "的通知", "总体要求", "到2025年达到60%以上", "序号\t任务\t责任单位\n", "1\t建学校\t市教育局\n", "\t3\t修路\t市交通局\n", "| 2 | 修路 | 市交通局 |\n", "| 类别 | 任务 | 责任单位 |\n", "| 一、民生 | 修路 | 市交通局 |\n", "| | 通水 | |\n", "指标  2025年  2030年\n", "绿化率（%）  40  45\n", "𠮷", "\ufeff", "\x00",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join)


def check_laws(text: str, document: Document, clauses: Sequence[Clause]) -> None:
    """Ids are unique, children lie inside their parents, siblings do not overlap, and no character is lost."""
    by_id = {clause.id: clause for clause in clauses}
    assert len(by_id) == len(clauses)
    ends: dict[str | None, int] = {}
    for clause in clauses:
        assert 0 <= clause.start <= clause.end <= len(text)
        assert clause.start >= ends.get(clause.parent_id, 0)
        ends[clause.parent_id] = clause.end
        if clause.parent_id is not None:
            above = by_id[clause.parent_id]
            assert above.start <= clause.start <= clause.end <= above.end
            assert clause.path[:-1] == above.path
    kept = bytearray(len(text))
    for span in [*clauses, *document.boilerplate]:
        kept[span.start : span.end] = b"\1" * (span.end - span.start)
    lost = [character for character, inside in zip(text, kept, strict=True) if not inside]
    assert all(character.isspace() or character in f"{UNSEEN}\x1c\x1d\x1e\x1f" for character in lost)


@settings(max_examples=300)
@given(TEXTS)
@example("| 类别 | 任务 | 责任单位 |\n一、\n。| 一、民生 | 修路 | 市交通局 |\n")
def test_any_text_is_read_without_loss(text: str) -> None:
    document, clauses = parsed(text)
    assert document.text == text
    check_laws(text, document, clauses)


@settings(max_examples=60)
@given(st.data())
def test_laws_hold_for_cut_and_rearranged_documents(data: st.DataObject) -> None:
    whole = [path.read_text("utf-8") for path in GOLDEN]
    pieces = []
    for _ in range(data.draw(st.integers(1, 4))):
        source = data.draw(st.sampled_from(whole))
        start = data.draw(st.integers(0, len(source)))
        pieces.append(source[start : start + data.draw(st.integers(0, 1500))])
    text = data.draw(st.sampled_from(("", "\n"))).join(pieces)
    check_laws(text, *parsed(text))


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_facts_point_at_their_words(path: Path) -> None:
    found = analyse(path)
    text = found.document.text
    check_laws(text, found.document, found.clauses)
    for fact in (*found.responsibilities, *found.targets, *found.deadlines, *found.citations):
        assert text[fact.start : fact.end] == fact.text


@pytest.mark.parametrize("separator", ["\t", "  ", " | "])
def test_a_task_table_in_plain_text_is_read_as_one_of_a_sheet(separator: str) -> None:
    rows = ["序号 任务 牵头单位 配合单位 时限", "1 新建幼儿园3所 市教育局 市财政局、各县政府 2025年底前"]
    text = "".join(f"{row.replace(' ', separator)}\n" for row in rows)
    found = extract(*parse(SourceText("plan.txt", text, "")))
    assert (
        found.clauses[-1].text
        == "1.新建幼儿园3所。（牵头单位：市教育局；配合单位：市财政局、各县政府；时限：2025年底前）"
    )
    assert [(r.unit, r.role) for r in found.responsibilities] == [
        ("市教育局", "lead"),
        ("市财政局", "support"),
        ("各县政府", "support"),
    ]
    assert [(t.value, t.unit, t.due) for t in found.targets] == [(3, "所", "2025")]
    facts = (*found.responsibilities, *found.targets, *found.deadlines)
    assert all(text[fact.start : fact.end] == fact.text for fact in facts)


def test_ids_stay_when_other_clauses_change() -> None:
    text = "一、目标\n（一）甲。建成三处。\n（二）乙。建成五处。\n二、保障\n（三）丙。加强领导。\n"
    before = [clause.id for clause in parsed(text)[1]]
    after = [clause.id for clause in parsed(text.replace("建成三处", "建成三处，管好用好，长期坚持"))[1]]
    assert before == after == ["plan#一", "plan#一.一", "plan#一.二", "plan#二", "plan#二.三"]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        pytest.param(
            "一、任务\n抓好下列工作。\n建好公园。（市城管局负责）\n修好道路。（市交通局牵头，市财政局配合）\n管好环境。\n",
            ["建好公园。（市城管局负责）", "修好道路。（市交通局牵头，市财政局配合）", "管好环境。"],
            id="paragraphs",
        ),
        pytest.param(
            "任务\t责任单位\t备注\n建公园\t市城管局\t跨年\n修路\t\t\n改厕\t市住建局（河长办）\t\n",
            ["建公园。（责任单位：市城管局）备注：跨年。", "修路。", "改厕。（责任单位：市住建局（河长办））"],
            id="rows with tabs",
        ),
        pytest.param(
            "|任务|责任单位|\n|---|---|\n|建公园|市城管局|\n|修路|市交通局|\n",
            ["建公园。（责任单位：市城管局）", "修路。（责任单位：市交通局）"],
            id="rows with bars",
        ),
        pytest.param(
            "一、任务\n建好公园。\n管好公园。（市城管局负责）\n修好道路。\n管好道路。（市交通局负责）\n",
            ["管好公园。（市城管局负责）", "修好道路。\n管好道路。（市交通局负责）"],
            id="paragraphs with a mark for two",
        ),
        pytest.param(
            "一、整改任务\n共三项。\n问题一：管网老化。\n措施1：换管。\n责任单位：市住建局\n时限：6月底\n"
            "措施2：建站。\n责任单位：市水利局\n问题二：分类差。\n措施1：建亭。\n责任单位：市城管局\n",
            [
                "问题一：管网老化。\n措施1：换管。\n责任单位：市住建局\n时限：6月底",
                "措施2：建站。\n责任单位：市水利局",
                "问题二：分类差。\n措施1：建亭。\n责任单位：市城管局",
            ],
            id="paragraphs with fields below",
        ),
        pytest.param(
            "一、整改任务\n换管。\n责任单位：市住建局\n配合单位：市水利局\n时限：6月底\n", [], id="one run of fields"
        ),
        pytest.param("一、任务\n建好公园。\n管好公园。（市城管局负责）\n", [], id="one mark"),
        pytest.param("组长：张某（市教育局）\n成员：李某（市财政局）\n王某（市水利局）\n", [], id="members"),
    ],
)
def test_rows_and_paragraphs_with_marks_of_their_own_are_clauses(text: str, items: list[str]) -> None:
    document, clauses = parsed(text)
    check_laws(text, document, clauses)
    assert [clause.text for clause in clauses if "项" in clause.id] == items


@pytest.mark.parametrize(
    ("text", "article"),
    [
        (
            "第三条 应当具备：\n（一）场所；\n（二）人员。\n前款所称人员，是指职工。\n第四条 本办法即日施行。\n",
            "前款所称",
        ),
        ("第三条 应当具备：（一）场所；（二）人员。前款所称人员，是指职工。第四条 本办法即日施行。", "前款所称"),
        (
            "第三条 应当具备：\n（一）场所：\n1.自有；\n2.租用。\n（二）人员：\n1.专职；\n2.兼职。\n其他条件另定。\n",
            "其他条件",
        ),
    ],
)
def test_a_paragraph_behind_the_items_of_an_article_is_of_the_article(text: str, article: str) -> None:
    document, clauses = parsed(text)
    check_laws(text, document, clauses)
    assert [clause.num for clause in clauses if article in clause.text] == ["第三条"]


MEASURES = "1.编制一张图。\n2.改造检查井。\n"
CLOSING = "整改时限：6月底\n责任单位：县水利局\n责任领导：副县长 某某\n"


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        pytest.param(f"（一）管网不全。\n整改措施：\n{MEASURES}{CLOSING}（二）台账不全。\n", "plan#一", id="announced"),
        pytest.param(f"（一）管网不全。\n{MEASURES}{CLOSING}（二）台账不全。\n", "plan#一", id="with the time"),
        pytest.param(f"（一）管网不全。\n{MEASURES}责任单位：县水利局\n", "plan#一.2", id="units alone"),
        pytest.param(
            "（一）管网不全。\n整改措施：\n1.编图。\n责任单位：县住建局\n2.改造。\n责任单位：县水利局\n",
            "plan#一.2",
            id="of each",
        ),
        pytest.param(f"（一）管网。\n1.编图。（县住建局负责）\n2.改造。\n{CLOSING}", "plan#一.2", id="somebody before"),
        pytest.param(
            f"（一）管网。\n{MEASURES}（县水利局牵头，县财政局配合）\n（二）台账。\n", "plan#一", id="bracket"
        ),
        pytest.param(
            f"（一）管网。\n{MEASURES}（县水利局负责）\n（二）台账。\n1.建账。\n", "plan#一", id="who answers"
        ),
        pytest.param(
            "（一）管网。\n1.编图。\n（县住建局负责）\n2.改造。\n（县水利局负责）\n", "plan#一.2", id="bracket of each"
        ),
        pytest.param("（一）管网。\n1.编图。\n2.改造。（县水利局负责）\n", "plan#一.2", id="bracket in the line"),
    ],
)
def test_lines_behind_measures_belong_to_what_the_measures_are_for(text: str, holder: str) -> None:
    document, clauses = parsed(text)
    check_laws(text, document, clauses)
    assert [clause.id for clause in clauses if "县水利局" in clause.text] == [holder]
    (measure,) = (clause for clause in clauses if clause.id == "plan#一.2")
    assert ("县水利局" in text[measure.start : measure.end]) == (holder == measure.id)


def test_a_colon_at_the_end_is_not_what_stands_before_the_first_number() -> None:
    text = "第一条为了供水，第二条另行规定。\n第三条本办法自发布之日起施行。\n附件："
    assert [(one.start, one.number) for one in find_markers(Reading.of(text))][:1] == [(0, 1)]


@pytest.mark.parametrize("lined", [True, False], ids=["lined", "flattened"])
def test_a_long_text_costs_in_proportion(lined: bool) -> None:
    page = FOUNDING_PLAN.read_text("utf-8")
    page = page if lined else page.replace("\n", "")

    def read(copies: int) -> None:
        # Other words in each copy: a second copy would be left out.
        text = "".join(page.replace("市", chr(0x4E00 + i)).replace("教", chr(0x5E00 + i)) for i in range(copies))
        parsed(text)

    read(1)
    assert is_linear(read, 4)  # measured: 9 to 11 times the time


@pytest.mark.parametrize(
    ("before", "unit", "after"),
    [
        ("当前位置：首页", ">公开", "字" * 200),
        ("关于做好工作的通知\n一、做好工作。", "\n安平市教育局\n安平市财政局", "\n附注\n二、加强管理。抓好。"),
        ("", "厅局", "1" + "\n市教育局" * 6),
        ("", "县长李", "1\n2023年6月29日"),
        ("通知\n", "青石县教育局\n2025年3月5日\n", ""),
        ("一、养老补贴", "（分两级", "执行\n"),
        ("通知：一、抓好落实工作", "各级各地各部门", "，二、强化保障"),
        ("请执行。2003年1月6日", "省局厅部", "二、强化保障"),
        ("附件：1.甲乙丙丁一览2.甲乙丙丁二览", "附件1甲乙丙丁一览", "完"),
        ("通知\n一、新建管网20公里（责任单位：市水利局）", "分管领导：某某某", "电话1（2）。（完成时限：2025年底前）"),
        ("1" * 400 + "，", "建成 3 ", "个。"),
    ],
    ids="crumbs signers organs persons signatures brackets duties makers attachments fields blanks".split(),
)
def test_repeated_pieces_cost_in_proportion(before: str, unit: str, after: str) -> None:
    def read(size: int) -> None:
        extract(*parse(SourceText("x.txt", before + unit * (size // len(unit)) + after, "")))

    read(100)
    assert is_linear(read, 2000)


@pytest.mark.parametrize(
    ("pattern", "unit"),
    [(work_reports._HEADING, "主要总体发展工作"), (work_reports._REVIEW, " "), (headings._BRACKETS, " ")],
    ids=["aims", "indents", "blanks"],
)
def test_patterns_cost_in_proportion(pattern: re.Pattern[str], unit: str) -> None:
    assert is_linear(lambda size: pattern.sub("", "\n" + unit * (size // len(unit))), 2000)


# --- whole documents ------------------------------------------------------------------------------


def described(found: ParsedDocument) -> dict[str, list[str]]:
    """Everything that is read out of a document, a line an entry, without what can be read in the document itself."""
    document = found.document
    fields = ("title", "document_number", "issuers", "addressees", "issued_on", "kind", "attachments", "disclosure")
    own = {clause.id: clause.id.removeprefix(document.id) for clause in found.clauses}

    def place(start: int, end: int) -> str:
        text = " ".join(document.text[start:end].split())
        return f"{start}..{end} {text if len(text) <= 30 else text[:15] + ' … ' + text[-10:]}"

    return {
        "header": [f"{name}: {getattr(document, name)}" for name in fields],
        "boilerplate": [place(span.start, span.end) for span in document.boilerplate],
        "clauses": [f"{own[c.id]} | {c.part} | {c.num} | {c.heading} | {place(c.start, c.end)}" for c in found.clauses],
        "responsibilities": [
            f"{own[r.clause_id]} | {r.role} | {r.unit} | {'prose' if r.prose else 'mark'} | {place(r.start, r.end)}"
            for r in found.responsibilities
        ],
        "targets": [
            f"{own[t.clause_id]} | {t.indicator} | {t.comparator} {t.value} {t.upper or ''} {t.unit} | {t.per} | {t.due} | {place(t.start, t.end)}"
            for t in found.targets
        ],
        "deadlines": [
            f"{own[d.clause_id]} | {d.due or d.recurrence} | {place(d.start, d.end)}" for d in found.deadlines
        ],
        "citations": [
            f"{own[c.clause_id]} | {c.relation} | {c.title} | {c.document_number} | {place(c.start, c.end)}"
            for c in found.citations
        ],
    }


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_whole_document(path: Path) -> None:
    expected = HERE / "golden" / f"{path.stem}.json"
    found = described(analyse(path))
    if os.environ.get("KB_WRITE_GOLDEN"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


def test_headings_of_years_without_a_number() -> None:
    text = "2024年工作回顾\n一年来成效明显。\n一、修路\n修通三条。\n二、通水\n通到村。\n2025年工作安排\n力争更好。\n一、建园\n建成两处。\n二、育人\n培训千人。\n"
    _, clauses = parsed(text)
    assert [(clause.num, clause.heading, clause.path[:-1]) for clause in clauses] == [
        ("", "2024年工作回顾", ()),
        ("一、", "修路", ("2024年工作回顾",)),
        ("二、", "通水", ("2024年工作回顾",)),
        ("", "2025年工作安排", ()),
        ("一、", "建园", ("2025年工作安排",)),
        ("二、", "育人", ("2025年工作安排",)),
    ]


def test_page_numbers_in_the_lines() -> None:
    first, second = ("".join(f"建成第{count}处园。" for count in range(start, start + 40)) for start in (100, 200))
    text = f"一、总体要求\n坚持统筹 — 1 — 推进各项工作。{first}\n二、重点任务\n加快— 2 —建设。引进 3—5 家企业。{second}强化 — 3 — 保障。\n"
    _, clauses = parsed(text)
    assert [clause.text for clause in clauses] == [
        f"一、总体要求\n坚持统筹推进各项工作。{first}",
        f"二、重点任务\n加快建设。引进 3—5 家企业。{second}强化保障。",
    ]


def test_rows_of_any_table_are_no_wrapped_lines() -> None:
    rows = [f"第{n}批安平县农村供水管网延伸与水质提升工程\t{n}0\t{n}5\t县水利局分管" for n in range(1, 10)]
    _, [clause] = parsed("\n".join(rows) + "\n")
    assert clause.text.split("\n") == rows
    _, [clause] = parsed("一、\t加强领导，主要负责同志、\n分管同志要亲自抓。\n")
    assert "主要负责同志、分管同志" in clause.text


def test_figures_with_a_line_each_number_no_pages() -> None:
    _, [clause] = parsed("一、任务分配\n县区\n小区\n户数\n安平县\n12\n360\n青石县\n20\n510\n")
    assert clause.text.split("\n")[4:] == ["安平县", "12", "360", "青石县", "20", "510"]


def test_the_only_row_of_a_table_without_numbers_is_a_clause() -> None:
    text = "一、任务\n加强管护。\n任务\t责任单位\n修复沟渠3处\t县水利局\n请抓紧落实。\n二、要求\n加强督查。\n"
    _, clauses = parsed(text)
    assert [clause.text for clause in clauses] == [
        "一、任务\n加强管护。\n任务\t责任单位",
        "修复沟渠3处。（责任单位：县水利局）",
        "请抓紧落实。",
        "二、要求\n加强督查。",
    ]


def test_numbers_close_to_one_another_are_of_no_pages() -> None:
    _, [clause] = parsed("一、设备要求\n型号A—1—甲组，型号B—2—乙组，型号C—3—丙组。\n")
    assert "型号A—1—甲组，型号B—2—乙组，型号C—3—丙组。" in clause.text
