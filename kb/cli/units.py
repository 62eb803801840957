"""Commands on units and their tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.asking import opened
from kb.cli.options import (
    DEFAULT_INDEX,
    AsJson,
    Index,
    Lang,
    Model,
    QueryPrefix,
    with_queries,
)
from kb.cli.output import print_json, print_text
from kb.errors import NotInKnowledgeBase
from kb.models import ALL_TASKS, EVERY_UNIT, Organization, OrganizationSummary, Task, TaskQuery, UnitQuery

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


@dataclass(frozen=True, slots=True)
class TaskList:
    """A unit and all its tasks."""

    organization: Organization
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class UnitList:
    """One page of units, and the number of all."""

    total: int
    units: tuple[OrganizationSummary, ...]


@with_queries
def unit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="单位名称（任何一种写法） Any name of the unit")],
    query: TaskQuery = ALL_TASKS,
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """列出一个单位的全部任务。 List all tasks of a unit."""
    with opened(index, model, query_prefix) as knowledge_base:
        organization = only_unit(knowledge_base, name)
        task_list = TaskList(organization, knowledge_base.tasks(organization.id, query))
    if as_json:
        print_json(task_list)
        return
    from kb.cli import unit_tables

    print_text(unit_tables.unit_with_tasks(task_list.organization, task_list.tasks))


@with_queries
def units(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="名称、简称或拼音首字母 Part of a name, or pinyin initials")
    ] = "",
    query: UnitQuery = EVERY_UNIT,
    limit: Annotated[int, typer.Option("--limit", "-n", help="最多显示几个 Most units to show")] = 50,
    offset: Annotated[int, typer.Option("--offset", help="跳过前几个 Units to skip")] = 0,
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """列出单位；--unresolved 列出待核对的。 List units, or those that somebody should look at."""
    with opened(index, model, query_prefix) as knowledge_base:
        total, summaries = knowledge_base.organizations(replace(query, name=name), limit, offset)
    if as_json:
        print_json(UnitList(total, summaries))
        return
    from kb.cli import unit_tables

    print_text(unit_tables.unit_list(total, summaries))


def only_unit(knowledge_base: KnowledgeBase, name: str) -> Organization:
    """The only unit of that name, else the only one with that part of a name or these pinyin initials; InvalidQuery names those that share it."""
    try:
        return knowledge_base.only_organization(name)
    except NotInKnowledgeBase as error:
        similar = [summary.organization for summary in knowledge_base.organizations(UnitQuery(name), limit=10)[1]]
        if len(similar) == 1 and len(name) > 1:
            return similar[0]
        raise NotInKnowledgeBase("unit", name, [unit.name for unit in similar]) from error
