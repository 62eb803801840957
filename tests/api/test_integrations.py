"""Routes in the form of other programs."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

ADDRESS = "/api/v1/integrations/dify/retrieval"


def ask(
    client: TestClient, query: str, *conditions: dict[str, Any], top_k: int = 10, least: float = 0.0, **more: Any
) -> Any:
    """What comes back for a request as Dify sends it."""
    body = {
        "knowledge_id": "policy-kb",
        "query": query,
        "retrieval_setting": {"top_k": top_k, "score_threshold": least},
        "metadata_condition": {"logical_operator": "and", "conditions": list(conditions)} if conditions else None,
    }
    return client.post(ADDRESS, json=body | more, headers={"Authorization": "Bearer any"})


def test_records_quote_clauses_with_their_place(client: TestClient) -> None:
    (first, *_) = ask(client, "改造供水管网").json()["records"]
    assert first["title"] == "青石县农村供水保障行动方案"
    assert "改造老旧供水管网120公里" in first["content"]
    assert 0 < first["score"] <= 1
    where = first["metadata"]
    assert (where["clause_id"], where["path"]) == ("qingshi-gongshui#一", "改造供水管网")
    text = client.get("/api/v1/documents/qingshi-gongshui").json()["document"]["text"]
    assert text[where["start"] : where["end"]].startswith("一、改造供水管网")


def test_number_and_least_score_hold(client: TestClient) -> None:
    everything = ask(client, "教育").json()["records"]
    assert len(ask(client, "教育", top_k=2).json()["records"]) == 2
    least = everything[2]["score"]
    assert ask(client, "教育", least=least).json()["records"] == [each for each in everything if each["score"] >= least]


def test_nothing_comes_back_without_an_answer(client: TestClient) -> None:
    assert ask(client, "月球基地的氧气供应").json() == {"records": []}


@pytest.mark.parametrize(
    ("query", "conditions", "documents"),
    [
        ("供水", [{"name": "unit", "comparison_operator": "is", "value": "县水利局"}], {"qingshi-gongshui"}),
        ("养老护理员", [{"name": "year", "comparison_operator": "in", "value": ["2024", "2019"]}], {"yunxi-yanglao"}),
        (
            "养老护理员",
            [{"name": "year", "value": "2024"}, {"name": "has_targets", "value": "true"}],
            {"yunxi-yanglao"},
        ),
    ],
)
def test_conditions_narrow(
    client: TestClient, query: str, conditions: list[dict[str, Any]], documents: set[str]
) -> None:
    records = ask(client, query, *conditions).json()["records"]
    assert {each["metadata"]["document_id"] for each in records} == documents


def test_one_document_may_be_the_knowledge(client: TestClient) -> None:
    records = ask(client, "养老服务站", knowledge_id="yunxi-yanglao").json()["records"]
    assert {each["metadata"]["document_id"] for each in records} == {"yunxi-yanglao"}


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [("[1]", "not-an-object", "JSON 对象"), ('{"query": "教育",}', "invalid-json", "不是正确的 JSON")],
)
def test_a_body_that_is_no_object_is_said(client: TestClient, body: str, code: str, said: str) -> None:
    answer = client.post(ADDRESS, content=body, headers={"Content-Type": "application/json"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (422, "body", code)
    assert said in error["message"]


@pytest.mark.parametrize(
    ("conditions", "more", "status", "field"),
    [
        ([{"name": "town", "value": "湘潭"}], {}, 422, "metadata_condition"),
        ([{"name": "role", "value": "boss"}], {}, 422, "role"),
        ([{"name": "unit", "value": ["甲", "乙"]}], {}, 422, "unit"),
        ([{"name": "year", "value": "2024"}, {"name": "year", "value": "2025"}], {}, 422, "year"),
        ([{"name": "document_id", "value": "a"}], {"knowledge_id": "yunxi-yanglao"}, 422, "document_id"),
        ([{"name": "due_before", "value": "2025-02-31"}], {}, 422, "due_before"),
        ([{"name": "year", "comparison_operator": "≥", "value": "2024"}], {}, 422, "metadata_condition"),
        ([], {"query": " "}, 422, "query"),
        ([], {"retrieval_setting": {"top_k": 0}}, 422, "retrieval_setting.top_k"),
        ([], {"knowledge_id": "nothing"}, 404, ""),
    ],
)
def test_refusals_name_what_is_wrong(
    client: TestClient, conditions: list[dict[str, Any]], more: dict[str, Any], status: int, field: str
) -> None:
    answer = ask(client, more.pop("query", "教育"), *conditions, **more)
    assert answer.status_code == status, answer.text
    fields = [error["field"] for error in answer.json()["errors"]]
    assert any(each.startswith(field) for each in fields) or not field
