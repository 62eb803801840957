"""The HTTP application: its routes, index, problems, headers, page and reference put together."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from html import escape
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from threading import Event, Thread

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.browsing import router as browsing_router
from api.correcting import router as correcting_router
from api.editing import router as editing_router
from api.editors import Editing
from api.exposure import PLAIN, Exposure, SecurityHeaders, SubPath, reference_policy, security_headers
from api.hosts import THIS_MACHINE, AllowedHosts
from api.integrations import router as integration_router
from api.jobs import Builder, Jobs, OnProgress, watch
from api.ledgers import router as ledger_router
from api.limits import Limited
from api.methods import Methods
from api.observing import Metrics, Observed, log_to_standard_error
from api.openapi import DESCRIPTION, SUMMARY, TAGS, describe, operation_id
from api.originals import router as original_router
from api.parameters import NotModified, only_known_parameters
from api.problems import answer_with_problems, responses
from api.reading import OnlyReaders, Readers
from api.reading import router as session_router
from api.removing import router as removing_router
from api.routes import router
from api.surveys import router as survey_router
from api.webhooks import Webhook
from api.workers import Opener, Workers, usual_count
from kb import __version__, configuration
from kb.access import Keys
from kb.assistants import AssistantEndpoint
from kb.current_index import CurrentIndex
from kb.ingest.behind import Filler
from kb.knowledge_base import KnowledgeBase, opener
from kb.models import BuildReport, Job

STATIC = Path(__file__).with_name("static")
_TITLE = "政策责任知识库"  # of the page, unless KB_TITLE says another


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a server maintains its index."""

    builder: Builder
    editing: Editing | None = None  # None for a server that takes no documents from anybody
    readers: Readers = Readers(Keys())  # noqa: RUF009 - frozen
    watched: bool = False  # changes of the corpus start a build
    webhook: str = ""  # an address that is told of builds that have ended

    def builds(self) -> bool:
        """Whether anything can start a build."""
        return self.watched or self.editing is not None

    def filler(self) -> Filler | None:
        """What fills in behind builds; None for a server that builds nothing, and for other models, which read everything at once."""
        return Filler(self.builder.index) if self.builds() and not self.builder.model else None


def _built(build: Builder, current: CurrentIndex, on_progress: OnProgress) -> BuildReport:
    """A build that is done when its generation answers: who is told so asks what there is at once."""
    report = build(on_progress)
    current.settle()
    return report


def _jobs_of(keeping: Keeping, current: CurrentIndex, metrics: Metrics) -> Jobs:
    webhook = Webhook(keeping.webhook)

    def tell(ended: Job) -> None:
        metrics.count_build(ended.status)
        webhook.tell(ended)

    corpus = keeping.builder.corpus if keeping.builds() else None
    return Jobs(partial(_built, keeping.builder, current), keeping.filler(), tell, corpus)


def create_app(
    index: Path | str,
    open_with: Opener = opener,
    keeping: Keeping | None = None,
    workers: int = 0,
    exposure: Exposure = PLAIN,
) -> FastAPI:
    """The application over an index folder.

    ``open_with`` opens the index; by default with the embedded model. ``keeping`` says how the index is maintained; without it the
    server takes no documents. ``workers`` is the number of other processes that answer search, who and facets; ``open_with`` is called
    in each of them. ``exposure`` says how it stands before its clients.

    Without a usable index the application answers 503, and opens the index as soon as it is built.
    """
    keeping = keeping if keeping is not None else Keeping(Builder(Path("corpus"), index))
    current = CurrentIndex(index, open_with(), on_opened=lambda opened: _fill_in(jobs, opened))
    metrics, stop = Metrics(), Event()
    jobs = _jobs_of(keeping, current, metrics)
    others = Workers(index, open_with, workers)
    assistants = AssistantEndpoint(current.reading)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(current.refresh)
        await others.start()
        jobs.resume()
        if keeping.watched:
            Thread(target=watch, args=(keeping.builder.corpus, jobs.submit, stop), daemon=True).start()
        async with assistants.running():
            yield
        stop.set()
        others.close()
        await run_sync(jobs.close)
        await run_sync(current.close)

    app = FastAPI(
        title=f"{_TITLE} Policy knowledge base",
        version=__version__,
        summary=SUMMARY,
        description=DESCRIPTION,
        contact={"name": "Maintainers of policy-kb"},
        servers=[{"url": exposure.root_path or "/"}],
        lifespan=lifespan,
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
        responses=responses(429),
        docs_url=None,
        redoc_url=None,
    )
    app.state.current, app.state.jobs, app.state.workers = current, jobs, others
    app.state.corpus, app.state.readers = keeping.builder.corpus, keeping.readers
    app.state.editing = keeping.editing or Editing(keeping.builder.corpus, Keys(), Path())
    answer_with_problems(app, security_headers(exposure))
    app.add_exception_handler(NotModified, _not_modified)
    # Paths of ``router`` match any id, so the routers with longer paths come before it.
    for each in (
        correcting_router,
        browsing_router,
        ledger_router,
        original_router,
        survey_router,
        router,
        integration_router,
        session_router,
        editing_router,
        removing_router,
    ):
        app.include_router(each, dependencies=[Depends(only_known_parameters)])
    _serve_others(app, assistants, metrics, exposure)
    describe(app)
    _wrap(app, keeping.readers, exposure, metrics)
    return app


def _fill_in(jobs: Jobs, opened: KnowledgeBase) -> None:
    """Let the filler look at a generation that is not filled in: who built it may have left that, or have been ended."""
    status = opened.status()
    if status.contextual != status.clauses:
        jobs.fill()


def _wrap(app: FastAPI, readers: Readers, exposure: Exposure, metrics: Metrics) -> None:
    """What every request goes through, from the inside out."""
    # Level 4 takes a quarter of the time of level 9 for 5 % more bytes.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    app.add_middleware(Methods, described=app)
    app.add_middleware(OnlyReaders, readers=readers)
    app.add_middleware(Limited, exposure=exposure, keys=readers.keys)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=[*THIS_MACHINE, *readers.proxies])
    app.add_middleware(AllowedHosts, names=exposure.allowed_hosts)
    app.add_middleware(SecurityHeaders, headers=security_headers(exposure))
    app.add_middleware(Observed, metrics=metrics)
    app.add_middleware(SubPath, root_path=exposure.root_path)


def create_app_from_environment() -> FastAPI:
    """The application with the settings of the environment; for
    ``uvicorn --factory --no-proxy-headers api.app:create_app_from_environment``: the application reads headers of proxies itself, once it knows who is connected.

    KB_INDEX, KB_CORPUS, KB_MODEL and KB_QUERY_PREFIX are those of ``kb build``, KB_THESAURUS and KB_RERANKER those of ``kb search``.
    Clients that send KB_API_KEY or one of KB_KEYS may add and remove documents, which is written into KB_AUDIT; with KB_READ=key only they are
    answered, and those whom one of KB_PROXIES names in KB_USER_HEADER. KB_ALLOWED_HOSTS are the names that the server answers to, KB_ROOT_PATH is the path that a
    proxy shows it below, KB_FRAME_ANCESTORS are the sites that may frame its page, KB_TITLE is what it is called. KB_WATCH=1 rebuilds the index when the corpus changes. KB_WORKERS is the
    number of other processes. Settings that the environment lacks are taken from ``kb.toml``.
    """
    settings = configuration.settings(os.environ)
    log_to_standard_error(settings.log)
    corpus, index = Path(settings.corpus), settings.index
    own = Path(settings.thesaurus) if settings.thesaurus else None
    keys = Keys(Path(settings.keys), settings.api_key)
    keeping = Keeping(
        Builder(corpus, index, settings.model, settings.query_prefix),
        Editing(corpus, keys, Path(settings.audit)),
        Readers(keys, settings.read == "key", settings.user_header, frozenset(_listed(settings.proxies))),
        watched=settings.watch,
        webhook=settings.webhook,
    )
    # Another model than the embedded one may be large, so by default only one process loads it.
    usual = 0 if settings.model or settings.reranker else usual_count()
    workers = usual if settings.workers is None else settings.workers
    open_with = partial(opener, settings.model, settings.query_prefix, own, settings.reranker)
    exposure = Exposure(
        _listed(settings.allowed_hosts),
        settings.root_path,
        _listed(settings.frame_ancestors),
        settings.rate,
        settings.at_once,
        settings.title.strip(),
    )
    return create_app(index, open_with, keeping, workers, exposure)


def _not_modified(_: Request, error: Exception) -> Response:
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": str(error)})


def _listed(names: str) -> tuple[str, ...]:
    """ "a, b" → ("a", "b")"""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _serve_others(app: FastAPI, assistants: AssistantEndpoint, metrics: Metrics, exposure: Exposure) -> None:
    """The page at /, the reference at /docs, tools at /mcp, figures at /metrics; nothing of a page comes from another machine."""

    def page() -> Response:
        if not exposure.title:
            return FileResponse(STATIC / "index.html")
        return HTMLResponse((STATIC / "index.html").read_text("utf-8").replace(_TITLE, escape(exposure.title)))

    def reference() -> FileResponse:
        return FileResponse(STATIC / "docs.html", headers={"Content-Security-Policy": reference_policy(exposure)})

    app.add_api_route("/metrics", metrics.answer, methods=["GET"], include_in_schema=False, response_model=None)
    app.router.routes.append(Route("/mcp", assistants, include_in_schema=False))
    methods = ["GET", "HEAD"]
    app.add_api_route("/", page, methods=methods, include_in_schema=False, response_model=None)
    app.add_api_route("/docs", reference, methods=methods, include_in_schema=False, response_model=None)
    app.mount("/static/swagger", StaticFiles(directory=str(files("fastapi_offline") / "static")))
    app.mount("/static", StaticFiles(directory=STATIC))
