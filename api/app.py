"""The application: index opened for its lifetime, failures as problem JSON, the page and the reference at their addresses."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from threading import Event, Thread

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.browsing import router as browsing_router
from api.current import CurrentIndex
from api.editing import Editing
from api.editing import router as editing_router
from api.jobs import Builder, Jobs, watch
from api.ledgers import router as ledger_router
from api.observing import Metrics, Observed, log_to_standard_error
from api.openapi import describe
from api.originals import router as original_router
from api.parameters import only_known_parameters
from api.problems import answer_with_problems
from api.routes import router
from api.surveys import router as survey_router
from api.workers import Opener, Workers, usual_count
from kb import __version__, configuration
from kb.knowledge_base import opener

STATIC = Path(__file__).with_name("static")

_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
# Swagger UI draws its icons from data: addresses and styles its parts in place.
_REFERENCE_POLICY = f"{_POLICY}; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
SECURITY_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # ask again whether it changed: a new index or version shows at once
}


class SecurityHeaders:
    """Adds SECURITY_HEADERS to every response that does not say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a server keeps its index: what builds it, whether documents may be sent, whether the folder is watched."""

    builder: Builder
    editing: Editing | None = None
    watched: bool = False


def create_app(index: Path, open_with: Opener = opener, keeping: Keeping | None = None, workers: int = 0) -> FastAPI:
    """The application over an index folder; with the embedded model unless ``open_with`` opens it with others.

    Without ``keeping`` it only answers. With ``workers``, so many other processes answer what is asked most; ``open_with`` is called
    in each of them.

    Without a usable index it starts all the same, answers 503 and takes the index up once it is built.
    """
    keeping = keeping if keeping is not None else Keeping(Builder(Path("corpus"), index))
    jobs, metrics, stop = Jobs(keeping.builder), Metrics(), Event()
    current, others = CurrentIndex(index, open_with()), Workers(index, open_with, workers)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(current.refresh)
        watcher = Thread(target=watch, args=(keeping.builder.corpus, jobs.submit, stop), daemon=True)
        others.start()
        if keeping.watched:
            watcher.start()
        yield
        stop.set()
        others.close()
        await run_sync(jobs.close)
        await run_sync(current.close)

    app = FastAPI(
        title="政策责任知识库 Policy knowledge base",
        version=__version__,
        summary="Who is responsible for what, by when, and where the document says so.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.current, app.state.jobs, app.state.editing = current, jobs, keeping.editing
    app.state.workers, app.state.corpus = others, keeping.builder.corpus
    answer_with_problems(app, SECURITY_HEADERS)
    # The addresses of ``router`` take any path, so the others come before them.
    for each in (browsing_router, ledger_router, original_router, survey_router, router, editing_router):
        app.include_router(each, dependencies=[Depends(only_known_parameters)])
    app.add_api_route("/metrics", metrics.answer, methods=["GET"], include_in_schema=False, response_model=None)
    _serve_pages(app)
    describe(app)
    # Level 4 takes a quarter of the time of 9 and a twentieth more bytes.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observed, metrics=metrics)
    return app


def create_app_from_environment() -> FastAPI:
    """The application that the environment describes; for ``uvicorn --factory api.app:create_app_from_environment``.

    KB_INDEX, KB_CORPUS, KB_MODEL and KB_QUERY_PREFIX are those of ``kb build``, KB_THESAURUS and KB_RERANKER those of ``kb search``;
    KB_API_KEY lets who has it send documents; KB_WATCH=1 builds anew whenever the corpus changes; KB_WORKERS is how many processes
    answer beside this one. What the environment leaves open ``kb.toml`` may say.
    """
    said = configuration.settings(os.environ)
    log_to_standard_error(said.log)
    corpus, index, own = Path(said.corpus), Path(said.index), Path(said.thesaurus) if said.thesaurus else None
    keeping = Keeping(
        Builder(corpus, index, said.model, said.query_prefix),
        Editing(corpus, said.api_key) if said.api_key else None,
        watched=said.watch,
    )
    # A model that is not ours may be large: it is held once, unless somebody says otherwise.
    usual = 0 if said.model or said.reranker else usual_count()
    workers = usual if said.workers is None else said.workers
    return create_app(index, partial(opener, said.model, said.query_prefix, own, said.reranker), keeping, workers)


def _serve_pages(app: FastAPI) -> None:
    """The page at /, the reference at /docs; nothing of either comes from another machine."""

    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    def reference() -> FileResponse:
        return FileResponse(STATIC / "docs.html", headers={"Content-Security-Policy": _REFERENCE_POLICY})

    methods = ["GET", "HEAD"]
    app.add_api_route("/", page, methods=methods, include_in_schema=False, response_model=None)
    app.add_api_route("/docs", reference, methods=methods, include_in_schema=False, response_model=None)
    app.mount("/static/swagger", StaticFiles(directory=str(files("fastapi_offline") / "static")))
    app.mount("/static", StaticFiles(directory=STATIC))
