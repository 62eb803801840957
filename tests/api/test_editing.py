"""Documents sent and removed over HTTP, the folder watched, and what operators see of a server."""

from __future__ import annotations

import io
import json
import logging
import multiprocessing
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from answers import eventually
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import UNFINISHED, Builder, Jobs, OnProgress
from api.observing import JsonLines, Metrics, Observed
from kb.access import Keys
from kb.corpus import read_particulars
from kb.corpus.ids import ADDRESS_SUFFIXES
from kb.encoders import load_encoder
from kb.errors import KBError
from kb.ingest.build import BuildSettings, build
from kb.messages import Message
from kb.models import BuildReport, Progress

KEY = {"X-API-Key": "a secret"}
NOTE = "云溪市校园安全检查方案\n\n一、检查内容\n\n检查校舍120所。（责任单位：市应急管理局）\n"


class BuilderHere(Builder):
    """Builds in this process: starting one takes ten times as long as what is built in it."""

    def __call__(self, on_progress: OnProgress) -> BuildReport:
        return build(self.corpus, self.index, load_encoder(), on_progress, BuildSettings(language="zh"))


@contextmanager
def editing(builder: Builder) -> Iterator[TestClient]:
    """A client of a server that takes documents from who has the key."""
    keeping = Keeping(
        builder,
        Editing(builder.corpus, Keys(configured="a secret"), builder.corpus.parent / "audit.jsonl", most_bytes=100_000),
        watched=False,
    )
    with TestClient(create_app(builder.index, keeping=keeping)) as client:
        yield client


@pytest.fixture
def editor(own: Path, own_index: Path) -> Iterator[TestClient]:
    with editing(BuilderHere(own, own_index)) as client:
        yield client


def finished(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    def ended() -> Any:
        told = client.get(f"/api/v1/jobs/{job['id']}", headers=KEY).json()
        return told if told["finished_at"] else None

    return dict(eventually(ended))


def send(client: TestClient, *files: tuple[str, bytes], **options: Any) -> Any:
    parts = [("files", file) for file in files]
    return client.post("/api/v1/documents", files=parts, **{"headers": KEY} | options)


def test_a_document_is_sent_found_and_removed(own: Path, own_index: Path) -> None:
    with editing(Builder(own, own_index)) as editor:
        answer = send(editor, ("安全检查.txt", NOTE.encode()), ("scan.txt", b"\x89PNG"))
        assert answer.status_code == 202, answer.text
        job = finished(editor, answer.json())
        assert (job["status"], job["report"]["documents"], job["report"]["computed"]) == ("done", 4, 1)
        assert [Path(failure["source"]).name for failure in job["report"]["failures"]] == ["scan.txt"]
        [failure] = job["report"]["failures"]
        assert (failure["code"], failure["reason"]) == ("not-text", "不是文本，而是图片")
        assert editor.get("/api/v1/who", params={"q": "校园安全检查"}).json()["units"][0]["unit"] == "市应急管理局"
        assert editor.get("/api/v1/jobs", headers=KEY).json()[0]["id"] == job["id"]
        assert not list(own.glob(".upload*"))

        removed = editor.delete("/api/v1/documents/安全检查", headers=KEY)
        assert removed.status_code == 202
        assert finished(editor, removed.json())["report"]["documents"] == 3
        assert editor.get("/api/v1/documents/安全检查").status_code == 404
        assert [kept.read_bytes() for kept in (own / ".removed").glob("*/安全检查.txt")] == [NOTE.encode()]


def test_a_document_is_corrected_and_stays_so(editor: TestClient, own: Path) -> None:
    address = "/api/v1/documents/yunxi-yanglao/particulars"
    assert editor.patch(address, json={"title": "x"}).status_code == 401
    wrong = editor.patch(address, json={"issued_on": "2026-13-45"}, headers=KEY)
    assert wrong.status_code == 422
    assert "issued_on" in wrong.json()["detail"]
    assert editor.patch(address, content="{", headers=KEY | {"Content-Type": "application/json"}).status_code == 422
    assert [(error["field"], error["code"]) for error in wrong.json()["errors"]] == [("issued_on", "no-such-date")]
    for reversed_ in ({"effective_from": "2026-03"}, {"issued_on": "2026"}):
        wrong = editor.patch(address, json={**reversed_, "valid_until": "2025-12-31"}, headers=KEY).json()
        assert [(error["field"], error["code"]) for error in wrong["errors"]] == [("valid_until", "dates-reversed")]
    for nothing in ({}, {"titel": "x"}, {"title": "  "}, {"issuers": [""]}, {"title": "a\x07b"}):
        assert editor.patch(address, json=nothing, headers=KEY).status_code == 422
    assert not (own / "yunxi-yanglao.yaml").exists()
    assert editor.patch("/api/v1/documents/nothing/particulars", json={"title": "x"}, headers=KEY).status_code == 404
    job = editor.patch(
        address, json={"title": "云溪市养老服务站建设方案", "issued_on": "２０２４－０３－１６"}, headers=KEY
    )
    assert finished(editor, job.json())["status"] == "done"
    finished(editor, editor.patch(address, json={"issuers": ["云溪市民政局", "云溪市财政局"]}, headers=KEY).json())
    document = editor.get("/api/v1/documents/yunxi-yanglao").json()["document"]
    assert document["title"] == "云溪市养老服务站建设方案"
    assert (document["issued_on"], document["issuers"]) == ("2024-03-16", ["云溪市民政局", "云溪市财政局"])
    assert read_particulars(own / "yunxi-yanglao.yaml").title == "云溪市养老服务站建设方案"
    assert not list(own.glob(".correction*"))
    assert "issued_on:  → 2024-03-16" in (own.parent / "audit.jsonl").read_text("utf-8")


@pytest.mark.slow
def test_a_correction_keeps_comments_and_is_taken_back(editor: TestClient, own: Path) -> None:
    address, beside = "/api/v1/documents/yunxi-yanglao/particulars", own / "yunxi-yanglao.yaml"
    beside.write_text("# 按红头文件\ntitle: 云溪市养老方案  # 原文漏字\n", "utf-8")
    assert editor.get(address).status_code == 401
    finished(editor, editor.patch(address, json={"locality": "青石县"}, headers=KEY).json())
    assert beside.read_text("utf-8") == '# 按红头文件\ntitle: 云溪市养老方案  # 原文漏字\nlocality: "青石县"\n'
    said = editor.get(address, headers=KEY).json()
    assert (said["title"], said["locality"], said["url"]) == ("云溪市养老方案", "青石县", "")
    due = {"place": "青石县", "document_id": "yunxi-yanglao"}
    assert editor.get("/api/v1/deadlines", params=due).json()["total"] == 1
    assert editor.delete(address, params={"field": "text"}, headers=KEY).status_code == 422
    finished(editor, editor.delete(address, params={"field": ["title", "locality"]}, headers=KEY).json())
    assert beside.read_text("utf-8") == "# 按红头文件\n"
    document = editor.get("/api/v1/documents/yunxi-yanglao").json()["document"]
    assert (document["title"], document["locality"]) == ("云溪市社区养老服务提升行动计划", "")
    assert editor.get("/api/v1/deadlines", params=due).json()["total"] == 0
    beside.unlink()
    finished(editor, editor.patch(address, json={"title": "养老方案"}, headers=KEY).json())
    finished(editor, editor.delete(address, params={"field": "title"}, headers=KEY).json())
    assert not beside.exists()


@pytest.mark.slow
def test_a_unit_is_named_and_that_is_taken_back(editor: TestClient, own: Path) -> None:
    file = own / "organizations.yaml"
    file.write_text("# 机构改革后\norganizations:\n- name: 湘潭市财政局  # 不变\n  function: 财政\n", "utf-8")
    address = "/api/v1/units/云溪市民政局/names"
    assert editor.patch(address, json={"name": "x"}).status_code == 401
    for nothing in ({}, {"name": " "}, {"aliases": [""]}, {"nome": "x"}):
        assert editor.patch(address, json=nothing, headers=KEY).status_code == 422
    job = editor.patch(address, json={"name": "云溪市养老局", "aliases": ["市养老办"]}, headers=KEY)
    assert finished(editor, job.json())["status"] == "done"
    unit = editor.get("/api/v1/units/云溪市养老局").json()["unit"]
    assert unit["lead"] == 1
    assert {"云溪市民政局", "市养老办", "市民政局"} <= set(unit["organization"]["aliases"])
    assert editor.get("/api/v1/units/云溪市养老局/names", headers=KEY).json() == {
        "name": "云溪市养老局",
        "aliases": ["云溪市民政局", "市养老办"],
    }
    assert file.read_text("utf-8").startswith("# 机构改革后\norganizations:\n- name: 湘潭市财政局  # 不变\n")
    taken = editor.patch("/api/v1/units/湘潭市教育局/names", json={"name": "云溪市养老局"}, headers=KEY)
    assert (taken.status_code, taken.json()["code"]) == (409, "unit-twice")
    by_hand = editor.delete("/api/v1/units/湘潭市财政局/names", headers=KEY)
    assert (by_hand.status_code, by_hand.json()["code"]) == (409, "unit-described-by-hand")
    finished(editor, editor.delete("/api/v1/units/云溪市养老局/names", headers=KEY).json())
    assert editor.get("/api/v1/units/云溪市民政局").json()["unit"]["lead"] == 1
    assert editor.get("/api/v1/units/云溪市养老局").status_code == 404
    file.write_text("organizations: [{nome: x}]\n", "utf-8")
    wrong = editor.patch(address, json={"name": "云溪市养老局"}, headers=KEY)
    assert wrong.status_code == 422
    assert "nome" in wrong.json()["detail"]
    assert not list(own.glob(".correction*"))


def test_a_file_that_people_keep_is_not_corrected_where_it_is_ambiguous(editor: TestClient, own: Path) -> None:
    beside = own / "yunxi-yanglao.yaml"
    for kept, said in (("title: 甲\ntitle: 乙\n", "第 2 行"), ("issued_on: 2024\ntitle: !!int 甲\n", "YAML")):
        beside.write_text(kept, "utf-8")
        refused = editor.patch("/api/v1/documents/yunxi-yanglao/particulars", json={"url": "x"}, headers=KEY)
        assert (refused.status_code, said in refused.json()["detail"]) == (422, True)
        assert beside.read_text("utf-8") == kept


def test_what_is_said_of_all_units_is_no_documents(editor: TestClient, own: Path) -> None:
    finished(editor, send(editor, ("organizations.txt", NOTE.encode())).json())
    address = "/api/v1/documents/organizations"
    finished(editor, editor.patch(f"{address}/particulars", json={"title": "单位名录"}, headers=KEY).json())
    assert editor.get(address).json()["document"]["title"] == "单位名录"
    assert not (own / "organizations.yaml").exists()
    (own / "organizations.yaml").write_text("organizations: []\n", "utf-8")
    finished(editor, editor.delete(address, headers=KEY).json())
    assert (own / "organizations.yaml").exists()
    assert not (own / "organizations.txt").exists()


def test_a_file_of_the_same_name_is_replaced_only_when_asked(editor: TestClient, own: Path) -> None:
    before = (own / "yunxi-yanglao.txt").read_bytes()
    refused = send(editor, ("yunxi-yanglao.txt", NOTE.encode()), ("new.txt", NOTE.encode()))
    assert refused.status_code == 409
    assert refused.json()["code"] == "files-there-already"
    assert (
        refused.json()["detail"]
        == "已有同名文件：yunxi-yanglao.txt；要以新换旧，请勾选“同一文件夹里的同名文件用新的替换”"
    )
    assert (own / "yunxi-yanglao.txt").read_bytes() == before
    assert not (own / "new.txt").exists()
    answer = send(editor, ("yunxi-yanglao.txt", NOTE.encode()), params={"replace": "true"})
    assert finished(editor, answer.json())["report"]["computed"] == 1
    assert (own / "yunxi-yanglao.txt").read_bytes() == NOTE.encode()
    [kept] = editor.get("/api/v1/removed", headers=KEY).json()
    assert kept["source"] == "yunxi-yanglao.txt"
    restore = f"/api/v1/removed/{kept['id']}/restore"
    assert editor.post(restore, headers=KEY).json()["code"] == "place-taken"
    (own / "yunxi-yanglao.txt").unlink()
    assert editor.post(restore).status_code == 401
    finished(editor, editor.post(restore, headers=KEY).json())
    assert (own / "yunxi-yanglao.txt").read_bytes() == before
    assert editor.get("/api/v1/documents/yunxi-yanglao").json()["document"]["source"] == "yunxi-yanglao.txt"
    assert editor.get("/api/v1/removed", headers=KEY).json() == []


def test_one_file_alone_is_restored(editor: TestClient, own: Path) -> None:
    (own / "2024").mkdir()
    (own / "yunxi-yanglao.txt").rename(own / "2024" / "yunxi-yanglao.txt")
    (own / "2024" / "yunxi-yanglao.yaml").write_text("title: 养老计划\n", "utf-8")
    finished(editor, send(editor, ("other.txt", b"x")).json())
    finished(editor, editor.delete("/api/v1/documents/yunxi-yanglao", headers=KEY).json())
    (own / ".removed" / "by hand").mkdir()
    (own / ".removed" / "by hand" / "x.txt").write_text(NOTE, "utf-8")
    removed = editor.get("/api/v1/removed", headers=KEY).json()
    assert {one["source"] for one in removed} == {"2024/yunxi-yanglao.txt", "2024/yunxi-yanglao.yaml"}
    for id_ in ("by hand/x.txt", "../yunxi-yanglao.txt", "nothing"):
        assert editor.post(f"/api/v1/removed/{id_}/restore", headers=KEY).status_code in {404, 405}
    [text] = [one["id"] for one in removed if one["source"].endswith(".txt")]
    job = finished(editor, editor.post(f"/api/v1/removed/{text}/restore", headers=KEY).json())
    assert job["report"]["computed"] == 1
    assert editor.get("/api/v1/documents/yunxi-yanglao").json()["document"]["title"] != "养老计划"
    assert [path.name for path in (own / "2024").iterdir()] == ["yunxi-yanglao.txt"]
    assert [json.loads(line)["action"] for line in (own.parent / "audit.jsonl").read_text("utf-8").splitlines()] == [
        "upload",
        "remove",
        "restore",
    ]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("plan {x} 100%s.exe", "unknown-upload-format", "plan {x} 100%s.exe：不支持这种格式（可读 "),
        (".hidden.txt", "unusable-name", "文件名不能用：'.hidden.txt'"),
        ("a" * 250 + ".txt", "upload-name-too-long", "文件名太长：aaaaaaaaaaaaaaaaaaaa…（254 字节，最多 240 字节"),
        ("", "invalid-fields", "参数不正确：files"),
    ],
)
def test_names_that_are_refused(editor: TestClient, own: Path, name: str, code: str, said: str) -> None:
    before = sorted(own.iterdir())
    answer = send(editor, (name, NOTE.encode()))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["detail"].startswith(said)
    assert sorted(own.iterdir()) == before


def test_names_as_long_as_titles_are_taken(editor: TestClient) -> None:
    title = "关于" + "进一步完善" * 15 + "的意见"  # 80 characters
    told = finished(editor, send(editor, (f"{title[:78]}.txt", NOTE.encode())).json())
    assert told["report"]["failures"] == []
    assert editor.get(f"/api/v1/documents/{title[:78]}").status_code == 200


def test_a_second_file_of_a_name_goes_into_another_folder(editor: TestClient, own: Path) -> None:
    other, third = NOTE.replace("120", "60").encode(), NOTE.replace("120", "30").encode()
    for folder, content in (("2023", NOTE.encode()), ("2024/市级/", other)):
        sent = send(editor, ("安全检查.txt", content), params={"folder": folder})
        assert finished(editor, sent.json())["report"]["failures"] == []
    found = editor.get("/api/v1/documents", params={"text": "安全检查"}).json()["items"]
    sources = {"安全检查": "2023/安全检查.txt", "安全检查@2024@市级": "2024/市级/安全检查.txt"}
    assert {one["id"]: one["source"] for one in found} == sources
    assert editor.get("/api/v1/documents/安全检查@2024@市级/file").content == other
    assert editor.get("/api/v1/documents/安全检查/file").content == NOTE.encode()

    again = {"folder": "2024/市级", "replace": "true"}
    assert send(editor, ("安全检查.txt", third), params={"folder": "2024/市级"}).status_code == 409
    finished(editor, send(editor, ("安全检查.txt", third), params=again).json())
    assert editor.get("/api/v1/documents/安全检查@2024@市级/file").content == third
    assert editor.get("/api/v1/documents/安全检查/file").content == NOTE.encode()


def test_exactly_the_file_of_the_document_is_removed(editor: TestClient, own: Path) -> None:
    for folder, value in (("2023", 60), ("2024", 30)):
        (own / folder).mkdir()
        (own / folder / "安全检查.txt").write_text(NOTE.replace("120", str(value)), "utf-8")
        (own / folder / "安全检查.yaml").write_text("title: 安全检查方案\n", "utf-8")
    (own / "2024" / "安全检查.pdf").write_bytes(b"%PDF-")  # which keeps nothing out, for it cannot be read
    finished(editor, send(editor, ("yunxi-yanglao.yaml", b"url: https://example.org/")).json())
    assert editor.get("/api/v1/documents/安全检查@2024").status_code == 200
    (own / "2024" / "安全检查.pdf").unlink()
    before = {path.relative_to(own).as_posix() for path in own.rglob("*") if path.is_file()}
    finished(editor, send(editor, ("other.txt", b"x")).json())
    for document, gone in (("安全检查@2024", "2024/安全检查"), ("安全检查", "2023/安全检查")):
        finished(editor, editor.delete(f"/api/v1/documents/{document}", headers=KEY).json())
        assert editor.get(f"/api/v1/documents/{document}").status_code == 404
        before -= {f"{gone}.txt", f"{gone}.yaml"}
        left = {path.relative_to(own).as_posix() for path in own.rglob("*") if path.is_file()}
        assert {path for path in left if not path.startswith(".removed/")} == before | {"other.txt"}
        assert [path for path in left if path.endswith(f"/{gone}.yaml")]


def test_no_other_format_takes_the_place_of_a_removed_document(editor: TestClient, own: Path) -> None:
    (own / "yunxi-yanglao.yaml").write_text("title: 养老计划\n", "utf-8")
    (own / "yunxi-yanglao.md").write_text(NOTE, "utf-8")
    finished(editor, send(editor, ("other.txt", NOTE.replace("120", "1").encode())).json())
    assert editor.get("/api/v1/documents/yunxi-yanglao").json()["document"]["source"] == "yunxi-yanglao.md"
    finished(editor, editor.delete("/api/v1/documents/yunxi-yanglao", headers=KEY).json())
    assert editor.get("/api/v1/documents/yunxi-yanglao").status_code == 404
    assert not list(own.glob("yunxi-yanglao.*"))
    assert {path.name for path in own.glob(".removed/*/*")} == {
        f"yunxi-yanglao.{suffix}" for suffix in ("md", "txt", "yaml")
    }


def test_a_refused_file_is_removed_and_told_of_no_more(editor: TestClient, own: Path) -> None:
    name = "空.txt"
    told = finished(editor, send(editor, ("空.txt", b"")).json())
    assert [failure["source"] for failure in told["report"]["failures"]] == ["空.txt"]
    told = finished(editor, editor.delete(f"/api/v1/documents/{name}", headers=KEY).json())
    assert told["report"]["failures"] == []
    assert not (own / "空.txt").exists()
    assert editor.delete(f"/api/v1/documents/{name}", headers=KEY).status_code == 404
    assert send(editor, ("空.txt", NOTE.encode())).status_code == 202


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.txt", ".removed/x.txt", "organizations.yaml", "organizations", "..%2Foutside.txt"),
        *(
            "yunxi-yanglao.txt",
            "yunxi-yanglao.",
            "长" * 90 + ".txt",
            "长/" * 2000 + "a.txt",
        ),  # one is a document, by its file
    ],
)
def test_nothing_but_documents_of_the_corpus_is_removed(name: str, editor: TestClient, own: Path) -> None:
    (own.parent / "outside.txt").write_text(NOTE, "utf-8")
    (own / "organizations.yaml").write_text("organizations: []\n", "utf-8")
    assert editor.delete(f"/api/v1/documents/{name}", headers=KEY).status_code in (404, 405)
    assert (own.parent / "outside.txt").exists()
    assert (own / "organizations.yaml").exists()


def test_documents_in_an_archive(editor: TestClient, own: Path) -> None:
    with zipfile.ZipFile(own / "batch.zip", "w") as package:
        for number, member in enumerate(("2024/file.txt", "ledger.txt", "安全检查.txt")):
            package.writestr(member, NOTE.replace("120", str(number + 1)))
    (own / "batch.txt").write_text(NOTE, "utf-8")
    finished(editor, send(editor, ("other.txt", b"x")).json())
    for number, id_ in enumerate(("file@batch", "ledger@batch", "batch/安全检查")):
        content = NOTE.replace("120", str(number + 1)).encode()
        assert editor.get(f"/api/v1/documents/{id_}").json()["document"]["id"] == id_
        assert editor.get(f"/api/v1/documents/{id_}/file").content == content
        assert editor.get(f"/api/v1/documents/{id_}/ledger").json()[0]["clause_id"] == f"{id_}#一"
    refused = editor.delete("/api/v1/documents/batch/安全检查", headers=KEY)
    assert (refused.status_code, "batch.zip" in refused.json()["detail"]) == (409, True)
    assert editor.get("/api/v1/documents/batch/file").content == NOTE.encode()
    (own / "空.txt").write_bytes(b"")
    unread = {file["source"] for file in editor.get("/api/v1/unread", headers=KEY).json()}
    assert "空.txt" in unread
    assert not {"batch.zip", "batch.txt", "yunxi-yanglao.txt"} & unread
    assert (own / "batch.zip").exists()


@pytest.mark.parametrize(
    "folder", ["../elsewhere", "a/../b", ".removed", "a\n", "长" * 100, "yunxi-yanglao.txt", "link"]
)
def test_folders_that_are_refused(editor: TestClient, own: Path, folder: str) -> None:
    (own / "link").symlink_to(own.parent)
    before = sorted(own.rglob("*"))
    answer = send(editor, ("a.txt", NOTE.encode()), params={"folder": folder})
    assert (answer.status_code, "文件夹不能用" in answer.json()["detail"]) == (422, True)
    assert sorted(own.rglob("*")) == before


def test_no_id_ends_like_an_address_of_the_document(app: FastAPI) -> None:
    suffixes = {
        route.path.rpartition("}/")[2].partition(".")[0]
        for route in app.routes
        if isinstance(route, APIRoute) and re.search(r"/documents/\{document_id:path\}/", route.path)
    }
    assert suffixes <= ADDRESS_SUFFIXES


def test_a_path_in_a_name_stays_in_the_corpus(editor: TestClient, own: Path) -> None:
    finished(
        editor,
        send(editor, ("..\\..\\evil.txt", NOTE.encode()), ("../up.txt", NOTE.replace("120", "7").encode())).json(),
    )
    assert (own / "evil.txt").exists()
    assert (own / "up.txt").exists()
    assert not (own.parent / "up.txt").exists()


def test_two_files_of_one_name_are_refused(editor: TestClient) -> None:
    assert send(editor, ("a.txt", b"x"), ("a.txt", b"y")).status_code == 422


def test_without_the_key_nothing_is_read(editor: TestClient, client: TestClient) -> None:
    assert editor.get("/api/v1/jobs").json()["code"] == "no-key"
    assert editor.get("/api/v1/jobs", headers={"X-API-Key": "wrong"}).json()["code"] == "wrong-key"
    for headers in ({}, {"X-API-Key": "wrong"}, {"X-API-Key": "密钥".encode()}):
        assert editor.post("/api/v1/documents", files=[("files", ("a.txt", b"x"))], headers=headers).status_code == 401
        assert editor.delete("/api/v1/documents/yunxi-yanglao", headers=headers).status_code == 401
        assert editor.get("/api/v1/jobs", headers=headers).status_code == 401
    off = client.post("/api/v1/documents", files=[("files", ("a.txt", b"x"))], headers=KEY)
    assert (off.status_code, off.json()["status"], off.json()["code"]) == (403, 403, "uploads-off")


def test_requests_that_are_too_long_or_do_not_say_how_long(editor: TestClient) -> None:
    assert send(editor, ("a.txt", b"x" * 200_000)).status_code == 413

    def endless() -> Iterator[bytes]:
        yield b"x" * 10

    headers = KEY | {"Content-Type": "multipart/form-data; boundary=x"}
    assert editor.post("/api/v1/documents", content=endless(), headers=headers).status_code == 411


def test_a_request_that_cannot_be_taken_apart(editor: TestClient) -> None:
    answer = editor.post("/api/v1/documents", content=b"x", headers=KEY | {"Content-Type": "multipart/form-data"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "bad-request"
    assert answer.json()["detail"].startswith("请求有误：")


def test_unknown_documents_and_jobs(editor: TestClient) -> None:
    assert editor.delete("/api/v1/documents/absent", headers=KEY).status_code == 404
    assert editor.get("/api/v1/jobs/absent", headers=KEY).status_code == 404


def test_a_watched_folder_is_built_when_it_changes(own: Path, own_index: Path) -> None:
    with TestClient(create_app(own_index, keeping=Keeping(Builder(own, own_index), watched=True))) as client:
        changes = count()

        def found() -> bool:
            # Again and again: nothing says when the watcher has begun.
            (own / f"note-{next(changes)}.txt").write_text(NOTE, "utf-8")
            return any(client.get(f"/api/v1/documents/{one.stem}").status_code == 200 for one in own.glob("note-*.txt"))

        eventually(found)


# --- jobs -----------------------------------------------------------------------------------------


def test_a_waiting_job_serves_everybody_who_asks() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def run(on_progress: OnProgress) -> BuildReport:
        on_progress(Progress(1, 2, "plan.txt"))
        begun.set()
        assert go_on.wait(30)
        raise KBError(Message("disk-full"))

    jobs = Jobs(run)
    first = jobs.submit()
    assert begun.wait(30)
    running = jobs.get(first.id)
    assert running is not None
    assert running.progress == Progress(1, 2, "plan.txt")
    second, third = jobs.submit(), jobs.submit()
    assert first.id != second.id == third.id
    go_on.set()
    eventually(lambda: all(job.status == "failed" for job in jobs.recent()))
    jobs.close()
    assert [(job.code, job.error) for job in jobs.recent()] == [("disk-full", "磁盘已满")] * 2
    assert [job.progress for job in jobs.recent()] == [None] * 2


def test_jobs_that_had_not_ended_begin_again_under_their_ids(own: Path, own_index: Path) -> None:
    go_on, built = threading.Event(), BuilderHere(own, own_index)

    def run(on_progress: OnProgress) -> BuildReport:
        assert go_on.wait(60)
        return built(on_progress)

    killed, after = Jobs(run, corpus=own), Jobs(built, corpus=own)
    first = killed.submit()
    eventually(lambda: killed.recent()[0].status == "running")
    second = killed.submit()
    after.resume()
    eventually(lambda: all(job.status == "done" for job in after.recent()))
    assert [job.id for job in after.recent()] == [second.id, first.id]
    assert not (own / UNFINISHED).exists()
    go_on.set()
    killed.close()
    after.resume()
    after.close()
    assert len(after.recent()) == 2


def test_a_job_is_cancelled(own: Path, own_index: Path) -> None:
    class Endless(Builder):
        def __call__(self, on_progress: OnProgress) -> BuildReport:
            while True:
                on_progress(None)

    with editing(Endless(own, own_index)) as editor:
        running = send(editor, ("note.txt", NOTE.encode())).json()
        eventually(lambda: editor.get(f"/api/v1/jobs/{running['id']}", headers=KEY).json()["status"] == "running")
        queued = send(editor, ("other.txt", NOTE.encode())).json()
        for job in (queued, running):
            assert editor.delete(f"/api/v1/jobs/{job['id']}", headers=KEY).status_code == 202
            ended = finished(editor, job)
            assert (ended["status"], ended["code"]) == ("failed", "build-cancelled")
            assert "文件留在原处" in ended["error"]
            assert editor.delete(f"/api/v1/jobs/{job['id']}", headers=KEY).json()["code"] == "job-ended"
        assert editor.delete("/api/v1/jobs/absent", headers=KEY).status_code == 404
        assert editor.delete(f"/api/v1/jobs/{running['id']}").status_code == 401
    lines = (own.parent / "audit.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["upload", "upload", "cancel", "cancel"]
    assert (own / "other.txt").exists()


def test_whatever_fails_ends_its_job_and_is_seen(own: Path, own_index: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Builder):
        def __call__(self, _: OnProgress) -> BuildReport:
            raise ValueError("unforeseen")

    with editing(Broken(own, own_index)) as editor, caplog.at_level(logging.INFO, "kb.server"):
        handler = logging.StreamHandler(written := io.StringIO())
        handler.setFormatter(JsonLines())
        logging.getLogger("kb.server").addHandler(handler)
        job = send(editor, ("note.txt", NOTE.encode()), headers=KEY | {"X-Request-ID": "abc-3"}).json()
        ended = finished(editor, job)
        logging.getLogger("kb.server").removeHandler(handler)
        assert (ended["status"], ended["code"]) == ("failed", "internal-error")
        assert editor.get("/api/v1/health/ready").json()["failed"] == ended["error"] != ""
        assert 'kb_builds_total{status="failed"} 1.0' in editor.get("/metrics").text
    lines = [line for line in map(json.loads, written.getvalue().splitlines()) if line["event"] == "build failed"]
    assert [line["id"] for line in lines] == ["abc-3", "abc-3"]
    assert "unforeseen" in lines[0]["error"]
    assert (lines[1]["job"], lines[1]["code"]) == (job["id"], "internal-error")


def test_a_build_that_cannot_be_says_why(tmp_path: Path) -> None:
    with pytest.raises(KBError, match="no such folder"):
        Builder(tmp_path / "missing", tmp_path / "indexes")(lambda _: None)


@pytest.mark.slow
def test_a_build_that_is_killed_fails(own: Path, tmp_path: Path) -> None:
    def kill(progress: Progress | None) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    with pytest.raises(KBError, match="the build was killed"):
        Builder(own, tmp_path / "indexes")(kill)
    assert Builder(own, tmp_path / "indexes")(lambda _: None).documents == 3


@pytest.mark.slow
def test_a_build_that_nobody_wants_any_more_ends_with_its_process(own: Path, new_index: Path) -> None:
    def stop(progress: Progress | None) -> None:
        raise KBError(Message("build-cancelled"))

    with pytest.raises(KBError, match="cancelled"):
        Builder(own, new_index)(stop)
    assert not [process for process in multiprocessing.active_children() if process.name == "build"]
    assert Builder(own, new_index)(lambda _: None).documents == 3


def test_a_build_tells_of_every_file(own: Path, new_index: Path) -> None:
    told: list[Progress] = []
    report = Builder(own, new_index)(lambda progress: told.append(progress) if progress else None)
    assert report.documents == 3
    assert {progress.source for progress in told} > {"yunxi-yanglao.txt", "qingshi-gongshui.html"}
    assert (told[-1].done, told[-1].total) == (3, 3)


# --- what operators see ---------------------------------------------------------------------------


def test_every_request_has_an_id_a_line_and_a_count(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "kb.server"):
        given = client.get("/api/v1/health", headers={"X-Request-ID": "abc-1"})
        made = client.get("/api/v1/documents/absent", headers={"X-Request-ID": "bad id\t"})
    assert given.headers["x-request-id"] == "abc-1"
    assert len(made.headers["x-request-id"]) == 32
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "kb.server"]
    assert [(line["event"], line["status"], line["id"]) for line in lines] == [
        ("request", 200, "abc-1"),
        ("request", 404, made.headers["x-request-id"]),
    ]
    figures = client.get("/metrics").text
    assert 'kb_requests_total{method="GET",route="/api/v1/documents/{document_id:path}",status="404"}' in figures
    assert 'kb_request_seconds_count{route="/api/v1/health"}' in figures


def test_what_is_logged_during_a_request_bears_its_id() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    asked = logging.getLogger("asked")
    asked.addHandler(handler)

    def fail(_: Request) -> Response:
        asked.warning("in a thread of its own")
        raise ValueError("unforeseen")

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await Observed(Starlette(routes=[Route("/", fail)]), Metrics())(scope, receive, send)
        except ValueError:
            asked.exception("failed")  # as the server does

    TestClient(answer).get("/", headers={"X-Request-ID": "abc-2"})
    asked.removeHandler(handler)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line["id"]) for line in lines] == [("in a thread of its own", "abc-2"), ("failed", "abc-2")]
    assert "unforeseen" in lines[1]["error"]


def test_failures_are_logged_whole_on_one_line() -> None:
    with pytest.raises(ValueError, match="invalid literal") as failed:
        int("no number\n")
    error = (type(failed.value), failed.value, failed.tb)
    line = JsonLines().format(logging.LogRecord("kb", logging.ERROR, __file__, 1, "failed", (), error))
    assert "\n" not in line
    assert "ValueError" in json.loads(line)["error"]
