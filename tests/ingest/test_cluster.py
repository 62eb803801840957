"""Files are read on a real Ray as they are here; a process that is killed costs another try."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from kb.corpus import corpus_files
from kb.encoders import load_encoder
from kb.errors import KBError
from kb.index.asking import Generation
from kb.index.folders import at
from kb.ingest.analysis import analyse_all
from kb.ingest.build import BuildSettings, build
from kb.ingest.cluster import analyse_on
from kb.models import ParsedDocument

ray = pytest.importorskip("ray", reason="the extra ray is not installed")
ROOT = Path(__file__).parent.parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::Warning")]  # those of Ray itself


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (ROOT, Path(__file__).parent))))
    yield "local"
    ray.shutdown()


@dataclass(frozen=True)
class Dying:
    """A transform whose process dies when it is asked for the first time."""

    mark: Path

    def __call__(self, parsed: ParsedDocument) -> ParsedDocument:
        try:
            self.mark.touch(exist_ok=False)
        except FileExistsError:
            return parsed
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def opened(index: Path) -> Generation:
    kept = at(index)
    return kept.open(kept.in_use())


def itself(parsed: ParsedDocument) -> ParsedDocument:
    return parsed


def test_a_process_that_is_killed_costs_another_try(cluster: str, corpus: Path, tmp_path: Path) -> None:
    files, mark = corpus_files(corpus), tmp_path / "died"
    assert list(analyse_on(cluster, files, Dying(mark))) == list(analyse_all(files, itself))
    assert mark.exists()


def test_a_build_is_that_of_one_machine(cluster: str, corpus: Path, index: Path, new_index: Path) -> None:
    report = build(corpus, new_index, load_encoder(), settings=BuildSettings(ray=cluster))
    assert report.failures == ()
    with closing(opened(new_index)) as made, closing(opened(index)) as here:
        ids = sorted(id_ for id_, *_ in here.store.origins())
        assert [made.store.document(id_) for id_ in ids] == [here.store.document(id_) for id_ in ids]
        assert made.store.origins() == here.store.origins()
        assert list(made.counts()) == list(here.counts())


def test_a_cluster_that_is_away_is_named(corpus: Path) -> None:
    with pytest.raises(KBError) as failed:
        list(analyse_on("ray://127.0.0.1:1", corpus_files(corpus), itself))
    assert failed.value.code == "other"
