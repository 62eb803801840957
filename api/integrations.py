"""Routes in the form that other programs ask in: the external knowledge of Dify, which RAGFlow and others speak too.

The form is that of Dify's documentation, "External Knowledge API"; Dify shows its users that a request failed, not why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field, TypeAdapter, ValidationError

from api.parameters import KB, annotated
from api.problems import NAMED, responses
from kb.errors import InvalidQuery
from kb.knowledge_base import KnowledgeBase
from kb.messages import Message
from kb.models import Filters, Hit, Standing
from kb.models.fields import SAYING, Parameter, doc, parameters_of
from kb.validation import validation_message

EVERY_DOCUMENT = "policy-kb"  # the knowledge_id of the whole
_MOST = 100  # records
_FILTERS = {one.name: one for one in parameters_of(Filters)}

router = APIRouter(prefix="/api/v1/integrations", tags=["Search"])


@dataclass(frozen=True, slots=True)
class RetrievalSetting:
    """How many records, and how good."""

    top_k: Annotated[int, Field(ge=1, le=_MOST, strict=True)] = field(default=5, metadata=doc("most records", 5))
    score_threshold: Annotated[float, Field(ge=0, le=1, strict=True)] = field(
        default=0.0, metadata=doc("least score, 0 to 1", 0.3)
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter of a search, by its name in an address."""

    name: Annotated[str, Field(json_schema_extra={"enum": list(_FILTERS)})] = field(
        metadata=doc("name of a filter: document_id, unit, role, issuer, year …", "year")
    )
    value: str | list[str] = field(metadata=doc("value of the filter, or several where there may be", ["2024", "2025"]))
    comparison_operator: Literal["is", "=", "in"] = field(default="is", metadata=doc("is or in", "in"))


@dataclass(frozen=True, slots=True)
class Conditions:
    """Filters that all hold."""

    conditions: list[Condition] = field(metadata=doc("the filters"))
    logical_operator: Literal["and"] = field(default="and", metadata=doc("and", "and"))


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What is asked."""

    query: Annotated[str, Field(min_length=1, max_length=10_000, pattern=SAYING)] = field(
        metadata=doc("question", "学前教育普惠发展")
    )
    knowledge_id: Annotated[str, Field(max_length=1_000)] = field(
        default=EVERY_DOCUMENT, metadata=doc("policy-kb for all documents, or the id of one", EVERY_DOCUMENT)
    )
    retrieval_setting: RetrievalSetting = field(default=RetrievalSetting(), metadata=doc("how many, how good"))
    metadata_condition: Conditions | None = field(default=None, metadata=doc("filters; null: none"))


@dataclass(frozen=True, slots=True)
class RecordMetadata:
    """Where a record stands."""

    clause_id: str = field(metadata=doc("id of the clause", "xiangtan-jichu-jiaoyu#二.一.2"))
    document_id: str = field(metadata=doc("id of the document", "xiangtan-jichu-jiaoyu"))
    document_number: str = field(metadata=doc("发文字号", "湘政发〔2021〕4号"))
    issued_on: str = field(metadata=doc("成文日期", "2021-12-22"))
    standing: Standing = field(metadata=doc("效力", "in_force"))
    path: str = field(metadata=doc("headings from the top down", "重点任务 › 推进学前教育普惠发展"))
    page: int = field(metadata=doc("页码; 0 in a format without pages", 3))
    start: int = field(metadata=doc("place of the clause in the text of the document, in characters", 945))
    end: int = field(metadata=doc("place after its last character", 1249))


@dataclass(frozen=True, slots=True)
class Record:
    """A clause that answers."""

    content: str = field(metadata=doc("the clause's own words, verbatim", "2.推进学前教育普惠发展。…"))
    score: float = field(metadata=doc("0 to 1", 0.91))
    title: str = field(metadata=doc("标题 of the document", "湘潭市推进基础教育补短板强弱项实施方案"))
    metadata: RecordMetadata = field(metadata=doc("where it stands"))


@dataclass(frozen=True, slots=True)
class Records:
    """Clauses that answer, best first; none: the knowledge base holds no answer."""

    records: tuple[Record, ...] = field(metadata=doc("clauses, best first"))


@router.post("/dify/retrieval", summary="Clauses as the external knowledge of Dify", responses=NAMED | responses(400))
def dify_retrieval(kb: KB, asked: Retrieval) -> Records:
    """检索 for Dify: only clauses that answer, none where nothing does. ``https://<server>/api/v1/integrations/dify`` is the endpoint to enter."""
    setting = asked.retrieval_setting
    hits = kb.search(asked.query, _filters(kb, asked), setting.top_k).hits
    return Records(tuple(_record(hit) for hit in hits if not hit.weak and hit.score >= setting.score_threshold))


def _filters(kb: KnowledgeBase, asked: Retrieval) -> Filters:
    """The filters of the conditions and of ``knowledge_id``; InvalidQuery for a condition that is none, NotInKnowledgeBase."""
    values: dict[str, Any] = {}
    for condition in asked.metadata_condition.conditions if asked.metadata_condition else ():
        filter_ = _FILTERS.get(condition.name)
        if filter_ is None:
            raise InvalidQuery("metadata_condition", Message("unknown-parameter", values=tuple(_FILTERS)))
        several = [condition.value] if isinstance(condition.value, str) else condition.value
        if filter_.field in values or (len(several) != 1 and not filter_.takes_several):
            raise InvalidQuery(condition.name, Message("one-value"))
        values[filter_.field] = _value(filter_, several if filter_.takes_several else several[0])
    if asked.knowledge_id != EVERY_DOCUMENT:
        if "document_id" in values:
            raise InvalidQuery("document_id", Message("one-value"))
        values["document_id"] = kb.document(asked.knowledge_id).document.id
    return Filters(**values)


def _value(filter_: Parameter, said: str | list[str]) -> Any:
    """What is said of a filter, as an address would say it; InvalidQuery."""
    try:
        return TypeAdapter(annotated(filter_)).validate_python(said)
    except ValidationError as error:
        raise InvalidQuery(filter_.name, validation_message(error.errors()[0])) from error


def _record(hit: Hit) -> Record:
    facts, clause = hit.facts, hit.facts.clause
    where = RecordMetadata(
        clause.id,
        clause.document_id,
        facts.document_number,
        facts.issued_on,
        facts.validity.standing,
        " › ".join(clause.path),
        clause.page,
        clause.start,
        clause.end,
    )
    return Record(clause.text, hit.score, facts.document_title, where)
