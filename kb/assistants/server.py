"""The server: tools, resources and a prompt, described in Chinese and English for models and for the people who allow them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import getdoc, signature
from typing import Any, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ConfigDict, TypeAdapter, ValidationError

from kb import __version__
from kb.assistants.parameters import Query, taking_fields
from kb.assistants.quoting import quoted_clause
from kb.assistants.tools import Reading, Tools
from kb.errors import InvalidQuery, KBError, NotInKnowledgeBase
from kb.messages import Message, translate
from kb.models import QuotedClause
from kb.validation import validation_message

_INSTRUCTIONS = """\
政策文件的条款、责任单位、指标和时限，逐条注明原文出处。回答时引用 text 中的原文，并注明文件标题、文号和条款；answered 为 false 时，知识库没有答案，\
应如实说明，不要推测。standing 说明文件是否仍然有效，followed_by 是后一年度的同类文件。

Clauses, responsible units, targets and deadlines of Chinese government policy documents, each with its place in the source. Ask in \
Chinese. Quote the characters in text, and name title and number of the document and the clause. Where answered is false the knowledge base \
holds no answer: say so and do not guess. standing says whether a document is still in force, followed_by which one there is for a later year."""

_PROMPT = """\
请用政策责任知识库回答下面的问题。
1. 先用工具检索；问“谁负责”用 who_is_responsible，问某单位的任务用 unit_tasks，问指标用 targets，其余用 search_clauses。
2. 每一个结论都引用工具返回的原文（text，一字不改），后面用括号注明文件标题、文号和条款编号（clause_id）。
3. 工具返回 answered 为 false，或条款与问题不符时，直接回答“知识库中没有写明”，不要用常识补充。
4. 文件的 standing 不是 in_force 时，说明它已被修改、取代、废止或尚未施行；followed_by 不为空时，以后一年度的文件为准。

问题：{question}"""

_TITLES = {
    "search_clauses": "检索条款 Search clauses",
    "who_is_responsible": "查责任单位 Who is responsible",
    "unit_tasks": "单位任务 Tasks of a unit",
    "targets": "指标 Targets",
    "due": "到期任务 What is due",
    "find_documents": "查找文件 Find documents",
    "document": "读取文件 Read a document",
    "compare_versions": "比较版本 Compare versions",
}
_READS_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

_T = TypeVar("_T")


def create_server(reading: Reading) -> MCPServer[Any]:
    """The server; ``reading`` lends the knowledge base for the length of a call."""
    tools = Tools(reading)
    server: MCPServer[Any] = MCPServer(
        "policy-kb",
        title="政策责任知识库 Policy knowledge base",
        instructions=_INSTRUCTIONS,
        version=__version__,
        tools=[_tool(getattr(tools, name), title) for name, title in _TITLES.items()],
        log_level="WARNING",
        subscriptions=False,
    )
    _add_resources(server, reading)
    _add_prompt(server)
    return server


def _add_resources(server: MCPServer[Any], reading: Reading) -> None:
    """Documents as text and clauses as JSON. Ids are percent-encoded in an address, for they hold # and /."""

    @server.resource(
        "policy-kb://documents/{document_id}",
        title="文件原文 Text of a document",
        description="文件的全文，一字不改 The whole text, verbatim; the id percent-encoded",
        mime_type="text/plain",
    )
    def document_text(document_id: str) -> str:
        with reading() as kb:
            return _existing(lambda: kb.document(document_id).document.text)

    @server.resource(
        "policy-kb://clauses/{clause_id}",
        title="条款 A clause",
        description="条款全文和责任单位、指标、时限 A clause, whole, with its facts; the id percent-encoded",
        mime_type="application/json",
    )
    def clause(clause_id: str) -> QuotedClause:
        with reading() as kb:
            return quoted_clause(_existing(lambda: kb.answering([clause_id])[0]))


def _add_prompt(server: MCPServer[Any]) -> None:
    @server.prompt(
        title="引用原文回答 Answer with quotations",
        description="请助手检索知识库并逐条引用原文 Ask the assistant to search and to quote the source",
    )
    def answer_with_quotations(question: Query) -> str:
        return _PROMPT.format(question=question)


class _Tool(Tool):
    """A tool that says which argument is wrong, and why, in both languages; the package says it in pydantic's English."""

    async def run(self, arguments: dict[str, Any], context: Any, convert_result: bool = False) -> Any:
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            known = tuple(self.fn_metadata.arg_model.model_fields)
            raise ToolError("\n".join(_in_both(_wrong_argument(each, known)) for each in error.errors())) from error
        return await super().run(arguments, context, convert_result)


def _wrong_argument(error: Mapping[str, Any], known: tuple[str, ...]) -> InvalidQuery:
    """What pydantic says of an argument, of which those that are ``known`` may be given."""
    is_unknown = error["type"] == "extra_forbidden"
    reason = Message("unknown-parameter", values=known) if is_unknown else validation_message(error)
    return InvalidQuery(".".join(map(str, error["loc"])), reason)


def _in_both(error: KBError) -> str:
    return f"{translate(error.message, 'zh')} {error}"


def _tool(method: Callable[..., Any], title: str) -> Tool:
    """The tool with its schemas: unknown arguments are refused, since to leave one out would answer another question."""
    call = taking_fields(method)
    tool = _Tool.from_function(
        _explained(call), title=title, description=getdoc(call), annotations=_READS_ONLY, structured_output=False
    )
    arguments: Any = tool.fn_metadata.arg_model

    class Arguments(arguments):  # type: ignore[misc]  # made when the program runs
        model_config = ConfigDict(extra="forbid")

    tool.parameters = Arguments.model_json_schema()
    # The package makes no schema of dataclasses with slots, but takes one as what a tool returns.
    tool.fn_metadata = FuncMetadata(arg_model=Arguments, output_model=signature(call).return_annotation)
    return tool


def _explained(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, with results on one line, and what the knowledge base refuses explained to the assistant in both languages."""
    noun = TypeAdapter(signature(tool).return_annotation)

    @wraps(tool)
    def explained(**asked: Any) -> CallToolResult:
        try:
            result = noun.dump_json(tool(**asked))
        except KBError as error:
            raise ToolError(_in_both(error)) from error
        # The package's own text is indented, which costs a model half as many tokens again.
        return CallToolResult(content=[TextContent(text=result.decode())], structured_content=json.loads(result))

    return explained


def _existing(read: Callable[[], _T]) -> _T:
    try:
        return read()
    except NotInKnowledgeBase as error:
        raise ResourceNotFoundError(_in_both(error)) from error
