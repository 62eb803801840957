"""The trials of scripts/trials.py in short: builds that are killed, a server whose generations change, increments against builds from nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from trials import content, differences, kill_builds, switch_under_load, write_corpus

from kb.encoders import load_encoder
from kb.ingest.build import BuildSettings, build

pytestmark = pytest.mark.slow


def test_killed_builds_lose_nothing(tmp_path: Path) -> None:
    assert kill_builds(tmp_path, 5, random.Random(7)) == []


def test_no_answer_fails_or_is_of_two_generations(tmp_path: Path) -> None:
    assert switch_under_load(tmp_path, 2, 8) == []


def test_increments_come_to_what_a_build_from_nothing_makes(tmp_path: Path, new_index: Path) -> None:
    corpus, index, encoder = tmp_path / "corpus", new_index, load_encoder()
    write_corpus(corpus, 1)
    build(corpus, index, encoder)
    plan = (corpus / "plan-0.txt").read_text("utf-8")
    (corpus / "added.txt").write_text(plan.replace("第0区", "第九区").replace("1个", "7个"), "utf-8")
    build(corpus, index, encoder)
    (corpus / "plan-1.txt").write_text(plan.replace("第0区", "第一区").replace("1个", "9个"), "utf-8")
    (corpus / "plan-2.txt").unlink()
    build(corpus, index, encoder)
    build(corpus, tmp_path / "anew", encoder, settings=BuildSettings(full=True))
    assert differences(content(index), content(tmp_path / "anew")) == []
