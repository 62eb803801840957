"""The HTTP interface on a really built index: every route, every kind of failure, the reference, the page."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tomllib
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET

import docx
import openpyxl
import pytest
from fastapi import FastAPI
from icalendar import Calendar
from plans import ROOT
from starlette.testclient import TestClient

from api.app import Keeping, create_app, create_app_from_environment
from api.exposure import Exposure
from api.jobs import Builder
from kb import __version__
from kb.encoders import load_encoder
from kb.ingest.build import build
from kb.models import Filters
from kb.models.fields import parameters_of

PLAN = "xiangtan-jichu-jiaoyu"
CLAUSE = f"{PLAN}#二.一.2"
UNITS = {
    "各县市区人民政府",
    "园区管委会",
    "示范区管委会",
    "市委编办",
    "市财政局",
    "市教育局",
    "市自然资源规划局",
    "市住房城乡建设局",
}


def ask(client: TestClient, path: str, **parameters: Any) -> Any:
    """What a route answers; it must answer."""
    response = client.get(f"/api/v1/{path}", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def at(clause_id: str) -> str:
    return quote(clause_id, safe="")


# --- every route ------------------------------------------------------------------------------------


def test_search_says_where_why_and_who(client: TestClient) -> None:
    found = ask(client, "search", q="学前教育普惠发展", limit=3)
    assert (found["query"], found["offset"], found["limit"]) == ("学前教育普惠发展", 0, 3)
    assert found["total"] >= len(found["hits"]) == 3
    [hit, *others] = found["hits"]
    clause = hit["facts"]["clause"]
    assert clause["id"] == CLAUSE
    assert clause["path"][-1] == "推进学前教育普惠发展"
    assert hit["facts"]["document_title"] == "湘潭市推进基础教育补短板强弱项实施方案"
    assert {r["unit"] for r in hit["facts"]["responsibilities"]} == UNITS
    assert "学前教育普惠发展" in {clause["text"][span["start"] : span["end"]] for span in hit["highlights"]}
    scores = [one["score"] for one in found["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert not hit["weak"]
    assert all(0 <= one["score"] <= 1 for one in others)


def test_a_question_is_answered_with_units_and_proof(client: TestClient) -> None:
    answer = ask(client, "who", q="谁负责学前教育普惠发展")
    assert {unit["unit"] for unit in answer["units"]} == UNITS
    assert {unit["clause_id"] for unit in answer["units"]} == {CLAUSE}
    text = ask(client, f"documents/{PLAN}")["document"]["text"]
    for unit in answer["units"]:
        assert unit["unit"][:2] in text[unit["start"] : unit["end"]]
    assert [hit["facts"]["clause"]["id"] for hit in answer["evidence"]] == [CLAUSE]


def test_lead_comes_first(client: TestClient) -> None:
    answer = ask(client, "who", q="增加养老床位供给由谁牵头")
    assert [(unit["unit"], unit["role"]) for unit in answer["units"]] == [
        ("市民政局", "lead"),
        ("市财政局", "support"),
        ("市住房城乡建设局", "support"),
    ]


def test_what_nobody_answers_for_has_no_answer(client: TestClient) -> None:
    answer = ask(client, "who", q="登月计划")
    assert answer["units"] == []
    assert all(hit["weak"] for hit in answer["evidence"])


@pytest.mark.parametrize(
    ("narrowed", "clauses"),
    [
        ({"document_id": "yunxi-yanglao", "role": "lead"}, {"yunxi-yanglao#一.一"}),
        ({"unit": "市民政局"}, {"yunxi-yanglao#一.一"}),
        ({"unit": "云溪市民政局", "role": "lead"}, {"yunxi-yanglao#一.一"}),
        ({"unit": "市民政局", "role": "support"}, set()),
        ({"document_id": "qingshi-gongshui", "has_targets": True}, {"qingshi-gongshui#一", "qingshi-gongshui#二"}),
        ({"document_id": "qingshi-gongshui", "due_before": "2026-06"}, {"qingshi-gongshui#一"}),
        ({"document_id": "qingshi-gongshui", "due_before": "2026-05"}, set()),
        ({"document_id": "no such document"}, set()),
    ],
)
def test_search_is_narrowed(client: TestClient, narrowed: dict[str, Any], clauses: set[str]) -> None:
    found = ask(client, "search", q="供水管网，水质检测，养老床位", limit=100, **narrowed)
    assert {hit["facts"]["clause"]["id"] for hit in found["hits"]} == clauses
    assert found["total"] == len(clauses)


def test_targets_say_how_much_until_when_and_who(client: TestClient) -> None:
    found = ask(client, "targets", document_id="yunxi-yanglao")
    rows = [
        (
            row["target"]["value"],
            row["target"]["unit"],
            row["target"]["due"],
            [r["unit"] for r in row["responsibilities"]],
        )
        for row in found["items"]
    ]
    led = ["市民政局", "市财政局", "市住房城乡建设局"]
    assert rows[:2] == [(40, "个", "2025-12", led), (60, "%", "2025-12", led)]
    assert rows[2][0] == 500
    assert found["total"] == len(rows) == 3
    assert ask(client, "targets", unit="市财政局", role="support")["total"] == 2
    assert {row["document_id"] for row in ask(client, "targets", due_before="2026-06")["items"]} == {
        "yunxi-yanglao",
        "qingshi-gongshui",
    }


@pytest.mark.parametrize(
    ("narrowed", "indicators"),
    [
        ({"text": "新建社区"}, ["全市新建社区养老服务站"]),
        ({"text": "普及率达到95%"}, ["农村自来水普及率"]),
        ({"due_year": "2026"}, ["改造老旧供水管网"]),
        ({"measure": "公里"}, ["改造老旧供水管网"]),
        ({"comparator": ">=", "document_id": "yunxi-yanglao"}, ["护理型床位占比"]),
        ({"least": "60.5", "document_id": "yunxi-yanglao"}, ["培训养老护理员"]),
        ({"least": "６０．５", "document_id": "yunxi-yanglao"}, ["培训养老护理员"]),
        ({"unit": "市民政局"}, ["全市新建社区养老服务站", "护理型床位占比"]),
        ({"text": "没有这个指标"}, []),
    ],
)
def test_targets_are_narrowed(client: TestClient, narrowed: dict[str, str], indicators: list[str]) -> None:
    listed = ask(client, "targets", **narrowed)
    assert [row["target"]["indicator"] for row in listed["items"]] == indicators
    spread = ask(client, "targets/tallies", **narrowed)
    assert sum(tally["count"] for tally in spread["by_year"]) == listed["total"]
    assert sum(tally["count"] for tally in spread["by_document"]) == listed["total"]


def test_targets_in_order(client: TestClient) -> None:
    values = [row["target"]["value"] for row in ask(client, "targets", sort="value", limit=100)["items"]]
    known = [value for value in values if value is not None]
    assert values == sorted(known) + [None] * (len(values) - len(known))
    assert None in values  # the founding plan has lost digits
    falling = [row["target"]["value"] for row in ask(client, "targets", sort="value", descending=True)["items"]]
    assert falling[: len(known)] == sorted(known, reverse=True)
    due = [row["target"]["due"] for row in ask(client, "targets", sort="due", limit=100)["items"]]
    assert [day for day in due if day[:1] == "2"] == ["2025-12", "2025-12", "2026-06"]


def test_damaged_targets_are_those_without_a_number(client: TestClient) -> None:
    damaged = ask(client, "targets", state="damaged", limit=100)
    assert damaged["total"] == ask(client, "overview")["quality"]["damaged_targets"] > 0
    assert {row["target"]["value"] for row in damaged["items"]} == {None}


def test_targets_as_workbook_and_text(client: TestClient) -> None:
    table = client.get("/api/v1/targets/table.xlsx", params={"document_id": "yunxi-yanglao", "sort": "value"})
    assert unquote(table.headers["content-disposition"]).endswith("指标清单.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(table.content)).worksheets[0]
    head, *rows = sheet.iter_rows(min_row=2, values_only=True)
    assert [row[head.index("数值")] for row in rows] == [40, 60, 500]
    assert rows[1][head.index("关系")] == "≥"
    assert rows[1][head.index("牵头单位")] == "市民政局"
    assert rows[0][head.index("时限")] == "2025年12月"
    text = client.get("/api/v1/targets/table.csv", params={"document_id": "yunxi-yanglao", "sort": "value"}).content
    [_, first, *_] = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert first[3:6] == ["40", "", "个"]


def test_too_many_targets_for_a_file_are_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.surveys._MOST_ROWS", 3)
    assert client.get("/api/v1/targets/table.csv", params={"document_id": "yunxi-yanglao"}).status_code == 200
    problem(client.get("/api/v1/targets/table.xlsx"), 422)
    monkeypatch.setattr("kb.export.tables._PART", 100)
    with client.stream("GET", "/api/v1/targets/table.csv") as answer:
        assert "content-length" not in answer.headers  # it comes in parts
        whole = b"".join(answer.iter_bytes()).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(whole, newline="")))
    assert [row[0] for row in rows] == ["序号", *map(str, range(1, ask(client, "targets")["total"] + 1))]


def test_overview_counts_what_is_there(client: TestClient) -> None:
    seen = ask(client, "overview")
    assert seen["counts"] | {"failed": ""} == ask(client, "health/ready")
    assert seen["by_year"] == [{"id": "2024", "name": "2024", "count": 1}]
    assert {tally["id"] for tally in seen["by_issuer"]} >= {"云溪市人民政府"}
    assert seen["quality"]["documents_without_date"] == 2  # one has lost its year, one has no date
    dateless = ask(client, "documents", lacking="date")["items"]
    assert [document["id"] for document in dateless] == ["qingshi-gongshui", PLAN]
    assert ask(client, "documents", lacking="units")["total"] == 0
    unresolved = ask(client, "units", unresolved=True)
    assert unresolved["total"] == seen["quality"]["unresolved_units"] > 0
    assert "湘潭市教育局" not in {unit["organization"]["id"] for unit in unresolved["items"]}
    assert seen["quality"]["documents_without_units"] == 0
    assert seen["quality"]["damaged_deadlines"] > 0


def test_matrix_of_documents_and_of_one(client: TestClient) -> None:
    whole = ask(client, "matrix")
    assert [row["id"] for row in whole["rows"]] == [PLAN, "yunxi-yanglao", "qingshi-gongshui"]
    assert whole["total_rows"] == 3
    one = ask(client, "matrix", document_id="yunxi-yanglao")
    beds, *_ = one["rows"]
    assert (beds["title"], beds["above"]) == ("（一）增加床位供给", "主要任务")
    assert (whole["title"], one["title"]) == ("", "云溪市社区养老服务提升行动计划")
    signs = {
        one["units"][cell["column"]]["name"]: (cell["lead"], cell["responsible"], cell["support"])
        for cell in one["cells"]
        if cell["row"] == 0
    }
    assert signs == {"云溪市民政局": (1, 0, 0), "云溪市财政局": (0, 0, 1), "云溪市住房和城乡建设局": (0, 0, 1)}
    assert ask(client, "matrix", document_id="nothing")["rows"] == []
    second = ask(client, "matrix", document_id="yunxi-yanglao", limit=1, offset=1)
    assert (second["rows"], second["offset"]) == ([one["rows"][1]], 1)
    assert {cell["row"] for cell in second["cells"]} == {0}


def test_network_links_units_of_the_same_clauses(client: TestClient) -> None:
    seen = ask(client, "network", document_id="yunxi-yanglao")
    pairs = {frozenset((link["one"], link["other"])): link["clauses"] for link in seen["links"]}
    assert pairs[frozenset(("云溪市民政局", "云溪市财政局"))] == 1
    assert frozenset(("云溪市民政局", "云溪市教育局")) not in pairs
    ids = {unit["id"] for unit in seen["units"]}
    assert all({link["one"], link["other"]} <= ids for link in seen["links"])
    assert len(ask(client, "network", units=3)["units"]) == 3


def test_deadlines_in_order_of_their_dates(client: TestClient) -> None:
    listed = ask(client, "deadlines")
    assert [item["due"] for item in listed["items"]] == ["2025-12", "2026-06"]
    assert [item["due"] for item in ask(client, "deadlines", descending=True)["items"]] == ["2026-06", "2025-12"]
    assert [item["due"] for item in ask(client, "deadlines", since="2026")["items"]] == ["2026-06"]
    assert [item["due"] for item in ask(client, "deadlines", until="2025-12-30")["items"]] == []
    assert ask(client, "deadlines", until="2025")["total"] == 1
    assert {unit["unit"] for unit in listed["items"][1]["facts"]["responsibilities"]} == {"县水利局", "县财政局"}
    months = ask(client, "deadlines/months")
    assert [(month["id"], month["count"]) for month in months] == [("2025-12", 1), ("2026-06", 1)]


def test_deadlines_of_a_unit_a_place_and_a_document(client: TestClient) -> None:
    tallies = ask(client, "deadlines/tallies")
    assert {one["name"]: one["count"] for one in tallies["by_place"]} == {"云溪市": 1, "青石县": 1}
    for name, field in (("by_unit", "unit"), ("by_place", "place"), ("by_document", "document_id")):
        for one in tallies[name]:
            assert ask(client, "deadlines", **{field: one["id"]})["total"] == one["count"], one
    assert ask(client, "deadlines", unit="县水利局")["items"][0]["due"] == "2026-06"
    assert ask(client, "deadlines", place="滨江市")["total"] == 0
    table = client.get("/api/v1/deadlines/table.xlsx?place=云溪市")
    rows = list(openpyxl.load_workbook(io.BytesIO(table.content)).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [dict(zip(rows[0], row, strict=True))["时限"] for row in rows[1:]] == ["2025年12月"]


def test_a_feed_of_new_documents(client: TestClient) -> None:
    answer = client.get("/api/v1/documents.atom?issuer=云溪")
    assert answer.headers["content-type"] == "application/atom+xml"
    names = {"": "http://www.w3.org/2005/Atom"}
    feed = ET.fromstring(answer.content)
    listed = client.get("/api/v1/documents?issuer=云溪&sort=received").json()["items"]
    entries = feed.findall("entry", names)
    assert [entry.findtext("title", "", names) for entry in entries] == [one["title"] for one in listed]
    assert {entry.findtext("updated", "", names)[:10] for entry in entries} == {one["received_on"] for one in listed}
    assert len({entry.findtext("id", "", names) for entry in [feed, *entries]}) == 1 + len(listed)
    there = entries[0].find("link", names)
    assert there is not None
    assert f"id={listed[0]['id']}" in there.attrib["href"]
    assert client.get("/api/v1/documents.atom?sort=date").json()["errors"][0]["code"] == "unknown-parameter"
    assert "<summary>12月22日，" in client.get("/api/v1/documents.atom?text=湘潭").text  # the year is lost
    again = client.get("/api/v1/documents.atom?issuer=云溪", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_calendar_of_what_is_due(client: TestClient) -> None:
    answer = client.get("/api/v1/deadlines/calendar.ics?since=2025&unit=县水利局")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["dtstart"].dt == date(2026, 6, 30)
    assert "县水利局" in event["summary"]
    assert event["url"].startswith("http://testserver/?view=document&id=qingshi-gongshui#")
    past = Calendar.from_ical(client.get("/api/v1/deadlines/calendar.ics?until=2025").content)
    assert [event["dtstart"].dt for event in past.walk("VEVENT")] == [date(2025, 12, 31)]


def test_original_file_comes_back_as_it_was(index: Path, own: Path, tmp_path: Path) -> None:
    with TestClient(create_app(index, keeping=Keeping(Builder(own, index)))) as opened:
        answer = opened.get("/api/v1/documents/qingshi-gongshui/file")
        assert answer.content == (own / "qingshi-gongshui.html").read_bytes()
        assert answer.headers["content-type"] == "application/octet-stream"  # a browser shows none of it
        assert answer.headers["content-disposition"].startswith('attachment; filename="document.html"')
        assert unquote(answer.headers["content-disposition"]).endswith("qingshi-gongshui.html")
        (own / "qingshi-gongshui.html").write_text("something else", "utf-8")
        assert "已不在文件夹中" in opened.get("/api/v1/documents/qingshi-gongshui/file").json()["detail"]
        (own / "yunxi-yanglao.txt").rename(tmp_path / "yunxi-yanglao.txt")
        problem(opened.get("/api/v1/documents/yunxi-yanglao/file"), 404)
        problem(opened.get("/api/v1/documents/..%2F..%2Fetc%2Fpasswd/file"), 404)


def test_original_file_of_an_archive(corpus: Path, own: Path, own_index: Path) -> None:
    (own / "yunxi-yanglao.txt").unlink()
    with zipfile.ZipFile(own / "多份.zip", "w") as archive:
        archive.write(corpus / "yunxi-yanglao.txt", "folder/yunxi-yanglao.txt")
    build(own, own_index, load_encoder())
    with TestClient(create_app(own_index, keeping=Keeping(Builder(own, own_index)))) as opened:
        answer = opened.get(f"/api/v1/documents/{at('多份/yunxi-yanglao')}/file")
        assert answer.content == (corpus / "yunxi-yanglao.txt").read_bytes()


def test_units_by_any_of_their_names(client: TestClient) -> None:
    everybody = ask(client, "units", limit=100)
    busy = [one["lead"] + one["responsible"] + one["support"] for one in everybody["items"]]
    assert busy == sorted(busy, reverse=True)
    assert everybody["total"] == len(busy) == ask(client, "version")["index"]["organizations"]
    educated = ask(client, "units", name="教育局")
    assert {one["organization"]["id"] for one in educated["items"]} == {"湘潭市教育局", "云溪市教育局"}


@pytest.mark.parametrize("name", ["湘潭市教育局", "云溪市民政局", "县水利局"])
def test_unit_with_its_tasks(client: TestClient, name: str) -> None:
    found = ask(client, f"units/{quote(name)}", limit=100)
    counted = {role: found["unit"][role] for role in ("lead", "responsible", "support")}
    roles = [task["role"] for task in found["tasks"]["items"]]
    assert counted == {role: roles.count(role) for role in counted}
    assert found["tasks"]["total"] == len(roles) > 0
    organization = found["unit"]["organization"]["id"]
    for task in found["tasks"]["items"]:
        held = [(r["organization_id"], r["role"]) for r in task["facts"]["responsibilities"]]
        assert (organization, task["role"]) in held
    [(total, items)] = [(p["total"], p["items"]) for p in [ask(client, f"units/{quote(name)}", role="lead")["tasks"]]]
    assert total == len(items) == counted["lead"]


def test_document_with_its_tree(client: TestClient) -> None:
    parsed = ask(client, f"documents/{PLAN}")
    text = parsed["document"]["text"]
    clauses = {clause["id"]: clause for clause in parsed["clauses"]}
    assert clauses[CLAUSE]["parent_id"] == f"{PLAN}#二.一"
    for kind in ("responsibilities", "targets", "deadlines", "citations"):
        assert parsed[kind], kind
        for fact in parsed[kind]:
            clause = clauses[fact["clause_id"]]
            assert text[fact["start"] : fact["end"]] == fact["text"]
            assert clause["start"] <= fact["start"] <= fact["end"] <= clause["end"]
    listed = {item["id"]: item for item in ask(client, "documents")["items"]}
    assert listed[PLAN]["title"] == parsed["document"]["title"]
    assert listed[PLAN]["clauses"] == len(parsed["clauses"])
    assert listed[PLAN]["responsibilities"] == len(parsed["responsibilities"])
    assert listed[PLAN]["targets"] == len(parsed["targets"])


def test_clause_with_its_facts(client: TestClient) -> None:
    found = ask(client, f"clauses/{at(CLAUSE)}")
    assert found["clause"]["heading"] == "推进学前教育普惠发展"
    assert {r["unit"] for r in found["responsibilities"]} == UNITS
    assert {target["clause_id"] for target in found["targets"]} == {CLAUSE}


@pytest.mark.parametrize(
    ("path", "count"),
    [(f"units/{quote('湘潭市教育局')}/ledger.xlsx", 10), ("search/ledger.xlsx?q=教育&limit=2", 2)],
)
def test_ledger_of_a_unit_and_of_a_search(client: TestClient, path: str, count: int) -> None:
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert [sheet.title for sheet in book.worksheets] == ["责任分解表", "责任矩阵"]
    assert book.worksheets[0].max_row == 2 + count


def test_ledger_of_a_search_takes_all_that_is_relevant(client: TestClient) -> None:
    relevant = ask(client, "search", q="教育")["relevant"]
    assert relevant > 5
    assert len(client.get("/api/v1/search/ledger.csv?q=教育").content.decode("utf-8-sig").split("\r\n")) == relevant + 2


def test_ledger_of_chosen_clauses(client: TestClient) -> None:
    chosen = ["qingshi-gongshui#一", CLAUSE]
    response = client.get("/api/v1/ledger.docx", params={"clause": chosen})
    [table] = docx.Document(io.BytesIO(response.content)).tables
    assert [row.cells[1].text for row in table.rows[1:]] == ["改造供水管网", "推进学前教育普惠发展"]
    assert unquote(response.headers["content-disposition"]).endswith("所选任务责任分解表.docx")
    assert client.get("/api/v1/ledger.xlsx", params={"clause": ["nothing#1"]}).status_code == 404
    assert client.get("/api/v1/ledger.xlsx").status_code == 422


def test_weak_hits_are_in_no_ledger(client: TestClient) -> None:
    found = client.get("/api/v1/search?q=月球基地建设").json()
    assert found["total"] > found["relevant"] == 0
    assert len(client.get("/api/v1/search/ledger.csv?q=月球基地建设").text.splitlines()) == 1  # the header


def test_ledger_as_rows_workbook_and_text(client: TestClient) -> None:
    rows = ask(client, f"documents/{PLAN}/ledger")
    assert [row["number"] for row in rows] == list(range(1, 12))
    assert set(rows[1]["responsible"]) == UNITS
    for suffix, media_type in (
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("csv", "text/csv; charset=utf-8"),
    ):
        response = client.get(f"/api/v1/documents/{PLAN}/ledger.{suffix}")
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)
        plain, encoded = re.fullmatch(
            r"attachment; filename=\"([\w.]+)\"; filename\*=UTF-8''(\S+)", response.headers["content-disposition"]
        ).groups()  # type: ignore[union-attr]
        assert plain == f"ledger.{suffix}"
        assert unquote(encoded) == f"湘潭市推进基础教育补短板强弱项实施方案责任分解表.{suffix}"
        if suffix == "xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
            tasks = [cell.value for cell in sheet["B"][2:]]
        elif suffix == "docx":
            tasks = [row.cells[1].text for row in docx.Document(io.BytesIO(response.content)).tables[0].rows][1:]
        else:
            tasks = [line[1] for line in csv.reader(response.content.decode("utf-8-sig").splitlines())][1:]
        assert tasks == [row["task"] for row in rows]


def test_health_and_version(client: TestClient, index: Path) -> None:
    assert ask(client, "health") == {"status": "ok", "ready": True}
    status = ask(client, "health/ready")
    assert status["generation"] == (index / "current").read_text("utf-8").strip()
    assert status["documents"] == 3
    assert status.pop("failed") == ""
    assert ask(client, "version") == {"name": "policy-kb", "version": __version__, "index": status, "uploads": False}


# --- lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "parameters", "items"),
    [
        ("search", {"q": "教育"}, "hits"),
        ("units", {}, "items"),
        ("documents", {}, "items"),
        ("targets", {}, "items"),
        (f"units/{quote('湘潭市教育局')}", {}, "items"),
    ],
)
def test_pages_make_the_whole_list(client: TestClient, path: str, parameters: dict[str, str], items: str) -> None:
    def page(limit: int, offset: int) -> dict[str, Any]:
        found = ask(client, path, limit=limit, offset=offset, **parameters)
        return dict(found.get("tasks", found))

    whole = page(100, 0)
    assert whole["total"] == len(whole[items]) > 2
    joined = []
    for offset in range(0, whole["total"], 2):
        part = page(2, offset)
        assert (part["total"], part["limit"], part["offset"]) == (whole["total"], 2, offset)
        joined += part[items]
    assert joined == whole[items]
    assert page(2, whole["total"])[items] == []
    assert page(2, whole["total"] + 1000)["total"] == whole["total"]


# --- failures ---------------------------------------------------------------------------------------


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = response.json()
    assert set(said) == {"type", "title", "status", "code", "detail", "instance", "errors"}
    assert (said["type"], said["status"]) == ("about:blank", status)
    assert re.search("[\u4e00-\u9fff]", said["detail"])
    return said


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("search", "q"),
        ("search?q=", "q"),
        ("search?q=%20%01", "q"),
        ("search?q=%20%00", "q"),
        ("search?q=x&limit=0", "limit"),
        ("search?q=x&limit=101", "limit"),
        ("search?q=x&limit=many", "limit"),
        ("search?q=x&offset=-1", "offset"),
        ("search?q=x&offset=99999999999999999999", "offset"),
        ("search?q=x&role=boss", "role"),
        ("search?q=x&has_targets=perhaps", "has_targets"),
        ("search?q=x&due_before=tomorrow", "due_before"),
        ("search?q=x&due_before=2025-13", "due_before"),
        (f"search?q={'a' * 10_001}", "q"),
        ("who", "q"),
        ("who?q=%E3%80%80", "q"),
        ("who?q=x&limit=-1", "limit"),
        ("search?q=x&due_after=2025-02-30", "due_after"),
        ("search?q=x&year=2025&year=soon", "year"),
        ("search?q=x&units=市教育局", "units"),
        ("search?q=x&q=y", "q"),
        ("search?q=x&role=lead&role=support", "role"),
        ("documents/nothing?full=1", "full"),
        ("targets?limit=1000", "limit"),
        ("targets?due_before=2025-1", "due_before"),
        ("targets?offset=99999999999999999999", "offset"),
        (f"units?name={'长' * 101}", "name"),
        ("units?limit=x", "limit"),
        ("units/%E5%B8%82%E6%95%99%E8%82%B2%E5%B1%80?role=boss", "role"),
        ("documents?offset=-5", "offset"),
    ],
)
def test_a_wrong_parameter_is_named(client: TestClient, address: str, field: str) -> None:
    said = problem(client.get(f"/api/v1/{address}"), 422)
    assert [error["field"] for error in said["errors"]] == [field]
    assert all(re.search("[\u4e00-\u9fff]", error["message"]) and error["code"] != "other" for error in said["errors"])
    assert said["detail"] == f"参数不正确：{field}"
    assert said["instance"] == "/api/v1/" + unquote(address.partition("?")[0])


@pytest.mark.parametrize(
    ("address", "code", "message"),
    [
        ("search", "value-missing", "没有填写"),
        ("search?q=", "too-short", "至少 1 个字"),
        (f"search?q={'a' * 10_001}", "too-long", "最多 10,000 个字"),
        ("search?q=%00", "nul-in-text", "不能含有空字符（NUL）"),
        ("search?q=a%00b", "nul-in-text", "不能含有空字符（NUL）"),
        ("search?q=%E5%AD%A6%FF", "not-utf8", "不是 UTF-8 编码的文本"),
        ("search?q=x&unit=%ED%A0%80", "not-utf8", "不是 UTF-8 编码的文本"),
        ("documents/x/diff?since=%C0%80", "not-utf8", "不是 UTF-8 编码的文本"),
        (
            "documents?%FF=x",
            "unknown-parameter",
            "没有这个参数，可用的参数为 limit、offset、text、issuer、year、level、lacking、sort",
        ),
        ("search?q=%20", "query-empty", "查询内容为空"),
        (
            "search?q=x&due_before=soon",
            "no-such-date",
            "应为日期，如 2025、2025-06 或 2025-06-30，而不是“soon”",
        ),
        ("search?q=x&year=21", "no-such-year", "应为年份，如 2025，而不是“21”"),
        ("search?q=x&limit=0", "at-least", "不能小于 1"),
        ("documents?text=%00", "nul-in-text", "不能含有空字符（NUL）"),
        ("documents?text=%E2%80%8B", "not-a-text", "应为文字"),
        ("search?q=x&limit=101", "at-most", "不能大于 100"),
        ("search?q=x&offset=2147483648", "less-than", "应小于 2147483648"),
        ("search?q=x&limit=many", "not-a-whole-number", "应为整数"),
        ("search?q=x&has_targets=perhaps", "not-a-switch", "应为 true 或 false"),
        ("targets?comparator=about", "not-among", "应为 =、>=、<=、>、<、~ 之一"),
        (
            "units?page=2",
            "unknown-parameter",
            "没有这个参数，可用的参数为 limit、offset、name、level、unresolved、sort",
        ),
        ("version?q=x", "no-parameters", "这里没有参数"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_said_in_chinese_and_by_a_code(
    client: TestClient, address: str, code: str, message: str
) -> None:
    said = problem(client.get(f"/api/v1/{address}"), 422)
    assert said["code"] == "invalid-fields"
    assert [(error["code"], error["message"]) for error in said["errors"]] == [(code, message)]


def test_empty_fields_of_a_form_do_not_narrow(client: TestClient) -> None:
    """A form sends every field, those left empty too."""
    empty = "&".join(f"{name}=" for name in (one.name for one in parameters_of(Filters) if one.value_type is not bool))
    assert client.get(f"/api/v1/search?q=学前教育&{empty}").json() == client.get("/api/v1/search?q=学前教育").json()


def test_all_wrong_parameters_are_named(client: TestClient) -> None:
    said = problem(client.get("/api/v1/search?limit=0&role=boss"), 422)
    assert {error["field"] for error in said["errors"]} == {"q", "limit", "role"}


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("documents/nothing", "知识库中没有文件“nothing”"),
        ("documents/nothing/ledger", "知识库中没有文件“nothing”"),
        ("documents/nothing/ledger.xlsx", "知识库中没有文件“nothing”"),
        ("documents/nothing/ledger.csv", "知识库中没有文件“nothing”"),
        ("documents/..%2F..%2Fetc%2Fpasswd", "知识库中没有文件“../../etc/passwd”"),
        (f"clauses/{at(PLAN + '#九')}", f"知识库中没有条款“{PLAN}#九”"),
        (f"units/{quote('登月局')}", "知识库中没有单位“登月局”"),
        (f"units/{quote('长' * 500)}", f"知识库中没有单位“{'长' * 80}…”"),
        ("nothing", "没有这个地址或编号"),
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str, detail: str) -> None:
    said = problem(client.get(f"/api/v1/{path}"), 404)
    noun = next((code for code in ("document", "clause", "unit") if path.startswith(code)), "address")
    assert (said["detail"], said["code"]) == (detail, f"no-{noun}")


@pytest.mark.parametrize("name", ["report (the file is empty)", "{x}", "100%s", "a  b"])
def test_names_come_through_untouched(client: TestClient, name: str) -> None:
    said = problem(client.get(f"/api/v1/units/{quote(name)}"), 404)
    assert said["detail"] == f"知识库中没有单位“{name}”"


def test_nothing_can_be_changed(client: TestClient) -> None:
    for method in ("POST", "PUT", "PATCH"):
        response = client.request(method, f"/api/v1/documents/{PLAN}")
        problem(response, 405)
        assert response.headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    for method, path in (("DELETE", f"documents/{PLAN}"), ("POST", "documents"), ("GET", "jobs")):
        problem(client.request(method, f"/api/v1/{path}"), 403)


def test_an_unforeseen_failure_is_a_problem_too(
    app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(self: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("kb.knowledge_base.KnowledgeBase.status", breaks)
    response = TestClient(app, raise_server_exceptions=False).get("/api/v1/health/ready")
    problem(response, 500)
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


# --- hostile input ----------------------------------------------------------------------------------

HOSTILE = {
    "sql": "' OR 1=1; DROP TABLE clauses; --",
    "sql like": "%_\\",
    "query syntax": 'title:教育 AND (+x -y) "a b"~3 [1 TO 9] *?^2 /re/ {!}',
    "unclosed": '"((([{',
    "markup": "<script>alert(1)</script>&amp;",
    "emoji": "👩‍👩‍👧‍👦🏫教育🚀",
    "controls": "".join(map(chr, range(1, 32))) + "教育",
    "right to left": "\u202e教育\u202c\u200b\ufeff",
    "combining": "e\u0301" * 300,
    "one character": "园",
    "one letter": "a",
    "punctuation": "，。！？",
    "rare characters": "𠮷𡈽",
    "replacement": "\ufffd\ufffe\uffff",
    "longest": "学前教育" * 1500,
    "path": "../../etc/passwd",
    "format": "%s {0} ${x} %00",
    "number": "-1e309",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_only_text(client: TestClient, text: str) -> None:
    found = ask(client, "search", q=text, limit=100)
    assert found["query"] == text
    for hit in found["hits"]:
        assert all(
            0 <= span["start"] < span["end"] <= len(hit["facts"]["clause"]["text"]) for span in hit["highlights"]
        )
    ask(client, "who", q=text)
    ask(client, "search", q="教育", document_id=text[:2000], unit=text[:2000])
    ask(client, "targets", document_id=text[:2000], unit=text[:2000])
    ask(client, "units", name=text[:100])
    for path in ("documents", "clauses", "units"):
        if text.strip(".") == text:
            problem(client.get(f"/api/v1/{path}/{quote(text[:500], safe='')}"), 404)
    assert ask(client, "health/ready")["documents"] == 3


def test_one_character_finds_what_holds_it(client: TestClient) -> None:
    hits = ask(client, "search", q="园", limit=100)["hits"]
    assert hits
    assert any("园" in hit["facts"]["clause"]["text"] for hit in hits)


@pytest.mark.parametrize(("encoded", "status"), [("%ED%A0%80", 422), ("%FF%FE", 422), ("%C3%28", 422), ("%", 200)])
def test_bytes_that_are_no_text(client: TestClient, encoded: str, status: int) -> None:
    for path in ("search", "who"):
        assert client.get(f"/api/v1/{path}?q=%E6%95%99%E8%82%B2{encoded}").status_code == status
    problem(client.get(f"/api/v1/documents/x{encoded}"), 404)


def test_a_name_with_like_signs_is_taken_literally(client: TestClient) -> None:
    assert ask(client, "units", name="%")["total"] == 0
    assert ask(client, "units", name="_")["total"] == 0


# --- the index under a running server -----------------------------------------------------------------


def test_without_an_index_questions_wait(tmp_path: Path, own_index: Path) -> None:
    served = tmp_path / "indexes"
    with TestClient(create_app(served)) as client:
        for path in ("search?q=x", "who?q=x", "targets", "units", "documents", f"documents/{PLAN}", "health/ready"):
            response = client.get(f"/api/v1/{path}")
            told = problem(response, 503)
            assert (told["code"], told["detail"]) == (
                "not-built-yet",
                "知识库还没有建好，请稍后再试；一直这样，请告诉管理员",
            )
            assert response.headers["retry-after"] == "10"
        assert ask(client, "health") == {"status": "ok", "ready": False}
        assert ask(client, "version")["index"] is None
        assert client.get("/").status_code == 200
        own_index.rename(served)
        assert ask(client, "health/ready")["documents"] == 3


def test_a_new_generation_is_picked_up(corpus: Path, own: Path, own_index: Path) -> None:
    (own / "yunxi-yanglao.txt").unlink()
    build(own, own_index, load_encoder())
    with TestClient(create_app(own_index)) as client:
        before = ask(client, "health/ready")
        problem(client.get("/api/v1/documents/yunxi-yanglao"), 404)
        shutil.copy(corpus / "yunxi-yanglao.txt", own)
        build(own, own_index, load_encoder())
        after = ask(client, "health/ready")
        assert (before["documents"], after["documents"]) == (2, 3)
        assert before["generation"] < after["generation"]
        assert ask(client, "documents/yunxi-yanglao")["document"]["id"] == "yunxi-yanglao"


def test_a_broken_generation_leaves_the_old_one_in_use(own_index: Path) -> None:
    with TestClient(create_app(own_index)) as client:
        before = ask(client, "health/ready")
        (own_index / "current").unlink()
        (own_index / "current").write_text("no such generation\n", "utf-8")
        assert ask(client, "health/ready") == before
        assert ask(client, "search", q="教育")["hits"]


def test_the_environment_says_what_is_served(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_INDEX", str(index))
    monkeypatch.setenv("KB_MODEL", "")
    monkeypatch.delenv("KB_QUERY_PREFIX", raising=False)
    with TestClient(create_app_from_environment()) as client:
        assert ask(client, "health/ready")["documents"] == 3


# --- the reference ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference(client: TestClient) -> dict[str, Any]:
    described: dict[str, Any] = client.get("/openapi.json").json()
    return described


KINDS = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def departures(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str = "$") -> list[str]:
    """Where a value is not what the schema says; an object has no field that the schema does not name."""
    if "$ref" in schema:
        return departures(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, where)
    if "anyOf" in schema:
        tried = [departures(value, one, schemas, where) for one in schema["anyOf"]]
        return min(tried, key=len)
    if type(value) not in KINDS[schema["type"]] or value not in schema.get("enum", [schema.get("const", value)]):
        return [f"{where}: {value!r}"]
    inside = [(f"{where}[{i}]", one, schema["items"]) for i, one in enumerate(value if isinstance(value, list) else ())]
    found = []
    if isinstance(value, dict):
        fields, needed = schema["properties"], schema.get("required", ())
        found = [f"{where}.{name}" for name in value.keys() ^ fields.keys() if name in value or name in needed]
        inside = [(f"{where}.{name}", value[name], fields[name]) for name in value.keys() & fields.keys()]
    return found + [one for place, item, said in inside for one in departures(item, said, schemas, place)]


def test_every_field_is_described_with_a_true_example(reference: dict[str, Any]) -> None:
    schemas = reference["components"]["schemas"]
    for name, schema in schemas.items():
        assert schema["description"], name
        for field, said in schema["properties"].items():
            assert said["description"], f"{name}.{field}"
            for example in said.get("examples", ()):
                assert not departures(example, said, schemas, f"{name}.{field}")


def test_everything_is_said_in_chinese_and_in_english(reference: dict[str, Any]) -> None:
    operations = [operation for methods in reference["paths"].values() for operation in methods.values()]
    schemas = reference["components"]["schemas"]
    described = [reference["info"], *operations, *schemas.values()]
    described += [field for schema in schemas.values() for field in schema.get("properties", {}).values()]
    described += [parameter for operation in operations for parameter in operation.get("parameters", ())]
    for one in described:
        for text in (one["description"], one.get("summary", "文")):
            assert re.search("[\u4e00-\u9fff]", text), text
    for operation in operations:
        assert re.search("[A-Za-z]{3}", operation["summary"]), operation
    words = tomllib.loads((ROOT / "api" / "reference.toml").read_text("utf-8"))
    assert words["operations"].keys() == {operation["operationId"] for operation in operations}
    assert words["schemas"].keys() == schemas.keys()
    assert words["tags"].keys() == {tag for operation in operations for tag in operation["tags"]}
    told = json.dumps(reference, ensure_ascii=False)
    assert not [english for english, chinese in words["fields"].items() if f"{chinese} ({english})" not in told]


def test_every_route_and_parameter_is_described(reference: dict[str, Any]) -> None:
    for path, methods in reference["paths"].items():
        for said in methods.values():
            assert said["summary"], path
            assert said["description"], path
            assert said["tags"], path
            for parameter in said.get("parameters", ()):
                assert parameter["description"], (path, parameter["name"])
                assert parameter["schema"]["examples"], (path, parameter["name"])
            with_name = "{" in path or "/integrations/" in path  # in the path, or in the body
            assert ("404" in said["responses"]) == with_name, path
            assert ("422" in said["responses"]) == bool(said.get("parameters") or "requestBody" in said), path


ANSWERED = [
    ("/api/v1/search", {"q": "到2025年养老床位", "limit": 100}),
    ("/api/v1/who", {"q": "谁负责学前教育普惠发展"}),
    ("/api/v1/who", {"q": "登月计划"}),
    ("/api/v1/targets", {"limit": 100}),
    ("/api/v1/targets/tallies", {}),
    ("/api/v1/overview", {}),
    ("/api/v1/matrix", {}),
    ("/api/v1/matrix", {"document_id": PLAN}),
    ("/api/v1/network", {}),
    ("/api/v1/deadlines", {}),
    ("/api/v1/deadlines/months", {}),
    ("/api/v1/units", {"limit": 100}),
    ("/api/v1/units/{unit_id}", {"unit_id": "市教育局"}),
    ("/api/v1/documents", {}),
    ("/api/v1/documents/{document_id}", {"document_id": PLAN}),
    ("/api/v1/documents/{document_id}", {"document_id": "yunxi-yanglao"}),
    ("/api/v1/documents/{document_id}/ledger", {"document_id": PLAN}),
    ("/api/v1/clauses/{clause_id}", {"clause_id": CLAUSE}),
    ("/api/v1/health", {}),
    ("/api/v1/health/ready", {}),
    ("/api/v1/version", {}),
]


@pytest.mark.parametrize(("path", "parameters"), ANSWERED)
def test_answers_are_as_described(
    client: TestClient, reference: dict[str, Any], path: str, parameters: dict[str, Any]
) -> None:
    filled = re.sub(r"{(\w+)}", lambda match: quote(parameters[match[1]], safe=""), path)
    asked = {name: value for name, value in parameters.items() if f"{{{name}}}" not in path}
    answer = client.get(filled, params=asked)
    schema = reference["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert not departures(answer.json(), schema, reference["components"]["schemas"])


def test_the_examples_of_all_parameters_work_together(client: TestClient, reference: dict[str, Any]) -> None:
    for path, methods in reference["paths"].items():
        if "get" not in methods or "401" in methods["get"]["responses"]:  # what needs a key is tested with one
            continue
        examples = {p["name"]: p["schema"]["examples"][0] for p in methods["get"].get("parameters", ())}
        filled = re.sub(r"{(\w+)}", lambda match, given=examples: quote(given.pop(match[1]), safe=""), path)  # type: ignore[misc]
        assert client.get(filled, params=examples).status_code == 200, filled


def test_problems_are_as_described(client: TestClient, reference: dict[str, Any]) -> None:
    schemas = reference["components"]["schemas"]
    for response in (client.get("/api/v1/search"), client.get("/api/v1/nothing"), client.post("/api/v1/search")):
        assert not departures(response.json(), {"$ref": "#/components/schemas/Problem"}, schemas)
    for methods in reference["paths"].values():
        for status, said in (
            (status, said) for method in methods.values() for status, said in method["responses"].items()
        ):
            if not status.startswith("2"):
                content = said["content"]["application/problem+json"]
                assert not departures(content["example"], content["schema"], schemas)


# --- finding the way ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind", "name", "also"),
    [
        ("教育局", "unit", "湘潭市教育局", ""),
        ("市教育局", "unit", "湘潭市教育局", "市教育局"),
        ("xtsjyj", "unit", "湘潭市教育局", ""),
        ("srsj", "unit", "湘潭市人力资源和社会保障局", "市人社局"),
        ("jiaoyuju", "unit", "湘潭市教育局", ""),
        ("Jiao Yu", "unit", "湘潭市教育局", ""),
        ("市人社局", "unit", "湘潭市人力资源和社会保障局", "市人社局"),
        ("养老服务", "document", "云溪市社区养老服务提升行动计划", ""),
        ("云政发〔2024〕8", "document", "云溪市社区养老服务提升行动计划", "云政发〔2024〕8号"),
        ("学前", "topic", "推进学前教育普惠发展", ""),
        ("xueqianjiaoyu", "topic", "推进学前教育普惠发展", ""),
        ("xqjy", "topic", "推进学前教育普惠发展", ""),
    ],
)
def test_suggestions_by_name_and_pinyin(client: TestClient, typed: str, kind: str, name: str, also: str) -> None:
    found = ask(client, "suggest", q=typed)
    [one] = [each for each in found if each["kind"] == kind and each["name"] == name]
    assert one["also"] == also
    assert one["count"] > 0
    assert (one["id"] == "") == (kind == "topic")


def test_names_with_a_word_that_begins_so_come_first(client: TestClient) -> None:
    def order(typed: str) -> list[str]:
        found = [one["name"] for one in ask(client, "suggest", q=typed, limit=20)]
        return [name for name in found if name in ("加强水质检测", "改造供水管网")]

    assert order("管网") == ["改造供水管网"]
    assert order("检测") == ["加强水质检测"]
    assert order("水") == ["加强水质检测", "改造供水管网"]  # 水质, but 供水; more units answer for the pipes


def test_suggestions_stand_by_kind_and_come_for_nothing_typed(client: TestClient) -> None:
    kinds = [one["kind"] for one in ask(client, "suggest", limit=9)]
    assert kinds == ["unit"] * 3 + ["document"] * 3 + ["topic"] * 3
    assert ask(client, "suggest", q="登月计划") == []
    assert ask(client, "suggest", q="ianjiao") == []  # no syllable begins there
    problem(client.get("/api/v1/suggest", params={"limit": 21}), 422)


@pytest.mark.parametrize(
    ("facet", "parameter"),
    [
        ("units", "unit"),
        ("roles", "role"),
        ("documents", "document_id"),
        ("issuers", "issuer"),
        ("years", "year"),
        ("levels", "level"),
        ("due", ("due_after", "due_before")),
    ],
)
def test_facets_count_what_narrowing_leaves(client: TestClient, facet: str, parameter: str | tuple[str, str]) -> None:
    asked = "学前教育" if facet == "levels" else "养老服务床位"
    spread = ask(client, "search/facets", q=asked)
    assert spread["total"] == ask(client, "search", q=asked)["relevant"] > 0
    assert spread[facet]
    for tally in spread[facet]:
        narrowed = dict.fromkeys([parameter] if isinstance(parameter, str) else parameter, tally["id"])
        assert ask(client, "search", q=asked, limit=1, **narrowed)["relevant"] == tally["count"], tally


def test_facets_count_a_filter_without_itself(client: TestClient) -> None:
    every = ask(client, "search/facets", q="学前教育")
    narrowed = ask(client, "search/facets", q="学前教育", level="city")
    assert narrowed["levels"] == every["levels"]
    assert 0 < narrowed["total"] == ask(client, "search", q="学前教育", level="city")["relevant"]
    assert ask(client, "search", q="学前教育", level="county")["total"] == 0
    assert ask(client, "search", q="学前教育", level=["county", "city"])["relevant"] == narrowed["total"]
    assert ask(client, "search/facets", q="学前教育", has_targets=True)["with_targets"] == every["with_targets"]


def test_hits_by_date_and_by_due_date(client: TestClient) -> None:
    by_date = ask(client, "search", q="新建设施", sort="date", limit=50)
    dated = [hit["facts"]["clause"]["document_id"] for hit in by_date["hits"] if not hit["weak"]]
    assert dated == sorted(dated, key=["yunxi-yanglao", PLAN, "qingshi-gongshui"].index)
    found = ask(client, "search", q="新建设施", sort="due", limit=50)["hits"]
    assert [hit["weak"] for hit in found] == sorted(hit["weak"] for hit in found)
    due = [
        min(
            (fact["due"] for fact in (*hit["facts"]["targets"], *hit["facts"]["deadlines"]) if fact["due"]), default="9"
        )
        for hit in found
        if not hit["weak"]
    ]
    assert due == sorted(due)
    problem(client.get("/api/v1/search", params={"q": "教育", "sort": "size"}), 422)


def test_who_is_narrowed_as_a_search(client: TestClient) -> None:
    assert ask(client, "who", q="学前教育普惠发展", document_id=PLAN)["units"]
    assert not ask(client, "who", q="学前教育普惠发展", document_id="yunxi-yanglao")["units"]
    assert not ask(client, "who", q="学前教育普惠发展", year="1999")["evidence"]


def test_units_of_one_name_are_all_told(client: TestClient) -> None:
    busiest = ask(client, f"units/{quote('市教育局')}")
    assert (busiest["unit"]["organization"]["id"], busiest["namesakes"]) == ("湘潭市教育局", ["云溪市教育局"])
    assert ask(client, f"units/{quote('云溪市教育局')}")["namesakes"] == []
    said = problem(client.get(f"/api/v1/units/{quote('市教育局')}/ledger.csv"), 422)
    assert "湘潭市教育局、云溪市教育局" in str(said)


def test_a_unit_at_a_glance(client: TestClient) -> None:
    profile = ask(client, f"units/{quote('云溪市民政局')}/profile")
    assert profile["organization_id"] == "云溪市民政局"
    assert {one["id"] for one in profile["partners"]} == {"云溪市财政局", "云溪市住房和城乡建设局"}
    assert profile["due"] == [{"id": "2025-12", "name": "2025-12", "count": 1}]
    assert profile["documents"] == [{"id": "yunxi-yanglao", "name": "云溪市社区养老服务提升行动计划", "count": 1}]
    problem(client.get("/api/v1/units/nobody/profile"), 404)


def test_tasks_of_a_unit_are_narrowed(client: TestClient) -> None:
    path = f"units/{quote('云溪市民政局')}"
    assert ask(client, path, role="lead")["tasks"]["total"] == 1
    assert ask(client, path, role="support")["tasks"]["total"] == 0
    assert ask(client, path, due_after="2025", due_before="2025-12")["tasks"]["total"] == 1
    assert ask(client, path, due_after="2026")["tasks"]["total"] == 0
    assert ask(client, path, document_id=PLAN)["tasks"]["total"] == 0
    assert ask(client, path, document_id=PLAN)["unit"]["lead"] == 1


def test_documents_and_units_are_narrowed_and_ordered(client: TestClient) -> None:
    ids = lambda **asked: [one["id"] for one in ask(client, "documents", **asked)["items"]]  # noqa: E731
    assert ids(sort="date")[0] == "yunxi-yanglao"
    assert (
        ids(text="养老") == ids(text="云政发〔2024〕8号") == ids(issuer="云溪") == ids(year="2024") == ["yunxi-yanglao"]
    )
    assert ids(level="city") == [PLAN, "yunxi-yanglao"]
    assert ids(text="%") == []
    counties = [one["organization"] for one in ask(client, "units", level="county")["items"]]
    assert "青石县水利局" in {one["name"] for one in counties}
    assert {one["level"] for one in counties} == {"county"}
    assert ask(client, "units", sort="lead", limit=1)["items"][0]["lead"] > 0
    ordered = [one["organization"]["name"] for one in ask(client, "units", sort="name", limit=100)["items"]]
    assert ordered == sorted(ordered)


# --- the page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/static/frame.css", "/api/v1/health", "/api/v1/nothing", "/openapi.json"]
)
def test_every_answer_has_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert ("unsafe-inline" in policy) == (path == "/docs")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_page_and_all_it_loads_come_from_here(client: TestClient) -> None:
    for page in ("/", "/docs"):
        response = client.get(page)
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        loaded = re.findall(r'(?:src|href)="(static/[^"]+)"', response.text)
        assert loaded
        assert not re.search(r"https?://|<style|\bstyle=|\bon\w+=", response.text)
        for address in loaded:
            assert client.get(f"/{address}").status_code == 200, address


def test_scripts_load_only_scripts_that_are_there(client: TestClient) -> None:
    static = ROOT / "api" / "static"
    scripts = [path for path in static.rglob("*.js") if "vendor" not in path.parts]
    assert len(scripts) > 10
    for script in scripts:
        text = script.read_text("utf-8")
        for name in re.findall(r'(?:from |import\()"(\.[^"]+)"', text):
            loaded = client.get(f"/static/{(script.parent / name).resolve().relative_to(static)}")
            assert loaded.status_code == 200, f"{script.name} → {name}"
            assert loaded.headers["content-type"].startswith("text/javascript")
        assert not re.search(r"innerHTML|insertAdjacentHTML|\beval\b|https?://", text), script.name


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/nothing.js", "/api/app.py"]
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize("last", ["diff", "file", "ledger", "ledger.csv"])
def test_what_belongs_to_a_document_is_no_document_to_remove(client: TestClient, last: str) -> None:
    answer = client.delete(f"/api/v1/documents/{PLAN}/{last}")
    assert problem(answer, 405)["code"] == "wrong-method"
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options(f"/api/v1/documents/{PLAN}/{last}").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path", ["documents", f"documents/{PLAN}", f"clauses/{PLAN}%23二.一.2", "units", "targets", "deadlines"]
)
def test_what_a_client_holds_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(f"/api/v1/{path}")
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "private, no-cache"
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(f"/api/v1/{path}", headers={"If-None-Match": '"other"'}).content == first.content
    assert problem(client.get("/api/v1/documents/nothing", headers={"If-None-Match": '"other"'}), 404)


def test_static_files_are_not_sent_again(client: TestClient) -> None:
    tag = client.get("/static/main.js").headers["etag"]
    assert client.get("/static/main.js", headers={"If-None-Match": tag}).status_code == 304


def test_long_answers_are_compressed(client: TestClient) -> None:
    response = client.get(f"/api/v1/documents/{PLAN}", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert json.loads(response.text)["document"]["id"] == PLAN


# --- methods ------------------------------------------------------------------------------------------


def test_an_address_says_which_methods_it_has(client: TestClient) -> None:
    for path, allowed in (
        ("/api/v1/search", "GET, HEAD, OPTIONS"),
        ("/api/v1/documents", "GET, HEAD, OPTIONS, POST"),
        (f"/api/v1/documents/{PLAN}", "DELETE, GET, HEAD, OPTIONS"),
    ):
        answer = client.options(path)
        assert (answer.status_code, answer.headers["allow"], answer.content) == (204, allowed, b"")
        refused = client.patch(path)
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
    assert client.options("/api/v1/nothing").status_code == 404


def test_head_answers_as_get_does_without_a_body(client: TestClient) -> None:
    for path in (f"/api/v1/documents/{PLAN}", f"/api/v1/documents/{PLAN}/ledger.csv", "/api/v1/documents/nothing"):
        head, got = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers.get("content-length") == got.headers.get("content-length")


def test_invented_methods_make_no_series(client: TestClient) -> None:
    client.request("INVENTED", "/api/v1/search")
    assert "INVENTED" not in client.get("/metrics").text


@pytest.mark.parametrize("said", ["1_0", " 10", "1e1", "+10", "１０", "0x10"])
def test_a_number_is_written_in_digits(client: TestClient, said: str) -> None:
    answer = client.get("/api/v1/search", params={"q": "教育", "limit": said})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not-a-whole-number"


def test_the_page_is_called_as_the_office_wants(index: Path) -> None:
    with TestClient(create_app(index, exposure=Exposure(title="滨江市<督查>"))) as called:
        page = called.get("/").text
    assert "<title>滨江市&lt;督查&gt;</title>" in page
    assert "政策责任知识库" not in page


@pytest.mark.parametrize(
    "path", ["deadlines?since=2026-12&until=2026-01", "search?q=教育&due_after=2027&due_before=2026-12"]
)
def test_dates_the_wrong_way_round_are_said(client: TestClient, path: str) -> None:
    said = problem(client.get(f"/api/v1/{path}"), 422)
    assert "晚于结束日期" in said["errors"][0]["message"]
    assert client.get("/api/v1/deadlines?since=2026-03&until=2026").status_code == 200
