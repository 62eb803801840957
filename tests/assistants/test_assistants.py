"""The tools of an AI assistant, asked by the client of the protocol's own package: in process, over standard input and output, over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from plans import ROOT
from servers import in_a_loop, serving
from starlette.testclient import TestClient

from api.app import create_app
from api.exposure import Exposure
from kb.assistants import create_server
from kb.current_index import CurrentIndex
from kb.knowledge_base import KnowledgeBase, opener
from kb.models import Filters
from kb.models.fields import parameters_of

PLAN = "xiangtan-jichu-jiaoyu"
CLAUSE = f"{PLAN}#二.一.2"
TOOLS = {
    "search_clauses",
    "who_is_responsible",
    "unit_tasks",
    "targets",
    "due",
    "find_documents",
    "document",
    "compare_versions",
}


def asked(server: Any, ask: Callable[[Client], Awaitable[Any]]) -> Any:
    """What comes of a conversation with the server."""

    async def converse() -> Any:
        async with Client(server) as client:
            return await ask(client)

    return in_a_loop(converse)


def called(server: Any, tool: str, **arguments: Any) -> Any:
    """What a tool returns; it must return something, and say the same as data and as text."""
    result = asked(server, lambda client: client.call_tool(tool, arguments))
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def refused(server: Any, tool: str, **arguments: Any) -> str:
    """What is said of a call that cannot be answered."""
    result = asked(server, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    text: str = result.content[0].text
    return text


@pytest.fixture(scope="module")
def server(index: Path) -> Any:
    return create_server(CurrentIndex(index, opener()).reading)


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    """The address of a server that really listens."""
    with serving(create_app(index, exposure=Exposure(("127.0.0.1",)))) as there:
        yield f"{there}/mcp"


# --- what is offered --------------------------------------------------------------------------------


def test_tools_say_in_both_languages_what_they_take_and_return(server: Any) -> None:
    tools = asked(server, lambda client: client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        chinese, english = tool.description.split("\n\n")
        assert "。" in chinese
        assert english.isascii()
        assert tool.annotations.read_only_hint
        assert tool.input_schema["additionalProperties"] is False
        assert all(described["description"] for described in tool.input_schema["properties"].values())
        assert tool.output_schema["properties"]


def test_search_takes_every_filter(server: Any) -> None:
    tools = {tool.name: tool for tool in asked(server, lambda client: client.list_tools()).tools}
    filters = {parameter.name for parameter in parameters_of(Filters)}
    for name in ("search_clauses", "who_is_responsible", "targets"):
        assert filters < tools[name].input_schema["properties"].keys()


def test_prompt_asks_for_quotations(server: Any) -> None:
    prompt = asked(server, lambda client: client.get_prompt("answer_with_quotations", {"question": "学前教育谁牵头{}"}))
    text = prompt.messages[0].content.text
    assert text.endswith("问题：学前教育谁牵头{}")
    assert "一字不改" in text


# --- answers ----------------------------------------------------------------------------------------


def test_search_quotes_the_source(server: Any, index: Path) -> None:
    found = called(server, "search_clauses", query="学前教育普惠发展", limit=1)
    assert found["answered"]
    assert found["next_offset"] == 1
    (clause,) = found["clauses"]
    assert clause["clause_id"] == CLAUSE
    assert clause["path"][-1] == "推进学前教育普惠发展"
    with KnowledgeBase.open(index) as kb:
        text = kb.document(PLAN).document.text
    facts = [*clause["units"], *clause["targets"], *clause["deadlines"]]
    assert len(facts) >= 10
    assert all(text[fact["start"] : fact["end"]] == fact["text"] for fact in facts)


def test_filters_narrow(server: Any) -> None:
    found = called(server, "search_clauses", query="农村供水", unit="县水利局", role="lead")
    assert {clause["document_id"] for clause in found["clauses"]} == {"qingshi-gongshui"}
    assert called(server, "search_clauses", query="农村供水", year=["1999"])["clauses"] == []


def test_who_names_lead_and_clause(server: Any) -> None:
    answer = called(server, "who_is_responsible", query="改造供水管网由谁牵头")
    assert answer["answered"]
    lead = next(unit for unit in answer["units"] if unit["role"] == "lead")
    assert (lead["unit"], lead["clause_id"]) == ("县水利局", "qingshi-gongshui#一")


def test_units_named_above_answer_for_what_is_found(server: Any, index: Path) -> None:
    """Tools quote who answers for a clause as the rest of the program does."""
    with KnowledgeBase.open(index) as kb:
        for clause in called(server, "search_clauses", query="养老服务", limit=20)["clauses"]:
            (facts,) = kb.answering([clause["clause_id"]])
            assert {unit["unit"] for unit in clause["units"]} == {each.unit for each in facts.responsibilities}


@pytest.mark.parametrize("tool", ["search_clauses", "who_is_responsible"])
def test_no_answer_is_said(server: Any, tool: str) -> None:
    found = called(server, tool, query="月球基地的氧气供应")
    assert not found["answered"]
    assert "没有" in found["note"]
    assert "nearest" in found["note"]
    assert not found.get("units")


def test_tasks_of_a_unit_page_by_page(server: Any) -> None:
    first = called(server, "unit_tasks", unit="市教育局", limit=4)
    assert (first["organization_id"], first["next_offset"]) == ("湘潭市教育局", 4)
    assert first["namesakes"] == ["云溪市教育局"]
    assert not called(server, "unit_tasks", unit="云溪市教育局")["namesakes"]
    rest = called(server, "unit_tasks", unit="市教育局", limit=50, offset=4)
    assert rest["next_offset"] is None
    ids = [task["clause_id"] for task in (*first["tasks"], *rest["tasks"])]
    assert len(ids) == len(set(ids)) == first["total"] == first["lead"] + first["responsible"] + first["support"]


def test_targets_and_due_dates(server: Any) -> None:
    rows = called(server, "targets", text="管网")["targets"]
    assert [(row["target"]["value"], row["target"]["measure"], row["target"]["due"]) for row in rows] == [
        (120.0, "公里", "2026-06")
    ]
    assert {(unit["unit"], unit["role"]) for unit in rows[0]["units"]} == {
        ("县水利局", "lead"),
        ("县财政局", "responsible"),
    }
    due = called(server, "due", document_id="qingshi-gongshui")
    assert [(clause["due"], clause["clause_id"]) for clause in due["clauses"]] == [("2026-06", "qingshi-gongshui#一")]


def test_documents_are_found_and_read_in_passages(server: Any) -> None:
    (document,) = called(server, "find_documents", text="供水")["documents"]
    whole = called(server, "document", document_id=document["id"], length=20_000)
    assert whole["characters"] == whole["end"] == len(whole["text"])
    assert [line["num"] for line in whole["outline"] if line["num"]] == ["一、", "二、"]
    part = called(server, "document", document_id=document["id"], start=10, length=7)
    assert part["text"] == whole["text"][10:17]
    beyond = called(server, "document", document_id=document["id"], start=10**6)
    assert (beyond["text"], beyond["start"]) == ("", whole["characters"])


def test_resources_are_whole(server: Any) -> None:
    uri = f"policy-kb://clauses/{quote(CLAUSE, safe='')}"
    content = asked(server, lambda client: client.read_resource(uri)).contents[0]
    assert json.loads(content.text)["clause_id"] == CLAUSE
    uri = f"policy-kb://documents/{PLAN}"
    content = asked(server, lambda client: client.read_resource(uri)).contents[0]
    assert "推进学前教育普惠发展" in content.text


# --- what cannot be answered --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("unit_tasks", {"unit": "火星局"}, "没有单位“火星局”"),
        ("document", {"document_id": "nothing"}, "no document 'nothing'"),
        ("search_clauses", {"query": "教育", "due_before": "2025-02-31"}, "2025-02-31"),
        ("search_clauses", {"query": "  "}, "查询内容为空"),
        ("search_clauses", {"query": "教育", "town": "湘潭"}, "town"),
        ("search_clauses", {"query": "教育", "role": "boss"}, "role"),
        ("unit_tasks", {"unit": "市教育局", "sort": ""}, "应为 document、role、due 之一"),
        ("targets", {"text": "幼" * 201}, "text"),
        ("search_clauses", {"query": "教育", "limit": 0}, "limit"),
        ("search_clauses", {}, "query"),
        ("compare_versions", {"document_id": PLAN}, "更早的版本"),
    ],
)
def test_refusals_name_what_is_wrong(server: Any, tool: str, arguments: dict[str, Any], said: str) -> None:
    text = refused(server, tool, **arguments)
    assert said in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        ({"query": ""}, "查询有误（query）：至少 1 个字", "query: must have 1 characters at least"),
        ({}, "查询有误（query）：没有填写", "query: missing"),
        ({"query": "教育", "foo": 1}, "查询有误（foo）：没有这个参数，可用的参数为 query、", "foo: unknown parameter"),
        ({"query": "教育", "limit": "many"}, "查询有误（limit）：应为整数", "limit: must be a whole number"),
        ({"query": "教育", "year": 2024}, "查询有误（year）：应为列表", "year: must be a list"),
        ({"query": "教育", "role": "boss"}, "查询有误（role）：应为 lead、", "role: must be one of lead, "),
        ({"query": 5, "limit": 99}, "查询有误（limit）：不能大于 50", "query: must be a text"),
    ],
)
def test_wrong_arguments_are_explained_in_both_languages(
    server: Any, arguments: dict[str, Any], chinese: str, english: str
) -> None:
    text = refused(server, "search_clauses", **arguments)
    assert chinese in text
    assert english in text
    assert "pydantic" not in text


@pytest.mark.parametrize("kind", ["documents", "clauses"])
def test_unknown_resources_are_refused(server: Any, kind: str) -> None:
    async def read(client: Client) -> None:
        with pytest.raises(MCPError, match="知识库中没有"):
            await client.read_resource(f"policy-kb://{kind}/nothing")

    asked(server, read)


def test_without_an_index_tools_say_so(tmp_path: Path) -> None:
    server = create_server(CurrentIndex(tmp_path / "indexes", opener()).reading)
    assert "kb build" in refused(server, "search_clauses", query="教育")


# --- over the wire ------------------------------------------------------------------------------------


def test_over_standard_input_and_output(index: Path) -> None:
    program = [sys.executable, "-c", "from kb.cli import main; main()", "mcp", "--index", str(index)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = StdioServerParameters(command=program[0], args=program[1:], env=environment)
    found = called(command, "who_is_responsible", query="改造供水管网由谁牵头")
    assert found["units"][0]["unit"] == "县水利局"


def test_over_http(address: str) -> None:
    found = called(address, "who_is_responsible", query="改造供水管网由谁牵头")
    assert found["units"][0]["unit"] == "县水利局"


def test_many_ask_at_once_over_http(address: str) -> None:
    async def ask(number: int) -> Any:
        async with Client(address) as client:
            return (await client.call_tool("search_clauses", {"query": "教育", "limit": number + 1})).structured_content

    async def converse() -> list[Any]:
        return await asyncio.gather(*map(ask, range(20)))

    assert [len(found["clauses"]) for found in in_a_loop(converse)] == [*range(1, 21)]


def test_an_older_client_asks_too(index: Path) -> None:
    """Without a session: a request of the revision that most clients speak."""
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    call = {"name": "search_clauses", "arguments": {"query": "教育", "limit": 1}}
    with TestClient(create_app(index)) as client:
        response = client.post(
            "/mcp", headers=headers, json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        )
        assert response.status_code == 200
        assert len(response.json()["result"]["structuredContent"]["clauses"]) == 1
        assert client.post("/mcp", headers=headers, content=b"{").status_code == 400
        assert client.post("/mcp", headers=headers, content=b" " * 1_100_000).status_code == 413


# --- names of the server ------------------------------------------------------------------------------


def test_only_allowed_hosts_are_answered(index: Path) -> None:
    app = create_app(index, exposure=Exposure(("kb.example.gov.cn",)))
    with TestClient(app) as client:
        for host in ("localhost", "localhost:8000", "[::1]:8000", "KB.example.gov.cn"):
            assert client.get("/api/v1/health", headers={"Host": host}).status_code == 200
        for host in ("evil.example", "localhost.evil.example", "[::2]", "", "["):
            answer = client.get("/api/v1/health", headers={"Host": host})
            assert (answer.status_code, answer.json()["code"]) == (421, "wrong-host")


def test_pages_of_other_hosts_are_refused(index: Path) -> None:
    with TestClient(create_app(index), base_url="http://kb.example:8000") as client:
        for origin in ("http://evil.example", "null"):
            answer = client.post("/mcp", headers={"Origin": origin}, json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "wrong-origin")
        assert client.get("/api/v1/health", headers={"Origin": "http://kb.example:8000"}).status_code == 200


def test_a_proxy_may_ask_by_the_name_of_this_machine(index: Path) -> None:
    """For a page that has the name that its users know."""
    with TestClient(create_app(index, exposure=Exposure(("kb.example",))), base_url="http://127.0.0.1:8000") as client:
        assert client.get("/api/v1/health", headers={"Origin": "https://kb.example"}).status_code == 200
