"""The same questions to a folder and to a PostgreSQL database have the same answers, through increments and back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("psycopg", reason="the extra postgres is not installed", exc_type=ImportError)
import databases
import httpx
import psycopg
from answers import eventually, rounded
from fastapi import FastAPI
from fillings import Reader, Stopped, filled_from_nothing, state
from fillings import answers as read_answers
from plans import ROOT
from proxies import balancing
from servers import serving
from starlette.testclient import TestClient
from test_increments import again as _again
from test_increments import found, said, write
from typer.testing import CliRunner

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import Builder
from kb.access import Keys
from kb.cli.app import app
from kb.current_index import CurrentIndex
from kb.encoders import load_encoder
from kb.errors import BuildInProgress, IndexUnusable, NotInKnowledgeBase
from kb.index import generations
from kb.index.checking import problems
from kb.index.folders import at
from kb.index.keeping import Address
from kb.index.postgres.connecting import asking, connected, shown
from kb.index.postgres.sql import tables, translated
from kb.index.postgres.tables import make_index
from kb.index.postgres.writing import DatabaseWriter, transaction
from kb.ingest import build as building
from kb.ingest import filling
from kb.ingest.build import BuildSettings, build
from kb.ingest.copying import copy
from kb.ingest.filling import fill
from kb.ingest.publishing import roll_back
from kb.knowledge_base import KnowledgeBase
from kb.messages import Message
from kb.models import (
    BuildReport,
    DocumentQuery,
    DueQuery,
    Filters,
    Overview,
    TargetQuery,
    TaskQuery,
    UnitQuery,
)

pytestmark = pytest.mark.skipif(not databases.IS_THERE, reason="there is no PostgreSQL for this system on PyPI")

QUERIES = (
    "养老床位",
    "学前教育由谁负责",
    "供水管网 改造",
    "农村自来水普及率",
    "“供水”",
    "服务 -养老",
    "2026年要完成什么",
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with databases.server() as address:
        yield address


@pytest.fixture(scope="module")
def database(server: str, corpus: Path, index: Path) -> str:
    """The database of the folder that ``index`` is of; a test that changes it takes ``own_database``."""
    databases.run(server.format("postgres"), "CREATE DATABASE built")
    address = server.format("built")
    take_over_thesaurus(address, index)
    report = build(corpus, address, load_encoder())
    assert (report.documents, report.failures) == (3, ())
    databases.run(server.format("postgres"), "CREATE DATABASE untouched TEMPLATE built")
    return address


def take_over_thesaurus(address: str, index: Path) -> None:
    """Its vectors, which take longest to make, are those of a folder."""
    with at(address).locked(), psycopg.connect(address) as connection:
        for path in generations.in_use(index).glob("thesaurus-*/*"):
            name = f"{path.parent.name}/{path.name}"
            connection.execute("INSERT INTO kb.files VALUES (%s, %s)", (name, path.read_bytes()))


@pytest.fixture
def own_database(server: str, database: str) -> Iterator[str]:
    databases.run(server.format("postgres"), "CREATE DATABASE own TEMPLATE untouched")
    yield server.format("own")
    databases.run(server.format("postgres"), "DROP DATABASE own WITH (FORCE)")


@pytest.fixture(scope="module")
def asked(index: Path, database: str) -> Iterator[tuple[KnowledgeBase, KnowledgeBase]]:
    with KnowledgeBase.open(index) as of_folder, KnowledgeBase.open(database) as of_database:
        yield of_folder, of_database


# --- every question --------------------------------------------------------------------------------

UNIT, DOCUMENT = "市教育局", "qingshi-gongshui"
FILTERS = {
    "unit": Filters(unit="市民政局"),
    "role": Filters(role="lead"),
    "document_id": Filters(document_id=DOCUMENT),
    "issuers": Filters(issuers=("青石县人民政府",)),
    "years": Filters(years=("2021", "2024", "2026")),
    "place": Filters(place="云溪市"),
    "levels": Filters(levels=("city", "county")),
    "has_targets": Filters(has_targets=True),
    "due_after": Filters(due_after="2025"),
    "due_before": Filters(due_before="2026-12"),
    "in_force": Filters(in_force=True),
}


def hits(opened: KnowledgeBase, query: str, filters: Filters) -> list[Any]:
    result = opened.search(query, filters, limit=100)
    return [*map(rounded, result.hits), replace(result, hits=())]


def answer(opened: KnowledgeBase, query: str) -> list[Any]:
    who = opened.who(query)
    units = [replace(unit, score=round(unit.score, 4)) for unit in who.units]
    return [units, *map(rounded, who.evidence)]


QUESTIONS: dict[str, Callable[[KnowledgeBase], Any]] = {
    "search": lambda opened: [hits(opened, query, Filters()) for query in QUERIES],
    "who": lambda opened: [answer(opened, query) for query in QUERIES],
    "facets": lambda opened: [opened.facets(query) for query in QUERIES],
    "facets with filters": lambda opened: opened.facets("养老", Filters(unit=UNIT, role="lead")),
    "another spelling": lambda opened: [hits(opened, query, Filters()) for query in ("xueqian jiaoyu", "学前教域")],
    "ledger of a search": lambda opened: opened.answering_hits("养老", limit=50),
    "by date": lambda opened: [hit.facts for hit in opened.search("供水", order="date").hits],
    "by due date": lambda opened: [hit.facts for hit in opened.search("供水", order="due").hits],
    "units": lambda opened: [opened.organizations(UnitQuery(order=order)) for order in ("tasks", "lead", "name")],
    "units by name": lambda opened: [opened.organizations(UnitQuery(name=name)) for name in ("教育", "jyj", "%")],
    "units unresolved": lambda opened: opened.organizations(UnitQuery(only_unresolved=True)),
    "tasks": lambda opened: [
        opened.tasks(unit.organization.id, TaskQuery(order=order))
        for unit in opened.organizations(limit=10)[1]
        for order in ("document", "role", "due")
    ],
    "profile": lambda opened: opened.profile(UNIT),
    "documents": lambda opened: [opened.documents(DocumentQuery(order=order)) for order in ("id", "date")],
    "documents lacking": lambda opened: [
        opened.documents(DocumentQuery(lacking=lacking)) for lacking in ("units", "date", "text")
    ],
    "documents by text": lambda opened: opened.documents(DocumentQuery(text="供水")),
    "document": lambda opened: [opened.document(each.id) for each in opened.documents()[1]],
    "suggestions": lambda opened: [opened.suggestions(typed, 50) for typed in ("", "教育", "jyj", "gongshui")],
    "targets": lambda opened: [
        opened.aggregations.targets(TargetQuery(order=order, descending=descending), limit=200)
        for order in ("document", "indicator", "value", "measure", "due")
        for descending in (False, True)
    ],
    "targets within": lambda opened: opened.aggregations.targets(TargetQuery(within=Filters(unit=UNIT))),
    "targets spread": lambda opened: opened.aggregations.target_tallies(),
    "due": lambda opened: [opened.aggregations.due(DueQuery(descending=way), limit=200) for way in (False, True)],
    "due again and again": lambda opened: opened.aggregations.due(DueQuery(recurring=True)),
    "due somewhere": lambda opened: opened.aggregations.due(DueQuery(place="青石县")),
    "due spread": lambda opened: (opened.aggregations.due_tallies(), opened.aggregations.due_by_month()),
    "matrix": lambda opened: (opened.aggregations.matrix(), opened.aggregations.matrix(DOCUMENT)),
    "network": lambda opened: opened.aggregations.network(),
    "overview": lambda opened: [
        getattr(opened.aggregations.overview(), field.name) for field in fields(Overview) if field.name != "counts"
    ],
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_every_question_has_the_same_answer(
    asked: tuple[KnowledgeBase, KnowledgeBase], question: Callable[[KnowledgeBase], Any]
) -> None:
    of_folder, of_database = asked
    assert question(of_database) == question(of_folder)


def test_every_filter_is_among_those_that_are_asked() -> None:
    assert {field.name for field in fields(Filters)} == FILTERS.keys()


@pytest.fixture(scope="module")
def asked_of_many(database: str) -> Iterator[KnowledgeBase]:
    """The same, for questions that are asked as if filters let through more clauses than can be listed, and there were too many passages to look at each."""
    with KnowledgeBase.open(database) as opened:
        yield opened


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS.keys())
def test_every_filter_lets_the_same_through(
    asked: tuple[KnowledgeBase, KnowledgeBase],
    asked_of_many: KnowledgeBase,
    filters: Filters,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_folder, of_database = asked
    wanted = [hits(of_folder, query, filters) for query in QUERIES]
    assert [hits(of_database, query, filters) for query in QUERIES] == wanted
    monkeypatch.setattr("kb.index.postgres.generation._FEW", 0)
    monkeypatch.setattr("kb.index.postgres.generation.EXACT", 0)
    assert [hits(asked_of_many, query, filters) for query in QUERIES] == wanted


def test_what_is_not_there_is_not_there(database: str) -> None:
    with KnowledgeBase.open(database) as opened:
        for call in (opened.document, opened.clause, opened.organization):
            with pytest.raises(NotInKnowledgeBase):
                call("nothing")


# --- generations -----------------------------------------------------------------------------------


def whole(address: str) -> bool:
    index = at(address)
    return not list(problems(index, index.in_use()))


def again(corpus: Path, index: Address) -> BuildReport:
    return _again(corpus, index)  # type: ignore[arg-type]


@pytest.mark.parametrize("holes", [1.0, 0.0], ids=["going on", "from nothing"])
def test_what_comes_changes_and_goes(
    own: Path, own_database: str, new_index: Path, holes: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "HOLES", holes)
    for name in ("bangong", "bangong-2024"):
        write(own, name)
    assert (report := again(own, own_database)).computed == 2
    assert report.copied == 3
    write(own, "bangong", ("10%", "12%"))
    (own / "qingshi-gongshui.html").unlink()
    assert (report := again(own, own_database)).computed == 1
    assert report.documents == 4
    assert not again(own, own_database).published
    build(own, new_index, load_encoder(), settings=BuildSettings(full=True))
    assert said(own_database) == said(new_index)  # type: ignore[arg-type]
    assert whole(own_database)
    of_database = found(own_database)  # type: ignore[arg-type]
    if not holes:  # how rare words are is counted with the holes
        assert of_database == found(new_index)
    assert "qingshi-gongshui" not in {hit.facts.clause.document_id for several in of_database for hit in several}


def test_back_and_on_again(own: Path, own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "HOLES", 1.0)
    index = at(own_database)
    first, before = index.in_use(), said(own_database)  # type: ignore[arg-type]
    (own / "qingshi-gongshui.html").unlink()
    write(own, "bangong")
    second = again(own, own_database).generation
    assert index.published() == (first, second)
    after = said(own_database)  # type: ignore[arg-type]
    assert roll_back(own_database) == first
    assert said(own_database) == before  # type: ignore[arg-type]
    assert whole(own_database)
    third = again(own, own_database).generation  # what was gone back from is no part of it
    assert said(own_database) == after  # type: ignore[arg-type]
    assert whole(own_database)
    assert index.published() == (first, third)
    with pytest.raises(IndexUnusable, match="no earlier generation"):
        roll_back(own_database, second)


def test_nothing_is_found_where_nothing_is(own: Path, own_database: str) -> None:
    for path in own.iterdir():
        path.unlink()
    assert again(own, own_database).documents == 0
    with KnowledgeBase.open(own_database) as opened:
        assert opened.search("养老床位").hits == ()
        assert opened.who("学前教育由谁负责").units == ()
    write(own, "bangong")
    assert again(own, own_database).documents == 1
    assert whole(own_database)


def test_a_reader_keeps_its_generation(own: Path, own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "HOLES", 1.0)
    index = at(own_database)
    with KnowledgeBase.open(own_database) as opened:
        before, first = opened.documents(), index.in_use()
        (own / "qingshi-gongshui.html").unlink()
        for name in ("bangong", "bangong-2024"):  # more than are kept, one after the other
            write(own, name)
            again(own, own_database)
        assert opened.documents() == before
        assert opened.search("供水").hits[0].facts.clause.document_id == "qingshi-gongshui"
        assert opened.status().documents == 3
    monkeypatch.setattr("kb.index.postgres.sweeping._GRACE", "0 seconds")
    write(own, "yanglao")
    again(own, own_database)
    assert first not in index.published()
    assert len(index.published()) == 2


def test_another_generation_is_opened_before_anybody_asks(own: Path, own_database: str) -> None:
    current = CurrentIndex(own_database, KnowledgeBase.open)
    with current.reading() as opened:
        before = opened.status().generation
    write(own, "bangong")
    after = again(own, own_database).generation
    assert after != before

    def lent() -> bool:
        with current.lending() as opened:  # which looks for nothing
            return opened.status().generation == after

    assert eventually(lent)
    current.close()


def test_a_build_that_fails_leaves_nothing(own: Path, own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    before = at(own_database).published()
    write(own, "bangong")
    with monkeypatch.context() as patched:
        patched.setattr("kb.index.postgres.writing.DatabaseWriter.publish", fail)
        with pytest.raises(KeyboardInterrupt):
            again(own, own_database)
    assert at(own_database).published() == before
    assert whole(own_database)
    assert again(own, own_database).documents == 4


def test_ids_are_kept_with_the_generation_or_not_at_all(
    own: Path, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ids() -> Any:
        with psycopg.connect(own_database) as connection:
            return connection.execute("SELECT content FROM kb.files WHERE name = 'ids.json'").fetchone()

    before, published = ids(), at(own_database).published()
    write(own, "bangong")

    def end(*_: object) -> None:
        with psycopg.connect(own_database, autocommit=True) as connection:
            held = "SELECT pg_terminate_backend(pid, 60_000) FROM pg_locks WHERE locktype = 'advisory'"
            assert connection.execute(held).fetchall() == [(True,)]

    def end_after(*_: object) -> None:
        if at(own_database).published() != published:
            end()

    with monkeypatch.context() as patched:  # the connection is lost before all is written
        patched.setattr("kb.index.postgres.writing.StoreWriter.finish", end)
        with pytest.raises(IndexUnusable):
            again(own, own_database)
    assert (ids(), at(own_database).published()) == (before, published)
    with monkeypatch.context() as patched:  # and as soon as it is
        patched.setattr("kb.index.postgres.database.Database.sweep", end_after)
        with pytest.raises(IndexUnusable):
            again(own, own_database)
    assert b"bangong" in ids()[0]
    assert len(at(own_database).published()) == 2
    assert not again(own, own_database).published


def test_one_builds_at_a_time(own: Path, own_database: str) -> None:
    with at(own_database).locked(), pytest.raises(BuildInProgress):
        again(own, own_database)
    assert again(own, own_database).documents == 3


def test_from_nothing_nothing_is_copied_or_made(own: Path, own_database: str, tmp_path: Path) -> None:
    for target in (own_database, tmp_path / "there"):
        with pytest.raises(IndexUnusable, match="kb build"):
            copy(tmp_path / "nothing", target, own)
    (own / "organizations.yaml").write_text("organizations:\n- {name: 青石县水务局, aliases: [县水利局]}\n", "utf-8")
    with pytest.raises(IndexUnusable, match="--corpus"):
        copy(own_database, tmp_path / "there", own)
    assert not (tmp_path / "nothing").exists()
    assert not (tmp_path / "there").exists()


def test_copied_in_and_out_again(own: Path, index: Path, own_database: str, new_index: Path) -> None:
    copy(index, own_database, own)
    copy(own_database, new_index, own)
    assert said(new_index) == said(own_database) == said(index)  # type: ignore[arg-type]
    assert (new_index / "ids.json").read_bytes() == (index / "ids.json").read_bytes()
    assert not again(own, new_index).published
    (own / "organizations.yaml").write_text("organizations:\n- {name: 青石县水务局, aliases: [县水利局]}\n", "utf-8")
    with pytest.raises(IndexUnusable, match="--corpus"):
        copy(index, own_database, own)


def test_what_is_not_whole_is_not_copied(
    own: Path, own_index: Path, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> Any:
        with psycopg.connect(own_database) as connection:
            ids = connection.execute("SELECT content FROM kb.files WHERE name = 'ids.json'").fetchone()
        return at(own_database).in_use(), ids

    before = state()
    build(own, own_index, load_encoder(), settings=BuildSettings(full=True))
    write(own, "bangong")
    assert again(own, own_index).documents == 4  # and other ids
    with monkeypatch.context() as patched:  # what is written is not whole
        patched.setattr(DatabaseWriter, "add_vectors", lambda *_: None)
        with pytest.raises(IndexUnusable, match="vectors"):
            copy(own_index, own_database, own)
    assert state() == before
    assert whole(own_database)
    words = next(generations.in_use(own_index).glob("words-*"))
    words.write_bytes(words.read_bytes() + b"!")  # what is to be copied is not
    with pytest.raises(IndexUnusable, match=words.name):
        copy(own_index, own_database, own)
    assert state() == before


# --- what the contextual model reads ---------------------------------------------------------------


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "_BATCH", 5)
    monkeypatch.setattr(filling.contextual, "_ROWS", 4)
    monkeypatch.setattr(building, "HOLES", 1.0)
    monkeypatch.setattr("kb.index.postgres.sweeping._GRACE", "0 seconds")


def test_what_is_read_answers_as_in_a_folder(own: Path, own_database: str, new_index: Path) -> None:
    reader = Reader()
    assert state(own_database, reader)[0] == 0
    seen: list[tuple[int, int]] = []
    assert fill(own_database, reader, lambda done, total: seen.append((done, total)))
    read, clauses = state(own_database, reader)
    assert read == clauses > 0
    assert seen[-1] == (clauses, clauses)
    assert len(set(reader.read)) == len(reader.read) > clauses
    assert read_answers(own_database, reader) == filled_from_nothing(own, new_index)
    published = at(own_database).published()
    assert fill(own_database, Reader(0))
    assert at(own_database).published() == published
    assert whole(own_database)


@pytest.mark.usefixtures("small_steps")
def test_what_was_read_before_a_stop_or_a_build_is_not_read_again(
    own: Path, own_database: str, new_index: Path
) -> None:
    first = Reader(enough=23)
    with pytest.raises(Stopped):
        fill(own_database, first)
    assert state(own_database, first)[0] == 0  # it waits
    write(own, "bangong")
    (own / "qingshi-gongshui.html").unlink()
    assert again(own, own_database).published
    assert state(own_database, first)[0]
    second = Reader()
    assert fill(own_database, second)
    assert set(first.read) - set(second.read)
    assert state(own_database, second)[0] == state(own_database, second)[1]
    build(own, own_database, load_encoder(), settings=BuildSettings(full=True))
    assert state(own_database, second)[0] == 0
    assert fill(own_database, Reader(0))  # in other tables, but nothing is new
    assert read_answers(own_database, second) == filled_from_nothing(own, new_index)
    assert whole(own_database)


@pytest.mark.usefixtures("small_steps")
def test_a_part_is_put_in_use_and_builds_go_on_meanwhile(
    own: Path, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "_EVERY", -1.0)
    monkeypatch.setattr(filling, "_SHARE", -1.0)
    first = at(own_database).in_use()
    with pytest.raises(Stopped):
        fill(own_database, Reader(enough=40))
    read, clauses = state(own_database, Reader())
    assert 0 < (read or 0) < clauses
    assert whole(own_database)
    built: list[bool] = []

    def upload() -> None:
        if not built:
            write(own, "bangong")
            built.append(again(own, own_database).published)

    reader = Reader(meanwhile=upload)
    assert fill(own_database, reader)
    assert built == [True]
    read, clauses = state(own_database, reader)
    assert read == clauses
    with KnowledgeBase.open(own_database) as opened:
        assert opened.status().documents == 4
    assert len(at(own_database).published()) <= 3  # those that were filled in step by step are gone
    roll_back(own_database)
    assert at(own_database).in_use() >= first
    before = at(own_database).in_use()
    assert not fill(own_database, Reader())  # what was gone back from would be in it
    assert at(own_database).in_use() == before


@pytest.mark.usefixtures("small_steps")
def test_two_do_not_read_the_same(own_database: str) -> None:
    second: list[bool] = []

    def meanwhile() -> None:
        if not second:
            second.append(fill(own_database, Reader(0)))

    assert fill(own_database, Reader(meanwhile=meanwhile))
    assert second == [False]


def test_what_an_earlier_version_has_made_is_brought_up_to_date(own: Path, own_database: str) -> None:
    name = at(own_database).in_use()
    with psycopg.connect(own_database) as connection:
        connection.execute(f'DROP VIEW "{name}".contextual')
        connection.execute("DROP TABLE data_1.contextual")
        connection.execute("ALTER TABLE kb.generations DROP replaced")
        connection.execute("INSERT INTO kb.files VALUES ('hashes.json@abc', '')")
        connection.execute("UPDATE kb.format SET version = 1")
    reader = Reader()
    assert state(own_database, reader)[0] == 0
    write(own, "bangong")
    assert (report := again(own, own_database)).computed == 1
    assert report.documents == 4
    assert fill(own_database, reader)
    assert state(own_database, reader)[0] == state(own_database, reader)[1]
    with psycopg.connect(own_database) as connection:
        kept = connection.execute("SELECT name FROM kb.files WHERE name NOT LIKE '%/%' ORDER BY name").fetchall()
    assert kept == [("hashes.json",), ("ids.json",)]


# --- the server ------------------------------------------------------------------------------------


def test_connections_that_are_lost_are_made_anew(server: str, own_database: str) -> None:
    with KnowledgeBase.open(own_database) as opened:
        before = opened.documents()
        ended = "SELECT pg_terminate_backend(pid, 60_000) FROM pg_stat_activity WHERE datname = 'own'"  # waits for it
        databases.run(server.format("postgres"), ended)
        assert opened.documents() == before


def test_a_server_that_is_away_is_named_without_the_password(tmp_path: Path) -> None:
    address = f"postgresql://reader:geheim@/policies?host={tmp_path}&connect_timeout=2"
    with pytest.raises(IndexUnusable) as raised:
        KnowledgeBase.open(address)
    assert raised.value.code == "other"
    assert "cannot be reached" in str(raised.value)
    assert "policies" in str(raised.value)
    assert "geheim" not in str(raised.value)
    assert "reader" not in str(raised.value)
    with TestClient(create_app(address)) as client:
        answer = client.get("/api/v1/search?q=养老")
        assert (answer.status_code, answer.json()["code"]) == (503, "database-away-for-now")


def test_a_server_says_that_its_database_is_away_and_goes_on_by_itself(server: str, own_database: str) -> None:
    folder = Path(server.partition("host=")[2])
    ended = "SELECT pg_terminate_backend(pid, 60_000) FROM pg_stat_activity WHERE datname = 'own'"
    with TestClient(create_app(own_database.replace("kb@", "kb:geheim@"))) as client:
        assert client.get("/api/v1/health/ready").status_code == 200
        (folder / ".s.PGSQL.5432").rename(folder / ".s.PGSQL.5433")  # nobody finds it
        try:
            databases.run(f"{server.format('postgres')}&port=5433", ended)
            eventually(lambda: client.get("/api/v1/health/ready").status_code == 503)
            for asked in ("health/ready", "search?q=养老", "documents/yunxi-yanglao", "overview"):
                away = client.get(f"/api/v1/{asked}")
                assert (away.status_code, away.json()["code"]) == (503, "database-away-for-now")
                assert f"postgresql://{folder}/own" in away.json()["detail"]
                assert "geheim" not in away.text
            assert client.get("/api/v1/health").json() == {"status": "ok", "ready": False}
        finally:
            (folder / ".s.PGSQL.5433").rename(folder / ".s.PGSQL.5432")
        eventually(lambda: client.get("/api/v1/health/ready").status_code == 200)
        assert client.get("/api/v1/search?q=养老").json()["total"]


@pytest.mark.parametrize(
    "unusable",
    [
        "postgresql://writer:se%cret@db.example/policies",
        "postgresql://writer:secret@[db.example/policies",
        "postgresql://writer:pa@secret@db.example/policies",
        "postgresql://writer:secret/pa@db.example/policies",
        "postgresql://writer:12/secret@db.example/policies",
        "mysql://writer:secret@db.example/policies",
        "host=db.example user=writer password=secret dbname=policies",
    ],
)
def test_a_wrong_address_is_not_repeated(unusable: str) -> None:
    with pytest.raises(IndexUnusable) as raised:
        at(unusable)
    assert raised.value.reason.code == "wrong-address"
    assert "secret" not in str(raised.value)


def test_who_is_refused_is_not_named(server: str) -> None:
    with pytest.raises(IndexUnusable) as raised:
        at(server.format("postgres").replace("kb@", "stranger:geheim@")).in_use()
    assert raised.value.reason.code == "database-away"
    assert "does not exist" in str(raised.value)
    assert "stranger" not in str(raised.value)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "cannot-be-written"),
        ("53200", "database-failed"),
        ("53300", "database-away"),
        ("40P01", "database-failed"),
        ("42501", "cannot-be-written"),
        ("22012", "database-failed"),
        ("0A000", "database-failed"),
    ],
)
def test_every_failure_has_a_message(server: str, state: str, code: str) -> None:
    address = server.format("postgres")
    with pytest.raises(IndexUnusable, match="so it is") as raised, asking(address):
        databases.run(address, f"DO $$ BEGIN RAISE 'so it is' USING ERRCODE = '{state}'; END $$")
    assert raised.value.reason.code == code


def test_an_index_that_fails_to_open_once_is_opened_by_the_next_reader(database: str) -> None:
    failures = [IndexUnusable("postgresql://…", Message("database-busy", reason=Message("other", text="…")))]

    def opened(address: Address) -> KnowledgeBase:
        if failures:
            raise failures.pop()
        return KnowledgeBase.open(address)

    current = CurrentIndex(database, opened)
    with pytest.raises(IndexUnusable), current.reading():
        pass
    with current.reading() as knowledge_base:
        assert knowledge_base.status().documents == 3
    current.close()


def test_who_may_only_read_changes_nothing(server: str, own: Path, index: Path) -> None:
    section = (ROOT / "docs" / "operate.md").read_text("utf-8").split("## In a PostgreSQL database", 1)[1]
    before, after = section.split("```sql\n", 1)[1].split("```", 1)[0].split("\\c policies\n")
    for statement in filter(str.strip, before.split(";")):
        databases.run(server.format("postgres"), statement)
    address = server.format("policies")
    for statement in filter(str.strip, after.split(";")):
        databases.run(address, statement)
    writer, reader = (address.replace("kb@", f"{role}@") for role in ("kb_writer", "kb_reader"))
    take_over_thesaurus(writer, index)
    (own / "yunxi-yanglao.txt").unlink()
    again(own, writer)
    with KnowledgeBase.open(reader) as opened:
        assert opened.search("供水").total
        assert opened.suggestions("供水")
        assert opened.status().documents == 2
    (own / "qingshi-gongshui.html").unlink()
    with pytest.raises(IndexUnusable, match="cannot be written"):
        again(own, reader)
    assert not fill(reader, Reader())
    at(writer).check_writable()
    at(server.format("postgres")).check_writable()  # a build may begin there
    keeping = Keeping(Builder(own, reader), Editing(own, Keys(configured="a secret"), own.parent / "audit.jsonl"))
    before = sorted(own.iterdir())
    with TestClient(create_app(reader, keeping=keeping), headers={"X-API-Key": "a secret"}) as client:
        for refused in (
            client.post("/api/v1/documents", files={"files": ("安全.txt", b"...")}),
            client.patch("/api/v1/documents/xiangtan-jichu-jiaoyu/particulars", json={"title": "方案"}),
            client.patch("/api/v1/units/湘潭市教育局/names", json={"name": "湘潭市教委"}),
            client.delete("/api/v1/documents/xiangtan-jichu-jiaoyu"),
        ):
            assert (refused.status_code, refused.json()["code"]) == (409, "index-read-only")
        assert client.get("/api/v1/documents/xiangtan-jichu-jiaoyu/particulars").json()["title"] == ""
        assert client.get("/api/v1/jobs").json() == []
    assert sorted(own.iterdir()) == before
    assert not (own.parent / "audit.jsonl").exists()


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kb.index.postgres.database", None)
    with pytest.raises(IndexUnusable, match=r"pip install policy-kb\[postgres\]"):
        at("postgresql://db.example/policies")


def test_an_empty_database_says_how_to_begin(server: str) -> None:
    with pytest.raises(IndexUnusable, match="kb build"):
        KnowledgeBase.open(server.format("postgres"))


def test_commands_take_an_address(own: Path, own_database: str) -> None:
    def ran(*arguments: str) -> str:
        result = CliRunner().invoke(app, [*arguments, "--index", own_database])
        assert result.exit_code == 0, result.output
        return result.output

    write(own, "bangong")
    assert "kb@" not in ran("build", "--corpus", str(own))
    assert '"documents": 4' in ran("status", "--json")
    assert "供水" in ran("search", "供水管网", "--json")
    assert "完整" in ran("check", "--lang", "zh")
    ran("rollback", "--audit", str(own / "audit.jsonl"))
    assert '"documents": 3' in ran("status", "--json")


def test_the_page_and_uploads(own: Path, own_database: str) -> None:
    with TestClient(create_app(own_database, keeping=Keeping(Builder(own, own_database)))) as client:
        assert client.get("/api/v1/search?q=供水管网").json()["hits"][0]["facts"]["clause"]["document_id"] == DOCUMENT
        assert client.get("/api/v1/overview").json()["counts"]["documents"] == 3
        write(own, "bangong")
        again(own, own_database)
        assert eventually(lambda: client.get("/api/v1/documents/bangong").status_code == 200)


@pytest.mark.slow
def test_two_servers_behind_a_balancer(own: Path, own_database: str) -> None:
    def server() -> FastAPI:
        editing = Editing(own, Keys(configured="a secret"), own.parent / "audit.jsonl")
        return create_app(own_database, keeping=Keeping(Builder(own, own_database), editing))

    def answers(address: str, path: str) -> int:
        return httpx.get(f"{address}{path}").status_code  # by a connection of its own: the next server's turn

    with serving(server()) as one, serving(server()) as other, balancing((one, other)) as both:
        assert [answers(both, path) for path in ("/", "/static/main.js", "/api/v1/overview") for _ in range(2)] == [
            200
        ] * 6
        write(own.parent, "bangong")
        files = {"files": ("bangong.txt", (own.parent / "bangong.txt").read_bytes())}
        sent = httpx.post(f"{both}/api/v1/documents", files=files, headers={"X-API-Key": "a secret"})
        assert sent.status_code == 202
        for each in (one, other, both):
            assert eventually(lambda each=each: answers(each, "/api/v1/documents/bangong") == 200)  # type: ignore[misc]


# --- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "several", "wanted"),
    [
        ("SELECT 1 WHERE a = ? AND b LIKE ?", "", "SELECT 1 WHERE a = $1 AND b ILIKE $2"),
        ("SELECT 1 WHERE a = ?1 OR b = ?1 || ?", "", "SELECT 1 WHERE a = $1 OR b = $1 || $2"),
        ("SELECT 1 WHERE a GLOB '*[12]年*'", "", "SELECT 1 WHERE a ~ '[12]年'"),
        (
            "SELECT 1 WHERE a IN (SELECT value FROM json_each(?1)) AND b = ?",
            "text",
            "SELECT 1 WHERE a IN (SELECT unnest($1::text[])) AND b = $2",
        ),
    ],
)
def test_questions_are_translated(sql: str, several: str, wanted: str) -> None:
    assert translated(sql, several) == wanted


def test_a_part_of_a_question_counts_on() -> None:
    assert translated("a = ? AND b LIKE ?", taken=1) == "a = $2 AND b ILIKE $3"
    assert translated("a = ?1 OR b = ?1", taken=2) == "a = $3 OR b = $3"


def test_tables_have_types() -> None:
    types = {
        (table.name, column): type_
        for table in tables().values()
        for column, type_ in zip(table.columns, table.types, strict=True)
    }
    assert types["clauses", "row"] == types["lineages", "place"] == types["manifest", "rows"] == "bigint"
    assert types["targets", "value"] == types["documents", "coverage"] == "double precision"
    assert types["targets", "damaged"] == "boolean"
    assert types["documents", "place"] == types["documents", "pages"] == types["events", "since"] == 'text COLLATE "C"'


def test_addresses_are_shown_without_who_asks() -> None:
    assert shown("postgresql://writer:secret@db.example:5433/policies") == "postgresql://db.example:5433/policies"
    assert urlsplit(shown("postgres://db.example/policies")).hostname == "db.example"


def test_one_process_makes_an_index_where_several_find_no_memory(server: str) -> None:
    made_by_one = """
    DO $$ BEGIN
        IF current_setting('max_parallel_maintenance_workers')::int > 0 THEN RAISE disk_full; END IF;
        CREATE TEMP TABLE made ();
    END $$
    """
    with connected(server.format("postgres")) as connection, transaction(connection):
        make_index(connection, made_by_one)
        assert connection.execute("SELECT count(*) FROM made").fetchone() == (0,)
