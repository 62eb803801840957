"""Filling in beside a server: it begins with the server and ends with it."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Thread

import pytest
from answers import eventually
from starlette.testclient import TestClient
from test_filling import note

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import Builder
from kb.access import Keys
from kb.encoders import load_encoder
from kb.ingest.behind import Filler
from kb.ingest.build import build


def test_no_process_is_left_that_was_starting_when_it_was_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = Filler(tmp_path)
    closing = Thread(target=filler.close)
    start = SpawnProcess.start

    def start_meanwhile(process: SpawnProcess) -> None:
        closing.start()
        closing.join(0.1)
        start(process)

    monkeypatch.setattr(SpawnProcess, "start", start_meanwhile)
    filler.wake()
    eventually(lambda: closing.ident)
    closing.join()
    assert not multiprocessing.active_children()


def test_once_it_is_closed_nothing_wakes_it(tmp_path: Path) -> None:
    filler = Filler(tmp_path)
    filler.close()
    filler.wake()
    filler.close()
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_a_server_fills_in_what_a_fast_build_has_left(tmp_path: Path, new_index: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "jiancha.txt").write_text(note(0), "utf-8")
    assert build(corpus, new_index, load_encoder()).contextual == 0
    keeping = Keeping(Builder(corpus, new_index), Editing(corpus, Keys(), tmp_path / "audit.jsonl"))
    with TestClient(create_app(new_index, keeping=keeping)) as client:

        def status() -> dict[str, int]:
            answered: dict[str, int] = client.get("/api/v1/health/ready").json()
            return answered

        assert eventually(lambda: (state := status())["contextual"] == state["clauses"])
        # Another program builds while the server runs.
        (corpus / "fucha.txt").write_text(note(1), "utf-8")
        assert build(corpus, new_index, load_encoder()).documents == 2
        assert eventually(lambda: (state := status())["documents"] == 2 and state["contextual"] == state["clauses"])
    assert not multiprocessing.active_children()
