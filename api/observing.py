"""Observation of a server: its log in JSON lines, ids of requests in log and responses, metrics for Prometheus."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUEST_ID = re.compile(r"[\w.-]{1,64}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_request_id: ContextVar[str] = ContextVar("request_id", default="")
log = logging.getLogger("kb.server")


class JsonLines(logging.Formatter):
    """Log records as JSON, one a line, with the id of the request and the fields in ``data`` of the record."""

    def format(self, record: logging.LogRecord) -> str:
        """{"time": …, "level": "info", "event": …, "id": …, …}"""
        time_of_event = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event = {"time": time_of_event, "level": record.levelname.lower(), "event": record.getMessage().strip()}
        if request_id := _request_id.get():
            event["id"] = request_id
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return json.dumps(event | getattr(record, "data", {}), ensure_ascii=False)


def log_to_standard_error(level: str | None = None) -> None:
    """Log of the server and its libraries to standard error; the default level is INFO, at a terminal WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    default = "WARNING" if sys.stderr.isatty() else "INFO"
    logging.basicConfig(level=level or default, handlers=[handler], force=True)
    for noisy in ("watchfiles", "uvicorn.error", "uvicorn.access", "mcp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Metrics:
    """The number of requests and their times, by route and status, and that of builds by how they ended."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("kb_requests", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "kb_request_seconds", "Time to answer", ("route",), registry=self._registry, buckets=_BUCKETS
        )
        self._builds = Counter("kb_builds", "Builds ended", ("status",), registry=self._registry)

    def count_build(self, status: str) -> None:
        """Add one build that has ended."""
        self._builds.labels(status).inc()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add one request."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, _: Request) -> Response:
        """All figures in the text format of Prometheus."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class Observed:
    """Gives every request an id, which its log records carry; logs and counts the request (ASGI)."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex
        _request_id.set(request_id)
        status, began = 500, time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - began
            # A label must not have any number of values: the template of the route, and known methods.
            route = getattr(scope.get("route"), "path", "") or "other"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.count(method, route, status, seconds)
            data = {
                "id": request_id,
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(1000 * seconds, 1),
            }
            log.info("request", extra={"data": data})
