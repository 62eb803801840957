"""The tools: each makes one call of the knowledge base and quotes what comes back.

The first lines of a docstring are what an assistant is told of the tool, in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from kb.assistants.parameters import DocumentId, Limit, Offset, Query, Unit
from kb.assistants.quoting import found_clause, passage, quoted_change, stated_target, with_fields
from kb.knowledge_base import KnowledgeBase
from kb.models import (
    DocumentList,
    DocumentPassage,
    DocumentQuery,
    DueList,
    DueQuery,
    Filters,
    FoundClause,
    FoundClauses,
    FoundUnits,
    Hit,
    QuotedDueClause,
    QuotedTask,
    SearchResult,
    TargetList,
    TargetQuery,
    TaskList,
    TaskQuery,
    VersionChanges,
)
from kb.versions.comparison import compare, version_before

# In both languages: which of them the assistant speaks is not known.
_NO_CLAUSE = (
    "知识库中没有回答这个问题的条款；列出的只是最接近的。 No clause answers this; what is listed is merely the nearest."
)
_NO_UNIT = "知识库中没有写明由谁负责；列出的只是最接近的条款。 The documents do not say who is responsible; the clauses are merely the nearest."
_LEADS_DIFFER = "不同文件规定的牵头单位不一致，应一并说明。 Documents name different leads: say so."

Reading = Callable[[], AbstractContextManager[KnowledgeBase]]

_Start = Annotated[int, Field(ge=0, lt=2**31, description="从第几个字符开始 first character of the passage")]
_Length = Annotated[int, Field(ge=0, le=20_000, description="最多多少个字符 most characters of the passage; 0: none")]
_Since = Annotated[
    str,
    Field(
        max_length=1_000, description="旧版文件的编号，默认为上一版 id of the older version, by default the one before"
    ),
]


def _note_on(result: SearchResult) -> str:
    """What an assistant has to say of a search, or may try."""
    meant, units = result.did_you_mean, "、".join(result.tasks_of)
    note = "" if result.relevant else _missing(result.missing) + _NO_CLAUSE
    note += f"查询可能有错别字或拼音，可改查“{meant}”。 Perhaps “{meant}” is meant." if meant else ""
    return note + (f"全部任务用 unit_tasks 查：{units}。 For all tasks use unit_tasks." if units else "")


def _missing(name: str) -> str:
    return f"知识库里没有“{name}”。 “{name}” is not here. " if name else ""


class Tools:
    """The tools of one server; ``reading`` lends the knowledge base for the length of a call."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def search_clauses(self, query: Query, filters: Filters, limit: Limit = 5, offset: Offset = 0) -> FoundClauses:
        """检索政策条款，按相关程度排列，附责任单位、指标、时限和原文位置。

        Find clauses by words and meaning, best first, each with its units, targets, deadlines and place in the source.
        """
        with self._reading() as kb:
            result = kb.search(query, filters, limit, offset)
            answered = result.relevant > 0
            return FoundClauses(
                query=query,
                answered=answered,
                note=_note_on(result),
                relevant=result.relevant,
                next_offset=_next(offset, limit, result.total),
                clauses=_found(kb, result.hits),
            )

    def who_is_responsible(self, query: Query, filters: Filters, limit: Limit = 5) -> FoundUnits:
        """查某项工作由谁负责（牵头、责任、配合），附依据条款；原文没有写明时 answered 为 false。

        Which units are responsible for something (lead, responsible, support), with the clauses that say so.
        """
        with self._reading() as kb:
            answer = kb.who(query, limit, filters)
            answered = bool(answer.units)
            differing = _LEADS_DIFFER if answer.leads_differ else ""
            return FoundUnits(
                query=query,
                answered=answered,
                note=differing if answered else _missing(answer.missing) + _NO_UNIT,
                units=answer.units,
                evidence=_found(kb, answer.evidence),
            )

    def unit_tasks(self, unit: Unit, query: TaskQuery, limit: Limit = 10, offset: Offset = 0) -> TaskList:
        """列出一个单位在全部文件中的任务，可按角色和时限筛选。

        The tasks of a unit in all documents, narrowed by role and due date if wanted.
        """
        with self._reading() as kb:
            organization, *namesakes = kb.organizations_named(unit)
            summary = kb.summary(organization)
            total, tasks = kb.task_page(summary.organization.id, query, limit, offset)
            return TaskList(
                organization_id=summary.organization.id,
                aliases=summary.organization.aliases,
                lead=summary.lead,
                responsible=summary.responsible,
                support=summary.support,
                total=total,
                next_offset=_next(offset, limit, total),
                tasks=tuple(
                    with_fields(QuotedTask, each.facts, role=each.role, through=each.through) for each in tasks
                ),
                namesakes=tuple(each.id for each in namesakes),
            )

    def targets(self, query: TargetQuery, within: Filters, limit: Limit = 10, offset: Offset = 0) -> TargetList:
        """查量化指标：数值、计量单位、时限和责任单位。value 为 null 表示原文数字缺失或为定性目标。

        Quantified targets with value, measure, due date and responsible units.
        """
        with self._reading() as kb:
            total, rows = kb.aggregations.targets(replace(query, within=within), limit, offset)
            stated = tuple(map(stated_target, rows))
            return TargetList(total=total, next_offset=_next(offset, limit, total), targets=stated)

    def due(self, query: DueQuery, limit: Limit = 10, offset: Offset = 0) -> DueList:
        """按日期列出到期的任务，可限定起止日期和文件；某单位的到期任务用 unit_tasks。

        What is due, by date, between two dates or in one document if wanted; for one unit use unit_tasks.
        """
        with self._reading() as kb:
            total, rows = kb.aggregations.due(query, limit, offset)
            clauses = tuple(with_fields(QuotedDueClause, each.facts, due=each.due) for each in rows)
            return DueList(total=total, next_offset=_next(offset, limit, total), clauses=clauses)

    def find_documents(self, query: DocumentQuery, limit: Limit = 10, offset: Offset = 0) -> DocumentList:
        """按标题、文号、发文机关、年份查找文件，得到文件编号。

        Documents by title, number, issuer and year, with their ids.
        """
        with self._reading() as kb:
            total, documents = kb.documents(query, limit, offset)
            return DocumentList(total=total, next_offset=_next(offset, limit, total), documents=documents)

    def document(self, document_id: DocumentId, start: _Start = 0, length: _Length = 4_000) -> DocumentPassage:
        """读取一个文件：文件头、条款目录和一段原文。

        A document: its header, its outline, and a passage of its text.
        """
        with self._reading() as kb:
            return passage(kb.document(document_id), start, length)

    def compare_versions(
        self, document_id: DocumentId, since: _Since = "", limit: Limit = 20, offset: Offset = 0
    ) -> VersionChanges:
        """比较一个文件的两个版本：条款、责任单位和指标的增、删、改。

        What has changed since an older version of a document: clauses, units, targets.
        """
        with self._reading() as kb:
            new = kb.document(document_id)
            comparison = compare(kb.document(since or version_before(new)), new)
            total = len(comparison.changes)
            return VersionChanges(
                old_id=comparison.old_id,
                new_id=comparison.new_id,
                total=total,
                next_offset=_next(offset, limit, total),
                changes=tuple(map(quoted_change, comparison.changes[offset : offset + limit])),
            )


def _found(kb: KnowledgeBase, hits: Iterable[Hit]) -> tuple[FoundClause, ...]:
    """The clauses of hits, each with the units that answer for it."""
    several = tuple(hits)
    answering = kb.answering([hit.facts.clause.id for hit in several])
    return tuple(found_clause(hit, facts) for hit, facts in zip(several, answering, strict=True))


def _next(offset: int, limit: int, total: int) -> int | None:
    return offset + limit if offset + limit < total else None
