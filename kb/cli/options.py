"""Options that several commands share, and those that are made of the fields of queries."""

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
    """Languages of the commands."""

    ZH = "zh"
    EN = "en"


Lang = Annotated[
    Tongue | None,
    typer.Option("--lang", help="界面语言，默认随系统 Language, by default the system's"),
]
Index = Annotated[Path, typer.Option("--index", envvar="KB_INDEX", help="索引所在文件夹 Folder of the index")]
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

DEFAULT_INDEX = Path("indexes")
DEFAULT_CORPUS = Path("corpus")


def with_queries(command: Callable[..., None]) -> Callable[..., None]:
    """The command with options in place of its parameters that are queries: one for each field that it does not take itself."""
    declared = signature(command, eval_str=True).parameters
    queries: dict[str, Any] = {name: each.default for name, each in declared.items() if is_dataclass(each.default)}
    options = {
        name: [each for each in parameters_of(type(query)) if each.field not in declared]
        for name, query in queries.items()
    }

    @wraps(command)
    def run(**given: Any) -> None:
        for name, query in queries.items():
            values = {option.field: given.pop(option.field) for option in options[name]}
            asked = {
                field: tuple(map(str, value)) if isinstance(value, list) else value for field, value in values.items()
            }
            given[name] = replace(query, **{field: value for field, value in asked.items() if value is not None})
        command(**given)

    run.__signature__ = Signature(  # type: ignore[attr-defined]  # what Typer looks at
        [
            made.replace(kind=Signed.KEYWORD_ONLY)
            for name, each in declared.items()
            for made in (map(_option, options[name]) if name in options else [each])
        ]
    )
    return run


def _option(parameter: Parameter) -> Signed:
    """A parameter of a command, as Typer reads it."""
    kind, default = parameter.value_type, parameter.default
    if parameter.takes_several:
        # Typer takes several of an enumeration, but not of a Literal.
        one = StrEnum(parameter.name, [(choice, choice) for choice in parameter.choices]) if parameter.choices else kind
        kind = GenericAlias(list, (one,))
    elif default == "":
        kind, default = kind | None, None
    option = typer.Option(parameter.option, help=parameter.metadata["help"])
    return Signed(parameter.field, Signed.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])
