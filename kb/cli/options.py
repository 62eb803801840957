"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kb.cli.wording import choose_language


class Tongue(StrEnum):
    """Languages of the commands."""

    ZH = "zh"
    EN = "en"


class RoleName(StrEnum):
    """Roles of a unit: 牵头, 责任, 配合."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORT = "support"


class Sorting(StrEnum):
    """Orders of a unit's tasks."""

    DOCUMENT = "document"
    ROLE = "role"
    DUE = "due"


def _speak(tongue: Tongue | None) -> Tongue | None:
    if tongue is not None:
        choose_language(tongue.value)
    return tongue


Lang = Annotated[
    Tongue | None,
    typer.Option(
        "--lang", callback=_speak, is_eager=True, help="界面语言，默认随系统 Language, by default the system's"
    ),
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
Limit = Annotated[int, typer.Option("--limit", "-n", help="最多显示几条 Most hits to show")]
Queries = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        exists=True,
        dir_okay=False,
        readable=True,
        help='批量查询：每行一个 {"qid": …, "query": …}，逐行输出 JSON Many queries, one a line; answers as JSON lines',
    ),
]

DEFAULT_INDEX = Path("indexes")
DEFAULT_CORPUS = Path("corpus")
