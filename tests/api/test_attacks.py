"""What somebody hostile sends to a server; hostile files themselves are in tests/ingest/test_hostile.py, scripts in the page in tests/e2e."""

from __future__ import annotations

import csv
import io
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
from servers import serving
from starlette.testclient import TestClient

from api.app import Keeping, create_app
from api.editors import Editing
from api.exposure import Exposure
from api.jobs import UNFINISHED, Builder
from api.reading import Readers
from kb.access import Keys
from kb.encoders import load_encoder
from kb.ingest.build import build

KEY = {"X-API-Key": "a secret"}
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "＝1+1", '=HYPERLINK("http://evil.example")')
PLAN = "{}云溪市校园安全检查方案\n\n一、检查内容\n\n（一）{}检查校舍。2030年6月底前检查校舍120所。（责任单位：市应急管理局）\n"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, empty_index: Path) -> Iterator[TestClient]:
    """A server over documents that strangers have written."""
    folder = tmp_path_factory.mktemp("attacked")
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, formula in enumerate(FORMULAS):
        (corpus / f"{number}.txt").write_text(PLAN.format(formula, formula), "utf-8")
    (corpus / "=cmd.txt").write_text(PLAN.format("", ""), "utf-8")
    (corpus / 'a"; filename=evil.exe; x=".txt').write_text(PLAN.format("<script>", "<b>"), "utf-8")
    build(corpus, folder / "indexes", load_encoder())
    keeping = Keeping(
        Builder(corpus, folder / "indexes"), Editing(corpus, Keys(configured="a secret"), folder / "audit.jsonl")
    )
    with TestClient(create_app(folder / "indexes", keeping=keeping)) as client:
        yield client


# --- formulas and scripts that are stored -------------------------------------------------------------


def test_no_cell_is_run_as_a_formula(attacked: TestClient) -> None:
    documents = attacked.get("/api/v1/documents?limit=100").json()["items"]
    assert len(documents) >= len(FORMULAS)
    for document in documents:
        address = f"/api/v1/documents/{quote(document['id'], safe='')}/ledger"
        for row in csv.reader(io.StringIO(attacked.get(f"{address}.csv").content.decode("utf-8-sig"), newline="")):
            assert not [cell for cell in row if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
        book = openpyxl.load_workbook(io.BytesIO(attacked.get(f"{address}.xlsx").content))
        for sheet in book:
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]


def test_no_word_document_holds_a_field_and_no_calendar_more_than_its_events(attacked: TestClient) -> None:
    for document in attacked.get("/api/v1/documents?limit=100").json()["items"]:
        address = f"/api/v1/documents/{quote(document['id'], safe='')}/ledger.docx"
        with zipfile.ZipFile(io.BytesIO(attacked.get(address).content)) as package:
            body = package.read("word/document.xml")
            relations = [package.read(name) for name in package.namelist() if name.endswith(".rels")]
        assert not [
            mark for mark in (b"instrText", b"fldSimple", b"w:hyperlink", b"<script", b"altChunk") if mark in body
        ]
        assert b'TargetMode="External"' not in b"".join(relations)
    calendar = attacked.get("/api/v1/deadlines/calendar.ics").text
    lines = calendar.replace("\r\n ", "").split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") >= len(FORMULAS)
    assert not [line for line in lines if line.startswith(("ATTACH", "BEGIN:VALARM", "ATTENDEE"))]
    assert all(":" in line for line in lines if line)


def test_active_files_are_downloads_and_never_pages(attacked: TestClient) -> None:
    """Macros, and files that are two things at once, are read as text and given back as bytes."""
    corpus: Path = attacked.app.state.corpus  # type: ignore[attr-defined]
    text = PLAN.format("网页", "").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("word/vbaProject.bin", b"Sub AutoOpen()")
        paragraphs = b"".join(b"<w:p><w:r><w:t>%b</w:t></w:r></w:p>" % line for line in text.split(b"\n"))
        space = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        package.writestr("word/document.xml", b"<w:document %b><w:body>%b</w:body></w:document>" % (space, paragraphs))
    files = {
        "macro.docm": packed.getvalue(),
        "both.html": b"GIF89a/*<script>alert(1)</script>*/" + text,
        "page.txt": b"<html><script>alert(1)</script></html>\n" + text,
    }
    for name, content in files.items():
        (corpus / name).write_bytes(content)
    try:
        report = build(corpus, corpus.parent / "indexes", load_encoder())
        assert [failure.source for failure in report.failures] == ["both.html"]  # a picture by its first bytes
        for name in ("macro.docm", "page.txt"):
            answer = attacked.get(f"/api/v1/documents/{name.partition('.')[0]}/file")
            assert (answer.status_code, answer.content) == (200, files[name]), name
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert "AutoOpen" not in attacked.get("/api/v1/documents/macro").text
    finally:
        for name in files:
            (corpus / name).unlink()
        build(corpus, corpus.parent / "indexes", load_encoder())


def test_a_link_in_an_archive_leads_nowhere(attacked: TestClient) -> None:
    corpus: Path = attacked.app.state.corpus  # type: ignore[attr-defined]
    (corpus.parent / "secret.txt").write_text(PLAN.format("机密", ""), "utf-8")
    with zipfile.ZipFile(corpus / "links.zip", "w") as package:
        link = zipfile.ZipInfo("link.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        package.writestr(link, "../../secret.txt")
    try:
        build(corpus, corpus.parent / "indexes", load_encoder())
        assert "机密" not in attacked.get("/api/v1/search", params={"q": "机密", "limit": 100}).text.replace(
            '"query":"机密"', ""
        )
    finally:
        (corpus / "links.zip").unlink()
        build(corpus, corpus.parent / "indexes", load_encoder())


def test_names_of_files_inject_no_header(attacked: TestClient) -> None:
    for document in attacked.get("/api/v1/documents?limit=100").json()["items"]:
        for what in ("file", "ledger.csv"):
            answer = attacked.get(f"/api/v1/documents/{quote(document['id'], safe='')}/{what}")
            disposition = answer.headers["content-disposition"]
            assert disposition.count("filename=") == 1
            assert "evil" not in disposition.partition("filename*=")[0]
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("value", ["x\r\nSet-Cookie: a=b", "x\nX-Evil: 1", "x\x00y", "\u2028x"])
def test_what_is_asked_injects_no_header(attacked: TestClient, value: str) -> None:
    for path in ("search/ledger.csv", "search/ledger.xlsx", "search", "units"):
        answer = attacked.get(f"/api/v1/{path}", params={"name" if path == "units" else "q": value})
        assert answer.status_code in {200, 404, 422}
        assert not {"set-cookie", "x-evil"} & answer.headers.keys()
    answer = attacked.get("/api/v1/health", headers={"X-Request-ID": quote(value)})
    assert answer.headers["x-request-id"] != quote(value)


# --- names and paths ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "..\\outside.txt",
        "/etc/outside.txt",
        "C:\\outside.txt",
        ".hidden.txt",
        "a\nb.txt",
        "a\tb.txt",
        "a\u202etxt.exe",
        "organizations.yaml",
        "x.exe",
        "x.txt.html\x00.txt",
        "…" * 100 + ".txt",
    ],
)
def test_an_upload_lands_in_the_corpus_or_nowhere(attacked: TestClient, name: str) -> None:
    corpus: Path = attacked.app.state.corpus  # type: ignore[attr-defined]
    outside = {path for path in corpus.parent.iterdir() if path != corpus}
    before = set(corpus.rglob("*"))
    part = f'Content-Disposition: form-data; name="files"; filename="{name}"'
    body = f"--x\r\n{part}\r\n\r\ntext\r\n--x--\r\n".encode()
    headers = KEY | {"Content-Type": "multipart/form-data; boundary=x"}
    answer = attacked.post("/api/v1/documents", content=body, headers=headers)
    assert answer.status_code in {202, 400, 422}
    assert {path for path in corpus.parent.iterdir() if path != corpus} - {corpus.parent / "audit.jsonl"} <= outside | {
        corpus.parent / ".audit.jsonl.lock"
    }
    new = set(corpus.rglob("*")) - before - {corpus / UNFINISHED}  # the build that is to follow
    assert {path.name for path in new} <= {"outside.txt"}
    for path in new:
        assert path.parent == corpus
        path.unlink()


@pytest.mark.parametrize("folder", ["..", "../..", "a/../../b", "/etc", ".removed", ".hidden", "a\x00b", "\\..\\.."])
def test_no_folder_lies_outside_the_corpus(attacked: TestClient, folder: str) -> None:
    files = [("files", ("a.txt", b"text"))]
    answer = attacked.post("/api/v1/documents", params={"folder": folder}, files=files, headers=KEY)
    if folder == "/etc":
        assert answer.status_code == 202
        corpus: Path = attacked.app.state.corpus  # type: ignore[attr-defined]
        assert (corpus / "etc" / "a.txt").is_file()
    else:
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/....//....//pyproject.toml",
        "/static//etc/passwd",
        "/static/%00",
        "/api/v1/documents/..%2f..%2fetc%2fpasswd/file",
        "/api/v1/documents/%2e%2e/file",
    ],
)
def test_no_path_leads_out(attacked: TestClient, path: str) -> None:
    answer = attacked.get(path)
    assert answer.status_code in {404, 422}
    assert "root:" not in answer.text
    assert "[project]" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("/policy//api/v1/documents", "//policy/api/v1/documents", "/policy/./api/v1/documents", "/policy/x/../api/v1/documents"),
        *("/policy/%61pi/v1/documents", "/policy%2fapi/v1/documents", "/policy/api%2fv1/documents", "/policy/;/api/v1/documents"),
        *("/policy/policy/api/v1/documents", "/api/v1/documents", "/POLICY/api/v1/documents", "/policy/api/v1/documents/", "/policy/API/v1/documents"),
    ],
)  # fmt: skip
def test_no_way_of_writing_a_path_gets_around_the_key(index: Path, path: str) -> None:
    keeping = Keeping(Builder(index, index), readers=Readers(Keys(configured="a secret"), needs_key=True))
    with serving(create_app(index, keeping=keeping, exposure=Exposure(root_path="/policy"))) as address:
        host, _, port = address.rpartition("//")[2].partition(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            request = (
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Prefix: /policy\r\nConnection: close\r\n\r\n"
            )
            connection.sendall(request.encode())
            answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert answer.split(b" ")[1] in {b"307", b"400", b"401", b"404"}
    assert b'"items"' not in answer


# --- costly and deep requests -------------------------------------------------------------------------


def deep(brackets: int) -> str:
    return "[" * brackets + "]" * brackets


@pytest.mark.parametrize(
    "body", [deep(100_000), '{"a":' * 50_000 + "1" + "}" * 50_000, '{"query": ' + deep(5_000) + "}"]
)
def test_deep_bodies_are_refused(attacked: TestClient, body: str) -> None:
    for path in ("session", "integrations/dify/retrieval"):
        answer = attacked.post(f"/api/v1/{path}", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
    assert attacked.get("/api/v1/health").status_code == 200


@pytest.mark.parametrize(
    "query", ["万" * 1200, "（" * 5000, "《" * 6000, "-" * 9000, '"' * 9001, "a " * 4000, "%" * 9000]
)
def test_odd_questions_are_answered(attacked: TestClient, query: str) -> None:
    for path in ("search", "who", "search/facets"):
        assert attacked.get(f"/api/v1/{path}", params={"q": query}).status_code in {200, 422}


def test_long_values_are_refused_by_every_parameter(attacked: TestClient) -> None:
    for template, methods in attacked.get("/openapi.json").json()["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            kinds = [parameter["schema"], *parameter["schema"].get("anyOf", ())]
            if parameter["in"] == "query" and any(kind.get("type") == "string" for kind in kinds):
                path = template.replace("{form}", "csv")
                path = path.replace("{document_id}", "1").replace("{unit_id}", "x").replace("{clause_id}", "x")
                value = {"q": "x"} | {parameter["name"]: "x" * 50_001}
                answer = attacked.get(path, params=value, headers=KEY)
                assert answer.status_code in {404, 422}, (template, parameter["name"])


def test_many_small_files_in_an_archive_are_listed_quickly(attacked: TestClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(10_000):
            archive.writestr(f"{number}.bin", b"")
    answer = attacked.post("/api/v1/documents", files=[("files", ("many.zip", packed.getvalue()))], headers=KEY)
    assert answer.status_code == 202


def test_too_many_parts_are_refused(attacked: TestClient) -> None:
    files = [("files", (f"{number}.txt", b"x")) for number in range(1001)]
    assert attacked.post("/api/v1/documents", files=files, headers=KEY).status_code in {400, 422}


# --- below HTTP ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def port(index: Path) -> Iterator[int]:
    with serving(create_app(index)) as address:
        yield int(address.rpartition(":")[2])


RAW: dict[str, bytes] = {
    "two lengths": b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
    "length and chunks": b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET /api/v1/health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "folded header": b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50),
    "endless header": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 2_000_000,
    "negative length": b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "odd method": b"GE\x00T / HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("sent", RAW.values(), ids=RAW.keys())
def test_malformed_requests_end_the_connection_at_most(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(1 << 16)
        except TimeoutError:
            raise
        except OSError:  # closed by the server while the request was still being sent
            answer = b""
    assert not answer or answer.startswith(b"HTTP/1.1 ")
    assert b"HTTP/1.1 5" not in answer
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"Traceback" not in answer
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
