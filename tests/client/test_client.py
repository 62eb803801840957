"""The client of the HTTP interface, against a server that really listens: it returns what the knowledge base itself returns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import in_a_loop, serving

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import Builder
from kb import client
from kb.access import Keys
from kb.client import AsyncClient, Client, RequestRefused
from kb.export import ledger
from kb.knowledge_base import KnowledgeBase
from kb.models import DocumentQuery, DueQuery, Filters, Job, TargetQuery, TaskQuery, UnitQuery

PLAN = "xiangtan-jichu-jiaoyu"
KEY = "open sesame 芝麻开门"
PROVIDED = Filters(unit="县水利局", role="lead", has_targets=True, years=("2024", "2025"), levels=("county", "city"))


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with serving(create_app(index)) as there:
        yield there


@pytest.fixture(scope="module")
def kb(index: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(index) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(address: str) -> Iterator[Client]:
    with Client(address) as opened:
        yield opened


def test_answers_are_those_of_the_knowledge_base(server: Client, kb: KnowledgeBase) -> None:
    assert server.ask(client.search("学前教育", limit=3)) == kb.search("学前教育", limit=3)
    assert server.ask(client.who("改造供水管网由谁牵头")) == kb.who("改造供水管网由谁牵头")
    assert server.ask(client.facets("教育")) == kb.facets("教育")
    assert server.ask(client.suggestions("jyj")) == kb.suggestions("jyj")
    assert server.ask(client.document(PLAN)) == kb.document(PLAN)
    assert server.ask(client.clause(f"{PLAN}#二.一.2")) == kb.clause(f"{PLAN}#二.一.2")
    assert server.ask(client.ledger(PLAN)) == ledger(kb.document(PLAN))
    assert server.ask(client.status()) == kb.status()


def test_filters_are_sent(server: Client, kb: KnowledgeBase) -> None:
    for filters in (
        PROVIDED,
        Filters(document_id=PLAN),
        Filters(due_after="2025", due_before="2026-06"),
        Filters(in_force=True),
    ):
        assert server.ask(client.search("供水", filters)) == kb.search("供水", filters)
        assert server.ask(client.who("供水", filters=filters)) == kb.who("供水", filters=filters)


def test_lists_come_in_pages(server: Client, kb: KnowledgeBase) -> None:
    page = server.ask(client.units(UnitQuery(name="局", order="name"), limit=2, offset=1))
    assert (page.total, page.items) == kb.organizations(UnitQuery(name="局", order="name"), 2, 1)
    assert (page.limit, page.offset) == (2, 1)
    found = server.ask(client.documents(DocumentQuery(text="养老")))
    assert [each.id for each in found.items] == ["yunxi-yanglao"]
    query = TargetQuery(Filters(document_id="yunxi-yanglao"), order="value", descending=True)
    assert server.ask(client.targets(query)).items == kb.aggregations.targets(query, 50, 0)[1]
    assert (
        server.ask(client.deadlines(DueQuery(until="2026"))).items
        == kb.aggregations.due(DueQuery(until="2026"), 50, 0)[1]
    )


def test_a_unit_by_any_of_its_names(server: Client, kb: KnowledgeBase) -> None:
    there = server.ask(client.unit("市教育局", TaskQuery(order="role"), limit=3))
    assert there.unit.organization.id == "湘潭市教育局"
    assert there.tasks.items == kb.task_page("湘潭市教育局", TaskQuery(order="role"), 3)[1]


def test_files_come_as_bytes(server: Client) -> None:
    assert server.ask(client.ledger_file(PLAN)).startswith(b"PK")
    assert server.ask(client.ledger_file(PLAN, "csv")).startswith("\ufeff".encode())


@pytest.mark.parametrize(
    ("request_", "status", "code", "parameters"),
    [
        (client.document("nothing/at all?#"), 404, "no-document", set()),
        (client.search(" "), 422, "invalid-fields", {"q"}),
        (client.search("教育", limit=0, offset=-1), 422, "invalid-fields", {"limit", "offset"}),
        (client.diff(PLAN), 404, "no-older-version", set()),
        (client.remove(PLAN), 403, "uploads-off", set()),
    ],
)
def test_refusals_name_what_is_wrong(
    server: Client, request_: Any, status: int, code: str, parameters: set[str]
) -> None:
    with pytest.raises(RequestRefused) as refused:
        server.ask(request_)
    assert (refused.value.status, refused.value.code, refused.value.parameters.keys()) == (status, code, parameters)
    assert refused.value.detail in str(refused.value)


def test_what_is_no_answer_of_the_program_is_refused_as_well(address: str) -> None:
    with Client(f"{address}/elsewhere") as lost, pytest.raises(RequestRefused) as refused:
        lost.ask(client.status())
    assert refused.value.status == 404


def test_many_at_once(address: str, kb: KnowledgeBase) -> None:
    async def ask() -> list[Any]:
        async with AsyncClient(address) as server:
            return await asyncio.gather(*(server.ask(client.search("教育", limit=limit)) for limit in range(1, 9)))

    assert in_a_loop(ask) == [kb.search("教育", limit=limit) for limit in range(1, 9)]


def test_documents_are_added_and_removed(own: Path, own_index: Path, tmp_path: Path) -> None:
    plan = tmp_path / "安平县供暖方案.txt"
    plan.write_text(
        "安平县供暖方案\n\n一、加快建设热源\n2027年底前新增供热面积30万平方米。（责任单位：县住建局）\n", "utf-8"
    )
    app = create_app(
        own_index,
        keeping=Keeping(Builder(own, own_index), Editing(own, Keys(configured=KEY), own.parent / "audit.jsonl")),
    )
    with serving(app) as there, Client(there, KEY) as server:
        done = finished(server, server.ask(client.upload([plan], folder="2027")))
        assert done.report is not None
        assert done.report.computed == 1
        assert (own / "2027" / plan.name).read_bytes() == plan.read_bytes()
        assert server.ask(client.who("供热面积谁负责")).units[0].unit == "县住建局"
        finished(server, server.ask(client.remove("安平县供暖方案")))
        with pytest.raises(RequestRefused, match="no-document"):
            server.ask(client.document("安平县供暖方案"))
        with Client(there, "wrong") as stranger, pytest.raises(RequestRefused, match="wrong-key"):
            stranger.ask(client.upload([plan]))


def finished(server: Client, job: Job) -> Job:
    """The job when it has ended; it must have gone well."""
    while job.status in {"queued", "running"}:
        time.sleep(0.1)
        job = server.ask(client.job(job.id))
    assert job.status == "done", job.error
    return job
