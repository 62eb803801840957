"""The command ``kb`` on a really built index, in Chinese and in English, for people and for programs."""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import openpyxl
import pytest
from answers import eventually
from plans import ROOT
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.main import get_command

from api.app import create_app
from kb import __version__, client
from kb.cli import serving
from kb.cli.app import app, main
from kb.cli.wording import choose_language
from kb.client import Client
from kb.index.folders import at
from kb.index.generations import locked, seal

PLAN = "xiangtan-jichu-jiaoyu"
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
CLAUSE = f"{PLAN}#二.一.2"
UNITS = "各县市区人民政府 园区管委会 示范区管委会 市委编办 市财政局 市教育局 市自然资源规划局 市住房城乡建设局".split()


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a command."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """What a person reads, whatever the width of the screen broke over lines or a table put a frame around."""
        return re.sub(r"[\s│╭╮╰╯─]+", "", self.out + self.err)


Kb = Callable[..., Ran]


@pytest.fixture
def kb(index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Kb]:
    """Runs a command in this process, on the index of the tests, in Chinese unless told otherwise."""
    root = logging.getLogger()  # `kb serve` writes to a standard error that is closed when the test ends
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["kb", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    with patch.dict(
        os.environ, {"KB_LANG": "zh", "KB_INDEX": str(index)}
    ):  # puts back what a command sets, as `kb serve` does
        for name in ("KB_CORPUS", "KB_MODEL", "KB_QUERY_PREFIX", "LC_ALL", "LC_MESSAGES", "LANG"):
            os.environ.pop(name, None)
        yield run
    choose_language("")
    root.handlers, root.level = handlers, level


def rows(ran: Ran) -> list[Any]:
    assert (ran.status, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def row(ran: Ran) -> Any:
    [only] = rows(ran)
    return only


# --- for people -----------------------------------------------------------------------------------


SAID: list[tuple[list[str], list[str], list[str]]] = [
    (["status"], ["文件 3", "单位", "模型 embedded:", "版本"], ["Documents 3", "Units", "Model embedded:", "Generation"]),
    (
        ["search", "学前教育普惠发展", "-n", "2"],
        ["显示第 1–2 条", "2.推进学前教育普惠发展", "责任 各县市区人民政府、园区管委会", "目标", CLAUSE],
        ["1–2 of", "2.推进学前教育普惠发展", "responsible 各县市区人民政府、园区管委会", "Targets", CLAUSE],
    ),
    (["search", "教育", "--unit", "登月局"], ["没有找到。"], ["Nothing found."]),
    (
        ["who", "谁负责学前教育普惠发展"],
        ["“谁负责学前教育普惠发展”由谁负责", "单位 角色 得分 条款", "市委编办 责任", "依据："],
        ["Who is responsible for “谁负责学前教育普惠发展”", "Unit Role Score Clause", "市委编办 responsible", "Evidence:"],
    ),
    (["who", "登月计划"], ["知识库中没有“登月计划”的答案。"], ["The knowledge base holds no answer to “登月计划”."]),
    (
        ["unit", "云溪市民政局"],
        ["云溪市民政局：1 项任务", "又称 市民政局", "牵头 （一）增加床位供给", "新建社区养老服务站40个（2025-12）"],
        ["Tasks of 云溪市民政局: 1", "Also 市民政局", "lead （一）增加床位供给"],
    ),
    (
        ["show", "yunxi-yanglao"],
        ["标题 云溪市社区养老服务提升行动计划", "发文字号 云政发〔2024〕8号", "成文日期 2024-03-15", "（印发通知）", "牵头 市民政局"],
        ["Title 云溪市社区养老服务提升行动计划", "Number 云政发〔2024〕8号", "(notice)", "lead 市民政局"],
    ),
    (["show", PLAN], ["文种 实施方案", "（引言）", "学校设立心理咨询室?%（原文数字缺失）"], ["Kind 实施方案", "number lost in the source"]),
    (
        ["show", CLAUSE],
        ["重点任务 › 加大资源供给,促进优质均衡 › 推进学前教育普惠发展", "2.推进学前教育普惠发展。加大公办园建设力度", "责任", "时限"],
        ["responsible", "Due"],
    ),
    (["parse", "corpus/xiangtan-jichu-jiaoyu.txt"], ["文件 xiangtan-jichu-jiaoyu.txt", "二、重点任务"], ["File xiangtan"]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "chinese", "english"), SAID, ids=[" ".join(a) for a, _, _ in SAID])
def test_commands_speak_both_languages(
    kb: Kb, monkeypatch: pytest.MonkeyPatch, arguments: list[str], chinese: list[str], english: list[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for language, wanted in (("zh", chinese), ("en", english)):
        for ran in (kb("--lang", language, *arguments), kb(*arguments, "--lang", language)):
            assert (ran.status, ran.err) == (0, "")
            for piece in wanted:
                assert "".join(piece.split()) in ran.said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"KB_LANG": "en"}, "Documents"),
        ({"KB_LANG": "", "LANG": "en_US.UTF-8"}, "Documents"),
        ({"KB_LANG": "", "LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "文件"),
        ({"KB_LANG": "zh", "LANG": "en_US.UTF-8"}, "文件"),
        ({"KB_LANG": "", "LANG": "C.UTF-8"}, "文件"),
        ({"KB_LANG": "", "LANG": "de_DE.UTF-8"}, "文件"),
    ],
)
def test_the_system_chooses_the_language(
    kb: Kb, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert said in kb("status").out


def test_help_tells_everybody_in_both_languages(kb: Kb) -> None:
    ran = kb("--help")
    for command in ("build", "search", "who", "unit", "show", "status", "parse", "export", "serve"):
        assert command in ran.out
        text = kb(command, "-h").out
        usage = text.index("Usage")
        assert re.search("[\u4e00-\u9fff]{4}.*[A-Z][a-z]+", text[usage:])
    assert kb("--version").out == f"policy-kb {__version__}\n"


# --- for programs -----------------------------------------------------------------------------------


def test_search_as_json(kb: Kb) -> None:
    found = row(kb("search", "学前教育普惠发展", "--limit", "2", "--offset", "1", "--json"))
    whole = row(kb("search", "学前教育普惠发展", "--limit", "3", "--json"))
    assert whole["hits"][0]["facts"]["clause"]["id"] == CLAUSE
    assert found["hits"] == whole["hits"][1:]
    assert (found["offset"], found["limit"], found["total"]) == (1, 2, whole["total"])


@pytest.mark.parametrize(
    ("options", "clauses"),
    [
        (["--document", "yunxi-yanglao", "--role", "lead"], {"yunxi-yanglao#一.一"}),
        (["--unit", "市民政局"], {"yunxi-yanglao#一.一"}),
        (["--document", "qingshi-gongshui", "--has-targets"], {"qingshi-gongshui#一", "qingshi-gongshui#二"}),
        (["--document", "qingshi-gongshui", "--due-before", "2026"], {"qingshi-gongshui#一"}),
        (["--unit", "登月局"], set()),
        (["--year", "2024", "--year", "2019", "--has-targets"], {"yunxi-yanglao#一.一", "yunxi-yanglao#一.二"}),
        (["--issuer", "云溪市人民政府", "--role", "lead"], {"yunxi-yanglao#一.一"}),
        (["--level", "county", "--level", "town", "--year", "2024"], set()),
        (["--due-after", "2026", "--due-before", "2026"], {"qingshi-gongshui#一"}),
        (["--document", "qingshi-gongshui", "--in-force", "--role", "lead"], {"qingshi-gongshui#一"}),
    ],
)
def test_search_is_narrowed(kb: Kb, options: list[str], clauses: set[str]) -> None:
    found = row(kb("search", "供水管网，水质检测，养老床位", "-n", "100", "--json", *options))
    assert {hit["facts"]["clause"]["id"] for hit in found["hits"]} == clauses


def test_search_is_sorted(kb: Kb) -> None:
    def order(*options: str) -> list[str]:
        hits = row(kb("search", "管网改造 水利局 床位供给", "--json", *options))["hits"]
        return [hit["facts"]["clause"]["id"] for hit in hits if not hit["weak"]]

    assert order() == ["qingshi-gongshui#一", "yunxi-yanglao#一.一"]
    assert order("--sort", "due") == ["yunxi-yanglao#一.一", "qingshi-gongshui#一"]  # 2025-12, 2026-06


def test_commands_take_every_filter_that_addresses_take(tmp_path: Path) -> None:
    paths = create_app(tmp_path).openapi()["paths"]
    commands = get_command(app).commands  # type: ignore[attr-defined]  # a group
    for path, command in (
        ("/search", "search"),
        ("/who", "who"),
        ("/search/ledger.{form}", "export"),
        ("/units", "units"),
        ("/units/{unit_id}", "unit"),
    ):
        taken = {parameter["name"] for parameter in paths[f"/api/v1{path}"]["get"]["parameters"]}
        filters = {"document" if name == "document_id" else name for name in taken - {"q", "name", "unit_id", "form"}}
        offered = {name.strip("-").replace("-", "_") for option in commands[command].params for name in option.opts}
        assert filters - offered <= ({"limit", "offset"} if command == "unit" else set()), command


def test_who_and_unit_are_narrowed(kb: Kb) -> None:
    question = ("who", "增加养老床位供给", "--json")
    assert {unit["unit"] for unit in row(kb(*question))["units"]} == {"市民政局", "市财政局", "市住房城乡建设局"}
    assert row(kb(*question, "--document", "qingshi-gongshui"))["units"] == []
    assert row(kb("unit", "云溪市民政局", "--role", "support", "--json"))["tasks"] == []
    assert len(row(kb("unit", "云溪市民政局", "--due-before", "2025", "--json"))["tasks"]) == 1


def test_who_as_json(kb: Kb) -> None:
    answer = row(kb("who", "学前教育普惠发展", "--json"))
    assert [unit["unit"] for unit in answer["units"]] == UNITS
    assert row(kb("who", "登月计划", "--json"))["units"] == []


def test_a_name_of_several_units_is_asked_back_by_every_command(kb: Kb, tmp_path: Path) -> None:
    for command in (["unit", "市教育局"], ["export", "--unit", "市教育局", "-o", str(tmp_path / "unit.csv")]):
        refused = kb(*command)
        assert refused.status != 0
        assert "叫“市教育局”的单位有2个" in refused.said
        assert {"湘潭市教育局", "云溪市教育局"} <= set(re.findall("[\u4e00-\u9fff]+市教育局", refused.said))
    assert row(kb("unit", "云溪市教", "--json"))["organization"]["id"] == "云溪市教育局"
    assert kb("export", "--unit", "云溪市教", "-o", tmp_path / "unit.csv").status == 0


def test_unit_show_and_status_as_json(kb: Kb, index: Path) -> None:
    found = row(kb("unit", "云溪市民政局", "--json"))
    assert found["organization"]["id"] == "云溪市民政局"
    assert [(task["role"], task["facts"]["clause"]["id"]) for task in found["tasks"]] == [
        ("lead", "yunxi-yanglao#一.一")
    ]
    assert row(kb("show", CLAUSE, "--json"))["clause"]["id"] == CLAUSE
    parsed = row(kb("show", PLAN, "--json"))
    assert "text" not in parsed["document"]
    assert CLAUSE in {clause["id"] for clause in parsed["clauses"]}
    assert row(kb("status", "--json"))["generation"] == (index / "current").read_text("utf-8").strip()


def test_parse_reads_what_an_index_holds(kb: Kb, corpus: Path) -> None:
    for path in corpus.iterdir():
        parsed, held = row(kb("parse", path, "--json")), row(kb("show", path.stem, "--json"))
        assert parsed["clauses"] == held["clauses"]
        assert parsed["targets"] == held["targets"]
        assert [r["unit"] for r in parsed["responsibilities"]] == [r["unit"] for r in held["responsibilities"]]


def test_parse_writes_for_programs_for_spacy_and_for_a_browser(kb: Kb, corpus: Path, tmp_path: Path) -> None:
    plan = corpus / "yunxi-yanglao.txt"
    parsed = row(kb("parse", plan, "--format", "json"))
    assert parsed == row(kb("parse", plan, "--json"))
    for form in ("json", "spacy", "displacy"):
        ran = kb("parse", plan, "--format", form, "-o", tmp_path / form)
        assert (ran.status, ran.err, ran.said) == (0, "", f"已写入{tmp_path / form}")
    assert json.loads((tmp_path / "json").read_text("utf-8")) == parsed
    page = (tmp_path / "displacy").read_text("utf-8")
    assert page == kb("parse", plan, "--format", "displacy").out
    assert "云溪市社区养老服务提升行动计划" in page
    [doc] = DocBin().from_disk(tmp_path / "spacy").get_docs(Vocab())
    found = {kind: [span.text for span in doc.spans[f"kb_{kind}"]] for kind in ("responsibilities", "targets")}
    assert found == {kind: [fact["text"] for fact in parsed[kind]] for kind in found}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "spacy"], "--format spacy 要和 --output FILE 一起用"),
        (["--format", "displacy", "--json"], "--json、--format 只能用一个"),
        (["-o", "a.json"], "--output 要和 --format 一起用"),
        (["--format", "xml"], "--format 的值不对：应为 json、spacy、displacy 之一"),
    ],
)
def test_parse_says_which_options_go_together(kb: Kb, corpus: Path, arguments: list[str], said: str) -> None:
    ran = kb("parse", corpus / "yunxi-yanglao.txt", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert "".join(said.split()) in ran.said


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    path = tmp_path / "queries.jsonl"
    asked = [{"qid": "a", "query": "学前教育普惠发展"}, {"qid": "b", "query": "登月计划", "kind": "none"}]
    path.write_text("\ufeff" + "\n\n".join(json.dumps(one, ensure_ascii=False) for one in asked) + "\n", "utf-8")
    return path


def test_many_queries_at_once(kb: Kb, queries: Path) -> None:
    found = rows(kb("search", "--queries", queries, "--limit", "2"))
    assert [one["qid"] for one in found] == ["a", "b"]
    assert [len(one["hits"]) for one in found] == [2, 2]
    hit = found[0]["hits"][0]
    assert hit.keys() == {"document_id", "clause_id", "start", "end", "score"}
    clause = row(kb("show", CLAUSE, "--json"))["clause"]
    assert (hit["clause_id"], hit["start"], hit["end"]) == (CLAUSE, clause["start"], clause["end"])
    answered = rows(kb("who", "--queries", queries, "--json"))
    assert [[unit["unit"] for unit in one["units"]] for one in answered] == [UNITS, []]
    assert {unit["role"] for unit in answered[0]["units"]} == {"responsible"}


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "XLSX"])
def test_export_writes_the_ledger(kb: Kb, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"责任分解表.{suffix}"
    assert "11行" in kb("export", PLAN, "-o", output).said
    if suffix == "csv":
        assert output.read_text("utf-8-sig").startswith("序号,任务,内容,牵头单位,责任单位,配合单位,目标,时限,依据")
    else:
        assert openpyxl.load_workbook(output).worksheets[0].max_row == 13
    assert [one["number"] for one in row(kb("export", PLAN, "-o", output, "--json"))["rows"]] == list(range(1, 12))


def test_export_of_a_unit_and_of_a_search(kb: Kb, tmp_path: Path) -> None:
    output = tmp_path / "ledger.csv"
    of_unit = row(kb("export", "--unit", "湘潭市教育局", "-o", output, "--json"))
    assert (of_unit["title"], len(of_unit["rows"])) == ("湘潭市教育局", 10)
    found = row(kb("export", "--search", "教育", "-n", "3", "-o", output, "--json"))
    assert [one["number"] for one in found["rows"]] == [1, 2, 3]
    assert {one["document_title"] for one in found["rows"]} >= {"湘潭市推进基础教育补短板强弱项实施方案"}
    narrowed = row(kb("export", "--search", "养老床位", "--unit", "市民政局", "--year", "2024", "-o", output, "--json"))
    assert [one["clause_id"] for one in narrowed["rows"]] == ["yunxi-yanglao#一.一"]
    assert row(kb("export", "--unit", "云溪市民政局", "--role", "support", "-o", output, "--json"))["rows"] == []
    several = kb("export", "--unit", "市教育局", "-o", output)
    assert several.status == 2
    assert "湘潭市教育局、云溪市教育局" in several.said
    for wrong in ([], [PLAN, "--unit", "市教育局"], [PLAN, "--has-targets"], ["--unit", "市教育局", "--year", "2024"]):
        assert kb("export", *wrong, "-o", output).status == 2


def test_build_says_what_it_did(kb: Kb, own: Path, new_index: Path) -> None:
    (own / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    ran = kb("build", "--corpus", own, "--index", new_index)
    assert ran.status == 3
    assert "3个文件" in ran.said
    assert "新处理3个文件，沿用0个。" in ran.said
    assert "未收入picture.txt：不是图片，或文件已损坏" in ran.said
    again = json.loads(kb("build", "--corpus", own, "--index", new_index, "--json").out)
    assert (again["computed"], again["copied"], len(again["failures"])) == (0, 3, 1)
    assert "up to date: documents 3" in kb("--lang", "en", "build", "--corpus", own, "--index", new_index).out


def test_nothing_to_go_back_to_is_refused_before_it_is_recorded(kb: Kb, own_index: Path, tmp_path: Path) -> None:
    ran = kb("rollback", "--index", own_index, "--audit", tmp_path / "audit.jsonl")
    assert ran.status == 1
    assert "没有更早的版本" in ran.err
    assert not (tmp_path / "audit.jsonl").exists()


# --- what goes wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        ("search x --index {tmp}", "索引 {tmp} 不可用：这里没有索引，请先运行 kb build", "{tmp}: no index here; run `kb build` first"),
        ("status --index {file}", "索引 {file}/current 不可用：已损坏（不是文件夹）", "{file}/current: cannot be read (not a folder)"),
        ("search ''", "查询有误（query）：查询内容为空", "query: says nothing"),
        ("who {long}", "查询有误（query）：有 10,001 个字，最多 10,000 个字", "query: has 10,001 characters; 10,000 are allowed"),
        ("search x --year 20", "查询有误（year）：应为年份，如 2025，而不是“20”", "year: must be a year such as 2025, not '20'"),
        ("search x --limit 0", "查询有误（limit）：应在 1 到 1,000 之间，而不是 0", "limit: must be 1 to 1,000, not 0"),
        ("search x --offset -1", "查询有误（offset）：不能是负数或过大：-1", "offset: must not be negative or beyond reason: -1"),
        (
            "search x --due-before soon",
            "查询有误（due_before）：应为日期，如 2025、2025-06 或 2025-06-30，而不是“soon”",
            "due_before: must be a date such as 2025, 2025-06 or 2025-06-30, not 'soon'",
        ),
        ("unit 登月局", "知识库中没有单位“登月局”", "no unit '登月局'"),
        (
            "unit 教育局",
            "知识库中没有单位“教育局”；名称相近的有：湘潭市教育局、云溪市教育局",
            "no unit '教育局'; similar names: 湘潭市教育局, 云溪市教育局",
        ),
        ("show nothing", "知识库中没有文件“nothing”", "no document 'nothing'"),
        ("show nothing#一", "知识库中没有条款“nothing#一”", "no clause 'nothing#一'"),
        ("export nothing -o {tmp}/a.csv", "知识库中没有文件“nothing”", "no document 'nothing'"),
        ("export nothing -o {tmp}/a.pdf", "{tmp}/a.pdf：应以 .xlsx、.docx、.csv 之一结尾", "{tmp}/a.pdf: must end with one of .xlsx, .docx, .csv"),
        ("export xiangtan-jichu-jiaoyu -o {tmp}/no/a.csv", "无法写入 {tmp}/no/a.csv（文件夹不存在）", "{tmp}/no/a.csv: cannot be written (no such folder)"),
        ("parse {tmp}/a.txt", "无法读取 {tmp}/a.txt：文件不存在", "{tmp}/a.txt: no such file"),
        ("parse {tmp}/a.exe", "无法读取 {tmp}/a.exe：文件不存在", "{tmp}/a.exe: no such file"),
        ("parse {empty}", "无法读取 {empty}：文件是空的", "{empty}: the file is empty"),
        ("parse {file} --format displacy -o {tmp}/no/a.html", "无法写入 {tmp}/no/a.html（文件夹不存在）", "{tmp}/no/a.html: cannot be written (no such folder)"),
        ("parse {binary}", "无法读取 {binary}：不是文本", "{binary}: not text"),
        ("build --corpus {tmp}/none", "无法读取 {tmp}/none：文件夹不存在", "{tmp}/none: no such folder"),
        ("build --corpus {tmp} --index {file}/x", "索引 {file}/x 不可用：无法写入（不是文件夹）", "{file}/x: cannot be written (not a folder)"),
        ("search x --query-prefix q", "模型 embedded 不可用：自带的模型不用查询前缀", "embedded: the embedded model takes no query prefix"),
        ("search x --model {tmp}/bge", "模型 {tmp}/bge 不可用：文件夹不存在", "{tmp}/bge: no such folder"),
        ("search x --reranker {tmp}/bge", "重排模型 {tmp}/bge 不可用：文件夹不存在", "{tmp}/bge: no such folder"),
        ("search x --thesaurus {file}", "词表 {file} 不可用：第 1 行：缺少", "{file}: line 1: no {{"),
        ("search --queries {tmp}", "无法读取 {tmp}：是文件夹，不是文件", "{tmp}: is a folder"),
        ("serve --host 203.0.113.9", "不能在 203.0.113.9:8000 监听：本机没有这个地址", "203.0.113.9:8000: cannot listen here (this machine has no such address)"),
        ("serve --host nobody.invalid", "不能在 nobody.invalid:8000 监听：", "nobody.invalid:8000: cannot listen here ("),
        ("build --corpus {file}", "无法读取 {file}：不是文件夹", "{file}: not a folder"),
        ("check --index {tmp}", "索引 {tmp} 不可用：这里没有索引", "{tmp}: no index here"),
        ("rollback nothing", "索引 {index} 不可用：没有更早的版本", "{index}: no earlier generation"),
        ("search --queries {binary}", "无法读取 {binary}：不是 UTF-8 编码的文本", "{binary}: not text in UTF-8"),
        ("search --queries {file}", "无法读取 {file}：第 2 行：每行应为", "{file}: line 2: each line must be"),
    ],
)  # fmt: skip
def test_an_error_is_one_clear_line(
    kb: Kb, index: Path, tmp_path: Path, arguments: str, chinese: str, english: str
) -> None:
    places = {name: tmp_path / f"{name}.txt" for name in ("file", "empty", "binary")} | {"tmp": tmp_path}
    places["index"] = index
    places["file"].write_text('{"qid": "1", "query": "教育"}\n{"qid": "2"}\n', "utf-8")
    places["empty"].write_text(" \n", "utf-8")
    places["binary"].write_bytes(bytes(range(256)) * 4)
    words = [word.replace("''", "").format(long="长" * 10_001, **places) for word in arguments.split(" ")]
    for language, wanted in (("zh", f"错误：{chinese}"), ("en", f"Error: {english}")):
        ran = kb("--lang", language, *words)
        assert ran.status == (2 if chinese.startswith("查询有误") else 1)
        assert ran.err.startswith(wanted.format(**places))
        assert ran.err.count("\n") == 1


def test_an_index_of_another_model_is_refused(kb: Kb, own_index: Path) -> None:
    [store] = own_index.glob("*/knowledge.sqlite")
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE manifest SET model = 'other:1'")
    connection.close()
    seal(store.parent)
    ran = kb("who", "教育", "--index", own_index)
    assert ran.status == 1
    assert re.fullmatch(
        r"错误：索引 .+ 不可用：建库用的模型是 other:1，现在用的是 embedded:\w+；请换回原模型，或重新运行 kb build\n",
        ran.err,
    )


def test_a_wrong_setting_is_said_in_the_language_asked_for(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings are read before the command is parsed; the language is known all the same."""
    settings = tmp_path / "kb.toml"
    settings.write_text("port = 99999\n", "utf-8")
    monkeypatch.setenv("KB_CONFIG", str(settings))
    chinese = f"错误：配置文件 {settings} 有误：port 的值不对：应为 0 到 65535 的整数，而不是 99999\n"
    assert kb("status", "--lang", "zh").err == kb("--lang=zh", "status").err == chinese
    english = f"Error: {settings}: port: 0 to 65535 expected, not 99999\n"
    assert kb("status", "--lang", "en").err == kb("--lang=en", "status").err == english


def test_a_second_build_is_refused_in_both_languages(kb: Kb, corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "indexes"
    with locked(place):
        ran = kb("build", "--corpus", corpus, "--index", place)
        assert (ran.status, ran.err) == (1, f"错误：另一个建库任务正在运行，请稍后再试（{place}）\n")
        ran = kb("build", "--corpus", corpus, "--index", place, "--lang", "en")
        assert (ran.status, ran.err) == (1, f"Error: {place}: another build is running\n")


def test_names_in_messages_are_printed_as_they_are_on_one_line(kb: Kb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "plan.txt").write_text("一、总体要求\n", "utf-8")
    for name in ("report (the file is empty).docx", "{x} 100%s.doc", "a  b.wps"):
        (folder / name).write_bytes(ENCRYPTED + name.encode())
        ran = kb("parse", folder / name)
        assert (ran.status, ran.err) == (1, f"错误：无法读取 {folder / name}：文件已加密\n")
    (folder / "two\nlines.txt").write_text("x")
    ran = kb("build", "--corpus", folder, "--index", tmp_path / "indexes")
    assert ran.status == 3
    assert sorted(ran.err.splitlines()) == sorted(
        [
            "未收入 report (the file is empty).docx：文件已加密",
            "未收入 {x} 100%s.doc：文件已加密",
            "未收入 a  b.wps：文件已加密",
            "未收入 two\\nlines.txt：文件名里有换行或其他控制字符",
        ]
    )
    for language, reason in (("zh", "文件已加密"), ("en", "encrypted")):
        ran = kb("build", "--corpus", folder, "--index", tmp_path / "indexes", "--json", "--lang", language)
        failures = {Path(failure["source"]).name: failure for failure in json.loads(ran.out)["failures"]}
        assert failures["a  b.wps"]["code"] == "encrypted"
        assert failures["a  b.wps"]["reason"] == reason
        assert failures["two\nlines.txt"]["code"] == "control-character-in-name"


def test_what_is_wrong_with_an_index_is_said_in_both_languages(kb: Kb, own_index: Path) -> None:
    [checksums] = own_index.glob("*/SHA256SUMS")
    (checksums.parent / "stray.txt").write_text("x", "utf-8")
    generation = checksums.parent.name
    ran = kb("check", "--index", own_index)
    assert (ran.status, ran.err) == (1, "stray.txt 不属于这个版本\n")
    ran = kb("check", "--index", own_index, "--lang", "en")
    assert (ran.status, ran.err) == (1, "stray.txt does not belong there\n")
    ran = kb("check", "--index", own_index, "--json")
    problems = [{"code": "foreign-file", "reason": "stray.txt 不属于这个版本"}]
    assert json.loads(ran.out) == {"generation": generation, "problems": problems}


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        ("frobnicate", "应写一个命令，可用的有：build、search", "a command is needed, one of build, search"),
        ("search x --limit many", "--limit 的值不对：应为整数", "wrong value for --limit: must be a whole number"),
        ("serve --port 70000", "--port 的值不对：不能大于 65535", "wrong value for --port: must be 65535 at most"),
        ("search x --role boss", "--role 的值不对：应为 lead、responsible、support 之一", "wrong value for --role: must be one of lead, responsible, support"),
        ("search x --explan", "没有选项 --explan；名称相近的有：--explain", "no option --explan; similar names: --explain"),
        ("search x -z", "没有选项 -z", "no option -z"),
        ("search x y", "参数太多", "too many arguments"),
        ("search x --limit", "选项 --limit 后面应有值", "the option --limit needs a value"),
        ("search x --explain=3", "选项 --explain 不带值", "the option --explain takes no value"),
        ("parse", "缺少参数 FILE", "FILE is missing"),
        ("search", "QUERY、--queries 须有且只有其一", "exactly one of QUERY, --queries is needed"),
        ("diff a b c", "最多两个文件编号", "two ids at most"),
        ("export -o a.csv", "DOCUMENT、--unit、--search 须有且只有其一", "exactly one of DOCUMENT, --unit, --search is needed"),
    ],
)  # fmt: skip
def test_wrong_usage_is_status_2(kb: Kb, arguments: str, chinese: str, english: str) -> None:
    for language, wanted in (("zh", f"错误：{chinese}"), ("en", f"Error: {english}")):
        ran = kb("--lang", language, *arguments.split())
        assert (ran.status, ran.out) == (2, "")
        *usage, said = ran.err.splitlines()
        assert said.startswith(wanted)
        assert all(line.startswith({"zh": "用法：kb ", "en": "Usage: kb "}[language]) for line in usage)


def test_wrong_usage_names_the_variable_that_gave_the_value(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_KEEP", "1")
    assert kb("build").err.splitlines()[-1] == "错误：--keep (KB_KEEP) 的值不对：不能小于 2"


def test_an_unknown_language_is_refused(kb: Kb) -> None:
    ran = kb("--lang", "fr", "status")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == "错误：--lang 的值不对：应为 zh、en 之一"


@pytest.mark.parametrize(
    "query",
    ["' OR 1=1; --", 'title:x AND ("', "👩‍👩‍👧‍👦", "a\0b", "\ud800教育", "-1", "[red]教育[/]", "园", "教育" * 4000],
)
def test_hostile_queries_are_only_text(kb: Kb, query: str) -> None:
    for command in ("search", "who"):
        ran = kb(command, "--", query)
        assert (ran.status, ran.err) == (0, "")
        row(kb(command, "--json", "--", query))
    assert kb("unit", "--", query).status in (1, 2)  # unknown, or too long for a name


# --- as processes -----------------------------------------------------------------------------------


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "error", "-c", "from kb.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, timeout=300, check=False
    )


@pytest.mark.parametrize(
    "command", [["parse", "corpus/xiangtan-jichu-jiaoyu.txt", "--json"], ["search", "教育", "--json"], ["who", "教育"]]
)
def test_no_command_waits_for_torch_or_spacy(index: Path, command: list[str]) -> None:
    code = "import sys, atexit; atexit.register(lambda: sys.stderr.write(' '.join(sorted(sys.modules)))); from kb.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=ROOT,
        env=os.environ | {"KB_INDEX": str(index)},
        capture_output=True,
        timeout=300,
        check=True,
    )
    loaded = set(ran.stderr.decode().split())
    assert "kb.cli" in loaded
    assert not loaded & {"torch", "sentence_transformers", "transformers", "spacy"}


def test_output_is_utf8_on_a_system_that_is_not(index: Path) -> None:
    ran = process("who", "学前教育普惠发展", KB_INDEX=str(index), LC_ALL="C", PYTHONIOENCODING="ascii")
    assert ran.returncode == 0
    assert "市教育局" in ran.stdout.decode("utf-8")


def test_a_reader_that_stops_reading_is_no_error(index: Path) -> None:
    command = f'"{sys.executable}" -c "from kb.cli import main; main()" search 教育 -n 1000 --json | head -c 100'
    ran = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env=os.environ | {"KB_INDEX": str(index)},
        capture_output=True,
        timeout=300,
        check=True,
    )
    assert len(ran.stdout) == 100
    assert b"Traceback" not in ran.stderr


@contextmanager
def serve(index: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A server of its own process with these settings."""
    command = [sys.executable, "-c", "from kb.cli import main; main()", "serve", "--port", "0"]
    environment = os.environ | {"KB_INDEX": str(index), "KB_LANG": "zh"} | settings
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as started:
        try:
            yield started
        finally:
            started.kill()


def port_of(server: subprocess.Popen[str]) -> int:
    """The port that the server announces."""
    assert server.stderr is not None
    line = server.stderr.readline()
    announced = re.fullmatch(r"网页：http://127\.0\.0\.1:(\d+)（按 Ctrl\+C 停止）\n", line)
    assert announced, line
    return int(announced[1])


def answer(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    status, body = response.status, response.read()
    connection.close()
    return status, body


@pytest.fixture
def server(index: Path) -> Iterator[subprocess.Popen[str]]:
    with serve(index) as started:
        yield started


def test_serve_believes_no_header_that_tells_who_is_connected(index: Path) -> None:
    with serve(index, KB_READ="key", KB_USER_HEADER="Remote-User", KB_PROXIES="10.0.0.1") as started:
        port = port_of(started)
        assert answer(port, "/api/v1/version", Remote_User="zhang", X_Forwarded_For="10.0.0.1")[0] == 401
    with serve(index, KB_READ="key", KB_USER_HEADER="Remote-User", KB_PROXIES="127.0.0.1") as started:
        port = port_of(started)
        assert answer(port, "/api/v1/version", Remote_User="zhang", X_Forwarded_For="10.1.2.3")[0] == 200


@pytest.mark.slow
def test_what_was_taken_before_a_kill_is_built_by_the_next_server(own: Path, own_index: Path, tmp_path: Path) -> None:
    note = tmp_path / "安全检查.txt"
    note.write_text("云溪市校园安全检查方案\n\n一、检查内容\n\n检查校舍120所。（责任单位：市应急管理局）\n", "utf-8")
    settings = {"KB_CORPUS": str(own), "KB_AUDIT": str(tmp_path / "audit.jsonl"), "KB_API_KEY": "a secret"}
    with serve(own_index, KB_WORKERS="0", **settings) as killed, at(own_index).locked():  # the build waits for the lock
        with closing(Client(f"http://127.0.0.1:{port_of(killed)}", "a secret")) as asking:
            job = asking.ask(client.upload([note]))
        killed.kill()
        killed.wait()
    with (
        serve(own_index, KB_WORKERS="0", **settings) as again,
        closing(Client(f"http://127.0.0.1:{port_of(again)}", "a secret")) as asking,
    ):
        eventually(lambda: asking.ask(client.job(job.id)).status == "done")
        assert asking.ask(client.document("安全检查")).document.title == "云溪市校园安全检查方案"


def test_serve_answers_until_it_is_stopped(server: subprocess.Popen[str], kb: Kb) -> None:
    port = port_of(server)
    assert server.stderr is not None
    assert answer(port, "/")[0] == 200
    status, body = answer(port, f"/api/v1/search?q={quote('学前教育普惠发展' * 1250)}")  # 10,000 characters
    assert status == 200
    assert json.loads(body)["hits"]
    status, body = answer(port, f"/api/v1/search?q={quote('长' * 10_001)}")
    assert status == 422
    assert json.loads(body)["errors"][0]["field"] == "q"
    taken = kb("serve", "--port", str(port))
    assert (taken.status, taken.err) == (1, f"错误：不能在 127.0.0.1:{port} 监听：端口已被占用，请用 --port 换一个\n")
    server.send_signal(signal.SIGINT)
    assert server.wait(10) == 0
    lines = [json.loads(line) for line in server.stderr.read().splitlines()]
    assert [(line["event"], line["path"], line["status"]) for line in lines] == [
        ("request", "/", 200),
        ("request", "/api/v1/search", 200),
        ("request", "/api/v1/search", 422),
    ]


def test_the_socket_knows_its_protocol() -> None:
    """Only then does the event loop send the last bytes of an answer at once; otherwise a client that stays connected waits 40 ms."""
    with serving._listen("127.0.0.1", 0) as place:
        assert place.proto == socket.IPPROTO_TCP


def test_serve_says_at_once_what_it_cannot_do(kb: Kb) -> None:
    assert kb("serve", "--query-prefix", "x").err == "错误：模型 embedded 不可用：自带的模型不用查询前缀\n"
    assert kb("serve", "--host", "256.0.0.1").status == 1
