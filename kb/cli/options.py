"""Options that several commands share, and options made from the fields of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass, replace
from enum import StrEnum
from functools import wraps
from inspect import Parameter as Signed
from inspect import Signature, signature
from pathlib import Path
from types import GenericAlias
from typing import Annotated, Any

import typer

from kb.models import HitOrder
from kb.models.fields import Parameter, parameters_of


class Tongue(StrEnum):
    """The languages of the commands."""

    ZH = "zh"
    EN = "en"


Lang = Annotated[
    Tongue | None,
    typer.Option("--lang", help="界面语言，默认随系统 Language, by default the system's"),
]
Index = Annotated[
    str,
    typer.Option(
        "--index",
        envvar="KB_INDEX",
        help="索引所在文件夹，或 postgresql:// 地址 Folder of the index, or postgresql://…",
    ),
]
Corpus = Annotated[
    Path, typer.Option("--corpus", envvar="KB_CORPUS", help="政策文件所在文件夹 Folder of the documents")
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        envvar="KB_MODEL",
        help="句向量模型的文件夹或名称，默认用自带的 Folder or name of a model, by default the embedded one",
    ),
]
QueryPrefix = Annotated[
    str,
    typer.Option(
        "--query-prefix",
        envvar="KB_QUERY_PREFIX",
        help="模型要求加在查询前面的文字 What the model wants before a query",
    ),
]
Fast = Annotated[
    bool, typer.Option("--fast", help="不补语义向量，以后再补 Leave what the contextual model reads for later")
]
Thesaurus = Annotated[
    Path | None,
    typer.Option(
        "--thesaurus",
        envvar="KB_THESAURUS",
        help="自己的词表：口语说法对应的规范说法，每行一条 JSON Own thesaurus: what people say and documents call it",
    ),
]
RerankerName = Annotated[
    str,
    typer.Option(
        "--reranker",
        envvar="KB_RERANKER",
        help="重排模型的文件夹或名称，默认不用 Folder or name of a cross-encoder, by default none",
    ),
]
Explain = Annotated[bool, typer.Option("--explain", help="说明每条为什么在这里 Say why each hit is there")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用 Print JSON")]
Sort = Annotated[
    HitOrder,
    typer.Option("--sort", help="排序：relevance 按相关程度，date 按成文日期，due 按时限 Order of the hits"),
]
Limit = Annotated[int, typer.Option("--limit", "-n", help="最多显示几条 Most hits to show")]
Queries = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        help='批量查询：每行一个 {"qid": …, "query": …}，逐行输出 JSON Many queries, one a line; answers as JSON lines',
    ),
]

DEFAULT_INDEX = "indexes"
DEFAULT_CORPUS = Path("corpus")
LEFT_OUT = 3  # exit status: it is done, but without some of the files


def with_queries(command: Callable[..., None]) -> Callable[..., None]:
    """The command with one option for each field of a query, in place of the parameter that takes the query.

    A field of which the command has a parameter of its own gets no option.
    """
    declared = signature(command, eval_str=True).parameters
    queries: dict[str, Any] = {
        name: parameter.default for name, parameter in declared.items() if is_dataclass(parameter.default)
    }
    options = {
        name: [parameter for parameter in parameters_of(type(query)) if parameter.field not in declared]
        for name, query in queries.items()
    }

    @wraps(command)
    def run(**arguments: Any) -> None:
        for name, query in queries.items():
            values = {option.field: arguments.pop(option.field) for option in options[name]}
            changes = {
                field: tuple(map(str, value)) if isinstance(value, list) else value
                for field, value in values.items()
                if value is not None
            }
            arguments[name] = replace(query, **changes)
        command(**arguments)

    run.__signature__ = Signature(  # type: ignore[attr-defined]  # which Typer reads
        [
            shown.replace(kind=Signed.KEYWORD_ONLY)
            for name, parameter in declared.items()
            for shown in (map(_option, options[name]) if name in options else [parameter])
        ]
    )
    return run


def _option(parameter: Parameter) -> Signed:
    """The parameter of a query as a parameter of a command."""
    kind, default = parameter.value_type, parameter.default
    if parameter.takes_several:
        # Typer reads lists of an enumeration, but not of a Literal.
        choices = [(choice, choice) for choice in parameter.choices]
        kind = GenericAlias(list, (StrEnum(parameter.name, choices) if choices else kind,))
    elif default == "":
        kind, default = kind | None, None
    option = typer.Option(parameter.option, help=parameter.metadata["help"])
    return Signed(parameter.field, Signed.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])
