"""Commands that answer other programs until they are stopped: the page and HTTP, and the tools of an AI assistant."""

from __future__ import annotations

import os
from contextlib import suppress
from socket import AF_INET, AF_INET6, EAI_NONAME, create_server, socket
from typing import Annotated

import typer

from kb.cli.options import (
    DEFAULT_CORPUS,
    DEFAULT_INDEX,
    Corpus,
    Index,
    Lang,
    Model,
    QueryPrefix,
    RerankerName,
    Thesaurus,
)
from kb.cli.output import error_console
from kb.cli.wording import say
from kb.errors import KBError
from kb.messages import Message, reason_of

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MAX_REQUEST_LINE = 256 * 1024  # bytes; a query of 10,000 characters, percent-encoded, has 90,000
_KEPT = 20  # seconds that a connection is kept for another request; shorter, and slow clients ask on one that is just being closed
_GRACE = 5  # seconds that requests have to end when the server is stopped; containers are killed after ten


def serve(
    host: Annotated[str, typer.Option("--host", envvar="KB_HOST", help="监听地址 Address to listen at")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", envvar="KB_PORT", min=0, max=65535, help="监听端口 Port to listen at")
    ] = 8000,
    corpus: Corpus = DEFAULT_CORPUS,
    index: Index = DEFAULT_INDEX,
    watch: Annotated[
        bool, typer.Option("--watch", envvar="KB_WATCH", help="文件夹有变化就重建 Rebuild when the folder changes")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            envvar="KB_WORKERS",
            min=0,
            max=64,
            help="回答查询的进程数，默认按处理器核数 Processes that answer questions, by default as many as cores, 4 at most",
        ),
    ] = None,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    thesaurus: Thesaurus = None,
    reranker: RerankerName = "",
    lang: Lang = None,
) -> None:
    """启动网页和 HTTP 接口。 Serve the page and the HTTP interface."""
    import uvicorn

    from kb import configuration

    # kb.cli must not import api. uvicorn imports it, and the application reads its settings from the environment.
    if host in _LOOPBACK and not configuration.settings(os.environ).allowed_hosts:
        os.environ["KB_ALLOWED_HOSTS"] = "localhost"
    os.environ |= {
        "KB_INDEX": str(index),
        "KB_CORPUS": str(corpus),
        "KB_WATCH": str(int(watch)),
        "KB_WORKERS": "" if workers is None else str(workers),
        "KB_MODEL": model,
        "KB_QUERY_PREFIX": query_prefix,
        "KB_THESAURUS": str(thesaurus or ""),
        "KB_RERANKER": reranker,
    }
    config = uvicorn.Config(
        "api.app:create_app_from_environment",
        factory=True,
        log_config=None,  # the application configures all logging
        access_log=False,
        proxy_headers=False,  # the application reads them once it knows who is connected
        http="api.connections:PatientProtocol",  # on h11: httptools refuses request lines over 64 KiB
        timeout_keep_alive=_KEPT,
        timeout_graceful_shutdown=_GRACE,
        h11_max_incomplete_event_size=_MAX_REQUEST_LINE,
    )
    config.load()
    with _listen(host, port) as listener, suppress(KeyboardInterrupt):
        error_console().print(say("serving", host=host, port=listener.getsockname()[1]))
        uvicorn.Server(config).run(sockets=[listener])


def mcp(
    index: Index = DEFAULT_INDEX,
    model: Model = "",
    query_prefix: QueryPrefix = "",
    thesaurus: Thesaurus = None,
    reranker: RerankerName = "",
    lang: Lang = None,
) -> None:
    """作为 AI 助手的工具运行（MCP，经标准输入输出）。 Serve an AI assistant over standard input and output (MCP)."""
    from kb.assistants import create_server as create_assistant_server
    from kb.current_index import CurrentIndex
    from kb.knowledge_base import opener

    current = CurrentIndex(index, opener(model, query_prefix, thesaurus, reranker))
    with suppress(KeyboardInterrupt):
        create_assistant_server(current.reading).run()


def _listen(host: str, port: int) -> socket:
    """A listening socket; KBError when the address cannot be used."""
    try:
        server = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
        # create_server leaves ``proto`` 0. asyncio sets TCP_NODELAY only where ``proto`` is TCP; without it an answer takes 40 ms longer.
        return socket(fileno=server.detach())
    except OSError as error:
        reason = Message("no-host") if error.errno == EAI_NONAME else reason_of(error)
        raise KBError(Message("cannot-listen", address=f"{host}:{port}", reason=reason)) from error
