"""Another program is told of builds that have ended."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest
from answers import eventually

from api import webhooks
from api.jobs import Jobs, OnProgress
from api.webhooks import Webhook
from kb.encoders import load_encoder
from kb.errors import KBError
from kb.ingest.build import build
from kb.messages import Message
from kb.models import BuildReport


@contextmanager
def listening(*statuses: int) -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """An address that answers with these statuses, one after the other, and what it is told."""
    told: Queue[dict[str, Any]] = Queue()
    answers = iter(statuses)

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(next(answers))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/told?token=secret", told
        finally:
            server.shutdown()
            thread.join()


def test_builds_that_have_ended_are_told(own: Path, own_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "PAUSES", (0.0, 0.0, 0.0))
    wrong = iter((False, True))

    def run(_: OnProgress) -> BuildReport:
        if next(wrong):
            raise KBError(Message("build-killed"))
        return build(own, own_index, load_encoder())

    with listening(503, 200, 204) as (address, told):
        jobs = Jobs(run, tell=Webhook(address).tell)
        first = jobs.submit()
        failed_once, done = told.get(timeout=60), told.get(timeout=60)
        assert failed_once == done
        assert (done["id"], done["status"], done["report"]["documents"]) == (first.id, "done", 3)
        jobs.submit()
        failed = told.get(timeout=60)
        assert (failed["status"], failed["code"], failed["report"]) == ("failed", "build-killed", None)
        jobs.close()


def test_an_address_that_does_not_answer_is_logged_without_its_secret(
    own: Path, own_index: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(webhooks, "PAUSES", (0.0, 0.0))
    with caplog.at_level(logging.WARNING, "kb.server"), listening(500, 500) as (address, _):
        jobs = Jobs(lambda _: build(own, own_index, load_encoder()), tell=Webhook(address).tell)
        jobs.submit()
        eventually(lambda: "webhook not reached: 500" in caplog.text)
        jobs.close()
    assert "secret" not in caplog.text
