"""Keys and the log of changes: in the file, at the terminal, over HTTP."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import Builder
from kb import access
from kb.access import Keys, add_key, entry, last_entries, read_keys, record, recorded, revoke_key
from kb.cli.app import app as commands
from kb.errors import KBError
from kb.messages import Message

PLAN = (
    "files",
    ("安平县供热方案.txt", "安平县供热方案\n\n一、建设热源\n新增供热面积30万平方米。（责任单位：县住建局）\n".encode()),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


# --- keys ---------------------------------------------------------------------------------------------


def test_a_key_is_found_by_what_was_shown_once_and_kept_nowhere(file: Path) -> None:
    secret = add_key(file, "督查室", "write", "2999-12-31")
    found = Keys(file).find(secret.encode())
    assert found is not None
    assert (found.name, found.scope, found.expires_on) == ("督查室", "write", "2999-12-31")
    assert secret not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    assert Keys(file).find(secret[:-1].encode()) is None
    assert Keys(file).find(b"") is None


def test_changes_count_at_once(file: Path) -> None:
    keys = Keys(file)
    assert not keys
    secret = add_key(file, "甲", "read")
    assert keys
    assert keys.find(secret.encode()) is not None
    revoke_key(file, "甲")
    assert keys.find(secret.encode()) is None


@pytest.mark.parametrize(
    ("scope", "enough"), [("read", {"read"}), ("write", {"read", "write"}), ("admin", {"read", "write", "admin"})]
)
def test_each_scope_holds_those_before_it(file: Path, scope: access.Scope, enough: set[access.Scope]) -> None:
    add_key(file, "甲", scope)
    (key,) = read_keys(file)
    assert {one for one in ("read", "write", "admin") if key.may(one)} == enough


def test_what_cannot_be_a_key_is_refused(file: Path) -> None:
    add_key(file, "甲", "read")
    for name, day, said in (
        ("甲", "", "already"),
        ("乙", "2027-02-30", "2027-02-30"),
        ("乙", "2027", "2027"),
        ("乙", "2020-01-01", "2020-01-01"),
    ):
        with pytest.raises(KBError, match=said):
            add_key(file, name, "read", day)
    with pytest.raises(KBError, match="no key '丙'"):
        revoke_key(file, "丙")
    assert [key.name for key in read_keys(file)] == ["甲"]


@pytest.mark.parametrize("content", ["", "{}", '[{"name": "甲"}]', "not json"])
def test_a_damaged_file_is_named_and_left_alone(file: Path, content: str) -> None:
    file.write_text(content, "utf-8")
    with pytest.raises(KBError, match=r"keys\.json"):
        add_key(file, "甲", "read")
    assert file.read_text("utf-8") == content


def test_many_keys_made_at_once_are_all_there(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: add_key(file, str(number), "read"), range(24)))
    assert {key.name for key in read_keys(file)} == {str(number) for number in range(24)}


# --- the log ------------------------------------------------------------------------------------------


def test_the_newest_entries_come_first(log: Path) -> None:
    assert last_entries(log, 10) == ()
    for number in range(5):
        record(log, entry("甲", "upload", (f"{number}.txt",), "10.0.0.1"))
    assert [each.what for each in last_entries(log, 3)] == [("4.txt",), ("3.txt",), ("2.txt",)]


def test_a_damaged_line_is_named(log: Path) -> None:
    record(log, entry("甲", "upload", ("1.txt",)))
    with log.open("ab") as out:
        out.write(b'{"time": "2026-1\xe7\n')
    record(log, entry("甲", "upload", ("2.txt",)))
    assert [each.what for each in last_entries(log, 1)] == [("2.txt",)]
    with pytest.raises(KBError) as refused:
        last_entries(log, 3)
    assert refused.value.message.code == "audit-line-damaged"
    assert ("number", 2) in refused.value.message.values


def test_a_full_log_is_put_aside_and_nothing_is_lost(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_MOST_BYTES", 500)
    for number in range(20):
        record(log, entry("甲", "remove", (f"{number}.txt",)))
    assert log.with_name("audit.jsonl.2").exists()
    assert log.stat().st_size <= 500
    assert [each.what[0] for each in last_entries(log, 100)] == [f"{number}.txt" for number in reversed(range(20))]


def test_many_entries_at_once_are_whole(log: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: record(log, entry("甲", "upload", (str(number),))), range(100)))
    assert {json.loads(line)["what"][0] for line in log.read_text("utf-8").splitlines()} == set(map(str, range(100)))


def test_what_is_about_to_be_done_is_written_first_and_failures_after(log: Path) -> None:
    def change() -> None:
        assert [each.failed for each in last_entries(log, 9)] == [""]
        raise KBError(Message("disk-full"))

    with pytest.raises(KBError), recorded(log, entry("甲", "upload", ("1.txt",))):
        change()
    failed, begun = last_entries(log, 9)
    assert (failed.failed, failed.what) == ("disk-full", ("1.txt",))
    assert begun.failed == ""


def test_what_failed_before_is_not_what_failed(log: Path) -> None:
    try:
        read_keys(log.parent / "")
    except KBError:
        with recorded(log, entry("甲", "rollback", ())):
            pass
    else:
        pytest.fail("a folder holds no keys")
    assert [each.failed for each in last_entries(log, 9)] == [""]


# --- at the terminal ----------------------------------------------------------------------------------


def test_keys_at_the_terminal(file: Path, log: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(commands, [*words, "--lang", "en"], env={"KB_KEYS": str(file), "KB_AUDIT": str(log)})
        assert done.exit_code == 0, done.output
        return done.stdout

    made = json.loads(run("keys", "add", "督查室", "--scope", "admin", "--json"))
    found = Keys(file).find(made["key"].encode())
    assert found is not None
    assert found.scope == "admin"
    assert "督查室" in run("keys")
    assert made["key"] not in run("keys", "--json")
    run("keys", "revoke", "督查室")
    assert json.loads(run("keys", "--json"))["keys"] == []
    entries = json.loads(run("audit", "--json"))["entries"]
    assert [(each["action"], each["what"]) for each in entries] == [("revoke-key", ["督查室"]), ("add-key", ["督查室"])]
    assert made["key"] not in log.read_text("utf-8")


# --- over HTTP ----------------------------------------------------------------------------------------


@pytest.fixture
def server(own: Path, own_index: Path, file: Path, log: Path) -> Iterator[TestClient]:
    editing = Editing(own, Keys(file), log)
    with TestClient(create_app(own_index, keeping=Keeping(Builder(own, own_index), editing))) as client:
        yield client


def test_what_a_key_may_do(server: TestClient, file: Path) -> None:
    assert server.get("/api/v1/version").json()["uploads"] is False
    assert server.get("/api/v1/jobs", headers={"X-API-Key": "x"}).json()["code"] == "uploads-off"
    secrets = {scope: add_key(file, scope, scope) for scope in ("read", "write", "admin")}
    assert server.get("/api/v1/version").json()["uploads"] is True
    for scope, jobs, audit in (("read", 403, 403), ("write", 200, 403), ("admin", 200, 200)):
        headers = {"X-API-Key": secrets[scope]}
        assert server.get("/api/v1/jobs", headers=headers).status_code == jobs
        assert server.get("/api/v1/audit", headers=headers).status_code == audit
    weak = server.post("/api/v1/documents", files=[PLAN], headers={"X-API-Key": secrets["read"]})
    assert (weak.status_code, weak.json()["code"]) == (403, "key-too-weak")
    for headers, code in (({}, "no-key"), ({"X-API-Key": "wrong"}, "wrong-key")):
        answer = server.get("/api/v1/jobs", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_an_expired_key_says_so(server: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = (access.datetime.now().astimezone() + timedelta(days=1)).date().isoformat()
    headers = {"X-API-Key": add_key(file, "临时", "write", tomorrow)}
    assert server.get("/api/v1/jobs", headers=headers).status_code == 200
    monkeypatch.setattr(access, "_today", lambda: "2999-01-01")
    answer = server.get("/api/v1/jobs", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "key-expired")
    assert "临时" in answer.json()["detail"]


def test_changes_are_in_the_log_with_who_made_them(server: TestClient, file: Path) -> None:
    writer = {"X-API-Key": add_key(file, "督查室", "write")}
    admin = {"X-API-Key": add_key(file, "信息科", "admin")}
    assert server.post("/api/v1/documents?folder=2026", files=[PLAN], headers=writer).status_code == 202
    assert server.delete("/api/v1/documents/yunxi-yanglao", headers=admin).status_code == 202
    assert server.post("/api/v1/documents?folder=2026", files=[PLAN], headers=writer).status_code == 409
    removed, added = server.get("/api/v1/audit", headers=admin).json()
    assert (added["who"], added["action"], added["what"]) == ("督查室", "upload", ["2026/安平县供热方案.txt"])
    assert (removed["who"], removed["action"], removed["what"]) == ("信息科", "remove", ["yunxi-yanglao.txt"])
    assert added["address"]


def test_nothing_is_changed_that_cannot_be_recorded(server: TestClient, own: Path, file: Path, log: Path) -> None:
    writer = {"X-API-Key": add_key(file, "督查室", "write")}
    log.mkdir()
    before = sorted(own.rglob("*"))
    sent = server.post("/api/v1/documents", files=[PLAN], headers=writer)
    removed = server.delete("/api/v1/documents/yunxi-yanglao", headers=writer)
    for answer in (sent, removed):
        assert (answer.status_code, answer.json()["code"]) == (507, "not-recorded")
        assert str(log) not in answer.text
    assert sorted(own.rglob("*")) == before


def test_what_failed_is_in_the_log(server: TestClient, file: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("api.editing._write", full)
    answer = server.post("/api/v1/documents", files=[PLAN], headers={"X-API-Key": add_key(file, "督查室", "write")})
    assert answer.status_code == 507
    assert [(each.action, each.failed) for each in last_entries(log, 9)] == [("upload", "disk-full"), ("upload", "")]
