"""What the reference (OpenAPI) says about every field, with examples from the founding plan of the corpus."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.problems import problem_schema

_DOCUMENT = "xiangtan-jichu-jiaoyu"
_CLAUSE = f"{_DOCUMENT}#二.一.2"
_TITLE = "湘潭市推进基础教育补短板强弱项实施方案"
_PATH = ["重点任务", "加大资源供给,促进优质均衡", "推进学前教育普惠发展"]

# field, or Schema.field where one word means two things → what it holds; and an example, unless the field holds other objects
_FIELDS: dict[str, tuple[str, Any]] = {
    "addressees": (
        "主送机关: whom the document is addressed to",
        ["各县市区人民政府", "湘潭高新区、经开区和昭山示范区管委会"],
    ),
    "aliases": ("other names that documents use", ["市教育局", "教育局"]),
    "attachments": (
        "附件说明: names of attachments as printed",
        ["全市基础教育补短板强弱项主要工作任务责任分解表.pdf"],
    ),
    "baseline": ("the value it starts from (由A提高到B: A)", None),
    "boilerplate": ("web and page furniture in the text, in no clause", None),
    "built_at": ("when the index was built (ISO, UTC)", "2025-11-24T03:00:00Z"),
    "changes": ("what has changed, in the order of the newer document", None),
    "responsibilities_added": ("units that the newer version names and the older does not", None),
    "responsibilities_removed": ("units that the older version names and the newer does not", None),
    "targets_added": ("targets of the newer version that the older does not have", None),
    "targets_removed": ("targets of the older version that the newer does not have", None),
    "old": ("the clause in the older version; null when it is new", None),
    "new": ("the clause in the newer version; null when it was removed", None),
    "old_id": ("id of the older document", _DOCUMENT),
    "new_id": ("id of the newer document", _DOCUMENT),
    "ClauseChange.kind": ("added, removed or changed", "changed"),
    "files": ("the files to add", None),
    "created_at": ("when it was asked for (ISO, UTC)", "2025-11-24T03:00:00+00:00"),
    "finished_at": ("when it ended (ISO, UTC); empty until then", "2025-11-24T03:00:02+00:00"),
    "error": ("why it failed", ""),
    "report": ("what the build made; null until it is done", None),
    "Job.id": ("id of the job", "6f1c0d2e4b7a4f3c9a55a6f1d9b0c3e2"),
    "Job.status": ("queued, running, done or failed", "done"),
    "computed": ("documents read anew", 1),
    "copied": ("documents taken over from the index before", 3),
    "duplicates": ("files that hold the same bytes as another one", None),
    "failures": ("files that did not go in", None),
    "reason": ("why", "no text layer: its pages are pictures and have to go through text recognition"),
    "Duplicate.same_as": ("the file that stands for both", "plan.pdf"),
    "seconds": ("how long it took", 1.4),
    "BuildReport.documents": ("documents in the index now", 4),
    "BuildReport.clauses": ("clauses in the index now", 120),
    "BuildReport.responsibilities": ("units named in the index now", 300),
    "BuildReport.targets": ("targets in the index now", 60),
    "citations": ("引用: other documents named here", None),
    "clause": ("条款: the clause", None),
    "clause_id": ("id of the clause that the fact stands in", _CLAUSE),
    "clauses": ("条款, in reading order; parent_id makes the tree", None),
    "DocumentSummary.clauses": ("how many clauses", 21),
    "Status.clauses": ("how many clauses", 21),
    "code_version": ("version of the program that built the index", "0.1.0"),
    "comparator": ("how the quantity compares: = >= <= > < ~", ">"),
    "content": (
        "内容: the clause's own words after number and heading",
        "加大公办园建设力度,确保每个乡镇(街道)有1所公办幼儿园…",
    ),
    "damaged": ("the source has lost digits here; the value is not guessed", False),
    "deadlines": ("时限: until when, or how often", None),
    "LedgerRow.deadlines": ("时限, as staff write it", ["2025年12月"]),
    "detail": ("what went wrong, in Chinese", "参数不正确：limit"),
    "disclosure": ("公开方式", "(此件主动公开)"),
    "document": ("公文: header and text", None),
    "document_id": ("id of the document (file stem)", _DOCUMENT),
    "Citation.document_id": ("id of the cited document when the knowledge base holds it", ""),
    "document_number": ("发文字号", "湘政发〔2021〕4号"),
    "document_title": ("标题 of the document", _TITLE),
    "documents": ("how many documents", 1),
    "due": ("ISO date as precise as printed, or a recurrence (每年)", "2025-12"),
    "end": ("place after the last character (half-open, in characters of the document's text)", 1207),
    "errors": ("the parameters at fault, when there are any", None),
    "evidence": ("clauses the units come from, best first; the nearest clauses when there are no units", None),
    "expansion_score": ("part of the score from official wordings for what people say", 0.31),
    "expansions": ("official wordings that stand here and belong to what people say", None),
    "facts": ("the clause with its facts", None),
    "field": ("name of the parameter", "limit"),
    "generation": ("name of the generation in use", "20251124T030000000000Z"),
    "has_targets": ("only clauses with a target", True),
    "heading": ("heading after the number", "推进学前教育普惠发展"),
    "highlights": ("what matched: spans in clause.text", None),
    "hits": ("clauses, best first", None),
    "id": ("stable id", _DOCUMENT),
    "Clause.id": ("<document>#<printed numbers>", _CLAUSE),
    "Organization.id": ("the canonical name", "湘潭市教育局"),
    "implied_by": ("where the document says once who answers for all that follows (下同)", None),
    "index": ("the index in use; null: none is open", None),
    "indicator": ("指标: what is measured", "全市公办幼儿园在园幼儿占比"),
    "instance": ("the address that was asked", "/api/v1/search"),
    "issued_on": ("成文日期, as precise as printed", "--12-22"),
    "issuers": ("发文机关", ["湘潭市人民政府办公室"]),
    "items": ("this page of the list", None),
    "jurisdiction": ("行政区划", "湘潭市"),
    "kind": ("文种", "实施方案"),
    "lead": ("how many clauses it leads (牵头)", 0),
    "LedgerRow.lead": ("牵头单位", []),
    "leads_differ": ("two documents of one place name different leads", False),
    "level": ("level of government", "city"),
    "limit": ("most items on a page", 10),
    "candidates": ("other official names that its names could stand for", []),
    "directness": (
        "by a mark in the clause, one above it, a declaration for the whole document, in prose, or as one of a group",
        "mark",
    ),
    "function": ("职能; empty for a unit that the lexicon does not know", "教育"),
    "matched": ("words of the query that stand here", ["学前教育"]),
    "members": ("ids of the members of a group such as 各县市区人民政府", []),
    "message": ("what is wrong with it", "Input should be less than or equal to 100"),
    "model": ("the encoder the index was built with", "embedded:1a2b3c4d"),
    "name": ("canonical name", "湘潭市教育局"),
    "Version.name": ("name of the program", "policy-kb"),
    "num": ("number as printed; empty for notice, preamble, attachment", "2."),
    "number": ("序号, from 1", 2),
    "official": ("official wordings that stand here", ["普惠性幼儿园"]),
    "offset": ("items before this page", 0),
    "organization": ("the unit", None),
    "organization_id": ("id of the unit behind the name", "湘潭市教育局"),
    "organizations": ("how many units", 24),
    "pages": ("where each printed page begins in the text; empty for a format without pages", []),
    "parent_id": ("id of the clause above; null at the top", f"{_DOCUMENT}#二.一"),
    "part": ("which part of the document it belongs to", "body"),
    "path": ("headings from the top down to the clause's own", _PATH),
    "per": ("for each of what: 每年, 每个乡镇", ""),
    "prose": ("true: subject of a duty in running text; false: named by a mark", False),
    "qualitative": ("a goal without a number", False),
    "query": ("what was asked", "学前教育普惠发展"),
    "ready": ("an index is open", True),
    "recurrence": ("how often: 每年, 长期坚持", "每年"),
    "relation": ("what the clause does with the cited document", "based_on"),
    "rerank_score": ("what a cross-encoder says, 0 to 1; null: none has read it", None),
    "responsibilities": ("责任: units and their roles", None),
    "DocumentSummary.responsibilities": ("how many units are named", 81),
    "Status.responsibilities": ("how many units are named", 81),
    "responsible": ("how many clauses it answers for (责任)", 10),
    "LedgerRow.responsible": ("责任单位", ["各县市区人民政府", "市教育局", "市财政局"]),
    "role": ("lead 牵头, responsible 责任, support 配合", "responsible"),
    "rule": ("name of the rule that read it", "mark"),
    "same_as": ("id of a better hit that says nearly the same", ""),
    "score": ("0 to 1", 0.91),
    "sha256": ("of the file's bytes", "9f2c…"),
    "source": ("file name", f"{_DOCUMENT}.txt"),
    "spoken": ("what people say, as the thesaurus has it", "上幼儿园太贵"),
    "start": ("place of the first character (in characters of the document's text)", 1196),
    "status": ("HTTP status", 422),
    "Health.status": ("the process answers", "ok"),
    "successor_of": ("ids of the units it took over from", []),
    "UnitAnswer.organization": ("official name", "湘潭市教育局"),
    "support": ("how many clauses it supports (配合)", 0),
    "LedgerRow.support": ("配合单位", []),
    "target": ("指标", None),
    "targets": ("指标: quantities committed to", None),
    "DocumentSummary.targets": ("how many targets", 20),
    "Status.targets": ("how many targets", 20),
    "LedgerRow.targets": ("目标, in the words of the source", ["全市公办幼儿园在园幼儿占比超过60%"]),
    "task": ("任务: heading or first sentence", "推进学前教育普惠发展"),
    "tasks": ("clauses it answers for", None),
    "text": ("the characters of the source", "全市公办幼儿园在园幼儿占比超过60%"),
    "Clause.text": ("own words without sub-clauses, line wraps joined", "2.推进学前教育普惠发展。加大公办园建设力度…"),
    "Document.text": (
        "the whole text as read; all places count its characters",
        "…湘潭市推进基础教育补短板强弱项实施方案…",
    ),
    "title": ("标题", _TITLE),
    "Problem.title": ("HTTP phrase of the status", "Unprocessable Entity"),
    "through": ("id of the group or predecessor that the clause names instead", ""),
    "total": ("how many there are in all", 1),
    "type": ("kind of problem (a URI)", "about:blank"),
    "unit": ("name of the unit as the document has it", "市教育局"),
    "Target.unit": ("计量单位", "%"),
    "UnitTasks.unit": ("the unit and how many clauses it answers for", None),
    "units": ("units that answer for it; empty: the knowledge base holds no answer", None),
    "upper": ("upper bound of a range (3~5名: 5)", None),
    "url": ("where the document was published, when anybody says", "https://www.example.gov.cn/plan.html"),
    "value": ("the number; null when it is lost in the source or the goal has none", 60.0),
    "vector_score": ("part of the score from meaning", 0.88),
    "version": ("version of the program", "0.1.0"),
    "weak": ("true: near, but hardly an answer", False),
    "weight": ("0 to 1: how near the query is to what people say", 0.72),
    "word_score": ("part of the score from words", 0.95),
}


def describe(app: FastAPI) -> None:
    """Make the app's OpenAPI say what every field of every schema holds."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(generate()["components"]["schemas"])
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schemas: dict[str, Any]) -> None:
    own = problem_schema()
    schemas |= own.pop("$defs")
    schemas["Problem"] = own
    for name, schema in schemas.items():
        schema.setdefault("description", "What a form (multipart) holds.")  # FastAPI describes no forms
        for field, said in schema.get("properties", {}).items():
            description, example = _FIELDS.get(f"{name}.{field}") or _FIELDS[field]
            said["description"] = description
            if example is not None:
                said["examples"] = [example]
